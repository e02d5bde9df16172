/* hardware_page.c -- the HTML page: costs per product, which unit is cheapest where,
 * what fusibility costs, glitches, and the models' errors. */
#include "reports/hardware_page.h"

#include <math.h>
#include <string.h>

#include "reports/chart_data.h"
#include "reports/format.h"
#include "reports/html.h"
#include "reports/sections.h"

/* All units: each has one colour on the whole page. */
static json_t *unit_names(const struct hardware *h)
{
    json_t *names = json_array();
    for (int32_t i = 0; i < h->n_units; i++)
        json_array_append_new(names, json_string(h->units[i]));
    return names;
}

/* ---- costs against bits ---- */

static json_t *cost_rows(const struct hardware *h, const char *toolchain,
                         enum unit_metric m)
{
    json_t *rows = json_array();
    for (int32_t i = 0; i < h->n_units; i++)
        for (int32_t b = 1; b <= 8; b++) {
            const struct unit_cost *c =
                unit_cheapest(h, toolchain, h->units[i], b, b, m);
            char build[32];
            if (c == NULL || c->per_product[m] <= 0) continue; /* logarithmic axis */
            snprintf(build, sizeof build, "SIMD %d", c->SIMD);
            json_array_append_new(rows, json_pack("{s:s, s:i, s:f, s:s}", "unit",
                                                  h->units[i], "bits", b, "cost",
                                                  c->per_product[m], "build", build));
        }
    return rows;
}

static void cost_table(FILE *f, const struct hardware *h, enum unit_metric m)
{
    html_put(f, "<thead><tr><th>unit</th><th class=\"text\">toolchain</th>");
    for (int b = 1; b <= 8; b++)
        html_put(f, "<th>%s \u00d7 %s</th>", format_count(b).s, format_count(b).s);
    html_put(f, "</tr></thead><tbody>\n");
    for (int32_t t = 0; t < h->n_toolchains; t++)
        for (int32_t i = 0; i < h->n_units; i++) {
            bool any = false;
            for (int b = 1; b <= 8; b++)
                any |= unit_cheapest(h, h->toolchains[t], h->units[i], b, b, m) != NULL;
            if (!any) continue;
            html_put(f, "<tr><td>%s</td><td class=\"text\">%s</td>", h->units[i],
                     h->toolchains[t]);
            for (int b = 1; b <= 8; b++) {
                const struct unit_cost *c =
                    unit_cheapest(h, h->toolchains[t], h->units[i], b, b, m);
                html_put(f, "<td>%s</td>",
                         format_count(c == NULL ? NAN : c->per_product[m]).s);
            }
            html_put(f, "</tr>\n");
        }
    html_put(f, "</tbody>");
}

static status put_costs(const struct page *p, const struct hardware *h, struct err *err)
{
    static const enum unit_metric shown[] = {UNIT_LUT, UNIT_AREA, UNIT_ENERGY};
    page_section_open(p, "costs", "What a product costs");
    html_put(p->f,
             "<p>Every unit at equal weight and activation bits, signed by unsigned, "
             "per product and cycle: a unit that needs twice the cycles counts twice. "
             "Of several builds (SIMD, accumulator) the cheapest is shown.</p>\n");
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const struct unit_metric_name *m = &unit_metrics[shown[i]];
        const char *toolchain = hardware_toolchain(h, shown[i]);
        if (toolchain == NULL) continue;
        TRY(page_chart(p, "units", m->column,
                       arena_printf(p->arena, "%s, toolchain %s", m->title, toolchain),
                       json_pack("{s:{s:o}, s:{s:s, s:o}}", "data", "costs",
                                 cost_rows(h, toolchain, shown[i]), "signals",
                                 "costTitle", m->title, "units", unit_names(h)),
                       err));
        page_table_open(p, "Table of all toolchains");
        cost_table(p->f, h, shown[i]);
        page_table_close(p);
    }
    page_section_close(p);
    return ST_OK;
}

/* ---- who wins ---- */

