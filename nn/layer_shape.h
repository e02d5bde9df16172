/* layer_shape.h -- one layer with weights, as hardware and search see it.
 *
 * Convolution loop dimensions are N K C P Q R S (batch, out-channels,
 * in-channels, out-rows, out-columns, kernel-rows, kernel-columns).  A fully
 * connected layer is a convolution with P = Q = R = S = 1.  On a matrix-vector
 * unit a layer is n_vec = P * Q products of an (MH, MW) matrix and a vector:
 * MH = K, MW = R * S * C, elements ordered (r, s, c), c fastest.
 *
 * groups > 1: channels are cut into as many groups, and output k reads the channels of
 * its own group, k / (K / groups), only: weights (K, R, S, C / groups).  Depthwise:
 * every channel is a group of its own. */
#ifndef NN_LAYER_SHAPE_H
#define NN_LAYER_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

enum { LAYER_NAME_MAX = 64 };

enum layer_op { LAYER_CONV, LAYER_GEMM };

struct layer_shape {
    char name[LAYER_NAME_MAX]; /* ONNX node name, unique in the network         */
    enum layer_op op;
    int32_t K, C; /* out-channels, in-channels                  [1, 65536] */
    int32_t H, W; /* input rows, columns                        [1, 65536] */
    int32_t P, Q; /* output rows, columns                                  */
    int32_t R, S; /* kernel rows, columns                       [1, 31]    */
    int32_t stride_h, stride_w; /*                                   [1, 16]    */
    int32_t pad_top, pad_left, pad_bottom, pad_right; /* zeros       [0, 31]    */
    int32_t groups; /* divides C and K; 1 of a fully connected layer         */
};

int32_t layer_shape_MW(const struct layer_shape *l);      /* R * S * C / groups   */
int32_t layer_shape_MH(const struct layer_shape *l);      /* K                    */
int64_t layer_shape_n_vec(const struct layer_shape *l);   /* P * Q, per image     */
int64_t layer_shape_macs(const struct layer_shape *l);    /* MW * MH * n_vec      */
int64_t layer_shape_weights(const struct layer_shape *l); /* MW * MH            */
/* 1 x 1, stride 1, no padding, one group: the vectors are the input as it lies. */
bool layer_shape_is_pointwise(const struct layer_shape *l);
/* One input and one output channel per group. */
bool layer_shape_is_depthwise(const struct layer_shape *l);
/* Input channel of element i of the vector that output k reads. */
int32_t layer_shape_channel(const struct layer_shape *l, int32_t k, int32_t i);

#endif
