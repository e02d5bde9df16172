/* The Liberty reader: units, tables, functions, and what it refuses. */
#include <math.h>

#include "sim/liberty.h"
#include "tests/cmocka_all.h"
#include "tests/scratch.h"

static void the_units_of_the_file_become_ours(void **state)
{
    static const char text[] =
        "/* pF are 10 fF here, times ps, leakage pW */\n"
        "library (units) {\n"
        "  voltage_unit : \"1V\"; time_unit : \"1ps\"; leakage_power_unit : 1pW;\n"
        "  capacitive_load_unit (10, ff); nom_voltage : 1.5\n" /* no ';' */
        "  power_lut_template (t) { variable_1 : input_transition_time;\n"
        "    index_1 (\"100, 200\"); }\n"
        "  cell (X) { area : 7; cell_leakage_power : 3;\n"
        "    pin (A) { direction : input; capacitance : 2;\n"
        "      internal_power () { power (t) { values (\"1, \\\n 3\"); } } }\n"
        "    pin (Y) { direction : output; function : \"!A\"; timing () { x (1) { y : "
        "2; } } } } }\n";
    struct err err = {0};
    struct liberty l;
    struct arena *a = arena_new();
    assert_ok(liberty_load(scratch_file(*state, "u.lib", text), a, &l, &err), err);
    assert_close(l.voltage, 1.5, 1e-12, 0);
    const struct liberty_cell *c = liberty_find(&l, "X");
    assert_non_null(c);
    assert_close(c->area_um2, 7, 1e-12, 0);
    assert_close(c->leakage_nw, 0.003, 1e-12, 0);
    const struct liberty_pin *pin = liberty_pin(c, "A");
    assert_close(pin->capacitance_pf, 0.02, 1e-12, 0);
    /* 10 fF V^2 = 0.01 pJ; half way between 0.1 and 0.2 ns */
    assert_close(liberty_pin_pj(pin, 0, 0.15), 0.02, 1e-12, 0);
    assert_null(liberty_find(&l, "Z"));
    arena_free(a);
}

static void the_load_of_an_input_is_said_or_unknown_and_never_0(void **state)
{
    static const struct {
        const char *library, *pin;
        double pf;
    } rows[] = {{"", "capacitance : 3;", 3},
                {"", "rise_capacitance : 2; fall_capacitance : 4;", 3},
                {"default_input_pin_cap : 5;", "", 5},
                {"default_input_pin_cap : 5;", "capacitance : 0;", 0},
                {"", "rise_capacitance : 2;", NAN}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[1024];
        struct liberty l;
        struct err err = {0};
        struct arena *a = arena_new();
        (void)snprintf(
            text, sizeof text,
            "library (small) {\n"
            "  voltage_unit : \"1V\"; time_unit : \"1ns\"; leakage_power_unit : "
            "\"1nW\";\n"
            "  capacitive_load_unit (1, pf); nom_voltage : 2.0;\n"
            "  %s cell (X) { pin (A) { direction : input; %s }\n"
            "    pin (Y) { direction : output; function : \"A\";\n"
            "      internal_power () { rise_power (scalar) { values (\"0.02\"); }\n"
            "        fall_power (scalar) { values (\"0.04\"); } } } } }",
            rows[i].library, rows[i].pin);
        assert_ok(liberty_load(scratch_file(*state, "c.lib", text), a, &l, &err), err);
        const double pf = liberty_pin(liberty_find(&l, "X"), "A")->capacitance_pf;
        assert_true(isnan(rows[i].pf) ? isnan(pf) : pf == rows[i].pf);
        arena_free(a);
    }
}

static void tables_are_bilinear_inside_and_held_outside(void **state)
{
    (void)state;
    static const double load[] = {1, 3}, slew[] = {10, 20};
    static const double pj[] = {1, 2, 5, 8};
    const struct liberty_table t = {2, 2, load, slew, pj};
    assert_close(liberty_table_pj(&t, 1, 10), 1, 1e-12, 0);
    assert_close(liberty_table_pj(&t, 2, 15), 4, 1e-12, 0); /* mean of the four */
    assert_close(liberty_table_pj(&t, 3, 15), 6.5, 1e-12, 0);
    assert_close(liberty_table_pj(&t, 99, 99), 8, 1e-12, 0);
    assert_close(liberty_table_pj(&t, 0, 0), 1, 1e-12, 0);
}

static void functions_become_truth_tables(void **state)
{
    (void)state;
    static const char *const inputs[] = {"A", "B", "C"};
    static const struct {
        const char *function;
        unsigned table; /* 8 rows: bit ABC, A lowest */
    } rows[] = {{"A", 0xAA},
                {"A'", 0x55},
                {"!(A B)", 0x77},
                {"A + B C", 0xEA},
                {"A|B&C", 0xEA},
                {"A*B ^ C", 0x28},
                {"(A^B)^C", 0x96},
                {"!A !B", 0x11},
                {"((A B)+(B C))+(C A)", 0xE8},
                {"(C A) + (!C B)", 0xAC},
                {"1", 0xFF},
                {"A''", 0xAA}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err err = {0};
        uint64_t t;
        assert_ok(liberty_truth("f:1", rows[i].function, inputs, 3, &t, &err), err);
        if ((t & 0xFF) != rows[i].table) print_message("%s\n", rows[i].function);
        assert_int_equal(t & 0xFF, rows[i].table);
    }
}

