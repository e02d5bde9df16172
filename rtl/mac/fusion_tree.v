// fusion_tree -- 16 brick sums to one, each shifted by its place in its product.
//
//   o_sum = sum(q[i][j] << (2 (i mod A'/2) + 2 (j mod W'/2)))   combinational
//
// i counts digits of the activation, j of the weight, four each; W' and A' are the
// run-time widths 2, 4 or 8.  The shift is a sum of two, so four levels of pairs do:
//
//   level   pairs     joined with          shift if     at most (per term of 9)
//   1       (j)       the next j           W' >= 4: 2       45
//   2       (i)       the next i           A' >= 4: 2      225
//   3       (j, j+1)  the two after them   W' == 8: 4     3825
//   4       (i, i+1)  the two after them   A' == 8: 4    65025
//
// Squares first, because they grow less than rows: 120 LUTs on xc7 for single bricks;
// both levels of j before those of i would take 128.  A level is one carry chain: on
// LUT6 devices the choice of shift is in the adder's own LUTs.

`default_nettype none

module fusion_tree #(
    parameter TERMS    = 1,         // bricks in every q[i][j], 1 .. 16
    parameter Q_BITS   = 4,         // [bit], holds 9 * TERMS
    parameter SUM_BITS = 16         // [bit], as many as 65025 * TERMS has
) (
    input  wire [1:0]           i_wfuse,     // {W' == 8, W' >= 4}
    input  wire [1:0]           i_afuse,
    input  wire [16*Q_BITS-1:0] i_q,         // q[i][j] at 4 i + j
    output wire [SUM_BITS-1:0]  o_sum
);
    function integer bits(input integer value);
        integer left;
        begin
            bits = 0;
            for (left = value; left > 0; left = left / 2) bits = bits + 1;
        end
    endfunction
    localparam B1 = bits(45 * TERMS);
    localparam B2 = bits(225 * TERMS);
    localparam B3 = bits(3825 * TERMS);

    wire [8*B1-1:0] sum1;            // (i, j / 2)
    wire [4*B2-1:0] sum2;            // (i / 2, j / 2)
    wire [2*B3-1:0] sum3;            // (i / 2)
    genvar n;
    generate
        for (n = 0; n < 8; n = n + 1) begin : gen_level1
            fusion_add #(.IN_BITS(Q_BITS), .SHIFT(2), .OUT_BITS(B1)) u_add (
                .i_low  (i_q[(2*n)*Q_BITS +: Q_BITS]),
                .i_high (i_q[(2*n+1)*Q_BITS +: Q_BITS]),
                .i_shift(i_wfuse[0]),
                .o_sum  (sum1[n*B1 +: B1])
            );
        end
        for (n = 0; n < 4; n = n + 1) begin : gen_level2
            localparam AT = 4 * (n / 2) + n % 2;
            fusion_add #(.IN_BITS(B1), .SHIFT(2), .OUT_BITS(B2)) u_add (
                .i_low  (sum1[AT*B1 +: B1]),
                .i_high (sum1[(AT+2)*B1 +: B1]),
                .i_shift(i_afuse[0]),
                .o_sum  (sum2[n*B2 +: B2])
            );
        end
        for (n = 0; n < 2; n = n + 1) begin : gen_level3
            fusion_add #(.IN_BITS(B2), .SHIFT(4), .OUT_BITS(B3)) u_add (
                .i_low  (sum2[(2*n)*B2 +: B2]),
                .i_high (sum2[(2*n+1)*B2 +: B2]),
                .i_shift(i_wfuse[1]),
                .o_sum  (sum3[n*B3 +: B3])
            );
        end
    endgenerate
    fusion_add #(.IN_BITS(B3), .SHIFT(4), .OUT_BITS(SUM_BITS)) u_level4 (
        .i_low  (sum3[0 +: B3]),
        .i_high (sum3[B3 +: B3]),
        .i_shift(i_afuse[1]),
        .o_sum  (o_sum)
    );
endmodule

`default_nettype wire
