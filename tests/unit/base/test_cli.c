/* Command lines: values, errors, the nearest name, the printed tables. */
#include "tests/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "base/cli_internal.h"

static const struct cli_command fit = {
    .name = "fit", .synopsis = "IN.csv -o FILE", .summary = "fit a cost model"};

struct values {
    bool dry;
    int64_t jobs;
    double ratio;
    const char *out;
    struct cli_list budgets, rest;
};

/* Parses a NULL-terminated list of words. */
static status parse(struct values *v, const char *const words[], struct err *err)
{
    *v = (struct values){.jobs = 1, .ratio = 0.5};
    const struct cli_option options[] = {
        {.name = "dry-run", .letter = 'n', .type = CLI_FLAG, .value = &v->dry},
        {.name = "jobs",
         .letter = 'j',
         .type = CLI_INT,
         .value = &v->jobs,
         .arg = "N",
         .lo = 1,
         .hi = 64},
        {.name = "ratio", .type = CLI_DOUBLE, .value = &v->ratio, .arg = "R"},
        {.name = "output", .letter = 'o', .type = CLI_TEXT, .value = &v->out},
        {.name = "budget", .type = CLI_LIST, .value = &v->budgets, .arg = "NAME=N"},
        {.name = NULL},
    };
    static char copies[64][64];
    char *argv[65] = {copies[0]};
    int argc = 1;
    strcpy(copies[0], "fit");
    for (; words[argc - 1]; argc++) {
        strcpy(copies[argc], words[argc - 1]);
        argv[argc] = copies[argc];
    }
    bool help;
    return cli_parse(&fit, options, argc, argv, &v->rest, &help, err);
}

static void every_kind_of_value_is_read(void **state)
{
    (void)state;
    struct err err;
    struct values v;
    const char *const words[] = {"in.csv", "-nj",      "4",     "--ratio=-2e-1",
                                 "-oplan", "--budget", "lut=9", "--budget=ff=3",
                                 "second", "--",       "--odd", NULL};
    assert_ok(parse(&v, words, &err), err);
    assert_true(v.dry);
    assert_int_equal(v.jobs, 4);
    assert_close(v.ratio, -0.2, 0, 0);
    assert_string_equal(v.out, "plan");
    assert_int_equal(v.budgets.n, 2);
    assert_string_equal(v.budgets.items[1], "ff=3");
    assert_int_equal(v.rest.n, 3);
    assert_string_equal(v.rest.items[0], "in.csv");
    assert_string_equal(v.rest.items[2], "--odd");
}

static void defaults_stay_where_nothing_is_said(void **state)
{
    (void)state;
    struct err err;
    struct values v;
    const char *const words[] = {"-", NULL};
    assert_ok(parse(&v, words, &err), err);
    assert_false(v.dry);
    assert_int_equal(v.jobs, 1);
    assert_null(v.out);
    assert_int_equal(v.rest.n, 1);
}

