#include "sim/mvu_run.h"

#include <stdlib.h>

#include "sim/stream.h"

struct mvu_run {
    struct mvu_config c;
    struct dut *d;
};

enum {
    TIMEOUT_FACTOR = 4, /* over the cycles that stalls are expected to cost */
    TIMEOUT_EXTRA = 10000,
};

/* Ports of one of the two load interfaces. */
struct load_port {
    int en, addr, data;
};

static status bind_load(const struct dut *d, const char *const names[3],
                        struct load_port *p, struct err *err)
{
    TRY(dut_need_port(d, names[0], &p->en, err));
    TRY(dut_need_port(d, names[1], &p->addr, err));
    return dut_need_port(d, names[2], &p->data, err);
}

static status need_bits(const struct dut *d, int port, int32_t bits, const char *name,
                        struct err *err)
{
    if (dut_port_bits(d, port) == bits) return ST_OK;
    return err_set(err, ST_MISMATCH, "module mvu, port %s: expected %d bits, found %d",
                   name, bits, dut_port_bits(d, port));
}

static void load_words(struct dut *d, const struct load_port *p,
                       const struct stream_words *w)
{
    dut_set_u64(d, p->en, 1);
    for (int64_t i = 0; i < w->n; i++) {
        dut_set_u64(d, p->addr, (uint64_t)i);
        dut_set(d, p->data, stream_word(w, i));
        dut_tick(d);
    }
    dut_set_u64(d, p->en, 0);
    dut_eval(d);
}

static status load_weights(const struct mvu_run *r, const int16_t *weights,
                           struct arena *a, struct err *err)
{
    static const char *const names[] = {"i_wload_en", "i_wload_addr", "i_wload_data"};
    const struct mvu_config *c = &r->c;
    const int32_t SF = c->MW / c->SIMD, NF = c->MH / c->PE;
    const int32_t bits = c->PE * c->SIMD * c->wbits;
    struct load_port p;
    struct stream_words w;
    TRY(bind_load(r->d, names, &p, err));
    TRY(need_bits(r->d, p.data, bits, names[2], err));
    TRY(stream_words_new(a, bits, (int64_t)NF * SF, &w, err));
    for (int32_t mh = 0; mh < c->MH; mh++)
        for (int32_t mw = 0; mw < c->MW; mw++) {
            const int64_t word = (int64_t)(mh / c->PE) * SF + mw / c->SIMD;
            const int32_t field = mh % c->PE * c->SIMD + mw % c->SIMD;
            const int16_t q = weights[(size_t)mh * (size_t)c->MW + (size_t)mw];
            dut_pack(stream_word(&w, word), field * c->wbits, c->wbits,
                     quant_encode(q, c->wbits, c->wsigned));
        }
    load_words(r->d, &p, &w);
    return ST_OK;
}

static status load_requant(const struct mvu_run *r, const struct requant *rq,
                           struct arena *a, struct err *err)
{
    static const char *const names[] = {"i_rload_en", "i_rload_addr", "i_rload_data"};
    const struct mvu_config *c = &r->c;
    const int32_t bias_bits = c->acc_bits + REQUANT_MUL_BITS;
    const int32_t lane_bits = REQUANT_MUL_BITS + bias_bits;
    struct load_port p;
    struct stream_words w;
    TRY(bind_load(r->d, names, &p, err));
    TRY(need_bits(r->d, p.data, c->lanes * lane_bits, names[2], err));
    TRY(stream_words_new(a, c->lanes * lane_bits, c->MH / c->lanes, &w, err));
    for (int32_t k = 0; k < c->MH; k++) {
        uint32_t *word = stream_word(&w, k / c->lanes);
        const int32_t at = k % c->lanes * lane_bits + REQUANT_MUL_BITS;
        const uint64_t bias = (uint64_t)rq->bias[k];
        const int32_t low = bias_bits < 32 ? bias_bits : 32;
        dut_pack(word, at - REQUANT_MUL_BITS, REQUANT_MUL_BITS, (uint32_t)rq->mul[k]);
        dut_pack(word, at, low, (uint32_t)bias);
        if (bias_bits > low)
            dut_pack(word, at + low, bias_bits - low, (uint32_t)(bias >> 32));
    }
    load_words(r->d, &p, &w);
    return ST_OK;
}

static status check_requant(const struct mvu_config *c, const struct requant *rq,
                            struct err *err)
{
    if (rq->n == c->MH && rq->shift == c->shift && rq->out_bits == c->out_bits &&
        rq->out_signed == c->out_signed)
        return ST_OK;
    return err_set(
        err, ST_MISMATCH,
        "layer %s: the unit has %d channels, shift %d, %s %d-bit outputs; the "
        "requantiser has %d, %d, %s %d",
        c->name, c->MH, c->shift, c->out_signed ? "signed" : "unsigned", c->out_bits,
        rq->n, rq->shift, rq->out_signed ? "signed" : "unsigned", rq->out_bits);
}

