/* section_model.c -- how far the cost model can be believed: parity on the
 * measurements it was fitted to and kept from it, then estimate and measurement of
 * every layer of this plan. */
#include <math.h>
#include <string.h>

#include "reports/chart_data.h"
#include "reports/format.h"
#include "reports/html.h"
#include "reports/sections.h"

/* ---- parity ---- */

/* Held-out LUT errors of one module under one toolchain. */
struct error_group {
    const char *toolchain, *module;
    int32_t n;
    double sum, max;
};

static struct error_group *group_of(struct error_group *groups, int32_t *n,
                                    const struct report_point *p)
{
    for (int32_t i = 0; i < *n; i++)
        if (strcmp(groups[i].toolchain, p->toolchain) == 0 &&
            strcmp(groups[i].module, p->module) == 0)
            return &groups[i];
    groups[*n] = (struct error_group){p->toolchain, p->module, 0, 0, 0};
    return &groups[(*n)++];
}

static status error_table(const struct page *page, struct err *err)
{
    FILE *f = page->f;
    const struct report *r = page->r;
    const size_t room = (size_t)r->n_points; /* each group has a point */
    struct error_group *groups = ARENA_NEW(page->arena, struct error_group, room);
    int32_t n = 0;
    if (groups == NULL) return arena_exhausted(err);
    for (int32_t i = 0; i < r->n_points; i++) {
        const struct report_point *p = &r->points[i];
        if (!p->held_out || strcmp(p->metric, "lut") != 0 || p->meas <= 0) continue;
        struct error_group *g = group_of(groups, &n, p);
        const double e = fabs(p->est / p->meas - 1);
        g->sum += e;
        g->max = fmax(g->max, e);
        g->n++;
    }
    if (n == 0) return ST_OK;
    html_put(f, "<div class=\"scroll\"><table><thead><tr><th>held-out LUT error</th>"
                "<th class=\"text\">toolchain</th><th>measurements</th><th>mean</th>"
                "<th>largest</th></tr></thead><tbody>\n");
    for (int32_t i = 0; i < n; i++)
        html_put(f,
                 "<tr><td>%s</td><td class=\"text\">%s</td><td>%s</td><td>%s</td>"
                 "<td>%s</td></tr>\n",
                 groups[i].module, groups[i].toolchain, format_count(groups[i].n).s,
                 format_percent1(groups[i].sum / groups[i].n).s,
                 format_percent1(groups[i].max).s);
    html_put(f, "</tbody></table></div>\n");
    return ST_OK;
}

static void point_table(FILE *f, const struct report *r)
{
    html_put(f,
             "<thead><tr><th>configuration</th><th class=\"text\">module</th>"
             "<th class=\"text\">toolchain</th><th class=\"text\">metric</th>"
             "<th>measured</th><th>estimated</th><th>90 %% interval</th><th>error</th>"
             "<th class=\"text\">used for</th></tr></thead><tbody>\n");
    for (int32_t i = 0; i < r->n_points; i++) {
        const struct report_point *p = &r->points[i];
        html_put(f,
                 "<tr><td>%s</td><td class=\"text\">%s</td><td class=\"text\">%s</td>"
                 "<td class=\"text\">%s</td><td>%s</td><td>%s</td><td>[%s, "
                 "%s]</td><td>%s</td><td class=\"text\">%s</td></tr>\n",
                 p->label, p->module, p->toolchain, format_metric(p->metric),
                 format_count(p->meas).s, format_count(round(p->est)).s,
                 format_count(round(p->lo)).s, format_count(round(p->hi)).s,
                 format_error(p->est / p->meas - 1).s,
                 p->held_out ? "held out" : "fit");
    }
    html_put(f, "</tbody>");
}

status section_parity(const struct page *p, struct err *err)
{
    const struct report *r = p->r;
    page_section_open(p, "parity", "Cost-model parity");
    if (r->n_points == 0) {
        html_put(p->f, "<p>No parity.json was given; <code>bitwright fit --parity "
                       "FILE</code> writes one.</p>\n");
        page_section_close(p);
        return ST_OK;
    }
    html_put(p->f,
             "<p>%s values measured by synthesis, beside the model's estimates; the "
             "chart shows the LUTs of %s. Diamonds were held out: the model that "
             "estimates them never saw them.</p>\n",
             format_count(r->n_points).s, report_parity_toolchain(r));
    TRY(page_chart(p, "parity",
                   "Both axes are logarithmic. Vertical bars are 90 % prediction "
                   "intervals, the band is 10 % either side of equality.",
                   chart_parity(r), err));
    TRY(error_table(p, err));
    page_table_open(p, "Table of configurations");
    point_table(p->f, r);
    page_table_close(p);
    page_section_close(p);
    return ST_OK;
}

