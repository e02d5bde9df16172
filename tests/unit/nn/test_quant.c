/* test_quant.c -- grids, codes, accumulator width and requantisation. */
#include "tests/cmocka_all.h"

#include "nn/quant.h"

/* A small generator of our own: these tests need nothing but quant. */
static uint64_t next_u64(uint64_t *s)
{
    *s += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = *s;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static int32_t below(uint64_t *s, int32_t n)
{
    return (int32_t)(next_u64(s) % (uint64_t)n);
}

static double unit(uint64_t *s) { return (double)(next_u64(s) >> 11) * 0x1p-53; }

static void ranges_of_the_grids_are_as_documented(void **state)
{
    (void)state;
    static const struct {
        int bits;
        bool is_signed;
        int32_t lo, hi;
    } rows[] = {{1, false, 0, 1},      {1, true, -1, 1},         {2, false, 0, 3},
                {2, true, -2, 1},      {8, false, 0, 255},       {8, true, -128, 127},
                {16, false, 0, 65535}, {16, true, -32768, 32767}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(quant_lo(rows[i].bits, rows[i].is_signed), rows[i].lo);
        assert_int_equal(quant_hi(rows[i].bits, rows[i].is_signed), rows[i].hi);
    }
}

static void codes_and_integers_are_inverse(void **state)
{
    (void)state;
    for (int bits = 1; bits <= 8; bits++) {
        for (int s = 0; s <= 1; s++) {
            for (uint32_t code = 0; code < 1U << bits; code++) {
                const int32_t q = quant_decode(code, bits, s);
                assert_in_range(q + 1000, quant_lo(bits, s) + 1000,
                                quant_hi(bits, s) + 1000);
                assert_int_equal(quant_encode(q, bits, s), code);
            }
        }
    }
    assert_int_equal(quant_decode(0, 1, true), -1);
    assert_int_equal(quant_decode(1, 1, true), 1);
    assert_int_equal(quant_encode(-2, 2, true), 2);
}

static void rounding_is_to_nearest_halves_up(void **state)
{
    (void)state;
    assert_int_equal(quant_round(0.5f, 1, 4, true), 1);
    assert_int_equal(quant_round(-0.5f, 1, 4, true), 0);
    assert_int_equal(quant_round(-1.5f, 1, 4, true), -1);
    assert_int_equal(quant_round(2.5f, 1, 4, false), 3);
    assert_int_equal(quant_round(0.49999997f, 1, 4, true), 0);
    assert_int_equal(quant_round(-1e-20f, 1, 4, true), 0);
    assert_int_equal(quant_round(0.3f, 0.1f, 4, false), 3);
}

static void rounding_clips_to_the_grid(void **state)
{
    (void)state;
    assert_int_equal(quant_round(1e30f, 0.1f, 3, true), 3);
    assert_int_equal(quant_round(-1e30f, 0.1f, 3, true), -4);
    assert_int_equal(quant_round(-0.2f, 0.1f, 3, false), 0);
    assert_int_equal(quant_round(INFINITY, 1, 8, false), 255);
    assert_int_equal(quant_round(NAN, 1, 8, true), -128);
}

static void bipolar_rounding_is_the_sign(void **state)
{
    (void)state;
    assert_int_equal(quant_round(0.0f, 0.3f, 1, true), 1);
    assert_int_equal(quant_round(-0.001f, 0.3f, 1, true), -1);
    assert_int_equal(quant_round(5.0f, 0.3f, 1, true), 1);
}

/* Rounds every grid point back to itself, whatever the step. */
static void grid_points_round_to_themselves(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 2000; i++) {
        const int bits = 1 + below(&seed, 8);
        const bool s = below(&seed, 2);
        const float step = (float)ldexp(0.5 + unit(&seed), below(&seed, 20) - 12);
        const int32_t q = quant_decode((uint32_t)next_u64(&seed), bits, s);
        assert_int_equal(quant_round((float)q * step, step, bits, s), q);
    }
}

