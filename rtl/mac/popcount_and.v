// popcount_and -- how many pairs of bits are both 1.
//
//   o_count = sum(i_w[k] & i_a[k])                            combinational
//
//   i_w, i_a --->[ triples ]--->[ rows ]--->[ sum_columns ]---> o_count
//
// The AND costs nothing: a triple counts three pairs with two LUT6, a one and a two.
// A row takes the ones of three triples or rows, any two, and two pairs more, and
// gives a one, a two and a four with two LUTs:
//
//     two  one          straight into the carry chain
//   +      count        of a one and two pairs: a function of five inputs
//   +      one          the carry into the chain
//
// Rows form a ternary tree over the ones.  About 1 LUT6 per pair in all; what else was
// tried is in rtl/README.md.

`default_nettype none

module popcount_and #(
    parameter SIMD = 32,            // pairs, >= 1
    parameter BITS = 6              // of the count, >= 1; must hold SIMD
) (
    input  wire [SIMD-1:0] i_w,
    input  wire [SIMD-1:0] i_a,
    output wire [BITS-1:0] o_count
);
    // Fewest triples that, with the rows above them, take all pairs.
    function integer triples(input integer pairs);
        begin
            triples = 1;
            while (3 * triples + 2 * ((triples - 1) / 2) < pairs) triples = triples + 1;
        end
    endfunction
    localparam TRIPLES = triples(SIMD);
    localparam ROWS    = (TRIPLES - 1) / 2;
    localparam PAIRS   = 3 * TRIPLES + 2 * ROWS;         // the last ones are 0
    localparam ONES    = TRIPLES - 2 * ROWS;             // that no row takes

    wire [PAIRS:0] w = {{(PAIRS-SIMD+1){1'b0}}, i_w};
    wire [PAIRS:0] a = {{(PAIRS-SIMD+1){1'b0}}, i_a};
    wire unused = &{1'b0, w[PAIRS], a[PAIRS]};

    wire [ONES:0]    ones;
    wire [TRIPLES:0] twos;
    wire [ROWS:0]    fours;
    assign ones[ONES]    = 1'b0;
    assign twos[TRIPLES] = 1'b0;
    assign fours[ROWS]   = 1'b0;

    // Nodes are the triples, then the rows; row n takes the ones of three nodes that no
    // row took, 3 n and the two after it, and the two of node n.
    genvar n;
    generate
        for (n = 0; n < TRIPLES + ROWS; n = n + 1) begin : gen_node
            wire one, two;
            if (n < TRIPLES) begin : gen_triple
                wire [2:0] p = w[3*n +: 3] & a[3*n +: 3];
                assign one = ^p;
                assign two = (p[0] & p[1]) | (p[0] & p[2]) | (p[1] & p[2]);
            end else begin : gen_row
                localparam ROW = n - TRIPLES;
                localparam AT  = 3 * TRIPLES + 2 * ROW;
                wire [2:0] p = {gen_node[3*ROW+1].one, w[AT +: 2] & a[AT +: 2]};
                wire [1:0] count = {(p[0] & p[1]) | (p[0] & p[2]) | (p[1] & p[2]), ^p};
                // As in dot_chain: the minuend enters the carry chain directly.
                wire [3:0] s = {1'b0, gen_node[ROW].two, gen_node[3*ROW].one,
                                gen_node[3*ROW+2].one} - {~{1'b0, count}, 1'b1};
                wire unused_row = &{1'b0, s[0]};             // the carry again
                assign one        = s[1];
                assign two        = s[2];
                assign fours[ROW] = s[3];
            end
            if (n >= 3 * ROWS) begin : gen_left_one
                assign ones[n-3*ROWS] = one;
            end
            if (n >= ROWS) begin : gen_left_two
                assign twos[n-ROWS] = two;
            end
        end
    endgenerate

    sum_columns #(
        .N1(ONES), .N2(TRIPLES), .N4(ROWS), .N8(0), .BITS(BITS)
    ) u_sum (
        .i_ones  (ones),
        .i_twos  (twos),
        .i_fours (fours),
        .i_eights(1'b0),
        .o_sum   (o_count)
    );
endmodule

`default_nettype wire
