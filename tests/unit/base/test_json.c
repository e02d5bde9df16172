/* JSON files. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "base/json.h"
#include "tests/scratch.h"

static void a_value_survives_with_sorted_keys(void **state)
{
    struct scratch *s = *state;
    struct err err;
    const char *path = scratch_path(s, "a.json");
    json_t *v = json_pack("{s:i, s:[f, b]}", "lut", 12, "acc", 0.1, 1), *back;
    assert_ok(json_file_save(path, v, &err), err);
    assert_ok(json_file_load(path, &back, &err), err);
    assert_true(json_equal(v, back));
    json_decref(v);
    json_decref(back);
    struct arena *a = arena_new();
    char *text;
    size_t size;
    assert_ok(file_read(path, a, &text, &size, &err), err);
    assert_true(strstr(text, "acc") < strstr(text, "lut"));
    assert_int_equal(text[size - 1], '\n');
    arena_free(a);
}

static void malformed_text_is_refused_with_its_place(void **state)
{
    struct scratch *s = *state;
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"", "/b.json:1:0: expected JSON, found: '[' or '{' expected near end of file"},
        {"{\"a\": 1,\n \"b\" 2}",
         "/b.json:2:6: expected JSON, found: ':' expected near '2'"},
        {"{\"a\": 1, \"a\": 2}",
         "/b.json:1:12: expected JSON, found: duplicate object key near '\"a\"'"},
        {"[1, 2", "/b.json:1:5: expected JSON, found: ']' expected near end of file"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err err = {.msg = ""};
        json_t *v;
        const char *path = scratch_file(s, "b.json", rows[i].text);
        const status st = json_file_load(path, &v, &err);
        if (st != ST_PARSE || !strstr(err.msg, rows[i].message))
            fail_msg("row %zu: status %d, message: %s", i, (int)st, err.msg);
        assert_null(v);
    }
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    struct err err;
    json_t *v;
    assert_int_equal(json_file_load("/nowhere.json", &v, &err), ST_NOT_FOUND);
    assert_string_equal(err.msg,
                        "/nowhere.json: cannot open: No such file or directory");
}

static void a_full_disk_is_reported(void **state)
{
    (void)state;
    struct err err;
    json_t *v = json_array();
    for (int i = 0; i < 5000; i++)
        json_array_append_new(v, json_integer(i));
    assert_int_equal(json_file_save("/dev/full", v, &err), ST_IO);
    assert_string_equal(err.msg, "/dev/full: cannot write: No space left on device");
    json_decref(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_survives_with_sorted_keys),
        cmocka_unit_test(malformed_text_is_refused_with_its_place),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(a_full_disk_is_reported),
    };
    return cmocka_run_group_tests_name("base/json", tests, scratch_setup,
                                       scratch_teardown);
}
