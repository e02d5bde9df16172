/* space.c -- from a network, a cost model and a throughput target to
 * cost[layer][wbits][abits].
 *
 * The first layer reads 8-bit pixels, so its activations have 8 bits; its weights
 * and the last layer have a fixed precision by policy.  The requantiser of a layer
 * writes the grid of its reader, which a search has not chosen yet: it is costed at
 * 8 output bits (16 for the logits), the most it can need, and at a shift that is
 * smaller than trained networks have (UNUSED_BITS), so that more bits than needed
 * enter its clip.  The finished accelerator then costs no more than its cells. */
#include "search/space.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct space_options space_defaults(void)
{
    return (struct space_options){
        .w_mask = 0x7e, /* 1..6 bits */
        .a_mask = 0x7c, /* 2..6 bits: 1-bit activations rarely train well */
        .first_w_mask = 1u << 8,
        .last_mask = 1u << 8,
        .target = RTL_XC7,
        .requant_mul = RTL_MUL_DSP,
        .weight_ram = RTL_RAM_LUT,
        .fps = 1000,
        .clock_mhz = 100,
        .max_cycles = INFINITY,
    };
}

/* Signs follow the last ReLU on the way to the layer; pixels are unsigned. */
bool space_input_signed(const struct nn_graph *g, int32_t i_layer)
{
    int32_t n = g->nodes[g->layer_nodes[i_layer]].inputs[0];
    while (g->nodes[n].op == NN_GAP || g->nodes[n].op == NN_SHORTCUT)
        n = g->nodes[n].inputs[0];
    return g->nodes[n].op != NN_INPUT && !g->nodes[n].relu;
}

/* Bits of the worst-case accumulator that data never reach: 2 to 8 in the residual
 * network of configs/networks at 2 to 6 bits; the shift is that much smaller. */
enum { UNUSED_BITS = 8 };

static int assumed_shift(int acc_bits, int out_bits)
{
    int shift = acc_bits + 16 - out_bits; /* the largest, as requant_fold */
    if (shift > REQUANT_MAX_SHIFT) shift = REQUANT_MAX_SHIFT;
    return shift > UNUSED_BITS ? shift - UNUSED_BITS : 1;
}

/* Everything of a layer's unit but its folding. */
static struct mvu_config unfolded(const struct space *s, int32_t i, int w, int a)
{
    const struct nn_node *node = &s->graph->nodes[s->graph->layer_nodes[i]];
    const bool last = i == s->n_layers - 1;
    struct mvu_config m = {
        .MW = layer_shape_MW(&node->shape),
        .MH = layer_shape_MH(&node->shape),
        .PE = 1,
        .SIMD = 1,
        .n_vec = (int32_t)layer_shape_n_vec(&node->shape),
        .wbits = w,
        .abits = a,
        .wsigned = true,
        .asigned = space_input_signed(s->graph, i),
        .out_bits = last ? 16 : 8,
        .out_signed = last || !node->relu,
        .mul = RTL_MUL_LUT,
        .requant_mul = s->opt.requant_mul,
        .weight_ram = s->opt.weight_ram,
    };
    snprintf(m.name, sizeof m.name, "%s", node->name);
    m.acc_bits = quant_acc_bits(m.MW, w, m.wsigned, a, m.asigned);
    m.shift = assumed_shift(m.acc_bits, m.out_bits);
    return m;
}

static void set_masks(struct space *s)
{
    for (int32_t i = 0; i < s->n_layers; i++) {
        s->w_mask[i] = s->opt.w_mask;
        s->a_mask[i] = s->opt.a_mask;
        if (i == s->n_layers - 1) s->w_mask[i] = s->a_mask[i] = s->opt.last_mask;
        if (i == 0) {
            s->w_mask[i] = s->opt.first_w_mask;
            s->a_mask[i] = 1u << QUANT_MAX_BITS;
        }
    }
}

static status select_layers(struct space *s, struct arena *a, struct err *err)
{
    const size_t n = (size_t)s->n_layers;
    const char **names = ARENA_NEW(a, const char *, n + 1);
    s->leader = ARENA_NEW(a, int32_t, n);
    s->same_bits = ARENA_NEW(a, bool, n);
    if (!names || !s->leader || !s->same_bits) return arena_exhausted(err);
    for (size_t i = 0; i < n; i++)
        names[i] = s->graph->nodes[s->graph->layer_nodes[i]].name;
    struct selected l = {s->w_mask, s->a_mask, s->same_bits, s->leader};
    return selectors_apply(s->opt.selectors, names, s->n_layers, &l, a, err);
}

