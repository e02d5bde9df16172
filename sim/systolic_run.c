/* systolic_run.c -- drives an array cycle by cycle and puts its results in place.
 *
 * The operands are packed before (sim/systolic_streams.h); a cycle then is a few
 * copies. */
#include "sim/systolic_run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/interrupt.h"
#include "base/rng.h"
#include "nn/quant.h"
#include "sim/systolic_streams.h"

struct systolic_run {
    struct systolic_config c;
    struct mac_unit_ports unit;
    struct dut *d;
    int en, first, last, ctl, w, a, out_valid, acc; /* port indices     */
    int load, plane;                                /* ws               */
};

struct running {
    struct systolic_run *r;
    const struct systolic_job *j;
    struct rng rng;
    struct systolic_schedule s;
    struct systolic_stream a, w;
    int64_t interval;
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

/* ---- clocking ---- */

static void set_stream(struct running *k, int port, const struct systolic_stream *s,
                       int64_t tile, int64_t step)
{
    dut_set(k->r->d, port, systolic_stream_word(s, tile, step));
}

static void set_control(struct running *k, bool valid, int64_t step)
{
    struct systolic_run *r = k->r;
    dut_set_u64(r->d, r->en, valid);
    if (!valid) return;
    const struct mac_step *s = &k->s.steps[step];
    dut_set_u64(r->d, r->first, s->first);
    dut_set_u64(r->d, r->last, step == k->s.n_steps - 1);
    dut_set_u64(r->d, r->ctl, s->ctl);
    if (r->plane >= 0)
        dut_set_u64(r->d, r->plane, s->wplane < 0 ? 0 : (uint64_t)s->wplane);
}

static void drive_os(struct running *k, int64_t cycle)
{
    const int64_t tile = cycle / k->interval, step = cycle % k->interval;
    const bool valid = tile < k->s.tiles && step < k->s.n_steps;
    set_control(k, valid, step);
    if (!valid) return;
    set_stream(k, k->r->a, &k->a, tile / k->s.n_tiles_n, step);
    set_stream(k, k->r->w, &k->w, tile % k->s.n_tiles_n, step);
}

static void drive_ws(struct running *k, int64_t cycle)
{
    const int64_t k_tiles = k->s.tiles / k->s.n_tiles_n;
    const int64_t tile = cycle / k->interval, at = cycle % k->interval;
    const int64_t step = at - k->w.n_steps;
    const bool load = tile < k->s.tiles && step < 0;
    const bool valid = tile < k->s.tiles && step >= 0 && step < k->a.n_steps;
    dut_set_u64(k->r->d, k->r->load, load);
    if (load) set_stream(k, k->r->w, &k->w, tile, at);
    set_control(k, valid, valid ? step % k->s.n_steps : 0);
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
    int64_t m = at, n_tile = tile / (k->s.tiles / k->s.n_tiles_n);
    if (c->flow == SYSTOLIC_OS) {
        m = tile / k->s.n_tiles_n * c->rows + at;
        n_tile = tile % k->s.n_tiles_n;
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
    const int64_t last = (k->s.tiles - 1) * k->interval + loads + k->a.n_steps - 1;
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
    TRY(systolic_schedule_make(c, s, a, &k->s, err));
    TRY(systolic_streams_make(c, k->j, &k->s, a, &k->a, &k->w, err));
    k->interval = systolic_interval(c, s);
    k->seen = ARENA_NEW(a, int64_t, (size_t)c->cols);
    if (!k->seen) return arena_exhausted(err);
    k->left = k->s.tiles * c->cols * (c->flow == SYSTOLIC_OS ? c->rows : s->M);
    memset(k->out, 0, (size_t)(s->M * s->N) * sizeof *k->out);
    return ST_OK;
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
