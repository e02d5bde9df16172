/* Every MAC unit through mac_unit.v against plain sums of products: one table of units,
 * every precision that each of them runs.  A new unit is rows in `units`. */
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "nn/quant.h"
#include "sim/mac_run.h"
#include "tests/cmocka_all.h"

enum { EXHAUSTIVE_BITS = 16, MAX_ACC = 32 };

static const struct mac_unit_config units[] = {
    {MAC_PARALLEL, 1, 8, 8, true, true, 24, 1, false, false},
    {MAC_PARALLEL, 4, 2, 2, true, false, 16, 1, false, false},
    {MAC_PARALLEL, 2, 3, 5, true, false, 18, 1, false, false},
    {MAC_PARALLEL, 5, 1, 1, true, true, 12, 1, false, false},
    {MAC_PARALLEL, 13, 4, 7, false, true, 24, 1, false, false},
    {MAC_PACKED, 1, 8, 8, true, false, 24, 1, false, false},
    {MAC_PACKED, 4, 8, 8, true, false, 24, 2, false, false},
    {MAC_PACKED, 1, 4, 4, true, false, 16, 3, true, false},
    {MAC_PACKED, 9, 4, 4, true, true, 16, 4, false, false},
    {MAC_SERIAL, 1, 8, 8, true, true, MAX_ACC, 1, false, false},
    {MAC_SERIAL, 2, 8, 8, true, true, 24, 1, false, false},
    {MAC_SERIAL, 7, 8, 8, true, true, 27, 1, false, false},
    {MAC_SERIAL, 32, 8, 8, true, true, 24, 1, false, false},
    {MAC_SERIAL, 256, 8, 8, true, true, MAX_ACC, 1, false, false},
    {MAC_ACTSERIAL, 1, 8, 8, true, true, 24, 1, false, false},
    {MAC_ACTSERIAL, 1, 8, 8, false, true, 24, 1, false, false},
    {MAC_ACTSERIAL, 2, 1, 8, true, true, 16, 1, false, false},
    {MAC_ACTSERIAL, 3, 2, 8, true, true, 20, 1, false, false},
    {MAC_ACTSERIAL, 16, 1, 8, true, true, 24, 1, false, false},
    {MAC_ACTSERIAL, 16, 1, 8, false, true, 24, 1, false, false},
    {MAC_ACTSERIAL, 9, 4, 8, true, true, 24, 1, false, false},
    {MAC_ACTSERIAL, 64, 5, 8, false, true, MAX_ACC, 1, false, false},
    {MAC_FUSION, 1, 8, 8, true, true, 24, 1, false, false},
    {MAC_FUSION, 1, 8, 8, true, true, 24, 1, false, true},
    {MAC_FUSION, 3, 8, 8, true, true, 24, 1, false, false},
    {MAC_FUSION, 5, 8, 8, true, true, MAX_ACC, 1, false, true},
    {MAC_FUSION, 16, 8, 8, true, true, 24, 1, false, true},
};
enum { N_UNITS = sizeof units / sizeof *units };

/* ---- every precision that a unit runs ---- */

/* False: not tried, because this precision has too many operands. */
typedef bool (*precision_test)(struct mac_run *r, const struct mac_unit_config *c,
                               const struct mac_precision *p);

/* Precisions that were tried. */
static int for_each_precision(const struct mac_unit_config *c, precision_test test)
{
    struct err err = {0};
    struct mac_run *r = NULL;
    struct dut_options opt = dut_defaults();
    assert_ok(mac_run_open(c, &opt, &r, &err), err);
    int n = 0;
    for (int i = 0; i < 256; i++) {
        const struct mac_precision p = {.wbits = 1 + i / 32,
                                        .abits = 1 + i / 4 % 8,
                                        .wsigned = (i & 2) != 0,
                                        .asigned = (i & 1) != 0};
        if (mac_unit_precision_check(c, &p, NULL) != ST_OK) continue;
        n += test(r, c, &p);
    }
    mac_run_close(r);
    return n;
}

