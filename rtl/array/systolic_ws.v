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
// Cost beside the units, with X = 3 control bits, of serial units 5, of fusion 9, and
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
    wire [2:0] plane = DEPTH > 1 ? {{(3-PLANE){1'b0}}, i_plane} : 3'd0;
    wire       unused = &{1'b0, i_plane};    // with one word per unit
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
        .i_plane(plane),
        .o_tap  (tap),
        .o_taken(taken)
    );

    wire [ROWS*COLS*APORT-1:0] acts;         // (r, c)
    systolic_words #(.LINES(ROWS), .UNITS(COLS), .BITS(APORT)) u_acts (
        .clk   (clk),
        .i_word(i_a),
        .o_word(acts)
    );

    genvar r, c;
    generate
        for (r = 0; r < ROWS; r = r + 1) begin : gen_row
            for (c = 0; c < COLS; c = c + 1) begin : gen_col
                wire [11:0]            x = tap[(r+c)*12 +: 12];
                wire [WPORT-1:0]       w;            // of this step
                wire [WPORT-1:0]       w_above;
                wire [OPORT-1:0]       acc;
                reg  [DEPTH*WPORT-1:0] w_q;
                reg  [OPORT-1:0]       out_q;
                wire                   unused_x = &{1'b0, x};        // planes not held

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
                    assign w = words[x[9 +: PLANE]*WPORT +: WPORT];
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
                    .i_ctl  (x[3 +: 6]),
                    .i_w    (w),
                    .i_a    (acts[(r*COLS+c)*APORT +: APORT]),
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
            assign o_valid[c]              = taken[c];
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
