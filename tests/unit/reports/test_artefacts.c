/* Reading the artefacts: what they hold, and what is said when they do not. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "reports/artefacts.h"
#include "tests/unit/reports/artefact_text.h"

static const struct report_paths golden = {GOLDEN "plan.yaml", GOLDEN "verify.json",
                                           GOLDEN "cost.yaml", GOLDEN "parity.json"};

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

static void the_golden_artefacts_are_read_whole(void **state)
{
    struct fixture *f = *state;
    struct report *r = f->report;
    struct err err;
    assert_ok(report_load(&golden, f->arena, r, &err), err);
    assert_string_equal(r->method, "ssps");
    assert_int_equal(r->n_layers, 10);
    assert_int_equal(r->n_uniform, 3);
    assert_int_equal(r->n_records, 40);
    assert_int_equal(r->parity.n, 94);
    assert_int_equal(r->files.n, 5);
    const struct report_layer *l = report_layer_find(r, "layer1.0.conv1");
    assert_int_equal(l->wbits, 3);
    assert_int_equal(l->MW, 144);
    assert_int_equal(l->bit_exact, 1);
    assert_int_equal(l->n_parts, 5);
    const struct report_metric *lut = &r->metrics[report_metric_find(r, "lut")];
    assert_close(lut->budget, 8200, 0, 0);
    assert_close(lut->est, 7936, 0, 0);
    assert_close(lut->meas, 7953, 0, 0);
    assert_true(report_budgets_met(r));
    assert_int_equal(report_best_uniform(r)->bits, 3);
}

static void provenance_is_flattened_into_pairs(void **state)
{
    struct fixture *f = *state;
    struct err err;
    assert_ok(report_load(&golden, f->arena, f->report, &err), err);
    const struct report_file *plan = &f->report->files.file[0];
    int found = 0;
    for (int32_t i = 0; i < plan->n_pairs; i++)
        found += strcmp(plan->pairs[i].key, "tools yosys") == 0 &&
                 strcmp(plan->pairs[i].value, "Yosys 0.23") == 0;
    assert_int_equal(found, 1);
}

static void a_plan_alone_has_no_measurements(void **state)
{
    struct fixture *f = *state;
    struct err err;
    const struct report_paths alone = {.plan = GOLDEN "plan.yaml"};
    assert_ok(report_load(&alone, f->arena, f->report, &err), err);
    assert_false(f->report->verified);
    assert_true(isnan(report_worst_lut_error(f->report)));
    const int32_t lut = report_metric_find(f->report, "lut");
    assert_close(report_metric_value(&f->report->metrics[lut]), 7936, 0, 0);
}

static void a_measurement_over_budget_fails_a_plan_whose_estimate_fits(void **state)
{
    struct fixture *f = *state;
    struct err err;
    char *text = artefact_text(f->arena, "verify.json", "\"lut_meas\": 7953",
                               "\"lut_meas\": 8201");
    assert_non_null(text);
    struct report_paths paths = golden;
    paths.verify = scratch_file(&f->scratch, "verify.json", text);
    assert_ok(report_load(&paths, f->arena, f->report, &err), err);
    assert_false(report_budgets_met(f->report));
}

static void without_synthesis_the_luts_are_estimates(void **state)
{
    struct fixture *f = *state;
    struct err err;
    char *text = artefact_text(f->arena, "verify.json", "\"lut_meas\": 7953,", "");
    assert_non_null(text);
    struct report_paths paths = golden;
    paths.verify = scratch_file(&f->scratch, "verify.json", text);
    assert_ok(report_load(&paths, f->arena, f->report, &err), err);
    const int32_t lut = report_metric_find(f->report, "lut");
    assert_true(isnan(f->report->metrics[lut].meas));
    assert_close(report_metric_value(&f->report->metrics[lut]), 7936, 0, 0);
}

/* One change to one golden artefact, and what is said about it. */
struct bad_row {
    const char *file, *find, *replace;
    status st;
    const char *message; /* after the folder */
};

static void refused(void **state, const struct bad_row *row)
{
    struct fixture *f = *state;
    struct err err = {.msg = ""};
    struct report_paths paths = golden;
    char *text = artefact_text(f->arena, row->file, row->find, row->replace);
    if (text == NULL) fail_msg("%s has no '%s'", row->file, row->find);
    const char *path = scratch_file(&f->scratch, row->file, text);
    if (strcmp(row->file, "plan.yaml") == 0) paths.plan = path;
    if (strcmp(row->file, "verify.json") == 0) paths.verify = path;
    if (strcmp(row->file, "cost.yaml") == 0) paths.cost = path;
    if (strcmp(row->file, "parity.json") == 0) paths.parity = path;
    const status st = report_load(&paths, f->arena, f->report, &err);
    const char *slash = strrchr(f->scratch.dir, '/');
    const char *said = strstr(err.msg, slash + 1);
    said = said == NULL ? err.msg : said + strlen(slash + 1) + 1;
    if (st != row->st || strcmp(said, row->message) != 0)
        fail_msg("'%s' -> '%s': status %d, message '%s', expected %d, '%s'", row->find,
                 row->replace, (int)st, said, (int)row->st, row->message);
}

