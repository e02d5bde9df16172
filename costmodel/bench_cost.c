/* bench_cost.c -- layer costs per second, with and without a table entry. */
#include "costmodel/bench_cost.h"

#include <math.h>
#include <time.h>

#include "costmodel/energy.h"
#include "costmodel/model_internal.h"
#include "costmodel/terms.h"
#include "nn/quant.h"

enum { N_LAYERS = 64 }; /* one mvu at all precisions of 1..8 x 1..8 bits */

static void fill_layers(struct mvu_config layers[N_LAYERS])
{
    for (int i = 0; i < N_LAYERS; i++) {
        struct mvu_config *c = &layers[i];
        *c = (struct mvu_config){.name = "bench",
                                 .MW = 144,
                                 .MH = 32,
                                 .PE = 8,
                                 .SIMD = 16,
                                 .n_vec = 196,
                                 .wbits = i / 8 + 1,
                                 .abits = i % 8 + 1,
                                 .wsigned = true,
                                 .out_bits = i % 8 + 1,
                                 .mul = RTL_MUL_LUT,
                                 .requant_mul = RTL_MUL_DSP,
                                 .weight_ram = RTL_RAM_LUT};
        c->acc_bits = quant_acc_bits(c->MW, c->wbits, true, c->abits, false);
        c->shift = c->acc_bits < 20 ? c->acc_bits : 20;
        c->lanes = mvu_lanes(c->PE, c->MW / c->SIMD);
    }
}

/* A formula of five terms for every class that the layers need. */
static void fill_fits(struct model_toolchain *t)
{
    for (int m = 0; m < ELEMENT_N_MODULES; m++)
        for (int32_t c = 0; c < element_n_classes((enum element_module)m); c++) {
            struct model_fit *f = &t->fits[t->n_fits++];
            *f = (struct model_fit){.module = (enum element_module)m,
                                    .i_class = c,
                                    .metric = ELEMENT_LUT,
                                    .formula.n_terms = 5};
            for (int32_t i = 0; i < 5; i++) {
                f->formula.terms[i] = i;
                f->formula.coefficients[i] = 1;
            }
            for (int i = 0; i < BOX_N; i++)
                f->box_hi[i] = 65536;
        }
}

static status build(struct arena *a, const struct mvu_config *layers, bool with_table,
                    struct cost_model **out, struct err *err)
{
    const size_t n_fits = (size_t)ELEMENT_N_MODULES * ELEMENT_N_CLASSES;
    struct cost_model *m = *out = ARENA_NEW(a, struct cost_model, 1);
    if (!m) return arena_exhausted(err);
    struct model_toolchain *t = &m->toolchains[m->n_toolchains++];
    t->fits = ARENA_NEW(a, struct model_fit, n_fits);
    t->elements = ARENA_NEW(a, struct model_element, 2 * N_LAYERS);
    if (!t->fits || !t->elements) return arena_exhausted(err);
    fill_fits(t);
    TRY(model_index(t, a, err));
    for (int i = 0; i < N_LAYERS && with_table; i++) {
        const struct mac_config mac = mvu_mac(&layers[i]);
        const struct requant_config requant = mvu_requant(&layers[i]);
        const struct element pair[2] = {element_of_mac(&mac),
                                        element_of_requant(&requant)};
        for (int k = 0; k < 2; k++) {
            struct model_element *e = &t->elements[t->n_elements];
            if (model_find(t, &pair[k])) continue;
            *e = (struct model_element){.e = pair[k]};
            for (int metric = 0; metric < ELEMENT_N_METRICS; metric++)
                e->value[metric] = metric == ELEMENT_LUT ? 100 : NAN;
            t->n_elements++;
            TRY(model_index(t, a, err));
        }
    }
    return ST_OK;
}

/* CPU time of this process [s]: what a core does, whatever else the machine does. */
static double cpu_now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static status run(const struct cost_model *m, const struct mvu_config *layers,
                  double seconds, int64_t *n, double *per_s, struct err *err)
{
    const struct energy_profile profile = {.name = "bench", .mul_pj_per_bit2 = 1};
    const struct energy_source energy = {.profile = &profile, .scale = 1};
    const double start = cpu_now_s();
    double now = start, sum = 0;
    for (*n = 0; now - start < seconds; now = cpu_now_s())
        for (int round = 0; round < 1000; round++, *n += N_LAYERS)
            for (int i = 0; i < N_LAYERS; i++) {
                struct cost_estimate e;
                TRY(cost_mvu(m, 0, &layers[i], &energy, &e, err));
                sum += e.metric[COST_LUT].value;
            }
    *per_s = (double)*n / (now - start);
    /* The sum keeps the loop from being optimised away. */
    return sum > 0 ? ST_OK : err_set(err, ST_MISMATCH, "bench: costs add up to 0");
}

status bench_cost(double seconds, struct bench_cost_result *out, struct err *err)
{
    struct mvu_config layers[N_LAYERS];
    struct cost_model *m;
    status st;
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    fill_layers(layers);
    TRY_OUT(build(a, layers, true, &m, err));
    TRY_OUT(run(m, layers, seconds, &out->n_table, &out->table_per_s, err));
    TRY_OUT(build(a, layers, false, &m, err));
    TRY_OUT(run(m, layers, seconds, &out->n_formula, &out->formula_per_s, err));
out:
    arena_free(a);
    return st;
}

json_t *bench_cost_json(const struct bench_cost_result *r)
{
    return json_pack("{s:f, s:f, s:s}", "table_per_s", r->table_per_s, "formula_per_s",
                     r->formula_per_s, "unit", "layer costs per second and core");
}

static status run_figure(double seconds, FILE *f, struct err *err)
{
    struct bench_cost_result r;
    TRY(bench_cost(seconds, &r, err));
    fprintf(f,
            "by table   %.3g layer costs/s/core\nby formula %.3g layer costs/s/core\n",
            r.table_per_s, r.formula_per_s);
    return ST_OK;
}

const struct bench_figure cost_figure = {"cost", "the cost model's answers per second",
                                         run_figure};
