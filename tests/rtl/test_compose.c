/* The composition of an mvu against Yosys: FF, DSP and BRAM exact on every unit, LUTs
 * beside macs and requantisers within the stated error, which is printed. */
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "costmodel/compose.h"
#include "costmodel/memory_shape.h"
#include "nn/quant.h"
#include "sim/synth.h"
#include "tests/cmocka_all.h"

enum { MAX_UNITS = 32, BATCH = 8 };

static int32_t pick(struct rng *r, const int32_t *list, size_t n)
{
    return list[rng_below(r, n)];
}
#define PICK(r, ...)                        \
    pick(r, (const int32_t[]){__VA_ARGS__}, \
         sizeof((const int32_t[]){__VA_ARGS__}) / sizeof(int32_t))

/* Units over every branch of the structure; their macs are small, which keeps Yosys
 * quick and the rest visible. */
static struct mvu_config random_unit(struct rng *r, enum rtl_target target)
{
    struct mvu_config c = {.name = "unit", .n_vec = 1, .wsigned = true};
    do {
        const int32_t SF = PICK(r, 1, 2, 3, 5, 8, 9, 16, 27, 36, 64, 72, 100, 288);
        const int32_t NF = PICK(r, 1, 1, 2, 3, 4, 8, 10, 16);
        c.PE = PICK(r, 1, 2, 3, 4, 6, 8);
        c.SIMD = PICK(r, 1, 2, 3, 4);
        c.MW = SF * c.SIMD;
        c.MH = NF * c.PE;
    } while (mvu_fold(&c) > 512);
    c.wbits = PICK(r, 1, 2, 3);
    c.abits = PICK(r, 1, 2, 4);
    c.asigned = rng_below(r, 4) == 0;
    c.out_bits = PICK(r, 1, 2, 4, 8, 16);
    c.out_signed = rng_below(r, 2);
    c.lanes = mvu_lanes(c.PE, c.MW / c.SIMD);
    c.acc_bits = quant_acc_bits(c.MW, c.wbits, c.wsigned, c.abits, c.asigned);
    c.shift = c.acc_bits + 16 - c.out_bits;
    if (c.shift > 30) c.shift = 30;
    if (c.shift < 1) c.shift = 1;
    const bool xc7 = target == RTL_XC7;
    c.weight_ram = xc7 && rng_below(r, 2) ? RTL_RAM_LUT : RTL_RAM_BLOCK;
    c.requant_mul = xc7 && rng_below(r, 4) ? RTL_MUL_DSP : RTL_MUL_LUT;
    return c;
}

static int64_t luts_of(const struct synth_result *r, const char *module)
{
    for (int i = 0; i < r->n_parts; i++)
        if (strcmp(r->parts[i].module, module) == 0) return r->parts[i].sum.lut;
    fail_msg("no part %s", module);
    return 0;
}

struct errors {
    double worst, sum, of; /* |estimate - count|, and the sum of counts [LUT]     */
    int n;
};

static void check_unit(const struct mvu_config *c, enum rtl_target target,
                       const struct synth_result *r, struct errors *e)
{
    struct mvu_parts p;
    mvu_compose(c, target, &p);
    char what[160];
    (void)snprintf(what, sizeof what,
                   "MW %d MH %d PE %d SIMD %d w %d a %d%s acc %d out %d%s requant %s "
                   "ram %s",
                   c->MW, c->MH, c->PE, c->SIMD, c->wbits, c->abits,
                   c->asigned ? "s" : "u", c->acc_bits, c->out_bits,
                   c->out_signed ? "s" : "u", rtl_mul_names[c->requant_mul],
                   rtl_ram_names[c->weight_ram]);
    if (r->st != ST_OK) fail_msg("%s: %s", what, r->why.msg);
    if (p.ff != r->total.ff || p.dsp != r->total.dsp || p.bram18 != r->total.bram18)
        fail_msg("%s: FF %ld DSP %ld BRAM %ld, Yosys says %ld %ld %ld", what,
                 (long)p.ff, (long)p.dsp, (long)p.bram18, (long)r->total.ff,
                 (long)r->total.dsp, (long)r->total.bram18);
    int64_t lutram = 0;
    for (int i = 0; i < MVU_N_PARTS; i++)
        lutram += p.part[i].lutram;
    if (lutram != r->total.lutram)
        fail_msg("%s: LUT RAM %ld, Yosys says %ld", what, (long)lutram,
                 (long)r->total.lutram);
    const double rest =
        (double)(r->total.lut - luts_of(r, "mac_parallel") - luts_of(r, "requant"));
    const double error = fabs((double)p.lut_memory + p.lut_control - rest);
    if (error > e->worst) e->worst = error;
    e->sum += error;
    e->of += rest;
    e->n++;
}

