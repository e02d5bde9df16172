/* Foreign CSVs: columns, units, constants and words become ours, reports fill the cells
 * that they measure, and what is said twice is refused. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "costmodel/foreign_map.h"
#include "tests/scratch.h"

static const char util[] = "+-----------+------+\n| Site Type | Used |\n"
                           "+-----------+------+\n| CLB LUTs  |  166 |\n"
                           "| CLB Registers | 32 |\n+-----------+------+\n";
static const char power[] = "+-------------------------+-------+\n"
                            "| Total On-Chip Power (W) | 0.125 |\n"
                            "| Dynamic (W)             | 0.021 |\n"
                            "+-------------------------+-------+\n";
static const char pnr[] = "{\"fmax\": {\"clk\": {\"achieved\": 61.5}}}";

static status load(struct scratch *s, const char *csv, const char *map, struct arena *a,
                   struct foreign_set *out, struct err *err)
{
    char csv_path[160], map_path[160];
    scratch_file(s, "u.rpt", util);
    scratch_file(s, "p.rpt", power);
    scratch_file(s, "n.json", pnr);
    snprintf(csv_path, sizeof csv_path, "%s", scratch_file(s, "m.csv", csv));
    if (map) snprintf(map_path, sizeof map_path, "%s", scratch_file(s, "m.yaml", map));
    return foreign_read(csv_path, map ? map_path : NULL, a, out, err);
}

static void check_cell(const struct csv *c, size_t row, const char *name,
                       const char *unit, const char *expected)
{
    const int32_t col = csv_column(c, name);
    if (col < 0) fail_msg("no column %s", name);
    assert_string_equal(c->units[col], unit);
    assert_string_equal(csv_cell(c, row, col), expected);
}

static void reports_fill_the_cells_that_they_measure(void **state)
{
    struct arena *a = arena_new();
    struct foreign_set s;
    struct err err;
    assert_ok(
        load(*state,
             "module,toolchain,clock[MHz],products,util[file],other[file],"
             "pnr[file]\n"
             "mac_parallel,x,100,4,u.rpt,p.rpt,n.json\nmac_parallel,x,,,u.rpt,,\n",
             NULL, a, &s, &err),
        err);
    check_cell(&s.csv, 0, "lut", "LUT", "166");
    check_cell(&s.csv, 0, "ff", "FF", "32");
    check_cell(&s.csv, 0, "fmax", "MHz", "61.5");
    /* 0.021 W at 100 MHz are 210 pJ a cycle, 52.5 pJ for each of 4 products */
    check_cell(&s.csv, 0, "energy", "pJ", "52.5");
    check_cell(&s.csv, 1, "lut", "LUT", "166");
    check_cell(&s.csv, 1, "energy", "pJ", "");
    arena_free(a);
}

static void a_mapping_renames_converts_and_fills(void **state)
{
    struct arena *a = arena_new();
    struct foreign_set s;
    struct err err;
    assert_ok(load(*state, "W,E[nJ],tiles,how,lut,R\n4,0.5,1.5,s,77,u.rpt\n",
                   "version: 1\ntoolchain: mine\ntarget: ice40\ncolumns:\n"
                   "  wbits: W\n  op_wbits: W\n  energy: E\n"
                   "  bram18: {column: tiles, scale: 2}\n"
                   "  wsigned: {column: how, words: {s: 1, u: 0}}\n"
                   "  module: {value: mac_parallel}\n"
                   "reports: [R]\n",
                   a, &s, &err),
              err);
    check_cell(&s.csv, 0, "wbits", "bit", "4");
    check_cell(&s.csv, 0, "op_wbits", "bit", "4");
    check_cell(&s.csv, 0, "energy", "pJ", "500");
    check_cell(&s.csv, 0, "bram18", "BRAM18", "3");
    check_cell(&s.csv, 0, "wsigned", "", "1");
    check_cell(&s.csv, 0, "module", "", "mac_parallel");
    check_cell(&s.csv, 0, "toolchain", "", "mine");
    check_cell(&s.csv, 0, "lut", "LUT", "166"); /* of the report: 77 was not mapped */
    assert_string_equal(s.target, "ice40");
    assert_string_equal(s.rest, "");
    arena_free(a);
}

static void what_is_said_twice_is_refused(void **state)
{
    static const struct {
        const char *csv, *map, *message;
    } rows[] = {
        {"lut[LUT],u[file]\n9,u.rpt\n", NULL,
         "m.csv:2:2: expected one source of 'lut', found u.rpt in the report and '9' "
         "already"},
        {"a[file],b[file]\nu.rpt,u.rpt\n", NULL, "expected one source of 'lut'"},
        {"W\n1\n",
         "version: 1\ntoolchain: m\ncolumns:\n  wbits: {column: W, value: 3}\n",
         "expected value alone, found more keys"},
        {"W\n1\n", "version: 1\ntoolchain: m\ncolumns:\n  toolchain: W\n",
         "expected the toolchain once, beside columns"},
        {"n[kLUT]\n1\n", "version: 1\ntoolchain: m\ncolumns:\n  lut: n\n",
         "found unit kLUT; say scale"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err err = {.msg = ""};
        struct arena *a = arena_new();
        struct foreign_set s;
        const status st = load(*state, rows[i].csv, rows[i].map, a, &s, &err);
        arena_free(a);
        if (st != ST_PARSE || !strstr(err.msg, rows[i].message))
            fail_msg("row %zu: status %d, message: %s", i, (int)st, err.msg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_fill_the_cells_that_they_measure),
        cmocka_unit_test(a_mapping_renames_converts_and_fills),
        cmocka_unit_test(what_is_said_twice_is_refused),
    };
    return cmocka_run_group_tests_name("costmodel/foreign_map", tests, scratch_setup,
                                       scratch_teardown);
}
