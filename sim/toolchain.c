/* toolchain.c -- the table: a row is a command with the options that matter, and what
 * the toolchains of its family share.
 *
 * What a 7 series netlist can hold is all in cells_sim.v.  -noiopad, -noclkbuf and
 * their like: a unit inside a design has neither.  -nodsp: what is a DSP is decided by
 * the parameters of the RTL, so nothing else may become one.  Xilinx needs no such
 * option, because there the RTL asks for its DSPs.  -nowidelut where it saves LUTs,
 * which is everywhere but on Nexus; the names with -widelut and -nowidelut are there to
 * measure that (configs/sweep/widelut.yaml). */
#include "sim/toolchain.h"

#include <stdio.h>
#include <string.h>

#define OSU018      "/usr/share/qflow/tech/osu018/osu018_stdcells.lib"
#define NO_WIDELUT  " -nowidelut"
#define READ_XILINX "read_verilog -lib +/xilinx/cells_sim.v"
#define READ_NEXUS  "read_verilog -lib +/nexus/cells_sim.v"

#define SYNTH_XILINX(family) \
    "synth_xilinx -family " family " -flatten -noiopad -noclkbuf"
#define SYNTH_NEXUS "synth_nexus -family lifcl -noiopad -nodsp"
#define SYNTH_ALM   "synth_intel_alm -family cyclonev -noiopad -noclkbuf -nodsp"

/* What the toolchains of a family share beside their command. */
#define READS_CELLS(ram) .first = "", .memories = ram, .rest = "map_ffram"
#define XILINX(more_cells, kind)                                                   \
    .cells = READ_XILINX, .all_cells = READ_XILINX more_cells, .first = "prepare", \
    .memories = "map_memory", .rest = "map_ffram", .dsp = kind
#define XC7  XILINX("", TOOLCHAIN_DSP48E1)
#define XCUP XILINX(" +/xilinx/cells_xtra.v", TOOLCHAIN_DSP48E2)
#define NEXUS                                                             \
    .cells = READ_NEXUS, .all_cells = READ_NEXUS " +/nexus/cells_xtra.v", \
    .first = "coarse", .memories = "map_ram", .rest = "map_ffram"

/* clang-format off */
static const struct toolchain toolchains[] = {
    {.name = "xc7",             .command = SYNTH_XILINX("xc7") NO_WIDELUT,  XC7},
    {.name = "xc7-widelut",     .command = SYNTH_XILINX("xc7"),             XC7},
    {.name = "xcup",            .command = SYNTH_XILINX("xcup") NO_WIDELUT, XCUP},
    {.name = "xcup-widelut",    .command = SYNTH_XILINX("xcup"),            XCUP},
    {.name = "ecp5",            .command = "synth_ecp5 -nodsp" NO_WIDELUT,  READS_CELLS("map_ram")},
    {.name = "ecp5-widelut",    .command = "synth_ecp5 -nodsp",             READS_CELLS("map_ram")},
    {.name = "nexus",           .command = SYNTH_NEXUS,                     NEXUS},
    {.name = "nexus-nowidelut", .command = SYNTH_NEXUS NO_WIDELUT,          NEXUS},
    {.name = "gowin",           .command = "synth_gowin -noiopads" NO_WIDELUT, READS_CELLS("map_ram")},
    {.name = "gowin-widelut",   .command = "synth_gowin -noiopads",         READS_CELLS("map_ram")},
    {.name = "alm",             .command = SYNTH_ALM,                       READS_CELLS("map_bram")},
    {.name = "ice40",           .command = "synth_ice40",                   READS_CELLS("map_ram"), .nextpnr_ice40 = true},
    {.name = "osu018",          .command = "synth -flatten",                .liberty = OSU018},
};
/* clang-format on */
enum { N_TOOLCHAINS = sizeof toolchains / sizeof *toolchains };

const struct toolchain *toolchain_listed(const char *name)
{
    for (int i = 0; i < N_TOOLCHAINS; i++)
        if (strcmp(name, toolchains[i].name) == 0) return &toolchains[i];
    return NULL;
}

static status find_liberty(const char *name, struct arena *a,
                           const struct toolchain **out, struct err *err)
{
    struct toolchain *t = ARENA_NEW(a, struct toolchain, 1);
    char *copy = arena_strdup(a, name);
    if (!t || !copy) return arena_exhausted(err);
    *t = (struct toolchain){
        .name = copy, .command = "synth -flatten", .liberty = copy + strlen("lib:")};
    *out = t;
    if (t->liberty[0]) return ST_OK;
    return err_set(err, ST_RANGE, "expected lib:PATH of a Liberty file, found %s",
                   name);
}

status toolchain_find(const char *name, struct arena *a, const struct toolchain **out,
                      struct err *err)
{
    if (strncmp(name, "lib:", 4) == 0) return find_liberty(name, a, out, err);
    *out = toolchain_listed(name);
    if (*out) return ST_OK;
    char list[256] = "";
    for (int i = 0; i < N_TOOLCHAINS; i++) {
        const size_t n = strlen(list);
        (void)snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "",
                       toolchains[i].name);
    }
    return err_set(err, ST_RANGE, "expected a toolchain among %s or lib:PATH, found %s",
                   list, name);
}
