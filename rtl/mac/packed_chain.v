// packed_chain -- packed products of a few pairs, summed by a cascade of DSPs.
//
//   o_p = sum over i of packed(w[.][i]) * a[i]   [+ the sum so far]
//   packed(w) = sum over lanes l of w[l] << l * SPACING
//
//   i_w, i_a --->[ pack ]--->[ DSP 0 ]--->[ DSP 1 ]--- ... --->[ DSP N-1 ]---> o_p
//                                   PCOUT     P of the last one is registered
//   latency: 2 cycles; rate: N * LANES products / cycle
//
// Packing costs no logic (see packed_dsp).  Lane l element i of i_w is
// i_w[(l*N+i)*WBITS +: WBITS].
//   BIASED     2^(SPACING-1) is added to every lane but the top one, so that lanes
//              with signed sums are not negative and borrow nothing from the next
//   OFFSET     N = 1: the lanes below the top one multiply by w + 2^(WBITS-1) >= 0,
//              which saves the pre-adder a bit; C takes 2^(WBITS-1) * a away again
//   ACCUMULATE o_p is the sum since i_first.  DSP48E2: its W input; DSP48E1: through
//              C of the first DSP, and then without the bias

`default_nettype none

module packed_chain #(
    parameter N          = 4,       // pairs = DSPs
    parameter LANES      = 2,
    parameter SPACING    = 18,      // of the lanes [bit]
    parameter WBITS      = 8,
    parameter ABITS      = 8,
    parameter WSIGNED    = 1,
    parameter ASIGNED    = 0,
    parameter DSP_E2     = 0,
    parameter BIASED     = 0,
    parameter OFFSET     = 0,
    parameter ACCUMULATE = 0
) (
    input  wire                     clk,
    input  wire                     i_en,
    input  wire                     i_p_en,  // i_en one cycle later
    input  wire                     i_first,
    input  wire [LANES*N*WBITS-1:0] i_w,
    input  wire [N*ABITS-1:0]       i_a,
    output wire [47:0]              o_p
);
    localparam W_BIPOLAR = WBITS == 1 && WSIGNED != 0;
    localparam A_BIPOLAR = ABITS == 1 && ASIGNED != 0;
    localparam FEEDBACK  = ACCUMULATE != 0 && DSP_E2 == 0;   // through C
    localparam [2:0] NOTHING = 3'd0;
    localparam [2:0] CASCADE = 3'd1;
    localparam [2:0] C       = 3'd3;
    localparam [2:0] HEAD_FIRST = BIASED != 0 || OFFSET != 0 ? C : NOTHING;
    localparam [2:0] HEAD_LATER = FEEDBACK ? C
                                : ACCUMULATE != 0 ? NOTHING : HEAD_FIRST;

    function [47:0] bias(input integer unused_arg);
        integer l;
        begin
            bias = 48'd0;
            for (l = 0; l + 1 < LANES; l = l + 1)
                bias = bias | 48'd1 << (l * SPACING + SPACING - 1);
            if (unused_arg != 0) bias = 48'd0;
        end
    endfunction

    genvar i;
    genvar l;
    generate
        for (i = 0; i < N; i = i + 1) begin : gen_dsp
            wire [26:0]      low;            // low bits of the weights
            wire [26:0]      sign;           // and their signs, to subtract
            wire [ABITS-1:0] a  = i_a[i*ABITS +: ABITS];
            wire             as = ASIGNED != 0 ? a[ABITS-1] : 1'b0;  // its sign
            wire [17:0]      b;
            wire [47:0]      c;
            wire [47:0]      p;
            wire [47:0]      pc_in;
            wire [47:0]      pc_out;

            for (l = 0; l < LANES; l = l + 1) begin : gen_lane
                // The bits of low and sign from this lane to the next.
                localparam AT   = l * SPACING;
                localparam ROOM = l == LANES - 1 ? 27 - AT : SPACING;
                wire [WBITS-1:0] w = i_w[(l*N+i)*WBITS +: WBITS];
                if (W_BIPOLAR) begin : gen_bipolar           // 2 w - 1
                    assign low[AT +: ROOM]  = {{(ROOM-2){1'b0}}, w, 1'b0};
                    assign sign[AT +: ROOM] = {{(ROOM-1){1'b0}}, 1'b1};
                end else if (WSIGNED != 0) begin : gen_signed
                    wire above = OFFSET != 0 && l != LANES - 1;
                    assign low[AT +: ROOM]  = {{(ROOM-WBITS){1'b0}}, above, w[WBITS-2:0]};
                    assign sign[AT +: ROOM] = {{(ROOM-WBITS){1'b0}}, w[WBITS-1],
                                               {(WBITS-1){1'b0}}};
                end else begin : gen_unsigned
                    assign low[AT +: ROOM]  = {{(ROOM-WBITS){1'b0}}, w};
                    assign sign[AT +: ROOM] = {ROOM{1'b0}};
                end
            end

            if (A_BIPOLAR) begin : gen_a_bipolar
                assign b = {{17{~a[0]}}, 1'b1};
            end else begin : gen_a
                assign b = {{(18-ABITS){as}}, a};
            end

            if (i > 0) begin : gen_link
                assign pc_in = gen_dsp[i-1].pc_out;
                assign c     = 48'd0;
            end else if (FEEDBACK) begin : gen_feedback
                assign pc_in = 48'd0;
                assign c     = o_p;
            end else if (OFFSET != 0) begin : gen_offset
                // a << (WBITS-1) in every lane but the top one; a negative lane
                // borrows from the next.
                wire [ABITS-1:0] a_less = a - {{(ABITS-1){1'b0}}, as};
                assign pc_in = 48'd0;
                for (l = 0; l < LANES; l = l + 1) begin : gen_a
                    wire [ABITS-1:0] al = l == 0 ? a : a_less;
                    if (l < LANES - 1) begin : gen_lower
                        assign c[l*SPACING+WBITS-1 +: SPACING] =
                            {{(SPACING-ABITS){as}}, al};
                    end else begin : gen_top
                        assign c[47:l*SPACING+WBITS-1] =
                            {(49-l*SPACING-WBITS){as}};
                    end
                    wire unused = &{1'b0, al};
                end
                if (WBITS > 1) begin : gen_below
                    assign c[WBITS-2:0] = {(WBITS-1){1'b0}};
                end
            end else begin : gen_bias
                assign pc_in = 48'd0;
                assign c     = BIASED != 0 ? bias(0) : 48'd0;
            end

            packed_dsp #(
                .DSP_E2    (DSP_E2),
                .Z_FIRST   (i == 0 ? HEAD_FIRST : CASCADE),
                .Z_LATER   (i == 0 ? HEAD_LATER : CASCADE),
                .C_SUBTRACT(OFFSET),
                .ACCUMULATE(i == N - 1 && ACCUMULATE != 0 && DSP_E2 != 0 ? 1 : 0),
                .P_REG     (i == N - 1 ? 1 : 0)
            ) u_dsp (
                .clk    (clk),
                .i_en   (i_en),
                .i_p_en (i_p_en),
                .i_first(i_first),
                .i_d    (low),
                .i_sub  (sign),
                .i_b    (b),
                .i_c    (c),
                .i_pc   (pc_in),
                .o_p    (p),
                .o_pc   (pc_out)
            );
            wire unused = &{1'b0, as, p, pc_out};    // not all of them have a use
        end
    endgenerate
    assign o_p = gen_dsp[N-1].p;
endmodule

`default_nettype wire
