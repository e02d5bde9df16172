/* The model as a file: what is written is read back the same, what is wrong is
 * refused with its place; levels, boxes and sums of what it answers. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "costmodel/calibrate.h"
#include "costmodel/energy.h"
#include "tests/scratch.h"
#include "tests/unit/costmodel/planted.h"

struct fixture {
    struct scratch s;
    struct arena *a;
    struct cost_model *model;
};

/* A planted model, saved and loaded. */
static int open_fixture(void **state)
{
    static struct fixture f;
    struct meas meas;
    struct calibration c;
    struct calibrate_options opt = {.only = NULL};
    struct provenance p;
    struct err err = {.msg = ""};
    f.a = arena_new();
    *state = &f;
    if (!f.a || !scratch_open(&f.s)) return -1;
    const char *csv = arena_strdup(f.a, scratch_path(&f.s, "m.csv"));
    FILE *file = fopen(csv, "w");
    fputs(PLANTED_HEAD, file);
    planted_write(file, "xc7");
    fclose(file);
    provenance_init(&p, "test", 0);
    if (meas_load(csv, f.a, &meas, &err) || calibrate(&meas, &opt, f.a, &c, &err) ||
        cost_model_save(c.model, &p, scratch_path(&f.s, "cost.yaml"), &err) ||
        cost_model_load(f.s.path, f.a, &f.model, &err)) {
        print_error("%s\n", err.msg);
        return -1;
    }
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    scratch_close(&f->s);
    arena_free(f->a);
    return 0;
}

static char *read_text(struct fixture *f, const char *name)
{
    char *text;
    size_t size;
    struct err err;
    assert_ok(file_read(scratch_path(&f->s, name), f->a, &text, &size, &err), err);
    return text;
}

static void what_is_saved_again_is_the_same_file(void **state)
{
    struct fixture *f = *state;
    struct provenance p;
    struct err err;
    const char *before = read_text(f, "cost.yaml");
    provenance_init(&p, "test", 0);
    assert_ok(cost_model_save(f->model, &p, scratch_path(&f->s, "again.yaml"), &err),
              err);
    assert_string_equal(read_text(f, "again.yaml"), before);
}

static struct cost_value ask(struct fixture *f, int simd, int w, int a, int acc)
{
    const struct mac_config m = {simd, w, a, true, false, acc, RTL_MUL_LUT};
    struct cost_value v = {0, 0, 0, COST_LEVEL_EXACT};
    struct err err;
    assert_ok(cost_mac_lut(f->model, 0, &m, &v, &err), err);
    return v;
}

static void what_was_measured_is_looked_up(void **state)
{
    struct fixture *f = *state;
    const int acc = quant_acc_bits(32, 3, true, 4, false);
    const struct cost_value v = ask(f, 8, 3, 4, acc);
    assert_int_equal(v.level, COST_LEVEL_TABLE);
    assert_close(v.value, 2 * 8 * 12 + 3 * acc, 0, 0);
    assert_true(v.lo == v.value && v.hi == v.value);
}

static void what_was_not_measured_is_computed(void **state)
{
    struct fixture *f = *state;
    const struct cost_value v = ask(f, 4, 3, 4, 12);
    assert_true(v.level == COST_LEVEL_SCALED || v.level == COST_LEVEL_FORMULA);
    assert_close(v.value, 2 * 4 * 12 + 36, 1e-6, 0);
}

static void beyond_the_box_the_parameter_is_named(void **state)
{
    struct fixture *f = *state;
    struct cost_estimate e;
    struct err err;
    struct mvu_config c = planted_mvu(32, 16, 2, 4, 3, 4);
    assert_ok(cost_mvu(f->model, 0, &c, NULL, &e, &err), err);
    assert_false(e.outside_box);
    c = planted_mvu(32, 16, 2, 16, 3, 4);
    assert_ok(cost_mvu(f->model, 0, &c, NULL, &e, &err), err);
    assert_true(e.outside_box);
    assert_string_equal(e.outside, "SIMD");
}

static void a_layer_is_the_sum_of_its_parts(void **state)
{
    struct fixture *f = *state;
    const struct energy_profile profile = {.name = "p", .add_pj_per_bit = 1};
    const struct energy_source energy = {.profile = &profile, .scale = 1};
    struct mvu_config c = planted_mvu(32, 16, 4, 8, 3, 4);
    struct mvu_parts p;
    struct cost_estimate e;
    struct err err;
    mvu_compose(&c, RTL_XC7, &p);
    assert_ok(cost_mvu(f->model, 0, &c, &energy, &e, &err), err);
    assert_close(e.metric[COST_LUT].value,
                 4 * planted_mac(&p.mac) + p.n_requant * planted_requant(&p.requant) +
                     (double)p.lut_memory + PLANTED_CONTROL,
                 1e-6, 0);
    assert_true(e.metric[COST_FF].value == (double)p.ff);
    assert_true(e.metric[COST_CYCLES].value == (double)mvu_cycles(&c, 10));
    assert_true(e.metric[COST_SIZE_BYTES].value == 32 * 16 * 3 / 8.0);
    assert_true(e.metric[COST_BITOPS].value == 32 * 16 * 10 * 12.0);
    assert_close(e.metric[COST_ENERGY_UJ].value, 32 * 16 * 10 * c.acc_bits * 1e-6, 1e-9,
                 0);
    assert_ok(cost_mvu(f->model, 0, &c, NULL, &e, &err), err);
    assert_true(isnan(e.metric[COST_ENERGY_UJ].value));
}

