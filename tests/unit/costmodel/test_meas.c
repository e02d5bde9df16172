/* Measurement files: what is read, and the message for each thing that is wrong. */
#include "tests/cmocka_all.h"

#include <math.h>
#include <string.h>

#include "costmodel/meas.h"
#include "tests/scratch.h"

#define HEAD                                                                     \
    "module,toolchain,SIMD,wbits[bit],abits[bit],wsigned,asigned,acc_bits[bit]," \
    "lut[LUT],ff[FF],dsp[DSP],bram18[BRAM18]\n"

#define UNIT                                                                  \
    "module,toolchain,SIMD,acc_bits[bit],area[um2],energy[pJ],op_wbits[bit]," \
    "op_abits[bit]\n"

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
    assert_close(m.rows[0].value[ELEMENT_LUT], 33, 0, 0);
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
        load("module,toolchain,SIMD,PE,MW,MH,wbits[bit],abits[bit],wsigned,asigned,"
             "acc_bits[bit],out_bits[bit],out_signed,shift[bit],lanes,requant_dsp,"
             "ram_block,lut[LUT],ff[FF],dsp[DSP],bram18[BRAM18],cycles[cycle],n_vec,"
             "tool_version,options\n"
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
    assert_ok(load("module,toolchain,failed,SIMD,wbits[bit],abits[bit],wsigned,"
                   "asigned,acc_bits[bit],lut[LUT],ff[FF],dsp[DSP],bram18[BRAM18],"
                   "carry,cycles[cycle],n_vec,MW\n"
                   "mac_parallel,xc7,,4,3,2,1,0,9,33,,0,0,,,,\n"
                   "mac_parallel,xc7,yosys ran longer than 1 s,4,3,2,1,0,9,,,,,,,,\n",
                   a, &m, &err),
              err);
    assert_int_equal(m.n_rows, 1);
    assert_int_equal(m.n_other, 0);
    assert_int_equal(m.n_failed, 1);
    assert_close(m.rows[0].value[ELEMENT_LUT], 33, 0, 0);
    assert_true(isnan(m.rows[0].value[ELEMENT_FF]));
    arena_free(a);
}

