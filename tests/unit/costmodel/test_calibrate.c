/* From a planted measurement file to a model and back: what was planted comes out,
 * what disagrees is refused. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "costmodel/calibrate.h"
#include "costmodel/terms.h"
#include "tests/scratch.h"
#include "tests/unit/costmodel/planted.h"

struct fixture {
    struct scratch s;
    struct arena *a;
    struct meas meas;
    struct calibrate_options opt;
    struct calibration c;
};

static int open_fixture(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof f);
    f.a = arena_new();
    *state = &f;
    return f.a && scratch_open(&f.s) ? 0 : -1;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    scratch_close(&f->s);
    arena_free(f->a);
    return 0;
}

/* Planted rows of one toolchain, then more rows. */
static status run(struct fixture *f, const char *toolchain, const char *more,
                  struct err *err)
{
    const char *path = scratch_path(&f->s, "m.csv");
    FILE *file = fopen(path, "w");
    fputs(PLANTED_HEAD, file);
    planted_write(file, toolchain);
    fputs(more, file);
    fclose(file);
    const char *copy = arena_strdup(f->a, path);
    assert_ok(meas_load(copy, f->a, &f->meas, err), *err);
    const status st = calibrate(&f->meas, &f->opt, f->a, &f->c, err);
    const char *name = strstr(err->msg, "/m.csv");
    if (st != ST_OK && name) memmove(err->msg, name + 1, strlen(name));
    return st;
}

static const struct calibrate_class *class_of(const struct fixture *f,
                                              enum element_module m, const char *name)
{
    for (int32_t i = 0; i < f->c.n_classes; i++)
        if (f->c.classes[i].module == m && f->c.classes[i].metric == ELEMENT_LUT &&
            f->c.classes[i].i_class == element_class_find(m, name))
            return &f->c.classes[i];
    fail_msg("no class %s", name);
    return NULL;
}

static void the_planted_law_is_found(void **state)
{
    struct fixture *f = *state;
    struct err err;
    assert_ok(run(f, "xc7", "", &err), err);
    const struct calibrate_class *c = class_of(f, ELEMENT_MAC, "sxu");
    assert_int_equal(c->n_rows, 72);
    assert_int_equal(c->n_groups, 36);
    assert_non_null(c->fit);
    assert_int_equal(c->fit->formula.n_terms, 2);
    for (int i = 0; i < 2; i++) {
        const int32_t t = c->fit->formula.terms[i];
        const int is_cells = t == terms_find(ELEMENT_MAC, ELEMENT_LUT, "cells");
        assert_true(is_cells || t == terms_find(ELEMENT_MAC, ELEMENT_LUT, "acc"));
        assert_close(c->fit->formula.coefficients[i], is_cells ? 2 : 3, 1e-9, 0);
    }
    assert_close(c->fit->held_out.max, 0, 0, 1e-9);
}

static void whole_units_are_exact_when_their_law_is(void **state)
{
    struct fixture *f = *state;
    struct err err;
    assert_ok(run(f, "xc7", "", &err), err);
    const struct calibrate_check *k = &f->c.mvus[0];
    assert_int_equal(k->n, 8);
    assert_int_equal(k->ff.n_equal, 8);
    assert_int_equal(k->dsp.n_equal, 8);
    assert_int_equal(k->bram18.n_equal, 8);
    assert_int_equal(k->cycles.n_equal, 8);
    for (int32_t i = 0; i < f->c.n_classes; i++)
        if (f->c.classes[i].metric == ELEMENT_FF)
            assert_true(f->c.classes[i].is_structure);
    assert_int_equal(k->lut_table.n, 8);
    assert_int_equal(k->lut_formula.n, 8);
    assert_close(k->lut_table.max, 0, 0, 1e-6);
    assert_close(k->lut_formula.max, 0, 0, 1e-6);
}

static void a_wrong_unit_shows_in_the_check(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct mvu_config c = planted_mvu(32, 16, 2, 2, 2, 3);
    char row[256];
    struct mvu_parts p;
    mvu_compose(&c, RTL_XC7, &p);
    snprintf(row, sizeof row,
             "mvu,xc7,2,2,32,16,2,3,1,0,%d,3,0,%d,%d,1,0,9999,%d,%d,%d,%d,10,T\n",
             c.acc_bits, c.shift, c.lanes, (int)p.ff + 1, (int)p.dsp, (int)p.bram18,
             (int)mvu_cycles(&c, 10) + 1);
    assert_ok(run(f, "xc7", row, &err), err);
    const struct calibrate_check *k = &f->c.mvus[0];
    assert_int_equal(k->ff.n - k->ff.n_equal, 1);
    assert_int_equal(k->cycles.n - k->cycles.n_equal, 1);
    assert_int_equal(k->dsp.n, k->dsp.n_equal);
    assert_true(k->lut_table.max > 0.5);
}

