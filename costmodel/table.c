/* table.c -- the three formats. */
#include "costmodel/table.h"

#include <math.h>

#include "base/csv.h"
#include "base/json.h"

const char *const table_format_names[] = {"table", "csv", "json", NULL};

/* ---- for people ---- */

static void print_number(double v, int width, FILE *f)
{
    if (isnan(v))
        fprintf(f, " %*s", width, "-");
    else if (v == floor(v) && v < 1e9)
        fprintf(f, " %*.0f", width, v);
    else
        fprintf(f, " %*.*f", width, v < 1e6 ? 1 : 0, v);
}

/* Four figures of what is no whole number. */
static void print_cell(double v, FILE *f)
{
    if (isnan(v) || v == floor(v) || v >= 1000)
        print_number(v, 11, f);
    else
        fprintf(f, " %11.4g", v);
}

static void print_costs(const struct cost_estimate *e, FILE *f)
{
    char interval[48] = "exact";
    const struct cost_value *lut = &e->metric[COST_LUT];
    if (lut->lo < lut->hi)
        snprintf(interval, sizeof interval, "%.0f..%.0f", lut->lo, lut->hi);
    fprintf(f, " %9.0f %17s %-7s", lut->value, interval, cost_level_names[lut->level]);
    print_number(e->metric[COST_FF].value, 8, f);
    print_number(e->metric[COST_DSP].value, 5, f);
    print_number(e->metric[COST_BRAM18].value, 6, f);
    print_number(e->metric[COST_CYCLES].value, 10, f);
    if (isnan(e->metric[COST_ENERGY_UJ].value))
        fprintf(f, " %10s", "-");
    else
        fprintf(f, " %10.4f", e->metric[COST_ENERGY_UJ].value);
    print_number(e->metric[COST_SIZE_BYTES].value, 9, f);
    print_number(e->metric[COST_BITOPS].value, 12, f);
    fprintf(f, "\n");
}

/* What the energy of each layer is made of, and which level answered for its macs. */
static void print_energies(const struct cost_table *t, FILE *f)
{
    double sum[ENERGY_N_PARTS] = {0};
    fprintf(f, "\n%-20s", "energy uJ");
    for (int k = 0; k < ENERGY_N_PARTS; k++)
        fprintf(f, " %11s", energy_part_names[k]);
    fprintf(f, " %11s %23s %-7s\n", "sum", "interval", "level");
    for (int32_t i = 0; i <= t->n_rows; i++) {
        if (i == t->n_rows && !t->total) return;
        const bool last = i == t->n_rows;
        const double *parts = last ? sum : t->energy_uj[i];
        const struct cost_value *e =
            &(last ? t->total : &t->costs[i])->metric[COST_ENERGY_UJ];
        char interval[48] = "-";
        if (e->lo < e->hi)
            snprintf(interval, sizeof interval, "%.4f..%.4f", e->lo, e->hi);
        fprintf(f, "%-20s", last ? "total" : t->layers[i].name);
        for (int k = 0; k < ENERGY_N_PARTS; k++) {
            fprintf(f, " %11.4f", parts[k]);
            sum[k] += last ? 0 : parts[k];
        }
        fprintf(f, " %11.4f %23s %-7s\n", e->value, interval,
                cost_level_names[e->level]);
    }
}

static void write_text(const struct cost_table *t, FILE *f)
{
    fprintf(f, "toolchain %s, energy profile %s, 90 %% intervals\n", t->toolchain,
            t->profile ? t->profile : "none");
    fprintf(f, "%-20s %3s %3s %4s %4s %9s %17s %-7s %8s %5s %6s %10s %10s %9s %12s\n",
            "layer", "w", "a", "PE", "SIMD", "LUT", "interval", "level", "FF", "DSP",
            "BRAM18", "cycles", "energy uJ", "bytes", "BitOps");
    for (int32_t i = 0; i < t->n_rows; i++) {
        const struct mvu_config *c = &t->layers[i];
        fprintf(f, "%-20s %3d %3d %4d %4d", c->name, c->wbits, c->abits, c->PE,
                c->SIMD);
        print_costs(&t->costs[i], f);
        if (t->costs[i].outside_box)
            fprintf(f, "  ! outside the box of the fit: %s\n", t->costs[i].outside);
    }
    if (t->total) {
        fprintf(f, "%-20s %3s %3s %4s %4s", "total", "", "", "", "");
        print_costs(t->total, f);
    }
    if (t->energy_uj) print_energies(t, f);
}

