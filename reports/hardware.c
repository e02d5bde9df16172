/* hardware.c -- see hardware.h. */
#include "reports/hardware.h"

#include <math.h>
#include <string.h>

const struct unit_metric_name unit_metrics[UNIT_N_METRICS] = {
    {"lut", "LUT", "LUT per product and cycle"},
    {"dsp", "DSP", "DSP per product and cycle"},
    {"area", "um2", "cell area per product and cycle [\u00b5m\u00b2]"},
    {"energy", "pJ", "energy per product [pJ], with glitches"},
    {"energy_zero", "pJ", "energy per product [pJ], without glitches"},
};

const int32_t hardware_fused[HARDWARE_N_FUSED][2] = {{8, 8}, {4, 8}, {2, 8},
                                                     {4, 4}, {2, 4}, {2, 2}};

/* ---- units.csv ---- */

struct unit_columns {
    int32_t toolchain, unit, variant, SIMD, wbits, abits, wsigned, asigned;
    int32_t metric[UNIT_N_METRICS];
};

static status find_columns(const struct csv *c, struct unit_columns *out,
                           struct err *err)
{
    const struct {
        const char *name;
        int32_t *column;
    } needed[] = {
        {"toolchain", &out->toolchain}, {"unit", &out->unit},
        {"variant", &out->variant},     {"SIMD", &out->SIMD},
        {"wbits", &out->wbits},         {"abits", &out->abits},
        {"wsigned", &out->wsigned},     {"asigned", &out->asigned},
    };
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        TRY(csv_need_column(c, needed[i].name, needed[i].column, err));
    for (int m = 0; m < UNIT_N_METRICS; m++)
        TRY(csv_need_column(c, unit_metrics[m].column, &out->metric[m], err));
    return ST_OK;
}

static status read_int(const struct csv *c, size_t row, int32_t column, int64_t hi,
                       int32_t *out, struct err *err)
{
    int64_t v;
    TRY(csv_int(c, row, column, 0, hi, &v, err));
    *out = (int32_t)v;
    return ST_OK;
}

static status read_row(const struct csv *c, size_t row, const struct unit_columns *at,
                       struct unit_cost *out, struct err *err)
{
    int32_t wsigned, asigned;
    out->toolchain = csv_cell(c, row, at->toolchain);
    out->unit = csv_cell(c, row, at->unit);
    out->variant = csv_cell(c, row, at->variant);
    TRY(read_int(c, row, at->SIMD, INT32_MAX, &out->SIMD, err));
    TRY(read_int(c, row, at->wbits, 8, &out->wbits, err));
    TRY(read_int(c, row, at->abits, 8, &out->abits, err));
    TRY(read_int(c, row, at->wsigned, 1, &wsigned, err));
    TRY(read_int(c, row, at->asigned, 1, &asigned, err));
    out->wsigned = wsigned != 0;
    out->asigned = asigned != 0;
    for (int m = 0; m < UNIT_N_METRICS; m++) {
        out->per_product[m] = NAN; /* an empty cell: not measured */
        if (csv_cell(c, row, at->metric[m])[0] != '\0')
            TRY(csv_double(c, row, at->metric[m], &out->per_product[m], err));
    }
    return ST_OK;
}

static status read_units(const char *path, struct arena *a, struct hardware *h,
                         struct err *err)
{
    struct csv c;
    struct unit_columns at;
    struct report_file *file;
    TRY(report_source_add(&h->files, "units", path, a, &file, err));
    TRY(csv_load(path, a, &c, err));
    TRY(report_source_csv(file, c.preamble, a, err));
    TRY(find_columns(&c, &at, err));
    h->costs = ARENA_NEW(a, struct unit_cost, c.n_rows);
    if (c.n_rows > 0 && h->costs == NULL) return arena_exhausted(err);
    for (size_t row = 0; row < c.n_rows; row++)
        TRY(read_row(&c, row, &at, &h->costs[row], err));
    h->n_costs = (int32_t)c.n_rows;
    return ST_OK;
}

/* ---- the different names, in order of appearance ---- */

static void add_name(const char **names, int32_t *n, const char *name)
{
    for (int32_t i = 0; i < *n; i++)
        if (strcmp(names[i], name) == 0) return;
    names[(*n)++] = name;
}

