// fusion_add -- two partial products joined to one product, or just added.
//
//   o_sum = i_low + (i_high << (i_shift ? SHIFT : 0))       combinational
//
// One carry chain; written as a subtraction, so that i_low enters it directly and the
// choice of shift shares a LUT with the adder: see dot_chain.

`default_nettype none

module fusion_add #(
    parameter IN_BITS  = 4,         // [bit]
    parameter SHIFT    = 2,         // [bit]
    parameter OUT_BITS = 6          // [bit], >= IN_BITS + SHIFT
) (
    input  wire [IN_BITS-1:0]  i_low,
    input  wire [IN_BITS-1:0]  i_high,
    input  wire                i_shift,
    output wire [OUT_BITS-1:0] o_sum
);
    wire [OUT_BITS-1:0] low   = {{(OUT_BITS-IN_BITS){1'b0}}, i_low};
    wire [OUT_BITS-1:0] plain = {{(OUT_BITS-IN_BITS){1'b0}}, i_high};
    wire [OUT_BITS-1:0] high  = i_shift ? {plain[OUT_BITS-SHIFT-1:0], {SHIFT{1'b0}}}
                                        : plain;
    wire [OUT_BITS:0]   s      = {low, 1'b0} - {~high, 1'b1};
    wire                unused = &{1'b0, s[0]};              // always 1
    assign o_sum = s[OUT_BITS:1];
endmodule

`default_nettype wire