status mvu_run_open(const struct mvu_config *c, const int16_t *weights,
                    const struct requant *rq, const struct dut_options *opt,
                    struct mvu_run **out, struct err *err)
{
    *out = NULL;
    TRY(mvu_config_check(c, err));
    TRY(check_requant(c, rq, err));
    struct arena *a = arena_new();
    struct mvu_run *r = calloc(1, sizeof *r);
    status st = a && r ? ST_OK : arena_exhausted(err);
    if (st == ST_OK) {
        r->c = *c;
        const struct rtl_instance inst = mvu_instance(c);
        st = dut_open_with(&inst, opt, &r->d, err);
    }
    if (st == ST_OK) {
        dut_reset(r->d);
        st = load_weights(r, weights, a, err);
    }
    if (st == ST_OK) st = load_requant(r, rq, a, err);
    if (st == ST_OK)
        *out = r;
    else
        mvu_run_close(r);
    arena_free(a);
    return st;
}

void mvu_run_close(struct mvu_run *r)
{
    if (!r) return;
    dut_close(r->d);
    free(r);
}

status mvu_run_trace(struct mvu_run *r, const char *path, struct err *err)
{
    return dut_trace(r->d, path, err);
}

static void pack_vectors(const struct mvu_config *c, const int16_t *vectors,
                         int32_t n_vec, struct stream_words *w)
{
    const int32_t SF = c->MW / c->SIMD;
    for (int64_t i = 0; i < (int64_t)n_vec * SF; i++)
        for (int32_t s = 0; s < c->SIMD; s++)
            dut_pack(stream_word(w, i), s * c->abits, c->abits,
                     quant_encode(vectors[i * c->SIMD + s], c->abits, c->asigned));
}

static void unpack_outputs(const struct mvu_config *c, const struct stream_words *w,
                           int16_t *outputs)
{
    for (int64_t i = 0; i < w->n; i++)
        for (int32_t lane = 0; lane < c->lanes; lane++) {
            uint32_t code =
                dut_unpack(stream_word(w, i), lane * c->out_bits, c->out_bits);
            outputs[i * c->lanes + lane] =
                (int16_t)quant_decode(code, c->out_bits, c->out_signed);
        }
}

status mvu_run_vectors(struct mvu_run *r, const int16_t *vectors, int32_t n_vec,
                       double p_stall, uint64_t seed, int16_t *outputs, int64_t *cycles,
                       struct err *err)
{
    const struct mvu_config *c = &r->c;
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    struct stream_words in, out;
    const double go = (1 - p_stall) * (1 - p_stall);
    const double limit = TIMEOUT_FACTOR * (double)mvu_cycles(c, n_vec) / go;
    const struct stream_options opt = {.p_stall = p_stall,
                                       .seed = seed,
                                       .timeout_cycles =
                                           (int64_t)limit + TIMEOUT_EXTRA};
    status st;
    TRY_OUT(stream_words_new(a, c->SIMD * c->abits, (int64_t)n_vec * (c->MW / c->SIMD),
                             &in, err));
    TRY_OUT(stream_words_new(a, c->lanes * c->out_bits,
                             (int64_t)n_vec * (c->MH / c->lanes), &out, err));
    pack_vectors(c, vectors, n_vec, &in);
    TRY_OUT(stream_run(r->d, &in, &out, &opt, cycles, err));
    unpack_outputs(c, &out, outputs);
out:
    arena_free(a);
    return st;
}

void mvu_reference(const struct mvu_config *c, const int16_t *weights,
                   const struct requant *rq, const int16_t *vectors, int32_t n_vec,
                   int16_t *outputs)
{
    for (int32_t v = 0; v < n_vec; v++)
        for (int32_t k = 0; k < c->MH; k++) {
            const int16_t *x = vectors + (size_t)v * (size_t)c->MW;
            const int16_t *w = weights + (size_t)k * (size_t)c->MW;
            int32_t acc = 0;
            for (int32_t i = 0; i < c->MW; i++)
                acc += w[i] * x[i];
            outputs[(size_t)v * (size_t)c->MH + (size_t)k] =
                (int16_t)requant_apply(rq, k, acc);
        }
}

status mvu_compare(const struct mvu_config *c, const int16_t *got, const int16_t *want,
                   int32_t n_vec, struct err *err)
{
    const int64_t n = (int64_t)n_vec * c->MH;
    int64_t n_different = 0, first = 0;
    for (int64_t i = n - 1; i >= 0; i--)
        if (got[i] != want[i]) {
            n_different++;
            first = i;
        }
    if (n_different == 0) return ST_OK;
    return err_set(
        err, ST_MISMATCH,
        "layer %s: %lld of %lld outputs differ; first at vector %lld, channel "
        "%lld: expected %d, found %d",
        c->name, (long long)n_different, (long long)n, (long long)(first / c->MH),
        (long long)(first % c->MH), want[first], got[first]);
}
