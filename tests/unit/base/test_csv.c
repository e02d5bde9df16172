/* Strict CSV reading, and the quoting of fields that are written. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "base/csv.h"
#include "base/rng.h"
#include "tests/scratch.h"

struct fixture {
    struct scratch s;
    struct arena *a;
    struct csv csv;
};

static int open_fixture(void **state)
{
    static struct fixture f;
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

static status load(struct fixture *f, const char *text, struct err *err)
{
    return csv_load(scratch_file(&f->s, "m.csv", text), f->a, &f->csv, err);
}

static void columns_units_rows_and_preamble_are_read(void **state)
{
    struct fixture *f = *state;
    struct err err;
    assert_ok(load(f,
                   "# bitwright: 1\n# seed: 7\n"
                   "unit,lut[1],energy[pJ]\n"
                   "mac_parallel,12,3.5\n"
                   "\"a,\"\"b\"\"\nc\",-3,1e-3\r\n"
                   "last,4,5",
                   &err),
              err);
    const struct csv *c = &f->csv;
    assert_int_equal(c->n_cols, 3);
    assert_int_equal(c->n_rows, 3);
    assert_string_equal(c->preamble, "# bitwright: 1\n# seed: 7\n");
    assert_string_equal(c->names[2], "energy");
    assert_string_equal(c->units[2], "pJ");
    assert_string_equal(c->units[0], "");
    assert_string_equal(csv_cell(c, 1, 0), "a,\"b\"\nc");
    assert_int_equal(c->lines[1], 5);
    assert_int_equal(c->lines[2], 7);
    int64_t lut;
    double energy;
    assert_ok(csv_int(c, 1, csv_column(c, "lut"), -5, 5, &lut, &err), err);
    assert_int_equal(lut, -3);
    assert_ok(csv_double(c, 1, 2, &energy, &err), err);
    assert_close(energy, 1e-3, 0, 0);
    assert_string_equal(csv_cell(c, 2, 2), "5");
    assert_int_equal(csv_column(c, "absent"), -1);
}

static void a_header_alone_is_an_empty_table(void **state)
{
    struct fixture *f = *state;
    struct err err;
    assert_ok(load(f,
                   "\xef\xbb\xbf"
                   "a,b\r\n",
                   &err),
              err);
    assert_int_equal(f->csv.n_rows, 0);
    assert_string_equal(f->csv.names[0], "a");
    assert_string_equal(f->csv.names[1], "b");
}

static void malformed_files_are_refused_with_their_line(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"", ":1: expected a header row, found the end"},
        {"# only\n# comments", ":2: expected a header row, found the end"},
        {"a,b\n1,2\n3\n", ":3: expected 2 fields, found 1"},
        {"a,b\n1,2,3\n", ":2: expected 2 fields, found 3"},
        {"a,b\n1,2\n\n3,4\n", ":3: expected 2 fields, found 1"},
        {"a,b,a\n", ":1: expected every column once, found 'a' twice"},
        {"# x\na,,c\n", ":2: expected a name for column 2, found none"},
        {"a[LUT\n1\n", ":1: expected name[unit], found 'a[LUT'"},
        {"a[LUT]x\n1\n", ":1: expected name[unit], found 'a[LUT]x'"},
        {"[LUT]\n1\n", ":1: expected name[unit], found '[LUT]'"},
        {"a,b\n1,\"2\n", ":2: expected a closing '\"', found none"},
        {"a,b\n1,\"2\"3\n",
         ":2: expected ',' or the end of the line after a quoted field, found '3'"},
        {"a,\"b\nc\"\n1,2\n",
         ":1: expected the header on one line, found a line break"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err err = {.msg = ""};
        char expected[300];
        const status st = load(f, rows[i].text, &err);
        snprintf(expected, sizeof expected, "%s/m.csv%s", f->s.dir, rows[i].message);
        if (st != ST_PARSE || strcmp(err.msg, expected) != 0)
            fail_msg("row %zu: status %d, message: %s", i, (int)st, err.msg);
    }
}

static void numbers_that_are_none_are_refused_with_line_and_column(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *cell;
        bool integer;
        status st;
        const char *expected;
    } rows[] = {
        {"nan", false, ST_RANGE, "a finite number"},
        {"-inf", false, ST_RANGE, "a finite number"},
        {"1e999", false, ST_RANGE, "a finite number"},
        {"", false, ST_PARSE, "a number"},
        {"12 LUT", false, ST_PARSE, "a number"},
        {"", true, ST_PARSE, "an integer from 0 to 9"},
        {"3.5", true, ST_PARSE, "an integer from 0 to 9"},
        {"nan", true, ST_PARSE, "an integer from 0 to 9"},
        {"10", true, ST_RANGE, "an integer from 0 to 9"},
        {"99999999999999999999", true, ST_RANGE, "an integer from 0 to 9"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err err = {.msg = ""};
        char text[100], expected[300];
        double x;
        int64_t v;
        snprintf(text, sizeof text, "k,lut[1]\n1,2\n1,%s\n", rows[i].cell);
        assert_ok(load(f, text, &err), err);
        const status st = rows[i].integer ? csv_int(&f->csv, 1, 1, 0, 9, &v, &err)
                                          : csv_double(&f->csv, 1, 1, &x, &err);
        snprintf(expected, sizeof expected,
                 "%s/m.csv:3:2: expected %s for 'lut', found '%s'", f->s.dir,
                 rows[i].expected, rows[i].cell);
        if (st != rows[i].st || strcmp(err.msg, expected) != 0)
            fail_msg("row %zu: status %d, message: %s", i, (int)st, err.msg);
    }
}

static void a_missing_column_names_the_nearest(void **state)
{
    struct fixture *f = *state;
    struct err err;
    int32_t col;
    assert_ok(load(f, "wbits,abits,lags,lut\n", &err), err);
    assert_ok(csv_need_column(&f->csv, "abits", &col, &err), err);
    assert_int_equal(col, 1);
    assert_int_equal(csv_need_column(&f->csv, "luts", &col, &err), ST_PARSE);
    assert_non_null(
        strstr(err.msg, "m.csv:1: expected a column 'luts', found none; the nearest is "
                        "'lut'"));
    assert_int_equal(csv_need_column(&f->csv, "energy", &col, &err), ST_PARSE);
    assert_null(strstr(err.msg, "nearest"));
}

static void a_binary_file_is_refused(void **state)
{
    struct fixture *f = *state;
    struct err err;
    const char *path = scratch_path(&f->s, "bin.csv");
    assert_ok(file_write(path, "a,b\n1,\0\n", 8, &err), err);
    assert_int_equal(csv_load(path, f->a, &f->csv, &err), ST_PARSE);
    assert_non_null(strstr(err.msg, "bin.csv: expected text, found a zero byte"));
    assert_int_equal(csv_load("/nowhere.csv", f->a, &f->csv, &err), ST_NOT_FOUND);
}

static void written_fields_read_back(void **state)
{
    struct fixture *f = *state;
    static const char *const texts[] = {"plain", "a,b", "say \"hi\"", "two\nlines", ""};
    struct err err;
    struct file_out o;
    const char *path = scratch_path(&f->s, "out.csv");
    assert_ok(file_out_open(path, &o, &err), err);
    fputs("t,u\n", o.f);
    for (int i = 0; i < 5; i++) {
        csv_put(o.f, texts[i]);
        fputs(",x\n", o.f);
    }
    assert_ok(file_out_commit(&o, &err), err);
    assert_ok(csv_load(path, f->a, &f->csv, &err), err);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(csv_cell(&f->csv, i, 0), texts[i]);
}

static void mutilated_files_are_read_or_refused_with_a_message(void **state)
{
    static const char whole[] =
        "# p\nname,lut[1],note\na,3,\"x, \"\"y\"\"\"\nb,4,\"z\nz\"\n";
    static const char bytes[] = ",\"\n\r#[]a";
    struct rng r = rng_seed(12, 0);
    struct fixture *f = *state;
    int refused = 0;
    for (int i = 0; i < 500; i++) {
        char text[sizeof whole];
        memcpy(text, whole, sizeof whole);
        for (int k = 0; k < 1 + i % 4; k++)
            text[rng_below(&r, sizeof whole - 1)] =
                bytes[rng_below(&r, sizeof bytes - 1)];
        struct err err = {.msg = ""};
        struct arena *a = arena_new();
        struct csv c;
        const char *path = scratch_file(&f->s, "m.csv", text);
        const status st = csv_load(path, a, &c, &err);
        if (st != ST_OK && (st != ST_PARSE || !strstr(err.msg, "m.csv:")))
            fail_msg("round %d: status %d, message: %s", i, (int)st, err.msg);
        refused += st != ST_OK;
        for (size_t k = 0; st == ST_OK && k < c.n_rows * (size_t)c.n_cols; k++)
            assert_non_null(c.cells[k]);
        arena_free(a);
    }
    assert_in_range(refused, 80, 480);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_units_rows_and_preamble_are_read),
        cmocka_unit_test(a_header_alone_is_an_empty_table),
        cmocka_unit_test(malformed_files_are_refused_with_their_line),
        cmocka_unit_test(numbers_that_are_none_are_refused_with_line_and_column),
        cmocka_unit_test(a_missing_column_names_the_nearest),
        cmocka_unit_test(a_binary_file_is_refused),
        cmocka_unit_test(written_fields_read_back),
        cmocka_unit_test(mutilated_files_are_read_or_refused_with_a_message),
    };
    return cmocka_run_group_tests_name("base/csv", tests, open_fixture, close_fixture);
}
