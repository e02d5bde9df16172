/* MAC units of every kind from measurements to answers: what is built and what is run
 * are kept apart, energies follow their precision, arrays are their units and what lies
 * between. */
#include "tests/cmocka_all.h"

#include <math.h>
#include <string.h>

#include "costmodel/array.h"
#include "costmodel/calibrate.h"
#include "costmodel/goals.h"
#include "tests/scratch.h"

struct fixture {
    struct scratch s;
    struct arena *a;
    FILE *f;
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
    if (!f.a || !scratch_open(&f.s)) return -1;
    f.f = fopen(scratch_path(&f.s, "m.csv"), "w");
    return f.f ? fprintf(f.f,
                         "module,unit,rows,cols,toolchain,SIMD,wbits[bit],abits[bit],"
                         "wsigned,asigned,acc_bits[bit],lanes,grouped,stimulus,"
                         "op_wbits[bit],op_abits[bit],lut[LUT],ff[FF],dsp[DSP],"
                         "area[um2],delay[ns],energy[pJ],energy_zero[pJ]\n") < 0
               : -1;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    scratch_close(&f->s);
    arena_free(f->a);
    return 0;
}

static status run(struct fixture *f, struct err *err)
{
    fclose(f->f);
    const char *path = arena_strdup(f->a, scratch_path(&f->s, "m.csv"));
    assert_non_null(path);
    assert_ok(meas_load(path, f->a, &f->meas, err), *err);
    const status st = calibrate(&f->meas, &f->opt, f->a, &f->c, err);
    const char *name = strstr(err->msg, "/m.csv");
    if (st != ST_OK && name) memmove(err->msg, name + 1, strlen(name));
    return st;
}

/* A serial unit's law: area by what is built; energy by its steps. */
static double serial_area(int simd, int acc) { return 40.0 * simd + 90.0 * acc; }
static double serial_energy(int simd, int acc, int w, int a)
{
    return w * a * (0.03 + 0.02 * acc / simd);
}

static void serial_rows(struct fixture *f)
{
    for (int simd = 8; simd <= 64; simd *= 2)
        for (int acc = 20; acc <= 32; acc += 6)
            for (int w = 2; w <= 8; w += 2)
                for (int a = 2; a <= 8; a += 3)
                    fprintf(f->f,
                            "mac_serial,,,,osu018,%d,8,8,1,1,%d,,,uniform,%d,%d,,,,"
                            "%.9g,,%.9g,\n",
                            simd, acc, w, a, serial_area(simd, acc),
                            serial_energy(simd, acc, w, a));
}

static struct element serial(int simd, int acc, int w, int a)
{
    const struct mac_unit_config u = {MAC_SERIAL, simd, 8, 8,     true,
                                      true,       acc,  1, false, false};
    const struct mac_precision p = {w, a, true, true};
    return element_of_unit(&u, &p);
}

static double ask(struct fixture *f, const struct element *e, enum element_metric m,
                  enum cost_level *level)
{
    struct cost_value v = {NAN, NAN, NAN, COST_LEVEL_EXACT};
    const char *outside;
    struct err err;
    assert_ok(cost_element(f->c.model, 0, e, m, &v, &outside, &err), err);
    *level = v.level;
    return v.value;
}

