/* onnx_ints.c -- arithmetic on small integer tensors.
 *
 * Slice, Transpose and broadcasting are views: the same elements under other strides.
 * A view is written out at once, as no tensor here has more than a few elements. */
#include "nn/onnx_ints.h"

#include <stdbool.h>
#include <string.h>

status onnx_ints_axis(int64_t axis, size_t n_dims, size_t *out, struct err *err)
{
    const int64_t n = (int64_t)n_dims;
    if (axis < -n || axis >= n)
        return err_set(err, ST_RANGE, "expected an axis of %zu dimensions, found %lld",
                       n_dims, (long long)axis);
    *out = (size_t)(axis < 0 ? axis + n : axis);
    return ST_OK;
}

status onnx_ints_new(size_t n_dims, const int64_t *dims, struct arena *a,
                     struct onnx_ints *out, struct err *err)
{
    if (n_dims > ONNX_INTS_DIMS)
        return err_set(err, ST_UNSUPPORTED,
                       "expected integers of at most %d dimensions, found %zu",
                       ONNX_INTS_DIMS, n_dims);
    *out = (struct onnx_ints){.n_dims = n_dims, .n = 1};
    for (size_t i = 0; i < n_dims; i++) {
        if (dims[i] < 0 || dims[i] > ONNX_INTS_MAX ||
            out->n * (size_t)dims[i] > ONNX_INTS_MAX)
            return err_set(err, ST_UNSUPPORTED,
                           "expected at most %d integers, found dimension %zu of %lld",
                           ONNX_INTS_MAX, i, (long long)dims[i]);
        out->dims[i] = dims[i];
        out->n *= (size_t)dims[i];
    }
    out->elems = ARENA_NEW(a, int64_t, out->n + 1);
    return out->elems ? ST_OK : arena_exhausted(err);
}

/* ---- views ---- */

static void strides_of(const struct onnx_ints *x, int64_t *strides)
{
    int64_t stride = 1;
    for (size_t i = x->n_dims; i-- > 0; stride *= x->dims[i])
        strides[i] = stride;
}

/* out[i0, i1, ...] = x->elems[offset + i0 * strides[0] + ...]. */
static void write_view(const struct onnx_ints *x, int64_t offset,
                       const int64_t *strides, struct onnx_ints *out)
{
    for (size_t i = 0; i < out->n; i++) {
        int64_t at = offset, rest = (int64_t)i;
        for (size_t d = out->n_dims; d-- > 0; rest /= out->dims[d])
            at += rest % out->dims[d] * strides[d];
        out->elems[i] = x->elems[at];
    }
}

/* ---- arithmetic ---- */

/* Dimension d of the result, counted from the last; 0 beyond x's own. */
static int64_t dim_from_end(const struct onnx_ints *x, size_t d)
{
    return d < x->n_dims ? x->dims[x->n_dims - 1 - d] : 1;
}

static status broadcast(const struct onnx_ints *x, const struct onnx_ints *like,
                        struct arena *a, struct onnx_ints *out, struct err *err)
{
    int64_t own[ONNX_INTS_DIMS], strides[ONNX_INTS_DIMS] = {0};
    TRY(onnx_ints_new(like->n_dims, like->dims, a, out, err));
    strides_of(x, own);
    for (size_t d = 0; d < x->n_dims; d++)
        if (dim_from_end(x, d) != 1)
            strides[out->n_dims - 1 - d] = own[x->n_dims - 1 - d];
    write_view(x, 0, strides, out);
    return ST_OK;
}

static bool compute(char op, int64_t x, int64_t y, int64_t *out)
{
    switch (op) {
    case '+':
        return !__builtin_add_overflow(x, y, out);
    case '-':
        return !__builtin_sub_overflow(x, y, out);
    case '*':
        return !__builtin_mul_overflow(x, y, out);
    default:
        if (y == 0 || (x == INT64_MIN && y == -1)) return false;
        *out = x / y;
        return true;
    }
}

status onnx_ints_binary(char op, const struct onnx_ints *x, const struct onnx_ints *y,
                        struct arena *a, struct onnx_ints *out, struct err *err)
{
    struct onnx_ints both = {.n_dims = x->n_dims > y->n_dims ? x->n_dims : y->n_dims};
    for (size_t d = 0; d < both.n_dims; d++) {
        const int64_t m = dim_from_end(x, d), n = dim_from_end(y, d);
        if (m != n && m != 1 && n != 1)
            return err_set(err, ST_PARSE,
                           "expected operands that broadcast, found dimensions of %lld "
                           "and %lld",
                           (long long)m, (long long)n);
        both.dims[both.n_dims - 1 - d] = m == 1 ? n : m;
    }
    struct onnx_ints left, right;
    TRY(broadcast(x, &both, a, &left, err));
    TRY(broadcast(y, &both, a, &right, err));
    *out = left;
    for (size_t i = 0; i < out->n; i++)
        if (!compute(op, left.elems[i], right.elems[i], &out->elems[i]))
            return err_set(err, ST_RANGE,
                           "expected a result of 64 bits, found %lld %c %lld",
                           (long long)left.elems[i], op, (long long)right.elems[i]);
    return ST_OK;
}

