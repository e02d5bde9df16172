/* External tools: results, limits, interrupts, messages. */
#include "tests/cmocka_all.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/proc.h"
#include "base/progress.h"
#include "tests/scratch.h"

static void nap(double s)
{
    const struct timespec t = {.tv_sec = (time_t)s,
                               .tv_nsec = (long)((s - floor(s)) * 1e9)};
    nanosleep(&t, NULL);
}

static void output_comes_back(void **state)
{
    (void)state;
    struct err err;
    struct arena *a = arena_new();
    char *text;
    const char *const argv[] = {"sh", "-c", "echo out; echo log >&2", NULL};
    assert_ok(proc_capture(argv, NULL, a, &text, &err), err);
    assert_string_equal(text, "out\n");
    arena_free(a);
}

static void arguments_are_not_read_by_a_shell(void **state)
{
    (void)state;
    struct err err;
    struct arena *a = arena_new();
    char *text;
    const char *const argv[] = {"printf", "%s|%s", "a b;$HOME", "'\"*", NULL};
    assert_ok(proc_capture(argv, NULL, a, &text, &err), err);
    assert_string_equal(text, "a b;$HOME|'\"*");
    arena_free(a);
}

static void folder_log_and_environment_are_the_asked_ones(void **state)
{
    struct scratch *s = *state;
    struct err err;
    struct arena *a = arena_new();
    char *text, expected[200], log[160];
    size_t size;
    strcpy(log, scratch_path(s, "log"));
    setenv("BITWRIGHT_A", "ours", 1);
    const char *const env[] = {"BITWRIGHT_A=changed", "BITWRIGHT_B=added", NULL};
    const struct proc_options opt = {.dir = s->dir, .log_path = log, .env = env};
    const char *const argv[] = {
        "sh", "-c", "pwd; echo $BITWRIGHT_A $BITWRIGHT_B; echo e >&2; cat", NULL};
    assert_ok(proc_run(argv, &opt, &err), err);
    assert_ok(file_read(log, a, &text, &size, &err), err);
    snprintf(expected, sizeof expected, "%s\nchanged added\ne\n", s->dir);
    assert_string_equal(text, expected);
    unsetenv("BITWRIGHT_A");
    arena_free(a);
}

static void a_failure_quotes_the_reason_from_the_log(void **state)
{
    struct scratch *s = *state;
    struct err err;
    const struct proc_options opt = {.log_path = scratch_path(s, "log")};
    const char *const argv[] = {
        "sh", "-c", "echo start; echo 'ERROR: no module mvu'; echo bye; exit 3", NULL};
    char expected[300];
    assert_int_equal(proc_run(argv, &opt, &err), ST_TOOL);
    snprintf(expected, sizeof expected,
             "sh failed with exit status 3: ERROR: no module mvu; see %s/log", s->dir);
    assert_string_equal(err.msg, expected);
    const char *const silent[] = {"sh", "-c", "kill -SEGV $$", NULL};
    assert_int_equal(proc_run(silent, NULL, &err), ST_TOOL);
    assert_string_equal(err.msg, "sh was killed by signal 11");
    const char *const last[] = {"sh", "-c", "echo one; echo two; echo; exit 1", NULL};
    assert_int_equal(proc_run(last, NULL, &err), ST_TOOL);
    assert_string_equal(err.msg, "sh failed with exit status 1: two");
}

static void a_missing_tool_names_its_package(void **state)
{
    (void)state;
    struct err err;
    struct arena *a = arena_new();
    const char *path;
    char *old_path = arena_strdup(a, getenv("PATH"));
    setenv("PATH", "/nowhere", 1);
    assert_int_equal(proc_find("verilator", a, &path, &err), ST_MISSING_TOOL);
    assert_string_equal(err.msg, "verilator is not installed; mend with: apt-get "
                                 "install verilator");
    const char *const argv[] = {"protoc-c", NULL};
    assert_int_equal(proc_run(argv, NULL, &err), ST_MISSING_TOOL);
    assert_string_equal(err.msg,
                        "protoc-c is not installed; mend with: apt-get install "
                        "protobuf-c-compiler");
    setenv("PATH", old_path, 1);
    const char *const absent[] = {"/nowhere/tool", NULL};
    assert_int_equal(proc_run(absent, NULL, &err), ST_MISSING_TOOL);
    assert_string_equal(err.msg, "/nowhere/tool: no such program");
    assert_ok(proc_find("sh", a, &path, &err), err);
    assert_int_equal(path[0], '/');
    arena_free(a);
}