static void check_target(enum rtl_target target, int n, uint64_t seed,
                         double worst_allowed)
{
    struct err err = {0};
    struct synth_options opt = {.time_limit_s = 120};
    assert_ok(toolchain_find(rtl_target_names[target], NULL, &opt.toolchain, &err),
              err);
    struct rng r = rng_seed(seed, (uint64_t)target);
    static struct mvu_config units[MAX_UNITS];
    static struct rtl_instance instances[MAX_UNITS];
    static struct synth_result results[MAX_UNITS];
    for (int i = 0; i < n; i++) {
        units[i] = random_unit(&r, target);
        assert_ok(mvu_config_check(&units[i], &err), err);
        instances[i] = mvu_instance(&units[i]);
    }
    struct errors e = {0};
    for (int at = 0; at < n; at += BATCH) {
        const int k = n - at < BATCH ? n - at : BATCH;
        assert_ok(synth_run(instances + at, k, &opt, results + at, &err), err);
        for (int i = at; i < at + k; i++)
            check_unit(&units[i], target, &results[i], &e);
    }
    print_message("# %s: LUT beside macs and requantisers of %d units: off by at most "
                  "%.1f, %.1f on average, %.1f %% in all\n",
                  rtl_target_names[target], e.n, e.worst, e.sum / e.n,
                  100 * e.sum / e.of);
    if (e.worst > worst_allowed)
        fail_msg("%s: off by %.1f LUT", rtl_target_names[target], e.worst);
}

static void units_on_xc7_are_composed_exactly(void **state)
{
    (void)state;
    check_target(RTL_XC7, 20, 11, 5);
}

static void units_on_ice40_are_composed_exactly(void **state)
{
    (void)state;
    check_target(RTL_ICE40, 20, 12, 8);
}

/* ---- memories alone ---- */

static const struct {
    int width, depth;
    enum memory_style style;
} memories[] = {
    {5, 1, MEMORY_LUT},       {7, 32, MEMORY_LUT},      {7, 33, MEMORY_LUT},
    {16, 64, MEMORY_LUT},     {16, 65, MEMORY_LUT},     {33, 128, MEMORY_LUT},
    {6, 160, MEMORY_LUT},     {7, 256, MEMORY_LUT},     {48, 40, MEMORY_SMALL},
    {36, 2, MEMORY_BLOCK},    {48, 100, MEMORY_BLOCK},  {100, 512, MEMORY_BLOCK},
    {18, 700, MEMORY_BLOCK},  {24, 700, MEMORY_BLOCK},  {64, 1500, MEMORY_BLOCK},
    {9, 3000, MEMORY_BLOCK},  {12, 3000, MEMORY_BLOCK}, {5, 6000, MEMORY_BLOCK},
    {16, 6000, MEMORY_BLOCK}, {8, 256, MEMORY_BLOCK},   {2, 1024, MEMORY_BLOCK},
};
enum { N_MEMORIES = sizeof memories / sizeof memories[0] };

static struct rtl_instance memory_instance(int i)
{
    struct rtl_instance inst = {.module = "ram_sdp", .n_params = 4};
    int address_bits = 1;
    while (1 << address_bits < memories[i].depth)
        address_bits++;
    inst.params[0].name = "WIDTH";
    inst.params[0].value = memories[i].width;
    inst.params[1].name = "DEPTH";
    inst.params[1].value = memories[i].depth;
    inst.params[2].name = "STYLE";
    inst.params[2].value = memories[i].style;
    inst.params[3].name = "ADDR_BITS";
    inst.params[3].value = address_bits;
    return inst;
}

/* On ice40 everything but a single word is block RAM, so LUT RAM is left out. */
static void check_memories(enum rtl_target target, const char *toolchain)
{
    static struct synth_result results[N_MEMORIES];
    struct rtl_instance instances[N_MEMORIES];
    int index[N_MEMORIES], n = 0;
    struct synth_options opt = {.time_limit_s = 300};
    struct err err;
    assert_ok(toolchain_find(toolchain, NULL, &opt.toolchain, &err), err);
    for (int i = 0; i < N_MEMORIES; i++) {
        if (target == RTL_ICE40 && memories[i].style == MEMORY_LUT) continue;
        index[n] = i;
        instances[n++] = memory_instance(i);
    }
    assert_ok(synth_run(instances, n, &opt, results, &err), err);
    for (int k = 0; k < n; k++) {
        const int i = index[k];
        const struct memory_shape s = memory_shape_of(
            memories[i].width, memories[i].depth, memories[i].style, target);
        const struct cell_count *m = &results[k].total;
        assert_ok(results[k].st, results[k].why);
        if (s.ff != m->ff || s.bram18 != m->bram18 ||
            (target == RTL_XC7 && s.lut_ram + s.lut_read != m->lut))
            fail_msg("%s %d x %d style %d: ff %d, bram18 %d, lut %d; found %d, %d, %d",
                     toolchain, memories[i].width, memories[i].depth,
                     (int)memories[i].style, (int)s.ff, (int)s.bram18,
                     (int)(s.lut_ram + s.lut_read), (int)m->ff, (int)m->bram18,
                     (int)m->lut);
    }
}

static void memories_on_xc7_are_counted_exactly(void **state)
{
    (void)state;
    check_memories(RTL_XC7, "xc7");
}

static void memories_on_ice40_are_counted_exactly(void **state)
{
    (void)state;
    check_memories(RTL_ICE40, "ice40");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memories_on_xc7_are_counted_exactly),
        cmocka_unit_test(memories_on_ice40_are_counted_exactly),
        cmocka_unit_test(units_on_xc7_are_composed_exactly),
        cmocka_unit_test(units_on_ice40_are_composed_exactly),
    };
    return cmocka_run_group_tests_name("rtl/compose", tests, NULL, NULL);
}
