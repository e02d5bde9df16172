/* Files: whole or not at all. */
#include "tests/cmocka_all.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/scratch.h"

struct fixture {
    struct scratch s;
    struct arena *a;
};

static int open_fixture(void **state)
{
    static struct fixture f;
    f.a = arena_new();
    *state = &f;
    return f.a && scratch_open(&f.s) ? 0 : -1;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    scratch_close(&f->s);
    arena_free(f->a);
    return 0;
}

static void expect_content(struct fixture *f, const char *path, const char *expected)
{
    struct err err;
    char *text;
    size_t size;
    assert_ok(file_read(path, f->a, &text, &size, &err), err);
    assert_string_equal(text, expected);
    assert_int_equal(size, strlen(expected));
}

static void a_commit_replaces_the_old_file(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct file_out o;
    char path[160];
    strcpy(path, scratch_file(&f->s, "plan", "old"));
    assert_ok(file_out_open(path, &o, &err), err);
    fputs("new", o.f);
    fflush(o.f);
    expect_content(f, path, "old");
    assert_ok(file_out_commit(&o, &err), err);
    expect_content(f, path, "new");
    assert_int_equal(scratch_count(&f->s), 1);
}

static void an_abort_leaves_the_old_file_and_nothing_else(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct file_out o;
    char path[160];
    strcpy(path, scratch_file(&f->s, "plan", "old"));
    assert_ok(file_out_open(path, &o, &err), err);
    fputs("new", o.f);
    file_out_abort(&o);
    expect_content(f, path, "old");
    assert_int_equal(scratch_count(&f->s), 1);
}

static void a_full_disk_leaves_the_old_file_and_nothing_else(void **state)
{
    struct fixture *f = *state;
    char path[160];
    strcpy(path, scratch_file(&f->s, "plan", "old"));
    const pid_t pid = fork();
    if (pid == 0) { /* a limit on the file size stands in for the disk's end */
        const struct rlimit limit = {.rlim_cur = 8192, .rlim_max = 8192};
        struct err err = {.msg = ""};
        char block[20000];
        memset(block, 'x', sizeof block);
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        const status st = file_write(path, block, sizeof block, &err);
        const int said = strstr(err.msg, "plan: cannot write: File too large") != NULL;
        _exit(st == ST_IO && said ? 0 : 1);
    }
    int wait_status = -1;
    waitpid(pid, &wait_status, 0);
    assert_int_equal(wait_status, 0);
    expect_content(f, path, "old");
    assert_int_equal(scratch_count(&f->s), 1);
}

static void a_full_device_is_reported(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(file_write("/dev/full", "x", 1, &err), ST_IO);
    assert_string_equal(err.msg, "/dev/full: cannot write: No space left on device");
    assert_true(file_exists("/dev/full")); /* written to, not replaced */
}

static void a_write_that_failed_early_is_reported_at_the_end(void **state)
{
    (void)state;
    struct err err;
    struct file_out o;
    assert_ok(file_out_open("/dev/full", &o, &err), err);
    for (int i = 0; i < 20000; i++)
        fputs("line\n", o.f); /* nobody looks at the result */
    assert_true(ferror(o.f));
    fflush(o.f);
    assert_int_equal(file_out_commit(&o, &err), ST_IO);
    assert_string_equal(err.msg, "/dev/full: cannot write: No space left on device");
}

static void the_new_file_has_the_usual_permissions(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct stat st;
    char path[160];
    strcpy(path, scratch_path(&f->s, "mode"));
    const mode_t old = umask(027);
    const status rc = file_write(path, "x", 1, &err);
    umask(old);
    assert_ok(rc, err);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    unlink(path);
}

static void unwritable_targets_are_named(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(file_write("/nowhere/plan", "x", 1, &err), ST_IO);
    assert_string_equal(err.msg,
                        "/nowhere/plan: cannot create: No such file or directory");
    assert_int_equal(file_write("/tmp", "x", 1, &err), ST_IO);
    assert_string_equal(err.msg, "/tmp: expected a file to write, found a folder");
}

static void unreadable_sources_are_named(void **state)
{
    struct fixture *f = *state;
    struct err err;
    char *text;
    size_t size;
    assert_int_equal(file_read("/nowhere", f->a, &text, &size, &err), ST_NOT_FOUND);
    assert_string_equal(err.msg, "/nowhere: cannot open: No such file or directory");
    assert_int_equal(file_read("/tmp", f->a, &text, &size, &err), ST_NOT_FOUND);
    assert_string_equal(err.msg, "/tmp: expected a file, found a folder");
}

static void a_file_that_states_no_size_is_read_whole(void **state)
{
    struct fixture *f = *state;
    struct err err;
    char *text;
    size_t size;
    assert_ok(file_read("/proc/self/maps", f->a, &text, &size, &err), err);
    assert_true(size > 1000);
    assert_int_equal(text[size], '\0');
}

static void folders_are_made_and_removed(void **state)
{
    struct fixture *f = *state;
    struct err err;
    char deep[200], top[160];
    strcpy(top, scratch_path(&f->s, "a"));
    snprintf(deep, sizeof deep, "%s/b//c/", top);
    assert_ok(file_make_dirs(deep, &err), err);
    assert_ok(file_make_dirs(deep, &err), err);
    assert_true(file_exists(deep));
    strcat(deep, "f");
    assert_ok(file_write(deep, "x", 1, &err), err);
    strcat(deep, "/g");
    assert_int_equal(file_make_dirs(deep, &err), ST_IO);
    assert_non_null(strstr(err.msg, "cannot make folder: "));
    assert_ok(file_remove_tree(top, &err), err);
    assert_false(file_exists(top));
    assert_ok(file_remove_tree(top, &err), err);
}

