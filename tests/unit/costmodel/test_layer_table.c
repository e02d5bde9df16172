/* Tables of layers: planted rooflines and sums are found again from a handful of
 * points, what is not known is not answered, and malformed tables are refused. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "base/rng.h"
#include "costmodel/layer_table.h"
#include "tests/scratch.h"

static const int few[][2] = {{8, 8}, {8, 2}, {2, 8}, {4, 4}, {2, 2},
                             {6, 3}, {3, 6}, {8, 4}, {4, 8}};
enum { N_FEW = sizeof few / sizeof *few, N_LAYERS = 12 };

static double planted(enum layer_form form, int32_t l, int w, int a)
{
    const double alpha = 1 + l, beta = (1 + l * 5 % 7) * alpha,
                 gamma = (1 + l % 4) * 2.0;
    if (form == LAYER_SUM) return alpha * w * a + beta * a + gamma * w + 3;
    return fmax(alpha * w * a, fmax(beta * a, gamma * w * alpha));
}

/* The points as a CSV: all 64, or the few; each off by up to `noise`. */
static const char *table_csv(struct scratch *s, enum layer_form form, bool all,
                             double noise)
{
    static char text[1 << 16];
    struct rng r = rng_seed(3, 0);
    size_t n = (size_t)sprintf(text, "layer,wbits[bit],abits[bit],time[ms]\n");
    for (int32_t l = 0; l < N_LAYERS; l++)
        for (int k = 0; k < (all ? 64 : N_FEW); k++) {
            const int w = all ? k / 8 + 1 : few[k][0], a = all ? k % 8 + 1 : few[k][1];
            const double y =
                planted(form, l, w, a) * (1 + noise * (2 * rng_unit(&r) - 1));
            n += (size_t)sprintf(text + n, "layer%d,%d,%d,%.9g\n", (int)l, w, a, y);
        }
    return scratch_file(s, "layers.csv", text);
}

static void read_and_fit(const char *path, struct arena *a, struct layer_table *t)
{
    const struct layer_read_options none = {NULL, NULL, 0};
    struct err err;
    assert_true(layer_table_is_input(path));
    assert_ok(layer_table_read(path, &none, a, t, &err), err);
    assert_ok(layer_table_fit(t, &err), err);
}

static void planted_formulas_are_found_from_few_points(void **state)
{
    for (int form = 0; form < LAYER_N_FORMS; form++) {
        struct arena *a = arena_new();
        struct layer_table t;
        read_and_fit(table_csv(*state, (enum layer_form)form, false, 0), a, &t);
        assert_int_equal(t.n_layers, N_LAYERS);
        assert_int_equal(t.metrics[0].metric, COST_LATENCY_US);
        assert_int_equal(t.metrics[0].form, form);
        for (int32_t l = 0; l < N_LAYERS; l++)
            for (int k = 0; k < 49; k++) {
                const int w = k / 7 + 2, b = k % 7 + 2;
                struct cost_estimate e;
                struct err err;
                assert_ok(layer_table_cost(&t, l, w, b, &e, &err), err);
                /* milliseconds became microseconds */
                assert_close(e.metric[COST_LATENCY_US].value,
                             1000 * planted((enum layer_form)form, l, w, b), 1e-6, 0);
            }
        arena_free(a);
    }
}

static void noise_of_a_few_percent_stays_a_few_percent(void **state)
{
    struct arena *a = arena_new();
    struct layer_table t;
    struct err err;
    int32_t n;
    double mean, max;
    read_and_fit(table_csv(*state, LAYER_ROOFLINE, true, .04), a, &t);
    const struct layer_metric *m = &t.metrics[0];
    assert_int_equal(m->form, LAYER_ROOFLINE);
    assert_int_equal(m->n_held_out, 64 * N_LAYERS);
    assert_in_range((int)(1000 * m->held_out.mean), 10, 30);
    assert_in_range((int)(1000 * m->held_out.coverage), 850, 950);
    assert_ok(layer_table_try_points(&t, 0, 9, &n, &mean, &max, &err), err);
    assert_int_equal(n, 55 * N_LAYERS);
    assert_in_range((int)(1000 * mean), 10, 40);
    arena_free(a);
}

static void a_measured_point_is_looked_up_and_another_has_an_interval(void **state)
{
    struct arena *a = arena_new();
    struct layer_table t;
    struct cost_estimate e;
    struct err err;
    read_and_fit(table_csv(*state, LAYER_ROOFLINE, false, .04), a, &t);
    assert_ok(layer_table_cost(&t, 2, 8, 8, &e, &err), err);
    const struct cost_value *v = &e.metric[COST_LATENCY_US];
    assert_int_equal(v->level, COST_LEVEL_TABLE);
    assert_true(v->lo == v->value && v->hi == v->value && !e.outside_box);
    assert_ok(layer_table_cost(&t, 2, 5, 5, &e, &err), err);
    assert_int_equal(v->level, COST_LEVEL_FORMULA);
    assert_true(v->lo < v->value && v->value < v->hi && !e.outside_box);
    assert_ok(layer_table_cost(&t, 2, 1, 5, &e, &err), err);
    assert_true(e.outside_box);
    assert_string_equal(e.outside, "wbits");
    arena_free(a);
}

