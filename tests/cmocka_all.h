/* cmocka_all.h -- the headers cmocka needs, in the order it needs them. */
#ifndef TESTS_CMOCKA_ALL_H
#define TESTS_CMOCKA_ALL_H
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <math.h>

/* Fails unless |a - b| <= atol + rtol * |b|. */
#define assert_close(a, b, rtol, atol)                                 \
    do {                                                               \
        const double a_ = (a), b_ = (b);                               \
        if (!(fabs(a_ - b_) <= (atol) + (rtol)*fabs(b_)))              \
            fail_msg("%s = %.9g, expected %s = %.9g", #a, a_, #b, b_); \
    } while (0)

/* Fails with the error's message unless the call succeeded. */
#define assert_ok(expr, err)                                       \
    do {                                                           \
        if ((expr) != ST_OK) fail_msg("%s: %s", #expr, (err).msg); \
    } while (0)

#endif
