/* The adders that costmodel/dot_shape.c counts are those that Yosys finds in the
 * elaborated Verilog: every one is a $sub with one bit more than its sum. */
#include "tests/cmocka_all.h"

#include "base/json.h"
#include "base/proc.h"
#include "costmodel/dot_shape.h"
#include "tests/scratch.h"

struct shape {
    int SIMD, wbits, wsigned, abits, asigned;
};

static const struct shape shapes[] = {
    {1, 8, 1, 8, 0},  {9, 3, 1, 8, 0}, {5, 2, 1, 2, 0},  {16, 4, 1, 4, 0},
    {7, 8, 1, 3, 0},  {6, 5, 1, 7, 1}, {13, 1, 1, 6, 0}, {11, 4, 1, 1, 0},
    {64, 2, 1, 4, 0}, {3, 5, 0, 6, 0}, {10, 1, 0, 5, 1}, {4, 7, 0, 1, 1},
};
enum { N_SHAPES = sizeof shapes / sizeof shapes[0] };

static const char *write_script(struct scratch *s)
{
    FILE *f = fopen(scratch_path(s, "script.ys"), "w");
    assert_non_null(f);
    for (int i = 0; i < N_SHAPES; i++) {
        const struct shape *p = &shapes[i];
        fprintf(f,
                "design -reset\nread_verilog rtl/mac/dot_chain.v rtl/mac/dot_lut.v\n"
                "chparam -set SIMD %d -set WBITS %d -set WSIGNED %d -set ABITS %d "
                "-set ASIGNED %d -set SUM_BITS 32 dot_lut\n"
                "hierarchy -top dot_lut\nproc\nflatten\nwrite_json %s/%d.json\n",
                p->SIMD, p->wbits, p->wsigned, p->abits, p->asigned, s->dir, i);
    }
    fclose(f);
    return s->path;
}

/* Sum over the $sub cells of the only module of Y_WIDTH - 1. */
static int adder_bits(const char *path)
{
    json_t *netlist, *module, *cell;
    const char *name;
    struct err err;
    int bits = 0, n_modules = 0;
    assert_ok(json_file_load(path, &netlist, &err), err);
    json_object_foreach(json_object_get(netlist, "modules"), name, module)
    {
        n_modules++;
        json_object_foreach(json_object_get(module, "cells"), name, cell)
        {
            const json_t *width =
                json_object_get(json_object_get(cell, "parameters"), "Y_WIDTH");
            if (strcmp(json_string_value(json_object_get(cell, "type")), "$sub") != 0)
                continue;
            bits += (int)strtol(json_string_value(width), NULL, 2) - 1;
        }
    }
    json_decref(netlist);
    assert_int_equal(n_modules, 1);
    return bits;
}

static void adder_bits_equal_those_of_the_elaborated_verilog(void **state)
{
    (void)state;
    struct scratch s;
    struct err err;
    assert_true(scratch_open(&s));
    const char *const argv[] = {"yosys", "-q", "-s", write_script(&s), NULL};
    const struct proc_options opt = {.time_limit_s = 120};
    assert_ok(proc_run(argv, &opt, &err), err);
    for (int i = 0; i < N_SHAPES; i++) {
        const struct shape *p = &shapes[i];
        char name[16];
        snprintf(name, sizeof name, "%d.json", i);
        const struct dot_shape d =
            dot_shape_of(p->SIMD, p->wbits, p->wsigned, p->abits, p->asigned);
        const int counted = d.narrow_bits + d.low_bits + d.wide_bits + d.tree_bits;
        const int found = adder_bits(scratch_path(&s, name));
        if (counted != found)
            fail_msg("SIMD=%d %d%c x %d%c: counted %d adder bits, found %d", p->SIMD,
                     p->wbits, "us"[p->wsigned], p -> abits, "us"[p->asigned], counted,
                     found);
    }
    scratch_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adder_bits_equal_those_of_the_elaborated_verilog),
    };
    return cmocka_run_group_tests_name("rtl/dot_shape", tests, NULL, NULL);
}
