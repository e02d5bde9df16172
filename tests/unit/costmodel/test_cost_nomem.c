/* Every allocation of ours refused in turn: from a measurement file to a saved model,
 * and from that to an answer. */
#include "tests/cmocka_all.h"

#include "costmodel/calibrate.h"
#include "tests/nomem.h"
#include "tests/scratch.h"
#include "tests/unit/costmodel/planted.h"

struct paths {
    char csv[160], model[160];
};

/* Few rows: every run repeats the whole fit. */
static void write_rows(const char *path)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(PLANTED_HEAD, f);
    for (int i = 0; i < 8; i++) {
        const struct mac_config m = {2 + i % 3, 2 + i / 2,  2 + i % 4,  true,
                                     false,     16 + i % 2, RTL_MUL_LUT};
        planted_mac_row(f, "xc7", &m, planted_round(planted_mac(&m)));
    }
    fclose(f);
}

static status fit_task(void *arg, struct err *err)
{
    const struct paths *p = arg;
    const struct calibrate_options opt = {.only = NULL};
    struct meas meas;
    struct calibration c;
    struct provenance prov;
    provenance_init(&prov, "test", 0);
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    status st = meas_load(p->csv, a, &meas, err);
    if (st == ST_OK) st = calibrate(&meas, &opt, a, &c, err);
    if (st == ST_OK) st = cost_model_save(c.model, &prov, p->model, err);
    arena_free(a);
    return st;
}

static status load_task(void *arg, struct err *err)
{
    const struct paths *p = arg;
    const struct mac_config mac = {4, 3, 3, true, false, 16, RTL_MUL_LUT};
    struct cost_model *m;
    struct cost_value v;
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    status st = cost_model_load(p->model, a, &m, err);
    if (st == ST_OK) st = cost_mac_lut(m, 0, &mac, &v, err);
    arena_free(a);
    return st;
}

static void refused_memory_is_reported_and_leaves_nothing(void **state)
{
    (void)state;
    struct scratch s;
    struct paths p;
    assert_true(scratch_open(&s));
    snprintf(p.csv, sizeof p.csv, "%s", scratch_path(&s, "m.csv"));
    snprintf(p.model, sizeof p.model, "%s", scratch_path(&s, "cost.yaml"));
    write_rows(p.csv);
    assert_true(nomem_sweep(fit_task, &p) > 5);
    assert_true(nomem_sweep(load_task, &p) > 2);
    assert_int_equal(scratch_count(&s), 2);
    scratch_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_memory_is_reported_and_leaves_nothing),
    };
    return cmocka_run_group_tests_name("costmodel/nomem", tests, NULL, NULL);
}
