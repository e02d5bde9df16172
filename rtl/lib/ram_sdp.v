// ram_sdp -- memory with one write port and one synchronous read port.
//
//   i_wr_* --->[ DEPTH words of WIDTH bits ]--->[ read register ]---> o_rd_data
//
//   latency: 1 cycle from i_rd_addr to o_rd_data, held while !i_rd_en
//   rate:    1 read and 1 write / cycle
// Contract
//   A word read in the cycle in which it is written is undefined: no user does it.
//
// The structure is chosen here and not left to the tool, so that its cost is a
// formula (costmodel/compose.c has it):
//   DEPTH = 1   a register
//   STYLE 0     LUT RAM in banks of 64 words (the last of 32 if that is enough)
//               with a read multiplexer: at most 1024 words
//   STYLE 1     block RAM, depth rounded up to a power of two; beyond 4096 words in
//               columns of 4 bits, which need no multiplexers
//   STYLE 2     what the target has for a small memory: LUT RAM, or block RAM on a
//               target without LUT RAM.  Never flip-flops.  At most 64 words.

`default_nettype none

(* keep_hierarchy *)
module ram_sdp #(
    parameter WIDTH = 8,            // word [bit], >= 1
    parameter DEPTH = 16,           // words, >= 1
    parameter STYLE = 0,            // 0 LUT RAM, 1 block RAM, 2 small
    parameter ADDR_BITS = 4         // >= ceil(log2(DEPTH)), >= 1
) (
    input  wire                 clk,

    input  wire                 i_wr_en,
    input  wire [ADDR_BITS-1:0] i_wr_addr,
    input  wire [WIDTH-1:0]     i_wr_data,

    input  wire                 i_rd_en,
    input  wire [ADDR_BITS-1:0] i_rd_addr,
    output wire [WIDTH-1:0]     o_rd_data
);
    localparam COLUMN = DEPTH > 4096 ? 4 : WIDTH;        // bits per block column
    localparam COLUMNS = (WIDTH + COLUMN - 1) / COLUMN;
    localparam BANKS = (DEPTH + 63) / 64;                // of LUT RAM
    localparam LAST = DEPTH - 64 * (BANKS - 1) <= 32 ? 32 : 64;

    genvar i, b;
    generate
        if (DEPTH == 1) begin : gen_register
            reg [WIDTH-1:0] word_q;
            always @(posedge clk)
                if (i_wr_en) word_q <= i_wr_data;
            assign o_rd_data = word_q;
            wire unused = &{1'b0, i_rd_en, i_rd_addr, i_wr_addr};  // one word
        end else if (STYLE == 1) begin : gen_block
            for (i = 0; i < COLUMNS; i = i + 1) begin : gen_column
                localparam LOW  = i * COLUMN;
                localparam BITS = WIDTH - LOW < COLUMN ? WIDTH - LOW : COLUMN;
                (* ram_style = "block", no_rw_check *)
                reg [BITS-1:0] mem [0:(1<<ADDR_BITS)-1];
                reg [BITS-1:0] read_q;
                always @(posedge clk) begin
                    if (i_wr_en) mem[i_wr_addr] <= i_wr_data[LOW +: BITS];
                    if (i_rd_en) read_q <= mem[i_rd_addr];
                end
                assign o_rd_data[LOW +: BITS] = read_q;
            end
        end else if (STYLE == 2) begin : gen_small
            (* ram_block = 1, no_rw_check *)
            reg [WIDTH-1:0] mem [0:(1<<ADDR_BITS)-1];
            reg [WIDTH-1:0] read_q;
            always @(posedge clk) begin
                if (i_wr_en) mem[i_wr_addr] <= i_wr_data;
                if (i_rd_en) read_q <= mem[i_rd_addr];
            end
            assign o_rd_data = read_q;
        end else begin : gen_lut
            wire [BANKS*WIDTH-1:0] words;    // bit b of bank i at b * BANKS + i
            reg  [WIDTH-1:0] read_q;
            assign o_rd_data = read_q;
            for (i = 0; i < BANKS; i = i + 1) begin : gen_bank
                localparam AB = i == BANKS - 1 && LAST == 32 ? 5 : 6;
                localparam AW = AB < ADDR_BITS ? AB : ADDR_BITS;
                (* ram_style = "distributed" *)
                reg  [WIDTH-1:0] mem [0:(1<<AW)-1];
                wire [WIDTH-1:0] word = mem[i_rd_addr[AW-1:0]];
                wire here;
                if (BANKS == 1) begin : gen_only
                    assign here = 1'b1;
                end else begin : gen_select
                    assign here = i_wr_addr[ADDR_BITS-1:6] == i;
                end
                always @(posedge clk)
                    if (i_wr_en && here) mem[i_wr_addr[AW-1:0]] <= i_wr_data;
                for (b = 0; b < WIDTH; b = b + 1) begin : gen_scatter
                    assign words[b*BANKS+i] = word[b];
                end
            end
            for (b = 0; b < WIDTH; b = b + 1) begin : gen_read
                wire [BANKS-1:0] column = words[b*BANKS +: BANKS];
                wire picked;
                if (BANKS == 1) begin : gen_one
                    assign picked = column[0];
                end else begin : gen_mux
                    assign picked = column[i_rd_addr[ADDR_BITS-1:6]];
                end
                always @(posedge clk)
                    if (i_rd_en) read_q[b] <= picked;
            end
        end
    endgenerate
endmodule

`default_nettype wire
