/* systolic_streams.c -- which part of which operand each unit needs in each step. */
#include "sim/systolic_streams.h"

#include <string.h>

struct packing {
    const struct systolic_config *c;
    const struct systolic_job *j;
    const struct systolic_schedule *s;
    struct mac_unit_ports unit;
    struct systolic_stream *a, *w;
    uint8_t *a_codes, *w_codes; /* padded to whole tiles: (M', K), (N', K)         */
};

static void copy_bits(uint32_t *to, int64_t at, const uint32_t *from, int32_t bits)
{
    for (int32_t i = 0; i < bits; i += 32)
        dut_pack(to, (int32_t)at + i, bits - i < 32 ? bits - i : 32, from[i / 32]);
}

static status stream_new(struct systolic_stream *s, int64_t n_tiles, int64_t n_steps,
                         int32_t bits, struct arena *a, struct err *err)
{
    s->n_steps = n_steps;
    s->words = (bits + 31) / 32;
    /* dut_pack may touch the word after the last one. */
    s->at = ARENA_NEW(a, uint32_t, (size_t)(n_tiles * n_steps * s->words) + 1);
    return s->at ? ST_OK : arena_exhausted(err);
}

uint32_t *systolic_stream_word(const struct systolic_stream *s, int64_t tile,
                               int64_t step)
{
    return s->at + (tile * s->n_steps + step) * s->words;
}

static uint8_t *pad_rows(const uint8_t *codes, int64_t rows, int64_t to_multiple_of,
                         int64_t K, struct arena *a)
{
    const int64_t padded =
        (rows + to_multiple_of - 1) / to_multiple_of * to_multiple_of;
    uint8_t *p = ARENA_NEW(a, uint8_t, (size_t)(padded * K));
    if (p) memcpy(p, codes, (size_t)(rows * K));
    return p;
}

/* Operands of row m and column n (in units) in one step; either port may be unused. */
static void operands(const struct packing *k, const struct mac_step *s, int64_t m,
                     int64_t n, uint32_t *w, uint32_t *a)
{
    const int64_t K = k->j->s.K;
    mac_unit_operands(&k->c->unit, &k->j->s.p, K, s,
                      k->w_codes + n * k->c->unit.lanes * K, k->a_codes + m * K, w, a);
}

static status make_os_streams(struct packing *k, struct arena *a, struct err *err)
{
    const struct systolic_config *c = k->c;
    const struct mac_unit_ports *u = &k->unit;
    uint32_t w_port[MAC_MAX_PORT32], a_port[MAC_MAX_PORT32];
    const int64_t m_tiles = k->s->tiles / k->s->n_tiles_n;
    TRY(stream_new(k->a, m_tiles, k->s->n_steps, c->rows * u->a, a, err));
    TRY(stream_new(k->w, k->s->n_tiles_n, k->s->n_steps, c->cols * u->w, a, err));
    for (int64_t m = 0; m < m_tiles * c->rows; m++)
        for (int64_t i = 0; i < k->s->n_steps; i++) {
            operands(k, &k->s->steps[i], m, 0, w_port, a_port);
            copy_bits(systolic_stream_word(k->a, m / c->rows, i), m % c->rows * u->a,
                      a_port, u->a);
        }
    for (int64_t n = 0; n < k->s->n_tiles_n * c->cols; n++)
        for (int64_t i = 0; i < k->s->n_steps; i++) {
            operands(k, &k->s->steps[i], 0, n, w_port, a_port);
            copy_bits(systolic_stream_word(k->w, n / c->cols, i), n % c->cols * u->w,
                      w_port, u->w);
        }
    return ST_OK;
}

/* Row r of K tile t works on word t * rows + r. */
static status make_ws_streams(struct packing *k, struct arena *a, struct err *err)
{
    const struct systolic_config *c = k->c;
    const struct mac_unit_ports *u = &k->unit;
    uint32_t w_port[MAC_MAX_PORT32], a_port[MAC_MAX_PORT32];
    const int64_t M = k->j->s.M, k_tiles = k->s->tiles / k->s->n_tiles_n;
    const int32_t depth = systolic_depth(c);
    int32_t planes = 1;
    for (int64_t i = 0; depth > 1 && i < k->s->n_steps; i++)
        if (k->s->steps[i].wplane >= planes) planes = k->s->steps[i].wplane + 1;
    TRY(stream_new(k->a, k_tiles, M * k->s->n_steps, c->rows * u->a, a, err));
    TRY(stream_new(k->w, k->s->tiles, (int64_t)c->rows * depth, c->cols * u->w, a,
                   err));
    for (int64_t word = 0; word < k_tiles * c->rows; word++) {
        const int64_t tile = word / c->rows, row = word % c->rows;
        for (int64_t m = 0; m < M; m++)
            for (int64_t i = 0; i < k->s->n_steps; i++) {
                struct mac_step s = k->s->steps[i];
                s.word = word;
                operands(k, &s, m, 0, w_port, a_port);
                copy_bits(systolic_stream_word(k->a, tile, m * k->s->n_steps + i),
                          row * u->a, a_port, u->a);
            }
        for (int64_t n = 0; n < k->s->n_tiles_n * c->cols; n++)
            for (int32_t plane = 0; plane < planes; plane++) {
                struct mac_step s = k->s->steps[0];
                s.word = word;
                if (depth > 1) s.wplane = plane;
                operands(k, &s, 0, n, w_port, a_port);
                const int64_t order = (c->rows - 1 - row) * depth + depth - 1 - plane;
                copy_bits(
                    systolic_stream_word(k->w, n / c->cols * k_tiles + tile, order),
                    n % c->cols * u->w, w_port, u->w);
            }
    }
    return ST_OK;
}

status systolic_schedule_make(const struct systolic_config *c,
                              const struct systolic_shape *shape, struct arena *a,
                              struct systolic_schedule *out, struct err *err)
{
    const int64_t width = systolic_width(c);
    const int64_t elements =
        c->flow == SYSTOLIC_OS ? shape->K : mac_unit_products(&c->unit, &shape->p);
    out->tiles = systolic_tiles(c, shape);
    out->n_tiles_n = (shape->N + width - 1) / width;
    out->n_steps = mac_unit_steps(&c->unit, &shape->p, elements);
    out->steps = ARENA_NEW(a, struct mac_step, (size_t)out->n_steps);
    if (!out->steps) return arena_exhausted(err);
    for (int64_t i = 0; i < out->n_steps; i++)
        out->steps[i] = mac_unit_step(&c->unit, &shape->p, elements, i);
    return ST_OK;
}

status systolic_streams_make(const struct systolic_config *c,
                             const struct systolic_job *j,
                             const struct systolic_schedule *s, struct arena *a,
                             struct systolic_stream *acts,
                             struct systolic_stream *weights, struct err *err)
{
    struct packing k = {.c = c, .j = j, .s = s, .a = acts, .w = weights};
    k.unit = mac_unit_ports(&c->unit);
    k.a_codes = pad_rows(j->a, j->s.M, c->rows, j->s.K, a);
    k.w_codes = pad_rows(j->w, j->s.N, systolic_width(c), j->s.K, a);
    if (!k.a_codes || !k.w_codes) return arena_exhausted(err);
    return c->flow == SYSTOLIC_OS ? make_os_streams(&k, a, err)
                                  : make_ws_streams(&k, a, err);
}
