// systolic_os_loop -- systolic_os with parallel units, written for simulation.
//
// The same ports, the same results in the same cycles (tests/rtl/test_systolic.c runs
// both in lockstep), several times as fast under Verilator: one process with loops over
// memories instead of ROWS x COLS modules, `*` instead of rows of digits, and an operand
// is not moved from unit to unit but looked up where its row's delay line has it.  Not
// to be synthesised; UNIT is 0, and what other units need is not looked at.

`default_nettype none

module systolic_os_loop #(
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
    wire unused = &{1'b0, i_ctl};
    localparam TAPS = ROWS + COLS - 1;
    localparam W_BIPOLAR = WBITS == 1 && WSIGNED != 0;
    localparam A_BIPOLAR = ABITS == 1 && ASIGNED != 0;

    // Shifted by one word per cycle; word d came d cycles ago.
    reg [(TAPS+1)*APORT-1:0] a_line [0:ROWS-1];
    reg [(TAPS+1)*WPORT-1:0] w_line [0:COLS-1];
    reg [TAPS:0]         en_line;
    reg [TAPS:0]         first_line;
    reg [TAPS+LATENCY:0] last_line;
    reg [ACC_BITS-1:0]   acc [0:ROWS*COLS-1];
    reg [ACC_BITS-1:0]   out [0:ROWS*COLS-1];
    reg [COLS-1:0]       out_valid [0:ROWS-1];

    // Value of an operand, sign-extended; a bipolar bit is -1 or 1.
    function signed [8:0] weight(input [WBITS-1:0] code);
        weight = W_BIPOLAR ? {{8{~code[0]}}, 1'b1}
               : {{(9-WBITS){WSIGNED != 0 && code[WBITS-1]}}, code};
    endfunction
    function signed [8:0] activation(input [ABITS-1:0] code);
        activation = A_BIPOLAR ? {{8{~code[0]}}, 1'b1}
                   : {{(9-ABITS){ASIGNED != 0 && code[ABITS-1]}}, code};
    endfunction

    integer r, c, k;
    reg signed [31:0] dot;
    reg               moving;
    always @(posedge clk) begin
        // What came in this cycle is word 0.
        for (r = 0; r < ROWS; r = r + 1)
            a_line[r] = {a_line[r][TAPS*APORT-1:0], i_a[r*APORT +: APORT]};
        for (c = 0; c < COLS; c = c + 1)
            w_line[c] = {w_line[c][TAPS*WPORT-1:0], i_w[c*WPORT +: WPORT]};
        en_line    = {en_line[TAPS-1:0], i_en};
        first_line = {first_line[TAPS-1:0], i_first};
        last_line  = {last_line[TAPS+LATENCY-1:0], i_en & i_last};

        // Results up, before the sums change; the row below has not moved yet.
        moving = last_line != {(TAPS+LATENCY+1){1'b0}};
        for (r = 0; r < ROWS; r = r + 1)
            moving = moving | (out_valid[r] != {COLS{1'b0}});
        if (moving)
            for (r = 0; r < ROWS; r = r + 1)
                for (c = 0; c < COLS; c = c + 1)
                    if (last_line[r+c+LATENCY]) begin
                        out[r*COLS+c]   = acc[r*COLS+c];
                        out_valid[r][c] = 1'b1;
                    end else if (r < ROWS - 1) begin
                        out[r*COLS+c]   = out[(r+1)*COLS+c];
                        out_valid[r][c] = out_valid[r+1][c];
                    end else begin
                        out_valid[r][c] = 1'b0;
                    end

        for (r = 0; r < ROWS; r = r + 1)
            for (c = 0; c < COLS; c = c + 1) begin
                dot = 32'sd0;
                for (k = 0; k < SIMD; k = k + 1)
                    dot = dot +
                          weight(w_line[c][(r+c)*WPORT+k*WBITS +: WBITS]) *
                          activation(a_line[r][(r+c)*APORT+k*ABITS +: ABITS]);
                acc[r*COLS+c] =
                    (acc[r*COLS+c] & {ACC_BITS{~(first_line[r+c] & en_line[r+c])}}) +
                    (dot[ACC_BITS-1:0] & {ACC_BITS{en_line[r+c]}});
            end

        if (rst) begin
            en_line   = {(TAPS+1){1'b0}};
            last_line = {(TAPS+LATENCY+1){1'b0}};
            for (r = 0; r < ROWS; r = r + 1) out_valid[r] = {COLS{1'b0}};
        end
    end

    assign o_valid = out_valid[0];
    genvar g;
    generate
        for (g = 0; g < COLS; g = g + 1) begin : gen_out
            assign o_acc[g*ACC_BITS +: ACC_BITS] = out[g];
        end
        if (UNIT != 0 || LATENCY != 1) begin : gen_guard
            systolic_os_loop_is_of_parallel_units u_stop ();
        end
    endgenerate
endmodule

`default_nettype wire
