#include "sim/synth_stat.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/* What one cell counts.  A name that ends in '*' stands for all that begin so.
 * A cell that is not listed is an error: it must not count as nothing by accident. */
static const struct {
    const char *name;
    struct synth_counts c;
} cells[] = {
    /* Xilinx 7 series (UG953); LUTs of a distributed RAM or shift register per UG474 */
    {"LUT*", {.lut = 1}},
    {"INV", {.lut = 0}}, /* see find_cell */
    {"FDRE*", {.ff = 1}},
    {"FDSE*", {.ff = 1}},
    {"FDCE*", {.ff = 1}},
    {"FDPE*", {.ff = 1}},
    {"CARRY4", {.carry = 1}},
    {"MUXF7", {.muxf = 1}},
    {"MUXF8", {.muxf = 1}},
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
    {"VCC", {.lut = 0}},
    {"GND", {.lut = 0}},
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
    /* Cyclone V: an ALM has two adaptive LUTs; an inverter of its own takes one */
    {"MISTRAL_ALUT_ARITH", {.lut = 1, .carry = 1}},
    {"MISTRAL_ALUT*", {.lut = 1}},
    {"MISTRAL_NOT", {.lut = 1}},
    {"MISTRAL_BUF", {.lut = 1}},
    {"MISTRAL_FF", {.ff = 1}},
    {"MISTRAL_MLAB", {.lut = 1, .lutram = 1}},
    {"MISTRAL_M10K", {.bram18 = 1}},
};

void synth_counts_add(struct synth_counts *to, const struct synth_counts *c, int64_t n)
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

static const struct synth_counts *find_cell(const char *name, const char *toolchain)
{
    /* An inverter merges into what drives or reads it, but not on Nexus. */
    static const struct synth_counts nexus_inverter = {.lut = 1};
    if (strcmp(toolchain, "nexus") == 0 && strcmp(name, "INV") == 0)
        return &nexus_inverter;
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        if (matches(cells[i].name, name)) return &cells[i].c;
    return NULL;
}

/* Module of the source: "$paramod$<hash>\mvu", "$paramod\mvu\MW=..." and "\mvu" are
 * all mvu. */
static void source_name(const char *type, char *name, size_t size)
{
    const char *from = strchr(type, '\\');
    from = from ? from + 1 : type;
    (void)snprintf(name, size, "%.*s", (int)strcspn(from, "\\"), from);
}

static status find_part(struct synth_result *out, const char *name,
                        struct synth_part **part, struct err *err)
{
    for (int i = 0; i < out->n_parts; i++)
        if (strcmp(out->parts[i].module, name) == 0) {
            *part = &out->parts[i];
            return ST_OK;
        }
    if (out->n_parts == SYNTH_MAX_PARTS)
        return err_set(err, ST_UNSUPPORTED, "more than %d kinds of modules kept apart",
                       SYNTH_MAX_PARTS);
    *part = &out->parts[out->n_parts++];
    **part = (struct synth_part){.n = 0};
    (void)snprintf((*part)->module, sizeof(*part)->module, "%s", name);
    return ST_OK;
}

enum { MAX_DEPTH = 16 }; /* of the kept hierarchy; ours is 3 */

struct walk {
    json_t *modules;
    const char *toolchain;
    struct synth_result *out;
};

/* Adds `n` instances of the module `type`, called `name` in the source. */
static status add_module(const struct walk *w, const char *type, const char *name,
                         int64_t n, int depth, struct err *err)
{
    struct synth_result *out = w->out;
    json_t *modules = w->modules;
    json_t *module = json_object_get(modules, type);
    json_t *types = json_object_get(module, "num_cells_by_type");
    if (!types || depth == MAX_DEPTH)
        return err_set(err, ST_TOOL,
                       "Yosys' statistics: expected module %s, found none", type);
    struct synth_part *part = NULL;
    TRY(find_part(out, name, &part, err));
    part->n += n;
    const char *cell;
    json_t *value;
    json_object_foreach(types, cell, value)
    {
        const int64_t count = n * (int64_t)json_integer_value(value);
        if (json_object_get(modules, cell)) {
            char source[sizeof part->module];
            source_name(cell, source, sizeof source);
            TRY(add_module(w, cell, source, count, depth + 1, err));
            continue;
        }
        const struct synth_counts *c = find_cell(cell, w->toolchain);
        if (!c)
            return err_set(err, ST_UNSUPPORTED,
                           "module %s: cell %s is not one that we can count",
                           part->module, cell);
        synth_counts_add(&part->sum, c, count);
        synth_counts_add(&out->total, c, count);
    }
    return ST_OK;
}

/* Yosys 0.23 prints the hierarchy as plain text after the modules, which is no JSON;
 * the modules are all we need, so the text ends where their object does. */
status synth_stat_load(const char *path, struct arena *a, json_t **out, struct err *err)
{
    static const char modules_end[] = "\n   },\n";
    char *text = NULL;
    size_t size = 0;
    TRY(file_read(path, a, &text, &size, err));
    char *end = strstr(text, modules_end);
    if (!end)
        return err_set(err, ST_TOOL, "%s: expected the statistics of Yosys", path);
    memcpy(end, "\n}}", sizeof "\n}}");
    json_error_t why;
    *out = json_loads(text, JSON_REJECT_DUPLICATES, &why);
    if (*out) return ST_OK;
    return err_set(err, ST_TOOL, "%s:%d:%d: %s", path, why.line, why.column, why.text);
}

status synth_stat_module(json_t *stat, const char *type, const char *name,
                         const char *toolchain, struct synth_result *out,
                         struct err *err)
{
    const struct walk w = {json_object_get(stat, "modules"), toolchain, out};
    out->n_parts = 0;
    out->total = (struct synth_counts){.lut = 0};
    return add_module(&w, type, name, 1, 0, err);
}

/* Its lines: "Area for cell type \$_DFF_P_ is unknown!", "Chip area for module '\top':
 * 123.0". */
status synth_stat_area(const char *path, struct arena *a, double *out, struct err *err)
{
    char *text = NULL;
    size_t size = 0;
    TRY(file_read(path, a, &text, &size, err));
    const char *unknown = strstr(text, "Area for cell type ");
    if (unknown)
        return err_set(err, ST_UNSUPPORTED, "%.*s", (int)strcspn(unknown, "\n"),
                       unknown);
    static const char label[] = "Chip area for ";
    const char *at = NULL;
    for (const char *p = strstr(text, label); p; p = strstr(p + 1, label))
        at = p;
    char *end = NULL;
    const char *number = at ? strchr(at, ':') : NULL;
    *out = number ? strtod(number + 1, &end) : 0;
    if (number && end != number + 1) return ST_OK;
    return err_set(err, ST_TOOL, "%s: expected the area of a module, found none", path);
}
