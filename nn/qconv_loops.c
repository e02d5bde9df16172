/* qconv_loops.c -- see qconv_loops.h.
 *
 * The group of output channels is the outermost loop, so that its weights stay in
 * cache for all images of a chunk. */
#include "nn/qconv_loops.h"

#include <string.h>

void qconv_start(const struct qconv *c, const float *wq, int32_t zero, int32_t *start)
{
    const int64_t n = layer_shape_MW(&c->shape);
    for (int32_t k = 0; k < c->Kp; k++) {
        int32_t sum = 0;
        for (int64_t i = 0; zero && k < c->shape.K && i < n; i++)
            sum += (int32_t)wq[k * n + i];
        start[k] = -zero * sum;
    }
}

/* One row of n pixels, in blocks of nearly equal length. */
static void run_row(const struct qconv_blocks *b, struct qconv_block args, int32_t n,
                    int32_t nb)
{
    const int32_t most = b->max_px[nb], n_blocks = (n + most - 1) / most;
    for (int32_t i = 0; i < n_blocks; i++) {
        const int32_t px = n / n_blocks + (i < n % n_blocks);
        b->block(px, nb)(&args);
        args.x += px * args.pixel;
        args.y += px * args.y_pixel;
    }
}

static int32_t group_units(const struct qconv_blocks *b, int32_t channels,
                           int32_t first)
{
    const int32_t left = channels - first;
    return (left < b->group ? left : b->group) / b->lanes;
}

struct forward_run {
    const struct qconv_blocks *b;
    const struct qconv *c;
    int32_t P, Q, n; /* rows, columns, images; flat images may be one row      */
    size_t x_image, y_image;
    const uint8_t *x;
    const unsigned char *packed;
    int32_t *y;
    double *sums;
};

static void add_sums(const float *part, int32_t k0, int32_t n, int32_t Kp, double *sums)
{
    for (int32_t k = 0; k < n; k++) {
        sums[k0 + k] += (double)part[k];
        sums[Kp + k0 + k] += (double)part[QCONV_GROUP_MAX + k];
    }
}

static void forward_group(const struct forward_run *r, int32_t k0, int32_t nb)
{
    const struct qconv *c = r->c;
    const struct layer_shape *s = &c->shape;
    const size_t per_channel =
        (size_t)c->n_taps * (size_t)c->Cx * (size_t)r->b->w_bytes;
    const int32_t *start =
        (const int32_t *)(const void *)(r->packed + per_channel * (size_t)c->Kp);
    float part[2 * QCONV_GROUP_MAX];
    struct qconv_block args = {.pixel = (ptrdiff_t)s->stride_w * c->Cx,
                               .taps = c->taps,
                               .n_taps = c->n_taps,
                               .depth = c->Cx,
                               .w = r->packed + per_channel * (size_t)k0,
                               .w_tap =
                                   (size_t)(c->Cx * nb * r->b->lanes * r->b->w_bytes),
                               .y_pixel = (ptrdiff_t)sizeof(int32_t) * c->Kp,
                               .start = start + k0,
                               .sums = r->sums ? part : NULL};
    for (int32_t i = 0; i < r->n; i++) {
        memset(part, 0, sizeof part);
        for (int32_t p = 0; p < r->P; p++) {
            args.x = r->x + (size_t)i * r->x_image +
                     (size_t)(p * s->stride_h) * (size_t)(c->Wp * c->Cx);
            args.y = (unsigned char *)(r->y + (size_t)i * r->y_image +
                                       (size_t)p * (size_t)r->Q * (size_t)c->Kp + k0);
            run_row(r->b, args, r->Q, nb);
        }
        if (r->sums) add_sums(part, k0, nb * r->b->lanes, c->Kp, r->sums);
    }
}

/* Flat images of fewer pixels than this are run as one row. */
enum { SHORT_ROW = 32 };

void qconv_forward_loop(const struct qconv_blocks *b, const struct qconv *c, int32_t n,
                        const uint8_t *x, const void *packed, int32_t *y, double *sums)
{
    struct forward_run r = {b,          c, c->shape.P, c->shape.Q, n,   c->x_image,
                            c->y_image, x, packed,     y,          sums};
    if (c->is_flat && r.Q < SHORT_ROW) {
        r.Q *= n;
        r.n = 1;
    }
    for (int32_t k0 = 0; k0 < c->Kp; k0 += b->group)
        forward_group(&r, k0, group_units(b, c->Kp, k0));
}

static void data_group(const struct qconv_blocks *b, const struct qconv *c,
                       const struct qconv_phase *ph, const unsigned char *dy,
                       const unsigned char *w, int32_t c0, int32_t nb, float *dx)
{
    const struct layer_shape *s = &c->shape;
    struct qconv_block args = {.pixel = (ptrdiff_t)c->Kp * b->x_bytes,
                               .taps = ph->taps,
                               .n_taps = ph->n_taps,
                               .depth = c->Kp,
                               .w = w,
                               .w_tap = (size_t)(c->Kp * nb * b->lanes * b->w_bytes),
                               .y_pixel =
                                   (ptrdiff_t)sizeof(float) * s->stride_w * c->Cg};
    for (int32_t i = 0; i < ph->n_rows; i++) {
        const int64_t row = ph->row0 + (int64_t)i * s->stride_h;
        args.x = dy + (ptrdiff_t)i * c->Wd * args.pixel;
        args.y = (unsigned char *)(dx + (row * s->W + ph->col0) * c->Cg + c0);
        run_row(b, args, ph->n_cols, nb);
    }
}

