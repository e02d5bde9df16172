/* systolic.c -- tiles, cycles and registers of the systolic arrays. */
#include "rtl/systolic.h"

#include <inttypes.h>

#include "rtl/mac_unit_internal.h"

const char *const systolic_names[] = {"systolic_os", "systolic_ws", NULL};

enum { PLANES = 8, MAX_EXTENT = 1 << 20 };
#define MAX_PRODUCTS (INT64_C(1) << 50)

static int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

status systolic_check(const struct systolic_config *c, struct err *err)
{
    if ((int)c->flow < 0 || c->flow >= SYSTOLIC_N_FLOWS)
        return err_set(err, ST_RANGE, "expected a systolic flow in [0, %d], found %d",
                       SYSTOLIC_N_FLOWS - 1, (int)c->flow);
    const char *who = systolic_names[c->flow];
    TRY(mac_unit_range(who, "rows", c->rows, 1, SYSTOLIC_MAX_SIDE, err));
    TRY(mac_unit_range(who, "cols", c->cols, 1, SYSTOLIC_MAX_SIDE, err));
    if (c->loop && (c->flow != SYSTOLIC_OS || c->unit.unit != MAC_PARALLEL))
        return err_set(
            err, ST_UNSUPPORTED,
            "%s of %s: expected systolic_os of mac_parallel, which alone has "
            "a form for simulation",
            who, mac_unit_names[c->unit.unit]);
    return mac_unit_check(&c->unit, err);
}

status systolic_shape_check(const struct systolic_config *c,
                            const struct systolic_shape *s, struct err *err)
{
    const char *who = systolic_names[c->flow];
    const struct mac_precision *p = &s->p;
    TRY(mac_unit_range(who, "M", s->M, 1, MAX_EXTENT, err));
    TRY(mac_unit_range(who, "N", s->N, 1, MAX_EXTENT, err));
    TRY(mac_unit_precision_check(&c->unit, p, err));
    TRY(mac_unit_length_check(&c->unit, p, s->K, err));
    /* So that cycles, at most 64 planes of each, and their tiles fit 64 bits. */
    TRY(mac_unit_range(who, "M * N * K", s->M * s->N * s->K, 1, MAX_PRODUCTS, err));
    const int64_t height = (int64_t)c->rows * mac_unit_products(&c->unit, p);
    const bool built_bipolar =
        (c->unit.unit == MAC_PARALLEL || c->unit.unit == MAC_PACKED) && p->wbits == 1 &&
        p->wsigned && p->abits == 1 && p->asigned;
    if (c->flow == SYSTOLIC_OS || !built_bipolar || s->K % height == 0) return ST_OK;
    return err_set(err, ST_RANGE,
                   "%s: expected K to be a multiple of %" PRId64
                   ", because a product of two bipolar operands is never zero, found "
                   "%" PRId64,
                   who, height, s->K);
}

int32_t systolic_depth(const struct systolic_config *c)
{
    return c->flow == SYSTOLIC_WS && c->unit.unit == MAC_SERIAL ? PLANES : 1;
}

int32_t systolic_width(const struct systolic_config *c)
{
    return c->cols * c->unit.lanes;
}

struct rtl_instance systolic_instance(const struct systolic_config *c)
{
    struct rtl_instance inst = {.module = c->loop ? "systolic_os_loop"
                                                  : systolic_names[c->flow]};
    mac_unit_param(&inst, "ROWS", c->rows);
    mac_unit_param(&inst, "COLS", c->cols);
    const struct rtl_instance unit = mac_unit_instance(&c->unit);
    for (int i = 0; i < unit.n_params; i++)
        mac_unit_param(&inst, unit.params[i].name, unit.params[i].value);
    mac_unit_param(&inst, "LATENCY", mac_unit_ports(&c->unit).latency);
    if (c->flow == SYSTOLIC_WS) mac_unit_param(&inst, "DEPTH", systolic_depth(c));
    return inst;
}

/* ---- cycles ---- */

static int64_t products(const struct systolic_config *c, const struct systolic_shape *s)
{
    return mac_unit_products(&c->unit, &s->p);
}

int64_t systolic_tiles(const struct systolic_config *c, const struct systolic_shape *s)
{
    const int64_t down = c->flow == SYSTOLIC_OS ? s->M : ceil_div(s->K, products(c, s));
    return ceil_div(down, c->rows) * ceil_div(s->N, systolic_width(c));
}

int64_t systolic_interval(const struct systolic_config *c,
                          const struct systolic_shape *s)
{
    if (c->flow == SYSTOLIC_OS) {
        const int64_t steps = mac_unit_steps(&c->unit, &s->p, s->K);
        const int64_t apart = 2 * (int64_t)c->rows - 1;
        return steps > apart ? steps : apart;
    }
    const int64_t steps = mac_unit_steps(&c->unit, &s->p, products(c, s));
    return (int64_t)c->rows * systolic_depth(c) + s->M * steps + c->rows + c->cols - 2;
}

int64_t systolic_cycles(const struct systolic_config *c, const struct systolic_shape *s)
{
    const int64_t tiles = systolic_tiles(c, s), interval = systolic_interval(c, s);
    const int64_t latency = mac_unit_ports(&c->unit).latency;
    if (c->flow == SYSTOLIC_WS) return tiles * interval + latency + 1;
    return (tiles - 1) * interval + mac_unit_steps(&c->unit, &s->p, s->K) +
           2 * (int64_t)c->rows + c->cols + latency - 2;
}

int64_t systolic_scale_sim_cycles(enum systolic_flow flow, int32_t rows, int32_t cols,
                                  int64_t M, int64_t K, int64_t N)
{
    const bool os = flow == SYSTOLIC_OS;
    const int64_t folds = ceil_div(os ? M : K, rows) * ceil_div(N, cols);
    const int64_t fold = os ? rows + cols + K - 2 : 2 * (int64_t)rows + cols + M - 2;
    return folds * fold - 1;
}

/* ---- registers ---- */

/* Delays of 0, 1, .. n - 1. */
static int64_t triangle(int64_t n) { return n * (n - 1) / 2; }

int64_t systolic_ff(const struct systolic_config *c)
{
    const struct mac_unit_ports p = mac_unit_ports(&c->unit);
    const int64_t R = c->rows, C = c->cols;
    const int64_t plane = systolic_depth(c) > 1 ? 3 : 0;
    const int64_t control = p.latency + (3 + p.ctl + plane) * (R + C - 2) + 1;
    const int64_t acts = p.a * (triangle(R) + R * (C - 1));
    if (c->flow == SYSTOLIC_WS)
        return control + acts + R * C * (p.acc + (int64_t)p.w * systolic_depth(c));
    return control + acts + p.w * (triangle(C) + C * (R - 1)) + R * C * p.acc +
           (R - 1) * C;
}
