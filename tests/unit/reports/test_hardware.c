/* units.csv: what is read, which build is cheapest, what is refused. */
#include "tests/cmocka_all.h"

#include <math.h>

#include "reports/hardware_page.h"
#include "tests/scratch.h"

#define HEADER                                                                    \
    "# tool: bitwright 0.0.0\n"                                                   \
    "toolchain,unit,variant,SIMD,wbits[bit],abits[bit],wsigned,asigned,lut[LUT]," \
    "dsp[DSP],area[um2],energy[pJ],energy_zero[pJ]\n"
#define ROWS                                      \
    "xc7,mac_parallel,,1,8,8,1,0,80,0,,,\n"       \
    "xc7,mac_parallel,,4,8,8,1,0,50,0,,,\n"       \
    "xc7,mac_parallel,,4,8,8,1,1,1,0,,,\n"        \
    "xc7,mac_packed,,4,8,8,1,0,12,0.5,,,\n"       \
    "xc7,mac_fusion,,1,8,8,1,0,150,0,,,\n"        \
    "xc7,mac_fusion,grouped,1,8,8,1,0,125,0,,,\n" \
    "osu018,mac_parallel,,4,8,8,1,0,,,9000,30,12\n"

struct fixture {
    struct scratch scratch;
    struct arena *arena;
    struct hardware hardware;
};

static int open_fixture(void **state)
{
    static struct fixture f;
    *state = &f;
    f.arena = arena_new();
    return f.arena != NULL && scratch_open(&f.scratch) ? 0 : -1;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    scratch_close(&f->scratch);
    arena_free(f->arena);
    return 0;
}

static status load(struct fixture *f, const char *text, struct err *err)
{
    const char *path = scratch_file(&f->scratch, "units.csv", text);
    const struct hardware_paths paths = {.units = path};
    return hardware_load(&paths, f->arena, &f->hardware, err);
}

static void the_cheapest_build_of_a_unit_is_found(void **state)
{
    struct fixture *f = *state;
    struct err err;
    assert_ok(load(f, HEADER ROWS, &err), err);
    const struct hardware *h = &f->hardware;
    assert_int_equal(h->n_costs, 7);
    assert_int_equal(h->n_toolchains, 2);
    assert_int_equal(h->n_units, 4);
    const struct unit_cost *c = unit_cheapest(h, "xc7", "mac_parallel", 8, 8, UNIT_LUT);
    assert_non_null(c);
    assert_int_equal(c->SIMD, 4); /* and not the row of signed activations */
    assert_true(c->per_product[UNIT_LUT] == 50);
    assert_null(unit_cheapest(h, "xc7", "mac_parallel", 8, 8, UNIT_ENERGY));
    assert_null(unit_cheapest(h, "xc7", "mac_parallel", 4, 8, UNIT_LUT));
    c = unit_cheapest(h, "xc7", "mac_fusion grouped", 8, 8, UNIT_LUT);
    assert_non_null(c);
    assert_true(c->per_product[UNIT_LUT] == 125);
    assert_string_equal(hardware_toolchain(h, UNIT_ENERGY), "osu018");
}

static void a_unit_with_dsps_has_no_place_among_luts(void **state)
{
    struct fixture *f = *state;
    struct err err;
    assert_ok(load(f, HEADER ROWS, &err), err);
    const struct unit_cost *c =
        unit_cheapest(&f->hardware, "xc7", NULL, 8, 8, UNIT_LUT);
    assert_non_null(c);
    assert_string_equal(c->unit, "mac_parallel");
}

static void fusibility_compares_the_cheapest_of_both(void **state)
{
    struct fixture *f = *state;
    struct err err;
    assert_ok(load(f, HEADER ROWS, &err), err);
    assert_true(hardware_fusibility(&f->hardware, "xc7", 8, 8, UNIT_LUT) == 2.5);
    assert_true(isnan(hardware_fusibility(&f->hardware, "xc7", 2, 2, UNIT_LUT)));
    assert_true(isnan(hardware_fusibility(&f->hardware, "osu018", 8, 8, UNIT_AREA)));
}

static void the_text_has_every_unit_and_no_invented_number(void **state)
{
    struct fixture *f = *state;
    struct err err;
    char *text;
    size_t size;
    assert_ok(load(f, HEADER ROWS, &err), err);
    const char *path = arena_strdup(f->arena, scratch_path(&f->scratch, "hardware.md"));
    assert_ok(hardware_text_write(&f->hardware, path, f->arena, &err), err);
    assert_ok(file_read(path, f->arena, &text, &size, &err), err);
    assert_non_null(strstr(text,
                           "| mac_fusion grouped | xc7 | \u2013 | \u2013 | \u2013 "
                           "| \u2013 | \u2013 | \u2013 | \u2013 | 125 |"));
    assert_non_null(strstr(text, "| 8 | 12 | 30 | 2.50 |")); /* glitches */
    assert_null(strstr(text, "nan"));
}

static void bad_tables_are_refused_with_their_place(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"toolchain,unit\nxc7,mac_parallel\n",
         "units.csv:1: expected a column 'variant', found none"},
        {HEADER "xc7,mac_parallel,,1,9,8,1,0,80,0,,,\n",
         "units.csv:3:5: expected an integer from 0 to 8"},
        {HEADER "xc7,mac_parallel,,1,8,8,1,0,many,0,,,\n", "units.csv:3:9: expected"},
        {HEADER "xc7,mac_parallel,,1,8,8,1,0,nan,0,,,\n", "units.csv:3:9: expected"},
        {HEADER "xc7,mac_parallel,,1,8\n", "units.csv:3:"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = {0};
        assert_int_not_equal(load(f, cases[i].text, &err), ST_OK);
        if (strstr(err.msg, cases[i].message) == NULL)
            fail_msg("case %zu: expected '%s' in '%s'", i, cases[i].message, err.msg);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        TEST(the_cheapest_build_of_a_unit_is_found),
        TEST(a_unit_with_dsps_has_no_place_among_luts),
        TEST(fusibility_compares_the_cheapest_of_both),
        TEST(the_text_has_every_unit_and_no_invented_number),
        TEST(bad_tables_are_refused_with_their_place),
    };
    return cmocka_run_group_tests_name("reports/hardware", tests, NULL, NULL);
}