static void accumulator_widths_of_known_layers(void **state)
{
    (void)state;
    assert_int_equal(quant_acc_bits(1, 1, false, 1, false), 2);   /* 0..1         */
    assert_int_equal(quant_acc_bits(1, 8, true, 8, false), 16);   /* -32640..     */
    assert_int_equal(quant_acc_bits(1, 8, true, 8, true), 16);    /* ..16384      */
    assert_int_equal(quant_acc_bits(2, 8, true, 8, true), 17);    /* ..32768      */
    assert_int_equal(quant_acc_bits(127, 1, true, 1, false), 8);  /* -127..127    */
    assert_int_equal(quant_acc_bits(128, 1, true, 1, false), 9);  /* 128 is one up */
    assert_int_equal(quant_acc_bits(144, 4, true, 4, false), 16); /* -17280       */
    assert_int_equal(quant_acc_bits(576, 8, true, 8, false), 26); /* -18800640    */
    assert_int_equal(quant_acc_bits(65536, 8, true, 8, false), 32);
    assert_int_equal(quant_acc_bits(65794, 8, true, 8, false), 33);
}

/* Smallest width that holds both extremes, found by brute force over the operands. */
static void accumulator_width_is_exact_for_every_precision(void **state)
{
    (void)state;
    uint64_t seed = 2;
    for (int i = 0; i < 256 * 4; i++) {
        const int wb = 1 + i % 8, ab = 1 + i / 8 % 8;
        const bool ws = i / 64 % 2, as = i / 128 % 2;
        const int32_t MW = 1 + below(&seed, 4608);
        int64_t lo = 0, hi = 0;
        for (uint32_t w = 0; w < 1U << wb; w++) {
            for (uint32_t x = 0; x < 1U << ab; x++) {
                const int64_t p =
                    (int64_t)quant_decode(w, wb, ws) * quant_decode(x, ab, as) * MW;
                if (p < lo) lo = p;
                if (p > hi) hi = p;
            }
        }
        const int bits = quant_acc_bits(MW, wb, ws, ab, as);
        const int64_t top = INT64_C(1) << (bits - 1);
        assert_true(lo >= -top && hi < top);
        assert_true(bits == 2 || lo < -(top / 2) || hi >= top / 2);
    }
}

/* Random real factors of one channel and the integers folded from them. */
struct fold_case {
    int acc_bits;
    double scale, offset;
    int32_t mul;
    int64_t bias;
    struct requant r;
};

static bool fold_random(uint64_t *seed, struct fold_case *c)
{
    c->acc_bits = 4 + below(seed, 26);
    c->r = (struct requant){.n = 1, .mul = &c->mul, .bias = &c->bias};
    c->r.out_bits = 1 + below(seed, 16);
    c->r.out_signed = below(seed, 2);
    const double full = ldexp(1.0, c->r.out_bits);
    c->scale = ldexp((unit(seed) - 0.5) * full * 4, -c->acc_bits);
    c->offset = (unit(seed) - 0.5) * full * 4;
    if (below(seed, 8) == 0) c->offset *= 1e9;
    return requant_fold(&c->scale, &c->offset, c->acc_bits, &c->r);
}

static void folded_factors_stay_within_their_fields(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int i = 0; i < 20000; i++) {
        struct fold_case c;
        if (!fold_random(&seed, &c)) continue;
        assert_true(c.mul >= -(1 << 17) && c.mul < 1 << 17);
        const int64_t top = INT64_C(1) << (c.acc_bits + 17);
        assert_true(c.bias >= -top && c.bias < top);
        assert_in_range(c.r.shift, 1, REQUANT_MAX_SHIFT);
        assert_true(c.r.shift <= c.acc_bits + 16 - c.r.out_bits);
    }
}

/* The real result may differ by one only where rounding is within the error that an
 * 18-bit multiplier makes: |acc| * 2^-(shift+1) + 2^-(shift+1). */
