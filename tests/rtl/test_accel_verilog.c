/* The Verilog written for an accelerator is complete and legal: each layer's top
 * elaborates in Icarus, Verilator and Yosys from the files of its folder alone. */
#include "tests/cmocka_all.h"

#include "base/proc.h"
#include "rtl/accel_config.h"
#include "tests/scratch.h"

static struct mvu_config layer(const char *name, int32_t MW, int32_t MH, int32_t PE,
                               int32_t SIMD)
{
    struct mvu_config m = {.MW = MW,
                           .MH = MH,
                           .PE = PE,
                           .SIMD = SIMD,
                           .n_vec = 1,
                           .wbits = 4,
                           .abits = 4,
                           .wsigned = true,
                           .acc_bits = 16,
                           .out_bits = 4,
                           .shift = 20,
                           .lanes = mvu_lanes(PE, MW / SIMD),
                           .requant_mul = RTL_MUL_DSP};
    (void)snprintf(m.name, sizeof m.name, "%s", name);
    return m;
}

/* Sources first; the layer's top last. */
static const char *files_of(struct arena *a, const char *dir, const char *module)
{
    const char *all = "";
    for (const char *const *s = rtl_sources(); *s; s++)
        all = arena_printf(a, "%s %s/%s", all, dir, strrchr(*s, '/') + 1);
    return arena_printf(a, "%s %s/%s.v", all, dir, module);
}

static void check_layer(struct arena *a, const char *dir, const struct mvu_config *m)
{
    char module[RTL_NAME_MAX];
    struct err err = {0};
    accel_layer_module(m, module);
    const char *files = files_of(a, dir, module);
    const char *shell[] = {
        arena_printf(a, "iverilog -g2005 -Wall -s %s -o %s/out.vvp %s", module, dir,
                     files),
        arena_printf(a, "verilator --lint-only -Wall --top-module %s %s", module,
                     files),
        arena_printf(a,
                     "yosys -q -p 'read_verilog %s; hierarchy -check -top %s; proc; "
                     "check -assert'",
                     files, module),
    };
    for (size_t i = 0; i < sizeof shell / sizeof *shell; i++) {
        const char *argv[] = {"sh", "-c", shell[i], NULL};
        const struct proc_options opt = {.time_limit_s = 100};
        assert_ok(proc_run(argv, &opt, &err), err);
    }
}

static void every_layer_elaborates_from_its_folder(void **state)
{
    (void)state;
    struct scratch s;
    struct err err = {0};
    assert_true(scratch_open(&s));
    struct mvu_config layers[] = {layer("stage1/conv.1", 72, 16, 4, 8),
                                  layer("1x1", 8, 8, 8, 8),
                                  layer("fc-last", 64, 10, 1, 4)};
    const struct accel_config c = {.name = "test",
                                   .target = RTL_XC7,
                                   .clock_mhz = 100,
                                   .n_layers = 3,
                                   .layers = layers};
    assert_ok(accel_config_write_verilog(&c, s.dir, &err), err);
    struct arena *a = arena_new();
    for (int i = 0; i < 3; i++)
        check_layer(a, s.dir, &layers[i]);
    arena_free(a);
    scratch_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layer_elaborates_from_its_folder),
    };
    return cmocka_run_group_tests_name("rtl/accel_verilog", tests, NULL, NULL);
}
