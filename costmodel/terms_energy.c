/* terms_energy.c -- energy per product of the precision that runs (W x A; P products
 * a step, S steps a word).
 *
 * What is switched once a cycle is what is built, so the bits of adders, operands and
 * accumulators return, divided by the products that share them.  Gate delays make an
 * adder switch several times a cycle, the more the later its inputs settle: measured
 * on multiply-accumulators of a standard-cell library, energy with glitches is
 * 1.29 + 0.096 min(W, A) + 0.031 ACC times that without.  Each amount therefore comes
 * again times the depth, the rows and the accumulator's bits that lie before it; a fit
 * of the energy without glitches is free to leave those out. */
#include "costmodel/terms_internal.h"

static double per_product(const struct term_input *in)
{
    return element_steps(in->e) / element_products(in->e);
}
static int32_t run_w(const struct element *e)
{
    return e->op_wbits ? e->op_wbits : e->wbits;
}
static int32_t run_a(const struct element *e)
{
    return e->op_abits ? e->op_abits : e->abits;
}
static double rows_min(const struct term_input *in)
{
    return term_min(run_w(in->e), run_a(in->e));
}

static double step_size(const struct term_input *in) { return per_product(in); }
static double cells_size(const struct term_input *in)
{
    return (double)run_w(in->e) * run_a(in->e);
}
static double cells_min_size(const struct term_input *in)
{
    return cells_size(in) * rows_min(in);
}
static double cells_depth_size(const struct term_input *in)
{
    return cells_size(in) * term_depth(in);
}
static double operands_size(const struct term_input *in)
{
    return run_w(in->e) + run_a(in->e);
}
static double min_size(const struct term_input *in) { return rows_min(in); }
static double acc_size(const struct term_input *in)
{
    return in->e->acc_bits * per_product(in);
}
static double acc_min_size(const struct term_input *in)
{
    return acc_size(in) * rows_min(in);
}
static double acc_depth_size(const struct term_input *in)
{
    return acc_size(in) * term_depth(in);
}
static double acc_acc_size(const struct term_input *in)
{
    return acc_size(in) * in->e->acc_bits;
}
static double adder_bits(const struct term_input *in)
{
    const struct dot_shape *d = &in->dot;
    return d->first_bits + d->narrow_bits + d->low_bits + d->wide_bits + d->tree_bits;
}
static double adders_size(const struct term_input *in)
{
    return adder_bits(in) * per_product(in);
}
static double adders_depth_size(const struct term_input *in)
{
    return adders_size(in) * term_depth(in);
}
static double adders_acc_size(const struct term_input *in)
{
    return adders_size(in) * in->e->acc_bits;
}
static double one_size(const struct term_input *in) { return term_one(in); }
static double weight_size(const struct term_input *in)
{
    return run_w(in->e) * element_steps(in->e);
}
static double weight_tree_size(const struct term_input *in)
{
    return term_tree_bits(in->e->SIMD, in->e->wbits) * per_product(in);
}
static double lanes_acc_size(const struct term_input *in)
{
    return (double)in->e->lanes * in->e->acc_bits * per_product(in);
}

static const struct cost_term parallel_energy[] = {
    {"adders", "adder bits / N", "bit", "each adder bit switches", adders_size},
    {"adders_depth", "adder bits * depth / N", "bit",
     "glitches of adders behind adders", adders_depth_size},
    {"adders_acc", "adder bits * ACC / N", "bit^2", "glitches as carries settle",
     adders_acc_size},
    {"cells", "W*A", "bit^2", "partial-product cells", cells_size},
    {"cells_min", "W*A*min(W,A)", "bit^3", "their glitches, row behind row",
     cells_min_size},
    {"cells_depth", "W*A*depth", "bit^2", "their glitches, adder behind adder",
     cells_depth_size},
    {"operands", "W+A", "bit", "operand inputs", operands_size},
    {"min", "min(W,A)", "bit", "rows", min_size},
    {"acc", "ACC/N", "bit", "accumulator and its clock", acc_size},
    {"acc_min", "ACC*min(W,A)/N", "bit^2", "its glitches behind the rows",
     acc_min_size},
    {"acc_depth", "ACC*depth/N", "bit", "its glitches behind the adders",
     acc_depth_size},
    {"acc_acc", "ACC^2/N", "bit^2", "its glitches along its own carry", acc_acc_size},
    {"one", "1", "", "what every product costs", one_size},
    {"step", "1/N", "", "what every step costs", step_size},
};

