/* Reports of other tools: the counts are the ones in the text; truncated and foreign
 * texts are refused.  The texts follow the layout of the tools; their numbers are made
 * up. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "costmodel/vendor_report.h"
#include "tests/scratch.h"

static const char flat[] =
    "| Tool Version : Vivado v.2022.2\n\n"
    "1. Slice Logic\n--------------\n\n"
    "+----------------------------+------+-------+------------+-----------+-------+\n"
    "|          Site Type         | Used | Fixed | Prohibited | Available | Util% |\n"
    "+----------------------------+------+-------+------------+-----------+-------+\n"
    "| Slice LUTs*                |  166 |     0 |          0 |     53200 |  0.31 |\n"
    "|   LUT as Logic             |  158 |     0 |          0 |     53200 |  0.30 |\n"
    "|   LUT as Memory            |    8 |     0 |          0 |     17400 |  0.05 |\n"
    "|     LUT as Distributed RAM |    8 |     0 |            |           |       |\n"
    "| Slice Registers            |   32 |     0 |          0 |    106400 |  0.03 |\n"
    "| F7 Muxes                   |    5 |     0 |          0 |     26600 |  0.02 |\n"
    "| F8 Muxes                   |    1 |     0 |          0 |     13300 | <0.01 |\n"
    "+----------------------------+------+-------+------------+-----------+-------+\n"
    "* Warning! The Final LUT count may be lower.\n\n"
    "3. Memory\n---------\n\n"
    "+-------------------+------+-------+------------+-----------+-------+\n"
    "|     Site Type     | Used | Fixed | Prohibited | Available | Util% |\n"
    "+-------------------+------+-------+------------+-----------+-------+\n"
    "| Block RAM Tile    |  1.5 |     0 |          0 |       140 |  1.07 |\n"
    "|   RAMB36/FIFO*    |    1 |     0 |          0 |       140 |  0.71 |\n"
    "|   RAMB18          |    1 |     0 |          0 |       280 |  0.36 |\n"
    "+-------------------+------+-------+------------+-----------+-------+\n\n"
    "4. DSP\n------\n\n"
    "+-----------+------+-------+------------+-----------+-------+\n"
    "| Site Type | Used | Fixed | Prohibited | Available | Util% |\n"
    "+-----------+------+-------+------------+-----------+-------+\n"
    "| DSPs      |    2 |     0 |          0 |       220 |  0.91 |\n"
    "+-----------+------+-------+------------+-----------+-------+\n\n"
    "8. Primitives\n-------------\n\n"
    "+----------+------+---------------------+\n"
    "| Ref Name | Used | Functional Category |\n"
    "+----------+------+---------------------+\n"
    "| LUT6     |  100 |                 LUT |\n"
    "| CARRY4   |   12 |          CarryLogic |\n"
    "+----------+------+---------------------+\n";

static const char hierarchical[] =
    "1. Utilization by Hierarchy\n---------------------------\n\n"
    "+----------+---------+------------+------------+---------+------+-----+--------+--"
    "-"
    "-----+------------+\n"
    "| Instance |  Module | Total LUTs | Logic LUTs | LUTRAMs | SRLs | FFs | RAMB36 | "
    "RAMB18 | DSP Blocks |\n"
    "+----------+---------+------------+------------+---------+------+-----+--------+--"
    "-"
    "-----+------------+\n"
    "| top      |   (top) |        300 |        290 |       8 |    2 | 150 |      1 |  "
    " "
    "   1 |          3 |\n"
    "|   (top)  |   (top) |         10 |         10 |       0 |    0 |   5 |      0 |  "
    " "
    "   0 |          0 |\n"
    "|   u_mac  |     mac |        290 |        280 |       8 |    2 | 145 |      1 |  "
    " "
    "   1 |          3 |\n"
    "+----------+---------+------------+------------+---------+------+-----+--------+--"
    "-"
    "-----+------------+\n";

static const char power[] = "1. Summary\n----------\n\n"
                            "+--------------------------+--------------+\n"
                            "| Total On-Chip Power (W)  | 0.125        |\n"
                            "| Design Power Budget (W)  | Unspecified* |\n"
                            "| Dynamic (W)              | 0.021        |\n"
                            "| Device Static (W)        | 0.104        |\n"
                            "+--------------------------+--------------+\n\n"
                            "3.1 By Hierarchy\n----------------\n\n"
                            "+---------+-----------+\n"
                            "| Name    | Power (W) |\n"
                            "+---------+-----------+\n"
                            "| top     |     0.021 |\n"
                            "|   u_mac |     0.017 |\n"
                            "|   u_add |    <0.001 |\n"
                            "+---------+-----------+\n";

/* From Yosys 0.23: stat -json of a 4x4 multiplier, synth_ice40. */
static const char yosys[] =
    "{\"creator\": \"Yosys 0.23\", \"modules\": {\"\\\\m\": {\"num_cells\": 38, "
    "\"num_cells_by_type\": {\"SB_CARRY\": 4, \"SB_DFF\": 8, \"SB_LUT4\": 26}}}, "
    "\"design\": {\"num_cells\": 38}}";
static const char yosys_tree[] =
    "{\"modules\": {\"\\\\pe\": {\"num_cells_by_type\": {\"LUT6\": 5, \"FDRE\": 2}}, "
    "\"\\\\top\": {\"num_cells_by_type\": {\"\\\\pe\": 3, \"LUT2\": 1, \"CARRY4\": 2, "
    "\"DSP48E1\": 1}}}}";