/* Runs d and compares; the cycles are exact without gaps, and not fewer with. */
static void run_and_compare(struct mac_run *r, const struct mac_unit_config *c,
                            const struct mac_dots *d)
{
    struct arena *a = arena_new();
    assert_non_null(a);
    const size_t n = (size_t)d->n * (size_t)c->lanes;
    int32_t *got = ARENA_NEW(a, int32_t, n), *want = ARENA_NEW(a, int32_t, n);
    assert_true(got && want);
    struct err err = {0};
    int64_t cycles = 0;
    assert_ok(mac_run_dots(r, d, got, &cycles, &err), err);
    mac_reference(d, c->lanes, want);
    assert_ok(mac_compare(c, d, got, want, &err), err);
    const int64_t expect =
        d->n * mac_unit_steps(c, &d->p, d->K) + mac_unit_ports(c).latency;
    if (d->p_gap > 0 ? cycles < expect : cycles != expect)
        fail_msg("%s SIMD %d, %d x %d bits, K %lld: %lld cycles, expected %lld",
                 mac_unit_names[c->unit], c->SIMD, d->p.wbits, d->p.abits,
                 (long long)d->K, (long long)cycles, (long long)expect);
    arena_free(a);
}

/* ---- all operands ---- */

/* Dot product i has the codes that the bits of i spell: a first, then w. */
static void spell(uint8_t *codes, int64_t n_codes, int32_t bits, uint32_t *i)
{
    for (int64_t k = 0; k < n_codes; k++) {
        codes[k] = (uint8_t)(*i & ((1U << bits) - 1));
        *i >>= bits;
    }
}

static bool all_operands(struct mac_run *r, const struct mac_unit_config *c,
                         const struct mac_precision *p)
{
    const int64_t K = mac_unit_products(c, p);
    const int64_t bits = K * (c->lanes * p->wbits + p->abits);
    if (bits > EXHAUSTIVE_BITS) return false;
    struct arena *a = arena_new();
    assert_non_null(a);
    const size_t n = (size_t)1 << bits;
    uint8_t *w = ARENA_NEW(a, uint8_t, n * (size_t)(c->lanes * K));
    uint8_t *x = ARENA_NEW(a, uint8_t, n * (size_t)K);
    assert_true(w && x);
    for (int64_t i = 0; i < (int64_t)n; i++) {
        uint32_t rest = (uint32_t)i;
        spell(x + i * K, K, p->abits, &rest);
        spell(w + i * c->lanes * K, c->lanes * K, p->wbits, &rest);
    }
    const struct mac_dots d = {.p = *p, .K = K, .n = (int64_t)n, .w = w, .a = x};
    run_and_compare(r, c, &d);
    arena_free(a);
    return true;
}

/* Units whose smallest step has more bits are not among them; of every kind is one. */
static void all_operands_of_up_to_16_bits_give_the_dot_product(void **state)
{
    (void)state;
    int n[MAC_N_UNITS] = {0};
    for (int i = 0; i < N_UNITS; i++)
        n[units[i].unit] += for_each_precision(&units[i], all_operands);
    for (int unit = 0; unit < MAC_N_UNITS; unit++)
        if (n[unit] == 0) fail_msg("%s: nothing was tried", mac_unit_names[unit]);
    /* 1 x 1 and 2 x 2 bits and every other precision of single pairs. */
    assert_true(n[MAC_SERIAL] >= 256 && n[MAC_FUSION] >= 2 * 16 && n[MAC_PACKED] >= 2);
}

/* ---- random operands ---- */

static void fill(uint8_t *codes, size_t n, int32_t bits, struct rng *r)
{
    for (size_t i = 0; i < n; i++)
        codes[i] = (uint8_t)rng_below(r, 1U << bits);
}

/* Both operands at one end of their grid, where the accumulator is fullest: codes
 * 10..0 and 01..1 of two's complement, 0 and 1 of a bipolar one, 0 and 1..1 of others.
 */
static void fill_extreme(uint8_t *codes, size_t n, int32_t bits, bool is_signed,
                         bool low)
{
    const int sign = is_signed && bits > 1 ? 1 << (bits - 1) : 0;
    memset(codes, low ? sign : ((1 << bits) - 1) ^ sign, n);
}

enum { N_DOTS = 6 };

