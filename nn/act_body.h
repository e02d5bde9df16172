/* act_body.h -- the passes of act.h, compiled once for each instruction set by a file
 * that includes this one; ACT_TABLE is what it puts into its table.
 *
 * Everything runs in blocks of LANES channels with a constant trip count, which the
 * compiler turns into vector instructions.  Sums run per lane in single precision over
 * at most one image and are added up in double precision. */
#include <math.h>
#include <string.h>

#include "nn/act.h"
#include "nn/vector.h"

enum { LANES = NN_LANES };
/* An instruction set may have its own of some. */
#define PASS __attribute__((unused))

/* Nearest grid integer, halves up: v - t is exact, v + 0.5f would not be. */
NN_INLINE float to_grid(float u, float lo, float hi, bool is_bipolar)
{
    if (is_bipolar) return u >= 0.0f ? 1.0f : -1.0f;
    const float at_least = u > lo ? u : lo, v = at_least < hi ? at_least : hi;
    const float t = floorf(v);
    return v - t >= 0.5f ? t + 1.0f : t;
}

NN_INLINE uint8_t to_byte(float q, float zero) { return (uint8_t)(int32_t)(q + zero); }

NN_INLINE float of_byte(uint8_t code, float zero)
{
    return (float)(int32_t)code - zero;
}

NN_INLINE double total(const float *sum)
{
    double t = 0;
    for (int l = 0; l < LANES; l++)
        t += (double)sum[l];
    return t;
}

/* ---- forward ---- */

NN_INLINE void quantise_all(const struct act_map *m, int64_t pixels, int32_t C,
                            const int32_t *restrict y, uint8_t *restrict q,
                            bool is_bipolar)
{
    const float *restrict scale = m->scale, *restrict offset = m->offset;
    const float lo = m->grid.lo, hi = m->grid.hi, zero = m->grid.zero;
    for (int64_t i = 0; i < pixels; i++)
        for (int32_t c = 0; c < C; c += LANES, y += LANES, q += LANES)
            for (int l = 0; l < LANES; l++) {
                const float u = (float)y[l] * scale[c + l] + offset[c + l];
                q[l] = to_byte(to_grid(u, lo, hi, is_bipolar), zero);
            }
}

PASS static void quantise(const struct act_map *m, int64_t pixels, int32_t C,
                          const int32_t *y, uint8_t *q)
{
    if (m->grid.is_bipolar)
        quantise_all(m, pixels, C, y, q, true);
    else
        quantise_all(m, pixels, C, y, q, false);
}

PASS static void quantise_add(const struct act_map *m, int64_t pixels, int32_t C,
                              const int32_t *restrict y, const uint8_t *restrict other,
                              float other_zero, const struct act_grid *to,
                              uint8_t *restrict sum)
{
    const float *restrict scale = m->scale, *restrict offset = m->offset;
    const float lo = m->grid.lo, hi = m->grid.hi;
    const float to_lo = to->lo, to_hi = to->hi, to_zero = to->zero;
    for (int64_t i = 0; i < pixels; i++)
        for (int32_t c = 0; c < C; c += LANES, y += LANES, other += LANES, sum += LANES)
            for (int l = 0; l < LANES; l++) {
                const float u = (float)y[l] * scale[c + l] + offset[c + l];
                const float s =
                    to_grid(u, lo, hi, false) + of_byte(other[l], other_zero);
                const float at_least = s > to_lo ? s : to_lo;
                sum[l] = to_byte(at_least < to_hi ? at_least : to_hi, to_zero);
            }
}

NN_INLINE void requantise_all(const struct act_grid *to, float uniform, int64_t n,
                              const uint8_t *restrict code, float zero,
                              uint8_t *restrict q, bool is_bipolar)
{
    const float lo = to->lo, hi = to->hi, to_zero = to->zero;
    for (int64_t i = 0; i < n; i++)
        q[i] = to_byte(to_grid(of_byte(code[i], zero) * uniform, lo, hi, is_bipolar),
                       to_zero);
}

PASS static void requantise(const struct act_grid *to, float uniform, int64_t n,
                            const uint8_t *restrict code, float zero,
                            uint8_t *restrict q)
{
    if (to->is_bipolar)
        requantise_all(to, uniform, n, code, zero, q, true);
    else
        requantise_all(to, uniform, n, code, zero, q, false);
}

PASS static void quantise_floats(const struct act_grid *to, float uniform, int64_t n,
                                 const float *restrict x, uint8_t *restrict q)
{
    const float lo = to->lo, hi = to->hi, zero = to->zero;
    const bool is_bipolar = to->is_bipolar;
    for (int64_t i = 0; i < n; i++)
        q[i] = to_byte(to_grid(x[i] * uniform, lo, hi, is_bipolar), zero);
}