const char *unit_label(const struct unit_cost *c, struct arena *a)
{
    return c->variant[0] ? arena_printf(a, "%s %s", c->unit, c->variant) : c->unit;
}

static status collect_names(struct hardware *h, struct arena *a, struct err *err)
{
    h->toolchains = ARENA_NEW(a, const char *, (size_t)h->n_costs + 1);
    h->units = ARENA_NEW(a, const char *, (size_t)h->n_costs + 1);
    if (h->toolchains == NULL || h->units == NULL) return arena_exhausted(err);
    for (int32_t i = 0; i < h->n_costs; i++) {
        const char *label = unit_label(&h->costs[i], a);
        if (label == NULL) return arena_exhausted(err);
        add_name(h->toolchains, &h->n_toolchains, h->costs[i].toolchain);
        add_name(h->units, &h->n_units, label);
    }
    return ST_OK;
}

status hardware_load(const struct hardware_paths *paths, struct arena *a,
                     struct hardware *out, struct err *err)
{
    memset(out, 0, sizeof *out);
    TRY(read_units(paths->units, a, out, err));
    TRY(collect_names(out, a, err));
    if (paths->operands != NULL)
        TRY(operand_effects_load(paths->operands, a, &out->files, &out->operands, err));
    out->parity = ARENA_NEW(a, struct report_parity, (size_t)paths->n_parity + 1);
    if (out->parity == NULL) return arena_exhausted(err);
    for (; out->n_parity < paths->n_parity; out->n_parity++)
        TRY(report_parity_read(paths->parity[out->n_parity], a, &out->files,
                               &out->parity[out->n_parity], err));
    return ST_OK;
}

/* ---- questions ---- */

static bool is_unit(const struct unit_cost *c, const char *label)
{
    const size_t n = strlen(c->unit);
    if (label == NULL) return true;
    if (strncmp(label, c->unit, n) != 0) return false;
    return c->variant[0] ? label[n] == ' ' && strcmp(label + n + 1, c->variant) == 0
                         : label[n] == '\0';
}

static bool uses_dsp(const struct unit_cost *c)
{
    return c->per_product[UNIT_DSP] > 0; /* false where it is not known */
}

const struct unit_cost *unit_cheapest(const struct hardware *h, const char *toolchain,
                                      const char *unit, int32_t wbits, int32_t abits,
                                      enum unit_metric m)
{
    const struct unit_cost *best = NULL;
    for (int32_t i = 0; i < h->n_costs; i++) {
        const struct unit_cost *c = &h->costs[i];
        if (c->wbits != wbits || c->abits != abits || !c->wsigned || c->asigned ||
            isnan(c->per_product[m]) || (m == UNIT_LUT && uses_dsp(c)) ||
            (m == UNIT_DSP && !uses_dsp(c)) || strcmp(c->toolchain, toolchain) != 0 ||
            !is_unit(c, unit))
            continue;
        if (best == NULL || c->per_product[m] < best->per_product[m]) best = c;
    }
    return best;
}

const char *hardware_toolchain(const struct hardware *h, enum unit_metric m)
{
    for (int32_t i = 0; i < h->n_costs; i++)
        if (!isnan(h->costs[i].per_product[m])) return h->costs[i].toolchain;
    return NULL;
}

static double fused_cost(const struct hardware *h, const char *toolchain, int32_t wbits,
                         int32_t abits, enum unit_metric m)
{
    double best = NAN;
    for (int32_t i = 0; i < h->n_units; i++) {
        if (strncmp(h->units[i], "mac_fusion", strlen("mac_fusion")) != 0) continue;
        const struct unit_cost *c =
            unit_cheapest(h, toolchain, h->units[i], wbits, abits, m);
        if (c != NULL) best = fmin(best, c->per_product[m]);
    }
    return best;
}

double hardware_fusibility(const struct hardware *h, const char *toolchain,
                           int32_t wbits, int32_t abits, enum unit_metric m)
{
    const struct unit_cost *built =
        unit_cheapest(h, toolchain, "mac_parallel", wbits, abits, m);
    return built == NULL
               ? NAN
               : fused_cost(h, toolchain, wbits, abits, m) / built->per_product[m];
}
