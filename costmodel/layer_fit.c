/* layer_fit.c -- the formula of a layer from its points, and how far off it is on
 * points it has not seen.
 *
 * Roofline.  Without noise every coefficient of a term that binds somewhere is the
 * least ratio value / size over the points, for a maximum never lies below one of its
 * terms.  Every subset of the terms starts there and is refined: each point goes to the
 * term that is largest at it, each term is fitted to its points by relative least
 * squares,
 *
 *   minimise sum (c x / y - 1)^2   =>   c = sum(x / y) / sum((x / y)^2)
 *
 * until nothing changes.  Among the subsets the one with the least
 *
 *   n log(mean squared error + NOISE^2) + k log(n)
 *
 * is kept (Schwarz 1978): a term that hardly binds at any point is left out, rather
 * than fitted to noise and trusted where nothing was measured. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "costmodel/layer_table.h"
#include "costmodel/nnls.h"

const char *const layer_form_names[] = {"roofline", "sum", NULL};

enum { N_ROOF = 3, CELLS = 64, REFINEMENTS = 20 };

struct points {
    int32_t n;
    int32_t w[CELLS], a[CELLS];
    double y[CELLS];
};

static double size_of(int k, int w, int a)
{
    return k == 0 ? (double)w * a : k == 1 ? a : k == 2 ? w : 1;
}

double layer_formula_eval(const struct layer_formula *f, enum layer_form form, int w,
                          int a)
{
    double sum = 0, most = 0;
    for (int k = 0; k < LAYER_N_COEFFICIENTS; k++) {
        const double v = f->coefficient[k] * size_of(k, w, a);
        sum += v;
        most = fmax(most, v);
    }
    return form == LAYER_SUM ? sum : most;
}

static double squares(const struct points *p, const struct layer_formula *f,
                      enum layer_form form)
{
    double sum = 0;
    for (int32_t i = 0; i < p->n; i++) {
        const double e = layer_formula_eval(f, form, p->w[i], p->a[i]) / p->y[i] - 1;
        sum += e * e;
    }
    return sum;
}

/* ---- roofline ---- */

static int largest_term(const struct layer_formula *f, int w, int a)
{
    int best = 0;
    for (int k = 1; k < N_ROOF; k++)
        if (f->coefficient[k] * size_of(k, w, a) >
            f->coefficient[best] * size_of(best, w, a))
            best = k;
    return best;
}

static void refine(const struct points *p, struct layer_formula *f)
{
    double x[N_ROOF] = {0}, xx[N_ROOF] = {0};
    for (int32_t i = 0; i < p->n; i++) {
        const int k = largest_term(f, p->w[i], p->a[i]);
        const double r = size_of(k, p->w[i], p->a[i]) / p->y[i];
        x[k] += r;
        xx[k] += r * r;
    }
    for (int k = 0; k < N_ROOF; k++) /* a term that binds nowhere stays as it is */
        if (xx[k] > 0) f->coefficient[k] = x[k] / xx[k];
}

/* Relative noise of a measurement below which a better fit means nothing. */
#define NOISE 0.005

static double criterion(const struct points *p, const struct layer_formula *f)
{
    double k = 0;
    for (int i = 0; i < N_ROOF; i++)
        k += f->coefficient[i] > 0;
    return p->n * log(squares(p, f, LAYER_ROOFLINE) / p->n + NOISE * NOISE) +
           k * log(p->n);
}

static void fit_roofline(const struct points *p, struct layer_formula *out)
{
    double least[N_ROOF], best = INFINITY;
    for (int k = 0; k < N_ROOF; k++) {
        least[k] = INFINITY;
        for (int32_t i = 0; i < p->n; i++)
            least[k] = fmin(least[k], p->y[i] / size_of(k, p->w[i], p->a[i]));
    }
    for (int mask = 1; mask < 1 << N_ROOF; mask++) {
        struct layer_formula f = *out;
        for (int k = 0; k < LAYER_N_COEFFICIENTS; k++)
            f.coefficient[k] = k < N_ROOF && mask >> k & 1 ? least[k] : 0;
        for (int round = 0; round <= REFINEMENTS; round++) {
            const double e = criterion(p, &f);
            if (e < best - 1e-12) {
                best = e;
                *out = f;
            }
            refine(p, &f);
        }
    }
}

/* ---- sum ---- */

/* The columns of the system that are not combinations of those before them. */
static int32_t independent(const struct nnls_system *s, int32_t n_cols,
                           int32_t *columns)
{
    int32_t n = 0;
    for (int32_t k = 0; k < n_cols; k++) {
        columns[n] = k;
        if (nnls_collinear(s, n + 1, columns, NULL) < 0) n++;
    }
    return n;
}

