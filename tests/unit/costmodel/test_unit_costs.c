/* Costs per product: steps and products of each unit, what is left aside, bad rows. */
#include "tests/cmocka_all.h"

#include "base/file.h"
#include "costmodel/unit_costs.h"
#include "tests/scratch.h"

#define HEADER                                                                         \
    "module,toolchain,failed,SIMD,wbits[bit],abits[bit],wsigned,asigned,acc_bits[bit]" \
    ","                                                                                \
    "lanes,grouped,stimulus,op_wbits[bit],op_abits[bit],lut[LUT],energy[pJ]\n"

/* The rows of a table of measurements, in arena; NULL on an error. */
static const char *rows_of(struct scratch *s, struct arena *a, const char *rows,
                           size_t *n_units, struct err *err)
{
    char *text = NULL;
    size_t size;
    const char *in = arena_strdup(a, scratch_file(s, "meas.csv", rows));
    const char *out = arena_strdup(a, scratch_path(s, "units.csv"));
    FILE *f = fopen(out, "w");
    *n_units = 0;
    const status st = unit_costs_append(in, f, a, n_units, err);
    fclose(f);
    if (st != ST_OK || file_read(out, a, &text, &size, err) != ST_OK) return NULL;
    return text;
}

static size_t n_lines(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void assert_has(const char *text, const char *row)
{
    if (text == NULL || strstr(text, row) == NULL)
        fail_msg("expected the row '%s' in\n%s", row, text ? text : "(an error)");
}

static void every_unit_is_divided_by_its_products_and_steps(void **state)
{
    struct scratch *s = *state;
    struct arena *a = arena_new();
    struct err err = {0};
    size_t n;
    const char *text = rows_of(s, a,
                               HEADER "mac_parallel,xc7,,4,8,8,1,0,24,,,,,,200,\n"
                                      "mac_packed,xc7,,4,4,4,1,0,24,2,,,,,80,\n"
                                      "mac_serial,xc7,,32,,,,,24,,,,,,64,\n"
                                      "mac_actserial,xc7,,8,3,8,1,0,24,,,,,,80,\n"
                                      "mac_fusion,xc7,,2,,,,,24,,1,,,,320,\n",
                               &n, &err);
    assert_int_equal(n, 5);
    assert_has(text, "xc7,mac_parallel,,4,24,8,8,1,0,50,");       /* 200 / 4 */
    assert_has(text, "xc7,mac_packed,2 lanes,4,24,4,4,1,0,10,");  /* 80 / (4 * 2) */
    assert_has(text, "xc7,mac_serial,,32,24,3,5,1,0,30,");        /* 64 * 15 / 32 */
    assert_has(text, "xc7,mac_actserial,,8,24,3,6,1,0,60,");      /* 80 * 6 / 8 */
    assert_has(text, "xc7,mac_fusion,grouped,2,24,8,8,1,0,160,"); /* 320 / 2 */
    assert_has(text, "xc7,mac_fusion,grouped,2,24,3,2,1,0,20,");  /* 320 / (2 * 8) */
    assert_int_equal(n_lines(text), 1 + 1 + 64 + 8 + 64);
    arena_free(a);
}

static void energy_stays_with_the_precision_that_ran(void **state)
{
    struct scratch *s = *state;
    struct arena *a = arena_new();
    struct err err = {0};
    size_t n;
    const char *text =
        rows_of(s, a,
                HEADER "mac_serial,osu018,,32,,,,,24,,,uniform,2,3,,1.5\n"
                       "mac_serial,osu018,,32,,,,,24,,,gauss,2,3,,9\n",
                &n, &err);
    assert_int_equal(n, 1); /* other stimuli are left aside */
    assert_has(text, "osu018,mac_serial,,32,24,2,3,1,0,,,,,1.5,\n");
    assert_has(text, "osu018,mac_serial,,32,24,2,4,1,0,,,,,,\n");
    arena_free(a);
}

static void other_modules_and_failed_rows_are_left_aside(void **state)
{
    struct scratch *s = *state;
    struct arena *a = arena_new();
    struct err err = {0};
    size_t n;
    const char *text =
        rows_of(s, a,
                HEADER "requant,xc7,,,,,,,24,,,,,,64,\n"
                       "mac_parallel,xc7,timed out,4,8,8,1,0,24,,,,,,,\n",
                &n, &err);
    assert_non_null(text);
    assert_int_equal(n, 0);
    assert_string_equal(text, "");
    arena_free(a);
}

static void bad_rows_are_refused_with_their_place(void **state)
{
    static const struct {
        const char *rows, *message;
    } cases[] = {
        {"toolchain\nxc7\n", "meas.csv:1: expected a column 'module'"},
        {HEADER "mac_parallel,xc7,,,8,8,1,0,24,,,,,,200,\n",
         "meas.csv:2: expected a SIMD"},
        {HEADER "mac_parallel,xc7,,4,9,8,1,0,24,,,,,,200,\n",
         "meas.csv:2:5: expected an integer from 1 to 8"},
        {HEADER "mac_parallel,xc7,,4,8,8,1,0,24,,,,,,lots,\n", "meas.csv:2:15:"},
    };
    struct scratch *s = *state;
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = {0};
        size_t n;
        assert_null(rows_of(s, a, cases[i].rows, &n, &err));
        assert_has(err.msg, cases[i].message);
    }
    arena_free(a);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_unit_is_divided_by_its_products_and_steps),
        TEST(energy_stays_with_the_precision_that_ran),
        TEST(other_modules_and_failed_rows_are_left_aside),
        TEST(bad_rows_are_refused_with_their_place),
    };
    return cmocka_run_group_tests_name("costmodel/unit_costs", tests, NULL, NULL);
}