static void removing_a_tree_does_not_follow_links(void **state)
{
    struct fixture *f = *state;
    struct err err;
    char kept[160], tree[160], link_path[200];
    strcpy(kept, scratch_file(&f->s, "kept", "x"));
    strcpy(tree, scratch_path(&f->s, "tree"));
    assert_ok(file_make_dirs(tree, &err), err);
    snprintf(link_path, sizeof link_path, "%s/link", tree);
    assert_int_equal(symlink(f->s.dir, link_path), 0);
    assert_ok(file_remove_tree(tree, &err), err);
    assert_true(file_exists(kept));
    unlink(kept);
}

static void paths_are_joined(void **state)
{
    struct fixture *f = *state;
    struct arena *a = f->a;
    assert_string_equal(file_join(a, "a", "b"), "a/b");
    assert_string_equal(file_join(a, "a/", "b"), "a/b");
    assert_string_equal(file_join(a, "", "b"), "b");
    assert_string_equal(file_join(a, "a", "/b"), "/b");
    assert_string_equal(file_beside(a, "x/plan.yaml", "w.onnx"), "x/w.onnx");
    assert_string_equal(file_beside(a, "plan.yaml", "w.onnx"), "w.onnx");
    assert_string_equal(file_beside(a, "x/plan.yaml", "/w.onnx"), "/w.onnx");
}

static void a_relative_path_leads_back(void **state)
{
    struct fixture *f = *state;
    struct arena *a = f->a;
    struct err err;
    char sub[200], plan[200], beside[200], within[200];
    snprintf(sub, sizeof sub, "%s/sub", f->s.dir);
    snprintf(plan, sizeof plan, "%s/sub/plan.yaml", f->s.dir);
    snprintf(beside, sizeof beside, "%s/subtle.onnx", f->s.dir);
    snprintf(within, sizeof within, "%s/sub/net.onnx", f->s.dir);
    assert_ok(file_make_dirs(sub, &err), err);
    assert_ok(file_write(beside, "x", 1, &err), err);
    assert_ok(file_write(within, "x", 1, &err), err);
    char here[512];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(f->s.dir), 0);
    assert_string_equal(file_relative(a, "sub/plan.yaml", "sub/net.onnx"), "net.onnx");
    assert_string_equal(file_relative(a, "sub/plan.yaml", "subtle.onnx"),
                        "../subtle.onnx");
    assert_string_equal(file_relative(a, "plan.yaml", "sub/net.onnx"), "sub/net.onnx");
    assert_string_equal(file_relative(a, "plan.yaml", "none.onnx"), "none.onnx");
    assert_string_equal(file_relative(a, "sub/plan.yaml", "/net.onnx"), "/net.onnx");
    assert_int_equal(chdir(here), 0);
}

static void the_cache_follows_xdg(void **state)
{
    struct fixture *f = *state;
    struct err err;
    const char *dir;
    char expected[200];
    setenv("XDG_CACHE_HOME", f->s.dir, 1);
    assert_ok(file_cache_dir(f->a, &dir, &err), err);
    snprintf(expected, sizeof expected, "%s/bitwright", f->s.dir);
    assert_string_equal(dir, expected);
    assert_true(file_exists(dir));
    unsetenv("XDG_CACHE_HOME");
    setenv("HOME", f->s.dir, 1);
    assert_ok(file_cache_dir(f->a, &dir, &err), err);
    assert_non_null(strstr(dir, "/.cache/bitwright"));
    unsetenv("HOME");
    assert_int_equal(file_cache_dir(f->a, &dir, &err), ST_NOT_FOUND);
    assert_string_equal(err.msg, "no cache folder: set XDG_CACHE_HOME or HOME");
}

static void the_data_is_found_from_the_binary(void **state)
{
    struct fixture *f = *state;
    struct err err;
    const char *home;
    unsetenv("BITWRIGHT_HOME");
    assert_ok(file_home_dir(f->a, &home, &err), err);
    assert_true(file_exists(file_join(f->a, home, "base/file.h")));
    /* Absolute, whatever the name: tools run in folders of their own. */
    setenv("BITWRIGHT_HOME", ".", 1);
    assert_ok(file_home_dir(f->a, &home, &err), err);
    assert_int_equal(home[0], '/');
    setenv("BITWRIGHT_HOME", "/nowhere", 1);
    assert_int_equal(file_home_dir(f->a, &home, &err), ST_NOT_FOUND);
    assert_string_equal(err.msg,
                        "/nowhere: BITWRIGHT_HOME has no configs/packages.txt");
    unsetenv("BITWRIGHT_HOME");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_commit_replaces_the_old_file),
        cmocka_unit_test(an_abort_leaves_the_old_file_and_nothing_else),
        cmocka_unit_test(a_full_disk_leaves_the_old_file_and_nothing_else),
        cmocka_unit_test(a_full_device_is_reported),
        cmocka_unit_test(a_write_that_failed_early_is_reported_at_the_end),
        cmocka_unit_test(the_new_file_has_the_usual_permissions),
        cmocka_unit_test(unwritable_targets_are_named),
        cmocka_unit_test(unreadable_sources_are_named),
        cmocka_unit_test(a_file_that_states_no_size_is_read_whole),
        cmocka_unit_test(folders_are_made_and_removed),
        cmocka_unit_test(removing_a_tree_does_not_follow_links),
        cmocka_unit_test(paths_are_joined),
        cmocka_unit_test(a_relative_path_leads_back),
        cmocka_unit_test(the_cache_follows_xdg),
        cmocka_unit_test(the_data_is_found_from_the_binary),
    };
    return cmocka_run_group_tests_name("base/file", tests, open_fixture, close_fixture);
}
