/* What real operands change: which rows are compared, and what is refused. */
#include "tests/cmocka_all.h"

#include "reports/operands.h"
#include "tests/scratch.h"

#define HEADER "module,toolchain,SIMD,op_wbits[bit],op_abits[bit],stimulus,energy[pJ]\n"

static status load(struct scratch *s, const char *text, struct arena *a,
                   struct operand_effects *out, struct err *err)
{
    struct report_files files = {0};
    return operand_effects_load(scratch_file(s, "m.csv", text), a, &files, out, err);
}

static void layers_are_compared_with_uniform_operands_of_their_precision(void **state)
{
    struct err err;
    struct operand_effects e;
    struct arena *a = arena_new();
    char *text = NULL;
    size_t size;
    assert_ok(load(*state,
                   HEADER "mac_parallel,osu018,4,2,2,layer:n/a,3\n"
                          "mac_parallel,osu018,4,2,2,uniform,4\n"
                          "mac_parallel,osu018,4,8,8,uniform,10\n"
                          "mac_parallel,osu018,4,2,2,layer:n/b,5\n"
                          "mac_parallel,osu018,4,,,,\n"
                          "mac_parallel,osu018,4,2,2,gauss,1\n",
                   a, &e, &err),
              err);
    assert_int_equal(e.n, 2);
    assert_int_equal(e.rows[0].n_layers, 2);
    assert_true(e.rows[0].least == 3 && e.rows[0].largest == 5);
    FILE *f = open_memstream(&text, &size);
    operand_effects_markdown(&e, f);
    fclose(f);
    assert_non_null(strstr(text, "| mac_parallel | osu018 | 4 | 2 x 2 | 4 | 0.25 | 2 | "
                                 "0.75 | 1.00 | 1.25 |\n"));
    assert_non_null(strstr(text, "| 8 x 8 | 10 | - | 0 | - | - | - |\n"));
    free(text);
    arena_free(a);
}

static void without_uniform_operands_there_is_nothing_to_compare(void **state)
{
    struct err err;
    struct operand_effects e;
    struct arena *a = arena_new();
    assert_int_equal(
        load(*state, HEADER "mac_serial,osu018,4,2,3,gauss,3\n", a, &e, &err),
        ST_RANGE);
    assert_non_null(strstr(err.msg, "uniform operands of mac_serial at 2 x 3 bits"));
    assert_int_equal(load(*state, HEADER, a, &e, &err), ST_RANGE);
    assert_int_equal(load(*state, "module,toolchain\n", a, &e, &err), ST_PARSE);
    assert_non_null(strstr(err.msg, "SIMD"));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_are_compared_with_uniform_operands_of_their_precision),
        cmocka_unit_test(without_uniform_operands_there_is_nothing_to_compare),
    };
    return cmocka_run_group_tests_name("reports/operands", tests, scratch_setup,
                                       scratch_teardown);
}