static void what_the_points_cannot_tell_is_not_answered(void **state)
{
    static const char *const texts[] = {
        /* too few points; points that vary the two widths together; one width only */
        "layer,wbits,abits,v[us]\nx,8,8,4\nx,4,4,2\nx,2,8,1\n",
        "layer,wbits,abits,v[us]\nx,8,8,64\nx,4,4,16\nx,2,2,4\nx,6,6,36\nx,1,1,1\n",
        "layer,wbits,abits,v[us]\nx,8,8,8\nx,8,4,4\nx,8,2,2\nx,8,6,6\nx,8,1,1\n"};
    for (int i = 0; i < 3; i++) {
        struct arena *a = arena_new();
        struct layer_table t;
        struct cost_estimate e;
        struct err err;
        read_and_fit(scratch_file(*state, "x.csv", texts[i]), a, &t);
        assert_ok(layer_table_cost(&t, 0, 8, 8, &e, &err), err);
        assert_int_equal(layer_table_cost(&t, 0, 3, 5, &e, &err), ST_RANGE);
        assert_non_null(strstr(err.msg,
                               "layer x: latency_us was not measured at 3-bit weights "
                               "and 5-bit activations, and "));
        arena_free(a);
    }
}

static void the_file_reads_back_the_same(void **state)
{
    struct arena *a = arena_new();
    struct layer_table t, u;
    struct provenance p;
    struct err err;
    char path[200];
    read_and_fit(table_csv(*state, LAYER_ROOFLINE, false, .03), a, &t);
    provenance_init(&p, "test", 0);
    snprintf(path, sizeof path, "%s", scratch_path(*state, "table.yaml"));
    assert_ok(layer_table_save(&t, &p, path, &err), err);
    assert_true(layer_table_is_file(path));
    assert_ok(layer_table_load(path, a, &u, &err), err);
    for (int32_t l = 0; l < N_LAYERS; l++)
        for (int k = 0; k < 64; k++) {
            struct cost_estimate x, y;
            assert_ok(layer_table_cost(&t, l, k / 8 + 1, k % 8 + 1, &x, &err), err);
            assert_ok(layer_table_cost(&u, l, k / 8 + 1, k % 8 + 1, &y, &err), err);
            const struct cost_value *v = &x.metric[COST_LATENCY_US],
                                    *r = &y.metric[COST_LATENCY_US];
            assert_true(v->value == r->value && v->lo == r->lo && v->hi == r->hi);
            assert_int_equal(v->level, r->level);
            assert_int_equal(x.outside_box, y.outside_box);
        }
    assert_false(
        layer_table_is_file(scratch_file(*state, "cost.yaml", "version: 1\n")));
    arena_free(a);
}

static void malformed_tables_are_refused_with_line_and_column(void **state)
{
    static const struct {
        const char *text, *message;
        status st;
    } rows[] = {
        {"layer,wbits,abit,value[us]\n",
         ":1: expected a column 'abits', found none; the nearest is 'wbits'", ST_PARSE},
        {"layer,wbits,abits,value\n",
         ":1:4: column 'value': expected a unit, one of s, ms, us, ns, cycle, J, mJ, "
         "uJ, "
         "nJ, pJ, LUT, FF, DSP, BRAM18, found ''",
         ST_PARSE},
        {"layer,wbits,abits,value[hours]\n", "found 'hours'", ST_PARSE},
        {"layer,wbits,abits,value[cycle]\n",
         ":1:4: column 'value': cycles become time by the clock: give --clock MHZ",
         ST_USAGE},
        {"layer,wbits[byte],abits,value[us]\n",
         ":1:2: expected unit bit for 'wbits', found 'byte'", ST_PARSE},
        {"layer,wbits,abits\n",
         ":1: expected a column with a unit beside layer, wbits and abits", ST_PARSE},
        {"layer,wbits,abits,a[us],b[ms]\n",
         ":1:5: column 'b': expected one column of latency_us, found a second",
         ST_PARSE},
        {"layer,wbits,abits,value[us]\n", ": expected rows of layers, found none",
         ST_RANGE},
        {"layer,wbits,abits,value[us]\nx,8,8,-3\n",
         ":2:4: expected a number above 0 for 'value', found '-3'", ST_RANGE},
        {"layer,wbits,abits,value[us]\nx,8,8,nan\n",
         ":2:4: expected a finite number for 'value', found 'nan'", ST_RANGE},
        {"layer,wbits,abits,value[us]\nx,9,8,3\n",
         ":2:2: expected an integer from 1 to 8 for 'wbits', found '9'", ST_RANGE},
        {"layer,wbits,abits,value[us]\nx,8,8,3\nx,8,8,4\n",
         ":3:4: expected 3 as before for the same layer and bits, found 4", ST_RANGE},
        {"layer,wbits,abits,value[us]\n,8,8,3\n",
         ":2:1: expected a layer's name of 1 to 63 characters, found ''", ST_PARSE},
        {"layer,wbits,abits,value[us]\nx,8,8\n", ":2: expected 4 fields, found 3",
         ST_PARSE},
    };
    const struct layer_read_options none = {NULL, NULL, 0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err err = {.msg = ""};
        struct arena *a = arena_new();
        struct layer_table t;
        const char *path = scratch_file(*state, "bad.csv", rows[i].text);
        const status st = layer_table_read(path, &none, a, &t, &err);
        if (st != rows[i].st || !strstr(err.msg, rows[i].message))
            fail_msg("row %zu: status %d, message: %s", i, (int)st, err.msg);
        arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_formulas_are_found_from_few_points),
        cmocka_unit_test(noise_of_a_few_percent_stays_a_few_percent),
        cmocka_unit_test(a_measured_point_is_looked_up_and_another_has_an_interval),
        cmocka_unit_test(what_the_points_cannot_tell_is_not_answered),
        cmocka_unit_test(the_file_reads_back_the_same),
        cmocka_unit_test(malformed_tables_are_refused_with_line_and_column),
    };
    return cmocka_run_group_tests_name("costmodel/layer_table", tests, scratch_setup,
                                       scratch_teardown);
}