static void every_module_is_read_with_its_own_columns(void **state)
{
    (void)state;
    struct meas m;
    struct err err;
    struct arena *a = arena_new();
    assert_ok(load("module,toolchain,unit,SIMD,wbits[bit],abits[bit],wsigned,asigned,"
                   "acc_bits[bit],lanes,grouped,rows,cols,stimulus,op_wbits[bit],"
                   "op_abits[bit],lut[LUT],fmax[MHz],energy[pJ]\n"
                   "mac_packed,xcup,,4,8,8,1,0,20,2,,,,,8,8,90,,\n"
                   "mac_serial,ice40,,32,,,,,32,,,,,,,,80,100,\n"
                   "mac_actserial,osu018,,8,4,,1,,24,,,,,gauss,4,3,,,1.5\n"
                   "mac_fusion,osu018,,1,,,1,0,32,,1,,,uniform,2,4,,,60\n"
                   "systolic_os,ecp5,mac_serial,16,,,,,32,,,4,2,,,,700,,\n",
                   a, &m, &err),
              err);
    assert_int_equal(m.n_rows, 5);
    assert_int_equal(m.rows[0].element.module, ELEMENT_PACKED);
    assert_int_equal(m.rows[0].element.lanes, 2);
    assert_int_equal(m.rows[0].element.op_wbits, 0); /* it has no other precision */
    assert_int_equal(m.rows[1].element.wbits, 8);
    assert_close(m.rows[1].value[ELEMENT_DELAY], 10, 0, 0);
    assert_string_equal(m.rows[2].stimulus, "gauss");
    assert_int_equal(m.rows[2].element.op_abits, 3);
    assert_true(m.rows[3].element.grouped);
    assert_true(m.rows[3].element.wsigned);
    assert_close(m.rows[3].value[ELEMENT_ENERGY], 60, 0, 0);
    assert_int_equal(m.rows[4].module, MEAS_OS);
    assert_int_equal(m.rows[4].element.module, ELEMENT_SERIAL);
    assert_int_equal(m.rows[4].rows * 10 + m.rows[4].cols, 42);
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
        {HEAD "mac_parallel,xc7,4,3,2,1,0,9,,,,\n", ST_PARSE,
         "m.csv:2: expected at least one of lut, ff, dsp, area, delay, fmax, energy, "
         "energy_zero, found none; a row that failed says why in 'failed'"},
        {"# made by hand\nmodule,toolchain,lut\n", ST_PARSE,
         "m.csv:2:3: expected a column 'lut[LUT]', found 'lut'"},
        {"module,toolchain,area[mm2]\n", ST_PARSE,
         "m.csv:1:3: expected a column 'area[um2]', found 'area[mm2]'"},
        {"module,toolchain,SIMD[1]\n", ST_PARSE,
         "m.csv:1:3: expected a column 'SIMD' without unit, found 'SIMD[1]'"},
        {UNIT "mac_serial,osu018,4,24,900,3.5,,\n", ST_PARSE,
         "m.csv:2: expected op_wbits[bit] and op_abits[bit], the precision that ran, "
         "beside the energy of a mac_serial, found '' and ''"},
        {UNIT "mac_serial,osu018,4,24,900,-3.5,4,4\n", ST_RANGE,
         "m.csv:2:6: expected a number > 0 for 'energy', found '-3.5'"},
        {UNIT "mac_serial,osu018,4,24,900,nan,4,4\n", ST_RANGE,
         "m.csv:2:6: expected a finite number for 'energy', found 'nan'"},
        {UNIT "systolic_ws,osu018,4,24,900,,,\n", ST_PARSE,
         "m.csv:1: expected a column 'unit', found none"},
        {HEAD "mac_parallel,xc7,4,9,2,1,0,9,3,9,0,0\n", ST_RANGE,
         "m.csv:2:4: expected an integer from 1 to 8 for 'wbits', found '9'"},
        {HEAD "mac_parallel,,4,3,2,1,0,9,3,9,0,0\n", ST_PARSE,
         "m.csv:2:2: expected the name of a toolchain, found nothing"},
        {HEAD "mac_parallel,xc7,4,3,2\n", ST_PARSE,
         "m.csv:2: expected 12 fields, found 5"},
        {HEAD "requant,xc7,4,3,2,1,0,9,3,9,0,0\n", ST_PARSE,
         "m.csv:1: expected a column 'out_bits', found none; the nearest is "
         "'acc_bits'"},
        {"module,lut[LUT]\nmac_parallel,3\n", ST_PARSE,
         "m.csv:1: expected a column 'toolchain', found none"},
        {HEAD "skid_buffer,xc7,0,0,0,0,0,0,5,5,0,0\n", ST_RANGE,
         "m.csv: expected rows of MAC units, requant, mvu or systolic arrays, found "
         "none among 1 rows"},
        {HEAD "mac_parallel,xc7,4,3,2,1,0,5,33,5,0,0\n", ST_RANGE,
         "m.csv:2:8: mac: expected acc_bits >= 7, which 4 products of 3 x 2 "
         "bits need, found 5"},
        {HEAD "mac_parallel,xc7,4,3,2,1,0,9,0,9,0,0\n", ST_RANGE,
         "m.csv:2:9: expected LUTs, or DSPs, of a mac_parallel, found neither; leave "
         "the "
         "cell of what was not measured empty"},
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
        load("module,toolchain,SIMD,PE,MW,MH,wbits[bit],abits[bit],wsigned,asigned,"
             "acc_bits[bit],out_bits[bit],out_signed,shift[bit],lanes,requant_dsp,"
             "ram_block,lut[LUT],ff[FF],dsp[DSP],bram18[BRAM18],cycles[cycle],n_vec\n"
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
        cmocka_unit_test(every_module_is_read_with_its_own_columns),
        cmocka_unit_test(what_is_wrong_is_said_with_its_place),
        cmocka_unit_test(an_impossible_mvu_is_refused_with_its_line),
    };
    return cmocka_run_group_tests_name("costmodel/meas", tests, NULL, NULL);
}
