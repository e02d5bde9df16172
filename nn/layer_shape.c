/* layer_shape.c -- sizes that follow from a layer's shape. */
#include "nn/layer_shape.h"

int32_t layer_shape_MW(const struct layer_shape *l)
{
    return l->R * l->S * (l->C / l->groups);
}

int32_t layer_shape_MH(const struct layer_shape *l) { return l->K; }

int64_t layer_shape_n_vec(const struct layer_shape *l) { return (int64_t)l->P * l->Q; }

int64_t layer_shape_weights(const struct layer_shape *l)
{
    return (int64_t)layer_shape_MW(l) * layer_shape_MH(l);
}

int64_t layer_shape_macs(const struct layer_shape *l)
{
    return layer_shape_weights(l) * layer_shape_n_vec(l);
}

bool layer_shape_is_pointwise(const struct layer_shape *l)
{
    return l->groups == 1 && l->R == 1 && l->S == 1 && l->stride_h == 1 &&
           l->stride_w == 1 && l->P == l->H && l->Q == l->W;
}

bool layer_shape_is_depthwise(const struct layer_shape *l)
{
    return l->groups > 1 && l->groups == l->C && l->groups == l->K;
}

int32_t layer_shape_channel(const struct layer_shape *l, int32_t k, int32_t i)
{
    const int32_t per_group = l->C / l->groups;
    return k / (l->K / l->groups) * per_group + i % per_group;
}
