// requant -- one lane of requantisation: accumulator to output code.
//
//   o_code = clip((i_acc * i_mul + i_bias) >> SHIFT)
//
//   i_acc, i_mul ->( * )->( + i_bias )->[ register ]->( clip )-> o_code
//
//   latency: 1 cycle (while i_en); rate: 1 word / cycle
// Contract
//   All operands are signed, the sum is exact, >> is the arithmetic shift, and the
//   clip is to the OUT_BITS-bit range, signed or not.  A 1-bit signed output is
//   bipolar: code 1 (+1) where the sum is not negative, else code 0 (-1).
//   As nn/quant.h: requant_apply.
//
// Cost: REQUANT_DSP = 1: the multiplier is written as one, for a DSP48E1 to take with
// its adder and register (two of them if ACC_BITS > 25).  REQUANT_DSP = 0: a chain of
// dot_chain rows in LUTs and ACC_BITS + 19 - SHIFT FF.

`default_nettype none

(* keep_hierarchy *)
module requant #(
    parameter ACC_BITS    = 16,     // [bit], 2 .. 32
    parameter OUT_BITS    = 4,      // [bit], 1 .. 16
    parameter OUT_SIGNED  = 0,      // 0 or 1
    parameter SHIFT       = 17,     // 1 .. 30, SHIFT + OUT_BITS <= ACC_BITS + 18
    parameter REQUANT_DSP = 1       // 0: LUTs, 1: DSP48E1
) (
    input  wire                clk,
    input  wire                i_en,
    input  wire [ACC_BITS-1:0] i_acc,
    input  wire [17:0]         i_mul,
    input  wire [ACC_BITS+17:0] i_bias,
    output wire [OUT_BITS-1:0] o_code
);
    localparam SUM_BITS = ACC_BITS + 19;     // holds every product plus every bias
    localparam KEPT     = SUM_BITS - SHIFT;  // after the shift: > OUT_BITS

    wire [KEPT-1:0] value;

    generate
        if (REQUANT_DSP != 0) begin : gen_dsp
            // Signed, so that the tool sees how few bits each factor has.
            wire signed [SUM_BITS-1:0] acc =
                {{(SUM_BITS-ACC_BITS){i_acc[ACC_BITS-1]}}, i_acc};
            wire signed [SUM_BITS-1:0] mul  = {{(SUM_BITS-18){i_mul[17]}}, i_mul};
            wire signed [SUM_BITS-1:0] bias = {i_bias[ACC_BITS+17], i_bias};
            reg  signed [SUM_BITS-1:0] sum_q;
            always @(posedge clk)
                if (i_en) sum_q <= acc * mul + bias;
            assign value = sum_q[SUM_BITS-1:SHIFT];
            wire unused = &{1'b0, sum_q[SHIFT-1:0]};         // shifted out
        end else begin : gen_lut
            wire [SUM_BITS-1:0] product;
            wire                carry;
            dot_chain #(
                .TERMS   (1),
                .XBITS   (18),
                .XSIGNED (1),
                .YBITS   (ACC_BITS),
                .YSIGNED (1),
                .SUM_BITS(SUM_BITS)
            ) u_product (
                .i_x    (i_mul),
                .i_y    (i_acc),
                .o_sum  (product),
                .o_carry(carry)
            );
            wire [SUM_BITS:0] sum = {product, carry} -
                                    {~{i_bias[ACC_BITS+17], i_bias}, 1'b1};
            reg  [KEPT-1:0] value_q;
            always @(posedge clk)
                if (i_en) value_q <= sum[SUM_BITS:SHIFT+1];
            assign value = value_q;
            wire unused = &{1'b0, sum[SHIFT:0]};             // shifted out
        end

        if (OUT_SIGNED != 0 && OUT_BITS == 1) begin : gen_bipolar
            assign o_code = ~value[KEPT-1];
            wire unused_value = &{1'b0, value[KEPT-2:0]};    // only the sign counts
        end else if (OUT_SIGNED != 0) begin : gen_signed
            wire sign = value[KEPT-1];
            wire fits = value[KEPT-1:OUT_BITS-1] == {(KEPT-OUT_BITS+1){sign}};
            assign o_code = fits ? value[OUT_BITS-1:0] : {sign, {(OUT_BITS-1){~sign}}};
        end else begin : gen_unsigned
            wire sign = value[KEPT-1];
            wire fits;
            if (KEPT > OUT_BITS + 1) begin : gen_above
                assign fits = ~|value[KEPT-2:OUT_BITS];
            end else begin : gen_none
                assign fits = 1'b1;
            end
            assign o_code = sign ? {OUT_BITS{1'b0}}
                          : fits ? value[OUT_BITS-1:0] : {OUT_BITS{1'b1}};
        end

        if (ACC_BITS < 2 || ACC_BITS > 32 || OUT_BITS < 1 || OUT_BITS > 16 ||
            SHIFT < 1 || SHIFT > 30 || SHIFT + OUT_BITS > ACC_BITS + 18)
        begin : gen_guard
            requant_parameter_out_of_range u_stop ();
        end
    endgenerate
endmodule

`default_nettype wire
