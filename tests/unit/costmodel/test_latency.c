/* Layer cycles against published closed forms and counts by hand; which side of the
 * roofline binds. */
#include "tests/cmocka_all.h"

#include <math.h>

#include "costmodel/latency.h"

static const struct mac_precision bits8 = {8, 8, true, false};
static const struct mac_precision bits2 = {2, 2, true, false};

static struct layer_shape conv(int K, int C, int side, int R)
{
    return (struct layer_shape){.name = "l",
                                .K = K,
                                .C = C,
                                .H = side,
                                .W = side,
                                .P = side,
                                .Q = side,
                                .R = R,
                                .S = R,
                                .stride_h = 1,
                                .stride_w = 1,
                                .groups = 1};
}

static struct latency_array array(enum mac_unit unit, int rows, int cols)
{
    return (struct latency_array){
        .unit = {.unit = unit,
                 .SIMD = 1,
                 .wbits = 8,
                 .abits = 8,
                 .wsigned = true,
                 .asigned = unit == MAC_FUSION || unit == MAC_SERIAL,
                 .acc_bits = 32,
                 .lanes = 1},
        .rows = rows,
        .cols = cols,
        .kernel_apart = true,
        .batch = 1,
        .act_bits_per_cycle = INFINITY,
        .weight_bits_per_cycle = INFINITY,
        .act_buffer_bits = INFINITY,
        .weight_buffer_bits = INFINITY};
}

static struct latency run(const struct latency_array *a, const struct layer_shape *l,
                          const struct mac_precision *p)
{
    struct latency out = {.bound = LATENCY_COMPUTE};
    struct err err;
    assert_ok(latency_layer(a, l, p, 8, &out, &err), err);
    return out;
}

static void fused_arrays_take_the_cycles_of_bitfusion(void **state)
{
    (void)state;
    /* 256 products a cycle: 16 x 16 units at 8 bits, 4 x 4 units at 2 bits. */
    const struct latency_array large = array(MAC_FUSION, 16, 16);
    const struct latency_array small = array(MAC_FUSION, 4, 4);
    const struct layer_shape conv3 = conv(256, 128, 16, 3),
                             conv5 = conv(512, 256, 8, 3);
    const struct layer_shape fc6 = conv(512, 8192, 1, 1);
    assert_close(run(&large, &conv3, &bits8).total, 294912, 0, 0);
    assert_close(run(&large, &conv5, &bits8).total, 294912, 0, 0);
    assert_close(run(&large, &fc6, &bits8).total, 16384, 0, 0);
    assert_close(run(&small, &conv3, &bits2).total, 294912, 0, 0);
    assert_close(run(&small, &fc6, &bits2).total, 16384, 0, 0);
}

static void systolic_arrays_take_the_cycles_of_their_rtl(void **state)
{
    (void)state;
    /* AlexNet's first layer on 32 x 32: SCALE-Sim's 36 * (64 + 32 + 3025 - 2) - 1, and
     * latency + 2 for the registers behind the units (rtl/systolic.h) */
    struct layer_shape l = conv(96, 3, 227, 11);
    struct latency_array a = array(MAC_PARALLEL, 32, 32);
    a.schedule = LATENCY_WS;
    l.P = l.Q = 55;
    l.stride_h = l.stride_w = 4;
    assert_close(run(&a, &l, &bits8).total, 112283 + 3, 0, 0);
    /* 9 vectors in 3 folds, 6 channels in 2: 5 * 18 + 18 + 2 * 4 + 4 + 1 - 2 */
    a = array(MAC_PARALLEL, 4, 4);
    const struct layer_shape small = conv(6, 2, 3, 3);
    a.schedule = LATENCY_OS;
    assert_close(run(&a, &small, &bits8).total, 119, 0, 0);
}

static void narrow_operands_take_the_steps_of_the_unit_but_move_fewer_bits(void **state)
{
    (void)state;
    const struct layer_shape l = conv(16, 16, 8, 3);
    struct latency_array a = array(MAC_PARALLEL, 4, 4);
    a.act_bits_per_cycle = a.weight_bits_per_cycle = 64;
    const struct latency wide = run(&a, &l, &bits8), narrow = run(&a, &l, &bits2);
    assert_close(narrow.compute, wide.compute, 0, 0);
    assert_close(narrow.weights, wide.weights / 4, 0, 0);
    struct err err;
    struct latency out;
    const struct mac_precision signed8 = {8, 8, true, true};
    assert_int_equal(latency_layer(&a, &l, &signed8, 8, &out, &err), ST_RANGE);
    assert_string_equal(err.msg, "the array is built for unsigned 8-bit activations, "
                                 "found signed 8-bit");
}

static void what_no_buffer_holds_is_read_again(void **state)
{
    (void)state;
    const struct layer_shape l = conv(16, 16, 8, 3); /* 8192 bit in, 18432 of weights */
    struct latency_array a = array(MAC_FUSION, 4, 4);
    a.act_bits_per_cycle = a.weight_bits_per_cycle = 64;
    a.act_buffer_bits = 8192;     /* two pieces in half of it  */
    a.weight_buffer_bits = 18432; /* the same: input once more */
    struct latency t = run(&a, &l, &bits8);
    assert_close(t.act_bits, 2 * 8192 + 8192, 0, 0);
    assert_close(t.weight_bits, 18432, 0, 0);
    a.act_buffer_bits = 2 * 8192; /* the input fits: all once  */
    t = run(&a, &l, &bits8);
    assert_close(t.act_bits, 8192 + 8192, 0, 0);
    assert_close(t.weight_bits, 18432, 0, 0);
}

