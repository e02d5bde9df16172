/* job_print.c -- what a run says on stdout: the dry run, the finished plan. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/progress.h"
#include "search/job.h"
#include "search/supernet.h"

/* ---- dry run ---- */

/* The metric that hardware of layers alone is shown by. */
static enum cost_metric layers_metric(const struct job *j)
{
    return j->table ? j->table->metrics[0].metric : COST_LATENCY_US;
}

static void print_table_layers(const struct job *j)
{
    const enum cost_metric m = layers_metric(j);
    printf("layer               MW    MH  n_vec  candidates      %s at w8 a8, w4 a4\n",
           cost_metric_names[m]);
    for (int32_t i = 0; i < j->space->n_layers; i++) {
        const struct space *s = j->space;
        const struct space_cell *x = &s->cell[i][8][8], *y = &s->cell[i][4][4];
        printf("%-16s %5d %5d %6d  w %d..%d  a %d..%d     %12.6g %12.6g\n", x->mvu.name,
               (int)x->mvu.MW, (int)x->mvu.MH, (int)x->mvu.n_vec,
               mask_lowest(s->w_mask[i]), mask_highest(s->w_mask[i]),
               mask_lowest(s->a_mask[i]), mask_highest(s->a_mask[i]),
               x->known ? x->est.metric[m].value : NAN,
               y->known ? y->est.metric[m].value : NAN);
    }
}

/* What the bits do not change. */
static void print_array(const struct job *j)
{
    const struct shared_accel *s = j->shared;
    printf("array %s: %d x %d %s, %g MHz", s->name, (int)s->array.rows,
           (int)s->array.cols, mac_unit_names[s->array.unit.unit], s->clock_mhz);
    for (int m = 0; m < COST_N_METRICS; m++)
        if (!isnan(j->array_cost[m].value))
            printf(", %s %.6g", cost_metric_names[m], j->array_cost[m].value);
    putchar('\n');
}

static void print_layers(const struct job *j)
{
    if (j->shared) print_array(j);
    if (j->table || j->shared) {
        print_table_layers(j);
        return;
    }
    printf("layer               MW    MH  n_vec  candidates      at w4 a4: PE SIMD "
           "cycles    LUT\n");
    for (int32_t i = 0; i < j->space->n_layers; i++) {
        const struct space *s = j->space;
        const int w = mask_count(s->w_mask[i]) > 1 ? 4 : mask_lowest(s->w_mask[i]);
        const int a = mask_count(s->a_mask[i]) > 1 ? 4 : mask_lowest(s->a_mask[i]);
        const struct space_cell *c = &s->cell[i][w][a];
        printf("%-16s %5d %5d %6d  w %d..%d  a %d..%d          %3d %4d %6.0f %6.0f\n",
               c->mvu.name, (int)c->mvu.MW, (int)c->mvu.MH, (int)c->mvu.n_vec,
               mask_lowest(s->w_mask[i]), mask_highest(s->w_mask[i]),
               mask_lowest(s->a_mask[i]), mask_highest(s->a_mask[i]), (int)c->mvu.PE,
               (int)c->mvu.SIMD, c->known ? c->est.metric[COST_CYCLES].value : NAN,
               c->known ? c->est.metric[COST_LUT].value : NAN);
    }
}

static void print_budget(const struct job *j)
{
    char text[256];
    budget_describe(&j->budget, j->budget.limit, text, sizeof text);
    printf("search space: %d decisions, 10^%.1f assignments\n",
           (int)space_n_cells(j->space), space_log10_size(j->space));
    printf("budget: %s\n", text[0] ? text : "none");
}

