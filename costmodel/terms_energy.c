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
static int32_t run_min(const struct element *e) { return term_min(run_w(e), run_a(e)); }
static double run_cells(const struct element *e) { return (double)run_w(e) * run_a(e); }
/* The accumulator's bits, of a product's share of the step. */
static double acc_share(const struct term_input *in)
{
    return in->e->acc_bits * per_product(in);
}
/* All adder bits of a dot product but the accumulator's. */
static double adder_share(const struct term_input *in)
{
    return (in->dot.first_bits + term_row_bits(in) + in->dot.tree_bits) *
           per_product(in);
}

/* ---- mac_parallel ---- */

#define PARALLEL_ENERGY(T, P)                                                         \
    T(P, adders, "adder bits / N", "bit", "each adder bit switches", adder_share(in)) \
    T(P, adders_depth, "adder bits * depth / N", "bit",                               \
      "glitches of adders behind adders", adder_share(in) * term_depth(in))           \
    T(P, adders_acc, "adder bits * ACC / N", "bit^2", "glitches as carries settle",   \
      adder_share(in) * e->acc_bits)                                                  \
    T(P, full, "full adders of 1-bit products / N", "",                               \
      "each switches its two outputs", in->compress.full *per_product(in))            \
    T(P, full_log, "the same * (1+log2 N)", "", "their glitches, level behind level", \
      in->compress.full *per_product(in) * term_depth(in))                            \
    T(P, last, "bits of the adder after them / N", "bit",                             \
      "the two words that are left", in->compress.last *per_product(in))              \
    T(P, cells, "W*A", "bit^2", "partial-product cells", run_cells(e))                \
    T(P, cells_min, "W*A*min(W,A)", "bit^3", "their glitches, row behind row",        \
      run_cells(e) * run_min(e))                                                      \
    T(P, cells_depth, "W*A*depth", "bit^2", "their glitches, adder behind adder",     \
      run_cells(e) * term_depth(in))                                                  \
    T(P, operands, "W+A", "bit", "operand inputs", run_w(e) + run_a(e))               \
    T(P, min, "min(W,A)", "bit", "rows", run_min(e))                                  \
    T(P, acc, "ACC/N", "bit", "accumulator and its clock", acc_share(in))             \
    T(P, acc_min, "ACC*min(W,A)/N", "bit^2", "its glitches behind the rows",          \
      acc_share(in) * run_min(e))                                                     \
    T(P, acc_depth, "ACC*depth/N", "bit", "its glitches behind the adders",           \
      acc_share(in) * term_depth(in))                                                 \
    T(P, acc_acc, "ACC^2/N", "bit^2", "its glitches along its own carry",             \
      acc_share(in) * e->acc_bits)                                                    \
    T(P, one, "1", "", "what every product costs", 1)                                 \
    T(P, step, "1/N", "", "what every step costs", per_product(in))

TERMS_DEFINE(parallel_energy, PARALLEL_ENERGY)

/* ---- mac_packed ---- */

#define PACKED_ENERGY(T, P)                                             \
    T(P, cells, "W*A", "bit^2", "partial-product cells", run_cells(e))  \
    T(P, operands, "W+A", "bit", "operand inputs", run_w(e) + run_a(e)) \
    T(P, acc, "L*ACC/P", "bit", "accumulators and their clock",         \
      e->lanes *acc_share(in))                                          \
    T(P, one, "1", "", "what every product costs", 1)                   \
    T(P, step, "1/P", "", "what every step costs", per_product(in))

TERMS_DEFINE(packed_energy, PACKED_ENERGY)

/* ---- mac_serial, mac_actserial ---- */

/* A step of a serial unit handles one bit of one or of both operands, so what costs
 * energy every step costs it S times a product. */