PASS static void add(const struct act_grid *to, int64_t n, const uint8_t *a,
                     float a_zero, const uint8_t *b, float b_zero, uint8_t *sum)
{
    const float lo = to->lo, hi = to->hi, zero = to->zero, both = a_zero + b_zero;
    for (int64_t i = 0; i < n; i++) {
        const float s = (float)((int32_t)a[i] + (int32_t)b[i]) - both;
        const float at_least = s > lo ? s : lo;
        sum[i] = to_byte(at_least < hi ? at_least : hi, zero);
    }
}

PASS static void pool(int32_t pixels, int32_t C, const uint8_t *code, float zero,
                      float *sum)
{
    for (int32_t c = 0; c < C; c += LANES, code += LANES, sum += LANES) {
        int32_t s[LANES] = {0};
        for (int32_t i = 0; i < pixels; i++)
            for (int l = 0; l < LANES; l++)
                s[l] += code[(int64_t)i * C + l];
        for (int l = 0; l < LANES; l++)
            sum[l] = (float)s[l] - zero * (float)pixels;
    }
}

/* ---- backward ---- */

/* One block: passes G where u is inside, and adds to the step's gradient. */
struct ends {
    float lo, hi, in_lo, in_hi; /* of the grid; between which u is inside       */
};

NN_INLINE struct ends ends_of(const struct act_grid *g)
{
    return (struct ends){g->lo, g->hi, g->is_bipolar ? -2.0f : g->lo,
                         g->is_bipolar ? 2.0f : g->hi};
}

NN_INLINE float pass_one(const struct ends *e, float u, float G, float *step,
                         bool is_bipolar)
{
    const bool inside = (u > e->in_lo) & (u < e->in_hi);
    const float q = to_grid(u, e->lo, e->hi, is_bipolar);
    *step += G * (q - (inside ? u : 0.0f));
    return inside ? G : 0.0f;
}

NN_INLINE void map_block(const struct act_map *m, int32_t c, const int32_t *y, float *u)
{
    for (int l = 0; l < LANES; l++)
        u[l] = (float)y[l] * m->scale[c + l] + m->offset[c + l];
}

/* One block of channels, all pixels. */
/* Without a map (is_plain) everything is inside. */
NN_INLINE double back_sums_block(const struct act_map *m, int64_t pixels, int32_t C,
                                 const int32_t *restrict y, const float *restrict G,
                                 const float *restrict mean, float *restrict sums,
                                 bool is_plain, bool is_bipolar)
{
    float step[LANES] = {0}, a[LANES] = {0}, b[LANES] = {0}, k[LANES], o[LANES];
    struct ends e = {0, 0, 0, 0};
    if (!is_plain) e = ends_of(&m->grid);
    for (int l = 0; l < LANES; l++) {
        k[l] = is_plain ? 0 : m->scale[l];
        o[l] = is_plain ? 0 : m->offset[l];
    }
    for (int64_t i = 0; i < pixels; i++, y += C, G += C)
        for (int l = 0; l < LANES; l++) {
            const float v = (float)y[l];
            const float g =
                is_plain ? G[l]
                         : pass_one(&e, v * k[l] + o[l], G[l], &step[l], is_bipolar);
            a[l] += g;
            b[l] += g * (v - mean[l]);
        }
    for (int l = 0; l < LANES; l++) {
        sums[l] += a[l];
        sums[C + l] += b[l];
    }
    return total(step);
}

PASS static double back_sums(const struct act_map *m, int64_t pixels, int32_t C,
                             const int32_t *y, const float *G, const float *mean,
                             float *sums)
{
    double step = 0;
    for (int32_t c = 0; c < C; c += LANES) {
        struct act_map part = {0};
        if (m) part = (struct act_map){m->scale + c, m->offset + c, m->grid};
        if (!m)
            back_sums_block(&part, pixels, C, y + c, G + c, mean + c, sums + c, true,
                            false);
        else if (m->grid.is_bipolar)
            step += back_sums_block(&part, pixels, C, y + c, G + c, mean + c, sums + c,
                                    false, true);
        else
            step += back_sums_block(&part, pixels, C, y + c, G + c, mean + c, sums + c,
                                    false, false);
    }
    return step;
}

NN_INLINE void back_norm_all(const struct act_map *m, int64_t pixels, int32_t C,
                             const int32_t *restrict y, const float *restrict G,
                             const struct act_norm *norm, float *restrict dy,
                             bool is_plain)
{
    const float *restrict scale = is_plain ? NULL : m->scale;
    const float *restrict offset = is_plain ? NULL : m->offset;
    const float *restrict mean = norm->mean, *restrict k0 = norm->k0;
    const float *restrict k1 = norm->k1, *restrict k2 = norm->k2;
    struct ends e = {0, 0, 0, 0};
    if (!is_plain) e = ends_of(&m->grid);
    for (int64_t i = 0; i < pixels; i++)
        for (int32_t c = 0; c < C; c += LANES, y += LANES, G += LANES, dy += LANES)
            for (int l = 0; l < LANES; l++) {
                const float v = (float)y[l];
                const float u = is_plain ? 0 : v * scale[c + l] + offset[c + l];
                const bool inside = is_plain || ((u > e.in_lo) & (u < e.in_hi));
                dy[l] = k0[c + l] * (inside ? G[l] : 0.0f) +
                        (k1[c + l] * (v - mean[c + l]) + k2[c + l]);
            }
}

