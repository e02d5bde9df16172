/* terms_array.c -- LUTs and area of what lies between the units of a systolic array.
 * R = rows, C = cols; ports of a unit: w, a, acc [bit]. */
#include "costmodel/device.h"
#include "costmodel/terms_internal.h"

static double units(const struct element *e) { return (double)e->rows * e->cols; }

/* LUTs of delays of 0, 1, .. lines - 1 cycles. */
static double delay_luts(int32_t lines, int32_t bits)
{
    double sum = 0;
    for (int32_t i = 0; i < lines; i++)
        sum += (double)bits * srl_delay(i).lut;
    return sum;
}

#define ARRAY_TERMS(T, P)                                                          \
    T(P, results, "(R-1)*C*acc", "bit",                                            \
      "a result that passes or is added to the one from below or above",           \
      (double)(e->rows - 1) * e->cols * e->acc_port)                               \
    T(P, delays, "delays of 3 cycles and more", "LUT",                             \
      "shift-register LUTs of the skew, where a device has them",                  \
      !e->srl ? 0                                                                  \
              : delay_luts(e->rows, e->a_port) +                                   \
                    delay_luts(e->depth == 0 ? e->cols : 0, e->w_port))            \
    T(P, units, "R*C", "", "enable and valid of each unit", units(e))              \
    T(P, planes, "R*C*w if planes are held", "bit",                                \
      "choice of the weights' bit plane", e->depth > 1 ? units(e) * e->w_port : 0) \
    T(P, all_results, "R*C*acc", "bit", "registers of results",                    \
      units(e) * e->acc_port)                                                      \
    T(P, held, "R*C*w*depth", "bit", "registers of weights that stay",             \
      units(e) * e->w_port * e->depth)                                             \
    T(P, activations, "R*C*a", "bit", "registers of activations that pass",        \
      units(e) * e->a_port)                                                        \
    T(P, weights, "R*C*w", "bit", "registers of weights that pass",                \
      units(e) * e->w_port)                                                        \
    T(P, skew, "a*(R-1) + w*(C-1)", "bit", "delay lines at the edges",             \
      (double)e->a_port *(e->rows - 1) +                                           \
          (e->depth == 0 ? (double)e->w_port * (e->cols - 1) : 0))                 \
    T(P, edges, "R+C", "", "control at the edges", e->rows + e->cols)              \
    T(P, one, "1", "", "control that every array has once", 1)

TERMS_DEFINE(array, ARRAY_TERMS)