/* Macs of more registers than ours: what was measured counts, what was not is not
 * answered by our structure. */
static void registers_that_were_measured_otherwise_are_counted(void **state)
{
    struct fixture *f = *state;
    struct model_toolchain *t = &f->model->toolchains[0];
    struct mvu_config c = planted_mvu(32, 16, 4, 8, 3, 4);
    struct mvu_parts p;
    struct cost_estimate e;
    struct err err = {.msg = ""};
    mvu_compose(&c, RTL_XC7, &p);
    for (int32_t i = 0; i < t->n_elements; i++)
        if (t->elements[i].e.module == ELEMENT_MAC)
            t->elements[i].value[ELEMENT_FF] += 2;
    assert_ok(model_index(t, f->a, &err), err);
    const status st = cost_mvu(f->model, 0, &c, NULL, &e, &err);
    c = planted_mvu(32, 16, 4, 16, 3, 4); /* a mac that was not measured */
    struct cost_estimate ignored;
    const status unknown = cost_mvu(f->model, 0, &c, NULL, &ignored, &err);
    for (int32_t i = 0; i < t->n_elements; i++)
        if (t->elements[i].e.module == ELEMENT_MAC)
            t->elements[i].value[ELEMENT_FF] -= 2;
    assert_ok(model_index(t, f->a, NULL), err);
    assert_int_equal(st, ST_OK);
    assert_true(e.metric[COST_FF].value == (double)p.ff + 4 * 2);
    assert_int_equal(e.metric[COST_FF].level, COST_LEVEL_TABLE);
    assert_int_equal(e.metric[COST_DSP].level, COST_LEVEL_EXACT);
    assert_int_equal(unknown, ST_RANGE);
    assert_non_null(strstr(err.msg, "the ff of mac_parallel class sxu"));
}

static void an_accelerator_is_the_sum_of_layers_but_for_cycles(void **state)
{
    struct fixture *f = *state;
    struct mvu_config layers[2] = {planted_mvu(32, 16, 4, 8, 3, 4),
                                   planted_mvu(32, 16, 2, 2, 2, 3)};
    const struct accel_config accel = {.name = "two",
                                       .target = RTL_XC7,
                                       .clock_mhz = 100,
                                       .n_layers = 2,
                                       .layers = layers};
    struct cost_estimate each[2], total;
    struct err err;
    assert_ok(cost_accel(f->model, &accel, NULL, &total, each, &err), err);
    assert_close(total.metric[COST_FF].value,
                 each[0].metric[COST_FF].value + each[1].metric[COST_FF].value, 0, 0);
    assert_close(total.metric[COST_LUT].value,
                 each[0].metric[COST_LUT].value + each[1].metric[COST_LUT].value, 1e-12,
                 0);
    assert_close(total.metric[COST_CYCLES].value, each[1].metric[COST_CYCLES].value, 0,
                 0);
    assert_true(each[1].metric[COST_CYCLES].value > each[0].metric[COST_CYCLES].value);
    assert_ok(cost_accel(f->model, &accel, NULL, &total, NULL, &err), err);
}

static void independent_intervals_add_as_squares(void **state)
{
    (void)state;
    struct cost_estimate layers[2], total;
    memset(layers, 0, sizeof layers);
    layers[0].metric[COST_LUT] = (struct cost_value){100, 97, 104, COST_LEVEL_TABLE};
    layers[1].metric[COST_LUT] = (struct cost_value){200, 196, 203, COST_LEVEL_FORMULA};
    cost_total(layers, 2, &total);
    const struct cost_value *v = &total.metric[COST_LUT];
    assert_close(v->value, 300, 0, 0);
    assert_close(v->lo, 295, 1e-12, 0);
    assert_close(v->hi, 305, 1e-12, 0);
    assert_int_equal(v->level, COST_LEVEL_FORMULA);
}

