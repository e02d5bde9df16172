/* act_avx512.c -- act_body.h for AVX-512, and by hand what the compiler leaves slow:
 * the passes between bytes and floats. */
#include "nn/act_tables.h"

#if defined(__AVX512F__)
#include <immintrin.h>

#include "nn/act_body.h"

/* Streams are read once: what comes so many elements later is fetched early. */
enum { AHEAD = 1024 };

NN_INLINE void fetch(const void *p) { _mm_prefetch((const char *)p, _MM_HINT_T0); }

struct grid {
    __m512 lo, hi, zero;
    bool is_bipolar;
};

NN_INLINE struct grid grid_of(const struct act_grid *g)
{
    return (struct grid){_mm512_set1_ps(g->lo), _mm512_set1_ps(g->hi),
                         _mm512_set1_ps(g->zero), g->is_bipolar};
}

NN_INLINE __m512 clip_to(const struct grid *g, __m512 u)
{
    return _mm512_min_ps(_mm512_max_ps(u, g->lo), g->hi);
}

/* As to_grid. */
NN_INLINE __m512 round_to(const struct grid *g, __m512 u, bool is_bipolar)
{
    const __m512 one = _mm512_set1_ps(1.0f);
    if (is_bipolar) {
        const __mmask16 up = _mm512_cmp_ps_mask(u, _mm512_setzero_ps(), _CMP_GE_OQ);
        return _mm512_mask_mov_ps(_mm512_set1_ps(-1.0f), up, one);
    }
    const __m512 v = clip_to(g, u);
    const __m512 t = _mm512_roundscale_ps(v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    const __mmask16 up =
        _mm512_cmp_ps_mask(_mm512_sub_ps(v, t), _mm512_set1_ps(0.5f), _CMP_GE_OQ);
    return _mm512_mask_add_ps(t, up, t, one);
}

NN_INLINE __m512 floats_of(const uint8_t *code, __m512 zero)
{
    const __m128i bytes = _mm_loadu_si128((const void *)code);
    return _mm512_sub_ps(_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes)), zero);
}

NN_INLINE void put_bytes(uint8_t *to, __m512 q, __m512 zero)
{
    const __m512i v = _mm512_cvtps_epi32(_mm512_add_ps(q, zero));
    _mm_storeu_si128((void *)to, _mm512_cvtepi32_epi8(v));
}

NN_INLINE __m512 map_at(const struct act_map *m, int32_t c, const int32_t *y)
{
    return _mm512_fmadd_ps(_mm512_cvtepi32_ps(_mm512_loadu_si512(y)),
                           _mm512_loadu_ps(m->scale + c),
                           _mm512_loadu_ps(m->offset + c));
}

NN_INLINE void quantise_loop(const struct act_map *m, int64_t pixels, int32_t C,
                             const int32_t *y, uint8_t *q, bool is_bipolar)
{
    const struct grid g = grid_of(&m->grid);
    for (int64_t i = 0; i < pixels; i++)
        for (int32_t c = 0; c < C; c += LANES, y += LANES, q += LANES) {
            fetch(y + AHEAD);
            put_bytes(q, round_to(&g, map_at(m, c, y), is_bipolar), g.zero);
        }
}

static void fast_quantise(const struct act_map *m, int64_t pixels, int32_t C,
                          const int32_t *y, uint8_t *q)
{
    if (m->grid.is_bipolar)
        quantise_loop(m, pixels, C, y, q, true);
    else
        quantise_loop(m, pixels, C, y, q, false);
}

static void fast_quantise_add(const struct act_map *m, int64_t pixels, int32_t C,
                              const int32_t *y, const uint8_t *other, float other_zero,
                              const struct act_grid *to, uint8_t *sum)
{
    const struct grid g = grid_of(&m->grid), s = grid_of(to);
    const __m512 zero = _mm512_set1_ps(other_zero);
    for (int64_t i = 0; i < pixels; i++)
        for (int32_t c = 0; c < C;
             c += LANES, y += LANES, other += LANES, sum += LANES) {
            fetch(y + AHEAD);
            const __m512 q = round_to(&g, map_at(m, c, y), false);
            const __m512 both = _mm512_add_ps(q, floats_of(other, zero));
            put_bytes(sum, clip_to(&s, both), s.zero);
        }
}

NN_INLINE __mmask16 inside(const struct grid *g, __m512 u, bool is_bipolar)
{
    const __m512 lo = is_bipolar ? _mm512_set1_ps(-2.0f) : g->lo;
    const __m512 hi = is_bipolar ? _mm512_set1_ps(2.0f) : g->hi;
    return _mm512_mask_cmp_ps_mask(_mm512_cmp_ps_mask(u, lo, _CMP_GT_OQ), u, hi,
                                   _CMP_LT_OQ);
}