static void bad_functions_are_refused_by_name(void **state)
{
    (void)state;
    static const char *const inputs[] = {"A", "B"};
    static const struct {
        const char *function, *message;
        status code;
    } rows[] = {{"A & X", "an input of the cell, found 'X'", ST_RANGE},
                {"(A B", "expected ')'", ST_PARSE},
                {"A +", "expected a pin", ST_PARSE},
                {"", "expected a pin, found 'its end'", ST_PARSE},
                {"A)", "expected an operator", ST_PARSE}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err err = {0};
        uint64_t t;
        assert_int_equal(
            liberty_truth("f.lib:7", rows[i].function, inputs, 2, &t, &err),
            rows[i].code);
        if (!strstr(err.msg, rows[i].message)) print_message("%s\n", err.msg);
        assert_non_null(strstr(err.msg, rows[i].message));
        assert_non_null(strstr(err.msg, "f.lib:7: "));
    }
}

/* Nine lines. */
#define HEAD                                                                        \
    "library (small) {\n"                                                           \
    "  voltage_unit : \"1V\"; time_unit : \"1ns\"; leakage_power_unit : \"1nW\";\n" \
    "  capacitive_load_unit (1, pf);\n"                                             \
    "  nom_voltage : 2.0;\n"                                                        \
    "  power_lut_template (by_load_slew) {\n"                                       \
    "    variable_1 : total_output_net_capacitance;\n"                              \
    "    variable_2 : input_transition_time;\n"                                     \
    "    index_1 (\"1, 2\"); index_2 (\"1, 2\");\n  }\n"
#define CELL_OPEN "cell (X) { area : 1;\n"
static const struct {
    const char *text, *message;
    status code;
} malformed[] = {
    {"librar (x) {}", ":1: expected library (name) {", ST_PARSE},
    {"library (x) {\n  nom_voltage : 1;\n", ":3: expected a name", ST_PARSE},
    {"library (x) {\n /* no end\n", ":2: expected the end of this comment", ST_PARSE},
    {"library (x) {\n a : \"open\n", ":2: expected the closing '\"'", ST_PARSE},
    {"library (x) { nom_voltage : 1; }", "expected capacitive_load_unit", ST_PARSE},
    {"library (x) {\n capacitive_load_unit (1, nf); }",
     ":2: expected a positive number "
     "of pf or ff, found 'nf'",
     ST_UNSUPPORTED},
    {"library (x) {\n capacitive_load_unit (1, pf); }", "nom_voltage", ST_PARSE},
    {"library (x) {\n capacitive_load_unit (1,pf);\n nom_voltage : high; }",
     ":3: expected a number, found 'high'", ST_PARSE},
    {HEAD "}", "expected cells, found none", ST_PARSE},
    {HEAD CELL_OPEN "pin (Y) { direction : output; } } }",
     "expected internal_power tables, found none", ST_UNSUPPORTED},
    {HEAD CELL_OPEN "pin (Y) { function : \"A\"; } } }",
     ":11: expected direction of the pin", ST_PARSE},
    {HEAD "cell (X) { area : -1; } }", ":10: expected area of at least 0", ST_RANGE},
    {HEAD CELL_OPEN "pin (Y) { direction : output; internal_power () {\n"
                    "rise_power (by_load_slew) { values (\"1, 2, 3\"); } } } } }",
     ":12: expected 4 values, found 3", ST_PARSE},
    {HEAD CELL_OPEN "pin (Y) { direction : output; internal_power () {\n"
                    "rise_power (none) { values (\"1\"); } } } } }",
     ":12: expected a power_lut_template of the library or scalar, found 'none'",
     ST_PARSE},
    {HEAD CELL_OPEN
     "pin (Y) { direction : output; internal_power () {\n"
     "rise_power (by_load_slew) { index_1 (\"2, 1\"); values (\"1,2,3,4\"); } } } } }",
     ":12: expected a rising index", ST_PARSE},
    {HEAD "cell (X) { area : 1; }\ncell (X) { area : 1; } }",
     "expected each cell once, found 'X'", ST_PARSE},
};

static void malformed_files_are_refused_with_their_line(void **state)
{
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        struct err err = {0};
        struct liberty l;
        struct arena *a = arena_new();
        const char *path = scratch_file(*state, "bad.lib", malformed[i].text);
        const status st = liberty_load(path, a, &l, &err);
        if (st != malformed[i].code || !strstr(err.msg, malformed[i].message))
            print_message("row %zu: %d %s\n", i, (int)st, err.msg);
        assert_int_equal(st, malformed[i].code);
        assert_non_null(strstr(err.msg, malformed[i].message));
        assert_non_null(strstr(err.msg, "bad.lib"));
        arena_free(a);
    }
}

static void a_missing_file_is_not_found(void **state)
{
    (void)state;
    struct err err = {0};
    struct liberty l;
    struct arena *a = arena_new();
    assert_int_equal(liberty_load("/nonexistent.lib", a, &l, &err), ST_NOT_FOUND);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_units_of_the_file_become_ours),
        cmocka_unit_test(the_load_of_an_input_is_said_or_unknown_and_never_0),
        cmocka_unit_test(tables_are_bilinear_inside_and_held_outside),
        cmocka_unit_test(functions_become_truth_tables),
        cmocka_unit_test(bad_functions_are_refused_by_name),
        cmocka_unit_test(malformed_files_are_refused_with_their_line),
        cmocka_unit_test(a_missing_file_is_not_found),
    };
    return cmocka_run_group_tests_name("sim/liberty", tests, scratch_setup,
                                       scratch_teardown);
}