static void wrong_command_lines_are_refused_with_a_hint(void **state)
{
    (void)state;
    static const struct {
        const char *words[4];
        const char *message;
    } rows[] = {
        {{"--job", "3"}, "unknown option '--job'; did you mean '--jobs'?"},
        {{"--dryrun"}, "unknown option '--dryrun'; did you mean '--dry-run'?"},
        {{"--budgte=3"}, "unknown option '--budgte'; did you mean '--budget'?"},
        {{"--zebra"}, "unknown option '--zebra'; see --help"},
        {{"-z"}, "unknown option '-z'; see --help"},
        {{"--jobs"}, "--jobs: expected a value (N), found none"},
        {{"--jobs", "two"}, "--jobs: expected an integer, found 'two'"},
        {{"--jobs", "65"}, "--jobs: expected 1 to 64, found '65'"},
        {{"--jobs="}, "--jobs: expected an integer, found ''"},
        {{"--ratio", "nan"}, "--ratio: expected a number, found 'nan'"},
        {{"--dry-run=yes"}, "--dry-run takes no value, found 'yes'"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err err = {.msg = ""};
        struct values v;
        const status st = parse(&v, rows[i].words, &err);
        if (st != ST_USAGE || strcmp(err.msg, rows[i].message) != 0)
            fail_msg("row %zu: status %d, message: %s", i, (int)st, err.msg);
    }
}

static void too_many_list_items_are_refused(void **state)
{
    (void)state;
    struct err err;
    struct values v;
    const char *words[CLI_LIST_MAX + 2];
    for (int i = 0; i <= CLI_LIST_MAX; i++)
        words[i] = "x";
    words[CLI_LIST_MAX + 1] = NULL;
    assert_int_equal(parse(&v, words, &err), ST_USAGE);
    assert_string_equal(err.msg, "arguments: expected at most 32 of them");
}

static void a_command_without_arguments_refuses_them(void **state)
{
    (void)state;
    struct err err;
    const struct cli_option options[] = {{.name = NULL}};
    char name[] = "doctor", extra[] = "now", *argv[] = {name, extra, NULL};
    bool help;
    assert_int_equal(cli_parse(&fit, options, 2, argv, NULL, &help, &err), ST_USAGE);
    assert_string_equal(err.msg, "unexpected argument 'now'");
}

static void quiet_is_an_option_of_every_command(void **state)
{
    (void)state;
    struct err err;
    struct values v;
    const char *const words[] = {"-q", NULL};
    unsetenv("BITWRIGHT_QUIET");
    assert_false(cli_quiet());
    assert_ok(parse(&v, words, &err), err);
    assert_true(cli_quiet());
    unsetenv("BITWRIGHT_QUIET");
}

static void no_color_switches_colours_off(void **state)
{
    (void)state;
    setenv("NO_COLOR", "1", 1);
    assert_false(cli_color(stderr));
    unsetenv("NO_COLOR");
    FILE *f = tmpfile();
    assert_false(cli_color(f)); /* no terminal */
    fclose(f);
}

static void the_nearest_name_is_found(void **state)
{
    (void)state;
    static const char *const names[] = {"characterize", "search", "simulate",
                                        "fit",          "verify", NULL};
    static const char *const rows[][2] = {
        {"serach", "search"},
        {"simulat", "simulate"},
        {"characterise", "characterize"},
        {"char", "characterize"},
        {"fti", "fit"},
        {"fits", "fit"},
        {"verfy", "verify"},
        {"xyz", NULL},
        {"", NULL},
        {"zz", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *near = cli_nearest(rows[i][0], names);
        if (!rows[i][1])
            assert_null(near);
        else
            assert_string_equal(near, rows[i][1]);
    }
    char longer[200];
    memset(longer, 's', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_null(cli_nearest(longer, names));
}

static void the_table_is_printed_in_three_forms(void **state)
{
    (void)state;
    static const struct {
        const char *form, *expected;
    } rows[] = {
        {"", "Usage: bitwright fit IN.csv -o FILE\n\nfit a cost model.\n\nOptions:\n"
             "  -j, --jobs N                  parallel jobs\n"
             "  -q, --quiet                   no progress, no notes\n"
             "  -h, --help                    this text\n"},
        {"words", " --jobs --quiet --help"},
        {"man", ".SS fit\nfit a cost model.\n.PP\n.B bitwright fit IN.csv \\-o FILE\n"
                ".TP\n.B \\-j, \\-\\-jobs N\nparallel jobs\n"
                ".TP\n.B \\-q, \\-\\-quiet\nno progress, no notes\n"
                ".TP\n.B \\-h, \\-\\-help\nthis text\n"},
    };
    int64_t jobs = 1;
    const struct cli_option options[] = {{.name = "jobs",
                                          .letter = 'j',
                                          .type = CLI_INT,
                                          .value = &jobs,
                                          .arg = "N",
                                          .help = "parallel jobs"},
                                         {.name = NULL}};
    for (size_t i = 0; i < 3; i++) {
        char text[1000];
        FILE *f = tmpfile();
        cli_print_table(&fit, options, rows[i].form, f);
        rewind(f);
        text[fread(text, 1, sizeof text - 1, f)] = '\0';
        fclose(f);
        assert_string_equal(text, rows[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value_is_read),
        cmocka_unit_test(defaults_stay_where_nothing_is_said),
        cmocka_unit_test(wrong_command_lines_are_refused_with_a_hint),
        cmocka_unit_test(too_many_list_items_are_refused),
        cmocka_unit_test(a_command_without_arguments_refuses_them),
        cmocka_unit_test(quiet_is_an_option_of_every_command),
        cmocka_unit_test(no_color_switches_colours_off),
        cmocka_unit_test(the_nearest_name_is_found),
        cmocka_unit_test(the_table_is_printed_in_three_forms),
    };
    return cmocka_run_group_tests_name("base/cli", tests, NULL, NULL);
}