#define SERIAL_ENERGY(T, P)                                                      \
    T(P, bits, "S", "bit", "an AND and a full adder of the count each step",     \
      element_steps(e))                                                          \
    T(P, bits_depth, "S*(1+log2 N)", "bit", "their glitches down the tree",      \
      element_steps(e) * term_depth(in))                                         \
    T(P, weights, "W*S", "bit^2", "weight bits gated each step",                 \
      run_w(e) * element_steps(e))                                               \
    T(P, tree, "tree bits * S / N", "bit", "adders of the weights' tree",        \
      term_tree_bits(e->SIMD, e->wbits) * per_product(in))                       \
    T(P, acc, "ACC*S/N", "bit", "accumulator and its clock", acc_share(in))      \
    T(P, acc_depth, "ACC*S*(1+log2 N)/N", "bit", "its glitches behind the tree", \
      acc_share(in) * term_depth(in))                                            \
    T(P, acc_acc, "ACC^2*S/N", "bit^2", "its glitches along its own carry",      \
      acc_share(in) * e->acc_bits)                                               \
    T(P, step, "S/N", "", "what every step costs", per_product(in))              \
    T(P, operands, "W+A", "bit", "bit planes that change once a pass",           \
      run_w(e) + run_a(e))                                                       \
    T(P, one, "1", "", "what every product costs", 1)

TERMS_DEFINE(serial_energy, SERIAL_ENERGY)

/* ---- mac_fusion ---- */

/* W', A': the operand's digits of 2 bits that a mode has, 1, 2 or 4. */
static int32_t digits(int32_t bits) { return bits <= 2 ? 1 : bits <= 4 ? 2 : 4; }
/* Bits of a product's digits that switch: all of a signed operand, which is extended by
 * its sign; those that it has of an unsigned one, which is extended by zeros. */
static int32_t active(int32_t bits, bool is_signed)
{
    return is_signed ? 2 * digits(bits) : bits;
}
static int32_t active_w(const struct element *e)
{
    return active(run_w(e), e->wsigned);
}
static int32_t active_a(const struct element *e)
{
    return active(run_a(e), e->asigned);
}
static bool is_bipolar(const struct element *e)
{
    return (run_w(e) == 1 && e->wsigned) || (run_a(e) == 1 && e->asigned);
}
/* Cells of all bricks of a product, of which both bits switch. */
static double brick_cells(const struct element *e)
{
    return (double)active_w(e) * active_a(e);
}

#define FUSION_ENERGY(T, P)                                                         \
    T(P, step, "1/P", "", "a step of 16 bricks, shared by its products",            \
      per_product(in))                                                              \
    T(P, bricks, "W'*A'", "", "bricks of a product",                                \
      digits(run_w(e)) * digits(run_a(e)))                                          \
    T(P, weights, "w*A'", "bit", "active weight bits, each in A' bricks",           \
      active_w(e) * digits(run_a(e)))                                               \
    T(P, activations, "a*W'", "bit", "active activation bits, each in W' bricks",   \
      active_a(e) * digits(run_w(e)))                                               \
    T(P, cells, "w*a", "bit^2", "cells of bricks that switch", brick_cells(e))      \
    T(P, cells_digits, "w*a*min(W',A')", "bit^2", "their glitches, sum behind sum", \
      brick_cells(e) * term_min(digits(run_w(e)), digits(run_a(e))))                \
    T(P, bipolar, "w*a if an operand is bipolar", "bit^2",                          \
      "digits that are never 0: every cell switches",                               \
      is_bipolar(e) ? brick_cells(e) : 0)                                           \
    T(P, one, "1", "", "what every product costs: its share of the sums", 1)        \
    T(P, acc, "ACC/P", "bit", "accumulator and its clock", acc_share(in))           \
    T(P, acc_acc, "ACC^2/P", "bit^2", "its glitches along its own carry",           \
      acc_share(in) * e->acc_bits)                                                  \
    T(P, acc_depth, "ACC*(1+log2 N)/P", "bit", "its glitches behind the sums",      \
      acc_share(in) * term_depth(in))

TERMS_DEFINE(fusion_energy, FUSION_ENERGY)