static void serial_units_take_a_step_for_every_pair_of_planes(void **state)
{
    (void)state;
    const struct layer_shape l = conv(8, 16, 4, 3);
    struct latency_array a = array(MAC_SERIAL, 2, 4);
    struct mac_precision p = {3, 5, true, false};
    a.unit.SIMD = 4;
    /* 16 vectors, 2 folds of channels, 9 kernel positions, 2 words, 15 pairs */
    assert_close(run(&a, &l, &p).compute, 16 * 2 * 9 * 2 * 15, 0, 0);
    p = bits2;
    assert_close(run(&a, &l, &p).compute, 16 * 2 * 9 * 2 * 4, 0, 0);
    a.kernel_apart = false; /* 144 elements in 2 rows: 18 words of 4 */
    assert_close(run(&a, &l, &p).compute, 16 * 2 * 18 * 4, 0, 0);
}

static void the_slowest_of_three_decides(void **state)
{
    (void)state;
    const struct layer_shape l = conv(16, 16, 8, 3);
    struct latency_array a = array(MAC_FUSION, 4, 4);
    a.fill_cycles = 100;
    const double compute = 64.0 * 4 * 9 * 4;
    struct latency t = run(&a, &l, &bits8);
    assert_int_equal(t.bound, LATENCY_COMPUTE);
    assert_close(t.total, compute + 100, 0, 0);
    a.act_bits_per_cycle = 0.5; /* 16 * 64 * 8 bits in and as many out */
    t = run(&a, &l, &bits8);
    assert_int_equal(t.bound, LATENCY_ACTIVATIONS);
    assert_close(t.total, 2 * 16 * 64 * 8 / 0.5 + 100, 0, 0);
    a.weight_bits_per_cycle = 0.1; /* 16 * 144 * 8 bits */
    t = run(&a, &l, &bits8);
    assert_int_equal(t.bound, LATENCY_WEIGHTS);
    assert_close(t.total, 16 * 144 * 8 / 0.1 + 100, 1e-12, 0);
    a.batch = 16; /* weights are read once for all images */
    t = run(&a, &l, &bits8);
    assert_int_equal(t.bound, LATENCY_ACTIVATIONS);
    assert_close(t.weights, 16 * 144 * 8 / 0.1, 1e-12, 0);
}

static void fewer_bits_stop_helping_where_memory_binds(void **state)
{
    (void)state;
    const struct layer_shape l = conv(64, 64, 1, 1);
    struct latency_array a = array(MAC_FUSION, 8, 8);
    a.weight_bits_per_cycle = 64;
    const double at8 = run(&a, &l, &bits8).total, at2 = run(&a, &l, &bits2).total;
    /* Compute would fall 16-fold, the weights' bits fall 4-fold. */
    assert_close(at8 / at2, 4, 1e-12, 0);
}

static void what_no_array_can_be_is_refused(void **state)
{
    (void)state;
    const struct layer_shape l = conv(16, 16, 8, 3);
    struct latency out;
    struct err err;
    struct latency_array a = array(MAC_FUSION, 0, 4);
    assert_int_equal(latency_layer(&a, &l, &bits8, 8, &out, &err), ST_RANGE);
    assert_string_equal(err.msg,
                        "latency: expected rows and cols in [1, 1024], found 0 and 4");
    a = array(MAC_FUSION, 4, 4);
    a.weight_bits_per_cycle = 0;
    assert_int_equal(latency_layer(&a, &l, &bits8, 8, &out, &err), ST_RANGE);
    assert_string_equal(err.msg,
                        "latency: expected bandwidths > 0 bit/cycle, found inf "
                        "for activations and 0 for weights");
    a = array(MAC_FUSION, 4, 4);
    a.act_buffer_bits = 0;
    assert_int_equal(latency_layer(&a, &l, &bits8, 8, &out, &err), ST_RANGE);
    assert_string_equal(err.msg,
                        "latency: expected buffers > 0 bit, found 0 for activations "
                        "and inf for weights");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fused_arrays_take_the_cycles_of_bitfusion),
        cmocka_unit_test(systolic_arrays_take_the_cycles_of_their_rtl),
        cmocka_unit_test(
            narrow_operands_take_the_steps_of_the_unit_but_move_fewer_bits),
        cmocka_unit_test(what_no_buffer_holds_is_read_again),
        cmocka_unit_test(serial_units_take_a_step_for_every_pair_of_planes),
        cmocka_unit_test(the_slowest_of_three_decides),
        cmocka_unit_test(fewer_bits_stop_helping_where_memory_binds),
        cmocka_unit_test(what_no_array_can_be_is_refused),
    };
    return cmocka_run_group_tests_name("costmodel/latency", tests, NULL, NULL);
}
