// fusion_spread -- packed operands of a fusion unit, spread to its bricks.
//
// One operand of mac_fusion for one unit.  32 packed bits hold the operands of a step,
// each contiguous, in digits of 2 bits; spread, every brick has its own digit.
//
//   AXIS = 0, weights: brick (i, j) takes digit 4 (i / g) + j, g = 1, 2, 4 digits of
//     an activation.  Product (I, J) of mac_fusion is at digit 4 I + (W'/2) J.
//   AXIS = 1, activations: the same with i and j exchanged: product (I, J) is at digit
//     4 J + (A'/2) I.
//
// So the choice depends on the other operand's width alone.  Combinational, 24 LUTs on
// xc7.  It belongs where operands enter an array, once per row or column.

`default_nettype none

module fusion_spread #(
    parameter AXIS = 0              // 0: weights, 1: activations
) (
    input  wire [1:0]  i_fuse,      // of the other operand: {8 bits, 4 or 8 bits}
    input  wire [31:0] i_packed,
    output wire [31:0] o_spread
);
    genvar i, j;
    generate
        for (i = 0; i < 4; i = i + 1) begin : gen_row
            for (j = 0; j < 4; j = j + 1) begin : gen_brick
                localparam BRICK = AXIS == 0 ? 4 * i + j : 4 * j + i;
                assign o_spread[2*BRICK +: 2] =
                    i_fuse[1] ? i_packed[2*j +: 2] :
                    i_fuse[0] ? i_packed[2*(4*(i/2)+j) +: 2] :
                                i_packed[2*(4*i+j) +: 2];
            end
        end
    endgenerate
endmodule

`default_nettype wire
