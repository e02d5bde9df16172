/* Provenance in its three forms. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "base/provenance.h"
#include "tests/scratch.h"

struct fixture {
    struct scratch s;
    struct provenance p;
    char input[160], hex[33];
};

static int open_fixture(void **state)
{
    static struct fixture f;
    struct err err;
    *state = &f;
    if (!scratch_open(&f.s)) return -1;
    strcpy(f.input, scratch_file(&f.s, "in.csv", "a,b\n"));
    strcpy(f.hex, hash_of_bytes("a,b\n", 4).hex);
    provenance_init(&f.p, "bitwright fit", 7);
    if (provenance_input(&f.p, f.input, &err) != ST_OK) return -1;
    return provenance_tool(&f.p, "gcc", &err) == ST_OK ? 0 : -1;
}

static int close_fixture(void **state)
{
    scratch_close(&((struct fixture *)*state)->s);
    return 0;
}

static void the_yaml_form_reads_back(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct yaml_out *o;
    struct yaml_doc *d;
    const char *path = scratch_path(&f->s, "p.yaml"), *text;
    int64_t seed;
    assert_ok(yaml_out_open(path, &o, &err), err);
    yaml_out_map(o, false);
    provenance_yaml(&f->p, o);
    yaml_out_end(o);
    assert_ok(yaml_out_commit(o, &err), err);
    assert_ok(yaml_open(path, &d, &err), err);
    const struct yaml_node *p = yaml_find(yaml_root(d), "provenance");
    assert_non_null(p);
    assert_ok(yaml_need_int(p, "seed", 0, 100, &seed, &err), err);
    assert_int_equal(seed, 7);
    assert_ok(yaml_need_text(p, "bitwright", &text, &err), err);
    assert_string_equal(text, BITWRIGHT_VERSION);
    assert_ok(yaml_need_text(yaml_find(p, "inputs"), f->input, &text, &err), err);
    assert_string_equal(text, f->hex);
    assert_ok(yaml_need_text(yaml_find(p, "tools"), "gcc", &text, &err), err);
    assert_non_null(strstr(text, "gcc"));
    yaml_close(d);
}

static void the_csv_form_is_comment_lines(void **state)
{
    struct fixture *f = *state;
    char text[1000];
    FILE *file = tmpfile();
    provenance_csv(&f->p, file);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    char expected[400];
    snprintf(expected, sizeof expected,
             "# bitwright: %s\n# command: bitwright fit\n# seed: 7\n# input: %s %s\n"
             "# tool: gcc: gcc",
             BITWRIGHT_VERSION, f->input, f->hex);
    assert_ptr_equal(strstr(text, expected), text);
}

static void the_json_form_is_an_object(void **state)
{
    struct fixture *f = *state;
    json_t *v = provenance_json(&f->p);
    assert_non_null(v);
    assert_string_equal(json_string_value(json_object_get(v, "command")),
                        "bitwright fit");
    const json_t *inputs = json_object_get(v, "inputs");
    assert_string_equal(json_string_value(json_object_get(inputs, f->input)), f->hex);
    json_decref(v);
}

static void what_cannot_be_recorded_is_refused(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct provenance p;
    provenance_init(&p, "bitwright fit", 0);
    assert_int_equal(provenance_input(&p, "/nowhere", &err), ST_NOT_FOUND);
    assert_int_equal(p.n_inputs, 0);
    for (int i = 0; i < PROVENANCE_MAX; i++)
        assert_ok(provenance_input(&p, f->input, &err), err);
    assert_int_equal(provenance_input(&p, f->input, &err), ST_RANGE);
    assert_non_null(strstr(err.msg, "expected at most 16 input files"));
    assert_int_equal(provenance_tool(&p, "no-such-tool", &err), ST_MISSING_TOOL);
    assert_int_equal(p.n_tools, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_yaml_form_reads_back),
        cmocka_unit_test(the_csv_form_is_comment_lines),
        cmocka_unit_test(the_json_form_is_an_object),
        cmocka_unit_test(what_cannot_be_recorded_is_refused),
    };
    return cmocka_run_group_tests_name("base/provenance", tests, open_fixture,
                                       close_fixture);
}
