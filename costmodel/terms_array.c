/* terms_array.c -- LUTs and area of what lies between the units of a systolic array.
 * R = rows, C = cols; ports of a unit: w, a, acc [bit]. */
#include "costmodel/terms_internal.h"

static double units_of(const struct term_input *in)
{
    return (double)in->e->rows * in->e->cols;
}
static double units_size(const struct term_input *in) { return units_of(in); }
static double results_size(const struct term_input *in)
{
    return (double)(in->e->rows - 1) * in->e->cols * in->e->acc_port;
}
static double all_results_size(const struct term_input *in)
{
    return units_of(in) * in->e->acc_port;
}
static double planes_size(const struct term_input *in)
{
    return in->e->depth > 1 ? units_of(in) * in->e->w_port : 0;
}
static double weights_size(const struct term_input *in)
{
    return units_of(in) * in->e->w_port * in->e->depth;
}
static double activations_size(const struct term_input *in)
{
    return units_of(in) * in->e->a_port;
}
static double moving_weights_size(const struct term_input *in)
{
    return units_of(in) * in->e->w_port;
}
static double skew_size(const struct term_input *in)
{
    const struct element *e = in->e;
    const double by_row = (double)e->a_port * (e->rows - 1);
    return by_row + (e->depth == 0 ? (double)e->w_port * (e->cols - 1) : 0);
}
static double edges_size(const struct term_input *in)
{
    return in->e->rows + in->e->cols;
}

static const struct cost_term array_terms[] = {
    {"results", "(R-1)*C*acc", "bit",
     "a result that passes or is added to the one from below or above", results_size},
    {"units", "R*C", "", "enable and valid of each unit", units_size},
    {"planes", "R*C*w if planes are held", "bit", "choice of the weights' bit plane",
     planes_size},
    {"all_results", "R*C*acc", "bit", "registers of results", all_results_size},
    {"held", "R*C*w*depth", "bit", "registers of weights that stay", weights_size},
    {"activations", "R*C*a", "bit", "registers of activations that pass",
     activations_size},
    {"weights", "R*C*w", "bit", "registers of weights that pass", moving_weights_size},
    {"skew", "a*(R-1) + w*(C-1)", "bit", "delay lines at the edges", skew_size},
    {"edges", "R+C", "", "control at the edges", edges_size},
    {"one", "1", "", "control that every array has once", term_one},
};

const struct cost_term *terms_array(int32_t *n)
{
    *n = TERMS_COUNT(array_terms);
    return array_terms;
}