static void what_is_built_and_what_is_run_are_kept_apart(void **state)
{
    struct fixture *f = *state;
    struct err err;
    enum cost_level level;
    serial_rows(f);
    assert_ok(run(f, &err), err);
    /* 12 units as built, each run at 12 precisions */
    assert_int_equal(f->c.model->toolchains[0].n_elements, 12 + 12 * 12);
    struct element e = serial(16, 26, 4, 5);
    assert_close(ask(f, &e, ELEMENT_AREA, &level), serial_area(16, 26), 1e-9, 0);
    assert_int_equal(level, COST_LEVEL_TABLE);
    assert_close(ask(f, &e, ELEMENT_ENERGY, &level), serial_energy(16, 26, 4, 5), 1e-8,
                 0);
    assert_int_equal(level, COST_LEVEL_TABLE);
    e = serial(16, 26, 3, 7); /* a precision that was never run */
    assert_close(ask(f, &e, ELEMENT_AREA, &level), serial_area(16, 26), 1e-9, 0);
    assert_int_equal(level, COST_LEVEL_TABLE);
    assert_close(ask(f, &e, ELEMENT_ENERGY, &level), serial_energy(16, 26, 3, 7), 1e-6,
                 0);
    assert_int_equal(level, COST_LEVEL_FORMULA);
    e = serial(24, 22, 3, 7); /* a unit that was never built */
    assert_close(ask(f, &e, ELEMENT_AREA, &level), serial_area(24, 22), 1e-6, 0);
    assert_close(ask(f, &e, ELEMENT_FF, &level), 22, 0, 0);
    assert_int_equal(level, COST_LEVEL_EXACT);
}

static void a_metric_that_nobody_measured_is_an_error(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct cost_value v;
    const char *outside;
    serial_rows(f);
    assert_ok(run(f, &err), err);
    const struct element e = serial(16, 26, 4, 5);
    assert_int_equal(cost_element(f->c.model, 0, &e, ELEMENT_DELAY, &v, &outside, &err),
                     ST_RANGE);
    assert_string_equal(
        err.msg, "cost model: expected a measurement or a formula for the delay of "
                 "mac_serial class any on osu018, found neither (SIMD=16 acc_bits=26); "
                 "add rows of that class to the sweep");
}

static void energies_of_other_operands_are_left_aside(void **state)
{
    struct fixture *f = *state;
    struct err err;
    enum cost_level level;
    fputs("mac_parallel,,,,osu018,2,4,4,1,0,12,,,uniform,4,4,,,,900,,3.5,2\n"
          "mac_parallel,,,,osu018,2,4,4,1,0,12,,,gauss,4,4,,,,900,,2.5,1\n",
          f->f);
    assert_ok(run(f, &err), err);
    const struct mac_config m = {2, 4, 4, true, false, 12, RTL_MUL_LUT};
    const struct element e = element_of_mac(&m);
    assert_int_equal(f->c.n_other_stimulus, 1);
    assert_close(ask(f, &e, ELEMENT_ENERGY, &level), 3.5, 0, 0);
    assert_close(ask(f, &e, ELEMENT_ENERGY_ZERO, &level), 2, 0, 0);
    f->opt.stimulus = "gauss";
    assert_ok(calibrate(&f->meas, &f->opt, f->a, &f->c, &err), err);
    assert_close(ask(f, &e, ELEMENT_ENERGY, &level), 2.5, 0, 0);
    assert_string_equal(f->c.model->toolchains[0].stimulus, "gauss");
}

static void runs_that_disagree_about_what_is_built_are_refused(void **state)
{
    struct fixture *f = *state;
    struct err err;
    fputs("mac_fusion,,,,osu018,1,,,1,0,24,,0,uniform,2,2,,,,70000,,20,\n"
          "mac_fusion,,,,osu018,1,,,1,0,24,,0,uniform,8,8,,,,70001,,190,\n",
          f->f);
    assert_int_equal(run(f, &err), ST_RANGE);
    assert_string_equal(err.msg,
                        "m.csv:3:20: expected area 70000 as in line 2 for the same "
                        "element (SIMD=1 acc_bits=24 grouped=0), found 70001");
}

