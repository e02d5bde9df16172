// mul_matrix -- every multiplier at once: all 64 width pairs, all 4 sign pairs.
//
//   product of the low WBITS of i_w and the low ABITS of i_a, for WBITS, ABITS = 1 .. 8
//   combinational
//
// The product of (WBITS, ABITS, WSIGNED, ASIGNED) is the 17-bit signed number at
//   17 * (((WBITS - 1) * 8 + ABITS - 1) * 4 + WSIGNED * 2 + ASIGNED).

`default_nettype none

module mul_matrix (
    input  wire [7:0]          i_w,
    input  wire [7:0]          i_a,
    output wire [256*17-1:0]   o_products
);
    genvar n;
    generate
        for (n = 0; n < 256; n = n + 1) begin : gen_mul
            localparam WBITS = n / 32 + 1;
            localparam ABITS = n / 4 % 8 + 1;
            wire [16:0] sum;
            wire        carry;
            dot_lut #(
                .SIMD(1), .WBITS(WBITS), .ABITS(ABITS),
                .WSIGNED(n / 2 % 2), .ASIGNED(n % 2), .SUM_BITS(17)
            ) u_dot (
                .i_w(i_w[WBITS-1:0]), .i_a(i_a[ABITS-1:0]),
                .o_sum(sum), .o_carry(carry)
            );
            assign o_products[17*n +: 17] = sum + {16'd0, carry};
        end
    endgenerate
endmodule

`default_nettype wire
