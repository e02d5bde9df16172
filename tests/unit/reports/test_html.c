/* Escaping: text from files never becomes markup. */
#include "tests/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/html.h"

/* What `put` writes; owned. */
static char *written(void (*put)(FILE *f, const char *text), const char *text)
{
    char *out = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&out, &n);
    put(f, text);
    fclose(f);
    return out;
}

static void put_template(FILE *f, const char *text)
{
    html_put(f, "<b title=\"%s\">100 %%</b>", text);
}

static void put_json(FILE *f, const char *text)
{
    json_t *v = json_pack("{s:s}", "name", text);
    assert_int_equal(html_json(f, v, NULL), ST_OK);
    json_decref(v);
}

static void put_uri(FILE *f, const char *text)
{
    html_data_uri(f, "text/yaml", text, strlen(text));
}

static void markup_characters_become_entities(void **state)
{
    (void)state;
    char *s = written(html_text, "<a href='x' title=\"y\">&");
    assert_string_equal(s, "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;");
    free(s);
}

static void control_characters_are_replaced_and_utf8_survives(void **state)
{
    (void)state;
    char *s = written(html_text, "a\x01\x7f\tb\u00e9");
    assert_string_equal(s, "a&#xfffd;&#xfffd;\tb\u00e9");
    free(s);
}

static void a_template_escapes_its_arguments_only(void **state)
{
    (void)state;
    char *s = written(put_template, "\"><script>");
    assert_string_equal(s, "<b title=\"&quot;&gt;&lt;script&gt;\">100 %</b>");
    free(s);
}

static void json_in_a_page_cannot_end_its_script(void **state)
{
    (void)state;
    static const char *const names[] = {"</script><script>alert(1)", "<!--",
                                        "a&b\u2028"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *s = written(put_json, names[i]);
        assert_null(strpbrk(s, "<>&"));
        json_t *back = json_loads(s, 0, NULL);
        assert_string_equal(json_string_value(json_object_get(back, "name")), names[i]);
        json_decref(back);
        free(s);
    }
}

static void data_uris_follow_the_vectors_of_rfc_4648(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *s = written(put_uri, rows[i][0]);
        assert_memory_equal(s, "data:text/yaml;base64,", 22);
        assert_string_equal(s + 22, rows[i][1]);
        free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markup_characters_become_entities),
        cmocka_unit_test(control_characters_are_replaced_and_utf8_survives),
        cmocka_unit_test(a_template_escapes_its_arguments_only),
        cmocka_unit_test(json_in_a_page_cannot_end_its_script),
        cmocka_unit_test(data_uris_follow_the_vectors_of_rfc_4648),
    };
    return cmocka_run_group_tests_name("reports/html", tests, NULL, NULL);
}