static status reduce(const struct points *p, int32_t n_cols, struct arena *scratch,
                     struct nnls_system *s, struct err *err)
{
    double a[CELLS * LAYER_N_COEFFICIENTS], b[CELLS];
    for (int32_t i = 0; i < p->n; i++) {
        b[i] = 1;
        for (int32_t k = 0; k < n_cols; k++)
            a[i * n_cols + k] = size_of(k, p->w[i], p->a[i]) / p->y[i];
    }
    return nnls_reduce(p->n, n_cols, a, b, scratch, s, err);
}

/* True if the points tell W A, A and W apart. */
static status tells_apart(const struct points *p, struct arena *scratch, bool *out,
                          struct err *err)
{
    struct nnls_system s;
    int32_t columns[N_ROOF + 1];
    *out = false;
    if (p->n < N_ROOF) return ST_OK;
    TRY(reduce(p, N_ROOF, scratch, &s, err));
    *out = independent(&s, N_ROOF, columns) == N_ROOF;
    return ST_OK;
}

static status fit_sum(const struct points *p, struct arena *scratch,
                      struct layer_formula *out, struct err *err)
{
    struct nnls_system s;
    int32_t columns[LAYER_N_COEFFICIENTS + 1];
    double x[LAYER_N_COEFFICIENTS] = {0};
    TRY(reduce(p, LAYER_N_COEFFICIENTS, scratch, &s, err));
    const int32_t n = independent(&s, LAYER_N_COEFFICIENTS, columns);
    nnls_solve(&s, n, columns, x);
    for (int32_t k = 0; k < n; k++)
        out->coefficient[columns[k]] = x[k];
    return ST_OK;
}

/* ---- one layer ---- */

static status fit_points(const struct points *p, enum layer_form form,
                         struct layer_formula *out, struct err *err)
{
    *out = (struct layer_formula){.w_lo = 8, .w_hi = 1, .a_lo = 8, .a_hi = 1};
    for (int32_t i = 0; i < p->n; i++) {
        if (p->w[i] < out->w_lo) out->w_lo = p->w[i];
        if (p->w[i] > out->w_hi) out->w_hi = p->w[i];
        if (p->a[i] < out->a_lo) out->a_lo = p->a[i];
        if (p->a[i] > out->a_hi) out->a_hi = p->a[i];
    }
    struct arena *scratch = arena_new();
    if (!scratch) return arena_exhausted(err);
    status st = tells_apart(p, scratch, &out->known, err);
    if (st == ST_OK && out->known) {
        if (form == LAYER_ROOFLINE)
            fit_roofline(p, out);
        else
            st = fit_sum(p, scratch, out, err);
    }
    arena_free(scratch);
    return st;
}

static void points_of(const struct layer_series *s, struct points *out)
{
    out->n = 0;
    for (int w = 8; w > 0; w--)
        for (int a = 8; a > 0; a--) {
            if (isnan(s->value[w][a])) continue;
            out->w[out->n] = w;
            out->a[out->n] = a;
            out->y[out->n++] = s->value[w][a];
        }
}

/* Room for held-out estimates of all points of a metric. */
struct held_out {
    int32_t n;
    double *estimates, *measured;
    int32_t *group;
};

static status held_out_room(const struct layer_metric *m, int32_t n_layers,
                            struct arena *a, struct held_out *h, struct err *err)
{
    size_t n = 1;
    for (int32_t l = 0; l < n_layers; l++)
        n += (size_t)m->layers[l].n_points;
    h->n = 0;
    h->estimates = ARENA_NEW(a, double, n);
    h->measured = ARENA_NEW(a, double, n);
    h->group = ARENA_NEW(a, int32_t, n);
    return h->estimates && h->measured && h->group ? ST_OK : arena_exhausted(err);
}

static void held_out_add(struct held_out *h, double estimate, double measured,
                         int32_t group)
{
    h->estimates[h->n] = estimate;
    h->measured[h->n] = measured;
    h->group[h->n++] = group;
}

/* Every point of a layer from the others. */
static status leave_one_out(const struct layer_series *s, enum layer_form form,
                            int32_t group, struct held_out *h, struct err *err)
{
    struct points all, rest;
    points_of(s, &all);
    for (int32_t i = 0; i < all.n; i++) {
        struct layer_formula f;
        rest = all;
        rest.n--;
        rest.w[i] = all.w[rest.n];
        rest.a[i] = all.a[rest.n];
        rest.y[i] = all.y[rest.n];
        TRY(fit_points(&rest, form, &f, err));
        if (f.known)
            held_out_add(h, layer_formula_eval(&f, form, all.w[i], all.a[i]), all.y[i],
                         group);
    }
    return ST_OK;
}