/* Replaces the first `from` in the saved model by `to` and loads it. */
static status load_changed(struct fixture *f, const char *from, const char *to,
                           struct err *err)
{
    struct cost_model *m;
    const char *text = read_text(f, "cost.yaml"), *at = strstr(text, from);
    if (!at) return err_set(err, ST_NOT_FOUND, "no such text in the file");
    const char *changed =
        arena_printf(f->a, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    assert_non_null(changed);
    if (!changed) return ST_NOMEM;
    const status st =
        cost_model_load(scratch_file(&f->s, "bad.yaml", changed), f->a, &m, err);
    const char *name = strstr(err->msg, "/bad.yaml");
    if (st != ST_OK && name) memmove(err->msg, name + 1, strlen(name));
    return st;
}

static void a_damaged_file_is_refused_with_its_place(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *from, *to;
        status st;
        const char *msg;
    } rows[] = {
        {"version: 2", "version: 1", ST_UNSUPPORTED,
         "bad.yaml:1:10: expected a cost model of version 2, found version 1; fit the "
         "measurements again (bitwright fit)"},
        {"version: 2", "version: 3", ST_UNSUPPORTED,
         "bad.yaml:1:10: expected a cost model of version 2, found version 3; it is of "
         "a "
         "later bitwright"},
        {"version: 2", "version: x", ST_PARSE, "bad.yaml:1:10: expected"},
        {"metric: lut", "metric: luts", ST_PARSE, "luts"},
        {"requant_dsp: true, lut: ", "requant_dsp: true, ltu: ", ST_PARSE,
         "did you mean 'lut'"},
        {"lut: ", "lut: -", ST_RANGE, "for 'lut'"},
        {"\ntoolchains:", "\ntoolchain:", ST_PARSE, "did you mean 'toolchains'"},
        {"class: sxu", "class: sxw", ST_PARSE,
         "expected a class of mac_parallel, found 'sxw'"},
        {"name: cells", "name: cellz", ST_PARSE,
         "expected a term of mac_parallel for lut, found 'cellz'"},
        {"coefficient: ", "coefficient: -", ST_RANGE, "for 'coefficient', found '-"},
        {"target: xc7", "target: xc9", ST_PARSE, "xc9"},
        {"wbits: [2, 7]", "wbits: [2]", ST_PARSE,
         "expected [lowest, highest], found 1 items"},
        {"wbits: [2, 7]", "wbits: [7, 2]", ST_RANGE, "expected an integer from 7"},
        {"  n_elements: ", "  n_elements: 1", ST_PARSE,
         " items, as n_elements says, found"},
        {"module: mvu_control\n    class: lut", "module: mac_parallel\n    class: sxu",
         ST_PARSE,
         "expected one formula for the lut of mac_parallel class sxu, found a second"},
        {"SIMD: 8, wbits: 2", "SIMD: 2, wbits: 2", ST_PARSE,
         "expected every element once, found mac_parallel SIMD=2"},
        {"SIMD: 8", "SIMD: 257", ST_RANGE, "expected an integer from 1 to 256"},
        {"SIMD: 8", "SIMD: 65", ST_RANGE,
         "mac_parallel: expected SIMD in [1, 64], found 65"},
        {"coverage: ", "coverage: 1", ST_RANGE, "for 'coverage'"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err err = {.msg = ""};
        const status st = load_changed(f, rows[i].from, rows[i].to, &err);
        if (st != rows[i].st || strncmp(err.msg, "bad.yaml:", 9) != 0 ||
            !strstr(err.msg, rows[i].msg))
            fail_msg("'%s' -> '%s': status %d, message '%s'", rows[i].from, rows[i].to,
                     (int)st, err.msg);
    }
}

static void a_truncated_file_is_refused(void **state)
{
    struct fixture *f = *state;
    const char *text = read_text(f, "cost.yaml");
    const size_t size = strlen(text);
    for (size_t keep = 0; keep < size - 100; keep += size / 23) {
        struct cost_model *m;
        struct err err = {.msg = ""};
        const char *part = arena_strndup(f->a, text, keep);
        const status st =
            cost_model_load(scratch_file(&f->s, "part.yaml", part), f->a, &m, &err);
        if ((st != ST_PARSE && st != ST_RANGE) || !err.msg[0])
            fail_msg("%zu of %zu bytes: status %d, message '%s'", keep, size, (int)st,
                     err.msg);
    }
}

static void a_missing_file_is_not_found(void **state)
{
    struct fixture *f = *state;
    struct cost_model *m;
    struct err err;
    assert_int_equal(cost_model_load(scratch_path(&f->s, "no.yaml"), f->a, &m, &err),
                     ST_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_saved_again_is_the_same_file),
        cmocka_unit_test(what_was_measured_is_looked_up),
        cmocka_unit_test(what_was_not_measured_is_computed),
        cmocka_unit_test(beyond_the_box_the_parameter_is_named),
        cmocka_unit_test(a_layer_is_the_sum_of_its_parts),
        cmocka_unit_test(registers_that_were_measured_otherwise_are_counted),
        cmocka_unit_test(an_accelerator_is_the_sum_of_layers_but_for_cycles),
        cmocka_unit_test(independent_intervals_add_as_squares),
        cmocka_unit_test(a_damaged_file_is_refused_with_its_place),
        cmocka_unit_test(a_truncated_file_is_refused),
        cmocka_unit_test(a_missing_file_is_not_found),
    };
    return cmocka_run_group_tests_name("costmodel/model", tests, open_fixture,
                                       close_fixture);
}
