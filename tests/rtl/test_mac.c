/* mac_parallel: random operands, enables and starts against plain sums. */
#include "base/rng.h"
#include "nn/quant.h"
#include "sim/dut.h"
#include "tests/cmocka_all.h"

enum { N_CYCLES = 3000, MAX_WORDS = 64 * 8 / 32 };

struct ports {
    int en, first, w, a, acc;
};

static struct ports find_ports(const struct dut *d)
{
    return (struct ports){.en = dut_port(d, "i_en"),
                          .first = dut_port(d, "i_first"),
                          .w = dut_port(d, "i_w"),
                          .a = dut_port(d, "i_a"),
                          .acc = dut_port(d, "o_acc")};
}

/* Random grid codes, and every few cycles an extreme one everywhere. */
static void draw(struct rng *r, int bits, int n, int32_t extreme, uint32_t *words,
                 uint32_t *codes)
{
    const uint32_t mask = (1U << bits) - 1;
    for (int i = 0; i < n; i++) {
        codes[i] = extreme < 0 ? (uint32_t)rng_below(r, mask + 1U)
                               : (extreme ? 1U << (bits - 1) : mask);
        dut_pack(words, i * bits, bits, codes[i]);
    }
}

static int32_t acc_of(const struct dut *d, int port, int bits)
{
    const uint64_t raw = dut_get_u64(d, port);
    const uint64_t sign = UINT64_C(1) << (bits - 1);
    return (int32_t)((int64_t)(raw ^ sign) - (int64_t)sign);
}

static void check_mac(const struct mac_config *m)
{
    struct err err = {0};
    assert_ok(mac_config_check(m, &err), err);
    const struct rtl_instance inst = mac_instance(m);
    struct dut *d = NULL;
    assert_ok(dut_open(&inst, &d, &err), err);
    const struct ports p = find_ports(d);
    struct rng r = rng_seed(3, (uint64_t)(m->wbits * 8 + m->abits));
    /* Restart often enough that acc_bits, which hold 4 additions, suffice. */
    int32_t expect = 0, adds = 0;
    for (int t = 0; t < N_CYCLES; t++) {
        uint32_t w[MAX_WORDS] = {0}, a[MAX_WORDS] = {0}, wc[64], ac[64];
        const bool all = rng_below(&r, 8) == 0;
        draw(&r, m->wbits, m->SIMD, all ? (int32_t)rng_below(&r, 2) : -1, w, wc);
        draw(&r, m->abits, m->SIMD, all ? (int32_t)rng_below(&r, 2) : -1, a, ac);
        const bool first = t == 0 || adds == 4 || rng_below(&r, 3) == 0;
        const bool en = t == 0 || rng_below(&r, 4) > 0;
        dut_set(d, p.w, w);
        dut_set(d, p.a, a);
        dut_set_u64(d, p.first, first);
        dut_set_u64(d, p.en, en);
        dut_tick(d);
        if (en) {
            int32_t dot = 0;
            for (int i = 0; i < m->SIMD; i++)
                dot += quant_decode(wc[i], m->wbits, m->wsigned) *
                       quant_decode(ac[i], m->abits, m->asigned);
            expect = first ? dot : expect + dot;
            adds = first ? 1 : adds + 1;
        }
        const int32_t got = acc_of(d, p.acc, m->acc_bits);
        if (got != expect)
            fail_msg("SIMD %d, %d%s x %d%s bits, cycle %d: %d, expected %d", m->SIMD,
                     m->wbits, m->wsigned ? "s" : "u", m->abits, m->asigned ? "s" : "u",
                     t, got, expect);
    }
    dut_close(d);
}

/* Shapes that reach every branch: one chain, several chains, an odd tree, pairs of
 * 1-bit operands, either operand recoded. */
static void every_structure_sums_exactly(void **state)
{
    (void)state;
    static const int sets[][5] = {
        /* SIMD wbits abits wsigned asigned                                       */
        {1, 4, 4, 1, 0},  {4, 4, 4, 1, 0},  {5, 4, 4, 1, 1},  {13, 3, 5, 1, 0},
        {9, 8, 8, 1, 0},  {8, 2, 8, 1, 0},  {17, 2, 3, 0, 0}, {6, 8, 2, 0, 1},
        {7, 1, 1, 1, 1},  {8, 1, 1, 1, 1},  {33, 1, 1, 1, 0}, {9, 1, 1, 0, 1},
        {16, 1, 1, 0, 0}, {11, 1, 6, 1, 0}, {10, 5, 1, 1, 1}, {12, 6, 1, 1, 0},
        {3, 7, 7, 0, 0},  {64, 2, 2, 1, 0},
    };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        struct mac_config m = {.SIMD = sets[i][0],
                               .wbits = sets[i][1],
                               .abits = sets[i][2],
                               .wsigned = sets[i][3] != 0,
                               .asigned = sets[i][4] != 0};
        m.acc_bits = quant_acc_bits(4 * m.SIMD, m.wbits, m.wsigned, m.abits, m.asigned);
        check_mac(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_structure_sums_exactly),
    };
    return cmocka_run_group_tests_name("rtl/mac_parallel", tests, NULL, NULL);
}
