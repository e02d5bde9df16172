/* Sizes of terms against counts by hand, and elements' keys and classes. */
#include "tests/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "costmodel/terms.h"

static double size_of(const struct element *e, const char *term)
{
    double sizes[TERMS_MAX];
    const int32_t i = terms_find(e->module, ELEMENT_LUT, term);
    if (i < 0) fail_msg("no term '%s'", term);
    terms_eval(e, ELEMENT_LUT, sizes);
    return sizes[i];
}

static struct element mac(int simd, int w, int a, int acc)
{
    const struct mac_config m = {simd, w, a, true, false, acc, RTL_MUL_LUT};
    return element_of_mac(&m);
}

static void sizes_of_a_mac_equal_counts_by_hand(void **state)
{
    (void)state;
    const struct element e = mac(4, 3, 8, 14);
    assert_close(size_of(&e, "one"), 1, 0, 0);
    assert_close(size_of(&e, "acc"), 14, 0, 0);
    assert_close(size_of(&e, "cells"), 96, 0, 0);
    assert_close(size_of(&e, "operands"), 44, 0, 0);
    assert_close(size_of(&e, "max"), 32, 0, 0);
    assert_close(size_of(&e, "min"), 12, 0, 0);
    /* w is recoded in two digits, so 4 products make one chain of 8 rows.  Digit 0 is
     * -2 .. 1: after t terms the sum is -510 t - 1 .. 255 t: 10, 11, 12, 12 bits. */
    assert_close(size_of(&e, "first"), 10, 0, 0);
    assert_close(size_of(&e, "low"), 11 + 12 + 12, 0, 0);
    assert_close(size_of(&e, "second"), 11, 0, 0);
    /* Digit 1 makes it -4 .. 3: from -1020 - 3 * 510 - 1 to -4 * 1020 - 1: 13 bits,
     * the lowest two of which pass. */
    assert_close(size_of(&e, "narrow"), 4 * 11, 0, 0);
    assert_close(size_of(&e, "wide"), 0, 0, 0);
    assert_close(size_of(&e, "tree"), 0, 0, 0);
    assert_close(size_of(&e, "rows"), 35 + 44, 0, 0);
    assert_close(size_of(&e, "digits"), 8, 0, 0);
}

static void chains_of_eight_rows_are_added_in_a_tree(void **state)
{
    (void)state;
    /* One row per 2-bit digit: chains of 8, 8 and 1; -2 .. 1 times 0 .. 3. */
    const struct element e = mac(17, 2, 2, 12);
    assert_close(size_of(&e, "chains"), 3, 0, 0);
    /* 16 terms: -96 - 1 .. 48: 8 bits; 17 terms: -103 .. 51: 8 bits */
    assert_close(size_of(&e, "tree"), 16, 0, 0);
    assert_close(size_of(&e, "narrow") + size_of(&e, "wide"), 0, 0, 0);
}

static void pairs_of_one_bit_operands_have_no_rows(void **state)
{
    (void)state;
    const struct element e = mac(16, 1, 1, 6);
    assert_close(size_of(&e, "rows"), 0, 0, 0);
    /* 16 ups and 16 downs: what Yosys builds of them */
    assert_close(size_of(&e, "full"), 24, 0, 0);
    assert_close(size_of(&e, "half"), 3, 0, 0);
    assert_close(size_of(&e, "last"), 5, 0, 0);
}

static void every_term_is_named_once_and_never_negative(void **state)
{
    (void)state;
    for (int k = 0; k < ELEMENT_N_MODULES * ELEMENT_N_METRICS; k++) {
        const enum element_module m = (enum element_module)(k / ELEMENT_N_METRICS);
        const enum element_metric metric = (enum element_metric)(k % ELEMENT_N_METRICS);
        int32_t n;
        const struct cost_term *t = terms_of(m, metric, &n);
        assert_in_range(n, 1, TERMS_MAX);
        for (int32_t i = 0; i < n; i++) {
            assert_true(t[i].reason[0] && t[i].per && t[i].size[0]);
            assert_int_equal(terms_find(m, metric, t[i].name), i);
        }
    }
    for (int w = 1; w <= 8; w++)
        for (int a = 1; a <= 8; a++)
            for (int simd = 1; simd <= 64; simd = 2 * simd + 1) {
                const struct element e = mac(simd, w, a, 2 + w + a);
                double sizes[TERMS_MAX];
                int32_t n;
                terms_of(ELEMENT_MAC, ELEMENT_LUT, &n);
                terms_eval(&e, ELEMENT_LUT, sizes);
                for (int32_t i = 0; i < n; i++)
                    if (!(sizes[i] >= 0))
                        fail_msg("term %d of SIMD=%d w=%d a=%d is %g", i, simd, w, a,
                                 sizes[i]);
            }
}