static void a_class_with_too_few_rows_is_table_only(void **state)
{
    struct fixture *f = *state;
    struct err err;
    assert_ok(run(f, "xc7",
                  "mac_parallel,xc7,4,0,0,0,1,1,1,0,6,0,0,0,0,0,0,7,6,0,0,0,0,T\n",
                  &err),
              err);
    const struct calibrate_class *c = class_of(f, ELEMENT_MAC, "s1xu1");
    assert_null(c->fit);
    assert_string_equal(c->why, "fit: expected at least 4 rows, found 1");
    const struct mac_config known = {4, 1, 1, true, false, 6, RTL_MUL_LUT};
    const struct mac_config unknown = {8, 1, 1, true, false, 7, RTL_MUL_LUT};
    struct cost_value v;
    assert_ok(cost_mac_lut(f->c.model, 0, &known, &v, &err), err);
    assert_int_equal(v.level, COST_LEVEL_TABLE);
    assert_close(v.value, 7, 0, 0);
    assert_int_equal(cost_mac_lut(f->c.model, 0, &unknown, &v, &err), ST_RANGE);
    assert_string_equal(
        err.msg,
        "cost model: expected a measurement or a formula for the lut of mac_parallel "
        "class s1xu1 on xc7, found neither (SIMD=8 wbits=1s abits=1u acc_bits=7); add "
        "rows of that class to the sweep");
}

static void a_repeated_row_that_agrees_is_counted_once(void **state)
{
    struct fixture *f = *state;
    struct err err;
    assert_ok(run(f, "xc7",
                  "mac_parallel,xc7,4,0,0,0,1,1,1,0,6,0,0,0,0,0,0,7,6,0,0,0,0,T\n"
                  "mac_parallel,xc7,4,0,0,0,1,1,1,0,6,0,0,0,0,0,0,7,6,0,0,0,0,T\n",
                  &err),
              err);
    assert_true(f->c.n_repeated >= 1);
    assert_int_equal(class_of(f, ELEMENT_MAC, "s1xu1")->n_rows, 1);
}

static void a_repeated_row_that_disagrees_is_refused(void **state)
{
    struct fixture *f = *state;
    struct err err;
    const status st =
        run(f, "xc7",
            "mac_parallel,xc7,4,0,0,0,1,1,1,0,6,0,0,0,0,0,0,7,6,0,0,0,0,T\n"
            "mac_parallel,xc7,4,0,0,0,1,1,1,0,6,0,0,0,0,0,0,8,6,0,0,0,0,T\n",
            &err);
    const int line = (int)f->meas.rows[f->meas.n_rows - 1].line;
    char expected[300];
    snprintf(expected, sizeof expected,
             "m.csv:%d:18: expected lut 7 as in line %d for the same element "
             "(SIMD=4 wbits=1s abits=1u acc_bits=6), found 8",
             line, line - 1);
    assert_int_equal(st, ST_RANGE);
    assert_string_equal(err.msg, expected);
}

static void toolchains_are_kept_apart(void **state)
{
    struct fixture *f = *state;
    struct err err;
    int i;
    assert_ok(run(f, "xc7",
                  "mac_parallel,ice40,4,0,0,0,1,1,1,0,6,0,0,0,0,0,0,17,6,0,0,0,0,T\n"
                  "mac_parallel,xc7,4,0,0,0,1,1,1,0,6,0,0,0,0,0,0,7,6,0,0,0,0,T\n",
                  &err),
              err);
    const struct mac_config m = {4, 1, 1, true, false, 6, RTL_MUL_LUT};
    struct cost_value v;
    assert_ok(cost_model_select(f->c.model, "ice40", &i, &err), err);
    assert_ok(cost_mac_lut(f->c.model, i, &m, &v, &err), err);
    assert_close(v.value, 17, 0, 0);
    assert_int_equal(cost_model_target(f->c.model, i), RTL_ICE40);
    assert_int_equal(cost_model_select(f->c.model, "ecp5", &i, &err), ST_RANGE);
    assert_string_equal(err.msg, "cost model: expected one of the toolchains it covers "
                                 "(xc7, ice40), found 'ecp5'");
    f->opt.only = "ice40";
    assert_ok(calibrate(&f->meas, &f->opt, f->a, &f->c, &err), err);
    assert_int_equal(cost_model_n_toolchains(f->c.model), 1);
    f->opt.only = "vivado";
    assert_int_equal(calibrate(&f->meas, &f->opt, f->a, &f->c, &err), ST_RANGE);
}