/* What a shared array costs, whatever the bits of its layers. */
static void print_array(const struct cost_table *t, FILE *f)
{
    static const enum cost_metric metrics[] = {COST_LUT, COST_FF, COST_DSP};
    fprintf(f, "array of %s", t->array_name);
    for (int i = 0; i < 3; i++) {
        const struct cost_value *v = &t->array->metric[metrics[i]];
        if (isnan(v->value)) continue;
        fprintf(f, ", %s %.0f", cost_metric_names[metrics[i]], v->value);
        if (v->lo < v->hi) fprintf(f, " (%.0f..%.0f)", v->lo, v->hi);
        fprintf(f, " %s", cost_level_names[v->level]);
    }
    fprintf(
        f, "\nlatency: c bound by compute, a by activations' traffic, w by weights'\n");
}

static int grid_mark(const struct cost_table *t, int32_t i, const struct cost_value *v)
{
    static const char bounds[] = {'c', 'a', 'w'};
    if (isnan(v->value)) return ' ';
    if (t->costs[i].outside_box && v->level > COST_LEVEL_TABLE &&
        v->level < COST_LEVEL_ROOFLINE)
        return '!';
    switch (v->level) {
    case COST_LEVEL_EXACT:
    case COST_LEVEL_TABLE:
        return ' ';
    case COST_LEVEL_SCALED:
        return '*';
    case COST_LEVEL_PROFILE:
        return '^';
    case COST_LEVEL_ROOFLINE:
        return t->latencies ? bounds[t->latencies[i].bound] : ' ';
    default:
        return '~';
    }
}

void table_print_grids(const struct cost_table *t, enum cost_metric metric, FILE *f)
{
    fprintf(f,
            "%s [%s], toolchain %s; rows wbits, columns abits; * scaled, ~ formula, "
            "^ a profile's constants, ! outside the box\n",
            cost_metric_names[metric], cost_metric_units[metric], t->toolchain);
    if (t->array) print_array(t, f);
    for (int32_t i = 0; i < t->n_rows; i++) {
        const struct mvu_config *c = &t->layers[i];
        const struct cost_value *v = &t->costs[i].metric[metric];
        if (i % 64 == 0) {
            fprintf(f, "%s (MW=%d MH=%d", c->name, c->MW, c->MH);
            if (c->PE) fprintf(f, " PE=%d SIMD=%d", c->PE, c->SIMD);
            fprintf(f, " n_vec=%d)\n     ", c->n_vec);
            for (int a = 1; a <= 8; a++)
                fprintf(f, " %11d ", a);
            fprintf(f, "\n");
        }
        if (i % 8 == 0) fprintf(f, "  %3d", c->wbits);
        print_cell(v->value, f);
        fputc(grid_mark(t, i, v), f);
        if (i % 8 == 7) fprintf(f, "\n");
    }
}

/* ---- CSV ---- */

static void csv_costs(const struct cost_estimate *e, const double *energy_uj, FILE *f)
{
    for (int m = 0; m < COST_N_METRICS; m++) {
        const struct cost_value *v = &e->metric[m];
        if (isnan(v->value))
            fprintf(f, ",,,,");
        else
            fprintf(f, ",%.12g,%.12g,%.12g,%s", v->value, v->lo, v->hi,
                    cost_level_names[v->level]);
    }
    fprintf(f, ",%s", e->outside_box ? e->outside : "");
    for (int k = 0; k < ENERGY_N_PARTS && energy_uj; k++)
        if (isnan(energy_uj[k]))
            fprintf(f, ",");
        else
            fprintf(f, ",%.12g", energy_uj[k]);
}

