// systolic_os -- output-stationary array: ROWS x COLS MAC units, a sum in each.
//
//   out[r][c] = sum over the steps from i_first to i_last of dot(w[c], a[r])
//
//              w[0]    w[1] ..               a moves right, w down, one unit per cycle;
//               v       v                    results move up, also one per cycle
//   a[0] -->  unit --> unit -->
//               v ^     v ^
//   a[1] -->  unit --> unit -->              latency: below; rate: one step / cycle
//
// Contract
//   What comes in one cycle with i_en is one step of mac_unit, for all rows and columns:
//   i_w has the words of COLS weight rows, i_a of ROWS activation rows, i_first and i_ctl
//   are mac_unit's, i_last is high in the last step.  The skew is made here: unit (r, c) does a step r + c cycles after it came.
//   Results leave at the top, column c on its own: in the cycle of o_valid[c] the next
//   row's sum, rows in rising order.  Row r of column c comes 2 r + c + LATENCY + 1
//   cycles after its last step came.
//   Two last steps are at least 2 ROWS - 1 cycles apart; then columns of results never
//   meet.  A cycle without i_en is a gap in the steps, at any time; nothing waits for
//   it, and results are taken when they come.
// Cycles: systolic_cycles() in rtl/systolic.h.
//
// Cost beside the units, with X = 3 control bits, of serial units 6, of fusion 9:
//   FF = LATENCY + X (ROWS + COLS - 2) + 1 + ROWS COLS OPORT + (ROWS - 1) COLS
//      + APORT ROWS ((ROWS - 1) / 2 + COLS - 1) + WPORT COLS ((COLS - 1) / 2 + ROWS - 1)