/* The child writes its own id and starts a grandchild that would sleep on. */
static const char *const stubborn =
    "trap '' TERM; sleep 60 & echo $$ $! > ids; sync ids; while :; do sleep 1; done";

/* True if neither process of the file `ids` is left. */
static int all_gone(struct scratch *s)
{
    long parent = 0, child = 0;
    FILE *f = fopen(scratch_path(s, "ids"), "r");
    if (!f) return 0;
    const int n = fscanf(f, "%ld %ld", &parent, &child);
    fclose(f);
    if (n != 2) return 0;
    for (int i = 0; i < 100; i++) { /* the orphan is reaped by init, in its time */
        if (kill((pid_t)parent, 0) != 0 && kill((pid_t)child, 0) != 0) return 1;
        nap(0.02);
    }
    return 0;
}

static void a_tool_that_hangs_is_killed_with_all_it_started(void **state)
{
    struct scratch *s = *state;
    struct err err;
    const struct proc_options opt = {.dir = s->dir, .time_limit_s = 0.3};
    const char *const argv[] = {"sh", "-c", stubborn, NULL};
    const double start = clock_now_s();
    assert_int_equal(proc_run(argv, &opt, &err), ST_TOOL);
    assert_string_equal(err.msg, "sh did not end within 0.3 s");
    assert_true(clock_now_s() - start < 10);
    assert_true(all_gone(s));
}

static void an_interrupt_kills_the_running_tool(void **state)
{
    struct scratch *s = *state;
    unlink(scratch_path(s, "ids"));
    const pid_t pid = fork();
    if (pid == 0) {
        struct err err = {.msg = ""};
        const struct proc_options opt = {.dir = s->dir, .time_limit_s = 30};
        const char *const argv[] = {"sh", "-c", stubborn, NULL};
        interrupt_install();
        const status st = proc_run(argv, &opt, &err);
        _exit(st == ST_INTERRUPTED && strstr(err.msg, "interrupted while sh ran") ? 0
                                                                                  : 1);
    }
    for (int i = 0; i < 250 && !file_exists(scratch_path(s, "ids")); i++)
        nap(0.02);
    nap(0.1);
    kill(pid, SIGINT);
    int wait_status = -1;
    waitpid(pid, &wait_status, 0);
    assert_int_equal(wait_status, 0);
    assert_true(all_gone(s));
}

static void a_tool_dies_with_a_killed_parent(void **state)
{
    struct scratch *s = *state;
    unlink(scratch_path(s, "ids"));
    const pid_t pid = fork();
    if (pid == 0) {
        const struct proc_options opt = {.dir = s->dir};
        const char *const argv[] = {"sh", "-c", "echo $$ $$ > ids; exec sleep 60",
                                    NULL};
        proc_run(argv, &opt, NULL);
        _exit(0);
    }
    for (int i = 0; i < 250 && !file_exists(scratch_path(s, "ids")); i++)
        nap(0.02);
    nap(0.1);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_true(all_gone(s));
}

/* A parent may have us start with SIGCHLD ignored: no child leaves a status then. */
static void a_lost_exit_status_is_no_success(void **state)
{
    (void)state;
    const pid_t pid = fork();
    if (pid == 0) {
        struct err err = {.msg = ""};
        const char *const failing[] = {"false", NULL}, *const fine[] = {"true", NULL};
        signal(SIGCHLD, SIG_IGN);
        if (proc_run(failing, NULL, &err) != ST_TOOL) _exit(1);
        if (strcmp(err.msg, "false: its exit status is lost") != 0) _exit(2);
        interrupt_install();
        _exit(proc_run(fine, NULL, &err) == ST_OK ? 0 : 3);
    }
    int wait_status = -1;
    waitpid(pid, &wait_status, 0);
    assert_int_equal(wait_status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_comes_back),
        cmocka_unit_test(arguments_are_not_read_by_a_shell),
        cmocka_unit_test(folder_log_and_environment_are_the_asked_ones),
        cmocka_unit_test(a_failure_quotes_the_reason_from_the_log),
        cmocka_unit_test(a_missing_tool_names_its_package),
        cmocka_unit_test(a_tool_that_hangs_is_killed_with_all_it_started),
        cmocka_unit_test(an_interrupt_kills_the_running_tool),
        cmocka_unit_test(a_tool_dies_with_a_killed_parent),
        cmocka_unit_test(a_lost_exit_status_is_no_success),
    };
    return cmocka_run_group_tests_name("base/proc", tests, scratch_setup,
                                       scratch_teardown);
}
