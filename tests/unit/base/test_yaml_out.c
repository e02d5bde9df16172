/* YAML writing: what is written reads back as it was, or nothing is written. */
#include "tests/cmocka_all.h"

#include <float.h>
#include <string.h>

#include "base/rng.h"
#include "base/yaml.h"
#include "tests/scratch.h"

static void the_text_is_plain_yaml(void **state)
{
    struct scratch *s = *state;
    struct err err;
    struct yaml_out *o;
    const char *path = scratch_path(s, "a.yaml");
    assert_ok(yaml_out_open(path, &o, &err), err);
    yaml_out_map(o, false);
    yaml_out_key(o, "name");
    yaml_out_text(o, "conv 1");
    yaml_out_key(o, "bits");
    yaml_out_seq(o, true);
    yaml_out_int(o, 3);
    yaml_out_int(o, -4);
    yaml_out_end(o);
    yaml_out_key(o, "signed");
    yaml_out_bool(o, false);
    yaml_out_key(o, "scale");
    yaml_out_double(o, 3);
    yaml_out_key(o, "lut");
    yaml_out_double(o, 1080);
    yaml_out_end(o);
    assert_ok(yaml_out_commit(o, &err), err);
    struct arena *a = arena_new();
    char *text;
    size_t size;
    assert_ok(file_read(path, a, &text, &size, &err), err);
    assert_string_equal(text, "name: conv 1\nbits: [3, -4]\nsigned: false\nscale: 3.0\n"
                              "lut: 1080.0\n");
    arena_free(a);
}

static void texts_and_keys_survive(void **state)
{
    struct scratch *s = *state;
    static const char *const texts[] = {
        "",
        "3",
        "1e5",
        "true",
        "Null",
        "yes",
        "a: b",
        "# no",
        "- item",
        "two\nlines",
        " x ",
        "\"quoted\"",
        "'",
        "[1]",
        "@at",
        "\t",
        "\xc3\xa9t\xc3\xa9",
        "~",
        "0x10",
        "%d",
        "a #b",
        "off.on",
        "---",
        "!tag",
        "&a",
        "*a",
        "{a: 1}",
        "-",
    };
    enum { N = sizeof texts / sizeof texts[0] };
    struct err err;
    struct yaml_out *o;
    struct yaml_doc *d;
    const char *path = scratch_path(s, "texts.yaml"), *back;
    assert_ok(yaml_out_open(path, &o, &err), err);
    yaml_out_map(o, false);
    for (int i = 0; i < N; i++) {
        yaml_out_key(o, texts[i]);
        yaml_out_text(o, texts[i]);
    }
    yaml_out_end(o);
    assert_ok(yaml_out_commit(o, &err), err);
    assert_ok(yaml_open(path, &d, &err), err);
    assert_int_equal(yaml_size(yaml_root(d)), N);
    for (size_t i = 0; i < N; i++) {
        assert_string_equal(yaml_pair_key(yaml_root(d), i), texts[i]);
        assert_ok(yaml_text(yaml_pair_value(yaml_root(d), i), &back, &err), err);
        assert_string_equal(back, texts[i]);
    }
    yaml_close(d);
}

static void doubles_come_back_bit_for_bit(void **state)
{
    struct scratch *s = *state;
    enum { N = 500 };
    double x[N] = {0,
                   -0.0,
                   0.1,
                   1.0 / 3,
                   DBL_MAX,
                   DBL_MIN,
                   -1e-310,
                   1e22,
                   123456,
                   1 << 30,
                   9007199254740992.0,
                   5e-324};
    struct rng r = rng_seed(1, 0);
    for (int i = 12; i < N; i++)
        x[i] = ldexp(rng_normal(&r), (int)rng_below(&r, 600) - 300);
    struct err err;
    struct yaml_out *o;
    struct yaml_doc *d;
    const char *path = scratch_path(s, "doubles.yaml");
    assert_ok(yaml_out_open(path, &o, &err), err);
    yaml_out_seq(o, false);
    for (int i = 0; i < N; i++)
        yaml_out_double(o, x[i]);
    yaml_out_end(o);
    assert_ok(yaml_out_commit(o, &err), err);
    assert_ok(yaml_open(path, &d, &err), err);
    for (size_t i = 0; i < N; i++) {
        double back;
        assert_ok(
            yaml_double(yaml_item(yaml_root(d), i), -INFINITY, INFINITY, &back, &err),
            err);
        assert_memory_equal(&back, &x[i], sizeof back);
    }
    yaml_close(d);
}

static void misuse_is_reported_and_leaves_no_file(void **state)
{
    struct scratch *s = *state;
    struct err err;
    struct yaml_out *o;
    char path[160];
    strcpy(path, scratch_path(s, "never.yaml"));
    const int before = scratch_count(s);
    assert_ok(yaml_out_open(path, &o, &err), err);
    yaml_out_map(o, false);
    assert_int_equal(yaml_out_commit(o, &err), ST_RANGE);
    assert_non_null(strstr(err.msg, "a map or sequence without an end"));
    assert_ok(yaml_out_open(path, &o, &err), err);
    yaml_out_double(o, NAN);
    assert_int_equal(yaml_out_commit(o, &err), ST_RANGE);
    assert_non_null(strstr(err.msg, "a number that is not finite"));
    assert_ok(yaml_out_open(path, &o, &err), err);
    yaml_out_end(o);
    assert_int_equal(yaml_out_commit(o, &err), ST_RANGE);
    assert_ok(yaml_out_open(path, &o, &err), err);
    for (int i = 0; i < 40; i++)
        yaml_out_seq(o, true);
    assert_int_equal(yaml_out_commit(o, &err), ST_RANGE);
    assert_non_null(strstr(err.msg, "nested too deeply"));
    assert_ok(yaml_out_open(path, &o, &err), err);
    yaml_out_abort(o);
    yaml_out_abort(NULL);
    assert_int_equal(scratch_count(s), before);
}

static void a_full_disk_is_reported(void **state)
{
    (void)state;
    struct err err;
    struct yaml_out *o;
    assert_ok(yaml_out_open("/dev/full", &o, &err), err);
    yaml_out_seq(o, false);
    for (int i = 0; i < 20000; i++)
        yaml_out_int(o, i);
    yaml_out_end(o);
    assert_int_equal(yaml_out_commit(o, &err), ST_IO);
    assert_string_equal(err.msg, "/dev/full: cannot write: No space left on device");
}

static void an_unwritable_place_is_named(void **state)
{
    (void)state;
    struct err err;
    struct yaml_out *o;
    assert_int_equal(yaml_out_open("/nowhere/a.yaml", &o, &err), ST_IO);
    assert_string_equal(err.msg,
                        "/nowhere/a.yaml: cannot create: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_plain_yaml),
        cmocka_unit_test(texts_and_keys_survive),
        cmocka_unit_test(doubles_come_back_bit_for_bit),
        cmocka_unit_test(misuse_is_reported_and_leaves_no_file),
        cmocka_unit_test(a_full_disk_is_reported),
        cmocka_unit_test(an_unwritable_place_is_named),
    };
    return cmocka_run_group_tests_name("base/yaml_out", tests, scratch_setup,
                                       scratch_teardown);
}
