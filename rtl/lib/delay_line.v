// delay_line -- a word, DEPTH cycles later.
//
//   o_data = i_data of DEPTH cycles ago                latency: DEPTH cycles, 0 a wire
//
// Cost: WIDTH * DEPTH FF, or shift-register LUTs where a device has them.  No reset.

`default_nettype none

module delay_line #(
    parameter WIDTH = 8,            // [bit], >= 1
    parameter DEPTH = 1             // [cycle], >= 0
) (
    input  wire             clk,
    input  wire [WIDTH-1:0] i_data,
    output wire [WIDTH-1:0] o_data
);
    generate
        if (DEPTH == 0) begin : gen_wire
            assign o_data = i_data;
            wire unused = &{1'b0, clk};
        end else if (DEPTH == 1) begin : gen_one
            reg [WIDTH-1:0] data_q;
            always @(posedge clk) data_q <= i_data;
            assign o_data = data_q;
        end else begin : gen_line
            reg [DEPTH*WIDTH-1:0] data_q;
            always @(posedge clk) data_q <= {data_q[(DEPTH-1)*WIDTH-1:0], i_data};
            assign o_data = data_q[(DEPTH-1)*WIDTH +: WIDTH];
        end
    endgenerate
endmodule

`default_nettype wire
