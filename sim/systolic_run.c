/* The operands are packed once, as the array's ports take them, into two streams of
 * port words: one per tile of rows (or of K) for i_a, one per tile of columns for i_w.
 * A cycle then is a few copies. */
#include "sim/systolic_run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/interrupt.h"
#include "base/rng.h"
#include "nn/quant.h"

struct systolic_run {
    struct systolic_config c;
    struct mac_unit_ports unit;
    struct dut *d;
    int en, first, last, ctl, w, a, out_valid, acc; /* port indices     */
    int load, plane;                                /* ws               */
};

/* Packed port words, (n_tiles, n_steps, words) row-major. */
struct stream {
    int64_t n_steps;
    int32_t words;
    uint32_t *at;
};

struct running {
    struct systolic_run *r;
    const struct systolic_job *j;
    struct rng rng;
    struct stream a, w;
    uint8_t *a_codes, *w_codes; /* padded to whole tiles: (M', K), (N', K)       */
    struct mac_step *steps;     /* (n_steps) of one sum                          */
    int64_t n_steps;
    int64_t tiles, n_tiles_n, interval;
    int64_t *seen; /* (cols) results that left each column                  */
    int64_t left;  /* results of all columns still to come                  */
    int32_t *out;  /* (M, N)                                                */
};

/* ---- opening ---- */

static status bind_ports(struct systolic_run *r, struct err *err)
{
    const struct {
        const char *name;
        int *port;
    } ports[] = {
        {"i_en", &r->en},           {"i_first", &r->first}, {"i_last", &r->last},
        {"i_ctl", &r->ctl},         {"i_w", &r->w},         {"i_a", &r->a},
        {"o_valid", &r->out_valid}, {"o_acc", &r->acc}};
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
        TRY(dut_need_port(r->d, ports[i].name, ports[i].port, err));
    r->load = r->plane = -1;
    if (r->c.flow == SYSTOLIC_OS) return ST_OK;
    TRY(dut_need_port(r->d, "i_load", &r->load, err));
    return dut_need_port(r->d, "i_plane", &r->plane, err);
}

status systolic_run_open(const struct systolic_config *c, const struct dut_options *opt,
                         struct systolic_run **out, struct err *err)
{
    *out = NULL;
    TRY(systolic_check(c, err));
    struct systolic_run *r = calloc(1, sizeof *r);
    if (!r) return arena_exhausted(err);
    r->c = *c;
    r->unit = mac_unit_ports(&c->unit);
    const struct rtl_instance inst = systolic_instance(c);
    status st = dut_open_with(&inst, opt, &r->d, err);
    if (st == ST_OK) st = bind_ports(r, err);
    if (st == ST_OK)
        *out = r;
    else
        systolic_run_close(r);
    return st;
}

void systolic_run_close(struct systolic_run *r)
{
    if (!r) return;
    dut_close(r->d);
    free(r);
}

/* ---- streams ---- */

static void copy_bits(uint32_t *to, int64_t at, const uint32_t *from, int32_t bits)
{
    for (int32_t i = 0; i < bits; i += 32)
        dut_pack(to, (int32_t)at + i, bits - i < 32 ? bits - i : 32, from[i / 32]);
}

static status stream_new(struct stream *s, int64_t n_tiles, int64_t n_steps,
                         int32_t bits, struct arena *a, struct err *err)
{
    s->n_steps = n_steps;
    s->words = (bits + 31) / 32;
    /* dut_pack may touch the word after the last one. */
    s->at = ARENA_NEW(a, uint32_t, (size_t)(n_tiles * n_steps * s->words) + 1);
    return s->at ? ST_OK : arena_exhausted(err);
}

static uint32_t *stream_word(const struct stream *s, int64_t tile, int64_t step)
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
static void operands(const struct running *k, const struct mac_step *s, int64_t m,
                     int64_t n, uint32_t *w, uint32_t *a)
{
    const int64_t K = k->j->s.K;
    mac_unit_operands(&k->r->c.unit, &k->j->s.p, K, s,
                      k->w_codes + n * k->r->c.unit.lanes * K, k->a_codes + m * K, w,
                      a);
}

