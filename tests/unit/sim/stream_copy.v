// stream_copy -- a registered stream that repeats each word N times side by side:
// the small module on which sim/dut and sim/stream are tested.
//
//   s_* --->[ register ]---> m_*      latency 1 cycle, rate 1 word / cycle

`default_nettype none

module stream_copy #(
    parameter WIDTH = 8,    // of a word [bit]
    parameter N     = 1,    // copies in an output word
    parameter FAULT = 0     // 1: drops valid while stalled; 2: changes data; 3: never
                            // ready; 4: $stop at the first word
) (
    input  wire               clk,
    input  wire               rst,
    input  wire [WIDTH-1:0]   s_data,
    input  wire               s_valid,
    output wire               s_ready,
    output wire [WIDTH*N-1:0] m_data,
    output wire               m_valid,
    input  wire               m_ready,
    output reg  [15:0]        o_seen    // words accepted since reset
);
    reg [WIDTH*N-1:0] data_q;
    reg               valid_q;
    reg               odd_q;

    assign s_ready = (FAULT != 3) && (!valid_q || m_ready);
    assign m_valid = valid_q && !(FAULT == 1 && odd_q);
    assign m_data  = (FAULT == 2 && odd_q) ? ~data_q : data_q;

    always @(posedge clk) begin
        odd_q <= valid_q && !m_ready;
        if (s_ready) begin
            data_q  <= {N{s_data}};
            valid_q <= s_valid;
            if (s_valid) begin
                o_seen <= o_seen + 16'd1;
                if (FAULT == 4) $stop;
            end
        end
        if (rst) begin
            valid_q <= 1'b0;
            odd_q   <= 1'b0;
            o_seen  <= 16'd0;
        end
    end
endmodule

`default_nettype wire
