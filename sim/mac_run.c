#include "sim/mac_run.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/interrupt.h"
#include "base/rng.h"
#include "nn/quant.h"

struct mac_run {
    struct mac_unit_config c;
    struct mac_unit_ports ports;
    struct dut *d;
    int en, first, ctl, w, a, acc; /* port indices */
};

/* One run of dot products: which step is next and which results are still on their
 * way through the unit. */
struct clocking {
    struct mac_run *r;
    const struct mac_dots *d;
    struct rng rng;
    int64_t steps;     /* of one dot product                                  */
    int64_t dot, step; /* the next one                                        */
    int64_t done;      /* dot products whose result was read                  */
    int64_t cycle;     /* of the run                                          */
    int64_t *due;      /* (n) cycle in which the result is at o_acc           */
    int32_t *acc;      /* (n, lanes)                                          */
};

static status bind_ports(struct mac_run *r, struct err *err)
{
    TRY(dut_need_port(r->d, "i_en", &r->en, err));
    TRY(dut_need_port(r->d, "i_first", &r->first, err));
    TRY(dut_need_port(r->d, "i_ctl", &r->ctl, err));
    TRY(dut_need_port(r->d, "i_w", &r->w, err));
    TRY(dut_need_port(r->d, "i_a", &r->a, err));
    TRY(dut_need_port(r->d, "o_acc", &r->acc, err));
    const struct {
        const char *name;
        int port;
        int32_t bits;
    } widths[] = {{"i_w", r->w, r->ports.w},
                  {"i_a", r->a, r->ports.a},
                  {"i_ctl", r->ctl, MAC_CTL_BITS},
                  {"o_acc", r->acc, r->ports.acc}};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
        if (dut_port_bits(r->d, widths[i].port) != widths[i].bits)
            return err_set(err, ST_MISMATCH,
                           "module mac_unit, port %s: expected %d bits, found %d",
                           widths[i].name, widths[i].bits,
                           dut_port_bits(r->d, widths[i].port));
    return ST_OK;
}

status mac_run_open(const struct mac_unit_config *c, const struct dut_options *opt,
                    struct mac_run **out, struct err *err)
{
    *out = NULL;
    TRY(mac_unit_check(c, err));
    struct mac_run *r = calloc(1, sizeof *r);
    if (!r) return arena_exhausted(err);
    r->c = *c;
    r->ports = mac_unit_ports(c);
    const struct rtl_instance inst = mac_unit_instance(c);
    status st = dut_open_with(&inst, opt, &r->d, err);
    if (st == ST_OK) st = bind_ports(r, err);
    if (st == ST_OK)
        *out = r;
    else
        mac_run_close(r);
    return st;
}

void mac_run_close(struct mac_run *r)
{
    if (!r) return;
    dut_close(r->d);
    free(r);
}

status mac_run_trace(struct mac_run *r, const char *path, struct err *err)
{
    return dut_trace(r->d, path, err);
}

/* ---- clocking ---- */

static void drive_noise(struct clocking *k, int port, int32_t bits)
{
    uint32_t noise[MAC_MAX_PORT32];
    const int32_t n = (bits + 31) / 32;
    for (int32_t i = 0; i < n; i++)
        noise[i] = (uint32_t)rng_u64(&k->rng);
    if (bits % 32) noise[n - 1] &= (UINT32_C(1) << bits % 32) - 1;
    dut_set(k->r->d, port, noise);
}

/* A cycle without a step: nothing at the other pins may matter. */
static void drive_gap(struct clocking *k)
{
    const struct mac_run *r = k->r;
    dut_set_u64(r->d, r->en, 0);
    drive_noise(k, r->first, 1);
    drive_noise(k, r->ctl, MAC_CTL_BITS);
    drive_noise(k, r->w, r->ports.w);
    drive_noise(k, r->a, r->ports.a);
}

static void drive_step(struct clocking *k)
{
    const struct mac_run *r = k->r;
    const struct mac_dots *d = k->d;
    uint32_t w[MAC_MAX_PORT32], a[MAC_MAX_PORT32];
    const struct mac_step s = mac_unit_step(&r->c, &d->p, d->K, k->step);
    mac_unit_operands(&r->c, &d->p, d->K, &s, d->w + k->dot * r->c.lanes * d->K,
                      d->a + k->dot * d->K, w, a);
    dut_set_u64(r->d, r->en, 1);
    dut_set_u64(r->d, r->first, s.first);
    dut_set_u64(r->d, r->ctl, s.ctl);
    dut_set(r->d, r->w, w);
    dut_set(r->d, r->a, a);
    if (++k->step < k->steps) return;
    k->due[k->dot++] = k->cycle + r->ports.latency;
    k->step = 0;
}