/* ---- this plan's layers ---- */

struct layer_sums {
    double est_lut, meas_lut;
    int32_t n_lut, n_cycles, n_cycles_equal;
};

static struct layer_sums sum_layers(const struct report *r)
{
    struct layer_sums s = {0};
    for (int32_t i = 0; i < r->n_layers; i++) {
        const struct report_layer *l = &r->layers[i];
        if (!isnan(l->meas_lut)) {
            s.est_lut += l->est_lut;
            s.meas_lut += l->meas_lut;
            s.n_lut++;
        }
        if (isnan(l->meas_cycles)) continue;
        s.n_cycles++;
        s.n_cycles_equal += fabs(l->meas_cycles - l->est_cycles) < 0.5;
    }
    return s;
}

static void put_layer_row(FILE *f, const struct report_layer *l)
{
    html_put(f,
             "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td>",
             l->name, format_count(l->est_lut).s, format_count(l->meas_lut).s,
             format_error(l->est_lut / l->meas_lut - 1).s,
             format_count(l->est_cycles).s, format_count(l->meas_cycles).s);
    html_put(f, l->bit_exact == 1   ? "<td class=\"text good\">\u2713 yes</td></tr>\n"
                : l->bit_exact == 0 ? "<td class=\"text bad\">\u2717 no</td></tr>\n"
                                    : "<td class=\"text quiet\">\u2013</td></tr>\n");
}

static void layer_table(FILE *f, const struct report *r, const struct layer_sums *s)
{
    html_put(f, "<div class=\"scroll\"><table><thead><tr><th>layer</th>"
                "<th>LUT estimated</th><th>measured</th><th>error</th>"
                "<th>cycles estimated</th><th>measured</th>"
                "<th class=\"text\">bit-exact</th></tr></thead><tbody>\n");
    for (int32_t i = 0; i < r->n_layers; i++)
        put_layer_row(f, &r->layers[i]);
    if (s->n_lut == r->n_layers)
        html_put(
            f,
            "<tr class=\"total\"><td>all layers</td><td>%s</td><td>%s</td><td>%s</td>"
            "<td></td><td></td><td></td></tr>\n",
            format_count(s->est_lut).s, format_count(s->meas_lut).s,
            format_error(s->est_lut / s->meas_lut - 1).s);
    html_put(f, "</tbody></table></div>\n");
}

status section_layers(const struct page *p, struct err *err)
{
    const struct report *r = p->r;
    const struct layer_sums s = sum_layers(r);
    page_section_open(p, "layers", "Estimated and measured, layer by layer");
    if (!r->verified)
        html_put(p->f, "<p>Nothing is measured yet: <code>bitwright verify</code> runs "
                       "every layer on its RTL and synthesises it.</p>\n");
    else
        html_put(
            p->f,
            "<p>Largest error of a layer's LUT estimate: %s. Measured cycles equal "
            "the estimate in %s of %s layers.</p>\n",
            format_percent1(report_worst_lut_error(r)).s,
            format_count(s.n_cycles_equal).s, format_count(s.n_cycles).s);
    if (s.n_lut > 0)
        TRY(page_chart(
            p, "lut",
            "Bars: LUTs after synthesis. Ticks: estimates before it, with 90 % "
            "intervals; the figure beside them is the error.",
            chart_lut(r), err));
    layer_table(p->f, r, &s);
    page_section_close(p);
    return ST_OK;
}

/* ---- where the LUTs go ---- */

static void part_table(FILE *f, const struct report *r)
{
    html_put(f, "<thead><tr><th>layer</th><th class=\"text\">part</th><th>LUT</th></tr>"
                "</thead><tbody>\n");
    for (int32_t i = 0; i < r->n_layers; i++)
        for (int32_t k = 0; k < r->layers[i].n_parts; k++)
            html_put(f, "<tr><td>%s</td><td class=\"text\">%s</td><td>%s</td></tr>\n",
                     r->layers[i].name, r->layers[i].parts[k].name,
                     format_count(r->layers[i].parts[k].lut).s);
    html_put(f, "</tbody>");
}

status section_breakdown(const struct page *p, struct err *err)
{
    bool any = false;
    for (int32_t i = 0; i < p->r->n_layers; i++)
        any |= p->r->layers[i].n_parts > 0;
    if (!any) return ST_OK; /* no artefact is missing: the toolchain did not say */
    page_section_open(p, "breakdown", "Where the LUTs go");
    TRY(page_chart(p, "breakdown", "LUTs of the parts of each layer's unit.",
                   chart_breakdown(p->r), err));
    page_table_open(p, "Table of parts");
    part_table(p->f, p->r);
    page_table_close(p);
    page_section_close(p);
    return ST_OK;
}