static json_t *winner_rows(const struct hardware *h, const char *toolchain,
                           enum unit_metric m, struct arena *a)
{
    json_t *rows = json_array();
    for (int32_t w = 1; w <= 8; w++)
        for (int32_t x = 1; x <= 8; x++) {
            const struct unit_cost *best = unit_cheapest(h, toolchain, NULL, w, x, m);
            const struct unit_cost *second = NULL;
            for (int32_t i = 0; best != NULL && i < h->n_units; i++) {
                const struct unit_cost *c =
                    unit_cheapest(h, toolchain, h->units[i], w, x, m);
                if (c == NULL || strcmp(c->unit, best->unit) == 0) continue;
                if (second == NULL || c->per_product[m] < second->per_product[m])
                    second = c;
            }
            if (best == NULL) continue;
            json_array_append_new(
                rows,
                json_pack("{s:i, s:i, s:s, s:f, s:s}", "wbits", w, "abits", x, "unit",
                          unit_label(best, a), "cost", best->per_product[m], "second",
                          second == NULL
                              ? "none"
                              : arena_printf(a, "%s: %s", unit_label(second, a),
                                             format_count(second->per_product[m]).s)));
        }
    return rows;
}

static status put_winners(const struct page *p, const struct hardware *h,
                          struct err *err)
{
    static const enum unit_metric shown[] = {UNIT_LUT, UNIT_ENERGY};
    page_section_open(p, "winners", "When each unit wins");
    html_put(p->f,
             "<p>The cheapest unit for each pair of widths, signed weights by unsigned "
             "activations; the number is its cost. Units that use DSPs are left out of "
             "the comparison of LUTs.</p>\n");
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const struct unit_metric_name *m = &unit_metrics[shown[i]];
        const char *toolchain = hardware_toolchain(h, shown[i]);
        if (toolchain == NULL) continue;
        TRY(page_chart(p, "winners", arena_printf(p->arena, "winners-%s", m->column),
                       arena_printf(p->arena, "%s, toolchain %s", m->title, toolchain),
                       json_pack("{s:{s:o}, s:{s:o}}", "data", "winners",
                                 winner_rows(h, toolchain, shown[i], p->arena),
                                 "signals", "units", unit_names(h)),
                       err));
    }
    page_section_close(p);
    return ST_OK;
}

/* ---- fusibility ---- */

static json_t *fusibility_rows(const struct hardware *h)
{
    static const enum unit_metric shown[] = {UNIT_LUT, UNIT_AREA, UNIT_ENERGY};
    json_t *rows = json_array();
    for (int i = 0; i < HARDWARE_N_FUSED; i++)
        for (size_t k = 0; k < sizeof shown / sizeof *shown; k++) {
            const int32_t w = hardware_fused[i][0], x = hardware_fused[i][1];
            const char *toolchain = hardware_toolchain(h, shown[k]);
            if (toolchain == NULL) continue;
            const double ratio = hardware_fusibility(h, toolchain, w, x, shown[k]);
            char precision[32], metric[64];
            if (isnan(ratio)) continue;
            snprintf(precision, sizeof precision, "%d \u00d7 %d", w, x);
            snprintf(metric, sizeof metric, "%s (%s)", unit_metrics[shown[k]].column,
                     toolchain);
            json_array_append_new(rows,
                                  json_pack("{s:s, s:s, s:f}", "precision", precision,
                                            "metric", metric, "ratio", ratio));
        }
    return rows;
}

static status put_fusibility(const struct page *p, const struct hardware *h,
                             struct err *err)
{
    page_section_open(p, "fusibility", "The price of fusibility");
    html_put(
        p->f,
        "<p>A fusible unit runs several precisions. Per product it costs this many "
        "times as much as a mac_parallel built for that precision alone.</p>\n");
    TRY(page_chart(
        p, "fusibility", "fusibility",
        "Bars above 1: dearer than a unit built for the precision.",
        json_pack("{s:{s:o}, s:{}}", "data", "ratios", fusibility_rows(h), "signals"),
        err));
    page_section_close(p);
    return ST_OK;
}

/* ---- glitches ---- */

