/* NumPy files: byte by byte what is written, and what of others is read or refused. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "base/npy.h"
#include "base/rng.h"
#include "tests/scratch.h"

/* What numpy.save writes for numpy.array([[1, -2, 3]], dtype='<i8'). */
static const char golden_head[] =
    "\x93NUMPY\x01\x00\x76\x00"
    "{'descr': '<i8', 'fortran_order': False, 'shape': (1, 3), }"
    "                                                          \n";
static const unsigned char golden_numbers[24] = {1,   0,   0,   0,   0,   0,   0,   0,
                                                 254, 255, 255, 255, 255, 255, 255, 255,
                                                 3,   0,   0,   0,   0,   0,   0,   0};

/* A file with this dictionary and these bytes behind it. */
static const char *made(struct scratch *s, const char *dictionary, const void *numbers,
                        size_t n)
{
    const char *path = scratch_path(s, "made.npy");
    char bytes[512];
    const size_t length = strlen(dictionary);
    memcpy(bytes, "\x93NUMPY\x01\x00", 8);
    bytes[8] = (char)length;
    bytes[9] = 0;
    memcpy(bytes + 10, dictionary, length);
    if (n) memcpy(bytes + 10 + length, numbers, n);
    struct err err;
    assert_ok(file_write(path, bytes, 10 + length + n, &err), err);
    return path;
}

static void integers_are_written_as_numpy_writes_them(void **state)
{
    static const int64_t values[] = {1, -2, 3};
    static const size_t shape[] = {1, 3};
    struct err err;
    struct arena *a = arena_new();
    char *bytes;
    size_t size;
    const char *path = scratch_path(*state, "x.npy");
    assert_int_equal(sizeof golden_head - 1, 128);
    assert_ok(npy_save_i64(path, 2, shape, values, &err), err);
    assert_ok(file_read(path, a, &bytes, &size, &err), err);
    assert_int_equal(size, 128 + 24);
    assert_memory_equal(bytes, golden_head, 128);
    assert_memory_equal(bytes + 128, golden_numbers, 24);
    arena_free(a);
}

static void what_is_written_reads_back(void **state)
{
    int64_t values[2 * 8 * 8];
    static const size_t shape[] = {2, 8, 8};
    struct err err;
    struct arena *a = arena_new();
    struct npy x;
    char text[40];
    for (int i = 0; i < 128; i++)
        values[i] = (int64_t)i * i * 1000003 - 5000;
    const char *path = scratch_path(*state, "x.npy");
    assert_ok(npy_save_i64(path, 3, shape, values, &err), err);
    assert_ok(npy_load(path, a, &x, &err), err);
    assert_string_equal(npy_shape_text(&x, text, sizeof text), "(2, 8, 8)");
    for (int i = 0; i < 128; i++)
        assert_true(x.values[i] == (double)values[i]);
    arena_free(a);
}

static void numbers_of_every_width_are_read(void **state)
{
    static const struct {
        const char *dictionary;
        unsigned char bytes[8];
        size_t n;
        double value;
    } rows[] = {
        {"{'descr': '|i1', 'fortran_order': False, 'shape': (1,), }", {255}, 1, -1},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (), }", {255}, 1, 255},
        {"{'descr': '<u2', 'fortran_order': False, 'shape': (1,)}", {1, 2}, 2, 513},
        {"{'shape': (1, 1), 'fortran_order': False, 'descr': '<i4'}\n",
         {254, 255, 255, 255},
         4,
         -2},
        {"{\"descr\": \"<f4\", \"fortran_order\": False, \"shape\": (1,)}",
         {0, 0, 0x20, 0x40},
         4,
         2.5},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }",
         {0, 0, 0, 0, 0, 0, 0x04, 0xc0},
         8,
         -2.5},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err err = {.msg = ""};
        struct npy x;
        const char *path = made(*state, rows[i].dictionary, rows[i].bytes, rows[i].n);
        if (npy_load(path, a, &x, &err) != ST_OK || x.values[0] != rows[i].value)
            fail_msg("row %zu: %s", i, err.msg);
    }
    arena_free(a);
}