static void a_bad_plan_is_refused_with_file_line_and_key(void **state)
{
    static const struct bad_row rows[] = {
        {"plan.yaml", "version: 1\n", "version: 2\n", ST_UNSUPPORTED,
         "plan.yaml:1:10: expected version 1, found 2"},
        {"plan.yaml", "\nfps: 3500", "", ST_PARSE,
         "plan.yaml:1:1: expected the key 'fps', found none"},
        {"plan.yaml", "\nestimate:", "\nestimates:", ST_PARSE,
         "plan.yaml:1:1: expected the key 'estimate', found none"},
        {"plan.yaml", "  plan: 0.9052", "  plan: 90.52", ST_RANGE,
         "plan.yaml:30:9: expected a number from 0 to 1 for 'plan', found '90.52'"},
        {"plan.yaml", "lut: 8200", "lut: plenty", ST_PARSE,
         "plan.yaml:20:15: expected a number from 0 to 1e+18 for 'lut', found "
         "'plenty'"},
        {"plan.yaml", "    2: {", "    two: {", ST_RANGE,
         "plan.yaml:35:10: expected bits from 1 to 32, found 'two'"},
        {"plan.yaml", "wbits: 8, ", "", ST_PARSE,
         "plan.yaml:39:5: expected the key 'wbits', found none"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        refused(state, &rows[i]);
}

static void a_bad_verification_is_refused_with_file_and_key(void **state)
{
    static const struct bad_row rows[] = {
        {"verify.json", "\"version\": 1", "\"version\": 7", ST_UNSUPPORTED,
         "verify.json: expected version 1, found 7"},
        {"verify.json", "\"cycles_est\": 28249,", "", ST_PARSE,
         "verify.json: expected a number under 'cycles_est', found nothing"},
        {"verify.json", "\"bit_exact\": true,", "\"bit_exact\": 1,", ST_PARSE,
         "verify.json: expected true or false under 'bit_exact', found a number"},
        {"verify.json", "\"accuracy_plan\": 0.9052", "\"accuracy_plan\": 0.9",
         ST_MISMATCH,
         "verify.json: expected the plan's accuracy 0.905200 under 'accuracy_plan', "
         "found 0.900000; verify this plan again"},
        {"verify.json", "\"name\": \"fc\"", "\"name\": \"fd\"", ST_MISMATCH,
         "verify.json: expected a layer of the plan under 'layers', found 'fd'"},
        {"verify.json", "\"name\": \"fc\",\n   \"bit_exact\": true",
         "\"name\": \"fc\", \"bit_exact\": false", ST_MISMATCH,
         "verify.json: expected every layer bit-exact as 'bit_exact' says, found false "
         "under 'bit_exact' of layer 'fc'"},
        {"verify.json", "\"cycles_meas\": 711", "\"cycles_meas\": \"many\"", ST_PARSE,
         "verify.json: expected a number under 'cycles_meas' of layer 'fc', found "
         "text"},
        {"verify.json", "\"mac\": ", "\"mac\": null, \"mad\": ", ST_PARSE,
         "verify.json: expected a number under 'mac' of layer 'stem', found null"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        refused(state, &rows[i]);
}

static void a_bad_cost_model_is_refused_with_file_and_key(void **state)
{
    static const struct bad_row rows[] = {
        {"cost.yaml", "version: 2\n", "", ST_PARSE,
         "cost.yaml:1:1: expected the key 'version', found none"},
        {"parity.json", "\"points\":", "\"pints\":", ST_PARSE,
         "parity.json: expected an array under 'points', found nothing"},
        {"parity.json", "\"meas\":21,", "", ST_PARSE,
         "parity.json: expected a number under 'meas' of an item of 'points', found "
         "nothing"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        refused(state, &rows[i]);
}

#define WITH_FIXTURE(test) \
    cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(the_golden_artefacts_are_read_whole),
        WITH_FIXTURE(provenance_is_flattened_into_pairs),
        WITH_FIXTURE(a_plan_alone_has_no_measurements),
        WITH_FIXTURE(a_measurement_over_budget_fails_a_plan_whose_estimate_fits),
        WITH_FIXTURE(without_synthesis_the_luts_are_estimates),
        WITH_FIXTURE(a_bad_plan_is_refused_with_file_line_and_key),
        WITH_FIXTURE(a_bad_verification_is_refused_with_file_and_key),
        WITH_FIXTURE(a_bad_cost_model_is_refused_with_file_and_key),
    };
    return cmocka_run_group_tests_name("reports/artefacts", tests, NULL, NULL);
}
