/* section_plan.c -- the plan itself: bits per layer, its place among the uniform
 * baselines, and how the search came to it. */
#include <math.h>
#include <string.h>

#include "reports/chart_data.h"
#include "reports/format.h"
#include "reports/html.h"
#include "reports/sections.h"

/* ---- bits per layer ---- */

/* Mean bits: over weights and over multiplications where shapes are known, else
 * over layers. */
struct mean_bits {
    double weights, activations;
    bool by_size;
};

static struct mean_bits mean_bits(const struct report *r)
{
    double w = 0, a = 0, sum_w = 0, sum_a = 0;
    bool by_size = true;
    for (int32_t i = 0; i < r->n_layers; i++)
        by_size &= r->layers[i].MW > 0;
    for (int32_t i = 0; i < r->n_layers; i++) {
        const struct report_layer *l = &r->layers[i];
        const double n_weights = by_size ? (double)l->MW * l->MH : 1;
        const double n_acts = by_size ? (double)l->MW * l->n_vec : 1;
        w += n_weights * l->wbits;
        a += n_acts * l->abits;
        sum_w += n_weights;
        sum_a += n_acts;
    }
    return (struct mean_bits){w / sum_w, a / sum_a, by_size};
}

static void put_bits_row(FILE *f, const struct report_layer *l)
{
    char cell[64];
    html_put(f, "<tr><td>%s</td>", l->name);
    snprintf(cell, sizeof cell, "%d</td><td>%d", l->wbits, l->abits);
    fprintf(f, "<td>%s</td>", cell);
    if (l->MW > 0)
        fprintf(f, "<td>%d \u00d7 %d</td><td>%d</td>", l->MH, l->MW, l->n_vec);
    else
        html_put(f, "<td>\u2013</td><td>\u2013</td>");
    if (l->PE > 0)
        fprintf(f, "<td>%d</td><td>%d</td>", l->PE, l->SIMD);
    else
        html_put(f, "<td>\u2013</td><td>\u2013</td>");
    html_put(f, "<td>%s</td></tr>\n", format_whole(l->est_lut).s);
}

status section_bits(const struct page *p, const struct report *r, struct err *err)
{
    FILE *f = p->f;
    const struct mean_bits mean = mean_bits(r);
    page_section_open(p, "bits", "Bits per layer");
    html_put(
        f,
        mean.by_size
            ? "<p>A weight has %s bits on average, an activation that enters a layer "
              "%s bits. Layers in network order.</p>\n"
            : "<p>Layers have %s weight bits and %s activation bits on average. "
              "Layers in network order.</p>\n",
        format_decimal(mean.weights).s, format_decimal(mean.activations).s);
    TRY(page_chart(
        p, "bits", "bits",
        "Weight bits to the left, activation bits to the right; beside them the "
        "layer's share of the estimated LUTs.",
        chart_bits(r), err));
    page_table_open(p, "Table of layers");
    html_put(f, "<thead><tr><th>layer</th><th>wbits</th><th>abits</th>"
                "<th>matrix MH \u00d7 MW</th><th>vectors per image</th><th>PE</th>"
                "<th>SIMD</th><th>LUT, estimated</th></tr></thead><tbody>\n");
    for (int32_t i = 0; i < r->n_layers; i++)
        put_bits_row(f, &r->layers[i]);
    html_put(f, "</tbody>");
    page_table_close(p);
    page_section_close(p);
    return ST_OK;
}

/* ---- plan and uniform baselines ---- */

static void tradeoff_summary(const struct page *p, const struct report *r,
                             const struct report_metric *m)
{
    const struct report_uniform *u = report_best_uniform(r);
    const char *name = format_metric(m->name);
    char bits[16];
    if (r->n_uniform == 0) {
        html_put(p->f, "<p>The plan was written without uniform baselines.</p>\n");
    } else if (u == NULL) {
        html_put(
            p->f,
            "<p>No uniform precision meets the budgets; the plan reaches %s.</p>\n",
            format_percent(r->accuracy).s);
    } else {
        snprintf(bits, sizeof bits, "%d bits", u->bits);
        html_put(
            p->f,
            "<p>%s against uniform %s (%s), the most accurate uniform precision that "
            "meets the budgets. Every accuracy is the integer engine's, on %s test "
            "images. The axis is %s, the budget that binds.</p>\n",
            format_points(r->accuracy - u->accuracy).s, bits,
            format_percent(u->accuracy).s, format_count(r->n_test_images).s, name);
    }
}

static void put_verdict_cell(FILE *f, bool met)
{
    html_put(f, met ? "<td class=\"text good\">\u2713 met</td></tr>\n"
                    : "<td class=\"text bad\">\u2717 not met</td></tr>\n");
}

