// systolic_control -- control of a systolic array: one delay line, a tap per diagonal.
//
//   {i_rest, i_last, i_en} --+--[ 1 ]--+--[ 1 ]--+-- ..
//                               |         |         |
//                              d = 0     d = 1     d = 2    units (r, c) with r + c = d
//
// Operands meet in unit (r, c) r + c cycles after they came; all units of a
// diagonal do the same step in the same cycle, so they share their control.  A tap is
// {rest, take, valid}: valid enables the step; take follows the last step of a sum by
// the unit's latency, in the cycle in which o_acc of the unit holds the sum.
//
// Cost: LATENCY + (TAPS - 1) * (REST_BITS + 2) + 1 FF.

`default_nettype none

module systolic_control #(
    parameter TAPS      = 7,        // diagonals, >= 1
    parameter REST_BITS = 1,        // [bit], >= 1
    parameter LATENCY   = 1         // of the unit [cycle], >= 1
) (
    input  wire                          clk,
    input  wire                          rst,
    input  wire                          i_en,
    input  wire                          i_last,
    input  wire [REST_BITS-1:0]          i_rest,
    output wire [TAPS*(REST_BITS+2)-1:0] o_tap,
    output wire                          o_taken     // take of the last tap, a cycle later
);
    localparam BITS = REST_BITS + 2;

    reg  [LATENCY-1:0] taken_q;
    wire [LATENCY:0]   taken = {taken_q, i_en & i_last};
    reg                end_q;
    always @(posedge clk) begin
        taken_q <= taken[LATENCY-1:0];
        end_q   <= o_tap[(TAPS-1)*BITS + 1];
        if (rst) begin
            taken_q <= {LATENCY{1'b0}};
            end_q   <= 1'b0;
        end
    end
    assign o_taken = end_q;

    genvar d;
    generate
        for (d = 0; d < TAPS; d = d + 1) begin : gen_tap
            if (d == 0) begin : gen_first
                assign o_tap[0 +: BITS] = {i_rest, taken[LATENCY], i_en};
            end else begin : gen_delay
                reg [BITS-1:0] tap_q;
                always @(posedge clk) begin
                    tap_q <= o_tap[(d-1)*BITS +: BITS];
                    if (rst) tap_q <= {BITS{1'b0}};
                end
                assign o_tap[d*BITS +: BITS] = tap_q;
            end
        end
    endgenerate
endmodule

`default_nettype wire
