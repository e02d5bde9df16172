/* section_parity.c -- how far the cost model can be believed: its estimates beside
 * the measurements that it was fitted to and those that were kept from it. */
#include "reports/chart_data.h"
#include "reports/format.h"
#include "reports/html.h"
#include "reports/sections.h"

status parity_error_table(const struct page *p, const struct report_parity *parity,
                          struct err *err)
{
    struct parity_group *groups;
    int32_t n;
    TRY(parity_groups(parity, p->arena, &groups, &n, err));
    if (n == 0) return ST_OK;
    html_put(p->f, "<div class=\"scroll\"><table><thead><tr><th>held-out error</th>"
                   "<th class=\"text\">toolchain</th><th class=\"text\">metric</th>"
                   "<th>measurements</th><th>mean</th><th>largest</th>"
                   "<th>inside the 90 %% interval</th></tr></thead><tbody>\n");
    for (int32_t i = 0; i < n; i++)
        html_put(p->f,
                 "<tr><td>%s</td><td class=\"text\">%s</td><td class=\"text\">%s</td>"
                 "<td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n",
                 groups[i].module, groups[i].toolchain, format_metric(groups[i].metric),
                 format_count(groups[i].n).s, format_percent1(groups[i].mean).s,
                 format_percent1(groups[i].max).s,
                 format_percent1((double)groups[i].n_inside / groups[i].n).s);
    html_put(p->f, "</tbody></table></div>\n");
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
                   chart_parity(&r->parity, report_parity_toolchain(r), "lut", false),
                   err));
    TRY(parity_error_table(p, &r->parity, err));
    page_table_open(p, "Table of configurations");
    point_table(p->f, r);
    page_table_close(p);
    page_section_close(p);
    return ST_OK;
}
