// systolic_control -- control of a systolic array: one delay line, a tap per diagonal.
//
//   {i_.., take, i_en} --+--[ 1 ]--+--[ 1 ]--+-- ..
//                        |         |         |
//                       d = 0     d = 1     d = 2    units (r, c) with r + c = d
//
// Operands meet in unit (r, c) r + c cycles after they came; all units of a
// diagonal do the same step in the same cycle, so they share their control.  A tap is
// {plane, ctl, first, take, en}: en enables the step; take follows the last step of a
// sum by the unit's latency, in the cycle in which o_acc of the unit holds the sum.
// Bits of i_ctl that the unit does not have are 0 in every tap, and so cost nothing.
//
// Cost: LATENCY + X (ROWS + COLS - 2) + 1 FF, X = 3 and the bits of i_ctl (serial units
// 2, fusion 6) and of i_plane, of those that are not constant.

`default_nettype none

module systolic_control #(
    parameter ROWS    = 4,          // >= 1
    parameter COLS    = 4,          // >= 1
    parameter UNIT    = 0,          // as mac_unit
    parameter LATENCY = 1,          // of the unit [cycle], >= 1
    // Diagonals; not to be set.
    parameter TAPS    = ROWS + COLS - 1
) (
    input  wire               clk,
    input  wire               rst,
    input  wire               i_en,
    input  wire               i_first,
    input  wire               i_last,
    input  wire [5:0]         i_ctl,
    input  wire [2:0]         i_plane,
    output wire [TAPS*12-1:0] o_tap,
    output wire [COLS-1:0]    o_taken        // take of the bottom row, a cycle later
);
    localparam [5:0] CTL = UNIT == 4 ? 6'b111111 : UNIT == 2 || UNIT == 3 ? 6'b000011
                         : 6'b000000;

    reg  [LATENCY-1:0] last_q;
    wire [LATENCY:0]   last = {last_q, i_en & i_last};
    reg                end_q;
    always @(posedge clk) begin
        last_q <= last[LATENCY-1:0];
        end_q  <= o_tap[(TAPS-1)*12+1];
        if (rst) begin
            last_q <= {LATENCY{1'b0}};
            end_q  <= 1'b0;
        end
    end

    wire [TAPS:0] take;                      // by diagonal
    assign take[TAPS] = end_q;
    assign o_taken    = take[TAPS:ROWS];
    genvar d;
    generate
        for (d = 0; d < TAPS; d = d + 1) begin : gen_tap
            assign take[d] = o_tap[d*12+1];
            if (d == 0) begin : gen_first
                assign o_tap[0 +: 12] = {i_plane, i_ctl & CTL, i_first, last[LATENCY],
                                         i_en};
            end else begin : gen_delay
                reg [11:0] tap_q;
                always @(posedge clk) begin
                    tap_q <= o_tap[(d-1)*12 +: 12];
                    if (rst) tap_q <= 12'd0;
                end
                assign o_tap[d*12 +: 12] = tap_q;
            end
        end
    endgenerate
    wire unused = &{1'b0, take};             // of the upper rows
endmodule

`default_nettype wire
