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
//   are mac_unit's, i_last is high in the last step.  The skew is made here: unit (r, c)
//   does a step r + c cycles after it came.
//   Results leave at the top, column c on its own: in the cycle of o_valid[c] the next
//   row's sum, rows in rising order.  Row r of column c comes 2 r + c + LATENCY + 1
//   cycles after its last step came.
//   Two last steps are at least 2 ROWS - 1 cycles apart; then columns of results never
//   meet.  A cycle without i_en is a gap in the steps, at any time; nothing waits for
//   it, and results are taken when they come.
// Cycles: systolic_cycles() in rtl/systolic.h.
//
// Cost beside the units, with X = 3 control bits, of serial units 5, of fusion 9:
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
    wire [(ROWS+COLS-1)*12-1:0] tap;         // by diagonal
    wire [COLS-1:0]             taken;
    systolic_control #(
        .ROWS   (ROWS),
        .COLS   (COLS),
        .UNIT   (UNIT),
        .LATENCY(LATENCY)
    ) u_control (
        .clk    (clk),
        .rst    (rst),
        .i_en   (i_en),
        .i_first(i_first),
        .i_last (i_last),
        .i_ctl  (i_ctl),
        .i_plane(3'd0),
        .o_tap  (tap),
        .o_taken(taken)
    );

    wire [ROWS*COLS*APORT-1:0] acts;         // (r, c)
    systolic_words #(.LINES(ROWS), .UNITS(COLS), .BITS(APORT)) u_acts (
        .clk   (clk),
        .i_word(i_a),
        .o_word(acts)
    );
    wire [COLS*ROWS*WPORT-1:0] weights;      // (c, r)
    systolic_words #(.LINES(COLS), .UNITS(ROWS), .BITS(WPORT)) u_weights (
        .clk   (clk),
        .i_word(i_w),
        .o_word(weights)
    );

    genvar r, c;
    generate
        for (r = 0; r < ROWS; r = r + 1) begin : gen_row
            for (c = 0; c < COLS; c = c + 1) begin : gen_col
                wire [11:0]      x = tap[(r+c)*12 +: 12];
                wire [OPORT-1:0] acc;
                reg  [OPORT-1:0] out_q;
                wire             out_valid;
                wire             unused = &{1'b0, x};        // take, if at the bottom

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
                    .i_ctl  (x[3 +: 6]),
                    .i_w    (weights[(c*ROWS+r)*WPORT +: WPORT]),
                    .i_a    (acts[(r*COLS+c)*APORT +: APORT]),
                    .o_acc  (acc)
                );

                if (r == ROWS - 1) begin : gen_bottom
                    always @(posedge clk) out_q <= acc;
                    assign out_valid = taken[c];
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
