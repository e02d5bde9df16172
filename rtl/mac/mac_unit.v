// mac_unit -- any MAC unit under one port list; the C side is rtl/mac_unit.h.
//
//   UNIT  0 mac_parallel  1 mac_packed  2 mac_serial  3 mac_actserial  4 mac_fusion
//
//   i_ctl  serial, actserial: {i_neg, i_shift}; fusion: {i_asigned, i_wsigned, i_afuse,
//          i_wfuse}; others none.  Bits that the unit does not have are ignored.
// Latency, rate and contract are those of the unit.  No logic of its own.

`default_nettype none

module mac_unit #(
    parameter UNIT     = 0,
    parameter SIMD     = 4,         // products per step; fusion: units of 16 bricks
    parameter WBITS    = 4,         // [bit]; not of serial, fusion
    parameter ABITS    = 4,         // [bit]; not of serial, actserial, fusion
    parameter WSIGNED  = 1,
    parameter ASIGNED  = 0,
    parameter ACC_BITS = 16,        // [bit]
    parameter LANES    = 1,         // of packed: dot products that share i_a
    parameter DSP48E2  = 0,         // of packed: which DSP
    parameter GROUPED  = 0,         // of fusion: order of shift and sum
    // Widths [bit]; not to be set.
    parameter WPORT    = UNIT == 1 ? LANES * SIMD * WBITS : UNIT == 2 ? SIMD
                       : UNIT == 4 ? 32 * SIMD : SIMD * WBITS,
    parameter APORT    = UNIT < 2 ? SIMD * ABITS : UNIT == 4 ? 32 * SIMD : SIMD
) (
    input  wire                      clk,
    input  wire                      i_en,
    input  wire                      i_first,
    input  wire [5:0]                i_ctl,
    input  wire [WPORT-1:0]          i_w,
    input  wire [APORT-1:0]          i_a,
    output wire [LANES*ACC_BITS-1:0] o_acc
);
    wire unused = &{1'b0, i_ctl};            // some units need fewer bits

    generate
        if (UNIT == 0) begin : gen_parallel
            mac_parallel #(
                .SIMD    (SIMD),
                .WBITS   (WBITS),
                .ABITS   (ABITS),
                .WSIGNED (WSIGNED),
                .ASIGNED (ASIGNED),
                .ACC_BITS(ACC_BITS)
            ) u_mac (
                .clk    (clk),
                .i_en   (i_en),
                .i_first(i_first),
                .i_w    (i_w),
                .i_a    (i_a),
                .o_acc  (o_acc)
            );
        end else if (UNIT == 1) begin : gen_packed
            mac_packed #(
                .SIMD    (SIMD),
                .LANES   (LANES),
                .WBITS   (WBITS),
                .ABITS   (ABITS),
                .WSIGNED (WSIGNED),
                .ASIGNED (ASIGNED),
                .ACC_BITS(ACC_BITS),
                .DSP48E2 (DSP48E2)
            ) u_mac (
                .clk    (clk),
                .i_en   (i_en),
                .i_first(i_first),
                .i_w    (i_w),
                .i_a    (i_a),
                .o_acc  (o_acc)
            );
        end else if (UNIT == 2) begin : gen_serial
            mac_serial #(
                .SIMD    (SIMD),
                .ACC_BITS(ACC_BITS)
            ) u_mac (
                .clk    (clk),
                .i_en   (i_en),
                .i_first(i_first),
                .i_shift(i_ctl[0]),
                .i_neg  (i_ctl[1]),
                .i_w    (i_w),
                .i_a    (i_a),
                .o_acc  (o_acc)
            );
        end else if (UNIT == 3) begin : gen_actserial
            mac_actserial #(
                .SIMD    (SIMD),
                .WBITS   (WBITS),
                .WSIGNED (WSIGNED),
                .ACC_BITS(ACC_BITS)
            ) u_mac (
                .clk    (clk),
                .i_en   (i_en),
                .i_first(i_first),
                .i_shift(i_ctl[0]),
                .i_neg  (i_ctl[1]),
                .i_w    (i_w),
                .i_a    (i_a),
                .o_acc  (o_acc)
            );
        end else if (UNIT == 4) begin : gen_fusion
            mac_fusion #(
                .SIMD    (SIMD),
                .ACC_BITS(ACC_BITS),
                .GROUPED (GROUPED)
            ) u_mac (
                .clk      (clk),
                .i_en     (i_en),
                .i_first  (i_first),
                .i_wfuse  (i_ctl[1:0]),
                .i_afuse  (i_ctl[3:2]),
                .i_wsigned(i_ctl[4]),
                .i_asigned(i_ctl[5]),
                .i_w      (i_w),
                .i_a      (i_a),
                .o_acc    (o_acc)
            );
        end else begin : gen_unknown
            mac_unit_UNIT_is_unknown u_stop ();
        end
        if (LANES < 1 || ((LANES > 1 || DSP48E2 != 0) && UNIT != 1)) begin : gen_guard_packed
            mac_unit_only_packed_has_LANES_and_DSP48E2 u_stop ();
        end
        if (GROUPED != 0 && UNIT != 4) begin : gen_guard_fusion
            mac_unit_only_fusion_has_GROUPED u_stop ();
        end
    endgenerate
endmodule

`default_nettype wire
