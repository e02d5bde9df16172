/* Numbers as people read them. */
#include "tests/cmocka_all.h"

#include "reports/format.h"

static void counts_have_thousands_separators(void **state)
{
    (void)state;
    static const struct {
        double v;
        const char *text;
    } rows[] = {
        {0, "0"},           {7, "7"},           {999, "999"},      {1000, "1,000"},
        {17640, "17,640"},  {1e6, "1,000,000"}, {-1234, "-1,234"}, {-0.0, "0"},
        {0.0312, "0.0312"}, {2.354, "2.35"},    {1234.6, "1,235"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(format_count(rows[i].v).s, rows[i].text);
}

static void whole_counts_are_rounded(void **state)
{
    (void)state;
    assert_string_equal(format_whole(86.7).s, "87");
    assert_string_equal(format_whole(1437.5).s, "1,438");
    assert_string_equal(format_whole(NAN).s, "\u2013");
}

static void what_is_not_a_number_is_a_dash(void **state)
{
    (void)state;
    assert_string_equal(format_count(NAN).s, "\u2013");
    assert_string_equal(format_count(INFINITY).s, "\u2013");
    assert_string_equal(format_percent(NAN).s, "\u2013");
    assert_string_equal(format_error(INFINITY).s, "\u2013");
}

static void ratios_become_percent_with_their_sign_where_it_matters(void **state)
{
    (void)state;
    assert_string_equal(format_percent(0.9052).s, "90.52 %");
    assert_string_equal(format_percent1(0.9678).s, "96.8 %");
    assert_string_equal(format_error(0.021).s, "+2.1 %");
    assert_string_equal(format_points(-0.0075).s, "-0.75 points");
}

static void known_metrics_and_methods_have_their_names(void **state)
{
    (void)state;
    assert_string_equal(format_metric("lut"), "LUT");
    assert_string_equal(format_metric("uram"), "uram");
    assert_string_equal(format_method("ssps"), "SSPS");
    assert_string_equal(format_method("random"), "random");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_have_thousands_separators),
        cmocka_unit_test(whole_counts_are_rounded),
        cmocka_unit_test(what_is_not_a_number_is_a_dash),
        cmocka_unit_test(ratios_become_percent_with_their_sign_where_it_matters),
        cmocka_unit_test(known_metrics_and_methods_have_their_names),
    };
    return cmocka_run_group_tests_name("reports/format", tests, NULL, NULL);
}
