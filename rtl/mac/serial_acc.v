// serial_acc -- accumulator of the bit-serial units: add or subtract, after doubling.
//
//   acc <- (i_first ? 0 : i_shift ? 2 acc : acc) + (i_neg ? -i_sum : i_sum)   when i_en
//
//   latency: 1 cycle; rate: 1 / cycle.  Exact modulo 2^ACC_BITS.
//
// The summand, complemented or not, enters the carry chain directly (as in dot_chain.v)
// and a bit of the rest is one LUT6: two bits of the register, i_first, i_shift and the
// summand.  Complementing the register instead of the summand needs fewer LUT6 but more
// LUT4, and toggles the whole register whenever the sign changes.
//
// A summand wider than the accumulator may be cut, because the result is exact modulo
// 2^ACC_BITS.
//
// Cost: ACC_BITS FF.

`default_nettype none

module serial_acc #(
    parameter SUM_BITS = 4,         // of the summand [bit], >= 1
    parameter ACC_BITS = 24         // [bit], >= 2
) (
    input  wire                clk,
    input  wire                i_en,
    input  wire                i_first,
    input  wire                i_shift,
    input  wire                i_neg,
    input  wire [SUM_BITS-1:0] i_sum,        // signed
    output wire [ACC_BITS-1:0] o_acc
);
    wire [ACC_BITS+SUM_BITS-1:0] wide = {{ACC_BITS{i_sum[SUM_BITS-1]}}, i_sum};
    reg  [ACC_BITS-1:0] acc_q;
    wire [ACC_BITS-1:0] moved = i_shift ? {acc_q[ACC_BITS-2:0], 1'b0} : acc_q;
    wire [ACC_BITS-1:0] kept  = moved & {ACC_BITS{~i_first}};
    wire [ACC_BITS-1:0] sum   = wide[ACC_BITS-1:0] ^ {ACC_BITS{i_neg}};
    wire [ACC_BITS:0]   next  = {sum, i_neg} - {~kept, 1'b1};

    always @(posedge clk)
        if (i_en) acc_q <= next[ACC_BITS:1];

    assign o_acc = acc_q;
    wire unused = &{1'b0, next[0], wide};    // the carry again
endmodule

`default_nettype wire