static void random_dots(struct mac_run *r, const struct mac_unit_config *c,
                        const struct mac_precision *p, int64_t K, double p_gap)
{
    struct arena *a = arena_new();
    assert_non_null(a);
    struct rng rng = rng_seed(5, (uint64_t)K);
    const size_t n_w = (size_t)(N_DOTS * c->lanes * K), n_a = (size_t)(N_DOTS * K);
    const size_t row_w = n_w / N_DOTS, row_a = n_a / N_DOTS;
    uint8_t *w = ARENA_NEW(a, uint8_t, n_w), *x = ARENA_NEW(a, uint8_t, n_a);
    assert_true(w && x);
    fill(w, n_w, p->wbits, &rng);
    fill(x, n_a, p->abits, &rng);
    for (size_t i = 1; i < 3; i++) {
        fill_extreme(w + i * row_w, row_w, p->wbits, p->wsigned, p->wsigned);
        fill_extreme(x + i * row_a, row_a, p->abits, p->asigned, i == 1);
    }
    const struct mac_dots d = {
        .p = *p, .K = K, .n = N_DOTS, .w = w, .a = x, .p_gap = p_gap, .seed = 11};
    run_and_compare(r, c, &d);
    arena_free(a);
}

/* A single element, a padded last word, and whole words where padding cannot be. */
static bool random_operands(struct mac_run *r, const struct mac_unit_config *c,
                            const struct mac_precision *p)
{
    const int64_t products = mac_unit_products(c, p);
    const int64_t lengths[] = {1, products, 2 * products + 1, 3 * products};
    int n = 0;
    for (int i = 0; i < 4; i++) {
        const int64_t K = lengths[i];
        if (mac_unit_length_check(c, p, K, NULL) != ST_OK) continue;
        if (quant_acc_bits((int32_t)K, p->wbits, p->wsigned, p->abits, p->asigned) >
            c->acc_bits)
            continue;
        random_dots(r, c, p, K, 0);
        random_dots(r, c, p, K, 0.4);
        n++;
    }
    if (n == 0)
        fail_msg("%s SIMD %d: no length fits its accumulator", mac_unit_names[c->unit],
                 c->SIMD);
    return true;
}

static void random_operands_with_gaps_give_the_dot_product(void **state)
{
    (void)state;
    for (int i = 0; i < N_UNITS; i++)
        assert_true(for_each_precision(&units[i], random_operands) > 0);
}

static void run_time_units_run_all_256_precisions(void **state)
{
    (void)state;
    for (int i = 0; i < N_UNITS; i++) {
        const struct mac_unit_config *c = &units[i];
        int n = 0;
        for (int k = 0; k < 256; k++) {
            const struct mac_precision p = {.wbits = 1 + k / 32,
                                            .abits = 1 + k / 4 % 8,
                                            .wsigned = (k & 2) != 0,
                                            .asigned = (k & 1) != 0};
            n += mac_unit_precision_check(c, &p, NULL) == ST_OK;
        }
        const bool any = c->unit == MAC_SERIAL || c->unit == MAC_FUSION;
        assert_int_equal(n, any ? 256 : c->unit == MAC_ACTSERIAL ? 16 : 1);
    }
}

/* ---- negative controls ---- */

static void a_wrong_sign_is_found(void **state)
{
    (void)state;
    const struct mac_unit_config c = {MAC_SERIAL, 32, 8, 8,     true,
                                      true,       24, 1, false, false};
    static const uint8_t w[3] = {1, 2, 3}, x[3] = {7, 1, 2};
    struct mac_dots d = {
        .p = {.wbits = 2, .abits = 3, .asigned = true}, .K = 3, .n = 1, .w = w, .a = x};
    struct err err = {0};
    struct mac_run *r = NULL;
    struct dut_options opt = dut_defaults();
    assert_ok(mac_run_open(&c, &opt, &r, &err), err);
    int32_t got, want;
    int64_t cycles;
    assert_ok(mac_run_dots(r, &d, &got, &cycles, &err), err);
    d.p.asigned = false;
    mac_reference(&d, 1, &want);
    assert_int_equal(mac_compare(&c, &d, &got, &want, &err), ST_MISMATCH);
    assert_string_equal(err.msg,
                        "mac_serial, unsigned 2 x unsigned 3 bits, K 3: 1 of 1 "
                        "sums differ; first at dot product 0, lane 0: expected "
                        "15, found 7");
    mac_run_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_time_units_run_all_256_precisions),
        cmocka_unit_test(a_wrong_sign_is_found),
        cmocka_unit_test(random_operands_with_gaps_give_the_dot_product),
        cmocka_unit_test(all_operands_of_up_to_16_bits_give_the_dot_product),
    };
    return cmocka_run_group_tests_name("rtl/mac_units", tests, NULL, NULL);
}
