// systolic_words -- operands of a systolic array: skewed, then passed by its units.
//
//   word 0 --------------->( 0 )--[ 1 ]-->( 1 )--[ 1 ]--> ..
//   word 1 --[ 1 ]-------->( 0 )--[ 1 ]-->( 1 )--[ 1 ]--> ..
//   word 2 --[ 1 ]--[ 1 ]->( 0 )--[ 1 ]-->( 1 )--[ 1 ]--> ..
//
// What comes in one cycle as word n is at unit m of line n, o_word[n*UNITS+m], n + m
// cycles later.
//
// Cost: BITS LINES ((LINES - 1) / 2 + UNITS - 1) FF.

`default_nettype none

module systolic_words #(
    parameter LINES = 4,            // words that come in one cycle, >= 1
    parameter UNITS = 4,            // that a word passes, >= 1
    parameter BITS  = 8             // of a word [bit], >= 1
) (
    input  wire                        clk,
    input  wire [LINES*BITS-1:0]       i_word,
    output wire [LINES*UNITS*BITS-1:0] o_word
);
    genvar n, m;
    generate
        for (n = 0; n < LINES; n = n + 1) begin : gen_line
            for (m = 0; m < UNITS; m = m + 1) begin : gen_unit
                wire [BITS-1:0] word;
                if (m == 0) begin : gen_skew
                    delay_line #(.WIDTH(BITS), .DEPTH(n)) u_skew (
                        .clk   (clk),
                        .i_data(i_word[n*BITS +: BITS]),
                        .o_data(word)
                    );
                end else begin : gen_pass
                    delay_line #(.WIDTH(BITS), .DEPTH(1)) u_pass (
                        .clk   (clk),
                        .i_data(gen_line[n].gen_unit[m-1].word),
                        .o_data(word)
                    );
                end
                assign o_word[(n*UNITS+m)*BITS +: BITS] = word;
            end
        end
    endgenerate
endmodule

`default_nettype wire
