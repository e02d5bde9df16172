/* cell_count.h -- what a library cell of an FPGA family counts as: LUTs, registers,
 * multiplier blocks, block RAMs, carry cells, wide multiplexers, LUTs used as RAM. */
#ifndef RTL_CELL_COUNT_H
#define RTL_CELL_COUNT_H

#include <stdint.h>

struct cell_count {
    int64_t lut, ff, dsp, bram18, carry, muxf;
    int64_t lutram; /* of lut */
};

/* NULL for a cell that is not known: it must not count as nothing by accident.
 * toolchain: names of it decide where families use one name for two things. */
const struct cell_count *cell_count_find(const char *cell, const char *toolchain);
void cell_count_add(struct cell_count *to, const struct cell_count *c, int64_t n);

#endif