PASS static void back_norm(const struct act_map *m, int64_t pixels, int32_t C,
                           const int32_t *y, const float *G,
                           const struct act_norm *norm, float *dy)
{
    static const struct act_map none = {NULL, NULL, {false, 0, 0, 0}};
    if (m)
        back_norm_all(m, pixels, C, y, G, norm, dy, false);
    else
        back_norm_all(&none, pixels, C, y, G, norm, dy, true);
}

NN_INLINE double back_requantise_all(const struct act_grid *to, float uniform,
                                     int64_t n, const uint8_t *restrict code,
                                     float zero, const float *restrict G, bool adds,
                                     float *restrict g, bool is_bipolar)
{
    float step[LANES] = {0};
    const struct ends e = ends_of(to);
    for (int64_t i = 0; i < n; i += LANES)
        for (int l = 0; l < LANES; l++) {
            const float pass = pass_one(&e, of_byte(code[i + l], zero) * uniform,
                                        G[i + l], &step[l], is_bipolar);
            g[i + l] = adds ? g[i + l] + pass : pass;
        }
    return total(step);
}

PASS static double back_requantise(const struct act_grid *to, float uniform, int64_t n,
                                   const uint8_t *code, float zero, const float *G,
                                   bool adds, float *g)
{
    if (to->is_bipolar)
        return back_requantise_all(to, uniform, n, code, zero, G, adds, g, true);
    if (adds) return back_requantise_all(to, uniform, n, code, zero, G, true, g, false);
    return back_requantise_all(to, uniform, n, code, zero, G, false, g, false);
}

PASS static double back_add(const struct act_grid *grid, int64_t n,
                            const uint8_t *restrict code, float *restrict G)
{
    const float lo = grid->lo, hi = grid->hi, zero = grid->zero;
    float sum[LANES] = {0};
    for (int64_t i = 0; i < n; i += LANES)
        for (int l = 0; l < LANES; l++) {
            const float y = of_byte(code[i + l], zero), from = G[i + l];
            const bool inside = (y > lo) & (y < hi);
            sum[l] += y * (inside ? 0.0f : from);
            G[i + l] = inside ? from : 0.0f;
        }
    return total(sum);
}

/* ---- scores ---- */

/* A tie may go either way here: nothing but the score depends on it. */
NN_INLINE void score_block(const struct act_candidate *k, const float *u,
                           const float *G, float *sum)
{
    const float ratio = k->ratio, lo = k->lo, hi = k->hi;
    if (k->is_bipolar) {
        for (int l = 0; l < LANES; l++)
            sum[l] += u[l] * ratio >= 0.0f ? G[l] : -G[l];
        return;
    }
    for (int l = 0; l < LANES; l++) {
        const float v = u[l] * ratio, at_least = v > lo ? v : lo;
        const float clipped = at_least < hi ? at_least : hi;
        sum[l] += G[l] * (k->is_real ? clipped : floorf(clipped + 0.5f));
    }
}

NN_INLINE void score_all(const float *u, const float *G, int32_t n,
                         const struct act_candidate *k, float sums[][LANES])
{
    for (int32_t i = 0; i < n; i++)
        score_block(&k[i], u, G, sums[i]);
}

PASS static void score(const struct act_map *m, int64_t pixels, int32_t C,
                       const int32_t *y, const float *G, int32_t n_candidates,
                       const struct act_candidate *candidates, double *scores)
{
    float sums[ACT_MAX_CANDIDATES][LANES] = {{0}};
    for (int64_t i = 0; i < pixels; i++)
        for (int32_t c = 0; c < C; c += LANES, y += LANES, G += LANES) {
            float u[LANES];
            map_block(m, c, y, u);
            score_all(u, G, n_candidates, candidates, sums);
        }
    for (int32_t i = 0; i < n_candidates; i++)
        scores[i] += total(sums[i]);
}

PASS static void score_codes(float uniform, int64_t n, const uint8_t *code, float zero,
                             const float *G, int32_t n_candidates,
                             const struct act_candidate *candidates, double *scores)
{
    float sums[ACT_MAX_CANDIDATES][LANES] = {{0}};
    for (int64_t i = 0; i < n; i += LANES) {
        float u[LANES];
        for (int l = 0; l < LANES; l++)
            u[l] = of_byte(code[i + l], zero) * uniform;
        score_all(u, G + i, n_candidates, candidates, sums);
    }
    for (int32_t i = 0; i < n_candidates; i++)
        scores[i] += total(sums[i]);
}

#define ACT_TABLE                                                                  \
    {                                                                              \
        quantise, quantise_add, requantise, quantise_floats, add, pool, back_sums, \
            back_norm, back_requantise, back_add, score, score_codes               \
    }
