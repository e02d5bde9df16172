/* onnx_read_internal.h -- the state of reading one ONNX network into a graph.
 *
 * Every tensor name that the file has defined so far is a value: the output of a graph
 * node, perhaps seen flattened, or a constant.  An operator reader turns one ONNX
 * node into a graph node, a change of the node before it (batch norm, ReLU, bias)
 * or only another name for a value. */
#ifndef NN_ONNX_READ_INTERNAL_H
#define NN_ONNX_READ_INTERNAL_H

#include "nn/graph_internal.h"
#include "nn/onnx_file.h"
#include "nn/onnx_ints.h"

/* A quantiser's integers: bits 0 for none. */
struct onnx_grid {
    int bits;
    bool is_signed;
    float step; /* real value of 1 */
};

struct onnx_value {
    const char *name;
    int32_t i_node; /* producer in the graph, -1 for a constant              */
    bool flat;      /* 2-D, (N, C * H * W)                                   */
    bool shared;    /* read more than once, under this or an earlier name    */
    const Onnx__TensorProto *tensor; /* of a constant, else NULL             */
    struct onnx_grid grid;           /* of the quantiser that made it         */
};

struct onnx_reader {
    struct onnx_file f;
    struct arena *a;
    struct nn_graph *g;
    int32_t n_values;
    struct onnx_value *values; /* (n_values), borrowed names                 */
};

typedef status (*onnx_op_reader)(struct onnx_reader *r, const Onnx__NodeProto *n,
                                 struct err *err);

/* ---- core, onnx_read.c ---- */

/* Input i of a node.  ST_PARSE if it is missing or names no earlier tensor. */
status onnx_input(struct onnx_reader *r, const Onnx__NodeProto *n, size_t i,
                  const struct onnx_value **out, struct err *err);
/* The same, where it must be a feature map (not flattened). */
status onnx_input_map(struct onnx_reader *r, const Onnx__NodeProto *n, size_t i,
                      const struct onnx_value **out, struct err *err);
/* The same, where it must be a constant; its elements as finite floats. */
status onnx_input_floats(struct onnx_reader *r, const Onnx__NodeProto *n, size_t i,
                         const Onnx__TensorProto **tensor, float **elems, size_t *count,
                         struct err *err);
/* True if optional input i is there. */
bool onnx_has_input(const Onnx__NodeProto *n, size_t i);

/* Starts a graph node named after n; the caller fills it and calls onnx_end_node,
 * which infers its shape and defines n's output. */
struct nn_node *onnx_begin_node(struct onnx_reader *r, const Onnx__NodeProto *n,
                                enum nn_op op, int32_t n_inputs);
status onnx_end_node(struct onnx_reader *r, const Onnx__NodeProto *n, struct err *err);
/* Defines n's first output as another name for v, flattened if `flat`. */
status onnx_define_alias(struct onnx_reader *r, const Onnx__NodeProto *n,
                         const struct onnx_value *v, bool flat, struct err *err);
status onnx_define_constant(struct onnx_reader *r, const Onnx__NodeProto *n,
                            const Onnx__TensorProto *tensor, struct err *err);
/* Integers of input i, which must be a constant. */
status onnx_input_ints(struct onnx_reader *r, const Onnx__NodeProto *n, size_t i,
                       struct onnx_ints *out, struct err *err);

/* At most LAYER_NAME_MAX - 1 characters of a name, its end if it is longer. */
void onnx_copy_name(char *to, const char *from);

/* ---- the image, onnx_read_input.c ---- */
status onnx_read_image(struct onnx_reader *r, struct err *err);
status onnx_read_metadata(struct onnx_reader *r, struct err *err); /* after it */

/* ---- operators ---- */

/* A window that slides over rows and columns, of a convolution or a pool. */
struct onnx_window {
    int32_t H, W, R, S, stride_h, stride_w;
    int32_t pads[4]; /* top, left, bottom, right: filled by onnx_read_pads        */
};
/* From the attributes pads and auto_pad. */
status onnx_read_pads(struct onnx_reader *r, const Onnx__NodeProto *n,
                      struct onnx_window *w, struct err *err);

/* onnx_read_layers.c */
status onnx_read_conv(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_read_batch_norm(struct onnx_reader *, const Onnx__NodeProto *,
                            struct err *);
status onnx_read_gemm(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_read_matmul(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_read_add(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_read_relu(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
/* onnx_read_quant.c */
status onnx_read_quant(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_read_quantize(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_read_dequantize(struct onnx_reader *, const Onnx__NodeProto *,
                            struct err *);
/* The bits of a layer, from those of its input and weights. */
void onnx_set_given(struct nn_node *node, const struct onnx_value *x,
                    const struct onnx_value *w);
/* ST_UNSUPPORTED if x is quantised; on_stream: but to 8 bits. */
status onnx_check_real(struct onnx_reader *r, const Onnx__NodeProto *n,
                       const struct onnx_value *x, bool on_stream, struct err *err);
/* onnx_read_pool.c */
status onnx_read_max_pool(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_read_clip(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
/* onnx_read_views.c */
status onnx_read_global_pool(struct onnx_reader *, const Onnx__NodeProto *,
                             struct err *);
status onnx_read_average_pool(struct onnx_reader *, const Onnx__NodeProto *,
                              struct err *);
status onnx_read_reduce_mean(struct onnx_reader *, const Onnx__NodeProto *,
                             struct err *);
status onnx_read_flatten(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_read_reshape(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_read_identity(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_read_dropout(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_read_constant(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_read_transpose(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
/* Floats of one value, that of `fill` (NULL: 0); a batch of 0 in the shape is taken for
 * 1. */
status onnx_define_filled(struct onnx_reader *r, const Onnx__NodeProto *n,
                          const struct onnx_ints *shape, const Onnx__TensorProto *fill,
                          struct err *err);
/* onnx_read_shortcut.c */
status onnx_read_slice(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_read_pad(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_read_concat(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
/* n's output: x under a shortcut, which joins the one that x may be. */
status onnx_shortcut(struct onnx_reader *r, const Onnx__NodeProto *n,
                     const struct onnx_value *x, const struct nn_shortcut *s,
                     struct err *err);
/* onnx_read_shapes.c: operators of integers alone, and those that have another meaning
 * for feature maps */
status onnx_read_arithmetic(struct onnx_reader *, const Onnx__NodeProto *,
                            struct err *);
status onnx_read_constant_of_shape(struct onnx_reader *, const Onnx__NodeProto *,
                                   struct err *);
status onnx_read_shape(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_read_gather(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_read_unsqueeze(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_read_squeeze(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_read_cast(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
/* A Slice: parts of `n` axes, one after the other. */
struct onnx_slices {
    size_t n;
    int64_t starts[ONNX_INTS_DIMS], ends[ONNX_INTS_DIMS], axes[ONNX_INTS_DIMS],
        steps[ONNX_INTS_DIMS];
};
status onnx_slice_ints(struct onnx_reader *r, const Onnx__NodeProto *n,
                       const struct onnx_slices *s, struct err *err);
status onnx_concat_ints(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_reshape_ints(struct onnx_reader *, const Onnx__NodeProto *, struct err *);
status onnx_transpose_ints(struct onnx_reader *, const Onnx__NodeProto *, struct err *);

#endif
