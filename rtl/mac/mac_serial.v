// mac_serial -- bit-serial dot product: one bit plane of SIMD pairs per step.
//
//   acc <- (i_first ? 0 : i_shift ? 2 acc : acc) +- popcount(i_w & i_a)   when i_en
//
//   i_w, i_a --->[ popcount_and ]--->[ serial_acc ]---> o_acc
//
//   latency: 1 cycle; rate: SIMD / (W * A) products / cycle for W x A bits, any
//   W, A >= 1 and any signs at run time
// Contract (after BISMO: Y. Umuroglu et al., FPL 2018)
//   A dot product of K pairs is W * A planes (bit i of every w, bit j of every a), each
//   ceil(K / SIMD) steps.  Planes come in falling i + j; i_shift is high in the first
//   step of a plane whose i + j is one less.  i_neg is high in all steps of a plane in
//   which exactly one of the bits is the sign of a two's complement number.  A bipolar
//   operand, -1 or +1, is the 2-bit number 11 or 01.  Pairs beyond K are zero.
//   o_acc holds the result after the last step.  The order is rtl/mac_unit_serial.c;
//   it is the same for all units of an array.
//
// Cost: ACC_BITS FF.

`default_nettype none

(* keep_hierarchy *)
module mac_serial #(
    parameter SIMD     = 32,        // pairs, 1 .. 256
    parameter ACC_BITS = 24         // [bit], 2 .. 32
) (
    input  wire                clk,
    input  wire                i_en,
    input  wire                i_first,
    input  wire                i_shift,
    input  wire                i_neg,
    input  wire [SIMD-1:0]     i_w,
    input  wire [SIMD-1:0]     i_a,
    output wire [ACC_BITS-1:0] o_acc
);
    localparam BITS = $clog2(SIMD + 1);
    wire [BITS-1:0] count;
    popcount_and #(
        .SIMD(SIMD),
        .BITS(BITS)
    ) u_count (
        .i_w    (i_w),
        .i_a    (i_a),
        .o_count(count)
    );

    serial_acc #(
        .SUM_BITS(BITS + 1),
        .ACC_BITS(ACC_BITS)
    ) u_acc (
        .clk    (clk),
        .i_en   (i_en),
        .i_first(i_first),
        .i_shift(i_shift),
        .i_neg  (i_neg),
        .i_sum  ({1'b0, count}),
        .o_acc  (o_acc)
    );

    generate
        if (SIMD < 1 || SIMD > 256 || ACC_BITS < 2 || ACC_BITS > 32) begin : gen_guard
            mac_serial_parameter_out_of_range u_stop ();
        end
    endgenerate
endmodule

`default_nettype wire
