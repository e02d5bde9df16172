/* section_verdict.c -- the first thing a reader sees: is the plan good, and the
 * numbers that say so. */
#include "reports/sections.h"

#include <math.h>
#include <string.h>

#include "reports/format.h"
#include "reports/html.h"

enum verdict verdict_of(const struct report *r)
{
    if (!report_budgets_met(r) || (r->verified && !r->bit_exact)) return VERDICT_BAD;
    return r->verified ? VERDICT_GOOD : VERDICT_OPEN;
}

const char *verdict_sentence(const struct report *r, struct arena *a)
{
    int32_t n_over = 0, over = -1, n_budgets = 0;
    for (int32_t i = 0; i < r->n_metrics; i++) {
        n_budgets += !isinf(r->metrics[i].budget);
        if (report_metric_met(&r->metrics[i])) continue;
        n_over++;
        over = i;
    }
    const char *budgets = n_budgets == 1 ? "its budget" : "all its budgets";
    const char *exact = !r->verified   ? "is not yet verified on the RTL"
                        : r->bit_exact ? "is bit-exact on the RTL"
                                       : "is not bit-exact on the RTL";
    const char *but = !r->verified || !r->bit_exact ? "but" : "and";
    if (n_over > 0)
        return arena_printf(a, "The plan exceeds its %s budget%s, %s %s.",
                            format_metric(r->metrics[over].name),
                            n_over > 1 ? " (and others)" : "",
                            r->verified && r->bit_exact ? "but" : "and", exact);
    if (!report_budgets_met(r))
        return arena_printf(a, "Verification found a budget exceeded; the plan %s.",
                            exact);
    if (n_budgets == 0) return arena_printf(a, "The plan has no budget; it %s.", exact);
    return arena_printf(a, "The plan meets %s %s %s.", budgets, but, exact);
}

static void tile_open(FILE *f, const char *name)
{
    html_put(f, "<div class=\"tile\"><div class=\"name\">%s</div>", name);
}

static void tile_accuracy(FILE *f, const struct report *r)
{
    const struct report_uniform *u = report_best_uniform(r);
    tile_open(f, "accuracy");
    html_put(f, "<div class=\"figure\">%s</div><div class=\"note\">",
             format_percent(r->accuracy).s);
    if (u != NULL) {
        char name[16];
        snprintf(name, sizeof name, "%d bits", u->bits);
        html_put(f, "%s against uniform %s, the best estimated to fit",
                 format_points(r->accuracy - u->accuracy).s, name);
    } else if (r->n_uniform > 0) {
        html_put(f, "no uniform precision meets the budgets");
    } else {
        html_put(f, "no uniform baseline in the plan");
    }
    html_put(f, "</div></div>\n");
}

static void tile_binding(FILE *f, const struct report *r)
{
    const struct report_metric *m = &r->metrics[report_binding_metric(r)];
    tile_open(f, format_metric(m->name));
    html_put(f, "<div class=\"figure\">%s</div><div class=\"note\">%s",
             format_count(report_metric_value(m)).s,
             isnan(m->meas) ? "estimated" : "measured");
    if (!isinf(m->budget))
        html_put(f, ", %s of the budget of %s",
                 format_percent1(report_metric_value(m) / m->budget).s,
                 format_count(m->budget).s);
    html_put(f, "</div></div>\n");
}

static void tile_exact(FILE *f, const struct report *r)
{
    int32_t n = 0, n_exact = 0;
    for (int32_t i = 0; i < r->n_layers; i++) {
        n += r->layers[i].bit_exact >= 0;
        n_exact += r->layers[i].bit_exact == 1;
    }
    tile_open(f, "bit-exact on the RTL");
    if (!r->verified) {
        html_put(f, "<div class=\"figure\">\u2013</div>"
                    "<div class=\"note\">not verified</div></div>\n");
        return;
    }
    html_put(f, r->bit_exact ? "<div class=\"figure good\">Yes</div>"
                             : "<div class=\"figure bad\">No</div>");
    html_put(f, "<div class=\"note\">");
    if (n > 0)
        html_put(f, "%s of %s layers", format_count(n_exact).s, format_count(n).s);
    if (r->n_verified_images > 0)
        html_put(f, ", %s test images", format_count(r->n_verified_images).s);
    html_put(f, "</div></div>\n");
}

