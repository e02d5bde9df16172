/* qconv_back.h -- what the files of the instruction sets bring to struct qconv_isa. */
#ifndef NN_QCONV_BACK_H
#define NN_QCONV_BACK_H

#include "nn/qconv.h"

#define QCONV_FORWARD(name)                                                 \
    void name##_pack(const struct qconv *c, const float *wq, int32_t zero,  \
                     void *packed);                                         \
    void name##_forward(const struct qconv *c, int32_t n, const uint8_t *x, \
                        const void *packed, int32_t *y, double *sums);
#define QCONV_BACKWARD(name)                                                \
    void name##_pack(const struct qconv *c, const float *wq, void *packed); \
    void name##_scratch_bytes(const struct qconv *c, size_t *dy,            \
                              size_t *dy_pack_image, size_t *x_pack_image); \
    void name##_spread(const struct qconv *c, const float *dy, int32_t i,   \
                       const struct qconv_scratch *s);                      \
    void name##_data(const struct qconv *c, const struct qconv_scratch *s,  \
                     const void *packed, float *dx);                        \
    void name##_weights(const struct qconv *c, int32_t n, const uint8_t *x, \
                        int32_t zero, const struct qconv_scratch *s, float *dw);

QCONV_FORWARD(qconv_vnni)
QCONV_FORWARD(qconv_madd)
QCONV_BACKWARD(qconv_bf16)
QCONV_BACKWARD(qconv_f32_avx512)
QCONV_BACKWARD(qconv_f32_avx2)

#endif