static double mean_error(const struct held_out *h, double *max)
{
    double sum = 0;
    *max = 0;
    for (int32_t i = 0; i < h->n; i++) {
        const double e = fabs(h->estimates[i] / h->measured[i] - 1);
        sum += e;
        *max = fmax(*max, e);
    }
    return h->n ? sum / h->n : NAN;
}

/* ---- a metric ---- */

static status try_form(const struct layer_table *t, struct layer_metric *m,
                       enum layer_form form, double *best, struct err *err)
{
    struct held_out h;
    double max;
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    status st = held_out_room(m, t->n_layers, a, &h, err);
    for (int32_t l = 0; l < t->n_layers && st == ST_OK; l++)
        if (m->layers[l].n_points >= LAYER_TABLE_MIN_POINTS)
            st = leave_one_out(&m->layers[l], form, l, &h, err);
    if (st == ST_OK) m->form_error[form] = mean_error(&h, &max);
    if (st == ST_OK && h.n && m->form_error[form] < *best) {
        *best = m->form_error[form];
        m->form = form;
        m->n_held_out = h.n;
        const struct fit_estimates e = {h.n, h.estimates, h.measured, 0, h.group};
        st = fit_error_of(&e, a, NULL, &m->held_out, err);
    }
    arena_free(a);
    return st;
}

static status fit_metric(const struct layer_table *t, struct layer_metric *m,
                         struct err *err)
{
    double best = INFINITY;
    m->n_held_out = 0;
    for (int form = 0; form < LAYER_N_FORMS; form++)
        TRY(try_form(t, m, (enum layer_form)form, &best, err));
    for (int32_t l = 0; l < t->n_layers; l++) {
        struct points p;
        m->layers[l].formula = (struct layer_formula){.known = false};
        if (!m->n_held_out || m->layers[l].n_points < LAYER_TABLE_MIN_POINTS) continue;
        points_of(&m->layers[l], &p);
        TRY(fit_points(&p, m->form, &m->layers[l].formula, err));
    }
    return ST_OK;
}

status layer_table_fit(struct layer_table *t, struct err *err)
{
    for (int32_t i = 0; i < t->n_metrics; i++)
        TRY(fit_metric(t, &t->metrics[i], err));
    return ST_OK;
}

/* ---- how many points are enough ---- */

static double distance2(const struct points *p, int32_t i, int32_t k)
{
    const double w = log((double)p->w[i] / p->w[k]), a = log((double)p->a[i] / p->a[k]);
    return w * w + a * a;
}

/* Moves n points that lie far from each other to the front: the first, which has most
 * bits, then again and again the one farthest from those that were chosen. */
static void spread(struct points *p, int32_t n)
{
    for (int32_t k = 1; k < n; k++) {
        int32_t far = k;
        double most = -1;
        for (int32_t i = k; i < p->n; i++) {
            double nearest = INFINITY;
            for (int32_t c = 0; c < k; c++)
                nearest = fmin(nearest, distance2(p, i, c));
            if (nearest <= most) continue;
            most = nearest;
            far = i;
        }
        const struct points old = *p;
        p->w[k] = old.w[far];
        p->a[k] = old.a[far];
        p->y[k] = old.y[far];
        p->w[far] = old.w[k];
        p->a[far] = old.a[k];
        p->y[far] = old.y[k];
    }
}

status layer_table_try_points(const struct layer_table *t, int32_t i_metric, int32_t n,
                              int32_t *n_out, double *mean, double *max,
                              struct err *err)
{
    const struct layer_metric *m = &t->metrics[i_metric];
    struct held_out h;
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    status st = held_out_room(m, t->n_layers, a, &h, err);
    for (int32_t l = 0; l < t->n_layers && st == ST_OK; l++) {
        struct points p, few;
        struct layer_formula f;
        points_of(&m->layers[l], &p);
        if (p.n <= n) continue;
        spread(&p, n);
        few = p;
        few.n = n;
        st = fit_points(&few, m->form, &f, err);
        for (int32_t i = n; i < p.n && st == ST_OK && f.known; i++)
            held_out_add(&h, layer_formula_eval(&f, m->form, p.w[i], p.a[i]), p.y[i],
                         l);
    }
    if (st == ST_OK) *mean = mean_error(&h, max);
    *n_out = st == ST_OK ? h.n : 0;
    arena_free(a);
    return st;
}
