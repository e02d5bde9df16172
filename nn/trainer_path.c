/* trainer_path.c -- what one path of precisions means for every tensor of a step. */
#include "nn/quant.h"
#include "nn/trainer_fast.h"

static status check_bits(const struct nn_trainer *t, int32_t i, int bits,
                         const struct tr_step *steps, const char *what, struct err *err)
{
    const char *name = t->layers[i].shape->name;
    if (bits > QUANT_MAX_BITS)
        return err_set(err, ST_RANGE,
                       "layer '%s': expected %s in [1, 8] or 0, found %d", name, what,
                       bits);
    if (bits != NN_FLOAT && !(steps[bits].value > 0))
        return err_set(err, ST_RANGE,
                       "layer '%s': %s = %d has no step yet; calibrate first", name,
                       what, bits);
    return ST_OK;
}

/* Grid of a node's output that is not quantised. */
static struct nn_grid real_grid(const struct nn_node *n, bool relu)
{
    struct nn_grid grid = nn_grid_real(relu);
    if (n->clip > 0) grid.hi = n->clip;
    return grid;
}

static bool reads_pixels(const struct nn_trainer *t, const struct tr_layer *l)
{
    return t->graph->nodes[l->i_in].op == NN_INPUT;
}

/* Real value of code 1 of a node's tensor. */
static float node_step(const struct nn_trainer *t, int32_t i_node)
{
    if (t->graph->nodes[i_node].op == NN_INPUT) return t->graph->input_scale;
    if (t->nodes[i_node].group >= 0) return t->nodes[i_node].grid.step;
    return 1.0f;
}

/* Grids of one layer; the codes of the node it reads serve as its input where they
 * already are on its grid. */
static void set_layer(struct nn_trainer *t, int32_t i)
{
    struct tr_layer *l = &t->layers[i];
    const int wbits = t->path.wbits[i], abits = t->path.abits[i];
    const struct tr_node *in = &t->nodes[l->i_in];
    l->w_grid = wbits ? nn_grid_of(wbits, true, (float)l->w_step[wbits].value)
                      : nn_grid_real(false);
    l->a_grid = abits ? nn_grid_of(abits, l->asigned, (float)l->a_step[abits].value)
                      : real_grid(&t->graph->nodes[l->i_in],
                                  in->reader >= 0 && t->graph->nodes[l->i_in].relu);
    const bool is_code = reads_pixels(t, l) && abits == QUANT_MAX_BITS;
    const bool same_grid =
        (is_code && !l->border) || (in->group >= 0 && !t->is_quantised);
    if (is_code) l->a_grid.step = t->graph->input_scale;
    l->x_used = same_grid ? in->code : l->x;
    l->needs_dx = !reads_pixels(t, l) || (abits != NN_FLOAT && !is_code);
}

static void quantise_weights(void *arg, int i, int i_thread)
{
    struct nn_trainer *t = arg;
    struct tr_layer *l = &t->layers[i];
    (void)i_thread;
    l->n_sums = t->is_fast ? t->fast->layers[i].conv.Kp : l->shape->K;
    nn_lsq_weights(&l->w_grid, l->weights.n, l->weights.value, l->wq);
    if (t->is_fast) fast_pack(t, i);
}

status tr_path_set(struct nn_trainer *t, const struct nn_path *path, struct err *err)
{
    t->path = *path;
    t->is_quantised = false;
    t->is_fast = t->fast != NULL;
    for (int32_t i = 0; i < t->graph->n_layers; i++) {
        const struct tr_layer *l = &t->layers[i];
        TRY(check_bits(t, i, path->wbits[i], l->w_step, "wbits", err));
        if (!(reads_pixels(t, l) && path->abits[i] == QUANT_MAX_BITS))
            TRY(check_bits(t, i, path->abits[i], l->a_step, "abits", err));
        t->is_quantised |= path->wbits[i] != NN_FLOAT || path->abits[i] != NN_FLOAT;
        t->is_fast &= path->wbits[i] != NN_FLOAT && path->abits[i] != NN_FLOAT;
    }
    for (int32_t i = 0; i < t->graph->n_nodes; i++) {
        struct tr_node *node = &t->nodes[i];
        if (node->group < 0) continue;
        const double step = t->groups[node->group].step.value;
        if (t->is_quantised && !(step > 0))
            return err_set(err, ST_RANGE,
                           "node '%s': its residual stream has no step yet; calibrate "
                           "first",
                           t->graph->nodes[i].name);
        node->grid = t->is_quantised
                         ? nn_grid_of(NN_STREAM_BITS, node->is_signed, (float)step)
                         : real_grid(&t->graph->nodes[i], !node->is_signed);
    }
    for (int32_t i = 0; i < t->graph->n_layers; i++)
        set_layer(t, i);
    pool_for(t->pool, t->graph->n_layers, quantise_weights, t);
    tr_pixels_set(t);
    return ST_OK;
}

struct nn_lsq_map tr_input_map(const struct nn_trainer *t, const struct tr_layer *l,
                               int32_t n_images)
{
    float real = node_step(t, l->i_in);
    const struct nn_node *in = &t->graph->nodes[l->i_in];
    if (in->op == NN_GAP) {
        const struct nn_node *pooled = &t->graph->nodes[in->inputs[0]];
        real = node_step(t, in->inputs[0]) / (float)(pooled->H * pooled->W);
    }
    return (struct nn_lsq_map){.rows = n_images,
                               .C = (int32_t)t->nodes[l->i_in].size,
                               .uniform = real / l->a_grid.step,
                               .grid = l->a_grid};
}

struct nn_lsq_map tr_finish_map(const struct nn_trainer *t, int32_t i_node,
                                int32_t n_images)
{
    const struct nn_node *n = &t->graph->nodes[i_node];
    const struct tr_node *node = &t->nodes[i_node];
    const struct tr_layer *l = &t->layers[n->i_layer];
    return (struct nn_lsq_map){.rows = (int64_t)n_images * n->H * n->W,
                               .C = n->C,
                               .scale = l->map_scale,
                               .offset = l->map_offset,
                               .uniform = 1.0f,
                               .grid = node->group >= 0 ? node->grid
                                       : node->reader >= 0
                                           ? t->layers[node->reader].a_grid
                                           : nn_grid_real(false)};
}