/* A law of arrays of one unit: 60 LUT in it, 2 beside it and one per bit of result. */
static void array_row(struct fixture *f, int rows, int cols, int wrong)
{
    const struct systolic_config c = {
        .flow = SYSTOLIC_OS,
        .rows = rows,
        .cols = cols,
        .unit = {MAC_PARALLEL, 1, 4, 4, true, false, 12, 1, false, false}};
    const int lut = rows * cols * 60 + 2 * rows * cols + (rows - 1) * cols * 12;
    const int ff = (int)systolic_ff(&c) + rows * cols * 12;
    fprintf(f->f,
            "systolic_os,mac_parallel,%d,%d,ice40,1,4,4,1,0,12,,,,,,%d,%d,0,,,,\n",
            rows, cols, lut, ff + wrong);
}

static void an_array_is_its_units_and_what_lies_between(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct cost_array a;
    struct systolic_config c = {
        .flow = SYSTOLIC_OS,
        .rows = 6,
        .cols = 3,
        .unit = {MAC_PARALLEL, 1, 4, 4, true, false, 12, 1, false, false}};
    fputs("mac_parallel,,,,ice40,1,4,4,1,0,12,,,,,,60,12,0,,,,\n", f->f);
    for (int rows = 1; rows <= 8; rows *= 2)
        for (int cols = 2; cols <= 8; cols *= 2)
            array_row(f, rows, cols, rows == 8 && cols == 8);
    assert_ok(run(f, &err), err);
    const struct calibrate_check *k = &f->c.arrays[0];
    assert_int_equal(k->n, 12);
    assert_int_equal(k->ff.n, 12);
    assert_int_equal(k->ff.n_equal, 11); /* the planted wrong one */
    assert_int_equal(k->dsp.n_equal, 12);
    assert_int_equal(k->lut_table.n, 12);
    assert_close(k->lut_table.max, 0, 0, 1e-6);
    assert_ok(cost_array(f->c.model, 0, &c, &a, &err), err);
    assert_close(a.lut.value, 18 * 62 + 5 * 3 * 12, 1e-6, 0);
    assert_close(a.ff.value, (double)systolic_ff(&c) + 18 * 12, 0, 0);
    assert_int_equal(a.ff.level, COST_LEVEL_EXACT);
    assert_close(a.dsp.value, 0, 0, 0);
    assert_true(isnan(a.area.value));
    assert_null(a.outside);
    c.rows = 16;
    assert_ok(cost_array(f->c.model, 0, &c, &a, &err), err);
    assert_string_equal(a.outside, "rows");
    c.unit.wbits = 5; /* neither measured nor enough rows for a formula */
    assert_int_equal(cost_array(f->c.model, 0, &c, &a, &err), ST_RANGE);
}

static void goals_say_what_is_met_and_what_is_missed(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct goal *goals;
    int32_t n, n_missed = 0, n_energy = 0;
    serial_rows(f);
    fputs("mac_parallel,,,,ice40,1,4,4,1,0,12,,,,,,60,12,0,,,,\n", f->f);
    for (int rows = 2; rows <= 8; rows *= 2)
        for (int cols = 2; cols <= 8; cols *= 2)
            array_row(f, rows, cols, rows == cols);
    assert_ok(run(f, &err), err);
    assert_ok(goals_of(&f->c, f->a, &goals, &n, &err), err);
    for (int32_t i = 0; i < n; i++) {
        n_energy += strstr(goals[i].what, "mac_serial (any) energy") != NULL;
        if (goals[i].met) continue;
        n_missed++;
        assert_string_equal(goals[i].what, "arrays: ff by structure");
        assert_close(goals[i].mean, 3.0 / 9, 1e-12, 0);
    }
    assert_int_equal(n_energy, 1);
    assert_int_equal(n_missed, 1);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        CASE(what_is_built_and_what_is_run_are_kept_apart),
        CASE(a_metric_that_nobody_measured_is_an_error),
        CASE(energies_of_other_operands_are_left_aside),
        CASE(runs_that_disagree_about_what_is_built_are_refused),
        CASE(an_array_is_its_units_and_what_lies_between),
        CASE(goals_say_what_is_met_and_what_is_missed),
    };
    return cmocka_run_group_tests_name("costmodel/units", tests, NULL, NULL);
}
