/* chart_data.c -- see chart_data.h. */
#include "reports/chart_data.h"

#include <math.h>
#include <string.h>

#include "reports/format.h"

/* JSON has no NAN: null. */
static json_t *number(double v) { return isfinite(v) ? json_real(v) : json_null(); }

/* Appends, taking the row; frees both and returns NULL if either is NULL. */
static json_t *append(json_t *rows, json_t *row)
{
    if (rows != NULL && row != NULL && json_array_append_new(rows, row) == 0)
        return rows;
    json_decref(rows);
    return NULL;
}

/* Takes the references; NULL if any of them is NULL. */
static json_t *content(json_t *data, json_t *signals)
{
    return json_pack("{s:o, s:o}", "data", data, "signals", signals);
}

static double total_lut(const struct report *r)
{
    double sum = 0;
    for (int32_t i = 0; i < r->n_layers; i++)
        sum += r->layers[i].est_lut;
    return sum > 0 ? sum : 1;
}

static json_t *bits_row(const struct report_layer *l, double total)
{
    char shape[96] = "not given", folding[64] = "not given";
    if (l->MW > 0)
        snprintf(shape, sizeof shape, "%d \u00d7 %d, %s vectors", l->MH, l->MW,
                 format_count(l->n_vec).s);
    if (l->PE > 0) snprintf(folding, sizeof folding, "PE %d, SIMD %d", l->PE, l->SIMD);
    return json_pack("{s:s, s:i, s:i, s:s, s:s, s:o, s:o}", "layer", l->name, "wbits",
                     l->wbits, "abits", l->abits, "shape", shape, "folding", folding,
                     "lut", number(l->est_lut), "share", number(l->est_lut / total));
}

json_t *chart_bits(const struct report *r)
{
    json_t *rows = json_array();
    const double total = total_lut(r);
    for (int32_t i = 0; i < r->n_layers; i++)
        rows = append(rows, bits_row(&r->layers[i], total));
    return content(json_pack("{s:o}", "layers", rows), json_object());
}

json_t *chart_tradeoff(const struct report *r)
{
    const int32_t k = report_binding_metric(r);
    const struct report_metric *m = &r->metrics[k];
    json_t *rows = json_array();
    for (int32_t i = 0; i < r->n_uniform; i++) {
        const struct report_uniform *u = &r->uniform[i];
        char label[32];
        if (isnan(u->cost[k])) continue;
        snprintf(label, sizeof label, "uniform %d bit", u->bits);
        rows =
            append(rows, json_pack("{s:s, s:s, s:f, s:f, s:f, s:f, s:s}", "label",
                                   label, "kind", "uniform", "cost", u->cost[k], "lo",
                                   u->cost[k], "hi", u->cost[k], "accuracy",
                                   u->accuracy, "fits", u->budget_met ? "yes" : "no"));
    }
    rows = append(rows, json_pack("{s:s, s:s, s:f, s:f, s:f, s:f, s:s}", "label",
                                  "plan", "kind", "plan", "cost", m->est, "lo", m->lo,
                                  "hi", m->hi, "accuracy", r->accuracy, "fits",
                                  report_budgets_met_by_estimate(r) ? "yes" : "no"));
    char title[96];
    snprintf(title, sizeof title, "%s, estimated", format_metric(m->name));
    return content(json_pack("{s:o}", "points", rows),
                   json_pack("{s:s, s:o, s:o}", "costTitle", title, "budget",
                             number(m->budget), "floatAccuracy",
                             number(r->accuracy_float)));
}

