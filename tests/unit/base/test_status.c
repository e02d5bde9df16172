/* Failure reports: codes, messages, exit codes. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "base/status.h"

static void every_status_has_a_documented_exit_code(void **state)
{
    (void)state;
    static const int codes[ST_COUNT_] = {
        [ST_OK] = 0,           [ST_NOMEM] = 1,    [ST_IO] = 1,
        [ST_NOT_FOUND] = 3,    [ST_PARSE] = 3,    [ST_RANGE] = 3,
        [ST_UNSUPPORTED] = 3,  [ST_USAGE] = 2,    [ST_INFEASIBLE] = 4,
        [ST_INTERRUPTED] = 5,  [ST_MISMATCH] = 6, [ST_TOOL] = 1,
        [ST_MISSING_TOOL] = 7,
    };
    for (int st = 0; st < ST_COUNT_; st++)
        assert_int_equal(status_exit_code((status)st), codes[st]);
}

static void a_message_is_one_line(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(err_set(&err, ST_PARSE, "%s:%d: found '%s'", "f", 3, "a\nb"),
                     ST_PARSE);
    assert_int_equal(err.code, ST_PARSE);
    assert_string_equal(err.msg, "f:3: found 'a b'");
}

static void a_message_may_quote_the_previous_one(void **state)
{
    (void)state;
    struct err err;
    err_set(&err, ST_IO, "disk");
    err_set(&err, ST_TOOL, "while saving: %s", err.msg);
    assert_string_equal(err.msg, "while saving: disk");
}

static void a_long_message_is_cut_not_overrun(void **state)
{
    (void)state;
    struct err err;
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    err_set(&err, ST_IO, "%s", text);
    assert_int_equal(strlen(err.msg), sizeof err.msg - 1);
}

static void no_err_is_fine(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, ST_RANGE, "x"), ST_RANGE);
}

static status try_it(status inner)
{
    TRY(inner);
    return ST_USAGE;
}

static void try_passes_failures_only(void **state)
{
    (void)state;
    assert_int_equal(try_it(ST_IO), ST_IO);
    assert_int_equal(try_it(ST_OK), ST_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_documented_exit_code),
        cmocka_unit_test(a_message_is_one_line),
        cmocka_unit_test(a_message_may_quote_the_previous_one),
        cmocka_unit_test(a_long_message_is_cut_not_overrun),
        cmocka_unit_test(no_err_is_fine),
        cmocka_unit_test(try_passes_failures_only),
    };
    return cmocka_run_group_tests_name("base/status", tests, NULL, NULL);
}
