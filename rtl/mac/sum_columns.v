// sum_columns -- sum of bits of weight 1, 2, 4 and 8, by rows of a few LUTs.
//
//   o_sum = sum(ones) + 2 sum(twos) + 4 sum(fours) + 8 sum(eights)    combinational
//
// Every column carries one bit more than its count, which is 0, so none is empty.
//
// A row adds, in one carry chain of up to three bits, as many bits as its LUTs have
// inputs (generic parallel counters, T. B. Preusser, FPL 2017, without dual outputs):
//
//     four two one      one bit of each column, straight into the carry chain
//   +      count        of up to five ones: every bit is a function of five inputs,
//                       and with the bit of the other summand fills a LUT6
//   +          one      the carry into the chain
//   = eight four two one
//
// Three LUTs take nine bits and give four; a full adder of two LUTs takes three and
// gives two.  Rows take sevens of ones, those of earlier rows included, until a single
// one is left: the lowest bit of the sum.  The twos follow in the same way, as the
// ones of the next sum_columns.

`default_nettype none

module sum_columns #(
    parameter N1   = 7,             // ones, >= 0
    parameter N2   = 0,             // twos
    parameter N4   = 0,             // fours
    parameter N8   = 0,             // eights
    parameter BITS = 3              // of the sum, >= 1; must hold it
) (
    input  wire [N1:0]     i_ones,
    input  wire [N2:0]     i_twos,
    input  wire [N4:0]     i_fours,
    input  wire [N8:0]     i_eights,
    output wire [BITS-1:0] o_sum
);
    function integer least(input integer left, input integer right);
        least = left < right ? left : right;
    endfunction

    // What is left for two summands and a carry: one adder.
    localparam RIPPLE = N1 >= 2 && N1 <= 3 && N2 <= 2 && N4 <= 2 && N8 <= 2;
    localparam ROWS   = N1 <= 1 ? 0 : (N1 + 4) / 6;      // each has a one less after it
    localparam LAST   = N1 - 6 * (ROWS - 1);             // ones of the last row, 2 .. 7
    // Rows of two LUTs or more, of three; of those the ones that take a two, a four;
    // rows that may give an eight.
    localparam WIDE2 = ROWS - (ROWS > 0 && LAST < 4 ? 1 : 0);
    localparam WIDE3 = ROWS - (ROWS > 0 && LAST < 6 ? 1 : 0);
    localparam TAKE2 = least(WIDE2, N2);
    localparam TAKE4 = least(WIDE3, N4);
    localparam GIVE8 = least(WIDE3, TAKE2 > TAKE4 ? TAKE2 : TAKE4);
    // The columns after the rows.
    localparam M2 = N2 - TAKE2 + ROWS;
    localparam M4 = N4 - TAKE4 + WIDE2;
    localparam M8 = N8 + GIVE8;

    wire unused = &{1'b0, i_ones, i_twos, i_fours, i_eights};    // the zeros
    genvar r, k;
    generate
        if (BITS == 1) begin : gen_lowest
            assign o_sum = ^i_ones;
        end else if (N1 <= 1 && N2 + N4 + N8 == 0) begin : gen_single
            assign o_sum = {{(BITS-1){1'b0}}, i_ones[0]};
        end else if (RIPPLE) begin : gen_ripple
            wire [3:0] a = {i_eights[0], i_fours[0], i_twos[0], i_ones[0]};
            wire [3:0] b = {i_eights[least(1, N8)], i_fours[least(1, N4)],
                            i_twos[least(1, N2)], i_ones[1]};
            wire [5:0]      s    = {1'b0, a, i_ones[least(2, N1)]} - {~{1'b0, b}, 1'b1};
            wire [BITS+4:0] wide = {{BITS{1'b0}}, s[5:1]};
            assign o_sum = wide[BITS-1:0];
            wire unused_high = &{1'b0, wide, s[0]};
        end else begin : gen_column
            wire [M2:0] twos;
            wire [M4:0] fours;
            wire [M8:0] eights;
            assign twos[M2]   = 1'b0;
            assign fours[M4]  = 1'b0;
            assign eights[M8] = 1'b0;
            for (r = 0; r < N1 + ROWS || r == 0; r = r + 1) begin : gen_one
                wire one;                    // of the column, then of the rows
                if (r < N1 || N1 == 0) begin : gen_given
                    assign one = i_ones[r];
                end else begin : gen_row
                    localparam ROW  = r - N1;
                    localparam TAKE = ROW < ROWS - 1 ? 7 : LAST;
                    localparam WIDE = TAKE >= 6 ? 3 : TAKE >= 4 ? 2 : 1;
                    wire [6:0] x;
                    wire       two  = i_twos[ROW < TAKE2 ? ROW : N2];
                    wire       four = i_fours[ROW < TAKE4 ? ROW : N4];
                    for (k = 0; k < 7; k = k + 1) begin : gen_x
                        if (k < TAKE) begin : gen_take
                            assign x[k] = gen_one[7*ROW+k].one;
                        end else begin : gen_zero
                            assign x[k] = 1'b0;
                        end
                    end
                    // count = x[2] + .. + x[6], written out: a tool that sees sums
                    // merges them into its own adders.
                    wire odd  = x[2] ^ x[3] ^ x[4];
                    wire pair = (x[2] & x[3]) | (x[2] & x[4]) | (x[3] & x[4]);
                    wire more = (odd & x[5]) | (odd & x[6]) | (x[5] & x[6]);
                    wire [2:0] count = {pair & more, pair ^ more, odd ^ x[5] ^ x[6]};
                    wire [2:0] a     = {four, two, x[0]};
                    // As in dot_chain: a and the carry x[1] are not to be exchanged.
                    wire [WIDE+1:0] s = {1'b0, a[WIDE-1:0], x[1]} -
                                        {~{1'b0, count[WIDE-1:0]}, 1'b1};
                    wire unused_row = &{1'b0, a, count, s};
                    assign one = s[1];
                    assign twos[N2-TAKE2+ROW] = s[2];
                    if (ROW < WIDE2) begin : gen_four
                        assign fours[N4-TAKE4+ROW] = s[3];
                    end
                    if (ROW < GIVE8) begin : gen_eight
                        assign eights[N8+ROW] = s[4];
                    end
                end
            end
            for (r = TAKE2; r < N2; r = r + 1) begin : gen_twos
                assign twos[r-TAKE2] = i_twos[r];
            end
            for (r = TAKE4; r < N4; r = r + 1) begin : gen_fours
                assign fours[r-TAKE4] = i_fours[r];
            end
            for (r = 0; r < N8; r = r + 1) begin : gen_eights
                assign eights[r] = i_eights[r];
            end
            wire [BITS-2:0] rest;
            sum_columns #(
                .N1(M2), .N2(M4), .N4(M8), .N8(0), .BITS(BITS - 1)
            ) u_rest (
                .i_ones(twos), .i_twos(fours), .i_fours(eights), .i_eights(1'b0),
                .o_sum (rest)
            );
            localparam TOP = N1 > 0 ? N1 + ROWS - 1 : 0;     // the single one
            assign o_sum = {rest, gen_one[TOP].one};
        end
    endgenerate
endmodule

`default_nettype wire
