/* Measurements in SQLite: what is put is found, once, and survives. */
#include "sim/meas_db.h"

#include <sqlite3.h>
#include <string.h>

#include "tests/cmocka_all.h"
#include "tests/scratch.h"

static struct sample row(const char *key, int32_t wbits)
{
    struct sample s = sample_empty();
    s.SIMD = 4;
    s.wbits = wbits;
    s.abits = 3;
    s.wsigned = 1;
    s.asigned = 0;
    s.acc_bits = 20;
    s.lut = INT64_C(1) << 40;
    s.ff = 0;
    s.synth_s = 0.1 + 0.2;
    s.fmax = 123.456;
    s.n_vec = 7;
    snprintf(s.key.hex, sizeof s.key.hex, "%s", key);
    strcpy(s.module, "mac_parallel");
    strcpy(s.toolchain, "xc7");
    strcpy(s.tool_version, "Yosys 'quoted' \"0.23\"");
    return s;
}

static struct meas_db *open_db(const char *path)
{
    struct err err = {0};
    struct meas_db *db = NULL;
    assert_ok(meas_db_open(path, &db, &err), err);
    return db;
}

static void rows_survive_closing_and_come_back_whole(void **state)
{
    (void)state;
    struct scratch dir;
    struct err err = {0};
    assert_true(scratch_open(&dir));
    const char *path = scratch_path(&dir, "new/folder/m.db");
    struct sample in[2] = {row("aa", 2), row("bb", 5)}, out;
    struct meas_db *db = open_db(path);
    assert_ok(meas_db_put(db, in, 2, &err), err);
    meas_db_close(db);
    db = open_db(path);
    for (int i = 0; i < 2; i++) {
        bool found = false;
        memset(&out, 0, sizeof out);
        assert_ok(meas_db_find(db, &in[i].key, &out, &found, &err), err);
        assert_true(found);
        assert_memory_equal(&out, &in[i], sizeof out);
    }
    bool found = true;
    const struct hash_key absent = {.hex = "cc"};
    assert_ok(meas_db_find(db, &absent, &out, &found, &err), err);
    assert_false(found);
    meas_db_close(db);
    scratch_close(&dir);
}

static void a_row_that_is_there_is_left_as_it_is(void **state)
{
    (void)state;
    struct scratch dir;
    struct err err = {0};
    assert_true(scratch_open(&dir));
    struct meas_db *db = open_db(scratch_path(&dir, "m.db"));
    struct sample first = row("aa", 2), second = row("aa", 3), out = {0};
    bool found = false;
    assert_ok(meas_db_put(db, &first, 1, &err), err);
    assert_ok(meas_db_put(db, &second, 1, &err), err);
    assert_ok(meas_db_find(db, &first.key, &out, &found, &err), err);
    assert_int_equal(out.wbits, 2);
    meas_db_close(db);
    scratch_close(&dir);
}

static void a_failure_is_no_measurement(void **state)
{
    (void)state;
    struct scratch dir;
    struct err err = {0};
    assert_true(scratch_open(&dir));
    struct meas_db *db = open_db(scratch_path(&dir, "m.db"));
    struct sample s = row("aa", 2), out;
    bool found = true;
    assert_ok(meas_db_put_failure(db, &s, "yosys failed", &err), err);
    assert_ok(meas_db_find(db, &s.key, &out, &found, &err), err);
    assert_false(found);
    meas_db_close(db);
    scratch_close(&dir);
}

static void a_file_that_is_no_database_is_refused(void **state)
{
    (void)state;
    struct scratch dir;
    struct err err = {0};
    assert_true(scratch_open(&dir));
    char text[600];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct meas_db *db = NULL;
    assert_int_equal(meas_db_open(scratch_file(&dir, "m.db", text), &db, &err),
                     ST_PARSE);
    assert_non_null(strstr(err.msg, "m.db"));
    assert_null(db);
    assert_int_equal(meas_db_open("/proc/no/m.db", &db, &err), ST_IO);
    assert_null(db);
    scratch_close(&dir);
}

static void run_sql(const char *path, const char *text)
{
    sqlite3 *sql = NULL;
    assert_int_equal(sqlite3_open(path, &sql), SQLITE_OK);
    assert_int_equal(sqlite3_exec(sql, text, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(sql);
}

static void a_database_of_another_version_is_refused_and_left_as_it_is(void **state)
{
    (void)state;
    struct scratch dir;
    struct err err = {0};
    assert_true(scratch_open(&dir));
    const char *path = scratch_path(&dir, "m.db");
    run_sql(path, "CREATE TABLE sample (key TEXT); CREATE TABLE failure (key TEXT);"
                  "INSERT INTO sample VALUES ('aa'); PRAGMA user_version = 1");
    struct meas_db *db = NULL;
    assert_int_equal(meas_db_open(path, &db, &err), ST_PARSE);
    assert_non_null(strstr(err.msg, "m.db: expected a measurement database of version "
                                    "2, found 1; nothing asks for its rows any more"));
    /* Fails if the row is gone. */
    run_sql(path, "CREATE TABLE one (key TEXT NOT NULL);"
                  "INSERT INTO one VALUES ((SELECT key FROM sample))");
    run_sql(path, "PRAGMA user_version = 99");
    assert_int_equal(meas_db_open(path, &db, &err), ST_PARSE);
    assert_non_null(strstr(err.msg, "of version 2, found 99"));
    scratch_close(&dir);
}

static void the_csv_has_a_unit_on_every_quantity(void **state)
{
    (void)state;
    char text[2048] = "";
    FILE *f = fmemopen(text, sizeof text, "w");
    struct sample s = row("aa", 2);
    sample_csv_header(f);
    sample_csv_row(&s, f);
    fclose(f);
    assert_non_null(strstr(text, "key,module,toolchain,options,tool_version,failed,"
                                 "SIMD,PE,MW,MH,rows,cols,unit,wbits[bit],"));
    assert_non_null(strstr(text,
                           ",lut[LUT],ff[FF],dsp[DSP],bram18[BRAM18],carry[cell],"
                           "muxf[cell],lutram[LUT],area[um2],fmax[MHz],delay[ns],"
                           "energy[pJ],energy_zero[pJ],energy_clock[pJ],"
                           "leakage[nW],cycles[cycle],n_vec,synth_s[s],sim_s[s]"));
    assert_non_null(strstr(text, "\naa,mac_parallel,xc7,,"));
    assert_non_null(
        strstr(text, "\"Yosys 'quoted' \"\"0.23\"\"\",,4,,,,,,,2,3,1,0,20,"));
    /* What was measured as 0 is 0, what was not is empty. */
    assert_non_null(strstr(text, ",1099511627776,0,,,,,,,123.456,,,,,,,7,0.3,\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_survive_closing_and_come_back_whole),
        cmocka_unit_test(a_row_that_is_there_is_left_as_it_is),
        cmocka_unit_test(a_failure_is_no_measurement),
        cmocka_unit_test(a_file_that_is_no_database_is_refused),
        cmocka_unit_test(a_database_of_another_version_is_refused_and_left_as_it_is),
        cmocka_unit_test(the_csv_has_a_unit_on_every_quantity),
    };
    return cmocka_run_group_tests_name("sim/meas_db", tests, NULL, NULL);
}
