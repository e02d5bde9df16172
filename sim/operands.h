/* operands.h -- where the operands of an energy measurement come from.
 *
 *   uniform  every code is as likely as any other
 *   gauss    bell-shaped: signed operands are normal, unsigned ones are what a ReLU
 *            leaves of a normal, so half of them are 0; a third of the largest code is
 *            one standard deviation
 *   layer    the codes of a layer of a network on real images, in the order in which
 *            the hardware reads them: a row of weights against a vector */
#ifndef SIM_OPERANDS_H
#define SIM_OPERANDS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/rng.h"
#include "base/status.h"
#include "rtl/mac_unit.h"

/* Operands of one layer, as codes of nn/quant.h. */
struct operand_layer {
    char name[96]; /* NETWORK/LAYER                                           */
    struct mac_precision precision;
    int32_t MH, MW, n_vec;
    const uint8_t *w; /* (MH, MW)                                             */
    const uint8_t *a; /* (n_vec, MW)                                          */
};

enum operand_kind { OPERANDS_UNIFORM, OPERANDS_GAUSS, OPERANDS_LAYER };
extern const char *const operand_kind_names[]; /* NULL-terminated */

struct operand_source {
    enum operand_kind kind;
    const struct operand_layer *layer; /* of OPERANDS_LAYER, borrowed          */
};

/* As the `stimulus` column says it: "uniform", "gauss", "layer:NETWORK/LAYER". */
void operand_source_name(const struct operand_source *s, char *text, size_t size);
/* ST_MISMATCH: the layer's codes are of another precision. */
status operand_source_check(const struct operand_source *s,
                            const struct mac_precision *p, struct err *err);
/* Operands of one dot product: w, a (K) codes.  Of a layer: a random row and vector
 * from a random column on; beyond the last column the next vector begins. */
void operands_draw(const struct operand_source *s, const struct mac_precision *p,
                   int64_t K, struct rng *r, uint8_t *w, uint8_t *a);

/* The layers of a network at wbits x abits on images of a data set: an fp32 network is
 * quantised with steps of least squared error on training images (no fine-tuning, so
 * its distributions are close to a trained plan's, not equal), a quantised one must
 * have that precision.  The vectors are those of n_images held-out images. */
struct operand_request {
    const char *network, *data, *layer; /* layer NULL: all                     */
    int32_t wbits, abits, n_images;
};
/* (*n) layers, in arena.  ST_RANGE lists the layers if there is none of that name. */
status operand_layers_load(const struct operand_request *q, struct arena *a,
                           struct operand_layer **out, int32_t *n, struct err *err);

#endif
