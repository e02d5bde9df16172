#include "sim/synth_stat.h"

#include <stdbool.h>
#include <stdio.h>
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
    {"INV", {.lut = 0}}, /* merges into what drives or reads it */
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

static const struct synth_counts *find_cell(const char *name)
{
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

static status find_part(struct synth_result *out, const char *type,
                        struct synth_part **part, struct err *err)
{
    char name[sizeof out->parts[0].module];
    source_name(type, name, sizeof name);
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
    memcpy((*part)->module, name, sizeof name);
    return ST_OK;
}

enum { MAX_DEPTH = 16 }; /* of the kept hierarchy; ours is 3 */

/* Adds `n` instances of the module `type`. */
static status add_module(json_t *modules, const char *type, int64_t n, int depth,
                         struct synth_result *out, struct err *err)
{
    json_t *module = json_object_get(modules, type);
    json_t *types = json_object_get(module, "num_cells_by_type");
    if (!types || depth == MAX_DEPTH)
        return err_set(err, ST_TOOL,
                       "Yosys' statistics: expected module %s, found none", type);
    struct synth_part *part = NULL;
    TRY(find_part(out, type, &part, err));
    part->n += n;
    const char *cell;
    json_t *value;
    json_object_foreach(types, cell, value)
    {
        const int64_t count = n * (int64_t)json_integer_value(value);
        if (json_object_get(modules, cell)) {
            TRY(add_module(modules, cell, count, depth + 1, out, err));
            continue;
        }
        const struct synth_counts *c = find_cell(cell);
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

status synth_stat_module(json_t *stat, const char *type, struct synth_result *out,
                         struct err *err)
{
    out->n_parts = 0;
    out->total = (struct synth_counts){.lut = 0};
    return add_module(json_object_get(stat, "modules"), type, 1, 0, out, err);
}
