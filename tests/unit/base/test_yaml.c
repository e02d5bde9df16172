/* Strict YAML reading: what is accepted, and what each error says. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "base/rng.h"
#include "base/yaml.h"

static void values_come_back_with_their_types(void **state)
{
    (void)state;
    struct err err;
    struct yaml_doc *d;
    assert_ok(yaml_open_text("f.yaml",
                             "name: \"conv 1\"\n"
                             "bits: 4\n"
                             "clock_mhz: 1.5e2\n"
                             "signed: true\n"
                             "kind: lut\n"
                             "list: [1, 2, 3]\n"
                             "inner:\n  a: -7\n",
                             &d, &err),
              err);
    const struct yaml_node *root = yaml_root(d), *list, *inner;
    static const char *const kinds[] = {"dsp", "lut", NULL};
    const char *name;
    int64_t bits, a, item;
    double mhz;
    bool is_signed;
    int kind;
    assert_ok(yaml_need_text(root, "name", &name, &err), err);
    assert_string_equal(name, "conv 1");
    assert_ok(yaml_need_int(root, "bits", 1, 8, &bits, &err), err);
    assert_int_equal(bits, 4);
    assert_ok(yaml_need_double(root, "clock_mhz", 0, 1000, &mhz, &err), err);
    assert_close(mhz, 150.0, 0, 0);
    assert_ok(yaml_need_bool(root, "signed", &is_signed, &err), err);
    assert_true(is_signed);
    assert_ok(yaml_need_enum(root, "kind", kinds, &kind, &err), err);
    assert_int_equal(kind, 1);
    assert_ok(yaml_need(root, "list", &list, &err), err);
    assert_ok(yaml_expect(list, YAML_SEQ, &err), err);
    assert_int_equal(yaml_size(list), 3);
    assert_ok(yaml_int(yaml_item(list, 2), 0, 9, &item, &err), err);
    assert_int_equal(item, 3);
    assert_null(yaml_item(list, 3));
    assert_ok(yaml_need(root, "inner", &inner, &err), err);
    assert_string_equal(yaml_pair_key(inner, 0), "a");
    assert_ok(yaml_int(yaml_pair_value(inner, 0), -9, 9, &a, &err), err);
    assert_int_equal(a, -7);
    assert_null(yaml_find(root, "absent"));
    yaml_close(d);
}

static void malformed_text_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"", "f.yaml:1:1: expected a document, found nothing"},
        {"# only a comment\n", "f.yaml:1:1: expected a document, found nothing"},
        {"a: 1\nb: 2\na: 3\n", "f.yaml:3:1: expected each key once, found 'a' again "
                               "(first on line 1)"},
        {"a: [1, 2\n", "f.yaml:2:1: expected YAML, found: did not find expected ',' or "
                       "']'"},
        {"a: 1\n\tb: 2\n", "f.yaml:2:1: expected YAML, found: found a tab character "
                           "that violates indentation"},
        {"a: &x 1\nb: *x\n",
         "f.yaml:2:4: expected a value, found an alias (not supported)"},
        {"a: !!int 3\n", "f.yaml:1:4: expected a value without a tag, found a tag"},
        {"a: 1\n---\nb: 2\n", "f.yaml:2:1: expected one document, found a second one"},
        {"? [1, 2]\n: 3\n", "f.yaml:1:3: expected a key, found a map or sequence"},
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
         "f.yaml:1:33: expected at most 32 levels, found one more"},
        {"a: \"x\\0y\"\n", "f.yaml:1:4: expected text, found a zero byte"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err err;
        struct yaml_doc *d;
        const status st = yaml_open_text("f.yaml", rows[i].text, &d, &err);
        if (st != ST_PARSE || strcmp(err.msg, rows[i].message) != 0)
            fail_msg("row %zu: status %d, message: %s", i, (int)st, err.msg);
        assert_null(d);
    }
}

static void text_that_is_not_utf8_is_refused(void **state)
{
    (void)state;
    struct err err;
    struct yaml_doc *d;
    assert_int_equal(yaml_open_text("f.yaml", "a: \xff\xfe\n", &d, &err), ST_PARSE);
    assert_non_null(strstr(err.msg, "f.yaml: expected UTF-8 text, found byte 3"));
}

static void an_unknown_key_names_the_nearest(void **state)
{
    (void)state;
    static const char *const known[] = {"wbits", "abits", "simd", NULL};
    struct err err;
    struct yaml_doc *d;
    assert_ok(yaml_open_text("f.yaml", "abits: 3\n  \nwbit: 4\n", &d, &err), err);
    assert_int_equal(yaml_check_keys(yaml_root(d), known, &err), ST_PARSE);
    assert_string_equal(err.msg, "f.yaml:3:1: expected a known key, found 'wbit'; did "
                                 "you mean 'wbits'?");
    yaml_close(d);
    assert_ok(yaml_open_text("f.yaml", "colour: 4\n", &d, &err), err);
    assert_int_equal(yaml_check_keys(yaml_root(d), known, &err), ST_PARSE);
    assert_string_equal(err.msg, "f.yaml:1:1: expected one of the keys wbits, abits, "
                                 "simd, found 'colour'");
    yaml_close(d);
}

static void a_missing_key_is_named_with_its_map(void **state)
{
    (void)state;
    struct err err;
    struct yaml_doc *d;
    const struct yaml_node *n;
    assert_ok(yaml_open_text("f.yaml", "mac:\n  simd: 4\n", &d, &err), err);
    assert_int_equal(yaml_need(yaml_find(yaml_root(d), "mac"), "wbits", &n, &err),
                     ST_PARSE);
    assert_string_equal(err.msg,
                        "f.yaml:2:3: expected the key 'wbits', found none in 'mac'");
    yaml_close(d);
}

/* Reads the value of `v` in the way of the row and expects its message. */
static void wrong_values_are_refused_with_place_and_bounds(void **state)
{
    (void)state;
    static const char *const kinds[] = {"lut", "dsp", NULL};
    static const struct {
        char reader;
        const char *text;
        status st;
        const char *message;
    } rows[] = {
        {'i', "v: four\n", ST_PARSE,
         "f.yaml:1:4: expected an integer from 1 to 8 for 'v', found 'four'"},
        {'i', "v: 4.5\n", ST_PARSE,
         "f.yaml:1:4: expected an integer from 1 to 8 for 'v', found '4.5'"},
        {'i', "v: \"4\"\n", ST_PARSE,
         "f.yaml:1:4: expected an integer from 1 to 8 for 'v', found '4'"},
        {'i', "v:\n", ST_PARSE,
         "f.yaml:1:3: expected an integer from 1 to 8 for 'v', found ''"},
        {'i', "v: [4]\n", ST_PARSE,
         "f.yaml:1:4: expected an integer from 1 to 8 for 'v', found a sequence"},
        {'i', "v: 9\n", ST_RANGE,
         "f.yaml:1:4: expected an integer from 1 to 8 for 'v', found '9'"},
        {'i', "v: 99999999999999999999\n", ST_RANGE,
         "f.yaml:1:4: expected an integer from 1 to 8 for 'v', found "
         "'99999999999999999999'"},
        {'d', "v: fast\n", ST_PARSE,
         "f.yaml:1:4: expected a number from 0 to 1 for 'v', found 'fast'"},
        {'d', "v: nan\n", ST_PARSE,
         "f.yaml:1:4: expected a number from 0 to 1 for 'v', found 'nan'"},
        {'d', "v: 0x1p3\n", ST_PARSE,
         "f.yaml:1:4: expected a number from 0 to 1 for 'v', found '0x1p3'"},
        {'d', "v: 1e999\n", ST_RANGE,
         "f.yaml:1:4: expected a number from 0 to 1 for 'v', found '1e999'"},
        {'b', "v: yes\n", ST_PARSE,
         "f.yaml:1:4: expected true or false for 'v', found 'yes'"},
        {'e', "v: brom\n", ST_PARSE,
         "f.yaml:1:4: expected one of lut, dsp for 'v', found 'brom'"},
        {'t', "v: {a: 1}\n", ST_PARSE,
         "f.yaml:1:4: expected text for 'v', found a map"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err err = {.msg = ""};
        struct yaml_doc *d;
        int64_t v;
        double x;
        bool b;
        int e;
        const char *t;
        status st = ST_OK;
        assert_ok(yaml_open_text("f.yaml", rows[i].text, &d, &err), err);
        const struct yaml_node *r = yaml_root(d);
        if (rows[i].reader == 'i') st = yaml_need_int(r, "v", 1, 8, &v, &err);
        if (rows[i].reader == 'd') st = yaml_need_double(r, "v", 0, 1, &x, &err);
        if (rows[i].reader == 'b') st = yaml_need_bool(r, "v", &b, &err);
        if (rows[i].reader == 'e') st = yaml_need_enum(r, "v", kinds, &e, &err);
        if (rows[i].reader == 't') st = yaml_need_text(r, "v", &t, &err);
        if (st != rows[i].st || strcmp(err.msg, rows[i].message) != 0)
            fail_msg("row %zu: status %d, message: %s", i, (int)st, err.msg);
        yaml_close(d);
    }
}

static void an_item_is_named_by_its_sequence(void **state)
{
    (void)state;
    struct err err;
    struct yaml_doc *d;
    int64_t v;
    assert_ok(yaml_open_text("f.yaml", "bits:\n  - 3\n  - x\n", &d, &err), err);
    const struct yaml_node *seq = yaml_find(yaml_root(d), "bits");
    assert_int_equal(yaml_int(yaml_item(seq, 1), 1, 8, &v, &err), ST_PARSE);
    assert_string_equal(
        err.msg, "f.yaml:3:5: expected an integer from 1 to 8 in 'bits', found 'x'");
    yaml_close(d);
}

static void an_own_error_carries_the_place(void **state)
{
    (void)state;
    struct err err;
    struct yaml_doc *d;
    assert_ok(yaml_open_text("f.yaml", "a: 1\nb: 2\n", &d, &err), err);
    assert_int_equal(
        yaml_fail(yaml_find(yaml_root(d), "b"), ST_RANGE, &err, "expected %d", 3),
        ST_RANGE);
    assert_string_equal(err.msg, "f.yaml:2:4: expected 3");
    yaml_close(d);
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    struct err err;
    struct yaml_doc *d;
    assert_int_equal(yaml_open("/nowhere.yaml", &d, &err), ST_NOT_FOUND);
    assert_string_equal(err.msg,
                        "/nowhere.yaml: cannot open: No such file or directory");
    yaml_close(NULL);
}

static void mutilated_text_is_read_or_refused_with_a_message(void **state)
{
    (void)state;
    static const char whole[] = "name: \"a\\n\"\nlist: [1, {b: 'c'}, -3]\nmap:\n  - x\n"
                                "  - y: |\n      text\n";
    static const char bytes[] = "\n\t:-[]{}'\"|>&*!%#?,\\ \xff\x80\x01z9";
    struct rng r = rng_seed(11, 0);
    int refused = 0;
    for (int i = 0; i < 3000; i++) {
        char text[sizeof whole];
        memcpy(text, whole, sizeof whole);
        for (int k = 0; k < 1 + i % 4; k++)
            text[rng_below(&r, sizeof whole - 1)] =
                bytes[rng_below(&r, sizeof bytes - 1)];
        if (i % 5 == 0) text[rng_below(&r, sizeof whole)] = '\0';
        struct err err = {.msg = ""};
        struct yaml_doc *d;
        const status st = yaml_open_text("f.yaml", text, &d, &err);
        if (st != ST_OK && (st != ST_PARSE || strncmp(err.msg, "f.yaml:", 7) != 0))
            fail_msg("round %d: status %d, message: %s", i, (int)st, err.msg);
        refused += st != ST_OK;
        yaml_close(d);
    }
    assert_in_range(refused, 500, 2900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_back_with_their_types),
        cmocka_unit_test(malformed_text_is_refused_with_its_place),
        cmocka_unit_test(text_that_is_not_utf8_is_refused),
        cmocka_unit_test(an_unknown_key_names_the_nearest),
        cmocka_unit_test(a_missing_key_is_named_with_its_map),
        cmocka_unit_test(wrong_values_are_refused_with_place_and_bounds),
        cmocka_unit_test(an_item_is_named_by_its_sequence),
        cmocka_unit_test(an_own_error_carries_the_place),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(mutilated_text_is_read_or_refused_with_a_message),
    };
    return cmocka_run_group_tests_name("base/yaml", tests, NULL, NULL);
}
