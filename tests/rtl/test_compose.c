/* The counts of costmodel/compose.c against Yosys: FF, DSP and BRAM exact, the LUTs
 * of memories and control close, for whole units of every structure. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "costmodel/compose.h"
#include "costmodel/memory_shape.h"
#include "nn/quant.h"
#include "sim/synth.h"

struct folding {
    int MW, MH, PE, SIMD, wbits, abits, out_bits;
    enum rtl_ram ram;
};

/* One fold column or row, one word, odd and power-of-two folds, several turns, more
 * memory words than a bank. */
static const struct folding foldings[] = {
    {64, 16, 4, 4, 2, 4, 4, RTL_RAM_LUT},   {36, 8, 2, 3, 3, 2, 2, RTL_RAM_LUT},
    {32, 8, 8, 8, 2, 2, 2, RTL_RAM_LUT},    {8, 16, 4, 8, 2, 3, 3, RTL_RAM_LUT},
    {16, 4, 4, 16, 1, 2, 2, RTL_RAM_LUT},   {72, 16, 1, 8, 4, 4, 8, RTL_RAM_LUT},
    {144, 32, 8, 4, 2, 2, 4, RTL_RAM_LUT},  {64, 10, 1, 4, 8, 8, 16, RTL_RAM_LUT},
    {64, 16, 4, 4, 2, 4, 4, RTL_RAM_BLOCK}, {144, 32, 4, 2, 2, 2, 2, RTL_RAM_BLOCK},
};
enum { N_FOLDINGS = sizeof foldings / sizeof foldings[0] };

static struct mvu_config unit(const struct folding *f, enum rtl_target target)
{
    struct mvu_config c = {.name = "unit",
                           .MW = f->MW,
                           .MH = f->MH,
                           .PE = f->PE,
                           .SIMD = f->SIMD,
                           .n_vec = 1,
                           .wbits = f->wbits,
                           .abits = f->abits,
                           .wsigned = true,
                           .out_bits = f->out_bits,
                           .mul = RTL_MUL_LUT,
                           .requant_mul = target == RTL_XC7 ? RTL_MUL_DSP : RTL_MUL_LUT,
                           .weight_ram = target == RTL_XC7 ? f->ram : RTL_RAM_BLOCK};
    c.acc_bits = quant_acc_bits(f->MW, f->wbits, true, f->abits, false);
    c.shift = c.acc_bits + 16 - c.out_bits > 30 ? 30 : c.acc_bits + 16 - c.out_bits;
    c.lanes = mvu_lanes(f->PE, f->MW / f->SIMD);
    return c;
}

/* LUTs of all parts but macs and requantisers. */
static int64_t rest_lut(const struct synth_result *r)
{
    int64_t lut = r->total.lut;
    for (int i = 0; i < r->n_parts; i++)
        if (strcmp(r->parts[i].module, "mac_parallel") == 0 ||
            strcmp(r->parts[i].module, "requant") == 0)
            lut -= r->parts[i].sum.lut;
    return lut;
}

static void check_target(enum rtl_target target, const char *toolchain)
{
    static struct synth_result results[N_FOLDINGS];
    struct rtl_instance instances[N_FOLDINGS];
    struct synth_options opt = {.time_limit_s = 300};
    struct err err;
    int bad = 0;
    assert_ok(synth_toolchain_find(toolchain, &opt.toolchain, &err), err);
    for (int i = 0; i < N_FOLDINGS; i++) {
        const struct mvu_config c = unit(&foldings[i], target);
        assert_ok(mvu_config_check(&c, &err), err);
        instances[i] = mvu_instance(&c);
    }
    assert_ok(synth_run(instances, N_FOLDINGS, &opt, results, &err), err);
    for (int i = 0; i < N_FOLDINGS; i++) {
        const struct mvu_config c = unit(&foldings[i], target);
        struct mvu_parts p;
        assert_ok(results[i].st, results[i].why);
        const struct synth_counts *m = &results[i].total;
        mvu_compose(&c, target, &p);
        const double est = (double)p.lut_memory + p.lut_control;
        const double lut = (double)rest_lut(&results[i]);
        const int wrong = p.ff != m->ff || p.dsp != m->dsp || p.bram18 != m->bram18 ||
                          fabs(est - lut) > 0.05 * (double)m->lut + 4;
        bad += wrong;
        print_message("# %s MW=%d MH=%d PE=%d SIMD=%d: ff %d/%d dsp %d/%d bram18 %d/%d "
                      "memory and control %.1f/%.0f of %d LUT%s\n",
                      toolchain, c.MW, c.MH, c.PE, c.SIMD, (int)p.ff, (int)m->ff,
                      (int)p.dsp, (int)m->dsp, (int)p.bram18, (int)m->bram18, est, lut,
                      (int)m->lut, wrong ? "  WRONG" : "");
    }
    assert_int_equal(bad, 0);
}

static void units_on_xc7_are_composed_exactly(void **state)
{
    (void)state;
    check_target(RTL_XC7, "xc7");
}

static void units_on_ice40_are_composed_exactly(void **state)
{
    (void)state;
    check_target(RTL_ICE40, "ice40");
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
    assert_ok(synth_toolchain_find(toolchain, &opt.toolchain, &err), err);
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
        const struct synth_counts *m = &results[k].total;
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
