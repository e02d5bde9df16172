// fusion_brick -- product of two 2-bit digits, each signed or not, without a sign bit.
//
//   o_q = x * y + bias                                      combinational
//
//   signed digits    none   one   both           bias is the caller's: mac_fusion
//   bias               0      6     4            takes all of them away at once
//
// The partial products in which exactly one factor is a sign bit count negatively.
// They enter inverted (C. R. Baugh, B. A. Wooley, 1973), which replaces -t by ~t - 1.
// So o_q is 0 .. 9 in every case: 4 bits, and an adder tree above needs no sign
// extension.  On LUT6 devices a bit is one LUT.

`default_nettype none

module fusion_brick (
    input  wire [1:0] i_x,
    input  wire [1:0] i_y,
    input  wire       i_xs,         // i_x is signed: -2 .. 1
    input  wire       i_ys,
    output wire [3:0] o_q
);
    wire high  = (i_x[1] & i_y[0]) ^ i_xs;                   // weight 2
    wire low   = (i_x[0] & i_y[1]) ^ i_ys;                   // weight 2
    wire top   = (i_x[1] & i_y[1]) ^ i_xs ^ i_ys;            // weight 4
    wire carry = high & low;

    assign o_q = {top & carry, top ^ carry, high ^ low, i_x[0] & i_y[0]};
endmodule

`default_nettype wire
