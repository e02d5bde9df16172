/* verify_layer.c -- one layer of a plan on the RTL: its images through the unit,
 * compared with the integer engine word by word, and its cycles with the plan's. */
#include "base/interrupt.h"
#include "base/progress.h"
#include "sim/mvu_run.h"
#include "sim/verify_internal.h"

/* What one layer's runs need. */
struct bench {
    const struct verify_inputs *in;
    const struct verify_options *opt;
    struct verify_layer *layer;
    struct mvu_run *unit;
    int32_t i_layer;
    bool is_last;
    int16_t *outputs; /* (n_vec, MH) */
};

/* First maximum, as nn/qnet.h defines the class. */
static uint16_t class_of(const int16_t *logits, int32_t n)
{
    int32_t best = 0;
    for (int32_t k = 1; k < n; k++)
        if (logits[k] > logits[best]) best = k;
    return (uint16_t)best;
}

static status check_trace(const struct mvu_config *c, const struct qnet_trace *t,
                          struct err *err)
{
    if (t->MW == c->MW && t->MH == c->MH && t->n_vec == c->n_vec) return ST_OK;
    return err_set(
        err, ST_MISMATCH,
        "layer %s: the configuration has MW %d, MH %d, n_vec %d; the network "
        "%d, %d, %d",
        c->name, c->MW, c->MH, c->n_vec, t->MW, t->MH, t->n_vec);
}

/* One image; without stalls also its cycles. */
static status run_image(struct bench *b, int32_t image, double p_stall, struct err *err)
{
    struct verify_layer *l = b->layer;
    const struct mvu_config *c = l->mvu;
    const struct qnet_trace *t = &b->in->traces[image][b->i_layer];
    const uint64_t seed = b->opt->seed + (uint64_t)image;
    int64_t cycles = 0;
    TRY(check_trace(c, t, err));
    TRY(mvu_run_vectors(b->unit, t->vectors, t->n_vec, p_stall, seed, b->outputs,
                        &cycles, err));
    if (p_stall <= 0) {
        l->meas_cycles = cycles;
        if (cycles != mvu_cycles(c, t->n_vec))
            return err_set(err, ST_MISMATCH,
                           "layer %s: expected %lld cycles, found %lld", c->name,
                           (long long)mvu_cycles(c, t->n_vec), (long long)cycles);
    }
    if (b->is_last) b->in->rtl_classes[image] = class_of(b->outputs, c->MH);
    return mvu_compare(c, b->outputs, t->outputs, t->n_vec, err);
}

/* Even images without stalls, odd ones with; a single image both ways. */
static status run_images(struct bench *b, struct err *err)
{
    const int32_t n = b->opt->n_images;
    for (int32_t i = 0; i < n; i++) {
        if (interrupt_requested())
            return interrupt_status(err, "run it again; built models are kept");
        if (i % 2 == 0) TRY(run_image(b, i, 0, err));
        if (i % 2 == 1 || n == 1) TRY(run_image(b, i, b->opt->p_stall, err));
    }
    return ST_OK;
}

static status open_unit(struct bench *b, const struct qnet_layer *q, struct arena *a,
                        struct err *err)
{
    const struct mvu_config *c = b->layer->mvu;
    const size_t n = (size_t)c->MH * (size_t)c->MW;
    int16_t *weights = ARENA_NEW(a, int16_t, n);
    b->outputs = ARENA_NEW(a, int16_t, (size_t)c->n_vec * (size_t)c->MH);
    if (!weights || !b->outputs) return arena_exhausted(err);
    for (size_t i = 0; i < n; i++)
        weights[i] = q->weights[i];
    struct dut_options d = dut_defaults();
    d.opt_level =
        dut_opt_level((double)n * (double)c->n_vec * (double)b->opt->n_images);
    return mvu_run_open(c, weights, &q->requant, &d, &b->unit, err);
}

/* A difference is a finding; anything else stops the verification. */
static status settle(struct verify_layer *l, status st, const struct err *why,
                     struct err *err)
{
    l->bit_exact = st == ST_OK;
    if (st != ST_OK && st != ST_MISMATCH) return err_set(err, st, "%s", why->msg);
    l->st = st;
    l->why = *why;
    return ST_OK;
}

status verify_run_layer(const struct verify_inputs *in,
                        const struct verify_options *opt, struct verify_result *out,
                        int32_t i, struct err *err)
{
    struct bench b = {.in = in,
                      .opt = opt,
                      .layer = &out->layers[i],
                      .i_layer = i,
                      .is_last = i == out->n_layers - 1};
    struct err why = {0};
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    const double start = clock_now_s();
    status st = open_unit(&b, qnet_layer(in->net, i), a, &why);
    b.layer->build_s = clock_now_s() - start;
    if (st == ST_OK) st = run_images(&b, &why);
    b.layer->sim_s = clock_now_s() - start - b.layer->build_s;
    mvu_run_close(b.unit);
    arena_free(a);
    return settle(b.layer, st, &why, err);
}