json_t *chart_convergence(const struct report *r)
{
    json_t *records = json_array(), *ratios = json_array();
    int32_t n_cells = 1;
    for (int32_t i = 0; i < r->n_records; i++) {
        const struct report_record *rec = &r->records[i];
        if (rec->n_decided > n_cells) n_cells = rec->n_decided;
        records =
            append(records, json_pack("{s:I, s:f, s:i}", "step", (json_int_t)rec->step,
                                      "loss", rec->loss, "decided", rec->n_decided));
        for (int32_t k = 0; k < r->n_metrics; k++) {
            const struct report_metric *m = &r->metrics[k];
            if (isinf(m->budget) || m->budget <= 0 || isnan(rec->expected[k])) continue;
            ratios = append(ratios,
                            json_pack("{s:I, s:s, s:f}", "step", (json_int_t)rec->step,
                                      "metric", format_metric(m->name), "ratio",
                                      rec->expected[k] / m->budget));
        }
    }
    return content(json_pack("{s:o, s:o}", "records", records, "ratios", ratios),
                   json_pack("{s:i}", "nCells", n_cells));
}

/* One search cell: how much worse each candidate is than the best of the cell. */
static json_t *append_cell(json_t *rows, const struct report_layer *l, const char *side,
                           const double value[REPORT_BITS_MAX + 1], int32_t chosen)
{
    double best = -INFINITY;
    for (int b = 1; b <= REPORT_BITS_MAX; b++)
        if (!isnan(value[b])) best = fmax(best, value[b]);
    for (int b = 1; b <= REPORT_BITS_MAX; b++)
        if (!isnan(value[b]))
            rows = append(rows, json_pack("{s:s, s:s, s:i, s:f, s:b}", "layer", l->name,
                                          "side", side, "bits", b, "loss",
                                          best - value[b], "chosen", b == chosen));
    return rows;
}

json_t *chart_values(const struct report *r)
{
    json_t *rows = json_array();
    for (int32_t i = 0; i < r->n_layers; i++) {
        const struct report_layer *l = &r->layers[i];
        if (!l->has_values) continue;
        rows = append_cell(rows, l, "weights", l->w_value, l->wbits);
        rows = append_cell(rows, l, "activations", l->a_value, l->abits);
    }
    return content(json_pack("{s:o}", "candidates", rows), json_object());
}

json_t *chart_parity(const struct report_parity *parity, const char *toolchain,
                     const char *metric, bool held_out_only)
{
    json_t *rows = json_array();
    for (int32_t i = 0; i < parity->n; i++) {
        const struct report_point *p = &parity->points[i];
        if (strcmp(p->metric, metric) != 0 || strcmp(p->toolchain, toolchain) != 0 ||
            (held_out_only && !p->held_out))
            continue;
        rows = append(rows, json_pack("{s:s, s:s, s:f, s:f, s:f, s:f, s:s}", "label",
                                      p->label, "module", p->module, "meas", p->meas,
                                      "est", p->est, "lo", p->lo, "hi", p->hi, "use",
                                      p->held_out ? "held out" : "fitted"));
    }
    return content(json_pack("{s:o}", "points", rows),
                   json_pack("{s:s}", "unit", format_metric(metric)));
}

json_t *chart_lut(const struct report *r)
{
    json_t *rows = json_array();
    for (int32_t i = 0; i < r->n_layers; i++) {
        const struct report_layer *l = &r->layers[i];
        if (isnan(l->meas_lut)) continue;
        rows = append(rows, json_pack("{s:s, s:f, s:f, s:f, s:f}", "layer", l->name,
                                      "est", l->est_lut, "lo", l->est_lut_lo, "hi",
                                      l->est_lut_hi, "meas", l->meas_lut));
    }
    return content(json_pack("{s:o}", "layers", rows), json_object());
}

json_t *chart_breakdown(const struct report *r)
{
    json_t *rows = json_array();
    for (int32_t i = 0; i < r->n_layers; i++) {
        const struct report_layer *l = &r->layers[i];
        for (int32_t k = 0; k < l->n_parts; k++)
            rows = append(rows, json_pack("{s:s, s:s, s:f}", "layer", l->name, "part",
                                          l->parts[k].name, "lut", l->parts[k].lut));
    }
    return content(json_pack("{s:o}", "parts", rows), json_object());
}