void qconv_data_loop(const struct qconv_blocks *b, const struct qconv *c,
                     const void *dy, const void *packed, float *dx)
{
    const size_t per_channel = (size_t)c->n_taps * (size_t)c->Kp * (size_t)b->w_bytes;
    for (int32_t c0 = 0; c0 < c->Cg; c0 += b->group)
        for (int32_t i = 0; i < c->n_phases; i++)
            data_group(b, c, &c->phases[i], dy,
                       (const unsigned char *)packed + per_channel * (size_t)c0, c0,
                       group_units(b, c->Cg, c0), dx);
}

/* ---- weights ---- */

/* Steps after which a block's sums go back to memory: the operands of so many steps
 * stay in a first-level cache while all taps pass over them. */
enum { STEPS_PER_BLOCK = 128, LARGE_DW = 128 * 1024 /* elements: half a 2nd level */ };

struct tile {
    int32_t image, n_images, row, n_rows;
};

static void weights_tap(const struct qconv_wpack *w, const struct qconv *c,
                        struct qconv_wblock args, float *dw)
{
    const unsigned char *x = args.x, *dy = args.dy;
    for (int32_t k = 0, nb; k < c->Kp; k += nb * w->lanes) {
        nb = w->max_nb;
        while (nb * w->lanes > c->Kp - k)
            nb /= 2;
        for (int32_t ch = 0, nc; ch < c->Cx; ch += nc) {
            nc = w->max_nc[nb];
            while (nc > c->Cx - ch)
                nc /= 2;
            args.x = x + (ptrdiff_t)ch * w->bytes;
            args.dy = dy + (ptrdiff_t)k * w->bytes;
            args.dw = dw + (int64_t)ch * c->Kp + k;
            w->block(nc, nb)(&args);
        }
    }
}

static void weights_tile(const struct qconv_wpack *w, const struct qconv *c,
                         const struct tile *t, const struct qconv_scratch *s, float *dw)
{
    const struct layer_shape *l = &c->shape;
    const ptrdiff_t dy_step = (ptrdiff_t)c->Kp * w->bytes;
    const ptrdiff_t x_row = (ptrdiff_t)w->x_row * w->bytes;
    struct qconv_wblock args = {.x_step = (ptrdiff_t)w->x_step * w->bytes,
                                .x_row = l->stride_h * x_row,
                                .x_image = (ptrdiff_t)w->x_image * w->bytes,
                                .dy_step = dy_step,
                                .dy_row = dy_step * w->n_steps,
                                .dy_image = dy_step * w->n_steps * l->P,
                                .n_images = t->n_images,
                                .n_rows = t->n_rows,
                                .n_steps = w->n_steps,
                                .dw_row = c->Kp};
    const unsigned char *x = (const unsigned char *)s->x_pack +
                             t->image * args.x_image + t->row * args.x_row;
    args.dy = (const unsigned char *)s->dy_pack + t->image * args.dy_image +
              t->row * args.dy_row;
    for (int32_t i = 0; i < c->n_taps; i++) {
        args.x = x + i / l->S * x_row + (ptrdiff_t)w->x_column(c, i % l->S) * w->bytes;
        weights_tap(w, c, args, dw + (size_t)i * (size_t)(c->Cx * c->Kp));
    }
}

void qconv_weights_loop(const struct qconv_wpack *w, const struct qconv *c, int32_t n,
                        const struct qconv_scratch *s, float *dw)
{
    const int32_t P = c->shape.P, rows = STEPS_PER_BLOCK / w->n_steps;
    const int32_t per_image = rows < 1 ? 1 : rows > P ? P : rows;
    int32_t images = rows > P ? rows / P : 1;
    if (per_image == P && c->dw_size > LARGE_DW) images = n;
    for (int32_t i = 0; i < n; i += images)
        for (int32_t row = 0; row < P; row += per_image) {
            const struct tile t = {i, n - i < images ? n - i : images, row,
                                   P - row < per_image ? P - row : per_image};
            weights_tile(w, c, &t, s, dw);
        }
}

void qconv_spread_floats(const struct qconv *c, const float *dy, int32_t i,
                         const struct qconv_scratch *s)
{
    const size_t row = sizeof *dy * (size_t)(c->shape.Q * c->Kp);
    memcpy((unsigned char *)s->dy_pack + (size_t)i * s->dy_pack_image, dy,
           sizeof *dy * c->y_image);
    for (int32_t p = 0; p < c->shape.P; p++)
        memcpy((float *)s->dy + ((p + c->dtop) * c->Wd + c->dleft) * c->Kp,
               dy + p * c->shape.Q * c->Kp, row);
}

void qconv_gather(const struct qconv *c, int32_t n_parts, float *dw, float scale,
                  float *gradient)
{
    for (int32_t p = 1; p < n_parts; p++) {
        const float *restrict part = dw + (size_t)p * c->dw_size;
        float *restrict sum = dw;
        for (size_t i = 0; i < c->dw_size; i++)
            sum[i] += part[i];
    }
    const int32_t n = c->shape.C / c->shape.groups;
    for (int32_t k = 0; k < c->shape.K; k++) {
        const int32_t first =
            c->is_depthwise ? 0 : layer_shape_channel(&c->shape, k, 0);
        for (int32_t tap = 0; tap < c->n_taps; tap++)
            for (int32_t ch = first; ch < first + n; ch++)
                *gradient++ =
                    scale *
                    dw[((size_t)tap * (size_t)c->Cw + (size_t)ch) * (size_t)c->Kp +
                       (size_t)k];
    }
}
