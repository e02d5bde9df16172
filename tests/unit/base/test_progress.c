/* Progress lines on stderr. */
#include "tests/cmocka_all.h"

#include <string.h>
#include <unistd.h>

#include "base/progress.h"
#include "tests/scratch.h"

/* What body writes to stderr. */
static void capture(void (*body)(void), char *out, size_t size)
{
    FILE *f = tmpfile();
    assert_non_null(f);
    fflush(stderr);
    const int saved = dup(2);
    dup2(fileno(f), 2);
    body();
    fflush(stderr);
    dup2(saved, 2);
    close(saved);
    rewind(f);
    out[fread(out, 1, size - 1, f)] = '\0';
    fclose(f);
}

static void count_to(bool quiet)
{
    struct progress p;
    progress_start(&p, "train", "images", 100, quiet);
    for (int i = 0; i <= 100; i++)
        progress_update(&p, i, NULL);
    progress_end(&p, "loss 0.31");
}

static void loud(void) { count_to(false); }

static void quiet(void) { count_to(true); }

static void a_log_gets_the_last_line_only(void **state)
{
    (void)state;
    char text[500];
    capture(loud, text, sizeof text);
    assert_ptr_equal(strstr(text, "train: 100/100 images, "), text);
    assert_non_null(strstr(text, " s, loss 0.31\n"));
    assert_null(strchr(text, '\r'));
    assert_null(strchr(text, '\033'));
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void quiet_is_silent(void **state)
{
    (void)state;
    char text[500];
    capture(quiet, text, sizeof text);
    assert_string_equal(text, "");
    setenv("BITWRIGHT_QUIET", "1", 1);
    capture(loud, text, sizeof text);
    unsetenv("BITWRIGHT_QUIET");
    assert_string_equal(text, "");
}

static void the_clock_does_not_go_back(void **state)
{
    (void)state;
    double last = clock_now_s();
    for (int i = 0; i < 1000; i++) {
        const double now = clock_now_s();
        assert_true(now >= last);
        last = now;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_gets_the_last_line_only),
        cmocka_unit_test(quiet_is_silent),
        cmocka_unit_test(the_clock_does_not_go_back),
    };
    return cmocka_run_group_tests_name("base/progress", tests, NULL, NULL);
}
