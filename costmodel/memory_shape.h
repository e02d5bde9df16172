/* memory_shape.h -- what a memory of rtl/lib/ram_sdp.v is built from, counted from its
 * parameters: LUT RAM by its own banks, block RAM by the shapes that Yosys 0.23
 * chooses (a test holds both against synthesis). */
#ifndef COSTMODEL_MEMORY_SHAPE_H
#define COSTMODEL_MEMORY_SHAPE_H

#include <stdint.h>

#include "rtl/accel_config.h"

enum memory_style { MEMORY_LUT, MEMORY_BLOCK, MEMORY_SMALL }; /* STYLE of ram_sdp */

struct memory_shape {
    int64_t ff, bram18; /* exact */
    int64_t lut_ram;    /* LUTs that are RAM, exact */
    int64_t lut_read;   /* bank selection and read multiplexers: exact up to 4
                           banks, within 3 LUT up to 8 */
};

/* LUTs per bit of an n-to-1 multiplexer with binary select, n >= 1: as Yosys 0.23
 * builds it up to 8, close up to 16, within 15 % beyond. */
double multiplexer_luts(int64_t n, enum rtl_target target);

struct memory_shape memory_shape_of(int64_t width_bits, int64_t depth,
                                    enum memory_style style, enum rtl_target target);

#endif