static void whole_units_need_a_target(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct cli_list targets = {1, {"vivado=xc7"}};
    char expected[300];
    int i;
    assert_ok(run(f, "xc7-vivado", "", &err), err);
    assert_ok(cost_model_select(f->c.model, "xc7", &i, &err), err);
    assert_int_equal(run(f, "vivado", "", &err), ST_RANGE);
    const struct meas_row *r = f->meas.rows;
    while (r->module != MEAS_MVU)
        r++;
    snprintf(
        expected, sizeof expected,
        "m.csv:%d: toolchain 'vivado': expected a name that begins with its target "
        "(xc7 or ice40), because it has rows of whole mvus; say --target "
        "vivado=xc7",
        (int)r->line);
    assert_string_equal(err.msg, expected);
    f->opt.targets = &targets;
    assert_ok(run(f, "vivado", "", &err), err);
    assert_ok(cost_model_select(f->c.model, "xc7", &i, &err), err);
    targets.items[0] = "vivado=xc9";
    assert_int_equal(run(f, "vivado", "", &err), ST_USAGE);
}

static void without_a_target_units_are_priced_but_no_layers(void **state)
{
    struct fixture *f = *state;
    struct err err;
    const struct mac_config m = {4, 1, 1, true, false, 6, RTL_MUL_LUT};
    const struct mvu_config layer = planted_mvu(32, 16, 2, 2, 2, 3);
    struct cost_estimate e;
    struct cost_value v;
    int i;
    assert_ok(run(f, "xc7",
                  "mac_parallel,ecp5,4,0,0,0,1,1,1,0,6,0,0,0,0,0,0,17,6,0,0,0,0,T\n",
                  &err),
              err);
    assert_ok(cost_model_select(f->c.model, "ecp5", &i, &err), err);
    assert_int_equal(cost_model_target(f->c.model, i), RTL_N_TARGETS);
    assert_string_equal(cost_model_target_name(f->c.model, i), "none");
    assert_ok(cost_mac_lut(f->c.model, i, &m, &v, &err), err);
    assert_close(v.value, 17, 0, 0);
    assert_int_equal(cost_mvu(f->c.model, i, &layer, NULL, &e, &err), ST_UNSUPPORTED);
    assert_string_equal(err.msg,
                        "toolchain ecp5 prices MAC units and arrays, not whole layers: "
                        "its measurements were fitted without a target; fit again with "
                        "--target ecp5=xc7 (or ice40) if its memories and multipliers "
                        "are of that kind");
}

static void versions_of_a_tool_do_not_mix(void **state)
{
    struct fixture *f = *state;
    struct err err;
    char expected[300];
    const status st =
        run(f, "xc7", "mac_parallel,xc7,4,0,0,0,1,1,1,0,6,0,0,0,0,0,0,7,6,0,0,0,0,U\n",
            &err);
    snprintf(
        expected, sizeof expected,
        "m.csv:%d: expected toolchain 'xc7' to be 'T' in all rows, found 'U'; give "
        "rows of another version another toolchain name",
        (int)f->meas.rows[f->meas.n_rows - 1].line);
    assert_int_equal(st, ST_RANGE);
    assert_string_equal(err.msg, expected);
}

static void terms_that_the_rows_cannot_tell_apart_are_refused(void **state)
{
    struct fixture *f = *state;
    struct err err;
    f->opt.n_forced[ELEMENT_REQUANT][ELEMENT_LUT] =
        3; /* the planted lanes all have 18 bits of mul */
    f->opt.forced[ELEMENT_REQUANT][ELEMENT_LUT][0] =
        terms_find(ELEMENT_REQUANT, ELEMENT_LUT, "one");
    f->opt.forced[ELEMENT_REQUANT][ELEMENT_LUT][1] =
        terms_find(ELEMENT_REQUANT, ELEMENT_LUT, "acc");
    f->opt.forced[ELEMENT_REQUANT][ELEMENT_LUT][2] =
        terms_find(ELEMENT_REQUANT, ELEMENT_LUT, "bias");
    assert_int_equal(run(f, "xc7", "", &err), ST_RANGE);
    assert_non_null(strstr(err.msg,
                           "xc7 requant class dsp lut: fit: expected independent "
                           "terms, found 'bias' is a combination of 'one', "
                           "'acc' in all"));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        CASE(the_planted_law_is_found),
        CASE(whole_units_are_exact_when_their_law_is),
        CASE(a_wrong_unit_shows_in_the_check),
        CASE(a_class_with_too_few_rows_is_table_only),
        CASE(a_repeated_row_that_agrees_is_counted_once),
        CASE(a_repeated_row_that_disagrees_is_refused),
        CASE(toolchains_are_kept_apart),
        CASE(whole_units_need_a_target),
        CASE(without_a_target_units_are_priced_but_no_layers),
        CASE(versions_of_a_tool_do_not_mix),
        CASE(terms_that_the_rows_cannot_tell_apart_are_refused),
    };
    return cmocka_run_group_tests_name("costmodel/calibrate", tests, NULL, NULL);
}