static void an_unknown_term_is_not_found(void **state)
{
    (void)state;
    assert_int_equal(terms_find(ELEMENT_MAC, ELEMENT_LUT, "magic"), -1);
    assert_int_equal(terms_find(ELEMENT_REQUANT, ELEMENT_LUT, "tree"), -1);
}

static int compare_u64(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void keys_differ_when_any_parameter_does(void **state)
{
    (void)state;
    static uint64_t keys[1 << 16];
    size_t n = 0;
    for (int simd = 1; simd <= 64; simd *= 2)
        for (int w = 1; w <= 8; w++)
            for (int a = 1; a <= 8; a++)
                for (int signs = 0; signs < 4; signs++)
                    for (int acc = 2; acc <= 32; acc += 2) {
                        const struct mac_config m = {
                            simd, w, a, signs & 1, signs / 2, acc, RTL_MUL_LUT};
                        const struct element e = element_of_mac(&m);
                        keys[n++] = element_key(&e);
                    }
    for (int acc = 2; acc <= 32; acc += 3)
        for (int out = 1; out <= 16; out++)
            for (int shift = 1; shift <= 30; shift++)
                for (int k = 0; k < 4; k++) {
                    const struct requant_config r = {acc, out, k & 1, shift,
                                                     k / 2 ? RTL_MUL_DSP : RTL_MUL_LUT};
                    const struct element e = element_of_requant(&r);
                    keys[n++] = element_key(&e);
                }
    qsort(keys, n, sizeof *keys, compare_u64);
    assert_true(keys[0] != 0);
    for (size_t i = 1; i < n; i++)
        assert_true(keys[i] != keys[i - 1]);
}

static void a_family_keeps_the_multiplier_and_forgets_simd_and_accumulator(void **state)
{
    (void)state;
    const struct element a = mac(4, 3, 5, 14), b = mac(16, 3, 5, 20),
                         c = mac(4, 5, 3, 14);
    assert_true(element_family(&a) == element_family(&b));
    assert_true(element_family(&a) != element_family(&c));
}

static void one_bit_operands_are_classes_of_their_own(void **state)
{
    (void)state;
    static const struct {
        int w, a;
        bool ws, as;
        const char *name;
    } rows[] = {
        {4, 4, true, false, "sxu"},   {4, 4, true, true, "sxs"},
        {1, 4, true, false, "s1xu"},  {4, 1, true, false, "sxu1"},
        {1, 1, true, false, "s1xu1"}, {1, 1, true, true, "s1xs1"},
        {2, 2, false, false, "uxu"},  {1, 8, false, true, "u1xs"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct mac_config m = {2,          rows[i].w, rows[i].a,  rows[i].ws,
                                     rows[i].as, 20,        RTL_MUL_LUT};
        const struct element e = element_of_mac(&m);
        assert_string_equal(element_class_name(ELEMENT_MAC, element_class(&e)),
                            rows[i].name);
        assert_int_equal(element_class_find(ELEMENT_MAC, rows[i].name),
                         element_class(&e));
    }
    assert_int_equal(element_class_find(ELEMENT_MAC, "sxq"), -1);
    assert_int_equal(element_class_find(ELEMENT_REQUANT, "dsp"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_of_a_mac_equal_counts_by_hand),
        cmocka_unit_test(chains_of_eight_rows_are_added_in_a_tree),
        cmocka_unit_test(pairs_of_one_bit_operands_have_no_rows),
        cmocka_unit_test(every_term_is_named_once_and_never_negative),
        cmocka_unit_test(an_unknown_term_is_not_found),
        cmocka_unit_test(keys_differ_when_any_parameter_does),
        cmocka_unit_test(
            a_family_keeps_the_multiplier_and_forgets_simd_and_accumulator),
        cmocka_unit_test(one_bit_operands_are_classes_of_their_own),
    };
    return cmocka_run_group_tests_name("costmodel/terms", tests, NULL, NULL);
}
