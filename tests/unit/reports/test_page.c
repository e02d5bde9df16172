/* The page as a whole: hostile text, missing parts, sameness. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "reports/plan_page.h"
#include "reports/vega.h"
#include "tests/unit/reports/artefact_text.h"

static const struct page_options options = {"reports", VEGA_DIR};

struct fixture {
    struct scratch scratch;
    struct arena *arena;
    struct report *report;
};

static int open_fixture(void **state)
{
    static struct fixture f;
    *state = &f;
    f.arena = arena_new();
    f.report = f.arena == NULL ? NULL : ARENA_NEW(f.arena, struct report, 1);
    return f.report != NULL && scratch_open(&f.scratch) ? 0 : -1;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    scratch_close(&f->scratch);
    arena_free(f->arena);
    return 0;
}

/* The page of these artefacts, in arena; without Vega's modules the test is skipped,
 * for then there is no page. */
static char *page_of(struct fixture *f, const struct report_paths *paths)
{
    struct err err;
    char *text;
    size_t size;
    if (!file_exists(VEGA_DIR "/vega-util.min.js")) {
        print_message("# skipped: libjs-vega is not installed\n");
        skip();
    }
    char *path = arena_strdup(f->arena, scratch_path(&f->scratch, "report.html"));
    assert_ok(report_load(paths, f->arena, f->report, &err), err);
    assert_ok(plan_page_write(f->report, &options, path, f->arena, &err), err);
    assert_ok(file_read(path, f->arena, &text, &size, &err), err);
    return text;
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (; (text = strstr(text, what)) != NULL; text += strlen(what))
        n++;
    return n;
}

static void hostile_text_never_becomes_markup(void **state)
{
    struct fixture *f = *state;
    static const char evil[] =
        "</script><script>alert(1)</script><img src=x onerror=y>";
    char quoted[128];
    snprintf(quoted, sizeof quoted, "data: \"%s\"", evil);
    char *plan = artefact_text(f->arena, "plan.yaml", "data: fashion-mnist", quoted);
    assert_non_null(plan);
    char *at = strstr(plan, "name: stem");
    char *two = arena_printf(f->arena, "%.*sname: \"%s\"%s", (int)(at - plan), plan,
                             evil, at + strlen("name: stem"));
    /* The accelerator config would contradict the new name: leave it out. */
    char *files = strstr(two, "plan-accel.yaml");
    memcpy(files, "plan-nowhere.ya", strlen("plan-accel.yaml"));
    char *plan_path =
        arena_strdup(f->arena, scratch_file(&f->scratch, "plan.yaml", two));
    const struct report_paths paths = {.plan = plan_path};
    const char *page = page_of(f, &paths);
    assert_null(strstr(page, "<script>alert"));
    assert_null(strstr(page, "<img"));
    assert_non_null(strstr(page, "&lt;script&gt;alert(1)"));
    assert_non_null(strstr(page, "\\u003cscript\\u003ealert(1)"));
    /* Four charts' specs, and the one script that this program wrote. */
    assert_int_equal(count(page, "<script type=\"application/json\""), 4);
    assert_int_equal(count(page, "<script nonce="), 1);
    assert_int_equal(count(page, "</script>"), 5);
}

static void nothing_in_the_page_leaves_it(void **state)
{
    struct fixture *f = *state;
    const struct report_paths paths = {GOLDEN "plan.yaml", GOLDEN "verify.json",
                                       GOLDEN "cost.yaml", GOLDEN "parity.json"};
    const char *page = page_of(f, &paths);
    assert_null(strstr(page, "src=\"http"));
    assert_null(strstr(page, "href=\"http"));
    assert_null(strstr(page, "@import"));
    assert_non_null(strstr(page, "default-src 'none'; script-src 'nonce-"));
    assert_null(strstr(page, "unsafe-eval"));
}

static void the_same_artefacts_give_the_same_page(void **state)
{
    struct fixture *f = *state;
    const struct report_paths paths = {GOLDEN "plan.yaml", GOLDEN "verify.json",
                                       GOLDEN "cost.yaml", GOLDEN "parity.json"};
    const char *first = page_of(f, &paths);
    assert_string_equal(first, page_of(f, &paths));
}

static void what_is_not_given_is_said_to_be_missing(void **state)
{
    struct fixture *f = *state;
    const struct report_paths paths = {.plan = GOLDEN "plan.yaml"};
    const char *page = page_of(f, &paths);
    assert_non_null(strstr(page, "but is not yet verified on the RTL"));
    assert_non_null(strstr(page, "No parity.json was given"));
    assert_non_null(strstr(page, "Nothing is measured yet"));
}

static void without_vega_the_package_is_named_and_no_page_is_left(void **state)
{
    struct fixture *f = *state;
    struct err err;
    const struct report_paths paths = {.plan = GOLDEN "plan.yaml"};
    const struct page_options no_vega = {"reports", "/nowhere"};
    assert_ok(report_load(&paths, f->arena, f->report, &err), err);
    const char *path = scratch_path(&f->scratch, "report.html");
    assert_int_equal(plan_page_write(f->report, &no_vega, path, f->arena, &err),
                     ST_MISSING_TOOL);
    assert_string_equal(err.msg,
                        "/nowhere/vega-util.min.js: cannot read; install the package "
                        "libjs-vega, or say with --vega where its files are");
    assert_int_equal(scratch_count(&f->scratch), 0);
}

static void a_spec_without_its_data_set_is_refused(void **state)
{
    struct fixture *f = *state;
    struct err err;
    json_t *spec, *content = json_pack("{s:{s:[]}}", "data", "layers");
    scratch_file(&f->scratch, "bits.vg.json", "{\"data\": [{\"name\": \"rows\"}]}");
    assert_int_equal(
        vega_spec_load(f->scratch.dir, "bits", content, f->arena, &spec, &err),
        ST_MISMATCH);
    assert_non_null(
        strstr(err.msg, "bits.vg.json: expected 'layers' in 'data', found nothing"));
    json_decref(content);
}

#define WITH_FIXTURE(test) \
    cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(hostile_text_never_becomes_markup),
        WITH_FIXTURE(nothing_in_the_page_leaves_it),
        WITH_FIXTURE(the_same_artefacts_give_the_same_page),
        WITH_FIXTURE(what_is_not_given_is_said_to_be_missing),
        WITH_FIXTURE(without_vega_the_package_is_named_and_no_page_is_left),
        WITH_FIXTURE(a_spec_without_its_data_set_is_refused),
    };
    return cmocka_run_group_tests_name("reports/page", tests, NULL, NULL);
}
