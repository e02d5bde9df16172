#include "sim/gate_calibrate.h"

#include <inttypes.h>
#include <math.h>

#include "base/interrupt.h"

enum { LIMIT_S = 120 };

struct point {
    enum mac_unit unit;
    int32_t SIMD, wbits, abits;
    bool asigned;
    int32_t acc_bits;
    struct mac_precision run; /* of units whose precision is set at run time   */
};

#define SIGNED_W(w, a)    \
    {                     \
        w, a, true, false \
    }
/* The 1-bit cases, where unit delay has few glitches; square and lopsided products;
 * adder trees; bit planes; modes.  The measured tables are keyed by the factors, so
 * points that are added later only check them. */
static const struct point points[] = {
    {MAC_PARALLEL, 1, 1, 1, true, 12, {0}},
    {MAC_PARALLEL, 4, 1, 1, false, 16, {0}},
    {MAC_PARALLEL, 1, 2, 2, false, 16, {0}},
    {MAC_PARALLEL, 1, 3, 5, true, 16, {0}},
    {MAC_PARALLEL, 1, 4, 4, false, 16, {0}},
    {MAC_PARALLEL, 4, 4, 4, true, 20, {0}},
    {MAC_PARALLEL, 1, 1, 8, false, 20, {0}},
    {MAC_PARALLEL, 1, 8, 2, false, 20, {0}},
    {MAC_PARALLEL, 1, 8, 8, true, 24, {0}},
    {MAC_PARALLEL, 4, 8, 8, false, 24, {0}},
    {MAC_SERIAL, 16, 8, 8, true, 32, SIGNED_W(1, 1)},
    {MAC_SERIAL, 32, 8, 8, true, 32, SIGNED_W(4, 4)},
    {MAC_SERIAL, 64, 8, 8, true, 32, SIGNED_W(8, 8)},
    {MAC_ACTSERIAL, 8, 2, 8, true, 24, SIGNED_W(2, 2)},
    {MAC_ACTSERIAL, 8, 4, 8, true, 24, SIGNED_W(4, 4)},
    {MAC_ACTSERIAL, 4, 8, 8, true, 28, SIGNED_W(8, 8)},
    {MAC_FUSION, 1, 8, 8, true, 32, SIGNED_W(8, 8)},
    {MAC_FUSION, 1, 8, 8, true, 32, SIGNED_W(4, 4)},
    {MAC_FUSION, 1, 8, 8, true, 32, SIGNED_W(2, 2)},
    /* From here on: not fitted, only met. */
    {MAC_PARALLEL, 1, 2, 8, false, 20, {0}},
    {MAC_PARALLEL, 1, 8, 1, false, 20, {0}},
    {MAC_PARALLEL, 4, 8, 2, false, 20, {0}},
    {MAC_PARALLEL, 8, 2, 2, false, 24, {0}},
    {MAC_PARALLEL, 4, 6, 6, true, 24, {0}},
    {MAC_SERIAL, 4, 8, 8, true, 20, SIGNED_W(8, 1)},
    {MAC_SERIAL, 32, 8, 8, true, 24, SIGNED_W(1, 8)},
    {MAC_SERIAL, 32, 8, 8, true, 24, SIGNED_W(2, 2)},
    {MAC_ACTSERIAL, 8, 1, 8, true, 24, SIGNED_W(1, 1)},
    {MAC_ACTSERIAL, 8, 1, 8, true, 24, SIGNED_W(1, 8)},
    {MAC_ACTSERIAL, 8, 8, 8, true, 24, SIGNED_W(8, 1)},
    {MAC_ACTSERIAL, 8, 2, 8, true, 24, SIGNED_W(2, 8)},
    {MAC_ACTSERIAL, 2, 8, 8, true, 24, SIGNED_W(8, 2)},
    {MAC_ACTSERIAL, 16, 4, 8, true, 28, SIGNED_W(4, 4)},
    {MAC_ACTSERIAL, 8, 8, 8, true, 28, SIGNED_W(8, 8)},
    {MAC_FUSION, 1, 8, 8, true, 32, SIGNED_W(1, 1)},
    {MAC_FUSION, 1, 8, 8, true, 32, SIGNED_W(2, 8)},
    {MAC_FUSION, 2, 8, 8, true, 32, SIGNED_W(8, 4)},
};
enum { N_FITTED = 19, N_POINTS = sizeof points / sizeof *points };

static struct mac_unit_config config_of(const struct point *q)
{
    return (struct mac_unit_config){.unit = q->unit,
                                    .SIMD = q->SIMD,
                                    .wbits = q->wbits,
                                    .abits = q->abits,
                                    .wsigned = true,
                                    .asigned = q->asigned,
                                    .acc_bits = q->acc_bits,
                                    .lanes = 1};
}