static const char nextpnr[] =
    "{\"critical_paths\": [], \"fmax\": {\"clk$glb\": {\"achieved\": 61.5, "
    "\"constraint\": 12.0}, \"aux\": {\"achieved\": 80.0, \"constraint\": 12.0}}, "
    "\"utilization\": {\"ICESTORM_LC\": {\"available\": 5280, \"used\": 38}}}";

static status read(void **state, const char *text, const char *instance,
                   struct vendor_report *r, struct err *err)
{
    struct arena *a = arena_new();
    const status st = vendor_report_read(scratch_file(*state, "r.rpt", text), instance,
                                         "xc7", a, r, err);
    arena_free(a);
    return st;
}

static void check(const struct vendor_report *r,
                  const double expected[VENDOR_N_QUANTITIES])
{
    for (int i = 0; i < VENDOR_N_QUANTITIES; i++)
        if (isnan(expected[i]) != isnan(r->value[i]) ||
            (!isnan(expected[i]) && fabs(expected[i] - r->value[i]) > 1e-12))
            fail_msg("quantity %d: %g, expected %g", i, r->value[i], expected[i]);
}

static void every_format_gives_what_stands_in_it(void **state)
{
    static const struct {
        const char *text, *instance;
        double expected[VENDOR_N_QUANTITIES];
        /* lut, ff, dsp, bram18, carry, muxf, lutram, fmax, dynamic */
    } rows[] = {
        {flat, "", {166, 32, 2, 3, 12, 6, 8, NAN, NAN}},
        {hierarchical, "", {300, 150, 3, 3, NAN, NAN, 10, NAN, NAN}},
        {hierarchical, "(top)", {10, 5, 0, 0, NAN, NAN, 0, NAN, NAN}},
        {hierarchical, "u_mac", {290, 145, 3, 3, NAN, NAN, 10, NAN, NAN}},
        {power, "", {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, .021}},
        {power, "u_mac", {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, .017}},
        {power, "u_add", {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, 0}},
        {yosys, "", {26, 8, 0, 0, 4, 0, 0, NAN, NAN}},
        {yosys_tree, "", {16, 6, 1, 0, 2, 0, 0, NAN, NAN}},
        {yosys_tree, "pe", {5, 2, 0, 0, 0, 0, 0, NAN, NAN}},
        {nextpnr, "", {NAN, NAN, NAN, NAN, NAN, NAN, NAN, 61.5, NAN}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vendor_report r;
        struct err err;
        assert_ok(read(state, rows[i].text, rows[i].instance, &r, &err), err);
        check(&r, rows[i].expected);
    }
}

static void truncated_reports_are_refused_wherever_they_end(void **state)
{
    struct vendor_report r;
    struct err err;
    /* from within the first table on, and never silently a part of its row */
    int refused = 0;
    for (size_t n = 100; n < sizeof flat - 1; n++) {
        char text[sizeof flat];
        memcpy(text, flat, n);
        text[n] = '\0';
        if (read(state, text, "", &r, &err) != ST_OK) {
            assert_non_null(strstr(err.msg, "r.rpt:"));
            refused++;
        } else {
            /* what was read is whole rows */
            assert_true(r.value[VENDOR_LUT] == 166 || isnan(r.value[VENDOR_LUT]));
        }
    }
    assert_in_range(refused, 1500, (int)sizeof flat);
}

static void other_texts_are_refused_with_what_was_expected(void **state)
{
    static const struct {
        const char *text, *instance, *message;
        status st;
    } rows[] = {
        {"hello\n", "", "r.rpt: expected a report of Vivado", ST_PARSE},
        {"{}", "", "r.rpt: expected 'modules' of Yosys' stat -json or 'fmax'",
         ST_PARSE},
        {"{\"fmax\": {}}", "", "r.rpt: expected a clock in fmax, found none", ST_PARSE},
        {"{\"fmax\": {\"c\": {\"achieved\": -1}}}", "",
         "r.rpt: expected fmax.c.achieved > 0 [MHz], found -1", ST_PARSE},
        {"{\"modules\": {\"\\\\m\": {\"num_cells_by_type\": {\"NAND\": 4}}}}", "",
         "r.rpt: expected cells of a known family, found 'NAND'", ST_RANGE},
        {"{\"modules\": {\"\\\\m\": {}}}", "",
         "r.rpt: expected num_cells_by_type of a design, found none", ST_PARSE},
        {yosys, "pe", "r.rpt: expected module 'pe', found none of that name", ST_RANGE},
        {hierarchical, "u_nac",
         "r.rpt: expected a row of instance 'u_nac', found none; is it a hierarchical "
         "report?",
         ST_RANGE},
        {flat, "u_mac", "expected a row of instance 'u_mac', found none", ST_RANGE},
        {"{\"modules\": ", "", "r.rpt:1:", ST_PARSE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vendor_report r;
        struct err err = {.msg = ""};
        const status st = read(state, rows[i].text, rows[i].instance, &r, &err);
        if (st != rows[i].st || !strstr(err.msg, rows[i].message))
            fail_msg("row %zu: status %d, message: %s", i, (int)st, err.msg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_gives_what_stands_in_it),
        cmocka_unit_test(truncated_reports_are_refused_wherever_they_end),
        cmocka_unit_test(other_texts_are_refused_with_what_was_expected),
    };
    return cmocka_run_group_tests_name("costmodel/vendor_report", tests, scratch_setup,
                                       scratch_teardown);
}
