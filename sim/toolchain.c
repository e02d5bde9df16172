/* The table.  What a 7 series netlist can hold is all in cells_sim.v.  -noiopad,
 * -noclkbuf and their like: a unit inside a design has neither. -nodsp: what is a DSP
 * is decided by the parameters of the RTL, so nothing else may become one.  Xilinx
 * needs no such option, because there the RTL asks for its DSPs. -nowidelut where it
 * saves LUTs, which is everywhere but on Nexus; the names with -widelut and -nowidelut
 * are there to measure that (configs/sweep/widelut.yaml). */
#include "sim/toolchain.h"

#include <stdio.h>
#include <string.h>

#define XILINX "read_verilog -lib +/xilinx/cells_sim.v"
#define NEXUS  "read_verilog -lib +/nexus/cells_sim.v"
#define OSU018 "/usr/share/qflow/tech/osu018/osu018_stdcells.lib"

static const struct toolchain toolchains[] = {
    {.name = "xc7",
     .command = "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf -nowidelut",
     .cells = XILINX,
     .all_cells = XILINX,
     .first = "prepare",
     .memories = "map_memory",
     .rest = "map_ffram",
     .dsp = TOOLCHAIN_DSP48E1},
    {.name = "xc7-widelut",
     .command = "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf",
     .cells = XILINX,
     .all_cells = XILINX,
     .first = "prepare",
     .memories = "map_memory",
     .rest = "map_ffram",
     .dsp = TOOLCHAIN_DSP48E1},
    {.name = "xcup",
     .command = "synth_xilinx -family xcup -flatten -noiopad -noclkbuf -nowidelut",
     .cells = XILINX,
     .all_cells = XILINX " +/xilinx/cells_xtra.v",
     .first = "prepare",
     .memories = "map_memory",
     .rest = "map_ffram",
     .dsp = TOOLCHAIN_DSP48E2},
    {.name = "xcup-widelut",
     .command = "synth_xilinx -family xcup -flatten -noiopad -noclkbuf",
     .cells = XILINX,
     .all_cells = XILINX " +/xilinx/cells_xtra.v",
     .first = "prepare",
     .memories = "map_memory",
     .rest = "map_ffram",
     .dsp = TOOLCHAIN_DSP48E2},
    {.name = "ecp5",
     .command = "synth_ecp5 -nodsp -nowidelut",
     .first = "",
     .memories = "map_ram",
     .rest = "map_ffram"},
    {.name = "ecp5-widelut",
     .command = "synth_ecp5 -nodsp",
     .first = "",
     .memories = "map_ram",
     .rest = "map_ffram"},
    {.name = "nexus",
     .command = "synth_nexus -family lifcl -noiopad -nodsp",
     .cells = NEXUS,
     .all_cells = NEXUS " +/nexus/cells_xtra.v",
     .first = "coarse",
     .memories = "map_ram",
     .rest = "map_ffram"},
    {.name = "nexus-nowidelut",
     .command = "synth_nexus -family lifcl -noiopad -nodsp -nowidelut",
     .cells = NEXUS,
     .all_cells = NEXUS " +/nexus/cells_xtra.v",
     .first = "coarse",
     .memories = "map_ram",
     .rest = "map_ffram"},
    {.name = "gowin",
     .command = "synth_gowin -noiopads -nowidelut",
     .first = "",
     .memories = "map_ram",
     .rest = "map_ffram"},
    {.name = "gowin-widelut",
     .command = "synth_gowin -noiopads",
     .first = "",
     .memories = "map_ram",
     .rest = "map_ffram"},
    {.name = "alm",
     .command = "synth_intel_alm -family cyclonev -noiopad -noclkbuf -nodsp",
     .first = "",
     .memories = "map_bram",
     .rest = "map_ffram"},
    {.name = "ice40",
     .command = "synth_ice40",
     .first = "",
     .memories = "map_ram",
     .rest = "map_ffram",
     .nextpnr_ice40 = true},
    {.name = "osu018", .command = "synth -flatten", .liberty = OSU018},
};
enum { N_TOOLCHAINS = sizeof toolchains / sizeof *toolchains };

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
    char list[256] = "";
    if (strncmp(name, "lib:", 4) == 0) return find_liberty(name, a, out, err);
    for (int i = 0; i < N_TOOLCHAINS; i++) {
        *out = &toolchains[i];
        if (strcmp(name, toolchains[i].name) == 0) return ST_OK;
        const size_t n = strlen(list);
        (void)snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "",
                       toolchains[i].name);
    }
    return err_set(err, ST_RANGE, "expected a toolchain among %s or lib:PATH, found %s",
                   list, name);
}