static void read_result(struct clocking *k)
{
    const struct mac_run *r = k->r;
    uint32_t words[MAC_MAX_PORT32];
    dut_get(r->d, r->acc, words);
    for (int32_t lane = 0; lane < r->c.lanes; lane++) {
        const uint32_t raw = dut_unpack(words, lane * r->c.acc_bits, r->c.acc_bits);
        const uint32_t sign = 1U << (r->c.acc_bits - 1);
        k->acc[k->done * r->c.lanes + lane] =
            (int32_t)((int64_t)(raw ^ sign) - (int64_t)sign);
    }
    k->done++;
}

static status clock_all(struct clocking *k, struct err *err)
{
    enum { POLL = 0xfff }; /* cycles between looks at the interrupt flag */
    struct mac_run *r = k->r;
    while (k->done < k->d->n) {
        if ((k->cycle & POLL) == 0 && interrupt_requested())
            return interrupt_status(err, "run it again");
        if (k->dot == k->d->n || (k->d->p_gap > 0 && rng_unit(&k->rng) < k->d->p_gap))
            drive_gap(k);
        else
            drive_step(k);
        dut_tick(r->d);
        k->cycle++;
        if (k->done < k->dot && k->due[k->done] == k->cycle) read_result(k);
    }
    k->cycle++; /* the one in which the last result is read */
    return dut_check(r->d, err);
}

static status check_run(const struct mac_run *r, const struct mac_dots *d,
                        struct err *err)
{
    const struct mac_precision *p = &d->p;
    TRY(mac_unit_precision_check(&r->c, p, err));
    TRY(mac_unit_length_check(&r->c, p, d->K, err));
    const int need =
        quant_acc_bits((int32_t)d->K, p->wbits, p->wsigned, p->abits, p->asigned);
    if (r->c.acc_bits >= need) return ST_OK;
    return err_set(err, ST_RANGE,
                   "%s: expected acc_bits >= %d, which %" PRId64
                   " products of %d x %d bits need, found %d",
                   mac_unit_names[r->c.unit], need, d->K, p->wbits, p->abits,
                   r->c.acc_bits);
}

status mac_run_dots(struct mac_run *r, const struct mac_dots *d, int32_t *acc,
                    int64_t *cycles, struct err *err)
{
    TRY(check_run(r, d, err));
    struct clocking k = {.r = r,
                         .d = d,
                         .rng = rng_seed(d->seed, 1),
                         .steps = mac_unit_steps(&r->c, &d->p, d->K),
                         .due = calloc((size_t)d->n, sizeof *k.due),
                         .acc = acc};
    if (!k.due) return arena_exhausted(err);
    const status st = clock_all(&k, err);
    *cycles = k.cycle;
    free(k.due);
    return st;
}

/* ---- what it should be ---- */

void mac_reference(const struct mac_dots *d, int32_t lanes, int32_t *acc)
{
    const struct mac_precision *p = &d->p;
    for (int64_t i = 0; i < d->n * lanes; i++) {
        const uint8_t *w = d->w + i * d->K, *a = d->a + i / lanes * d->K;
        int32_t sum = 0;
        for (int64_t k = 0; k < d->K; k++)
            sum += quant_decode(w[k], p->wbits, p->wsigned) *
                   quant_decode(a[k], p->abits, p->asigned);
        acc[i] = sum;
    }
}

status mac_compare(const struct mac_unit_config *c, const struct mac_dots *d,
                   const int32_t *got, const int32_t *want, struct err *err)
{
    int64_t n_different = 0, first = 0;
    for (int64_t i = d->n * c->lanes - 1; i >= 0; i--)
        if (got[i] != want[i]) {
            n_different++;
            first = i;
        }
    if (n_different == 0) return ST_OK;
    return err_set(err, ST_MISMATCH,
                   "%s, %s %d x %s %d bits, K %" PRId64 ": %" PRId64 " of %" PRId64
                   " sums differ; first at dot product %" PRId64 ", lane %" PRId64
                   ": expected %d, found %d",
                   mac_unit_names[c->unit], d->p.wsigned ? "signed" : "unsigned",
                   d->p.wbits, d->p.asigned ? "signed" : "unsigned", d->p.abits, d->K,
                   n_different, d->n * c->lanes, first / c->lanes, first % c->lanes,
                   want[first], got[first]);
}
