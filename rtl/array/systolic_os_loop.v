// systolic_os_loop -- systolic_os with parallel units, written for simulation.
//
// The same ports, the same results in the same cycles (tests/rtl/test_systolic.c runs
// both in lockstep), many times as fast under Verilator (`bitwright bench sim`): one
// process with loops over memories instead of ROWS x COLS modules, `*` instead of rows
// of digits; an operand is not moved from unit to unit but looked up in a ring of the
// last cycles, and results move only while there are any.  Not to be synthesised.
// UNIT is 0; what other units need is not looked at.

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
    wire unused = &{1'b0, i_ctl};            // of other units
    localparam TAPS = ROWS + COLS - 1;       // diagonals of units
    localparam W_BIPOLAR = WBITS == 1 && WSIGNED != 0;
    localparam A_BIPOLAR = ABITS == 1 && ASIGNED != 0;

    // Operands, decoded, of the last 2^SLOT cycles; what came d cycles ago is in slot
    // now - d.  Sizes are powers of two, so that an index needs no check.
    localparam SLOT = bits(TAPS);
    localparam LINE = bits((ROWS > COLS ? ROWS : COLS) * SIMD - 1) + SLOT;
    reg signed [31:0] a_ring [0:(1<<LINE)-1];        // [row * SIMD + k][slot]
    reg signed [31:0] w_ring [0:(1<<LINE)-1];        // [column * SIMD + k][slot]
    integer           now;
    reg signed [31:0] keep [0:127];                  // by diagonal: 0 in a first step
    reg [TAPS:0]      restart_line;                  // bit d: came d cycles ago
    reg [TAPS:0]      last_line;
    reg signed [31:0] acc [0:4095];                  // 64 r + c
    reg signed [31:0] out [0:4095];
    reg [COLS-1:0]    out_valid [0:ROWS-1];

    function integer bits(input integer value);
        integer left;
        begin
            bits = 0;
            for (left = value; left > 0; left = left / 2) bits = bits + 1;
        end
    endfunction
    // Value of an operand; a bipolar bit is -1 or 1.
    function signed [31:0] weight(input [WBITS-1:0] code);
        weight = W_BIPOLAR ? {{31{~code[0]}}, 1'b1}
               : {{(32-WBITS){WSIGNED != 0 && code[WBITS-1]}}, code};
    endfunction
    function signed [31:0] activation(input [ABITS-1:0] code);
        activation = A_BIPOLAR ? {{31{~code[0]}}, 1'b1}
                   : {{(32-ABITS){ASIGNED != 0 && code[ABITS-1]}}, code};
    endfunction

    integer r, c, k;
    reg signed [31:0] dot;
    reg               moving;
    integer           slot;
    always @(posedge clk) begin
        now          = (now + 1) & ((1 << SLOT) - 1);
        restart_line = {restart_line[TAPS-1:0], i_en & i_first};
        last_line    = {last_line[TAPS-1:0], i_en & i_last};
        for (r = 0; r < ROWS * SIMD; r = r + 1)
            a_ring[(r<<SLOT)|now] = i_en ? activation(i_a[r*ABITS +: ABITS]) : 32'sd0;
        for (c = 0; c < COLS * SIMD; c = c + 1)
            w_ring[(c<<SLOT)|now] = weight(i_w[c*WBITS +: WBITS]);
        for (k = 0; k < TAPS; k = k + 1) keep[k] = {32{~restart_line[k]}};

        // Results up, before the sums change; the row below has not moved yet.
        moving = last_line != {(TAPS+1){1'b0}};
        for (r = 0; r < ROWS; r = r + 1)
            moving = moving | (out_valid[r] != {COLS{1'b0}});
        if (moving)
            for (r = 0; r < ROWS; r = r + 1)
                for (c = 0; c < COLS; c = c + 1)
                    if (last_line[r+c+1]) begin
                        out[64*r+c]     = acc[64*r+c];
                        out_valid[r][c] = 1'b1;
                    end else if (r < ROWS - 1) begin
                        out[64*r+c]     = out[64*(r+1)+c];
                        out_valid[r][c] = out_valid[r+1][c];
                    end else begin
                        out_valid[r][c] = 1'b0;
                    end

        for (r = 0; r < ROWS; r = r + 1)
            for (c = 0; c < COLS; c = c + 1) begin
                slot = (now - r - c) & ((1 << SLOT) - 1);
                dot  = acc[64*r+c] & keep[r+c];
                for (k = 0; k < SIMD; k = k + 1)
                    dot = dot + a_ring[((r*SIMD+k)<<SLOT)|slot] *
                                w_ring[((c*SIMD+k)<<SLOT)|slot];
                acc[64*r+c] = dot;
            end

        if (rst) begin
            last_line = {(TAPS+1){1'b0}};
            for (r = 0; r < ROWS; r = r + 1) out_valid[r] = {COLS{1'b0}};
            for (r = 0; r < (1 << LINE); r = r + 1) begin
                a_ring[r] = 32'sd0;
                w_ring[r] = 32'sd0;
            end
            now = 0;
        end
    end

    assign o_valid = out_valid[0];
    genvar g;
    generate
        for (g = 0; g < COLS; g = g + 1) begin : gen_out
            assign o_acc[g*ACC_BITS +: ACC_BITS] = out[g][ACC_BITS-1:0];
        end
        if (UNIT != 0 || LATENCY != 1) begin : gen_guard
            systolic_os_loop_is_of_parallel_units u_stop ();
        end
    endgenerate
endmodule

`default_nettype wire