static void put_glitches(const struct page *p, const struct hardware *h)
{
    const char *toolchain = hardware_toolchain(h, UNIT_ENERGY_ZERO);
    if (toolchain == NULL) return;
    page_section_open(p, "glitches", "What zero-delay simulation misses");
    html_put(p->f,
             "<p>Energy per product of mac_parallel on %s: signals that settle late "
             "switch more than once in a cycle, and the more so the wider the "
             "operands.</p>\n<div class=\"scroll\"><table><thead><tr><th>bits</th>"
             "<th>without glitches [pJ]</th><th>with glitches [pJ]</th><th>ratio</th>"
             "</tr></thead><tbody>\n",
             toolchain);
    for (int b = 1; b <= 8; b++) {
        const struct unit_cost *c =
            unit_cheapest(h, toolchain, "mac_parallel", b, b, UNIT_ENERGY);
        if (c == NULL) continue;
        const double with = c->per_product[UNIT_ENERGY];
        const double without = c->per_product[UNIT_ENERGY_ZERO];
        html_put(p->f, "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n",
                 format_count(b).s, format_count(without).s, format_count(with).s,
                 format_decimal(with / without).s);
    }
    html_put(p->f, "</tbody></table></div>\n");
    page_section_close(p);
}

/* ---- models ---- */

/* The metric that says most about a parity file: the first of these it has. */
static const char *parity_metric(const struct report_parity *parity)
{
    static const char *const order[] = {"lut", "energy", "area"};
    for (size_t k = 0; k < sizeof order / sizeof *order; k++)
        for (int32_t i = 0; i < parity->n; i++)
            if (strcmp(parity->points[i].metric, order[k]) == 0) return order[k];
    return NULL;
}

static status put_models(const struct page *p, const struct hardware *h,
                         struct err *err)
{
    page_section_open(p, "models", "How far the cost models can be believed");
    html_put(
        p->f,
        "<p>Measurements that the estimating model never saw, with its 90 %% "
        "prediction intervals. Errors are relative to the measurement itself, so of "
        "a few LUTs they look larger than in the account of <code>fit</code>, which "
        "takes at least 10.</p>\n");
    for (int32_t i = 0; i < h->n_parity; i++) {
        const struct report_parity *parity = &h->parity[i];
        const char *metric = parity_metric(parity);
        if (metric == NULL) continue;
        const char *toolchain = parity->points[0].toolchain;
        html_put(p->f, "<h3>%s</h3>\n", toolchain);
        TRY(page_chart(p, "parity", arena_printf(p->arena, "parity-%s", toolchain),
                       arena_printf(p->arena, "%s on %s, held-out measurements only",
                                    format_metric(metric), toolchain),
                       chart_parity(parity, toolchain, metric, true), err));
        TRY(parity_error_table(p, parity, err));
    }
    page_section_close(p);
    return ST_OK;
}

static void put_operands(const struct page *p, const struct hardware *h)
{
    if (h->operands.n == 0) return;
    page_section_open(p, "operands", "What real operands change");
    html_put(p->f, "<p>Energy per product with uniform operands, and times that with "
                   "bell-shaped ones and with those of a network's layers.</p>\n");
    operand_effects_html(&h->operands, p->f);
    page_section_close(p);
}

static status put_sections(const struct page *p, const void *subject, struct err *err)
{
    const struct hardware *h = subject;
    TRY(put_costs(p, h, err));
    TRY(put_winners(p, h, err));
    TRY(put_fusibility(p, h, err));
    put_glitches(p, h);
    put_operands(p, h);
    TRY(put_models(p, h, err));
    return section_provenance(p, &h->files, false, err);
}

status hardware_page_write(const struct hardware *h, const struct page_options *opt,
                           const char *path, struct arena *a, struct err *err)
{
    const struct page_body body = {.title = "MAC units and their cost models",
                                   .subtitle = "Measured by synthesis and gate-level "
                                               "simulation; estimated by the models "
                                               "fitted to it",
                                   .files = &h->files,
                                   .subject = h,
                                   .put = put_sections};
    return page_write(&body, opt, path, a, err);
}
