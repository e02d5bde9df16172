/* The multiplier in LUTs: every operand value at every width and sign. */
#include "nn/quant.h"
#include "sim/dut.h"
#include "tests/cmocka_all.h"

static const char *const sources[] = {"rtl/mac/dot_chain.v", "rtl/mac/dot_lut.v",
                                      "tests/rtl/mul_matrix.v", NULL};
enum { PRODUCT_BITS = 17, N_MULS = 256 };

struct mul {
    int wbits, abits;
    bool wsigned, asigned;
};

static struct mul mul_of(int n)
{
    return (struct mul){.wbits = n / 32 + 1,
                        .abits = n / 4 % 8 + 1,
                        .wsigned = n / 2 % 2 != 0,
                        .asigned = n % 2 != 0};
}

/* Value of every 8-bit code's low bits, for each width and sign: (9, 2, 256). */
static void fill_values(int32_t v[9][2][256])
{
    for (int bits = 1; bits <= 8; bits++)
        for (int sign = 0; sign < 2; sign++)
            for (uint32_t code = 0; code < 256; code++)
                v[bits][sign][code] = quant_decode(code, bits, sign);
}

static void check_products(const uint32_t *words, uint32_t w, uint32_t a,
                           int32_t v[9][2][256])
{
    for (int n = 0; n < N_MULS; n++) {
        const struct mul m = mul_of(n);
        if (w >> m.wbits || a >> m.abits) continue; /* seen with smaller codes */
        const int32_t expect = v[m.wbits][m.wsigned][w] * v[m.abits][m.asigned][a];
        const uint32_t raw = dut_unpack(words, n * PRODUCT_BITS, PRODUCT_BITS);
        const int32_t found = quant_decode(raw & 0xffff, 16, true);
        const uint32_t sign = raw >> 16;
        /* 17 bits, so that 255 * 255 is not negative */
        const int32_t wide = (int32_t)(raw & 0xffff) - (sign ? 65536 : 0);
        if (wide != expect)
            fail_msg("%d%c x %d%c bits, codes %u and %u: %d (low 16 bits %d), "
                     "expected %d",
                     m.wbits, m.wsigned ? 's' : 'u', m.abits, m.asigned ? 's' : 'u', w,
                     a, wide, found, expect);
    }
}

static void every_product_of_every_width_and_sign_is_right(void **state)
{
    (void)state;
    static int32_t v[9][2][256];
    fill_values(v);
    struct rtl_instance inst = {.module = "mul_matrix"};
    struct dut_options opt = dut_defaults();
    opt.sources = sources;
    struct err err = {0};
    struct dut *d = NULL;
    assert_ok(dut_open_with(&inst, &opt, &d, &err), err);
    const int i_w = dut_port(d, "i_w"), i_a = dut_port(d, "i_a");
    const int o_products = dut_port(d, "o_products");
    uint32_t words[N_MULS * PRODUCT_BITS / 32];
    for (uint32_t w = 0; w < 256; w++)
        for (uint32_t a = 0; a < 256; a++) {
            dut_set_u64(d, i_w, w);
            dut_set_u64(d, i_a, a);
            dut_eval(d);
            dut_get(d, o_products, words);
            check_products(words, w, a, v);
        }
    dut_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_product_of_every_width_and_sign_is_right),
    };
    return cmocka_run_group_tests_name("rtl/mul", tests, NULL, NULL);
}