/* Hardware of which only the costs of layers are known has no folding. */
static status table_cell(const struct space *s, int32_t i, struct space_cell *c,
                         struct err *err)
{
    const double weights = (double)c->mvu.MW * c->mvu.MH;
    const double bits2 = (double)c->mvu.wbits * c->mvu.abits;
    for (int m = 0; m < COST_N_METRICS; m++)
        c->est.metric[m] = (struct cost_value){NAN, NAN, NAN, COST_LEVEL_EXACT};
    const double size = weights * c->mvu.wbits / 8;
    const double bitops = weights * c->mvu.n_vec * bits2;
    c->est.metric[COST_SIZE_BYTES] =
        (struct cost_value){size, size, size, COST_LEVEL_EXACT};
    c->est.metric[COST_BITOPS] =
        (struct cost_value){bitops, bitops, bitops, COST_LEVEL_EXACT};
    c->mvu.PE = c->mvu.SIMD = 0;
    return layer_table_cost(s->opt.layers, s->to_table[i], c->mvu.wbits, c->mvu.abits,
                            &c->est, err);
}

static status shared_cell(const struct space *s, int32_t i, struct space_cell *c,
                          struct err *err)
{
    const struct shared_layer l =
        shared_layer_of(nn_graph_layer(s->graph, i), c->mvu.wbits, c->mvu.abits,
                        c->mvu.asigned, i == s->n_layers - 1);
    c->mvu.PE = c->mvu.SIMD = 0;
    return shared_layer_cost(s->opt.shared, &l, s->opt.energy, &c->est, NULL, NULL,
                             err);
}

/* A pair may lack a cost; first is why the first candidate does. */
static status fill_cell(struct space *s, const struct cost_model *model, int32_t i,
                        int w, int a, struct err *first, struct err *err)
{
    struct space_cell *c = &s->cell[i][w][a];
    const bool candidate = (s->w_mask[i] >> w & 1u) && (s->a_mask[i] >> a & 1u);
    c->mvu = unfolded(s, i, w, a);
    struct err why = {.code = ST_OK};
    const status st = s->opt.layers ? table_cell(s, i, c, &why)
                      : s->opt.shared
                          ? shared_cell(s, i, c, &why)
                          : space_fold(model, &s->opt, &c->mvu, &c->est, &why);
    c->known = st == ST_OK;
    if (st == ST_OK || (!candidate && st == ST_RANGE)) return ST_OK;
    if (st != ST_RANGE) return err_set(err, st, "%s", why.msg); /* at any bits */
    if (first->code != ST_OK) return ST_OK;
    if (s->opt.layers)
        err_set(first, st, "%s", why.msg);
    else
        err_set(first, st, "layer %s at %d-bit weights and %d-bit activations: %s",
                c->mvu.name, w, a, why.msg);
    return ST_OK;
}

static status check_options(const struct space_options *o, struct err *err)
{
    if (!o->w_mask || !o->a_mask || o->w_mask & ~0x1feu || o->a_mask & ~0x1feu)
        return err_set(err, ST_RANGE, "expected candidate bits in 1..8");
    if (!(o->fps > 0) || !(o->clock_mhz > 0))
        return err_set(err, ST_RANGE,
                       "expected fps and clock > 0, found %g images/s and %g MHz",
                       o->fps, o->clock_mhz);
    return ST_OK;
}

status space_build(const struct nn_graph *graph, const struct cost_model *model,
                   const struct space_options *opt, struct arena *a, struct space **out,
                   struct err *err)
{
    TRY(check_options(opt, err));
    if (graph->n_layers < 1 || graph->n_layers > NN_MAX_LAYERS)
        return err_set(err, ST_UNSUPPORTED,
                       "network %s: expected 1..%d layers with weights, found %d",
                       graph->name, NN_MAX_LAYERS, (int)graph->n_layers);
    const size_t n = (size_t)graph->n_layers;
    struct space *s = ARENA_NEW(a, struct space, 1);
    if (!s) return arena_exhausted(err);
    s->n_layers = graph->n_layers;
    s->opt = *opt;
    s->graph = graph;
    s->w_mask = ARENA_NEW(a, uint32_t, n);
    s->a_mask = ARENA_NEW(a, uint32_t, n);
    s->cell = arena_alloc(a, n, sizeof *s->cell);
    if (!s->w_mask || !s->a_mask || !s->cell) return arena_exhausted(err);
    if (opt->layers) TRY(layer_table_match(opt->layers, graph, s->to_table, err));
    struct err first = {.code = ST_OK};
    set_masks(s);
    if (opt->selectors) TRY(select_layers(s, a, err));
    for (int32_t i = 0; i < s->n_layers; i++)
        for (int w = 1; w <= QUANT_MAX_BITS; w++)
            for (int b = 1; b <= QUANT_MAX_BITS; b++)
                TRY(fill_cell(s, model, i, w, b, &first, err));
    *out = s;
    return space_keep_priced(s, &first, err);
}

