// drain -- hands the PE accumulators to LANES requantisers, LANES at a time.
//
//   i_acc[0 .. LANES-1] ------------------------------.
//   i_acc[LANES ..] --->[ held copy ]---> ( turn ) ---+---> o_acc[LANES]
//
// In turn 0 (i_turn = 0) the accumulators are read where they are; those of the later
// turns are copied in that same cycle, because the MACs go on.
//
// Cost: (PE - LANES) * ACC_BITS FF and a TURNS-to-1 multiplexer of LANES * ACC_BITS.

`default_nettype none

(* keep_hierarchy *)
module drain #(
    parameter PE        = 4,        // accumulators
    parameter LANES     = 1,        // divides PE, < PE
    parameter ACC_BITS  = 16,       // [bit]
    parameter TURN_BITS = 2         // ceil(log2(PE / LANES))
) (
    input  wire                      clk,
    input  wire                      i_copy,    // in turn 0
    input  wire [TURN_BITS-1:0]      i_turn,
    input  wire [PE*ACC_BITS-1:0]    i_acc,
    output wire [LANES*ACC_BITS-1:0] o_acc
);
    localparam TURNS = PE / LANES;
    localparam WIDTH = LANES * ACC_BITS;

    reg [(TURNS-1)*WIDTH-1:0] held_q;
    always @(posedge clk)
        if (i_copy) held_q <= i_acc[PE*ACC_BITS-1:WIDTH];

    wire [PE*ACC_BITS-1:0] all = {held_q, i_acc[WIDTH-1:0]};

    genvar b, t;
    generate
        for (b = 0; b < WIDTH; b = b + 1) begin : gen_bit
            wire [TURNS-1:0] column;
            for (t = 0; t < TURNS; t = t + 1) begin : gen_turn
                assign column[t] = all[t*WIDTH+b];
            end
            assign o_acc[b] = column[i_turn];
        end
    endgenerate
endmodule

`default_nettype wire
