// systolic_ws -- weight-stationary array: ROWS x COLS MAC units, a weight word in each.
//
//   out[c] = sum over r of dot(w[r][c], a[r])        for every activation word
//
//            w[..][0]  w[..][1]              loading: w moves down;
//               v       v                    running: a moves right, sums move down,
//   a[0] -->  unit --> unit -->              one unit per cycle
//               v       v
//   a[1] -->  unit --> unit -->              latency: below; rate: one step / cycle
//               v       v
//            out[0]  out[1]
//
// Contract
//   Loading, i_load: ROWS * DEPTH words per column enter at the top; the word that goes
//   to row r and plane d is number (ROWS - 1 - r) * DEPTH + DEPTH - 1 - d.  DEPTH is 1
//   but for serial units, which hold a plane of the weights in each word.  All steps
//   have left the array before: ROWS + COLS - 1 cycles after the last one came.
//   Running: what comes in one cycle with i_en is one step of mac_unit: i_a has the
//   words of ROWS slices of the dot product, i_first, i_last and i_ctl say which step it
//   is, i_plane which word of the weights it needs.  The skew is made here.
//   Results leave at the bottom, column c on its own: o_valid[c] comes ROWS + c +
//   LATENCY cycles after the last step of the sum came.  A dot product that is longer
//   than the array is high is added up by the consumer.
//   A cycle without i_en is a gap in the steps, at any time; nothing waits for it, and
//   results are taken when they come.
// Cycles: systolic_cycles() in rtl/systolic.h.
//
// Cost beside the units, with X = 3 control bits, of serial units 6, of fusion 9, and
// the bits of i_plane where DEPTH > 1:
//   FF = LATENCY + X (ROWS + COLS - 2) + 1 + ROWS COLS OPORT
//      + APORT ROWS ((ROWS - 1) / 2 + COLS - 1) + WPORT DEPTH ROWS COLS

`default_nettype none

module systolic_ws #(
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
    parameter DEPTH    = 1,         // weight words per unit, 1 .. 8
    // Widths [bit]; not to be set.
    parameter WPORT    = UNIT == 1 ? LANES * SIMD * WBITS : UNIT == 2 ? SIMD
                       : UNIT == 4 ? 32 * SIMD : SIMD * WBITS,
    parameter APORT    = UNIT < 2 ? SIMD * ABITS : UNIT == 4 ? 32 * SIMD : SIMD,
    parameter OPORT    = LANES * ACC_BITS,
    parameter PLANE    = DEPTH > 4 ? 3 : DEPTH > 2 ? 2 : 1
) (
    input  wire                  clk,
    input  wire                  rst,
    input  wire                  i_en,
    input  wire                  i_load,
    input  wire [COLS*WPORT-1:0] i_w,
    input  wire                  i_first,
    input  wire                  i_last,
    input  wire [5:0]            i_ctl,
    input  wire [PLANE-1:0]      i_plane,
    input  wire [ROWS*APORT-1:0] i_a,
    output wire [COLS-1:0]       o_valid,
    output wire [COLS*OPORT-1:0] o_acc
);
    localparam CTL_BITS = UNIT == 4 ? 6 : UNIT == 2 || UNIT == 3 ? 3 : 0;
    localparam REST_BITS = CTL_BITS + 1 + (DEPTH > 1 ? PLANE : 0);
    localparam TAPS = ROWS + COLS - 1;       // diagonals of units
    localparam X    = 2 + REST_BITS;         // {plane, ctl, first, take, en}

    wire [6:0]           all    = {i_ctl, i_first};
    wire                 unused = &{1'b0, all, i_plane};   // units need fewer
    wire [REST_BITS-1:0] rest;
    wire [TAPS*X-1:0]    tap;
    wire                 taken;
    systolic_control #(
        .TAPS     (TAPS),
        .REST_BITS(REST_BITS),
        .LATENCY  (LATENCY)
    ) u_control (
        .clk    (clk),
        .rst    (rst),
        .i_en   (i_en),
        .i_last (i_last),
        .i_rest (rest),
        .o_tap  (tap),
        .o_taken(taken)
    );

    wire [COLS-1:0]       late_take;         // of the bottom row, a cycle later
    wire [ROWS*APORT-1:0] edge_a;            // skewed
    genvar r, c;
    generate
        if (DEPTH > 1) begin : gen_plane
            assign rest = {i_plane, all[CTL_BITS:0]};
        end else begin : gen_no_plane
            assign rest = all[CTL_BITS:0];
        end
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

        for (r = 0; r < ROWS; r = r + 1) begin : gen_row
            for (c = 0; c < COLS; c = c + 1) begin : gen_col
                wire [X-1:0]           x = tap[(r+c)*X +: X];
                wire [APORT-1:0]       a;
                wire [WPORT-1:0]       w;            // of this step
                wire [WPORT-1:0]       w_above;
                wire [OPORT-1:0]       acc;
                reg  [DEPTH*WPORT-1:0] w_q;
                reg  [OPORT-1:0]       out_q;
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
                    assign w_above = i_w[c*WPORT +: WPORT];
                end else begin : gen_from_top
                    assign w_above = gen_row[r-1].gen_col[c].w_q[(DEPTH-1)*WPORT +: WPORT];
                end
                if (DEPTH == 1) begin : gen_word
                    always @(posedge clk)
                        if (i_load) w_q <= w_above;
                    assign w = w_q;
                end else begin : gen_words
                    always @(posedge clk)
                        if (i_load)
                            w_q <= {w_q[(DEPTH-1)*WPORT-1:0], w_above};
                    wire [(1<<PLANE)*WPORT-1:0] words =
                        {{((1<<PLANE)-DEPTH)*WPORT{1'b0}}, w_q};
                    assign w = words[x[3+CTL_BITS +: PLANE]*WPORT +: WPORT];
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

                if (r == 0) begin : gen_sum_first
                    always @(posedge clk)
                        if (x[1]) out_q <= acc;
                end else begin : gen_sum
                    genvar k;
                    for (k = 0; k < LANES; k = k + 1) begin : gen_lane
                        wire [ACC_BITS-1:0] above =
                            gen_row[r-1].gen_col[c].out_q[k*ACC_BITS +: ACC_BITS];
                        always @(posedge clk)
                            if (x[1])
                                out_q[k*ACC_BITS +: ACC_BITS] <=
                                    above + acc[k*ACC_BITS +: ACC_BITS];
                    end
                end
            end
        end
        for (c = 0; c < COLS; c = c + 1) begin : gen_out
            assign o_acc[c*OPORT +: OPORT] = gen_row[ROWS-1].gen_col[c].out_q;
            assign o_valid[c]              = late_take[c];
        end
    endgenerate

    generate
        if (ROWS < 1 || ROWS > 64 || COLS < 1 || COLS > 64 || LATENCY < 1 || DEPTH < 1 ||
            DEPTH > 8) begin : gen_guard
            systolic_ws_parameter_out_of_range u_stop ();
        end
    endgenerate
endmodule

`default_nettype wire