void space_cost(const struct space *s, const struct nn_path *path,
                double cost[COST_N_METRICS])
{
    for (int m = 0; m < COST_N_METRICS; m++)
        cost[m] = 0;
    for (int32_t i = 0; i < s->n_layers; i++) {
        const struct space_cell *c = &s->cell[i][path->wbits[i]][path->abits[i]];
        for (int m = 0; m < COST_N_METRICS; m++) {
            const double v = c->known ? c->est.metric[m].value : NAN;
            if (!cost_metric_is_max((enum cost_metric)m))
                cost[m] += v;
            else if (!(v <= cost[m])) /* a NaN wins, too */
                cost[m] = v;
        }
    }
}

status space_uniform(const struct space *s, int bits, struct nn_path *out,
                     struct err *err)
{
    memset(out, 0, sizeof *out);
    if (bits < 1 || bits > QUANT_MAX_BITS)
        return err_set(err, ST_RANGE, "expected uniform bits in 1..8, found %d", bits);
    for (int32_t i = 0; i < s->n_layers; i++) {
        const bool fixed = i == 0 || i == s->n_layers - 1;
        /* where they are searched, too, a baseline has the most that they may have */
        const int w = fixed ? mask_highest(s->w_mask[i]) : bits;
        const int a = fixed ? mask_highest(s->a_mask[i]) : bits;
        if (!s->cell[i][w][a].known)
            return err_set(err, ST_RANGE,
                           "uniform %d bits: the cost model knows no cost for layer %s",
                           bits, s->cell[i][w][a].mvu.name);
        out->wbits[i] = (uint8_t)w;
        out->abits[i] = (uint8_t)a;
    }
    return ST_OK;
}

/* A limit on what the cost model does not say would be met by nobody. */
static status check_metrics(const struct space *s, const struct budget *b,
                            struct err *err)
{
    for (int m = 0; m < COST_N_METRICS; m++) {
        if (!isfinite(b->limit[m])) continue;
        bool any = false;
        for (int32_t i = 0; i < s->n_layers; i++)
            for (int k = 9; k < 81 && !any; k++) {
                const struct space_cell *c = &s->cell[i][k / 9][k % 9];
                any = c->known && !isnan(c->est.metric[m].value);
            }
        if (any) continue;
        if (m == COST_ENERGY_UJ)
            return err_set(err, ST_USAGE,
                           "a budget for energy_uj needs the profile that energy is "
                           "counted with: give --energy PROFILE.yaml");
        return err_set(err, ST_USAGE, "budget %s: the cost model says nothing of %s%s",
                       cost_metric_names[m], cost_metric_names[m],
                       m == COST_LATENCY_US
                           ? "; layers run one after the other on a shared "
                             "array (--accel) or by a table of layers; "
                             "units that run side by side are "
                             "limited by --fps or a budget of cycles"
                           : "");
    }
    return ST_OK;
}

void space_highest(const struct space *s, struct nn_path *out)
{
    *out = (struct nn_path){{0}, {0}};
    for (int32_t i = 0; i < s->n_layers; i++) {
        out->wbits[i] = (uint8_t)mask_highest(s->w_mask[i]);
        out->abits[i] = (uint8_t)mask_highest(s->a_mask[i]);
    }
}

status space_resolve_budget(const struct space *s, struct budget *b, struct err *err)
{
    for (int m = 0; m < COST_N_METRICS; m++) {
        if (b->relative[m].ratio > 0) {
            struct nn_path path;
            double cost[COST_N_METRICS];
            TRY(space_uniform(s, b->relative[m].bits, &path, err));
            space_cost(s, &path, cost);
            if (!(cost[m] > 0))
                return err_set(err, ST_USAGE,
                               "budget %s: the uniform %d-bit plan costs none, so a "
                               "share of it is no limit",
                               cost_metric_names[m], (int)b->relative[m].bits);
            b->limit[m] = fmin(b->limit[m], b->relative[m].ratio * cost[m]);
            b->relative[m].ratio = 0;
        }
    }
    return check_metrics(s, b, err);
}

static bool is_leader(const struct space *s, int32_t i)
{
    return space_leader(s, i) == i;
}

int32_t space_n_cells(const struct space *s)
{
    int32_t n = 0;
    for (int32_t i = 0; i < s->n_layers; i++) {
        if (!is_leader(s, i)) continue;
        n += mask_count(s->w_mask[i]) > 1;
        n += mask_count(s->a_mask[i]) > 1 && !space_same_bits(s, i);
    }
    return n;
}

double space_log10_size(const struct space *s)
{
    double sum = 0;
    for (int32_t i = 0; i < s->n_layers; i++) {
        if (!is_leader(s, i)) continue;
        sum += log10(mask_count(s->w_mask[i]));
        if (!space_same_bits(s, i)) sum += log10(mask_count(s->a_mask[i]));
    }
    return sum;
}
