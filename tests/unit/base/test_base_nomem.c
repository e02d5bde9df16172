/* Every allocation of base/ refused in turn: ST_NOMEM, no leak, nothing left. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/pool.h"
#include "base/proc.h"
#include "base/yaml.h"
#include "tests/nomem.h"
#include "tests/scratch.h"

static status fill_arena(void *arg, struct err *err)
{
    (void)arg;
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    status st = ST_OK;
    for (int i = 0; i < 40 && st == ST_OK; i++)
        if (!arena_alloc(a, 5000, 1) || !arena_alloc(a, 50000, 1) ||
            !arena_printf(a, "%d", i) || !arena_strdup(a, "x"))
            st = arena_exhausted(err);
    arena_free(a);
    return st;
}

static void an_arena_reports_exhaustion(void **state)
{
    (void)state;
    assert_true(nomem_sweep(fill_arena, NULL) > 40);
}

static status read_yaml(void *arg, struct err *err)
{
    struct yaml_doc *d;
    (void)arg;
    TRY(yaml_open_text("f.yaml", "a: 1\nb: [1, 2, {c: d}]\n", &d, err));
    yaml_close(d);
    return ST_OK;
}

static status read_yaml_file(void *arg, struct err *err)
{
    struct yaml_doc *d;
    TRY(yaml_open(arg, &d, err));
    yaml_close(d);
    return ST_OK;
}

static void reading_yaml_reports_exhaustion(void **state)
{
    struct scratch *s = *state;
    assert_true(nomem_sweep(read_yaml, NULL) >= 3);
    char text[40000] = "v: [0";
    for (int i = 0; i < 5000; i++)
        strcat(text, ", 1");
    strcat(text, "]\n");
    char path[160];
    strcpy(path, scratch_file(s, "big.yaml", text));
    assert_true(nomem_sweep(read_yaml_file, path) > 10);
}

static status write_yaml(void *arg, struct err *err)
{
    struct yaml_out *o;
    TRY(yaml_out_open(arg, &o, err));
    yaml_out_map(o, false);
    yaml_out_key(o, "a");
    yaml_out_double(o, 0.1);
    yaml_out_end(o);
    return yaml_out_commit(o, err);
}

static void writing_yaml_reports_exhaustion_and_leaves_nothing(void **state)
{
    struct scratch *s = *state;
    char path[160];
    strcpy(path, scratch_path(s, "out.yaml"));
    const int before = scratch_count(s);
    assert_true(nomem_sweep(write_yaml, path) >= 3);
    assert_int_equal(scratch_count(s), before + 1);
}

static status read_csv(void *arg, struct err *err)
{
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    struct csv c;
    const status st = csv_load(arg, a, &c, err);
    arena_free(a);
    return st;
}

static void reading_csv_reports_exhaustion(void **state)
{
    struct scratch *s = *state;
    char text[40000] = "# p\na,b[LUT]\n";
    for (int i = 0; i < 5000; i++)
        strcat(text, "1,2\n");
    char path[160];
    strcpy(path, scratch_file(s, "big.csv", text));
    assert_true(nomem_sweep(read_csv, path) >= 3);
}

static status hash_file(void *arg, struct err *err)
{
    struct hash_key key;
    return hash_of_file(arg, &key, err);
}

static void hashing_reports_exhaustion(void **state)
{
    struct scratch *s = *state;
    char path[160];
    strcpy(path, scratch_file(s, "h", "x"));
    assert_true(nomem_sweep(hash_file, path) >= 1);
}

static status make_folders(void *arg, struct err *err)
{
    TRY(file_make_dirs(arg, err));
    return file_remove_tree(arg, err);
}

static void folders_report_exhaustion(void **state)
{
    struct scratch *s = *state;
    char path[160];
    strcpy(path, scratch_path(s, "d"));
    assert_true(nomem_sweep(make_folders, path) >= 1);
}

static status start_pool(void *arg, struct err *err)
{
    struct pool *p;
    (void)arg;
    TRY(pool_new(3, &p, err));
    pool_free(p);
    return ST_OK;
}

static void a_pool_reports_exhaustion(void **state)
{
    (void)state;
    assert_true(nomem_sweep(start_pool, NULL) >= 2);
}

static status run_tool(void *arg, struct err *err)
{
    (void)arg;
    const char *const argv[] = {"true", NULL};
    return proc_run(argv, NULL, err);
}

static void running_a_tool_reports_exhaustion(void **state)
{
    (void)state;
    assert_true(nomem_sweep(run_tool, NULL) >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arena_reports_exhaustion),
        cmocka_unit_test(reading_yaml_reports_exhaustion),
        cmocka_unit_test(writing_yaml_reports_exhaustion_and_leaves_nothing),
        cmocka_unit_test(reading_csv_reports_exhaustion),
        cmocka_unit_test(hashing_reports_exhaustion),
        cmocka_unit_test(folders_report_exhaustion),
        cmocka_unit_test(a_pool_reports_exhaustion),
        cmocka_unit_test(running_a_tool_reports_exhaustion),
    };
    return cmocka_run_group_tests_name("base/nomem", tests, scratch_setup,
                                       scratch_teardown);
}
