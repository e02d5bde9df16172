/* requant: random and extreme operands against requant_apply, one cycle later, held
 * while not enabled. */
#include "base/rng.h"
#include "nn/quant.h"
#include "sim/dut.h"
#include "tests/cmocka_all.h"

enum { N_CYCLES = 4000 };

static int64_t extend(uint64_t raw, int bits)
{
    const uint64_t sign = UINT64_C(1) << (bits - 1);
    return (int64_t)((raw & ((sign << 1) - 1)) ^ sign) - (int64_t)sign;
}

/* A word of `bits` bits: often an extreme one. */
static int64_t draw(struct rng *r, int bits)
{
    switch (rng_below(r, 6)) {
    case 0:
        return -(INT64_C(1) << (bits - 1));
    case 1:
        return (INT64_C(1) << (bits - 1)) - 1;
    case 2:
        return (int64_t)rng_below(r, 4) - 2;
    default:
        return extend(rng_u64(r), bits);
    }
}

static void set_signed(struct dut *d, int port, int64_t v)
{
    const int32_t bits = dut_port_bits(d, port);
    dut_set_u64(d, port, (uint64_t)v & ((UINT64_C(1) << bits) - 1));
}

static void check_requant(const struct requant_config *c)
{
    struct err err = {0};
    assert_ok(requant_config_check(c, &err), err);
    const struct rtl_instance inst = requant_instance(c);
    struct dut *d = NULL;
    assert_ok(dut_open(&inst, &d, &err), err);
    const int i_en = dut_port(d, "i_en"), i_acc = dut_port(d, "i_acc");
    const int i_mul = dut_port(d, "i_mul"), i_bias = dut_port(d, "i_bias");
    const int o_code = dut_port(d, "o_code");
    struct rng r = rng_seed(5, (uint64_t)c->acc_bits);
    uint32_t expect = 0;
    for (int t = 0; t < N_CYCLES; t++) {
        int32_t mul = (int32_t)draw(&r, REQUANT_MUL_BITS);
        int64_t bias = draw(&r, c->acc_bits + REQUANT_MUL_BITS);
        const int32_t acc = (int32_t)draw(&r, c->acc_bits);
        const bool en = t == 0 || rng_below(&r, 4) > 0;
        dut_set_u64(d, i_en, en);
        set_signed(d, i_acc, acc);
        set_signed(d, i_mul, mul);
        set_signed(d, i_bias, bias);
        dut_tick(d);
        const struct requant q = {.n = 1,
                                  .mul = &mul,
                                  .bias = &bias,
                                  .shift = c->shift,
                                  .out_bits = c->out_bits,
                                  .out_signed = c->out_signed};
        if (en)
            expect =
                quant_encode(requant_apply(&q, 0, acc), c->out_bits, c->out_signed);
        const uint32_t got = (uint32_t)dut_get_u64(d, o_code);
        if (got != expect)
            fail_msg("acc %d bits, out %d%s, shift %d, %s: (%d * %d + %lld) gave code "
                     "%u, expected %u",
                     c->acc_bits, c->out_bits, c->out_signed ? "s" : "u", c->shift,
                     rtl_mul_names[c->mul], acc, mul, (long long)bias, got, expect);
    }
    dut_close(d);
}

static void every_lane_is_requant_apply(void **state)
{
    (void)state;
    static const int sets[][4] = {
        /* acc_bits out_bits out_signed shift: loose, tight and extreme ones      */
        {2, 1, 0, 1},  {2, 16, 1, 4},   {9, 4, 0, 19},  {9, 4, 0, 23},  {14, 8, 1, 20},
        {14, 1, 1, 9}, {20, 16, 1, 22}, {25, 8, 0, 30}, {26, 5, 1, 30}, {32, 16, 0, 1},
    };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        for (int mul = 0; mul < 2; mul++) {
            const struct requant_config c = {.acc_bits = sets[i][0],
                                             .out_bits = sets[i][1],
                                             .out_signed = sets[i][2] != 0,
                                             .shift = sets[i][3],
                                             .mul = mul ? RTL_MUL_DSP : RTL_MUL_LUT};
            check_requant(&c);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_lane_is_requant_apply),
    };
    return cmocka_run_group_tests_name("rtl/requant", tests, NULL, NULL);
}
