/* Measurement files: what is read, and the message for each thing that is wrong. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "costmodel/meas.h"
#include "tests/scratch.h"

#define HEAD                                                                     \
    "module,toolchain,SIMD,wbits[bit],abits[bit],wsigned,asigned,acc_bits[bit]," \
    "lut[LUT],ff[FF],dsp[DSP],bram18[BRAM18]\n"

static status load(const char *text, struct arena *a, struct meas *m, struct err *err)
{
    static struct scratch s;
    if (!scratch_open(&s)) fail();
    const status st = meas_load(scratch_file(&s, "m.csv", text), a, m, err);
    scratch_close(&s);
    /* Messages without the folder. */
    const char *name = strstr(err->msg, "/m.csv");
    if (st != ST_OK && name) memmove(err->msg, name + 1, strlen(name));
    return st;
}

static void a_users_file_needs_only_the_columns_of_its_rows(void **state)
{
    (void)state;
    struct meas m;
    struct err err;
    struct arena *a = arena_new();
    assert_ok(load(HEAD "mac_parallel,xc7,4,3,2,1,0,9,33,9,0,0\n"
                        "skid_buffer,xc7,0,0,0,0,0,0,5,5,0,0\n"
                        "mac_parallel,mine,8,8,8,1,1,24,700,24,0,0\n",
                   a, &m, &err),
              err);
    assert_int_equal(m.n_rows, 2);
    assert_int_equal(m.n_other, 1);
    assert_int_equal(m.rows[0].element.SIMD, 4);
    assert_int_equal(m.rows[0].element.wbits, 3);
    assert_int_equal(m.rows[0].lut, 33);
    assert_int_equal(m.rows[1].line, 4);
    assert_string_equal(m.rows[1].toolchain, "mine");
    assert_string_equal(m.rows[1].tool_version, "");
    arena_free(a);
}

static void a_whole_mvu_is_read(void **state)
{
    (void)state;
    struct meas m;
    struct err err;
    struct arena *a = arena_new();
    assert_ok(
        load("module,toolchain,SIMD,PE,MW,MH,wbits,abits,wsigned,asigned,acc_bits,"
             "out_bits,out_signed,shift,lanes,requant_dsp,ram_block,lut,ff,dsp,"
             "bram18,cycles,n_vec,tool_version,options\n"
             "mvu,xc7,4,2,8,4,3,4,1,0,12,4,0,10,1,1,0,321,123,1,0,55,10,Y,-o\n",
             a, &m, &err),
        err);
    const struct meas_row *r = &m.rows[0];
    assert_int_equal(r->mvu.PE, 2);
    assert_int_equal(r->mvu.requant_mul, RTL_MUL_DSP);
    assert_int_equal(r->mvu.weight_ram, RTL_RAM_LUT);
    assert_int_equal(r->mvu.n_vec, 10);
    assert_int_equal(r->cycles, 55);
    assert_string_equal(r->tool_version, "Y");
    arena_free(a);
}

static void a_failed_row_is_left_aside_and_an_empty_cell_is_not_measured(void **state)
{
    (void)state;
    struct meas m;
    struct err err;
    struct arena *a = arena_new();
    assert_ok(load("module,toolchain,failed,SIMD,wbits,abits,wsigned,asigned,acc_bits,"
                   "lut,ff,dsp,bram18,carry,cycles,n_vec,MW\n"
                   "mac_parallel,xc7,,4,3,2,1,0,9,33,9,0,0,,,,\n"
                   "mac_parallel,xc7,yosys ran longer than 1 s,4,3,2,1,0,9,,,,,,,,\n",
                   a, &m, &err),
              err);
    assert_int_equal(m.n_rows, 1);
    assert_int_equal(m.n_other, 1);
    assert_int_equal(m.rows[0].lut, 33);
    arena_free(a);
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        status st;
        const char *msg;
    } rows[] = {
        {HEAD "mac_parallel,xc7,4,3,2,1,0,9,-3,9,0,0\n", ST_RANGE,
         "m.csv:2:9: expected an integer from 0 to 1073741824 for 'lut', found '-3'"},
        {HEAD "mac_parallel,xc7,4,3,2,1,0,9,nan,9,0,0\n", ST_PARSE,
         "m.csv:2:9: expected an integer from 0 to 1073741824 for 'lut', found 'nan'"},
        {HEAD "mac_parallel,xc7,4,3,2,1,0,9,,9,0,0\n", ST_PARSE,
         "m.csv:2:9: expected an integer from 0 to 1073741824 for 'lut', found ''"},
        {HEAD "mac_parallel,xc7,4,9,2,1,0,9,3,9,0,0\n", ST_RANGE,
         "m.csv:2:4: expected an integer from 1 to 8 for 'wbits', found '9'"},
        {HEAD "mac_parallel,,4,3,2,1,0,9,3,9,0,0\n", ST_PARSE,
         "m.csv:2:2: expected the name of a toolchain, found nothing"},
        {HEAD "mac_parallel,xc7,4,3,2\n", ST_PARSE,
         "m.csv:2: expected 12 fields, found 5"},
        {HEAD "requant,xc7,4,3,2,1,0,9,3,9,0,0\n", ST_PARSE,
         "m.csv:1: expected a column 'out_bits', found none; the nearest is "
         "'acc_bits'"},
        {"module,lut\nmac_parallel,3\n", ST_PARSE,
         "m.csv:1: expected a column 'toolchain', found none"},
        {HEAD "skid_buffer,xc7,0,0,0,0,0,0,5,5,0,0\n", ST_RANGE,
         "m.csv: expected rows of mac_parallel, requant or mvu, found none among 1 "
         "rows"},
        {"", ST_PARSE, "m.csv:1: expected a header row, found the end"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct meas m;
        struct err err = {.msg = ""};
        struct arena *a = arena_new();
        assert_int_equal(load(rows[i].text, a, &m, &err), rows[i].st);
        assert_string_equal(err.msg, rows[i].msg);
        arena_free(a);
    }
}

static void an_impossible_mvu_is_refused_with_its_line(void **state)
{
    (void)state;
    struct meas m;
    struct err err = {.msg = ""};
    struct arena *a = arena_new();
    assert_int_equal(
        load("module,toolchain,SIMD,PE,MW,MH,wbits,abits,wsigned,asigned,acc_bits,"
             "out_bits,out_signed,shift,lanes,requant_dsp,ram_block,lut,ff,dsp,"
             "bram18,cycles,n_vec\n"
             "mvu,xc7,4,3,8,4,3,4,1,0,12,4,0,10,1,1,0,321,123,1,0,55,10\n",
             a, &m, &err),
        ST_RANGE);
    assert_string_equal(err.msg,
                        "m.csv:2: layer 'mvu': expected PE to divide MH, found "
                        "PE 3 and MH 4");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_users_file_needs_only_the_columns_of_its_rows),
        cmocka_unit_test(a_whole_mvu_is_read),
        cmocka_unit_test(a_failed_row_is_left_aside_and_an_empty_cell_is_not_measured),
        cmocka_unit_test(what_is_wrong_is_said_with_its_place),
        cmocka_unit_test(an_impossible_mvu_is_refused_with_its_line),
    };
    return cmocka_run_group_tests_name("costmodel/meas", tests, NULL, NULL);
}
