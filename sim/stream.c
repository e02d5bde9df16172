#include "sim/stream.h"

#include <stdio.h>
#include <string.h>

enum { IDLE_CYCLES = 8 }; /* watched for a word too many after the last one */

status stream_words_new(struct arena *a, int32_t bits, int64_t n,
                        struct stream_words *out, struct err *err)
{
    *out = (struct stream_words){.bits = bits, .n_words32 = (bits + 31) / 32, .n = n};
    out->data = arena_alloc(a, (size_t)(n > 0 ? n : 1),
                            (size_t)out->n_words32 * sizeof *out->data);
    return out->data ? ST_OK : arena_exhausted(err);
}

uint32_t *stream_word(const struct stream_words *w, int64_t i)
{
    return w->data + i * w->n_words32;
}

static status need(const struct dut *d, const char *name, const char *part, int *port,
                   struct err *err)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%s_%s", name, part);
    return dut_need_port(d, text, port, err);
}

static status bind(struct stream_port *p, struct dut *d, const char *name,
                   struct stream_words *words, const struct stream_options *opt,
                   uint64_t rng_stream, struct arena *a, struct err *err)
{
    *p = (struct stream_port){.d = d, .words = words, .p_stall = opt->p_stall};
    p->rng = rng_seed(opt->seed, rng_stream);
    TRY(need(d, name, "data", &p->data, err));
    TRY(need(d, name, "valid", &p->valid, err));
    TRY(need(d, name, "ready", &p->ready, err));
    if (dut_port_bits(d, p->data) != words->bits)
        return err_set(err, ST_MISMATCH,
                       "module %s, port %s_data: expected %d bits, found %d",
                       dut_module(d), name, words->bits, dut_port_bits(d, p->data));
    p->held = ARENA_NEW(a, uint32_t, (size_t)words->n_words32);
    p->now = ARENA_NEW(a, uint32_t, (size_t)words->n_words32);
    return p->held && p->now ? ST_OK : arena_exhausted(err);
}

status stream_source_init(struct stream_port *p, struct dut *d, const char *name,
                          struct stream_words *words, const struct stream_options *opt,
                          struct arena *a, struct err *err)
{
    return bind(p, d, name, words, opt, 1, a, err);
}

status stream_sink_init(struct stream_port *p, struct dut *d, const char *name,
                        struct stream_words *words, const struct stream_options *opt,
                        struct arena *a, struct err *err)
{
    return bind(p, d, name, words, opt, 2, a, err);
}

static bool stalls(struct stream_port *p)
{
    return p->p_stall > 0 && rng_unit(&p->rng) < p->p_stall;
}

static void fill_random(struct stream_port *p)
{
    const int32_t n = p->words->n_words32, top = p->words->bits % 32;
    for (int32_t i = 0; i < n; i++)
        p->held[i] = (uint32_t)rng_u64(&p->rng);
    if (top) p->held[n - 1] &= (UINT32_C(1) << top) - 1;
}

void stream_source_drive(struct stream_port *p)
{
    if (p->active) return; /* a word once offered stays until it is taken */
    p->active = p->next < p->words->n && !stalls(p);
    dut_set_u64(p->d, p->valid, p->active);
    if (p->active) {
        dut_set(p->d, p->data, stream_word(p->words, p->next));
    } else if (p->p_stall > 0) {
        fill_random(p);
        dut_set(p->d, p->data, p->held);
    }
}

void stream_source_sample(struct stream_port *p)
{
    if (!p->active || !dut_get_u64(p->d, p->ready)) return;
    p->next++;
    p->active = false;
}

void stream_sink_drive(struct stream_port *p)
{
    p->active = !stalls(p);
    dut_set_u64(p->d, p->ready, p->active);
}

/* The word at the port against the one that was not taken a cycle ago. */
static status check_held(const struct stream_port *p, const uint32_t *word, bool valid,
                         struct err *err)
{
    if (!p->waiting) return ST_OK;
    const char *fault = NULL;
    if (!valid)
        fault = "valid fell before the word was taken";
    else if (memcmp(word, p->held, (size_t)p->words->n_words32 * sizeof *word) != 0)
        fault = "data changed while the word was stalled";
    if (!fault) return ST_OK;
    return err_set(err, ST_MISMATCH, "module %s, output word %lld, cycle %lld: %s",
                   dut_module(p->d), (long long)p->next, (long long)dut_cycles(p->d),
                   fault);
}

status stream_sink_sample(struct stream_port *p, struct err *err)
{
    const bool valid = dut_get_u64(p->d, p->valid) != 0;
    if (!valid && !p->waiting) return ST_OK;
    uint32_t *word = p->now;
    dut_get(p->d, p->data, word);
    TRY(check_held(p, word, valid, err));
    const size_t size = (size_t)p->words->n_words32 * sizeof *word;
    p->waiting = !p->active;
    if (p->waiting) {
        memcpy(p->held, word, size);
        return ST_OK;
    }
    if (p->next >= p->words->n)
        return err_set(err, ST_MISMATCH,
                       "module %s: expected %lld output words, found one more",
                       dut_module(p->d), (long long)p->words->n);
    memcpy(stream_word(p->words, p->next), word, size);
    p->next++;
    return ST_OK;
}

static status one_cycle(struct stream_port *source, struct stream_port *sink,
                        struct err *err)
{
    stream_source_drive(source);
    stream_sink_drive(sink);
    dut_eval(source->d);
    stream_source_sample(source);
    TRY(stream_sink_sample(sink, err));
    dut_tick(source->d);
    return dut_check(source->d, err);
}

static status run(struct stream_port *source, struct stream_port *sink,
                  const struct stream_options *opt, int64_t *cycles, struct err *err)
{
    int64_t n = 0;
    while (sink->next < sink->words->n) {
        if (n >= opt->timeout_cycles)
            return err_set(err, ST_MISMATCH,
                           "module %s: time-out after %lld cycles with %lld of %lld "
                           "words in and %lld of %lld words out",
                           dut_module(source->d), (long long)n, (long long)source->next,
                           (long long)source->words->n, (long long)sink->next,
                           (long long)sink->words->n);
        TRY(one_cycle(source, sink, err));
        n++;
    }
    *cycles = n;
    for (int i = 0; i < IDLE_CYCLES; i++)
        TRY(one_cycle(source, sink, err));
    return ST_OK;
}

status stream_run(struct dut *d, struct stream_words *in, struct stream_words *out,
                  const struct stream_options *opt, int64_t *cycles, struct err *err)
{
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    struct stream_port source, sink;
    status st;
    TRY_OUT(stream_source_init(&source, d, "s", in, opt, a, err));
    TRY_OUT(stream_sink_init(&sink, d, "m", out, opt, a, err));
    st = run(&source, &sink, opt, cycles, err);
    dut_set_u64(d, source.valid, 0);
out:
    arena_free(a);
    return st;
}
