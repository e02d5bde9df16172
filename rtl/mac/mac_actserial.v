// mac_actserial -- activation-serial dot product: whole weights, one bit of every
// activation per step.
//
//   acc <- (i_first ? 0 : i_shift ? 2 acc : acc) +- sum(w[k] * i_a[k])    when i_en
//
//   i_w, i_a --->[ dot_lut, 1-bit a ]--->[ serial_acc ]---> o_acc
//
//   latency: 1 cycle; rate: SIMD / A products / cycle for A-bit activations, any A >= 1
//   and either sign at run time
// Contract (after Stripes: P. Judd et al., MICRO 2016)
//   A dot product of K pairs is A planes (bit j of every a, j falling), each
//   ceil(K / SIMD) steps.  i_shift is high in the first step of every plane but the
//   first, i_neg in all steps of the sign plane of a signed a, i_flip where i_neg
//   changes (with i_first: i_neg).  A bipolar activation is the 2-bit number 11 or 01;
//   a bipolar weight (WBITS = 1, WSIGNED) is a bit, 0 for -1.  Pairs beyond K have a
//   zero activation.
//   o_acc holds the result after the last step; between steps it may be complemented.
//   The order is rtl/mac_unit_serial.c; it is the same for all units of an array.
//
// Cost: ACC_BITS FF.

`default_nettype none

(* keep_hierarchy *)
module mac_actserial #(
    parameter SIMD     = 8,         // pairs, 1 .. 64
    parameter WBITS    = 4,         // [bit], 1 .. 8
    parameter WSIGNED  = 1,         // 0 or 1
    parameter ACC_BITS = 24         // [bit], 2 .. 32
) (
    input  wire                  clk,
    input  wire                  i_en,
    input  wire                  i_first,
    input  wire                  i_shift,
    input  wire                  i_neg,
    input  wire                  i_flip,
    input  wire [SIMD*WBITS-1:0] i_w,
    input  wire [SIMD-1:0]       i_a,
    output wire [ACC_BITS-1:0]   o_acc
);
    wire [ACC_BITS-1:0] sum;
    wire                carry;
    dot_lut #(
        .SIMD    (SIMD),
        .WBITS   (WBITS),
        .ABITS   (1),
        .WSIGNED (WSIGNED),
        .ASIGNED (0),
        .SUM_BITS(ACC_BITS)
    ) u_dot (
        .i_w    (i_w),
        .i_a    (i_a),
        .o_sum  (sum),
        .o_carry(carry)
    );

    serial_acc #(
        .ACC_BITS(ACC_BITS)
    ) u_acc (
        .clk    (clk),
        .i_en   (i_en),
        .i_first(i_first),
        .i_shift(i_shift),
        .i_neg  (i_neg),
        .i_flip (i_flip),
        .i_sum  (sum),
        .i_carry(carry),
        .o_acc  (o_acc)
    );

    generate
        if (SIMD < 1 || SIMD > 64 || WBITS < 1 || WBITS > 8 || ACC_BITS < 2 ||
            ACC_BITS > 32) begin : gen_guard
            mac_actserial_parameter_out_of_range u_stop ();
        end
    endgenerate
endmodule

`default_nettype wire
