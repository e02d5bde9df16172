/* artefacts.c -- loads the artefacts in order and answers the questions about them
 * that more than one section of the page asks. */
#include "reports/artefacts.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"

status report_load(const struct report_paths *paths, struct arena *a,
                   struct report *out, struct err *err)
{
    memset(out, 0, sizeof *out);
    TRY(report_read_plan(paths->plan, a, out, err));
    if (out->accel[0] != '\0') {
        const char *accel = file_beside(a, paths->plan, out->accel);
        if (accel == NULL) return arena_exhausted(err);
        if (file_exists(accel)) TRY(report_read_accel(accel, a, out, err));
    }
    if (paths->verify != NULL) TRY(report_read_verify(paths->verify, a, out, err));
    if (paths->cost != NULL) TRY(report_read_cost(paths->cost, a, out, err));
    if (paths->parity != NULL)
        TRY(report_parity_read(paths->parity, a, &out->files, &out->parity, err));
    return ST_OK;
}

static const struct report_file *file_of(const struct report *r, const char *role)
{
    for (int32_t i = 0; i < r->files.n; i++)
        if (strcmp(r->files.file[i].role, role) == 0) return &r->files.file[i];
    return NULL;
}

bool report_same_cost(const struct report *r)
{
    const struct report_file *plan = file_of(r, "plan"),
                             *cost = file_of(r, "cost model");
    bool any = false;
    if (plan == NULL || cost == NULL) return true;
    const struct hash_key key = hash_of_bytes(cost->text, cost->size);
    for (int32_t i = 0; i < plan->n_pairs; i++) {
        if (strncmp(plan->pairs[i].key, "inputs ", 7) != 0) continue;
        if (strcmp(plan->pairs[i].value, key.hex) == 0) return true;
        any = true;
    }
    return !any;
}

bool report_by_table(const struct report *r) { return strcmp(r->target, "none") == 0; }

int32_t report_metric_find(const struct report *r, const char *name)
{
    for (int32_t i = 0; i < r->n_metrics; i++)
        if (strcmp(r->metrics[i].name, name) == 0) return i;
    return -1;
}

struct report_layer *report_layer_find(struct report *r, const char *name)
{
    for (int32_t i = 0; i < r->n_layers; i++)
        if (strcmp(r->layers[i].name, name) == 0) return &r->layers[i];
    return NULL;
}

double report_metric_value(const struct report_metric *m)
{
    return isnan(m->meas) ? m->est : m->meas;
}

bool report_metric_met(const struct report_metric *m)
{
    return report_metric_value(m) <= m->budget;
}

int32_t report_binding_metric(const struct report *r)
{
    int32_t lut = report_metric_find(r, "lut");
    int32_t best = lut < 0 ? 0 : lut;
    double best_ratio = -1;
    for (int32_t i = 0; i < r->n_metrics; i++) {
        const struct report_metric *m = &r->metrics[i];
        if (isinf(m->budget) || isnan(m->est)) continue;
        double ratio = m->budget > 0 ? m->est / m->budget : m->est;
        if (ratio > best_ratio) {
            best = i;
            best_ratio = ratio;
        }
    }
    return best;
}

const struct report_uniform *report_best_uniform(const struct report *r)
{
    const struct report_uniform *best = NULL;
    for (int32_t i = 0; i < r->n_uniform; i++) {
        const struct report_uniform *u = &r->uniform[i];
        if (u->budget_met && (best == NULL || u->accuracy > best->accuracy)) best = u;
    }
    return best;
}

const char *report_parity_toolchain(const struct report *r)
{
    const char *first = "";
    for (int32_t i = 0; i < r->parity.n; i++) {
        const struct report_point *p = &r->parity.points[i];
        if (strcmp(p->metric, "lut") != 0) continue;
        if (strcmp(p->toolchain, r->target) == 0) return r->target;
        if (first[0] == '\0') first = p->toolchain;
    }
    return first;
}

double report_worst_lut_error(const struct report *r)
{
    double worst = NAN;
    for (int32_t i = 0; i < r->n_layers; i++) {
        const struct report_layer *l = &r->layers[i];
        if (isnan(l->meas_lut) || l->meas_lut <= 0) continue;
        double e = fabs(l->est_lut / l->meas_lut - 1);
        if (isnan(worst) || e > worst) worst = e;
    }
    return worst;
}

bool report_budgets_met(const struct report *r)
{
    if (r->verified && !r->budget_met) return false;
    for (int32_t i = 0; i < r->n_metrics; i++)
        if (!report_metric_met(&r->metrics[i])) return false;
    return true;
}

bool report_budgets_met_by_estimate(const struct report *r)
{
    for (int32_t i = 0; i < r->n_metrics; i++)
        if (r->metrics[i].est > r->metrics[i].budget) return false;
    return true;
}
