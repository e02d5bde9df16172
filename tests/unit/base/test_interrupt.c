/* SIGINT and SIGTERM: once asks, twice ends.  Each test signals a child. */
#include "tests/cmocka_all.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/interrupt.h"

static int run_child(int (*body)(void))
{
    const pid_t pid = fork();
    if (pid == 0) {
        close(2);
        interrupt_install();
        _exit(body());
    }
    int wait_status = -1;
    waitpid(pid, &wait_status, 0);
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
}

static int once(void)
{
    if (interrupt_requested()) return 1;
    raise(SIGINT);
    return interrupt_requested() ? 0 : 2;
}

static int terminated(void)
{
    raise(SIGTERM);
    return interrupt_requested() ? 0 : 2;
}

static int twice_at_once(void)
{
    raise(SIGINT);
    raise(SIGINT);
    return interrupt_requested() ? 0 : 2;
}

static int twice(void)
{
    raise(SIGINT);
    nanosleep(&(struct timespec){0, 250 * 1000000L}, NULL);
    raise(SIGINT);
    return 0; /* not reached */
}

static void the_first_signal_asks_to_stop(void **state)
{
    (void)state;
    assert_int_equal(run_child(once), 0);
    assert_int_equal(run_child(terminated), 0);
}

static void a_signal_that_arrives_twice_at_once_is_one_request(void **state)
{
    (void)state;
    assert_int_equal(run_child(twice_at_once), 0);
}

static void the_second_signal_ends_at_once(void **state)
{
    (void)state;
    assert_int_equal(run_child(twice), 128 + SIGINT);
}

static void the_status_says_how_to_resume(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(interrupt_status(&err, "run the same command again"),
                     ST_INTERRUPTED);
    assert_string_equal(err.msg, "interrupted; run the same command again");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_signal_asks_to_stop),
        cmocka_unit_test(a_signal_that_arrives_twice_at_once_is_one_request),
        cmocka_unit_test(the_second_signal_ends_at_once),
        cmocka_unit_test(the_status_says_how_to_resume),
    };
    return cmocka_run_group_tests_name("base/interrupt", tests, NULL, NULL);
}
