/* section_layers.c -- estimate and measurement of every layer of this plan, and what
 * the LUTs of each are spent on. */
#include <math.h>

#include "reports/chart_data.h"
#include "reports/format.h"
#include "reports/html.h"
#include "reports/sections.h"

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
             l->name, format_whole(l->est_lut).s, format_whole(l->meas_lut).s,
             format_error(l->est_lut / l->meas_lut - 1).s,
             format_whole(l->est_cycles).s, format_whole(l->meas_cycles).s);
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
            format_whole(s->est_lut).s, format_whole(s->meas_lut).s,
            format_error(s->est_lut / s->meas_lut - 1).s);
    html_put(f, "</tbody></table></div>\n");
}

static void layer_summary(FILE *f, const struct report *r, const struct layer_sums *s)
{
    html_put(f, "<p>");
    if (s->n_lut > 0)
        html_put(f, "Largest error of a layer's LUT estimate: %s. ",
                 format_percent1(report_worst_lut_error(r)).s);
    else
        html_put(f, "The layers were not synthesised: no LUTs are measured. ");
    html_put(f, "Measured cycles equal the estimate in %s of %s layers.</p>\n",
             format_count(s->n_cycles_equal).s, format_count(s->n_cycles).s);
}

static void put_differences(FILE *f, const struct report *r)
{
    for (int32_t i = 0; i < r->n_layers; i++)
        if (r->layers[i].difference[0] != '\0')
            html_put(f, "<p class=\"bad\">%s: %s</p>\n", r->layers[i].name,
                     r->layers[i].difference);
}

static const char *lut_caption(const struct report *r)
{
    for (int32_t i = 0; i < r->n_layers; i++)
        if (r->layers[i].est_lut_hi > r->layers[i].est_lut_lo)
            return "Bars: LUTs after synthesis. Ticks: estimates before it, with 90 % "
                   "intervals; the figure beside them is the error.";
    return "Bars: LUTs after synthesis. Ticks: estimates before it; the figure beside "
           "them is the error.";
}

status section_layers(const struct page *p, const struct report *r, struct err *err)
{
    const struct layer_sums s = sum_layers(r);
    page_section_open(p, "layers", "Estimated and measured, layer by layer");
    if (r->verified)
        layer_summary(p->f, r, &s);
    else
        html_put(p->f, "<p>Nothing is measured yet: <code>bitwright verify</code> runs "
                       "every layer on its RTL and synthesises it.</p>\n");
    if (s.n_lut > 0)
        TRY(page_chart(p, "lut", "lut", lut_caption(r), chart_lut(r), err));
    put_differences(p->f, r);
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

status section_breakdown(const struct page *p, const struct report *r, struct err *err)
{
    bool any = false;
    for (int32_t i = 0; i < r->n_layers; i++)
        any |= r->layers[i].n_parts > 0;
    if (!any) return ST_OK; /* no artefact is missing: the toolchain did not say */
    page_section_open(p, "breakdown", "Where the LUTs go");
    TRY(page_chart(p, "breakdown", "breakdown",
                   "LUTs of the parts of each layer's unit.", chart_breakdown(r), err));
    page_table_open(p, "Table of parts");
    part_table(p->f, r);
    page_table_close(p);
    page_section_close(p);
    return ST_OK;
}
