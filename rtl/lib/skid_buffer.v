// skid_buffer -- two-entry ready/valid register slice, full throughput.
//
//   s_* --->[ skid ]--->[ out ]---> m_*       latency: 1 cycle
//                                             rate:    1 word / cycle
// Contract
//   A word moves when valid and ready are both high on a rising edge of clk.
//   m_valid never falls before m_ready is seen; m_data is stable while
//   m_valid && !m_ready.  s_ready, m_valid and m_data come straight from flops.
//   rst is synchronous, active high, and clears the two valid flags only.
//
// Cost: 2 * WIDTH + 2 FF, WIDTH + about 3 LUT.

`default_nettype none

(* keep_hierarchy *)
module skid_buffer #(
    parameter WIDTH = 8             // payload width [bit], >= 1
) (
    input  wire             clk,
    input  wire             rst,

    input  wire [WIDTH-1:0] s_data,
    input  wire             s_valid,
    output wire             s_ready,

    output wire [WIDTH-1:0] m_data,
    output wire             m_valid,
    input  wire             m_ready
);
    reg [WIDTH-1:0] out_data_q;
    reg [WIDTH-1:0] skid_data_q;
    reg             out_valid_q;
    reg             ready_q;                 // the skid entry is free

    wire take = s_valid && ready_q;          // word accepted from upstream
    wire move = m_ready || !out_valid_q;     // out register is free next cycle

    assign s_ready = ready_q;
    assign m_data  = out_data_q;
    assign m_valid = out_valid_q;

    always @(posedge clk) begin
        if (move) out_data_q <= ready_q ? s_data : skid_data_q;
        if (ready_q) skid_data_q <= s_data;  // a copy that matters only if stuck

        if (move) begin
            out_valid_q <= !ready_q || s_valid;
            ready_q     <= 1'b1;
        end else if (take) begin
            ready_q     <= 1'b0;
        end

        if (rst) begin
            out_valid_q <= 1'b0;
            ready_q     <= 1'b1;
        end
    end

`ifdef SIM
    reg seen_q;                              // a reset has been seen
    reg stuck_q;
    reg [WIDTH-1:0] held_q;
    always @(posedge clk) begin
        seen_q  <= rst || seen_q === 1'b1;
        stuck_q <= m_valid && !m_ready && !rst;
        held_q  <= m_data;
        if (seen_q === 1'b1 && !rst && stuck_q && (!m_valid || m_data !== held_q)) begin
            $display("skid_buffer: a stalled output word was dropped or changed");
            $stop;
        end
    end
`endif
endmodule

`default_nettype wire
