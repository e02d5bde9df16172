/* characterize_operands.h -- the operands that the points of a sweep take from layers;
 * private to sim/characterize*.c. */
#ifndef SIM_CHARACTERIZE_OPERANDS_H
#define SIM_CHARACTERIZE_OPERANDS_H

#include "base/hash.h"
#include "sim/sweep.h"

/* Sets `layer` of the points that name one: each network is traced once per precision.
 * In arena.  ST_RANGE: no layer of that name, or it has another precision. */
status characterize_operands(struct sweep *s, struct arena *a, struct err *err);
/* Everything of a layer's operands that energy depends on. */
void characterize_operands_hash(const struct operand_layer *l, struct hash *h);

#endif
