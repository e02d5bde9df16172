/* Content keys. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "base/hash.h"
#include "tests/scratch.h"

static void keys_are_the_published_xxh3_128(void **state)
{
    (void)state;
    /* XXH3_128bits of the empty input with seed 0, from the XXH3 specification. */
    assert_string_equal(hash_of_bytes("", 0).hex, "99aa06d3014798d86001c324468d497f");
}

static void a_running_hash_equals_the_hash_of_the_whole(void **state)
{
    (void)state;
    char text[3000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 7);
    struct hash *h = hash_new();
    assert_non_null(h);
    for (size_t i = 0; i < sizeof text; i += 100)
        hash_bytes(h, text + i, 100);
    assert_string_equal(hash_free_key(h).hex, hash_of_bytes(text, sizeof text).hex);
}

static void text_boundaries_count(void **state)
{
    (void)state;
    struct hash *a = hash_new(), *b = hash_new();
    hash_text(a, "ab");
    hash_text(a, "c");
    hash_text(b, "a");
    hash_text(b, "bc");
    assert_string_not_equal(hash_free_key(a).hex, hash_free_key(b).hex);
}

static void a_file_hashes_as_its_bytes(void **state)
{
    (void)state;
    struct scratch s;
    struct err err;
    struct hash_key key;
    assert_true(scratch_open(&s));
    const char *path = scratch_file(&s, "f", "weights");
    assert_ok(hash_of_file(path, &key, &err), err);
    assert_string_equal(key.hex, hash_of_bytes("weights", 7).hex);
    scratch_close(&s);
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    struct err err;
    struct hash_key key;
    assert_int_equal(hash_of_file("/nowhere/f", &key, &err), ST_NOT_FOUND);
    assert_string_equal(err.msg, "/nowhere/f: cannot open: No such file or directory");
}

static void a_folder_has_no_content_key(void **state)
{
    (void)state;
    struct err err;
    struct hash_key key;
    assert_int_equal(hash_of_file("/tmp", &key, &err), ST_IO);
    assert_string_equal(err.msg, "/tmp: cannot read: Is a directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_the_published_xxh3_128),
        cmocka_unit_test(a_running_hash_equals_the_hash_of_the_whole),
        cmocka_unit_test(text_boundaries_count),
        cmocka_unit_test(a_file_hashes_as_its_bytes),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(a_folder_has_no_content_key),
    };
    return cmocka_run_group_tests_name("base/hash", tests, NULL, NULL);
}
