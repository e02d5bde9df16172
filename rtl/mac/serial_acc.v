// serial_acc -- accumulator of the bit-serial units: add or subtract, after doubling.
//
//   acc <- (i_first ? 0 : i_shift ? 2 acc : acc) +- (i_sum + i_carry)     when i_en
//
//   latency: 1 cycle; rate: 1 / cycle
// Contract
//   i_neg   subtract in this step
//   i_flip  i_neg differs from the step before; with i_first: i_neg
//   o_acc is acc after a step without i_neg, and ~acc after one with it, so a sum
//   must end with a step without (plane 0 of a two's complement number is never its
//   sign).  Exact modulo 2^ACC_BITS.
//
// Because b - s = ~(~b + s), the register is complemented instead of the summand,
// whose bits then enter the carry chain directly (as in dot_chain.v).  That leaves
// two bits of the register, the summand and three control pins: one LUT6 per bit,
// where a negated summand costs two.
//
// Cost: ACC_BITS FF.

`default_nettype none

module serial_acc #(
    parameter ACC_BITS = 24         // [bit], >= 2
) (
    input  wire                clk,
    input  wire                i_en,
    input  wire                i_first,
    input  wire                i_shift,
    input  wire                i_neg,
    input  wire                i_flip,
    input  wire [ACC_BITS-1:0] i_sum,
    input  wire                i_carry,
    output wire [ACC_BITS-1:0] o_acc
);
    reg  [ACC_BITS-1:0] acc_q;
    // A doubled number's lowest bit is 0, complemented: i_neg ^ i_flip.
    wire [ACC_BITS-1:0] moved = i_shift ? {acc_q[ACC_BITS-2:0], i_neg ^ i_flip} : acc_q;
    wire [ACC_BITS-1:0] base  = (moved & {ACC_BITS{~i_first}}) ^ {ACC_BITS{i_flip}};
    wire [ACC_BITS:0]   next  = {i_sum, i_carry} - {~base, 1'b1};

    always @(posedge clk)
        if (i_en) acc_q <= next[ACC_BITS:1];

    assign o_acc = acc_q;
    wire unused = &{1'b0, next[0]};          // the carry again
endmodule

`default_nettype wire