/* Cycles of the whole batch. */
static void csv_latency(const struct latency *l, FILE *f)
{
    if (isnan(l->total))
        fprintf(f, ",,,,,,");
    else
        fprintf(f, ",%.12g,%.12g,%.12g,%.12g,%.12g,%s", l->compute, l->activations,
                l->weights, l->fill, l->total, latency_bound_names[l->bound]);
}

static void csv_array(const struct cost_table *t, FILE *f)
{
    fprintf(f, "# array: %s", t->array_name);
    for (int m = 0; m < COST_N_METRICS; m++)
        if (!isnan(t->array->metric[m].value))
            fprintf(f, ", %s %.12g", cost_metric_names[m], t->array->metric[m].value);
    fprintf(f, "\n");
}

static void csv_layer(const struct mvu_config *c, FILE *f)
{
    csv_put(f, c->name);
    fprintf(f, ",%d,%d,", c->MW, c->MH);
    if (c->PE) fprintf(f, "%d", c->PE);
    fputc(',', f);
    if (c->SIMD) fprintf(f, "%d", c->SIMD);
    fprintf(f, ",%d,%d,%d", c->n_vec, c->wbits, c->abits);
}

static void write_csv(const struct cost_table *t, const struct provenance *p, FILE *f)
{
    provenance_csv(p, f);
    fprintf(f, "# toolchain: %s, energy profile: %s\n", t->toolchain,
            t->profile ? t->profile : "none");
    if (t->array) csv_array(t, f);
    fprintf(f, "layer,MW,MH,PE,SIMD,n_vec,wbits[bit],abits[bit]");
    for (int m = 0; m < COST_N_METRICS; m++) {
        const char *name = cost_metric_names[m], *unit = cost_metric_units[m];
        fprintf(f, ",%s[%s],%s_lo[%s],%s_hi[%s],%s_level", name, unit, name, unit, name,
                unit, name);
    }
    fprintf(f, ",outside_box");
    for (int k = 0; k < ENERGY_N_PARTS && t->energy_uj; k++)
        fprintf(f, ",energy_%s_uj[uJ]", energy_part_names[k]);
    if (t->latencies)
        fprintf(f,
                ",compute_cycles[cycle],activation_cycles[cycle],weight_cycles[cycle],"
                "fill_cycles[cycle],latency_cycles[cycle],bound");
    fprintf(f, "\n");
    double sum[ENERGY_N_PARTS] = {0};
    for (int32_t i = 0; i < t->n_rows; i++) {
        csv_layer(&t->layers[i], f);
        csv_costs(&t->costs[i], t->energy_uj ? t->energy_uj[i] : NULL, f);
        if (t->latencies) csv_latency(&t->latencies[i], f);
        fputc('\n', f);
        for (int k = 0; k < ENERGY_N_PARTS && t->energy_uj; k++)
            sum[k] += t->energy_uj[i][k];
    }
    if (!t->total) return;
    fprintf(f, "total,,,,,,,");
    csv_costs(t->total, t->energy_uj ? sum : NULL, f);
    fputc('\n', f);
}

/* ---- JSON ---- */

static json_t *value_json(const struct cost_value *v)
{
    if (isnan(v->value)) return json_null();
    return json_pack("{s:f, s:f, s:f, s:s}", "value", v->value, "lo", v->lo, "hi",
                     v->hi, "level", cost_level_names[v->level]);
}