static void tile_cycles(FILE *f, const struct report *r)
{
    const int32_t k = report_metric_find(r, "cycles");
    if (k < 0) return;
    const struct report_metric *m = &r->metrics[k];
    const double cycles = report_metric_value(m);
    tile_open(f, "cycles per image");
    html_put(f, "<div class=\"figure\">%s</div><div class=\"note\">%s",
             format_count(cycles).s,
             isnan(m->meas)                 ? "estimated"
             : fabs(m->meas - m->est) < 0.5 ? "measured, as estimated"
                                            : "measured; the estimate differs");
    if (cycles > 0 && r->clock_mhz > 0)
        html_put(f, "; %s images/s at %s MHz",
                 format_count(floor(r->clock_mhz * 1e6 / cycles)).s,
                 format_count(r->clock_mhz).s);
    html_put(f, "</div></div>\n");
}

status section_verdict(const struct page *p, const struct report *r, struct err *err)
{
    static const char *const class[] = {"good", "bad", "open"};
    static const char *const mark[] = {"\u2713", "\u2717", "\u25cb"};
    const enum verdict v = verdict_of(r);
    const char *sentence = verdict_sentence(r, p->arena);
    if (sentence == NULL) return arena_exhausted(err);
    html_put(p->f,
             "<div class=\"verdict %s\" id=\"verdict\"><span class=\"mark\" "
             "aria-hidden=\"true\">%s</span><span>%s</span></div>\n",
             class[v], mark[v], sentence);
    html_put(p->f, "<div class=\"tiles\">\n");
    tile_accuracy(p->f, r);
    tile_binding(p->f, r);
    tile_exact(p->f, r);
    tile_cycles(p->f, r);
    html_put(p->f, "</div>\n");
    return ST_OK;
}

/* ---- the table of budgets ---- */

static void put_interval(FILE *f, const struct report_metric *m)
{
    html_put(f, "<td>%s", format_count(m->est).s);
    if (m->hi > m->lo)
        html_put(f, " <span class=\"interval\">[%s, %s]</span>", format_count(m->lo).s,
                 format_count(m->hi).s);
    html_put(f, "</td>");
}

static void put_meter(FILE *f, const struct report_metric *m)
{
    if (isinf(m->budget)) {
        html_put(f, "<td></td><td></td><td class=\"text quiet\">no budget</td>");
        return;
    }
    const double ratio = m->budget > 0 ? report_metric_value(m) / m->budget : INFINITY;
    const bool met = report_metric_met(m);
    /* With a budget of 0 the quotient means nothing; the verdict still does. */
    if (isinf(ratio)) {
        html_put(f, "<td></td><td>%s</td>", "\u2013");
    } else {
        fprintf(
            f,
            "<td class=\"text\"><span class=\"meter%s\"><i style=\"width:%.1f%%\"></i>"
            "</span></td>",
            met ? "" : " over", ratio > 1 ? 100.0 : 100 * ratio);
        html_put(f, "<td>%s</td>", format_percent1(ratio).s);
    }
    html_put(f, met ? "<td class=\"text good\">\u2713 met</td>"
                    : "<td class=\"text bad\">\u2717 not met</td>");
}

status section_budgets(const struct page *p, const struct report *r, struct err *err)
{
    FILE *f = p->f;
    (void)err;
    page_section_open(p, "budgets", "Against the budgets");
    html_put(f,
             "<p>Judged by the measurement where there is one, else by the estimate. "
             "Intervals are 90 %% prediction intervals of the cost model.</p>\n"
             "<div class=\"scroll\"><table><thead><tr><th>metric</th><th>estimated</th>"
             "<th class=\"text\">answered by</th><th>measured</th><th>budget</th>"
             "<th class=\"text\" colspan=\"2\">used</th><th class=\"text\"></th></tr>"
             "</thead><tbody>\n");
    for (int32_t i = 0; i < r->n_metrics; i++) {
        const struct report_metric *m = &r->metrics[i];
        html_put(f, "<tr><td>%s</td>", format_metric(m->name));
        put_interval(f, m);
        html_put(f, "<td class=\"text quiet\">%s</td><td>%s</td><td>%s</td>", m->level,
                 format_count(m->meas).s, format_count(m->budget).s);
        put_meter(f, m);
        html_put(f, "</tr>\n");
    }
    html_put(f, "</tbody></table></div>\n");
    page_section_close(p);
    return ST_OK;
}