static status check_point(const struct point *q, const struct gate_library *lib,
                          int32_t n_cycles, uint64_t seed, struct gate_check *out,
                          struct err *err)
{
    const struct mac_unit_config c = config_of(q);
    const struct operand_source uniform = {.kind = OPERANDS_UNIFORM};
    struct mac_precision p = q->run;
    if (p.wbits == 0)
        p = (struct mac_precision){c.wbits, c.abits, c.wsigned, c.asigned};
    struct gate_unit *u;
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    status st = gate_unit_map(&c, lib, LIMIT_S, a, &u, err);
    if (st == ST_OK) st = gate_unit_check(u, &p, &uniform, seed, n_cycles, out, err);
    arena_free(a);
    if (st == ST_OK && !out->zero_is_exact)
        st =
            err_set(err, ST_MISMATCH,
                    "%s, SIMD %d, running %d x %d bits: expected the toggles of Icarus "
                    "without delays on every net, found others (%.6g pJ there, %.6g "
                    "here)",
                    mac_unit_names[q->unit], q->SIMD, p.wbits, p.abits,
                    out->icarus_zero_pj, out->zero_pj);
    return st;
}

/* The checks that are fitted of one unit, without that of point `but`. */
static int of_unit(const struct gate_check *checks, enum mac_unit unit, int but,
                   struct gate_check *out)
{
    int n = 0;
    for (int i = 0; i < N_FITTED; i++)
        if (points[i].unit == unit && checks[i].icarus_pj > 0 && i != but)
            out[n++] = checks[i];
    return n;
}

/* min over f of sum ((zero + f * (unit - zero) - icarus) / icarus)^2 */
static double best_factor(const struct gate_check *checks, int n)
{
    double xy = 0, xx = 0;
    for (int i = 0; i < n; i++) {
        const struct gate_check *c = &checks[i];
        const double x = (c->unit_pj - c->zero_pj) / c->icarus_pj;
        xy += x * (c->icarus_pj - c->zero_pj) / c->icarus_pj;
        xx += x * x;
    }
    return xx > 0 ? xy / xx : 0;
}

static double error_of(const struct gate_check *c, double factor)
{
    return (c->zero_pj + factor * (c->unit_pj - c->zero_pj)) / c->icarus_pj - 1;
}

/* The errors are held out: each point's with the factor of the unit's others that are
 * fitted. */
static struct gate_glitch fit_unit(const struct gate_check *checks, enum mac_unit unit)
{
    struct gate_check fitted[N_FITTED];
    const int n = of_unit(checks, unit, -1, fitted);
    struct gate_glitch g = {.factor = best_factor(fitted, n)};
    for (int i = 0; i < N_POINTS; i++) {
        if (points[i].unit != unit || !(checks[i].icarus_pj > 0)) continue;
        const int n_others = of_unit(checks, unit, i, fitted);
        const double e = fabs(error_of(&checks[i], best_factor(fitted, n_others)));
        g.mean_error += e;
        if (e > g.max_error) g.max_error = e;
        g.n_points++;
    }
    if (g.n_points) g.mean_error /= (double)g.n_points;
    return g;
}

static void print_points(const struct gate_library *lib,
                         const struct gate_check *checks, FILE *f)
{
    fprintf(f, "%-14s %4s %7s %10s %10s %10s %10s %8s\n", "unit", "SIMD", "W x A",
            "settled pJ", "unit pJ", "Icarus pJ", "energy pJ", "error");
    for (int i = 0; i < N_POINTS; i++) {
        const struct gate_check *c = &checks[i];
        const struct point *q = &points[i];
        if (!(c->icarus_pj > 0)) continue;
        const double e = error_of(c, lib->glitch[q->unit].factor);
        fprintf(f, "%-14s %4d %3d x %d %10.3f %10.3f %10.3f %10.3f %7.1f%%%s\n",
                mac_unit_names[q->unit], q->SIMD,
                q->run.wbits ? q->run.wbits : q->wbits,
                q->run.abits ? q->run.abits : q->abits, c->zero_pj, c->unit_pj,
                c->icarus_pj, (1 + e) * c->icarus_pj, 100 * e,
                i < N_FITTED ? "" : "  not fitted");
    }
    for (int i = 0; i < MAC_N_UNITS; i++) {
        const struct gate_glitch *g = &lib->glitch[i];
        if (g->n_points)
            fprintf(f,
                    "%-14s glitch factor %.3f; held-out error of the energy: mean "
                    "%.1f %%, max %.1f %%\n",
                    mac_unit_names[i], g->factor, 100 * g->mean_error,
                    100 * g->max_error);
    }
}

status gate_calibrate(struct gate_library *lib, int32_t n_cycles, uint64_t seed,
                      struct arena *a, FILE *f, struct err *err)
{
    struct gate_check checks[N_POINTS] = {{0}};
    for (int i = 0; i < N_POINTS; i++) {
        const struct mac_unit_config config = config_of(&points[i]);
        if (interrupt_requested()) return interrupt_status(err, "run it again");
        if (mac_unit_check(&config, NULL) == ST_UNSUPPORTED) continue;
        TRY(check_point(&points[i], lib, n_cycles, seed, &checks[i], err));
    }
    for (int i = 0; i < MAC_N_UNITS; i++)
        lib->glitch[i] = fit_unit(checks, (enum mac_unit)i);
    lib->provenance = arena_printf(
        a,
        "bitwright energy --calibrate: %d cycles per point, seed %" PRIu64
        ", uniform operands; Icarus with -gspecify -Ttyp on the cells' Verilog",
        n_cycles, seed);
    if (!lib->provenance) return arena_exhausted(err);
    if (f) print_points(lib, checks, f);
    return ST_OK;
}
