// plain_mac -- a MAC as one would write it first: LANES products by '*', an adder
// tree left to the synthesiser, one accumulator.  Not a unit of bitwright: it stands
// for the user's own hardware in the worked example of configs/foreign.
//
//   sum <= (first ? 0 : sum) + dot(w[LANES], x[LANES])      latency: 1 cycle
//                                                           rate:    1 dot / cycle

`default_nettype none

module plain_mac #(
    parameter LANES = 4,  // products per cycle
    parameter W     = 4,  // weight, signed [bit]
    parameter A     = 4,  // activation, unsigned [bit]
    parameter S     = 20  // sum, signed [bit]
) (
    input  wire               clk,
    input  wire               en,
    input  wire               first,
    input  wire [LANES*W-1:0] w,
    input  wire [LANES*A-1:0] x,
    output reg  [S-1:0]       sum
);
    reg signed [S-1:0] dot;
    integer            i;

    always @* begin
        dot = 0;
        for (i = 0; i < LANES; i = i + 1)
            dot = dot + $signed(w[i*W +: W]) * $signed({1'b0, x[i*A +: A]});
    end

    always @(posedge clk)
        if (en) sum <= (first ? {S{1'b0}} : sum) + dot;
endmodule

`default_nettype wire
