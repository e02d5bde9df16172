// input_buffer -- one vector of WORDS words, read REPEATS times, in order.
//
//   s_* --->[ WORDS x WIDTH memory ]--->[ read register ]---> o_data
//
// The reader counts (i_word, i_first, i_last are its present position); the writer
// follows it around the same memory:
//   - the first pass over a vector may chase the writer, one word behind it;
//   - during the last pass the next vector is written over the words already read.
// So with WORDS >= 2 the reader never waits for a writer that always offers words,
// and one vector of memory is enough.
//
//   latency: a word taken in cycle t can be read (i_step) in t + 1 and is on o_data
//            from t + 2; o_data is held while !i_en
//   rate:    1 read and 1 write / cycle
// Contract
//   o_avail: the word at the reader's position is there.  i_step moves the reader on
//   and comes only with o_avail.  s_ready comes straight from a flop.

`default_nettype none

(* keep_hierarchy *)
module input_buffer #(
    parameter WIDTH     = 8,        // word [bit]
    parameter WORDS     = 4,        // of a vector, >= 2
    parameter STYLE     = 0,        // of the memory: see ram_sdp
    parameter WORD_BITS = 2         // ceil(log2(WORDS))
) (
    input  wire                 clk,
    input  wire                 rst,

    input  wire [WIDTH-1:0]     s_data,
    input  wire                 s_valid,
    output wire                 s_ready,

    input  wire                 i_en,       // read registers may change
    input  wire [WORD_BITS-1:0] i_word,     // reader: word, and whether it is in the
    input  wire                 i_end,      //   vector's last word, last pass
    input  wire                 i_last,
    input  wire                 i_step,
    output wire                 o_avail,
    output wire [WIDTH-1:0]     o_data
);
    localparam WORD_END = WORDS - 1;

    reg  [WORD_BITS-1:0] next_q;             // word that is written next
    reg                  ahead_q;            // the reader's vector is complete
    reg                  ready_q;

    wire take     = s_valid && ready_q;
    wire complete = take && next_q == WORD_END[WORD_BITS-1:0];
    wire release_ = i_step && i_last;        // the word read now may be overwritten
    wire apart    = next_q != i_word;

    assign s_ready = ready_q;
    assign o_avail = ahead_q || apart;

    always @(posedge clk) begin
        if (take) next_q <= complete ? {WORD_BITS{1'b0}} : next_q + 1'b1;

        // Both never happen at once: a vector is completed only after its first word
        // was read in the last pass of the vector before, which thus has ended.
        if (complete) ahead_q <= 1'b1;
        if (release_ && i_end) ahead_q <= 1'b0;

        // Ahead of the reader there is room only behind its last pass: now, if it
        // releases a word, or if released words are left over.
        ready_q <= ahead_q ? release_ || (i_last && apart && !take) : !complete;

        if (rst) begin
            next_q  <= {WORD_BITS{1'b0}};
            ahead_q <= 1'b0;
            ready_q <= 1'b1;
        end
    end

    ram_sdp #(
        .WIDTH    (WIDTH),
        .DEPTH    (WORDS),
        .STYLE    (STYLE),
        .ADDR_BITS(WORD_BITS)
    ) u_words (
        .clk      (clk),
        .i_wr_en  (take),
        .i_wr_addr(next_q),
        .i_wr_data(s_data),
        .i_rd_en  (i_en),
        .i_rd_addr(i_word),
        .o_rd_data(o_data)
    );
endmodule

`default_nettype wire
