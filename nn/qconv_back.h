/* qconv_back.h -- what the files of the instruction sets bring to struct qconv_isa. */
#ifndef NN_QCONV_BACK_H
#define NN_QCONV_BACK_H

#include "nn/qconv.h"

#define QCONV_FORWARD(name)                                                 \
    void name##_pack(const struct qconv *c, const float *wq, int32_t zero,  \
                     void *packed);                                         \
    void name##_forward(const struct qconv *c, int32_t n, const uint8_t *x, \
                        const void *packed, int32_t *y, double *sums);      \
    double name##_peak(int64_t n, float *sink);
#define QCONV_BACKWARD(name)                                                     \
    void name##_pack(const struct qconv *c, const float *wq, void *packed);      \
    void name##_scratch_bytes(const struct qconv *c, size_t *dy,                 \
                              size_t *dy_pack_image, size_t *x_pack_image);      \
    void name##_data(const struct qconv *c, const struct qconv_scratch *s,       \
                     const void *packed, float *dx);                             \
    void name##_weights(const struct qconv *c, int32_t n, const uint8_t *x,      \
                        int32_t zero, const struct qconv_scratch *s, float *dw); \
    double name##_peak(int64_t n, float *sink);

/* bf16's own; the others leave gradients floats (qconv_spread_floats). */
void qconv_bf16_spread(const struct qconv *c, const float *dy, int32_t i,
                       const struct qconv_scratch *s);

/* Packed weights of depthwise layers are the same in all sets. */
void qconv_depth_pack_forward(const struct qconv *c, const float *wq, int32_t zero,
                              void *packed);
void qconv_depth_pack_backward(const struct qconv *c, const float *wq, void *packed);
extern const struct qconv_isa qconv_depth_avx512, qconv_depth_avx2;

QCONV_FORWARD(qconv_vnni)
QCONV_FORWARD(qconv_madd)
QCONV_BACKWARD(qconv_bf16)
QCONV_BACKWARD(qconv_f32_avx512)
QCONV_BACKWARD(qconv_f32_avx2)

#endif