static status make_os_streams(struct running *k, struct arena *a, struct err *err)
{
    const struct systolic_config *c = &k->r->c;
    const struct mac_unit_ports *u = &k->r->unit;
    uint32_t w_port[MAC_MAX_PORT32], a_port[MAC_MAX_PORT32];
    const int64_t m_tiles = k->tiles / k->n_tiles_n;
    TRY(stream_new(&k->a, m_tiles, k->n_steps, c->rows * u->a, a, err));
    TRY(stream_new(&k->w, k->n_tiles_n, k->n_steps, c->cols * u->w, a, err));
    for (int64_t m = 0; m < m_tiles * c->rows; m++)
        for (int64_t i = 0; i < k->n_steps; i++) {
            operands(k, &k->steps[i], m, 0, w_port, a_port);
            copy_bits(stream_word(&k->a, m / c->rows, i), m % c->rows * u->a, a_port,
                      u->a);
        }
    for (int64_t n = 0; n < k->n_tiles_n * c->cols; n++)
        for (int64_t i = 0; i < k->n_steps; i++) {
            operands(k, &k->steps[i], 0, n, w_port, a_port);
            copy_bits(stream_word(&k->w, n / c->cols, i), n % c->cols * u->w, w_port,
                      u->w);
        }
    return ST_OK;
}

/* Row r of K tile t works on word t * rows + r. */
static status make_ws_streams(struct running *k, struct arena *a, struct err *err)
{
    const struct systolic_config *c = &k->r->c;
    const struct mac_unit_ports *u = &k->r->unit;
    uint32_t w_port[MAC_MAX_PORT32], a_port[MAC_MAX_PORT32];
    const int64_t M = k->j->s.M, k_tiles = k->tiles / k->n_tiles_n;
    const int32_t depth = systolic_depth(c);
    int32_t planes = 1;
    for (int64_t i = 0; depth > 1 && i < k->n_steps; i++)
        if (k->steps[i].wplane >= planes) planes = k->steps[i].wplane + 1;
    TRY(stream_new(&k->a, k_tiles, M * k->n_steps, c->rows * u->a, a, err));
    TRY(stream_new(&k->w, k->tiles, (int64_t)c->rows * depth, c->cols * u->w, a, err));
    for (int64_t word = 0; word < k_tiles * c->rows; word++) {
        const int64_t tile = word / c->rows, row = word % c->rows;
        for (int64_t m = 0; m < M; m++)
            for (int64_t i = 0; i < k->n_steps; i++) {
                struct mac_step s = k->steps[i];
                s.word = word;
                operands(k, &s, m, 0, w_port, a_port);
                copy_bits(stream_word(&k->a, tile, m * k->n_steps + i), row * u->a,
                          a_port, u->a);
            }
        for (int64_t n = 0; n < k->n_tiles_n * c->cols; n++)
            for (int32_t plane = 0; plane < planes; plane++) {
                struct mac_step s = k->steps[0];
                s.word = word;
                if (depth > 1) s.wplane = plane;
                operands(k, &s, 0, n, w_port, a_port);
                const int64_t order = (c->rows - 1 - row) * depth + depth - 1 - plane;
                copy_bits(stream_word(&k->w, n / c->cols * k_tiles + tile, order),
                          n % c->cols * u->w, w_port, u->w);
            }
    }
    return ST_OK;
}

/* ---- clocking ---- */

static void set_stream(struct running *k, int port, const struct stream *s,
                       int64_t tile, int64_t step)
{
    dut_set(k->r->d, port, stream_word(s, tile, step));
}

static void set_control(struct running *k, bool valid, int64_t step)
{
    struct systolic_run *r = k->r;
    dut_set_u64(r->d, r->en, valid);
    if (!valid) return;
    const struct mac_step *s = &k->steps[step];
    dut_set_u64(r->d, r->first, s->first);
    dut_set_u64(r->d, r->last, step == k->n_steps - 1);
    dut_set_u64(r->d, r->ctl, s->ctl);
    if (r->plane >= 0)
        dut_set_u64(r->d, r->plane, s->wplane < 0 ? 0 : (uint64_t)s->wplane);
}

