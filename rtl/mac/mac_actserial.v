// mac_actserial -- activation-serial dot product: whole weights, one bit of every
// activation per step.
//
//   acc <- (i_first ? 0 : i_shift ? 2 acc : acc) +- sum(w[k] * i_a[k])    when i_en
//
//   i_w, i_a --->[ WBITS x popcount_and ]--->[ adders ]--->[ serial_acc ]---> o_acc
//
//   latency: 1 cycle; rate: SIMD / A products / cycle for A-bit activations, any A >= 1
//   and either sign at run time
// Contract (after Stripes: P. Judd et al., MICRO 2016)
//   A dot product of K pairs is A planes (bit j of every a, j falling), each
//   ceil(K / SIMD) steps.  i_shift is high in the first step of every plane but the
//   first, i_neg in all steps of the sign plane of a signed a.  A bipolar activation is
//   the 2-bit number 11 or 01; a bipolar weight (WBITS = 1, WSIGNED) is a bit, 0 for
//   -1.  Pairs beyond K have a zero activation.
//   o_acc holds the result after the last step.  The order is rtl/mac_unit_serial.c;
//   it is the same for all units of an array.
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
    input  wire [SIMD*WBITS-1:0] i_w,
    input  wire [SIMD-1:0]       i_a,
    output wire [ACC_BITS-1:0]   o_acc
);
    // Bit i of every weight is a plane; its count n[i] enters a Horner scheme:
    //   s[WBITS-1] = n[WBITS-1],  s[i] = n[i] + 2 s[i+1]    (the sign plane: - 2 s[i+1])
    localparam BITS    = $clog2(SIMD + 1);
    localparam BIPOLAR = WBITS == 1 && WSIGNED != 0;

    wire [BITS+WBITS:0] sum;                 // signed
    genvar i, k;
    generate
        for (i = WBITS - 1; i >= 0; i = i - 1) begin : gen_plane
            localparam SUM = BITS + WBITS - i;               // bits of s[i], signed
            wire [SIMD-1:0] w;
            wire [BITS-1:0] n;
            wire [SUM-1:0]  s;
            for (k = 0; k < SIMD; k = k + 1) begin : gen_bit
                assign w[k] = i_w[k*WBITS+i];
            end
            popcount_and #(
                .SIMD(SIMD),
                .BITS(BITS)
            ) u_count (
                .i_w    (w),
                .i_a    (i_a),
                .o_count(n)
            );
            if (i == WBITS - 1) begin : gen_top
                assign s = {1'b0, n};
            end else if (i == WBITS - 2 && WSIGNED != 0) begin : gen_sign
                assign s = {2'b00, n} - {gen_plane[i+1].s, 1'b0};
            end else begin : gen_add
                // A subtraction for the reason given in dot_chain.v.
                wire [SUM:0] t = {{(SUM-BITS){1'b0}}, n, 1'b0} -
                                 {~{gen_plane[i+1].s, 1'b0}, 1'b1};
                wire unused_add = &{1'b0, t[0]};             // always 0
                assign s = t[SUM:1];
            end
        end
        if (BIPOLAR) begin : gen_bipolar     // the ones add, the zeros subtract
            wire [BITS-1:0] down;
            popcount_and #(
                .SIMD(SIMD),
                .BITS(BITS)
            ) u_down (
                .i_w    (~i_w),
                .i_a    (i_a),
                .o_count(down)
            );
            assign sum = {1'b0, gen_plane[0].s} - {2'b00, down};
        end else begin : gen_whole
            assign sum = {gen_plane[0].s[BITS+WBITS-1], gen_plane[0].s};
        end
    endgenerate

    serial_acc #(
        .SUM_BITS(BITS + WBITS + 1),
        .ACC_BITS(ACC_BITS)
    ) u_acc (
        .clk    (clk),
        .i_en   (i_en),
        .i_first(i_first),
        .i_shift(i_shift),
        .i_neg  (i_neg),
        .i_sum  (sum),
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