static void other_files_are_refused_with_what_was_found(void **state)
{
    static const struct {
        const char *dictionary;
        size_t n;
        status st;
        const char *message;
    } rows[] = {
        {"{'descr': '>i8', 'fortran_order': False, 'shape': (1,), }", 8, ST_UNSUPPORTED,
         ": expected little-endian numbers ('<i8'), found '>i8'; convert with numpy: "
         "a.astype('<i8')"},
        {"{'descr': '<i8', 'fortran_order': True, 'shape': (1, 1), }", 8,
         ST_UNSUPPORTED,
         ": expected C order, found Fortran order; convert with numpy: "
         "numpy.ascontiguousarray(a)"},
        {"{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }", 16, ST_PARSE,
         ": expected 24 bytes of numbers for shape (3,) of '<i8', found 16"},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", 8, ST_UNSUPPORTED,
         ": expected integers or floats ('<i8', '<f8', '<i4', '<f4', ...), found "
         "'<c8'"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 8, ST_UNSUPPORTED,
         ": expected integers or floats ('<i8', '<f8', '<i4', '<f4', ...), found '|O'"},
        {"{'descr': '<i8', 'fortran_order': False, 'shape': (9,), 'shape': (1,), }", 8,
         ST_PARSE, ": .npy header: expected one shape, found ' (1,), }'"},
        {"{'descr': [('x', '<i8')], 'fortran_order': False, 'shape': (1,), }", 8,
         ST_UNSUPPORTED, ": expected an array of numbers, found a structured one"},
        {"{'descr': '<i8', 'shape': (1,), }", 8, ST_PARSE,
         ": .npy header: expected descr, fortran_order and shape, found no "
         "fortran_order"},
        {"{'descr': '<i8', 'order': 1}", 8, ST_PARSE,
         ": .npy header: expected descr, fortran_order and shape, found 'order'"},
        {"{'descr': '<i8', 'fortran_order': False, 'shape': (x,), }", 8, ST_PARSE,
         ": .npy header: expected a length, found 'x,), }'"},
        {"{'descr': '<i8', 'fortran_order': False, 'shape': (1,1,1,1,1), }", 8,
         ST_PARSE, ": .npy header: expected at most 4 dimensions, found '), }'"},
    };
    static const unsigned char numbers[16];
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err err = {.msg = ""};
        struct npy x;
        const char *path = made(*state, rows[i].dictionary, numbers, rows[i].n);
        const status st = npy_load(path, a, &x, &err);
        if (st != rows[i].st || !strstr(err.msg, rows[i].message))
            fail_msg("row %zu: status %d, message: %s", i, (int)st, err.msg);
    }
    arena_free(a);
}

static void files_that_are_no_arrays_are_refused(void **state)
{
    struct err err;
    struct npy x;
    struct arena *a = arena_new();
    const char *path = scratch_file(*state, "x.npy", "layer,wbits,abits,value[us]\n");
    assert_int_equal(npy_load(path, a, &x, &err), ST_PARSE);
    assert_non_null(strstr(err.msg, "x.npy: expected a NumPy file that begins with "
                                    "\\x93NUMPY, found 28 bytes that do not"));
    assert_ok(file_write(path, golden_head, 100, &err), err);
    assert_int_equal(npy_load(path, a, &x, &err), ST_PARSE);
    assert_non_null(
        strstr(err.msg, "expected a header of 118 bytes, found the end of the file"));
    assert_int_equal(npy_load("/nowhere.npy", a, &x, &err), ST_NOT_FOUND);
    const unsigned char huge[8] = {1, 0, 0, 0, 0, 0, 0x20, 0};
    path = made(*state, "{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }",
                huge, 8);
    assert_int_equal(npy_load(path, a, &x, &err), ST_RANGE);
    assert_non_null(strstr(err.msg, "expected integers up to 2^53"));
    arena_free(a);
}

static void mutilated_files_are_read_or_refused_with_a_message(void **state)
{
    struct rng r = rng_seed(5, 0);
    for (int i = 0; i < 500; i++) {
        char bytes[152];
        memcpy(bytes, golden_head, 128);
        memcpy(bytes + 128, golden_numbers, 24);
        for (int k = 0; k < 1 + i % 3; k++)
            bytes[rng_below(&r, 70)] = (char)rng_below(&r, 256);
        struct err err = {.msg = ""};
        struct arena *a = arena_new();
        struct npy x;
        const char *path = scratch_path(*state, "m.npy");
        assert_ok(file_write(path, bytes, 100 + rng_below(&r, 53), &err), err);
        if (npy_load(path, a, &x, &err) != ST_OK && !strstr(err.msg, "m.npy: "))
            fail_msg("round %d: %s", i, err.msg);
        arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_written_as_numpy_writes_them),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(numbers_of_every_width_are_read),
        cmocka_unit_test(other_files_are_refused_with_what_was_found),
        cmocka_unit_test(files_that_are_no_arrays_are_refused),
        cmocka_unit_test(mutilated_files_are_read_or_refused_with_a_message),
    };
    return cmocka_run_group_tests_name("base/npy", tests, scratch_setup,
                                       scratch_teardown);
}