static void drive_os(struct running *k, int64_t cycle)
{
    const int64_t tile = cycle / k->interval, step = cycle % k->interval;
    const bool valid = tile < k->tiles && step < k->n_steps;
    set_control(k, valid, step);
    if (!valid) return;
    set_stream(k, k->r->a, &k->a, tile / k->n_tiles_n, step);
    set_stream(k, k->r->w, &k->w, tile % k->n_tiles_n, step);
}

static void drive_ws(struct running *k, int64_t cycle)
{
    const int64_t k_tiles = k->tiles / k->n_tiles_n;
    const int64_t tile = cycle / k->interval, at = cycle % k->interval;
    const int64_t step = at - k->w.n_steps;
    const bool load = tile < k->tiles && step < 0;
    const bool valid = tile < k->tiles && step >= 0 && step < k->a.n_steps;
    dut_set_u64(k->r->d, k->r->load, load);
    if (load) set_stream(k, k->r->w, &k->w, tile, at);
    set_control(k, valid, valid ? step % k->n_steps : 0);
    if (valid) set_stream(k, k->r->a, &k->a, tile % k_tiles, step);
}

static void set_noise(struct running *k, int port)
{
    uint32_t noise[SYSTOLIC_MAX_SIDE * MAC_MAX_PORT32 + 1];
    const int32_t bits = dut_port_bits(k->r->d, port), n = (bits + 31) / 32;
    for (int32_t i = 0; i <= n; i++)
        noise[i] = (uint32_t)rng_u64(&k->rng);
    if (bits % 32) noise[n - 1] &= (UINT32_C(1) << bits % 32) - 1;
    if (bits <= 64)
        dut_set_u64(k->r->d, port, (uint64_t)noise[1] << 32 | noise[0]);
    else
        dut_set(k->r->d, port, noise);
}

/* A cycle without a step: nothing at the other pins may matter. */
static void drive_gap(struct running *k)
{
    const struct systolic_run *r = k->r;
    const int noisy[] = {r->first, r->last, r->ctl, r->w, r->a, r->plane};
    for (size_t i = 0; i < sizeof noisy / sizeof *noisy; i++)
        if (noisy[i] >= 0) set_noise(k, noisy[i]);
    dut_set_u64(r->d, r->en, 0);
    if (r->load >= 0) dut_set_u64(r->d, r->load, 0);
}

/* ---- results ---- */

/* Result number i of a column: of an os tile all its rows; of a ws tile all of M. */
static void put_result(struct running *k, int32_t col, int32_t lane, int32_t value)
{
    const struct systolic_config *c = &k->r->c;
    const struct systolic_shape *s = &k->j->s;
    const int64_t of_tile = c->flow == SYSTOLIC_OS ? c->rows : s->M;
    const int64_t tile = k->seen[col] / of_tile, at = k->seen[col] % of_tile;
    int64_t m = at, n_tile = tile / (k->tiles / k->n_tiles_n);
    if (c->flow == SYSTOLIC_OS) {
        m = tile / k->n_tiles_n * c->rows + at;
        n_tile = tile % k->n_tiles_n;
    }
    const int64_t n = (n_tile * c->cols + col) * c->unit.lanes + lane;
    if (m < s->M && n < s->N) k->out[m * s->N + n] += value;
}

static void read_results(struct running *k)
{
    const struct systolic_run *r = k->r;
    const int32_t bits = r->c.unit.acc_bits, lanes = r->c.unit.lanes;
    uint64_t valid = dut_get_u64(r->d, r->out_valid);
    if (!valid) return;
    uint32_t words[SYSTOLIC_MAX_SIDE * MAC_MAX_LANES + 1] = {0};
    dut_get(r->d, r->acc, words);
    for (int32_t col = 0; valid; col++, valid >>= 1) {
        if (!(valid & 1)) continue;
        for (int32_t lane = 0; lane < lanes; lane++) {
            const uint32_t raw = dut_unpack(words, (col * lanes + lane) * bits, bits);
            const int64_t sign = INT64_C(1) << (bits - 1);
            put_result(k, col, lane, (int32_t)(((int64_t)raw ^ sign) - sign));
        }
        k->seen[col]++;
        k->left--;
    }
}

