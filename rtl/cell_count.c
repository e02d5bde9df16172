/* cell_count.c -- see cell_count.h. */
#include "rtl/cell_count.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* What one cell counts.  A name that ends in '*' stands for all that begin so. */
static const struct {
    const char *name;
    struct cell_count c;
} cells[] = {
    /* Xilinx 7 series (UG953); LUTs of a distributed RAM or shift register per UG474 */
    {"LUT*", {.lut = 1}},
    {"INV", {.lut = 0}}, /* merges into what drives or reads it */
    {"FDRE*", {.ff = 1}},
    {"FDSE*", {.ff = 1}},
    {"FDCE*", {.ff = 1}},
    {"FDPE*", {.ff = 1}},
    {"CARRY4", {.carry = 1}},
    {"MUXF7", {.muxf = 1}},
    {"MUXF8", {.muxf = 1}},
    {"MUXF9", {.muxf = 1}},
    {"DSP48E1", {.dsp = 1}},
    {"RAMB18E1", {.bram18 = 1}},
    {"RAMB36E1", {.bram18 = 2}},
    {"SRL16E", {.lut = 1, .lutram = 1}},
    {"SRLC32E", {.lut = 1, .lutram = 1}},
    {"RAM32X1S", {.lut = 1, .lutram = 1}},
    {"RAM64X1S", {.lut = 1, .lutram = 1}},
    {"RAM128X1S", {.lut = 2, .lutram = 2}},
    {"RAM256X1S", {.lut = 4, .lutram = 4}},
    {"RAM32X1D", {.lut = 2, .lutram = 2}},
    {"RAM64X1D", {.lut = 2, .lutram = 2}},
    {"RAM128X1D", {.lut = 4, .lutram = 4}},
    {"RAM32M", {.lut = 4, .lutram = 4}},
    {"RAM64M", {.lut = 4, .lutram = 4}},
    {"RAM32M16", {.lut = 8, .lutram = 8}},
    {"RAM64M8", {.lut = 8, .lutram = 8}},
    {"VCC", {.lut = 0}},
    {"GND", {.lut = 0}},
    {"BUFG*", {.lut = 0}}, /* clock and pad buffers have sites of their own */
    {"IBUF*", {.lut = 0}},
    {"OBUF*", {.lut = 0}},
    {"IOBUF*", {.lut = 0}},
    /* iCE40 */
    {"SB_LUT4", {.lut = 1}},
    {"SB_CARRY", {.carry = 1}},
    {"SB_DFF*", {.ff = 1}},
    {"SB_RAM40_4K*", {.bram18 = 1}},
    {"SB_MAC16", {.dsp = 1}},
    /* UltraScale+ */
    {"DSP48E2", {.dsp = 1}},
    {"RAMB18E2", {.bram18 = 1}},
    {"RAMB36E2", {.bram18 = 2}},
    {"CARRY8", {.carry = 2}}, /* in CARRY4 */
    /* ECP5: a CCU2C is both LUT4s of a slice; a RAM of 16 x 4 takes two slices, and one
     * more for its write control */
    {"CCU2C", {.lut = 2, .carry = 1}},
    {"TRELLIS_FF", {.ff = 1}},
    {"PFUMX", {.muxf = 1}},
    {"L6MUX21", {.muxf = 1}},
    {"TRELLIS_DPR16X4", {.lut = 6, .lutram = 6}},
    {"DP16KD", {.bram18 = 1}},
    {"PDPW16KD", {.bram18 = 1}},
    {"MULT18X18D", {.dsp = 1}},
    /* Nexus: a WIDEFN9 is two LUT4s and their multiplexer */
    {"CCU2", {.lut = 2, .carry = 1}},
    {"WIDEFN9", {.lut = 2, .muxf = 1}},
    {"FD1P3*", {.ff = 1}},
    {"VHI", {.lut = 0}},
    {"VLO", {.lut = 0}},
    {"DPR16X4", {.lut = 6, .lutram = 6}},
    {"PDP16K*", {.bram18 = 1}},
    {"PDPSC16K*", {.bram18 = 1}},
    {"DP16K*", {.bram18 = 1}},
    /* Gowin: an ALU is a LUT4 with its carry */
    {"ALU", {.lut = 1, .carry = 1}},
    {"MUX2_LUT*", {.muxf = 1}},
    {"DFF*", {.ff = 1}},
    {"RAM16S*", {.lut = 4, .lutram = 4}},
    {"SDPB", {.bram18 = 1}},
    {"SDPX9B", {.bram18 = 1}},
    {"DPB", {.bram18 = 1}},
    {"DPX9B", {.bram18 = 1}},
    {"DPX9", {.bram18 = 1}},
    {"SDPX9", {.bram18 = 1}},
    {"DP", {.bram18 = 1}},
    {"SDP", {.bram18 = 1}},
    /* Cyclone V: an ALM has two adaptive LUTs; an inverter of its own takes one */
    {"MISTRAL_ALUT_ARITH", {.lut = 1, .carry = 1}},
    {"MISTRAL_ALUT*", {.lut = 1}},
    {"MISTRAL_NOT", {.lut = 1}},
    {"MISTRAL_BUF", {.lut = 1}},
    {"MISTRAL_FF", {.ff = 1}},
    {"MISTRAL_MLAB", {.lut = 1, .lutram = 1}},
    {"MISTRAL_M10K", {.bram18 = 1}},
};

void cell_count_add(struct cell_count *to, const struct cell_count *c, int64_t n)
{
    to->lut += n * c->lut;
    to->ff += n * c->ff;
    to->dsp += n * c->dsp;
    to->bram18 += n * c->bram18;
    to->carry += n * c->carry;
    to->muxf += n * c->muxf;
    to->lutram += n * c->lutram;
}

static bool matches(const char *pattern, const char *name)
{
    const size_t n = strlen(pattern);
    if (pattern[n - 1] == '*') return strncmp(pattern, name, n - 1) == 0;
    return strcmp(pattern, name) == 0;
}

/* Inverters of Nexus are LUT4s, unlike Xilinx', which have the same name. */
static const struct cell_count nexus_inverter = {.lut = 1};

const struct cell_count *cell_count_find(const char *cell, const char *toolchain)
{
    if (strcmp(cell, "INV") == 0 && strncmp(toolchain, "nexus", 5) == 0)
        return &nexus_inverter;
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        if (matches(cells[i].name, cell)) return &cells[i].c;
    return NULL;
}
