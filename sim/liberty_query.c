/* liberty_query.c -- what a library answers once it is read. */
#include <math.h>
#include <string.h>

#include "sim/liberty.h"

const struct liberty_cell *liberty_find(const struct liberty *l, const char *cell)
{
    int32_t lo = 0, hi = l->n_cells;
    while (lo < hi) {
        const int32_t mid = lo + (hi - lo) / 2;
        const int order = strcmp(cell, l->cells[mid].name);
        if (order == 0) return &l->cells[mid];
        if (order < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

const struct liberty_pin *liberty_pin(const struct liberty_cell *c, const char *pin)
{
    for (int32_t i = 0; i < c->n_pins; i++)
        if (strcmp(c->pins[i].name, pin) == 0) return &c->pins[i];
    return NULL;
}

/* Interval of v on the axis and the place in it, [0, 1]. */
static int32_t interval(const double *axis, int32_t n, double v, double *at)
{
    *at = 0;
    if (n == 1 || v <= axis[0]) return 0;
    int32_t i = 0;
    while (i < n - 2 && v > axis[i + 1])
        i++;
    *at = v >= axis[i + 1] ? 1 : (v - axis[i]) / (axis[i + 1] - axis[i]);
    return i;
}

double liberty_table_pj(const struct liberty_table *t, double load_pf, double slew_ns)
{
    double x, y;
    const int32_t i = interval(t->load_pf, t->n_load, load_pf, &x);
    const int32_t k = interval(t->slew_ns, t->n_slew, slew_ns, &y);
    const int32_t i2 = i + (t->n_load > 1), k2 = k + (t->n_slew > 1), n = t->n_slew;
    return (1 - x) * ((1 - y) * t->pj[i * n + k] + y * t->pj[i * n + k2]) +
           x * ((1 - y) * t->pj[i2 * n + k] + y * t->pj[i2 * n + k2]);
}

/* Mean over the conditions and related pins of one supply, from `first` on. */
static double supply_pj(const struct liberty_pin *p, int32_t first, double load_pf,
                        double slew_ns)
{
    double sum = 0;
    int n = 0;
    for (int32_t i = first; i < p->n_powers; i++) {
        const struct liberty_power *w = &p->powers[i];
        if (strcmp(w->supply, p->powers[first].supply) != 0) continue;
        if (w->rise.n_load == 0 && w->fall.n_load == 0) continue;
        /* An absent table is a transition that costs nothing. */
        if (w->rise.n_load) sum += liberty_table_pj(&w->rise, load_pf, slew_ns) / 2;
        if (w->fall.n_load) sum += liberty_table_pj(&w->fall, load_pf, slew_ns) / 2;
        n++;
    }
    return n ? sum / n : NAN;
}

double liberty_pin_pj(const struct liberty_pin *p, double load_pf, double slew_ns)
{
    double sum = NAN;
    for (int32_t i = 0; i < p->n_powers; i++) {
        int32_t first = 0;
        while (strcmp(p->powers[first].supply, p->powers[i].supply) != 0)
            first++;
        if (first != i) continue;
        const double pj = supply_pj(p, i, load_pf, slew_ns);
        if (!isnan(pj)) sum = isnan(sum) ? pj : sum + pj;
    }
    return sum;
}