`default_nettype none

module systolic_os #(
    parameter ROWS     = 4,         // 1 .. 64
    parameter COLS     = 4,         // 1 .. 64
    parameter UNIT     = 0,         // and below: as mac_unit
    parameter SIMD     = 1,
    parameter WBITS    = 8,         // [bit]
    parameter ABITS    = 8,         // [bit]
    parameter WSIGNED  = 1,
    parameter ASIGNED  = 0,
    parameter ACC_BITS = 24,        // [bit]
    parameter LANES    = 1,
    parameter DSP48E2  = 0,
    parameter GROUPED  = 0,
    parameter LATENCY  = 1,         // of the unit [cycle]
    // Widths [bit]; not to be set.
    parameter WPORT    = UNIT == 1 ? LANES * SIMD * WBITS : UNIT == 2 ? SIMD
                       : UNIT == 4 ? 32 * SIMD : SIMD * WBITS,
    parameter APORT    = UNIT < 2 ? SIMD * ABITS : UNIT == 4 ? 32 * SIMD : SIMD,
    parameter OPORT    = LANES * ACC_BITS
) (
    input  wire                  clk,
    input  wire                  rst,
    input  wire                  i_en,
    input  wire                  i_first,
    input  wire                  i_last,
    input  wire [5:0]            i_ctl,
    input  wire [COLS*WPORT-1:0] i_w,
    input  wire [ROWS*APORT-1:0] i_a,
    output wire [COLS-1:0]       o_valid,
    output wire [COLS*OPORT-1:0] o_acc
);
    localparam CTL_BITS = UNIT == 4 ? 6 : UNIT == 2 || UNIT == 3 ? 3 : 0;
    localparam TAPS = ROWS + COLS - 1;       // diagonals of units
    localparam X    = 3 + CTL_BITS;          // {ctl, first, take, en}

    wire [6:0]        all    = {i_ctl, i_first};
    wire              unused = &{1'b0, all};           // units need fewer
    wire [TAPS*X-1:0] tap;
    wire              taken;
    systolic_control #(
        .TAPS     (TAPS),
        .REST_BITS(CTL_BITS + 1),
        .LATENCY  (LATENCY)
    ) u_control (
        .clk    (clk),
        .rst    (rst),
        .i_en   (i_en),
        .i_last (i_last),
        .i_rest (all[CTL_BITS:0]),
        .o_tap  (tap),
        .o_taken(taken)
    );

    wire [COLS-1:0]       late_take;         // of the bottom row, a cycle later
    wire [ROWS*APORT-1:0] edge_a;            // skewed
    wire [COLS*WPORT-1:0] edge_w;
    genvar r, c;
    generate
        for (c = 0; c < COLS; c = c + 1) begin : gen_late
            if (c == COLS - 1) begin : gen_last
                assign late_take[c] = taken;
            end else begin : gen_tapped
                assign late_take[c] = tap[(ROWS+c)*X + 1];
            end
        end
        for (r = 0; r < ROWS; r = r + 1) begin : gen_a
            delay_line #(.WIDTH(APORT), .DEPTH(r)) u_skew (
                .clk   (clk),
                .i_data(i_a[r*APORT +: APORT]),
                .o_data(edge_a[r*APORT +: APORT])
            );
        end
        for (c = 0; c < COLS; c = c + 1) begin : gen_w
            delay_line #(.WIDTH(WPORT), .DEPTH(c)) u_skew (
                .clk   (clk),
                .i_data(i_w[c*WPORT +: WPORT]),
                .o_data(edge_w[c*WPORT +: WPORT])
            );
        end

        for (r = 0; r < ROWS; r = r + 1) begin : gen_row
            for (c = 0; c < COLS; c = c + 1) begin : gen_col
                wire [X-1:0]     x = tap[(r+c)*X +: X];
                wire [APORT-1:0] a;
                wire [WPORT-1:0] w;
                wire [OPORT-1:0] acc;
                reg  [OPORT-1:0] out_q;
                wire             out_valid;
                wire [5:0]       ctl;                // of the unit
                if (CTL_BITS == 0) begin : gen_no_ctl
                    assign ctl = 6'd0;
                end else if (CTL_BITS == 6) begin : gen_ctl
                    assign ctl = x[3 +: 6];
                end else begin : gen_some_ctl
                    assign ctl = {{(6-CTL_BITS){1'b0}}, x[3 +: CTL_BITS]};
                end

                if (c == 0) begin : gen_left
                    assign a = edge_a[r*APORT +: APORT];
                end else begin : gen_from_left
                    reg [APORT-1:0] a_q;
                    always @(posedge clk) a_q <= gen_row[r].gen_col[c-1].a;
                    assign a = a_q;
                end
                if (r == 0) begin : gen_top
                    assign w = edge_w[c*WPORT +: WPORT];
                end else begin : gen_from_top
                    reg [WPORT-1:0] w_q;
                    always @(posedge clk) w_q <= gen_row[r-1].gen_col[c].w;
                    assign w = w_q;
                end

                mac_unit #(
                    .UNIT    (UNIT),
                    .SIMD    (SIMD),
                    .WBITS   (WBITS),
                    .ABITS   (ABITS),
                    .WSIGNED (WSIGNED),
                    .ASIGNED (ASIGNED),
                    .ACC_BITS(ACC_BITS),
                    .LANES   (LANES),
                    .DSP48E2 (DSP48E2),
                    .GROUPED (GROUPED)
                ) u_mac (
                    .clk    (clk),
                    .i_en   (x[0]),
                    .i_first(x[2]),
                    .i_ctl  (ctl),
                    .i_w    (w),
                    .i_a    (a),
                    .o_acc  (acc)
                );

                if (r == ROWS - 1) begin : gen_bottom
                    always @(posedge clk) out_q <= acc;
                    assign out_valid = late_take[c];
                    wire unused_take = &{1'b0, x};           // late_take has it
                end else begin : gen_up
                    reg out_valid_q;
                    always @(posedge clk) begin
                        out_q       <= x[1] ? acc : gen_row[r+1].gen_col[c].out_q;
                        out_valid_q <= x[1] | gen_row[r+1].gen_col[c].out_valid;
                        if (rst) out_valid_q <= 1'b0;
                    end
                    assign out_valid = out_valid_q;
                end
            end
        end
        for (c = 0; c < COLS; c = c + 1) begin : gen_out
            assign o_acc[c*OPORT +: OPORT] = gen_row[0].gen_col[c].out_q;
            assign o_valid[c]              = gen_row[0].gen_col[c].out_valid;
        end
    endgenerate

    generate
        if (ROWS < 1 || ROWS > 64 || COLS < 1 || COLS > 64 || LATENCY < 1) begin : gen_guard
            systolic_os_parameter_out_of_range u_stop ();
        end
    endgenerate
endmodule

`default_nettype wire
