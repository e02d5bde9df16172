/* act_tables.h -- the tables of act_body.h, one per instruction set. */
#ifndef NN_ACT_TABLES_H
#define NN_ACT_TABLES_H

#include "nn/act.h"

extern const struct act_isa act_avx2, act_avx512;

#endif