static status clock_all(struct running *k, int64_t *cycles, struct err *err)
{
    enum { POLL = 0xfff }; /* cycles between looks at the interrupt flag */
    const int64_t limit = systolic_cycles(&k->r->c, &k->j->s) + 1000;
    void (*drive)(struct running *, int64_t) =
        k->r->c.flow == SYSTOLIC_OS ? drive_os : drive_ws;
    const int64_t loads = k->r->c.flow == SYSTOLIC_OS ? 0 : k->w.n_steps;
    const int64_t last = (k->tiles - 1) * k->interval + loads + k->a.n_steps - 1;
    int64_t at = 0, gaps = 0; /* place in the order of steps; cycles beside it   */
    for (;;) {
        read_results(k);
        *cycles = at + 1;
        if (k->left == 0) return dut_check(k->r->d, err);
        if (at > limit)
            return err_set(err, ST_MISMATCH,
                           "%s: expected all results by cycle %" PRId64 ", %" PRId64
                           " are missing",
                           systolic_names[k->r->c.flow], limit, k->left);
        if (((at + gaps) & POLL) == 0 && interrupt_requested())
            return interrupt_status(err, "run it again");
        if (k->j->p_gap > 0 && at <= last && rng_unit(&k->rng) < k->j->p_gap) {
            drive_gap(k);
            gaps++;
        } else {
            drive(k, at++);
        }
        dut_tick(k->r->d);
    }
}

/* ---- a job ---- */

static status check_job(const struct systolic_run *r, const struct systolic_job *j,
                        struct err *err)
{
    const struct systolic_shape *s = &j->s;
    TRY(systolic_shape_check(&r->c, s, err));
    const int need = quant_acc_bits((int32_t)s->K, s->p.wbits, s->p.wsigned, s->p.abits,
                                    s->p.asigned);
    if (r->c.unit.acc_bits >= need) return ST_OK;
    return err_set(err, ST_RANGE,
                   "%s: expected acc_bits >= %d, which %" PRId64
                   " products of %d x %d bits need, found %d",
                   systolic_names[r->c.flow], need, s->K, s->p.wbits, s->p.abits,
                   r->c.unit.acc_bits);
}

static status prepare(struct running *k, struct arena *a, struct err *err)
{
    const struct systolic_config *c = &k->r->c;
    const struct systolic_shape *s = &k->j->s;
    const bool os = c->flow == SYSTOLIC_OS;
    const int64_t width = systolic_width(c);
    const int64_t elements = os ? s->K : mac_unit_products(&c->unit, &s->p);
    k->tiles = systolic_tiles(c, s);
    k->n_tiles_n = (s->N + width - 1) / width;
    k->interval = systolic_interval(c, s);
    k->n_steps = mac_unit_steps(&c->unit, &s->p, elements);
    k->steps = ARENA_NEW(a, struct mac_step, (size_t)k->n_steps);
    k->seen = ARENA_NEW(a, int64_t, (size_t)c->cols);
    k->a_codes = pad_rows(k->j->a, s->M, c->rows, s->K, a);
    k->w_codes = pad_rows(k->j->w, s->N, width, s->K, a);
    if (!k->steps || !k->seen || !k->a_codes || !k->w_codes)
        return arena_exhausted(err);
    for (int64_t i = 0; i < k->n_steps; i++)
        k->steps[i] = mac_unit_step(&c->unit, &s->p, elements, i);
    k->left = k->tiles * c->cols * (os ? c->rows : s->M);
    memset(k->out, 0, (size_t)(s->M * s->N) * sizeof *k->out);
    return os ? make_os_streams(k, a, err) : make_ws_streams(k, a, err);
}

status systolic_run_job(struct systolic_run *r, const struct systolic_job *j,
                        int32_t *out, int64_t *cycles, struct err *err)
{
    TRY(check_job(r, j, err));
    struct running k = {.r = r, .j = j, .rng = rng_seed(j->seed, 1), .out = out};
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    status st = prepare(&k, a, err);
    if (st == ST_OK) {
        dut_reset(r->d);
        st = clock_all(&k, cycles, err);
    }
    arena_free(a);
    return st;
}
