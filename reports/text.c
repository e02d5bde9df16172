/* text.c -- see text.h. */
#include "reports/text.h"

#include <math.h>
#include <string.h>

#include "reports/format.h"
#include "reports/sections.h"

/* The name without control characters (a terminal would obey them), in arena. */
static const char *plain(const char *name, struct arena *a)
{
    char *copy = arena_strdup(a, name);
    for (char *p = copy; p != NULL && *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f) *p = '?';
    return copy == NULL ? "?" : copy;
}

static void put_budgets(FILE *f, const struct report *r, struct arena *a)
{
    fprintf(f, "\n%-24s %14s %14s %14s %9s\n", "metric", "estimated", "measured",
            "budget", "used");
    for (int32_t i = 0; i < r->n_metrics; i++) {
        const struct report_metric *m = &r->metrics[i];
        const bool limited = !isinf(m->budget);
        fprintf(f, "%-24s %14s %14s %14s %9s%s\n", plain(format_metric(m->name), a),
                format_count(m->est).s, isnan(m->meas) ? "-" : format_count(m->meas).s,
                limited ? format_count(m->budget).s : "-",
                limited ? format_percent1(report_metric_value(m) / m->budget).s : "-",
                !limited               ? ""
                : report_metric_met(m) ? "  met"
                                       : "  NOT MET");
    }
}

static void put_accuracies(FILE *f, const struct report *r)
{
    const int32_t k = report_binding_metric(r);
    fprintf(f, "\n%-24s %14s %14s  budgets, by estimate\n", "accuracy", "test set",
            r->metrics[k].name);
    fprintf(f, "%-24s %14s %14s  %s\n", "plan", format_percent(r->accuracy).s,
            format_count(r->metrics[k].est).s,
            report_budgets_met_by_estimate(r) ? "met" : "NOT MET");
    for (int32_t i = 0; i < r->n_uniform; i++) {
        const struct report_uniform *u = &r->uniform[i];
        char name[32];
        snprintf(name, sizeof name, "uniform %d bits", u->bits);
        fprintf(f, "%-24s %14s %14s  %s\n", name, format_percent(u->accuracy).s,
                isnan(u->cost[k]) ? "-" : format_count(u->cost[k]).s,
                u->budget_met ? "met" : "NOT MET");
    }
}

static void put_bar(FILE *f, int32_t bits, bool to_left)
{
    char bar[9] = "        ";
    for (int32_t i = 0; i < bits && i < 8; i++)
        bar[to_left ? 7 - i : i] = to_left ? '=' : '#';
    fputs(bar, f);
}

static void put_layers(FILE *f, const struct report *r, struct arena *a)
{
    fprintf(f, "\n%-24s %11s %-11s %10s %10s\n", "layer", "weights", "activations",
            "LUT est.", "LUT meas.");
    for (int32_t i = 0; i < r->n_layers; i++) {
        const struct report_layer *l = &r->layers[i];
        fprintf(f, "%-24s %d ", plain(l->name, a), l->wbits);
        put_bar(f, l->wbits, true);
        putc('|', f);
        put_bar(f, l->abits, false);
        fprintf(f, " %-2d %10s %10s%s\n", l->abits, format_whole(l->est_lut).s,
                isnan(l->meas_lut) ? "-" : format_whole(l->meas_lut).s,
                l->bit_exact == 0 ? "  NOT BIT-EXACT" : "");
    }
}

status report_text_write(const struct report *r, FILE *f, struct arena *a,
                         struct err *err)
{
    const char *sentence = verdict_sentence(r, a);
    if (sentence == NULL) return arena_exhausted(err);
    fprintf(f, "%s\n", plain(sentence, a));
    put_budgets(f, r, a);
    put_accuracies(f, r);
    put_layers(f, r, a);
    if (ferror(f)) return err_set(err, ST_IO, "cannot write the summary");
    return ST_OK;
}
