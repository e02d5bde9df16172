/* section_values.c -- why each layer got its bits: what the search found each
 * candidate precision to be worth. */
#include <math.h>

#include "reports/chart_data.h"
#include "reports/html.h"
#include "reports/sections.h"

static void put_values(FILE *f, const double value[REPORT_BITS_MAX + 1], int32_t chosen)
{
    for (int b = 1; b <= REPORT_BITS_MAX; b++) {
        if (isnan(value[b]))
            html_put(f, "<td></td>");
        else if (b == chosen)
            fprintf(f, "<td><b>%.4f</b></td>", value[b]);
        else
            fprintf(f, "<td>%.4f</td>", value[b]);
    }
    html_put(f, "</tr>\n");
}

static void values_table(FILE *f, const struct report *r)
{
    html_put(f, "<thead><tr><th>layer</th><th class=\"text\">operand</th>");
    for (int b = 1; b <= REPORT_BITS_MAX; b++)
        fprintf(f, "<th>%d bit</th>", b);
    html_put(f, "</tr></thead><tbody>\n");
    for (int32_t i = 0; i < r->n_layers; i++) {
        const struct report_layer *l = &r->layers[i];
        if (!l->has_values) continue;
        html_put(f, "<tr><td>%s</td><td class=\"text\">weights</td>", l->name);
        put_values(f, l->w_value, l->wbits);
        html_put(f, "<tr><td>%s</td><td class=\"text\">activations</td>", l->name);
        put_values(f, l->a_value, l->abits);
    }
    html_put(f, "</tbody>");
}

status section_values(const struct page *p, const struct report *r, struct err *err)
{
    bool any = false;
    for (int32_t i = 0; i < r->n_layers; i++)
        any |= r->layers[i].has_values;
    if (!any) return ST_OK; /* nothing is missing: the method has no values */
    page_section_open(p, "values", "Why these bits");
    html_put(
        p->f,
        "<p>What each operand loses with fewer bits, as the search saw it: a row that "
        "keeps its colour far to the right needs its bits, a row that pales at "
        "once does not. The chosen precision is outlined.</p>\n");
    TRY(page_chart(
        p, "values", "values",
        "Value of the best candidate of the row less that of this one, in the "
        "search's own unit; columns are bits. Empty: not a candidate.",
        chart_values(r), err));
    page_table_open(p, "Table of values");
    values_table(p->f, r);
    page_table_close(p);
    page_section_close(p);
    return ST_OK;
}