static void print_uniforms(const struct job *j)
{
    for (int bits = 1; bits <= 8; bits++) {
        struct nn_path path;
        double cost[COST_N_METRICS];
        if (space_uniform(j->space, bits, &path, NULL) != ST_OK) continue;
        space_cost(j->space, &path, cost);
        printf("uniform %d: ", bits);
        for (int m = 0; m < COST_N_METRICS; m++)
            if (isfinite(cost[m])) printf("%s %.6g  ", cost_metric_names[m], cost[m]);
        printf("%s\n", budget_met(&j->budget, cost) ? "within budget" : "over budget");
    }
}

/* Seconds of one training step, mean of a few on the smallest uniform path. */
static status time_steps(struct job *j, bool with_scores, double *seconds,
                         int32_t *steps_per_epoch, struct err *err)
{
    enum { STEPS = 4 }; /* after one that warms the caches */
    const struct search_task task = {.space = j->space,
                                     .graph = j->graph,
                                     .dataset = &j->dataset,
                                     .fp32_backward = j->opt->fp32_backward,
                                     .pool = j->pool,
                                     .seed = j->opt->seed};
    struct supernet net;
    struct nn_scores *scores = ARENA_NEW(j->arena, struct nn_scores, 1);
    struct nn_path path = {{0}, {0}};
    if (!scores) return arena_exhausted(err);
    for (int32_t i = 0; i < j->space->n_layers; i++) {
        path.wbits[i] = (uint8_t)mask_highest(j->space->w_mask[i]);
        path.abits[i] = (uint8_t)mask_highest(j->space->a_mask[i]);
    }
    TRY(supernet_open(&task, 0, &net, err));
    status st = ST_OK;
    double start_s = 0, loss;
    for (int32_t k = 0; k <= STEPS && st == ST_OK; k++) {
        if (k == 1) start_s = clock_now_s();
        st = nn_trainer_step(net.trainer, &j->dataset.train, 0, k % net.steps_per_epoch,
                             &path, 0, &loss, with_scores ? scores : NULL, err);
    }
    *seconds = (clock_now_s() - start_s) / STEPS;
    *steps_per_epoch = net.steps_per_epoch;
    supernet_close(&net);
    return st;
}

status job_dry_run(struct job *j, struct err *err)
{
    double search_s, train_s;
    int32_t n;
    print_layers(j);
    print_budget(j);
    print_uniforms(j);
    TRY(job_load_data(j, err));
    TRY(time_steps(j, true, &search_s, &n, err));
    TRY(time_steps(j, false, &train_s, &n, err));
    const struct job_options *o = j->opt;
    const double baseline =
        o->finetune_epochs + (o->equal_epochs ? ceil(o->epochs) : 0);
    printf("time estimate: search %.0f s, fine-tuning %.0f s for the plan",
           o->epochs * n * search_s, o->finetune_epochs * n * train_s);
    if (o->n_uniform)
        printf(" and %.0f s for each of %d baselines", baseline * n * train_s,
               (int)o->n_uniform);
    putchar('\n');
    return ST_OK;
}

/* ---- the finished plan ---- */

static void print_cost(double v)
{
    if (isnan(v))
        printf(" %12s", "-");
    else
        printf(" %12.6g", v);
}

static void print_by_table(const struct plan *p)
{
    printf("layer            wbits abits   latency us    energy uJ          LUT\n");
    for (int32_t i = 0; i < p->n_layers; i++) {
        const struct plan_layer *l = &p->layers[i];
        printf("%-16s %5d %5d", l->name, (int)l->wbits, (int)l->abits);
        print_cost(l->latency_us);
        print_cost(l->energy_uj);
        print_cost(l->lut);
        putchar('\n');
    }
}

static void print_proxy(const struct plan *p)
{
    if (isnan(p->proxy_value)) return;
    printf("proxy        loss added %.6g", -p->proxy_value);
    if (isfinite(p->proxy_bound)) {
        const double gap = p->proxy_bound - p->proxy_value;
        printf(", by any plan at least %.6g (gap %.2g %%)", -p->proxy_bound,
               p->proxy_value < 0 ? 100 * gap / -p->proxy_value : 0);
    }
    putchar('\n');
}

