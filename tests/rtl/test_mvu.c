/* The matrix-vector unit: random weights and vectors over many parameter sets, with
 * and without stalls on both sides, bit for bit and cycle for cycle. */
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "nn/quant.h"
#include "sim/simulate.h"
#include "tests/cmocka_all.h"

/* Completes a set: accumulator, shift and lanes follow from the rest. */
static struct mvu_config unit(int32_t MW, int32_t MH, int32_t PE, int32_t SIMD)
{
    struct mvu_config c = {.MW = MW, .MH = MH, .PE = PE, .SIMD = SIMD};
    (void)snprintf(c.name, sizeof c.name, "mvu");
    c.n_vec = 1;
    c.wbits = 3;
    c.abits = 3;
    c.wsigned = true;
    c.out_bits = 4;
    c.lanes = mvu_lanes(PE, MW / SIMD);
    return c;
}

static void complete(struct mvu_config *c)
{
    c->acc_bits = quant_acc_bits(c->MW, c->wbits, c->wsigned, c->abits, c->asigned);
    c->shift = c->acc_bits + 14 - c->out_bits;
    if (c->shift < 1) c->shift = 1;
    if (c->shift > 30) c->shift = 30;
}

static void check(struct mvu_config *c, uint64_t seed)
{
    complete(c);
    struct err err = {0};
    assert_ok(mvu_config_check(c, &err), err);
    struct simulate_options opt = simulate_defaults();
    opt.n_vec = 12;
    opt.p_stall = 0.35;
    opt.seed = seed;
    struct simulate_result r;
    if (simulate_mvu(c, &opt, &r, &err) != ST_OK)
        fail_msg("MW %d MH %d PE %d SIMD %d w %d%s a %d%s out %d%s lanes %d requant %s "
                 "ram %s: %s",
                 c->MW, c->MH, c->PE, c->SIMD, c->wbits, c->wsigned ? "s" : "u",
                 c->abits, c->asigned ? "s" : "u", c->out_bits,
                 c->out_signed ? "s" : "u", c->lanes, rtl_mul_names[c->requant_mul],
                 rtl_ram_names[c->weight_ram], err.msg);
}

/* Every branch of the structure: one or many words, folds, turns, lanes. */
static void every_folding_is_bit_exact_and_takes_the_stated_cycles(void **state)
{
    (void)state;
    static const int32_t sets[][4] = {
        /* MW MH PE SIMD                                                          */
        {4, 4, 4, 4},   /* one word, one fold: nothing is counted                 */
        {12, 4, 4, 4},  /* one fold                                               */
        {4, 12, 4, 4},  /* one word, three folds: skid buffer                     */
        {8, 8, 4, 4},   /* two words, two folds: the buffer's tightest chase      */
        {12, 12, 4, 4}, /* nothing is a power of two                              */
        {16, 6, 2, 4},  {15, 3, 1, 1}, {9, 10, 5, 3},
        {36, 8, 8, 2},  {7, 49, 7, 7}, {66, 2, 1, 1}, /* more than 64 words: banks */
    };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        struct mvu_config c = unit(sets[i][0], sets[i][1], sets[i][2], sets[i][3]);
        check(&c, i);
    }
}

static int32_t divisor(struct rng *r, int32_t n, int32_t max)
{
    int32_t d;
    do
        d = 1 + (int32_t)rng_below(r, (uint64_t)max);
    while (n % d);
    return d;
}

static void random_parameter_sets_are_bit_exact(void **state)
{
    (void)state;
    struct rng r = rng_seed(7, 0);
    for (int i = 0; i < 14; i++) {
        const int32_t MW = 1 + (int32_t)rng_below(&r, 40);
        const int32_t MH = 1 + (int32_t)rng_below(&r, 12);
        struct mvu_config c = unit(MW, MH, divisor(&r, MH, 6), divisor(&r, MW, 12));
        c.wbits = 1 + (int32_t)rng_below(&r, 8);
        c.abits = 1 + (int32_t)rng_below(&r, 8);
        c.wsigned = rng_below(&r, 4) > 0;
        c.asigned = rng_below(&r, 2);
        c.out_bits = 1 + (int32_t)rng_below(&r, 8);
        c.out_signed = rng_below(&r, 2);
        c.requant_mul = rng_below(&r, 2) ? RTL_MUL_DSP : RTL_MUL_LUT;
        c.weight_ram = rng_below(&r, 2) ? RTL_RAM_BLOCK : RTL_RAM_LUT;
        check(&c, (uint64_t)i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_folding_is_bit_exact_and_takes_the_stated_cycles),
        cmocka_unit_test(random_parameter_sets_are_bit_exact),
    };
    return cmocka_run_group_tests_name("rtl/mvu", tests, NULL, NULL);
}
