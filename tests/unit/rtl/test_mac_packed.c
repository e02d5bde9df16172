/* The packing rule: published packings, and what does not fit. */
#include "rtl/mac_packed.h"
#include "tests/cmocka_all.h"

static struct mac_unit_config config(bool e2, int lanes, int wbits, int abits)
{
    return (struct mac_unit_config){.unit = MAC_PACKED,
                                    .SIMD = 16,
                                    .wbits = wbits,
                                    .abits = abits,
                                    .wsigned = true,
                                    .acc_bits = 24,
                                    .lanes = lanes,
                                    .dsp48e2 = e2};
}

static struct mac_packed_shape shape(const struct mac_unit_config *c)
{
    struct mac_packed_shape s = {.spacing = 0};
    struct err err = {0};
    assert_ok(mac_packed_shape(c, &s, &err), err);
    return s;
}

/* FINN's RTL units: ceil(PE / 4) * SIMD DSPs at 4 bits, ceil(PE / 2) * SIMD at 8. */
static void dsps_are_those_of_published_units(void **state)
{
    (void)state;
    for (int e2 = 0; e2 < 2; e2++)
        for (int SIMD = 1; SIMD <= MAC_MAX_SIMD; SIMD++) {
            struct mac_unit_config c4 = config(e2, 4, 4, 4), c8 = config(e2, 2, 8, 8);
            c4.SIMD = c8.SIMD = SIMD;
            for (int PE = 4; PE <= 64; PE += 4) {
                assert_int_equal(PE / c4.lanes * shape(&c4).dsp, PE / 4 * SIMD);
                assert_int_equal(PE / c8.lanes * shape(&c8).dsp, PE / 2 * SIMD);
            }
        }
}

/* Lanes of 4 x 4 bits at 0, 7, 14, 21 of a DSP48E1 (FINN: mvu_4sx4u), there with
 * weights from -7; of 8 x 8 bits at 0, 18 of a DSP48E2 (AMD WP486). */
static void spacings_are_the_published_ones(void **state)
{
    (void)state;
    const struct mac_unit_config four = config(false, 4, 4, 4);
    assert_int_equal(shape(&four).spacing, 7);
    assert_true(shape(&four).offset);
    const struct mac_unit_config eight = config(true, 2, 8, 8);
    assert_int_equal(shape(&eight).spacing, 18);
    assert_int_equal(shape(&eight).chain, 8);
}

static void wider_operands_make_shorter_chains(void **state)
{
    (void)state;
    for (int lanes = 1; lanes <= MAC_MAX_LANES; lanes++) {
        int last = MAC_PACKED_CHAIN_MAX;
        struct mac_packed_shape s;
        for (int abits = 1; abits <= 8; abits++) {
            const struct mac_unit_config c = config(true, lanes, 4, abits);
            if (mac_packed_shape(&c, &s, NULL) != ST_OK) {
                last = 0;
                continue;
            }
            assert_true(s.chain <= last);
            last = s.chain;
        }
    }
}

/* The table of rtl/README.md: widest unsigned activation for signed weights. */
static void the_widest_activations_are_as_documented(void **state)
{
    (void)state;
    static const int widest[2][3][8] = {
        {{8, 8, 8, 8, 8, 8, 8, 8}, {8, 8, 8, 7, 6, 4, 3, 1}, {7, 6, 5, 4, 2, 1, 0, 0}},
        {{8, 8, 8, 8, 8, 8, 8, 8}, {8, 8, 8, 8, 7, 5, 4, 2}, {8, 7, 6, 4, 3, 2, 0, 0}}};
    for (int i = 0; i < 2 * 3 * 8; i++) {
        const int e2 = i / 24, lanes = 2 + i / 8 % 3, wbits = 1 + i % 8;
        struct mac_packed_shape s;
        int abits = 0;
        struct mac_unit_config c = config(e2, lanes, wbits, 1);
        while (c.abits <= 8 && mac_packed_shape(&c, &s, NULL) == ST_OK)
            abits = c.abits++;
        assert_int_equal(abits, widest[e2][lanes - 2][wbits - 1]);
    }
}

static void what_does_not_fit_says_how_much_room_there_is(void **state)
{
    (void)state;
    struct err err = {0};
    struct mac_packed_shape s;
    struct mac_unit_config c = config(false, 4, 5, 5);
    assert_int_equal(mac_packed_shape(&c, &s, &err), ST_UNSUPPORTED);
    assert_string_equal(err.msg,
                        "mac_packed: expected products of magnitude 63 or less, for "
                        "which a DSP48E1 with 4 lanes of signed 5-bit weights has "
                        "room, found 496 (unsigned 5-bit activations)");
    c = config(true, 3, 8, 8);
    c.wsigned = false;
    assert_int_equal(mac_unit_check(&c, &err), ST_UNSUPPORTED);
    assert_string_equal(err.msg,
                        "mac_packed: expected products of magnitude 511 or less, for "
                        "which a DSP48E2 with 3 lanes of unsigned 8-bit weights has "
                        "room, found 65025 (unsigned 8-bit activations)");
    c.lanes = 5;
    assert_int_equal(mac_unit_check(&c, &err), ST_RANGE);
    assert_string_equal(err.msg, "mac_packed: expected lanes in [1, 4], found 5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dsps_are_those_of_published_units),
        cmocka_unit_test(spacings_are_the_published_ones),
        cmocka_unit_test(wider_operands_make_shorter_chains),
        cmocka_unit_test(the_widest_activations_are_as_documented),
        cmocka_unit_test(what_does_not_fit_says_how_much_room_there_is),
    };
    return cmocka_run_group_tests_name("rtl/mac_packed", tests, NULL, NULL);
}