NN_INLINE double back_requantise_loop(const struct act_grid *to, float uniform,
                                      int64_t n, const uint8_t *code, float zero,
                                      const float *G, bool adds, float *g,
                                      bool is_bipolar)
{
    const struct grid grid = grid_of(to);
    const __m512 factor = _mm512_set1_ps(uniform), z = _mm512_set1_ps(zero);
    __m512 step = _mm512_setzero_ps();
    for (int64_t i = 0; i < n; i += LANES) {
        if (adds) fetch(g + i + AHEAD);
        const __m512 u = _mm512_mul_ps(floats_of(code + i, z), factor);
        const __m512 from = _mm512_loadu_ps(G + i);
        const __mmask16 in = inside(&grid, u, is_bipolar);
        const __m512 q = round_to(&grid, u, is_bipolar);
        step = _mm512_fmadd_ps(from, _mm512_mask_sub_ps(q, in, q, u), step);
        const __m512 old = adds ? _mm512_loadu_ps(g + i) : _mm512_setzero_ps();
        _mm512_storeu_ps(g + i, _mm512_mask_add_ps(old, in, old, from));
    }
    float lanes[LANES];
    _mm512_storeu_ps(lanes, step);
    return total(lanes);
}

static double fast_back_requantise(const struct act_grid *to, float uniform, int64_t n,
                                   const uint8_t *code, float zero, const float *G,
                                   bool adds, float *g)
{
    if (to->is_bipolar)
        return back_requantise_loop(to, uniform, n, code, zero, G, adds, g, true);
    if (adds)
        return back_requantise_loop(to, uniform, n, code, zero, G, true, g, false);
    return back_requantise_loop(to, uniform, n, code, zero, G, false, g, false);
}

static double fast_back_add(const struct act_grid *to, int64_t n, const uint8_t *code,
                            float *G)
{
    const struct grid grid = grid_of(to);
    __m512 step = _mm512_setzero_ps();
    for (int64_t i = 0; i < n; i += LANES) {
        const __m512 y = floats_of(code + i, grid.zero), from = _mm512_loadu_ps(G + i);
        const __mmask16 in = inside(&grid, y, false);
        step = _mm512_mask3_fmadd_ps(y, from, step, (__mmask16)~in);
        _mm512_storeu_ps(G + i, _mm512_maskz_mov_ps(in, from));
    }
    float lanes[LANES];
    _mm512_storeu_ps(lanes, step);
    return total(lanes);
}

/* One block of channels over a tile of pixels, factors in registers. */
NN_INLINE void norm_tile(const struct act_map *m, int64_t pixels, int32_t C, int32_t c,
                         const int32_t *y, const float *G, const struct act_norm *norm,
                         float *dy)
{
    const struct grid g = grid_of(&m->grid);
    const bool is_bipolar = m->grid.is_bipolar;
    const __m512 scale = _mm512_loadu_ps(m->scale + c);
    const __m512 offset = _mm512_loadu_ps(m->offset + c);
    const __m512 mean = _mm512_loadu_ps(norm->mean + c);
    const __m512 k0 = _mm512_loadu_ps(norm->k0 + c), k1 = _mm512_loadu_ps(norm->k1 + c);
    const __m512 k2 = _mm512_loadu_ps(norm->k2 + c);
    for (int64_t at = c; at < pixels * C; at += C) {
        fetch(y + at + AHEAD);
        fetch(G + at + AHEAD);
        const __m512 v = _mm512_cvtepi32_ps(_mm512_loadu_si512(y + at));
        const __m512 u = _mm512_fmadd_ps(v, scale, offset);
        const __m512 pass = _mm512_maskz_loadu_ps(inside(&g, u, is_bipolar), G + at);
        const __m512 rest = _mm512_fmadd_ps(k1, _mm512_sub_ps(v, mean), k2);
        _mm512_storeu_ps(dy + at, _mm512_fmadd_ps(k0, pass, rest));
    }
}

/* Tiles that a first-level cache holds, so that channels can be the outer loop. */
static void fast_back_norm(const struct act_map *m, int64_t pixels, int32_t C,
                           const int32_t *y, const float *G,
                           const struct act_norm *norm, float *dy)
{
    enum { TILE = 2048 /* elements */ };
    if (!m) {
        back_norm(m, pixels, C, y, G, norm, dy);
        return;
    }
    const int64_t tile = C < TILE ? TILE / C : 1;
    for (int64_t i = 0; i < pixels; i += tile)
        for (int32_t c = 0; c < C; c += LANES)
            norm_tile(m, pixels - i < tile ? pixels - i : tile, C, c, y + i * C,
                      G + i * C, norm, dy + i * C);
}

/* What is compiled, but for the passes above. */
const struct act_isa act_avx512 = {.quantise = fast_quantise,
                                   .quantise_add = fast_quantise_add,
                                   .requantise = requantise,
                                   .quantise_floats = quantise_floats,
                                   .add = add,
                                   .pool = pool,
                                   .back_sums = back_sums,
                                   .back_norm = fast_back_norm,
                                   .back_requantise = fast_back_requantise,
                                   .back_add = fast_back_add,
                                   .score = score,
                                   .score_codes = score_codes};
#endif
