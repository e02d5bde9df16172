/* section_parity.c -- how far the cost model can be believed: its estimates beside
 * the measurements that it was fitted to and those that were kept from it. */
#include <math.h>
#include <string.h>

#include "reports/chart_data.h"
#include "reports/format.h"
#include "reports/html.h"
#include "reports/sections.h"

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

static status error_table(const struct page *page, const struct report *r,
                          struct err *err)
{
    FILE *f = page->f;
    const size_t room = (size_t)r->parity.n; /* each group has a point */
    struct error_group *groups = ARENA_NEW(page->arena, struct error_group, room);
    int32_t n = 0;
    if (groups == NULL) return arena_exhausted(err);
    for (int32_t i = 0; i < r->parity.n; i++) {
        const struct report_point *p = &r->parity.points[i];
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
    for (int32_t i = 0; i < r->parity.n; i++) {
        const struct report_point *p = &r->parity.points[i];
        html_put(f,
                 "<tr><td>%s</td><td class=\"text\">%s</td><td class=\"text\">%s</td>"
                 "<td class=\"text\">%s</td><td>%s</td><td>%s</td><td>[%s, "
                 "%s]</td><td>%s</td><td class=\"text\">%s</td></tr>\n",
                 p->label, p->module, p->toolchain, format_metric(p->metric),
                 format_count(p->meas).s, format_whole(p->est).s, format_whole(p->lo).s,
                 format_whole(p->hi).s, format_error(p->est / p->meas - 1).s,
                 p->held_out ? "held out" : "fit");
    }
    html_put(f, "</tbody>");
}

status section_parity(const struct page *p, const struct report *r, struct err *err)
{
    page_section_open(p, "parity", "Cost-model parity");
    if (r->parity.n == 0) {
        html_put(p->f, "<p>No parity.json was given; <code>bitwright fit --parity "
                       "FILE</code> writes one.</p>\n");
        page_section_close(p);
        return ST_OK;
    }
    html_put(p->f,
             "<p>%s values measured by synthesis, beside the model's estimates; the "
             "chart shows the LUTs of %s. Diamonds were held out: the model that "
             "estimates them never saw them.</p>\n",
             format_count(r->parity.n).s, report_parity_toolchain(r));
    TRY(page_chart(p, "parity", "parity",
                   "Both axes are logarithmic. Vertical bars are 90 % prediction "
                   "intervals, the band is 10 % either side of equality.",
                   chart_parity(r), err));
    TRY(error_table(p, r, err));
    page_table_open(p, "Table of configurations");
    point_table(p->f, r);
    page_table_close(p);
    page_section_close(p);
    return ST_OK;
}
