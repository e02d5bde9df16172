// mac_fusion -- fusion units of 16 bricks of 2 x 2 bits; precision chosen per step.
//
//   acc <- (i_first ? 0 : acc) + sum(w[k] * a[k])      when i_en
//
//   GROUPED = 0  i_w, i_a -->[ bricks -->[ fusion_tree ] x SIMD ]-->( + )---\
//   GROUPED = 1  i_w, i_a -->[ bricks -->( + over the units ) x 16 ]        |
//                              -->[ fusion_tree ]--------------------------\|
//                                  bias of the mode -->( + )-->( + )-->[ acc ]--> o_acc
//   latency: 1 cycle; rate: SIMD * (8/W') * (8/A') products / cycle
//
// A product of W' x A' bits, W' and A' in {2, 4, 8}, takes W'/2 x A'/2 bricks of a
// unit, so a unit does 1 (8x8) to 16 (2x2) products in a step (H. Sharma et al., Bit
// Fusion, ISCA 2018).  GROUPED = 1 sums the bricks of equal shift over the units first
// and shifts once (S. Ryu et al., BitBlade, DAC 2019).  Same result, same ports.
//
// Control, the same for every unit of an array; it may change from step to step:
//   i_wfuse, i_afuse   2 bits: 00, 4 bits: 01, 8 bits: 11     (of W', of A')
//   i_wsigned, i_asigned   two's complement, else unsigned
// Any width of 1 .. 8 bits runs, zero- or sign-extended to 2, 4 or 8, hence in the
// classes {1,2} {3,4} {5..8}.  A bipolar bit b is the signed 2-bit digit {~b, 1}:
// -1 = 11, +1 = 01; exact, in any mode of the other operand.
//
// Operands come spread to the bricks: digit [32 u + 2 (4 i + j) +: 2] of i_w and i_a is
// what brick (i, j) of unit u multiplies.  With W'/2 = gw and A'/2 = ga digits, that
// brick does digit j mod gw of the weight and i mod ga of the activation of product
// (i / ga, j / gw).  So there is no multiplexer in front of a brick; fusion_spread
// makes this form from packed operands, once at the edge of an array.
//
// Bricks add a bias to stay unsigned (fusion_brick).  Over a step it depends on the
// control alone and is taken away in one addition.
// Contract: as mac_parallel.  Exact if ACC_BITS holds every partial sum.
// Cost: ACC_BITS FF.

