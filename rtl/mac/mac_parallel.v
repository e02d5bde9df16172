// mac_parallel -- dot product of SIMD pairs per cycle, accumulated.
//
//   acc <- (i_first ? 0 : acc) + sum(w[i] * a[i])      when i_en
//
//   i_w, i_a --->[ dot_lut ]--->( + )--->[ acc ]---> o_acc
//                                 ^_________|
//   latency: 1 cycle; rate: SIMD products / cycle
// Contract
//   o_acc holds the sum since the last i_first until the next i_en.  Element i is
//   i_w[i*WBITS +: WBITS] and i_a[i*ABITS +: ABITS]; 1-bit signed is bipolar.
//   Exact if ACC_BITS holds every partial sum (mac_config_check asks for it).
//
// Cost: ACC_BITS FF; one less if both operands are bipolar and SIMD is even, because
// then every sum is even.

`default_nettype none

(* keep_hierarchy *)
module mac_parallel #(
    parameter SIMD     = 4,         // pairs, 1 .. 64
    parameter WBITS    = 4,         // [bit], 1 .. 8
    parameter ABITS    = 4,         // [bit], 1 .. 8
    parameter WSIGNED  = 1,         // 0 or 1
    parameter ASIGNED  = 0,         // 0 or 1
    parameter ACC_BITS = 16         // [bit], 2 .. 32
) (
    input  wire                  clk,
    input  wire                  i_en,
    input  wire                  i_first,
    input  wire [SIMD*WBITS-1:0] i_w,
    input  wire [SIMD*ABITS-1:0] i_a,
    output wire [ACC_BITS-1:0]   o_acc
);
    localparam EVEN = WBITS == 1 && WSIGNED != 0 && ABITS == 1 && ASIGNED != 0 &&
                      SIMD % 2 == 0;
    localparam LOW  = EVEN ? 1 : 0;          // constant bits below the register

    wire [ACC_BITS-1:0] sum;
    wire                carry;
    dot_lut #(
        .SIMD    (SIMD),
        .WBITS   (WBITS),
        .ABITS   (ABITS),
        .WSIGNED (WSIGNED),
        .ASIGNED (ASIGNED),
        .SUM_BITS(ACC_BITS)
    ) u_dot (
        .i_w    (i_w),
        .i_a    (i_a),
        .o_sum  (sum),
        .o_carry(carry)
    );

    // A subtraction, so that `sum` enters the carry chain directly: see dot_chain.
    reg  [ACC_BITS-1:LOW] acc_q;
    wire [ACC_BITS-1:LOW] kept = acc_q & {(ACC_BITS-LOW){~i_first}};
    wire [ACC_BITS-LOW:0] next = {sum[ACC_BITS-1:LOW], carry} - {~kept, 1'b1};

    always @(posedge clk)
        if (i_en) acc_q <= next[ACC_BITS-LOW:1];

    wire unused = &{1'b0, next[0]};          // the carry again
    generate
        if (EVEN) begin : gen_even
            assign o_acc = {acc_q, 1'b0};
            wire unused_low = &{1'b0, sum[0]};               // always 0
        end else begin : gen_any
            assign o_acc = acc_q;
        end
    endgenerate

    generate
        if (SIMD < 1 || WBITS < 1 || WBITS > 8 || ABITS < 1 || ABITS > 8 ||
            ACC_BITS < 2 || ACC_BITS > 32) begin : gen_guard
            mac_parallel_parameter_out_of_range u_stop ();
        end
    endgenerate
endmodule

`default_nettype wire