static int add_costs(json_t *o, const struct cost_estimate *e)
{
    int bad = 0;
    for (int m = 0; m < COST_N_METRICS; m++)
        bad |= json_object_set_new(o, cost_metric_names[m], value_json(&e->metric[m]));
    if (e->outside_box)
        bad |= json_object_set_new(o, "outside_box", json_string(e->outside));
    return bad;
}

static json_t *layer_json(const struct mvu_config *c, const struct cost_estimate *e)
{
    json_t *o = json_pack("{s:s, s:i, s:i, s:i, s:i, s:i}", "name", c->name, "MW",
                          (int)c->MW, "MH", (int)c->MH, "n_vec", (int)c->n_vec, "wbits",
                          (int)c->wbits, "abits", (int)c->abits);
    if (o && c->PE)
        json_object_update_new(
            o, json_pack("{s:i, s:i}", "PE", (int)c->PE, "SIMD", (int)c->SIMD));
    if (!o || !add_costs(o, e)) return o;
    json_decref(o);
    return NULL;
}

static int add_energies(json_t *o, const double *energy_uj)
{
    json_t *parts = json_object();
    int bad = !parts;
    for (int k = 0; k < ENERGY_N_PARTS && !bad; k++)
        bad = json_object_set_new(parts, energy_part_names[k],
                                  isnan(energy_uj[k]) ? json_null()
                                                      : json_real(energy_uj[k]));
    if (bad) json_decref(parts);
    return bad || json_object_set_new(o, "energy_parts", parts);
}

static int add_latency(json_t *o, const struct latency *l)
{
    if (isnan(l->total)) return json_object_set_new(o, "latency", json_null());
    return json_object_set_new(
        o, "latency",
        json_pack("{s:f, s:f, s:f, s:f, s:f, s:s}", "compute_cycles", l->compute,
                  "activation_cycles", l->activations, "weight_cycles", l->weights,
                  "fill_cycles", l->fill, "latency_cycles", l->total, "bound",
                  latency_bound_names[l->bound]));
}

static json_t *array_json(const struct cost_table *t)
{
    json_t *o = t->array ? json_pack("{s:s}", "name", t->array_name) : NULL;
    if (!o || !add_costs(o, t->array)) return o;
    json_decref(o);
    return NULL;
}

static json_t *table_json(const struct cost_table *t, const struct provenance *p)
{
    json_t *layers = json_array(), *total = t->total ? json_object() : NULL;
    int bad = !layers || (t->total && !total);
    for (int32_t i = 0; i < t->n_rows && !bad; i++) {
        bad = json_array_append_new(layers, layer_json(&t->layers[i], &t->costs[i]));
        if (!bad && t->energy_uj)
            bad = add_energies(json_array_get(layers, (size_t)i), t->energy_uj[i]);
        if (!bad && t->latencies)
            bad = add_latency(json_array_get(layers, (size_t)i), &t->latencies[i]);
    }
    if (t->total && !bad) bad = add_costs(total, t->total);
    if (bad) {
        json_decref(layers);
        json_decref(total);
        return NULL;
    }
    return json_pack("{s:i, s:o, s:s, s:s?, s:o*, s:o, s:o*}", "version", 1,
                     "provenance", provenance_json(p), "toolchain", t->toolchain,
                     "energy_profile", t->profile, "array", array_json(t), "layers",
                     layers, "total", total);
}

status table_write(const struct cost_table *t, enum table_format format,
                   const struct provenance *p, FILE *f, struct err *err)
{
    if (format == TABLE_TEXT) write_text(t, f);
    if (format == TABLE_CSV) write_csv(t, p, f);
    if (format == TABLE_JSON) {
        json_t *o = table_json(t, p);
        if (!o) return err_set(err, ST_NOMEM, "out of memory while writing JSON");
        json_dumpf(o, f, JSON_INDENT(1) | JSON_SORT_KEYS);
        fputc('\n', f);
        json_decref(o);
    }
    if (fflush(f) != 0 || ferror(f))
        return err_set(err, ST_IO, "cannot write the table");
    return ST_OK;
}