static const struct cost_term packed_energy[] = {
    {"cells", "W*A", "bit^2", "partial-product cells", cells_size},
    {"operands", "W+A", "bit", "operand inputs", operands_size},
    {"acc", "L*ACC/P", "bit", "accumulators and their clock", lanes_acc_size},
    {"one", "1", "", "what every product costs", one_size},
    {"step", "1/P", "", "what every step costs", step_size},
};

/* A step of a serial unit handles one bit of one or of both operands, so what costs
 * energy every step costs it S times a product. */
static double steps_size(const struct term_input *in) { return element_steps(in->e); }
static double steps_log_size(const struct term_input *in)
{
    return element_steps(in->e) * term_depth(in);
}
static double acc_log_size(const struct term_input *in) { return acc_depth_size(in); }

static const struct cost_term serial_energy[] = {
    {"bits", "S", "bit", "an AND and a full adder of the count each step", steps_size},
    {"bits_depth", "S*(1+log2 N)", "bit", "their glitches down the tree",
     steps_log_size},
    {"weights", "W*S", "bit^2", "weight bits gated each step", weight_size},
    {"tree", "tree bits * S / N", "bit", "adders of the weights' tree",
     weight_tree_size},
    {"acc", "ACC*S/N", "bit", "accumulator and its clock", acc_size},
    {"acc_depth", "ACC*S*(1+log2 N)/N", "bit", "its glitches behind the tree",
     acc_log_size},
    {"acc_acc", "ACC^2*S/N", "bit^2", "its glitches along its own carry", acc_acc_size},
    {"step", "S/N", "", "what every step costs", step_size},
    {"operands", "W+A", "bit", "bit planes that change once a pass", operands_size},
    {"one", "1", "", "what every product costs", one_size},
};

static const struct cost_term fusion_energy[] = {
    {"step", "1/P", "", "a step of 16 bricks, shared by its products", step_size},
    {"cells", "W*A", "bit^2", "partial-product cells that switch", cells_size},
    {"cells_min", "W*A*min(W,A)", "bit^3", "their glitches", cells_min_size},
    {"operands", "W+A", "bit", "operand inputs and sign handling", operands_size},
    {"min", "min(W,A)", "bit", "rows", min_size},
    {"one", "1", "", "what every product costs: its share of the sums", one_size},
    {"acc", "ACC/P", "bit", "accumulator and its clock", acc_size},
    {"acc_min", "ACC*min(W,A)/P", "bit^2", "its glitches behind the rows",
     acc_min_size},
    {"acc_acc", "ACC^2/P", "bit^2", "its glitches along its own carry", acc_acc_size},
    {"acc_depth", "ACC*(1+log2 N)/P", "bit", "its glitches behind the sums",
     acc_depth_size},
};

const struct cost_term *terms_energy(enum element_module m, int32_t *n)
{
    if (m == ELEMENT_PACKED) {
        *n = TERMS_COUNT(packed_energy);
        return packed_energy;
    }
    if (m == ELEMENT_SERIAL || m == ELEMENT_ACTSERIAL) {
        *n = TERMS_COUNT(serial_energy);
        return serial_energy;
    }
    if (m == ELEMENT_FUSION) {
        *n = TERMS_COUNT(fusion_energy);
        return fusion_energy;
    }
    *n = TERMS_COUNT(parallel_energy);
    return parallel_energy;
}