static void tradeoff_table(FILE *f, const struct report *r, int32_t k)
{
    html_put(f,
             "<thead><tr><th>precision</th><th>accuracy</th><th>plan is better by</th>"
             "<th>%s, estimated</th><th class=\"text\">budgets, by "
             "estimate</th></tr></thead><tbody>\n",
             format_metric(r->metrics[k].name));
    html_put(f, "<tr class=\"plan\"><td>plan</td><td>%s</td><td></td><td>%s</td>",
             format_percent(r->accuracy).s, format_count(r->metrics[k].est).s);
    put_verdict_cell(f, report_budgets_met_by_estimate(r));
    for (int32_t i = 0; i < r->n_uniform; i++) {
        const struct report_uniform *u = &r->uniform[i];
        fprintf(f, "<tr><td>uniform %d bits</td>", u->bits);
        html_put(f, "<td>%s</td><td>%s</td><td>%s</td>", format_percent(u->accuracy).s,
                 format_points(r->accuracy - u->accuracy).s,
                 format_count(u->cost[k]).s);
        put_verdict_cell(f, u->budget_met);
    }
    if (!isnan(r->accuracy_float))
        html_put(f,
                 "<tr><td>floating "
                 "point</td><td>%s</td><td>%s</td><td></td><td></td></tr>\n",
                 format_percent(r->accuracy_float).s,
                 format_points(r->accuracy - r->accuracy_float).s);
    html_put(f, "</tbody>");
}

status section_tradeoff(const struct page *p, const struct report *r, struct err *err)
{
    const int32_t k = report_binding_metric(r);
    page_section_open(p, "tradeoff", "Plan against uniform precision");
    tradeoff_summary(p, r, &r->metrics[k]);
    if (r->n_uniform > 0)
        TRY(page_chart(p, "tradeoff", "tradeoff",
                       "The bar through the plan is the 90 % interval of its estimated "
                       "cost; the shaded side is over budget.",
                       chart_tradeoff(r), err));
    page_table_open(p, "Table of accuracies");
    tradeoff_table(p->f, r, k);
    page_table_close(p);
    page_section_close(p);
    return ST_OK;
}

/* ---- the search ---- */

static void convergence_table(FILE *f, const struct report *r)
{
    html_put(f, "<thead><tr><th>step</th><th>loss</th><th>cells decided</th>");
    for (int32_t k = 0; k < r->n_metrics; k++)
        if (!isinf(r->metrics[k].budget))
            html_put(f, "<th>%s / budget</th>", format_metric(r->metrics[k].name));
    html_put(f, "</tr></thead><tbody>\n");
    for (int32_t i = 0; i < r->n_records; i++) {
        const struct report_record *rec = &r->records[i];
        fprintf(f, "<tr><td>%lld</td><td>%.4f</td><td>%d</td>", (long long)rec->step,
                rec->loss, rec->n_decided);
        for (int32_t k = 0; k < r->n_metrics; k++)
            if (!isinf(r->metrics[k].budget))
                html_put(f, "<td>%s</td>",
                         format_percent1(rec->expected[k] / r->metrics[k].budget).s);
        html_put(f, "</tr>\n");
    }
    html_put(f, "</tbody>");
}

static void convergence_summary(const struct page *p, const struct report *r)
{
    const struct report_record *first = &r->records[0];
    const struct report_record *last = &r->records[r->n_records - 1];
    const int32_t k = report_binding_metric(r);
    const struct report_metric *m = &r->metrics[k];
    html_put(p->f, "<p>%s steps of %s, seed %s. ", format_count((double)last->step).s,
             format_method(r->method), format_count((double)r->seed).s);
    if (!isinf(m->budget) && !isnan(first->expected[k]))
        html_put(
            p->f,
            "The expected %s went from %s to %s of its budget while the cells were "
            "decided one by one.",
            format_metric(m->name), format_percent1(first->expected[k] / m->budget).s,
            format_percent1(last->expected[k] / m->budget).s);
    html_put(p->f, "</p>\n");
}

status section_convergence(const struct page *p, const struct report *r,
                           struct err *err)
{
    page_section_open(p, "search", "The search");
    if (r->n_records == 0) {
        html_put(p->f, "<p>The plan has no history: %s does not record one.</p>\n",
                 format_method(r->method));
        page_section_close(p);
        return ST_OK;
    }
    convergence_summary(p, r);
    TRY(page_chart(
        p, "convergence", "convergence",
        "Expected cost is the mean over the precisions that the search still "
        "considers, by their probabilities.",
        chart_convergence(r), err));
    page_table_open(p, "Table of the search's history");
    convergence_table(p->f, r);
    page_table_close(p);
    page_section_close(p);
    return ST_OK;
}