void job_print_plan(const struct job *j, const struct plan *p)
{
    double cost[COST_N_METRICS];
    char text[256];
    for (int m = 0; m < COST_N_METRICS; m++)
        cost[m] = p->estimate.metric[m].value;
    if (j->shared) print_array(j);
    if (j->table || j->shared) {
        print_by_table(p);
    } else {
        printf("layer            wbits abits   PE SIMD  cycles    LUT\n");
        for (int32_t i = 0; i < p->n_layers; i++) {
            const struct plan_layer *l = &p->layers[i];
            printf("%-16s %5d %5d %4d %4d %7lld %6.0f\n", l->name, (int)l->wbits,
                   (int)l->abits, (int)l->PE, (int)l->SIMD, (long long)l->cycles,
                   l->lut);
        }
    }
    budget_describe(&j->budget, j->budget.limit, text, sizeof text);
    printf("budget       %s\n", text[0] ? text : "none");
    budget_describe(&j->budget, cost, text, sizeof text);
    printf("plan         accuracy %.4f  %s\n", p->accuracy, text);
    for (int32_t i = 0; i < p->n_uniform; i++) {
        const struct plan_uniform *u = &p->uniform[i];
        budget_describe(&j->budget, u->cost, text, sizeof text);
        printf("uniform %d    accuracy %.4f  %s%s\n", (int)u->bits, u->accuracy, text,
               u->budget_met ? "" : "  over budget");
    }
    print_proxy(p);
    printf("fp32         accuracy %.4f  (all on %d test images)\n", p->accuracy_float,
           (int)p->n_test_images);
}

static void set_metrics(json_t *to, const double cost[COST_N_METRICS])
{
    for (int m = 0; m < COST_N_METRICS; m++)
        if (isfinite(cost[m]))
            json_object_set_new(to, cost_metric_names[m], json_real(cost[m]));
}

json_t *job_plan_json(const struct job *j, const struct plan *p)
{
    double cost[COST_N_METRICS];
    for (int m = 0; m < COST_N_METRICS; m++)
        cost[m] = p->estimate.metric[m].value;
    json_t *root = json_object(), *budget = json_object(), *est = json_object(),
           *uniform = json_object(), *layers = json_array();
    json_object_set_new(root, "schema", json_string("bitwright.search/1"));
    json_object_set_new(root, "plan", json_string(j->opt->output));
    json_object_set_new(root, "accuracy", json_real(p->accuracy));
    json_object_set_new(root, "accuracy_float", json_real(p->accuracy_float));
    json_object_set_new(root, "n_test_images", json_integer(p->n_test_images));
    json_object_set_new(root, "budget_met", json_boolean(budget_met(&j->budget, cost)));
    set_metrics(budget, j->budget.limit);
    set_metrics(est, cost);
    for (int32_t i = 0; i < p->n_uniform; i++) {
        const struct plan_uniform *u = &p->uniform[i];
        const char bits[2] = {(char)('0' + u->bits), '\0'};
        json_t *one = json_object();
        json_object_set_new(one, "accuracy", json_real(u->accuracy));
        json_object_set_new(one, "budget_met", json_boolean(u->budget_met));
        set_metrics(one, u->cost);
        json_object_set_new(uniform, bits, one);
    }
    for (int32_t i = 0; i < p->n_layers; i++) {
        json_t *one = json_object();
        json_object_set_new(one, "name", json_string(p->layers[i].name));
        json_object_set_new(one, "wbits", json_integer(p->layers[i].wbits));
        json_object_set_new(one, "abits", json_integer(p->layers[i].abits));
        json_array_append_new(layers, one);
    }
    json_object_set_new(root, "budget", budget);
    json_object_set_new(root, "estimate", est);
    json_object_set_new(root, "uniform", uniform);
    json_object_set_new(root, "layers", layers);
    return root;
}