/* ---- Slice ---- */

static int64_t clamp(int64_t v, int64_t lo, int64_t hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

status onnx_ints_range(int64_t dim, int64_t start, int64_t end, int64_t step,
                       struct onnx_range *out, struct err *err)
{
    if (step == 0 || step == INT64_MIN)
        return err_set(err, ST_RANGE, "expected a step other than 0, found %lld",
                       (long long)step);
    const int64_t hi = step > 0 ? dim : dim - 1;
    const int64_t first = clamp(start < 0 ? start + dim : start, 0, hi);
    const int64_t last = clamp(end < 0 ? end + dim : end, step > 0 ? 0 : -1, hi);
    const int64_t length = step > 0 ? last - first : first - last;
    const int64_t stride = step > 0 ? step : -step;
    *out = (struct onnx_range){first, step, 0};
    if (length > 0 && dim > 0) out->n = (length - 1) / stride + 1;
    return ST_OK;
}

status onnx_ints_slice(const struct onnx_ints *x, int64_t axis,
                       const struct onnx_range *range, struct arena *a,
                       struct onnx_ints *out, struct err *err)
{
    int64_t dims[ONNX_INTS_DIMS], strides[ONNX_INTS_DIMS];
    size_t d = 0;
    TRY(onnx_ints_axis(axis, x->n_dims, &d, err));
    memcpy(dims, x->dims, sizeof dims);
    dims[d] = range->n;
    TRY(onnx_ints_new(x->n_dims, dims, a, out, err));
    strides_of(x, strides);
    const int64_t offset = range->start * strides[d];
    if (range->n > 1) strides[d] *= range->step; /* a step alone may be huge */
    write_view(x, offset, strides, out);
    return ST_OK;
}

/* ---- other shapes ---- */

status onnx_ints_transpose(const struct onnx_ints *x, const int64_t *perm,
                           size_t n_perm, struct arena *a, struct onnx_ints *out,
                           struct err *err)
{
    int64_t dims[ONNX_INTS_DIMS], own[ONNX_INTS_DIMS], strides[ONNX_INTS_DIMS];
    unsigned seen = 0;
    if (perm && n_perm != x->n_dims)
        return err_set(err, ST_PARSE,
                       "expected a permutation of %zu axes, found %zu of them",
                       x->n_dims, n_perm);
    strides_of(x, own);
    for (size_t i = 0; i < x->n_dims; i++) {
        const int64_t from = perm ? perm[i] : (int64_t)(x->n_dims - 1 - i);
        if (from < 0 || from >= (int64_t)x->n_dims || seen >> from & 1)
            return err_set(err, ST_PARSE,
                           "expected a permutation of %zu axes, found axis %lld",
                           x->n_dims, (long long)from);
        seen |= 1u << from;
        dims[i] = x->dims[from];
        strides[i] = own[from];
    }
    TRY(onnx_ints_new(x->n_dims, dims, a, out, err));
    write_view(x, 0, strides, out);
    return ST_OK;
}

status onnx_ints_reshape(const struct onnx_ints *x, const struct onnx_ints *shape,
                         int64_t allow_zero, struct onnx_ints *out, struct err *err)
{
    struct onnx_ints y = {.n_dims = shape->n, .n = x->n, .elems = x->elems};
    size_t product = 1, open = ONNX_INTS_DIMS;
    if (shape->n_dims != 1 || shape->n > ONNX_INTS_DIMS)
        return err_set(err, ST_UNSUPPORTED,
                       "expected a shape of at most %d dimensions, found %zu",
                       ONNX_INTS_DIMS, shape->n);
    for (size_t i = 0; i < shape->n; i++) {
        int64_t d = shape->elems[i];
        if (d == 0 && !allow_zero && i < x->n_dims) d = x->dims[i];
        if (d < -1 || d > ONNX_INTS_MAX || (d == -1 && open != ONNX_INTS_DIMS))
            return err_set(err, ST_PARSE,
                           "expected a shape with at most one -1, found %lld",
                           (long long)d);
        if (d == -1) open = i;
        y.dims[i] = d;
        if (d != -1) product *= (size_t)d; /* at most 4096^4 */
    }
    if (open != ONNX_INTS_DIMS && product) y.dims[open] = (int64_t)(x->n / product);
    if (open != ONNX_INTS_DIMS) product *= (size_t)y.dims[open];
    if (product != x->n || (open != ONNX_INTS_DIMS && y.dims[open] < 0))
        return err_set(err, ST_PARSE, "expected a shape of %zu elements, found another",
                       x->n);
    *out = y;
    return ST_OK;
}

status onnx_ints_gather(const struct onnx_ints *x, const struct onnx_ints *indices,
                        int64_t axis, struct arena *a, struct onnx_ints *out,
                        struct err *err)
{
    int64_t dims[2 * ONNX_INTS_DIMS];
    size_t d = 0, n_dims = 0, outer = 1, inner = 1;
    TRY(onnx_ints_axis(axis, x->n_dims, &d, err));
    for (size_t i = 0; i < d; i++)
        outer *= (size_t)(dims[n_dims++] = x->dims[i]);
    for (size_t i = 0; i < indices->n_dims; i++)
        dims[n_dims++] = indices->dims[i];
    for (size_t i = d + 1; i < x->n_dims; i++)
        inner *= (size_t)(dims[n_dims++] = x->dims[i]);
    TRY(onnx_ints_new(n_dims, dims, a, out, err));
    int64_t *to = out->elems;
    for (size_t o = 0; o < outer; o++)
        for (size_t i = 0; i < indices->n; i++, to += inner) {
            int64_t k = indices->elems[i];
            if (k < -x->dims[d] || k >= x->dims[d])
                return err_set(err, ST_RANGE,
                               "expected an index into %lld elements, found %lld",
                               (long long)x->dims[d], (long long)k);
            if (k < 0) k += x->dims[d];
            memcpy(to, x->elems + (o * (size_t)x->dims[d] + (size_t)k) * inner,
                   inner * sizeof *to);
        }
    return ST_OK;
}

status onnx_ints_concat(const struct onnx_ints *x, size_t n, int64_t axis,
                        struct arena *a, struct onnx_ints *out, struct err *err)
{
    int64_t dims[ONNX_INTS_DIMS], sum = 0;
    size_t d = 0, outer = 1, inner = 1;
    if (n < 1) return err_set(err, ST_PARSE, "expected operands, found none");
    TRY(onnx_ints_axis(axis, x[0].n_dims, &d, err));
    for (size_t i = 0; i < n; i++) {
        bool fits = x[i].n_dims == x[0].n_dims;
        for (size_t k = 0; fits && k < x[0].n_dims; k++)
            fits = k == d || x[i].dims[k] == x[0].dims[k];
        if (!fits)
            return err_set(err, ST_PARSE,
                           "expected operands that differ along axis %zu only, found "
                           "another shape in operand %zu",
                           d, i);
        sum += x[i].dims[d];
    }
    memcpy(dims, x[0].dims, sizeof dims);
    dims[d] = sum;
    TRY(onnx_ints_new(x[0].n_dims, dims, a, out, err));
    for (size_t k = 0; k < d; k++)
        outer *= (size_t)dims[k];
    for (size_t k = d + 1; k < x[0].n_dims; k++)
        inner *= (size_t)dims[k];
    int64_t *to = out->elems;
    for (size_t o = 0; o < outer; o++)
        for (size_t i = 0; i < n; i++) {
            const size_t run = (size_t)x[i].dims[d] * inner;
            memcpy(to, x[i].elems + o * run, run * sizeof *to);
            to += run;
        }
    return ST_OK;
}

/* ---- dimensions of 1 ---- */

/* Bit i: axis i of n_dims is listed. */
static status mask_of(const int64_t *axes, size_t n_axes, size_t n_dims, unsigned *mask,
                      struct err *err)
{
    *mask = 0;
    for (size_t i = 0; i < n_axes; i++) {
        size_t d = 0;
        TRY(onnx_ints_axis(axes[i], n_dims, &d, err));
        if (*mask >> d & 1)
            return err_set(err, ST_PARSE, "expected each axis once, found %zu again",
                           d);
        *mask |= 1u << d;
    }
    return ST_OK;
}

status onnx_ints_squeeze(const struct onnx_ints *x, const int64_t *axes, size_t n_axes,
                         struct onnx_ints *out, struct err *err)
{
    struct onnx_ints y = {.n = x->n, .elems = x->elems};
    unsigned mask = 0;
    TRY(mask_of(axes, axes ? n_axes : 0, x->n_dims, &mask, err));
    for (size_t d = 0; d < x->n_dims; d++) {
        const bool drop = axes ? mask >> d & 1 : x->dims[d] == 1;
        if (drop && x->dims[d] != 1)
            return err_set(err, ST_PARSE,
                           "expected a dimension of 1 at axis %zu, found %lld", d,
                           (long long)x->dims[d]);
        if (!drop) y.dims[y.n_dims++] = x->dims[d];
    }
    *out = y;
    return ST_OK;
}

status onnx_ints_unsqueeze(const struct onnx_ints *x, const int64_t *axes,
                           size_t n_axes, struct onnx_ints *out, struct err *err)
{
    struct onnx_ints y = {.n_dims = x->n_dims + n_axes, .n = x->n, .elems = x->elems};
    unsigned mask;
    if (n_axes > ONNX_INTS_DIMS || y.n_dims > ONNX_INTS_DIMS)
        return err_set(err, ST_UNSUPPORTED,
                       "expected integers of at most %d dimensions, found %zu",
                       ONNX_INTS_DIMS, y.n_dims);
    TRY(mask_of(axes, n_axes, y.n_dims, &mask, err));
    for (size_t d = 0, from = 0; d < y.n_dims; d++)
        y.dims[d] = mask >> d & 1 ? 1 : x->dims[from++];
    *out = y;
    return ST_OK;
}
