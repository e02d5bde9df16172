/* toolchain.h -- the ways in which a module instance is mapped to a technology.
 *
 *   xc7, xcup, ecp5, nexus, gowin, alm, ice40   Yosys, for an FPGA family; ice40 also
 *                                               nextpnr-ice40 for Fmax
 *   osu018, lib:PATH                            Yosys on the cells of a Liberty file;
 *                                               OpenSTA for the critical path
 *
 * What the column lut counts is the LUT of the family, as its own tools would:
 *   xc7, xcup   LUT1..LUT6, none packed in pairs
 *   ecp5, nexus LUT4; a CCU2 (two bits of carry) takes two, a WIDEFN9 two
 *   gowin       LUT1..LUT4; an ALU (one bit of carry) takes one
 *   alm         adaptive LUTs, of which an ALM has two; an adder bit is one of them
 *   ice40       SB_LUT4; a carry sits beside its LUT
 *
 * Measured on mac_parallel, why the options are as they are: see sim/README.md. */
#ifndef SIM_TOOLCHAIN_H
#define SIM_TOOLCHAIN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"

enum toolchain_dsp { TOOLCHAIN_NO_DSP48, TOOLCHAIN_DSP48E1, TOOLCHAIN_DSP48E2 };

struct toolchain {
    const char *name;    /* what the `toolchain` column says                   */
    const char *command; /* the synthesis command with its options             */
    /* Yosys commands that read the cell library, for plain logic and for everything;
     * NULL: the synthesis command reads it itself. */
    const char *cells, *all_cells;
    /* Labels of the command: where it goes on once the cells are read ("" if it reads
     * them), where memories are mapped, and behind that. */
    const char *first, *memories, *rest;
    enum toolchain_dsp dsp; /* what mac_packed and a requantiser in DSPs need   */
    bool nextpnr_ice40;     /* Fmax can be measured                              */
    const char *liberty;    /* path of the library; NULL for an FPGA family     */
};

/* static; NULL where the name is none of the table's, as lib:PATH is. */
const struct toolchain *toolchain_listed(const char *name);

/* By name.  static, or in arena for lib:PATH.  ST_RANGE lists the names. */
status toolchain_find(const char *name, struct arena *a, const struct toolchain **out,
                      struct err *err);

#endif
