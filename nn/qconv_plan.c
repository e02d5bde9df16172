/* qconv_plan.c -- the geometry of one layer: borders, taps, phases. */
#include <string.h>

#include "nn/qconv.h"

static int32_t floor_div(int32_t a, int32_t b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

static int32_t larger(int32_t a, int32_t b) { return a > b ? a : b; }

/* A fully connected layer over a map is a convolution with a kernel of its size. */
static struct layer_shape as_convolution(const struct layer_shape *shape, int32_t map_H,
                                         int32_t map_W)
{
    struct layer_shape s = *shape;
    if (s.op == LAYER_GEMM) {
        s.C /= map_H * map_W;
        s.H = s.R = map_H;
        s.W = s.S = map_W;
        s.P = s.Q = s.stride_h = s.stride_w = 1;
        s.pad_top = s.pad_left = s.pad_bottom = s.pad_right = 0;
    }
    return s;
}

static status plan_taps(struct qconv *c, struct arena *a, struct err *err)
{
    const struct layer_shape *s = &c->shape;
    c->n_taps = s->R * s->S;
    struct qconv_tap *taps = ARENA_NEW(a, struct qconv_tap, (size_t)c->n_taps);
    if (!taps) return arena_exhausted(err);
    for (int32_t i = 0; i < c->n_taps; i++)
        taps[i] = (struct qconv_tap){(i / s->S * c->Wp + i % s->S) * c->Cx, i};
    c->taps = taps;
    return ST_OK;
}

/* Input row h meets kernel row r at output row (h + pad - r) / stride, where that is
 * whole: row i of a phase at i + step(r). */
struct axis {
    int32_t n, stride, pad, kernel, n_out;
};

static bool axis_meets(const struct axis *x, int32_t phase, int32_t r, int32_t *step)
{
    const int32_t at = phase + x->pad - r;
    *step = floor_div(at, x->stride);
    return *step * x->stride == at;
}

static int32_t axis_rows(const struct axis *x, int32_t phase)
{
    return phase < x->n ? (x->n - phase + x->stride - 1) / x->stride : 0;
}

/* Border before and extent of dy that all phases together read. */
static void axis_extent(const struct axis *x, int32_t *before, int32_t *extent)
{
    int32_t lo = 0, hi = x->n_out;
    for (int32_t phase = 0; phase < x->stride; phase++)
        for (int32_t r = 0; r < x->kernel; r++) {
            int32_t step;
            if (!axis_meets(x, phase, r, &step) || axis_rows(x, phase) == 0) continue;
            if (step < lo) lo = step;
            hi = larger(hi, step + axis_rows(x, phase));
        }
    *before = -lo;
    *extent = hi - lo;
}

static void plan_phase(struct qconv *c, const struct axis *h, const struct axis *w,
                       int32_t py, int32_t px, struct qconv_tap *taps,
                       struct qconv_phase *out)
{
    int32_t n = 0, dy, dx;
    for (int32_t r = 0; r < h->kernel; r++)
        for (int32_t s = 0; s < w->kernel && axis_meets(h, py, r, &dy); s++)
            if (axis_meets(w, px, s, &dx))
                taps[n++] =
                    (struct qconv_tap){((dy + c->dtop) * c->Wd + dx + c->dleft) * c->Kp,
                                       r * w->kernel + s};
    *out = (struct qconv_phase){py, px, axis_rows(h, py), axis_rows(w, px), n, taps};
}

static status plan_phases(struct qconv *c, struct arena *a, struct err *err)
{
    const struct layer_shape *s = &c->shape;
    const struct axis h = {s->H, s->stride_h, s->pad_top, s->R, s->P};
    const struct axis w = {s->W, s->stride_w, s->pad_left, s->S, s->Q};
    const size_t n = (size_t)s->stride_h * (size_t)s->stride_w;
    axis_extent(&h, &c->dtop, &c->Hd);
    axis_extent(&w, &c->dleft, &c->Wd);
    c->dy_image = (size_t)c->Hd * (size_t)c->Wd * (size_t)c->Kp;
    struct qconv_phase *phases = ARENA_NEW(a, struct qconv_phase, n);
    struct qconv_tap *taps = ARENA_NEW(a, struct qconv_tap, n * (size_t)c->n_taps);
    if (!phases || !taps) return arena_exhausted(err);
    for (int32_t py = 0; py < s->stride_h; py++)
        for (int32_t px = 0; px < s->stride_w; px++, taps += c->n_taps)
            plan_phase(c, &h, &w, py, px, taps, &phases[c->n_phases++]);
    c->phases = phases;
    return ST_OK;
}

static void flatten(struct layer_shape *s)
{
    s->W = s->Q = s->P * s->Q;
    s->H = s->P = 1;
}

status qconv_plan(const struct layer_shape *shape, int32_t map_H, int32_t map_W,
                  bool pixels, struct arena *a, struct qconv *out, struct err *err)
{
    struct qconv *c = out;
    *c = (struct qconv){.shape = as_convolution(shape, map_H, map_W)};
    struct layer_shape *s = &c->shape;
    const int64_t MW = layer_shape_MW(s);
    if (MW * 255 * 128 > INT32_MAX)
        return err_set(err, ST_UNSUPPORTED,
                       "layer '%s': sums of %lld products may exceed 32 bits", s->name,
                       (long long)MW);
    c->is_depthwise = layer_shape_is_depthwise(s);
    c->is_flat = layer_shape_is_pointwise(s);
    if (c->is_flat) flatten(s);
    c->Cx = qconv_round_up(s->C, pixels && s->C < QCONV_LANES ? 4 : QCONV_LANES);
    c->Cg = qconv_round_up(s->C, QCONV_LANES);
    c->Kp = qconv_round_up(s->K, QCONV_LANES);
    c->top = s->pad_top;
    c->left = s->pad_left;
    c->Hp = larger(s->pad_top + s->H, (s->P - 1) * s->stride_h + s->R);
    c->Wp = larger(s->pad_left + s->W, (s->Q - 1) * s->stride_w + s->S);
    c->x_image = (size_t)c->Hp * (size_t)c->Wp * (size_t)c->Cx;
    c->y_image = (size_t)s->P * (size_t)s->Q * (size_t)c->Kp;
    c->dx_image = (size_t)s->H * (size_t)s->W * (size_t)c->Cg;
    c->Cw = c->is_depthwise ? 1 : c->Cx;
    c->dw_size = (size_t)(s->R * s->S) * (size_t)c->Cw * (size_t)c->Kp;
    if (c->x_image > INT32_MAX / 4 || c->y_image > INT32_MAX / 4)
        return err_set(err, ST_UNSUPPORTED, "layer '%s': an image is too large",
                       s->name);
    TRY(plan_taps(c, a, err));
    return plan_phases(c, a, err);
}

void qconv_clear_input(const struct qconv *c, int32_t n, uint8_t zero, uint8_t *x)
{
    memset(x, zero, (size_t)n * c->x_image);
}

void qconv_clear_border(const struct qconv *c, int32_t n, const uint8_t *border,
                        uint8_t *x)
{
    const size_t C = (size_t)c->shape.C, Cx = (size_t)c->Cx;
    const size_t pixels = (size_t)n * c->x_image / Cx;
    memset(x, 0, pixels * Cx);
    for (size_t i = 0; i < pixels; i++)
        memcpy(x + i * Cx, border, C);
}

size_t qconv_forward_bytes(const struct qconv_isa *isa, const struct qconv *c)
{
    const size_t Kp = (size_t)c->Kp, start = sizeof(int32_t) * Kp;
    if (c->is_depthwise)
        return (size_t)(qconv_round_up(c->shape.R, 4) * c->shape.S) * Kp + start;
    return isa->forward_bytes * c->dw_size + start;
}

size_t qconv_backward_bytes(const struct qconv_isa *isa, const struct qconv *c)
{
    const size_t n = (size_t)c->n_taps * (size_t)c->Kp;
    return c->is_depthwise ? sizeof(float) * n
                           : isa->backward_bytes * n * (size_t)c->Cg;
}