`default_nettype none

(* keep_hierarchy *)
module mac_fusion #(
    parameter SIMD     = 1,         // fusion units, 1 .. 16
    parameter ACC_BITS = 24,        // [bit], 2 .. 32
    parameter GROUPED  = 0          // 0 or 1
) (
    input  wire                clk,
    input  wire                i_en,
    input  wire                i_first,
    input  wire [1:0]          i_wfuse,
    input  wire [1:0]          i_afuse,
    input  wire                i_wsigned,
    input  wire                i_asigned,
    input  wire [32*SIMD-1:0]  i_w,
    input  wire [32*SIMD-1:0]  i_a,
    output wire [ACC_BITS-1:0] o_acc
);
    localparam BRICK_MAX = 9;
    localparam UNIT_MAX  = 65025;            // all bricks 9 in an 8 x 8 product
    localparam UNIT_BITS = 16;

    function integer bits(input integer value);
        integer left;
        begin
            bits = 0;
            for (left = value; left > 0; left = left / 2) bits = bits + 1;
        end
    endfunction
    localparam SUM_BITS = bits(UNIT_MAX * SIMD);
    localparam DOT_BITS = SUM_BITS + 1;      // with sign

    // ---- bricks: the highest digit of a signed operand is signed ----
    wire [3:0] ws = {4{i_wsigned}} & {1'b1, ~i_wfuse[0], ~i_wfuse[1], ~i_wfuse[0]};
    wire [3:0] as = {4{i_asigned}} & {1'b1, ~i_afuse[0], ~i_afuse[1], ~i_afuse[0]};
    wire [64*SIMD-1:0] q;                    // unit-major
    wire [SUM_BITS-1:0] sum;
    genvar u, n;
    generate
        for (u = 0; u < SIMD; u = u + 1) begin : gen_unit
            for (n = 0; n < 16; n = n + 1) begin : gen_brick
                fusion_brick u_brick (
                    .i_x (i_a[32*u + 2*n +: 2]),
                    .i_y (i_w[32*u + 2*n +: 2]),
                    .i_xs(as[n/4]),
                    .i_ys(ws[n%4]),
                    .o_q (q[64*u + 4*n +: 4])
                );
            end
        end

        // ---- sum of a step ----
        if (GROUPED != 0) begin : gen_grouped
            localparam Q_BITS = bits(BRICK_MAX * SIMD);
            wire [16*Q_BITS-1:0] group;
            for (n = 0; n < 16; n = n + 1) begin : gen_group
                wire [4*SIMD-1:0] same;
                for (u = 0; u < SIMD; u = u + 1) begin : gen_same
                    assign same[4*u +: 4] = q[64*u + 4*n +: 4];
                end
                sum_tree #(
                    .N        (SIMD),
                    .TERM_BITS(4),
                    .TERM_MAX (BRICK_MAX),
                    .SUM_BITS (Q_BITS)
                ) u_sum (
                    .i_term(same),
                    .o_sum (group[n*Q_BITS +: Q_BITS])
                );
            end
            fusion_tree #(
                .TERMS   (SIMD),
                .Q_BITS  (Q_BITS),
                .SUM_BITS(SUM_BITS)
            ) u_tree (
                .i_wfuse(i_wfuse),
                .i_afuse(i_afuse),
                .i_q    (group),
                .o_sum  (sum)
            );
        end else begin : gen_units
            wire [UNIT_BITS*SIMD-1:0] part;
            for (u = 0; u < SIMD; u = u + 1) begin : gen_tree
                fusion_tree #(
                    .TERMS   (1),
                    .Q_BITS  (4),
                    .SUM_BITS(UNIT_BITS)
                ) u_tree (
                    .i_wfuse(i_wfuse),
                    .i_afuse(i_afuse),
                    .i_q    (q[64*u +: 64]),
                    .o_sum  (part[UNIT_BITS*u +: UNIT_BITS])
                );
            end
            sum_tree #(
                .N        (SIMD),
                .TERM_BITS(UNIT_BITS),
                .TERM_MAX (UNIT_MAX),
                .SUM_BITS (SUM_BITS)
            ) u_sum (
                .i_term(part),
                .o_sum (sum)
            );
        end
    endgenerate

    // ---- bias: minus what the bricks of all products added ----
    // One product adds 2^(W'+A'-1) if an operand is signed, less 2^(W'-1) if w is and
    // 2^(A'-1) if a is (Baugh and Wooley's constants); a unit does 64 / (W' A') of them.
    function integer log2_width(input integer fuse);
        log2_width = fuse >= 2 ? 3 : fuse + 1;
    endfunction
    function [DOT_BITS-1:0] bias_of(input integer control);
        integer lw;
        integer la;
        integer wide;
        integer total;
        begin
            lw = log2_width(control % 4);
            la = log2_width((control / 4) % 4);
            wide = (1 << lw) + (1 << la);
            total = 0;
            if (control / 16 != 0) total = total - (SIMD << (5 + wide - lw - la));
            if ((control / 16) % 2 != 0)
                total = total + (SIMD << (5 + (1 << lw) - lw - la));
            if (control / 32 != 0) total = total + (SIMD << (5 + (1 << la) - lw - la));
            bias_of = total[DOT_BITS-1:0];
        end
    endfunction
    function [63:0] bias_table(input integer place);         // one bit, by control
        integer c;
        for (c = 0; c < 64; c = c + 1)
            bias_table[c] = (bias_of(c) >> place) % 2 != 0;
    endfunction
    localparam LOW = 3;                      // the bias is a multiple of 8
    wire [5:0]            control = {i_asigned, i_wsigned, i_afuse, i_wfuse};
    wire [DOT_BITS-1:LOW] bias;
    generate
        for (n = LOW; n < DOT_BITS; n = n + 1) begin : gen_bias
            localparam [63:0] TABLE = bias_table(n);
            assign bias[n] = TABLE[control];
        end
    endgenerate
    wire [DOT_BITS-LOW:0] high = {1'b0, sum[SUM_BITS-1:LOW], 1'b0} - {~bias, 1'b1};
    wire [DOT_BITS-1:0]   dot  = {high[DOT_BITS-LOW:1], sum[LOW-1:0]};

    // ---- accumulator: a subtraction, see dot_chain ----
    wire [ACC_BITS-1:0] addend;
    generate
        if (ACC_BITS > DOT_BITS) begin : gen_extend
            assign addend = {{(ACC_BITS-DOT_BITS){dot[DOT_BITS-1]}}, dot};
        end else begin : gen_cut
            assign addend = dot[ACC_BITS-1:0];
            wire unused_dot = &{1'b0, dot};                  // modulo 2^ACC_BITS
        end
    endgenerate
    reg  [ACC_BITS-1:0] acc_q;
    wire [ACC_BITS-1:0] kept = acc_q & {ACC_BITS{~i_first}};
    wire [ACC_BITS:0]   next = {addend, 1'b0} - {~kept, 1'b1};

    always @(posedge clk)
        if (i_en) acc_q <= next[ACC_BITS:1];

    assign o_acc = acc_q;
    wire unused = &{1'b0, high[0], next[0]};                 // always 1

    generate
        if (SIMD < 1 || SIMD > 16 || ACC_BITS < 2 || ACC_BITS > 32) begin : gen_guard
            mac_fusion_parameter_out_of_range u_stop ();
        end
    endgenerate
endmodule

`default_nettype wire