static void folding_follows_the_real_affine_map(void **state)
{
    (void)state;
    uint64_t seed = 4;
    int n_done = 0;
    for (int i = 0; i < 50000; i++) {
        struct fold_case c;
        if (!fold_random(&seed, &c)) continue;
        const int64_t half = INT64_C(1) << (c.acc_bits - 1);
        const int32_t acc =
            (int32_t)((int64_t)(next_u64(&seed) % (2 * (uint64_t)half)) - half);
        const double y = acc * c.scale + c.offset;
        const double lo = quant_lo(c.r.out_bits, c.r.out_signed);
        const double hi = quant_hi(c.r.out_bits, c.r.out_signed);
        const double tolerance = (fabs((double)acc) + 1) * ldexp(0.5, -c.r.shift);
        const double got = requant_apply(&c.r, 0, acc);
        n_done++;
        if (c.r.out_bits == 1 && c.r.out_signed) {
            if (fabs(y) > tolerance) assert_true(got == (y > 0 ? 1 : -1));
            continue;
        }
        assert_true(got >= fmin(fmax(floor(y + 0.5 - tolerance), lo), hi));
        assert_true(got <= fmin(fmax(floor(y + 0.5 + tolerance), lo), hi));
    }
    assert_true(n_done > 40000);
}

/* The clamp of an enormous bias must not change any output. */
static void clamped_bias_changes_no_output(void **state)
{
    (void)state;
    uint64_t seed = 5;
    int n_clamped = 0;
    for (int i = 0; i < 20000; i++) {
        struct fold_case c;
        if (!fold_random(&seed, &c)) continue;
        const int64_t top = INT64_C(1) << (c.acc_bits + 17);
        if (c.bias != -top && c.bias != top - 1) continue;
        n_clamped++;
        const int32_t hi = (int32_t)((INT64_C(1) << (c.acc_bits - 1)) - 1);
        const int32_t want = c.offset > 0 ? quant_hi(c.r.out_bits, c.r.out_signed)
                                          : quant_lo(c.r.out_bits, c.r.out_signed);
        assert_int_equal(requant_apply(&c.r, 0, hi), want);
        assert_int_equal(requant_apply(&c.r, 0, -hi - 1), want);
    }
    assert_true(n_clamped > 100);
}

static void shift_is_the_largest_for_which_every_multiplier_fits(void **state)
{
    (void)state;
    const double scale[2] = {0.001, 0.25}, offset[2] = {0, 3};
    int32_t mul[2];
    int64_t bias[2];
    struct requant r = {.n = 2, .mul = mul, .bias = bias, .out_bits = 8};
    assert_true(requant_fold(scale, offset, 24, &r));
    assert_int_equal(r.shift, 18); /* 0.25 * 2^19 = 2^17 is one too many */
    assert_int_equal(mul[1], 1 << 16);
    assert_int_equal(mul[0], 262);
    assert_int_equal(bias[0], 1 << 17);
    assert_int_equal(bias[1], (3 << 18) + (1 << 17));
    assert_int_equal(requant_apply(&r, 1, 2), 4); /* 3.5, halves up */
    assert_int_equal(requant_apply(&r, 1, 1), 3);
}

static void unrepresentable_scales_are_refused(void **state)
{
    (void)state;
    double scale = 65536.0, offset = 0;
    int32_t mul;
    int64_t bias;
    struct requant r = {.n = 1, .mul = &mul, .bias = &bias, .out_bits = 8};
    assert_false(requant_fold(&scale, &offset, 20, &r));
    scale = NAN;
    assert_false(requant_fold(&scale, &offset, 20, &r));
    scale = 1;
    offset = INFINITY;
    assert_false(requant_fold(&scale, &offset, 20, &r));
    scale = 65535.0;
    offset = 0;
    assert_true(requant_fold(&scale, &offset, 20, &r));
    assert_int_equal(r.shift, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_of_the_grids_are_as_documented),
        cmocka_unit_test(codes_and_integers_are_inverse),
        cmocka_unit_test(rounding_is_to_nearest_halves_up),
        cmocka_unit_test(rounding_clips_to_the_grid),
        cmocka_unit_test(bipolar_rounding_is_the_sign),
        cmocka_unit_test(grid_points_round_to_themselves),
        cmocka_unit_test(accumulator_widths_of_known_layers),
        cmocka_unit_test(accumulator_width_is_exact_for_every_precision),
        cmocka_unit_test(folded_factors_stay_within_their_fields),
        cmocka_unit_test(folding_follows_the_real_affine_map),
        cmocka_unit_test(clamped_bias_changes_no_output),
        cmocka_unit_test(shift_is_the_largest_for_which_every_multiplier_fits),
        cmocka_unit_test(unrepresentable_scales_are_refused),
    };
    return cmocka_run_group_tests_name("nn/quant", tests, NULL, NULL);
}
