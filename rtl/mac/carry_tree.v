// carry_tree -- sum of TERMS signed words, each with a carry that it still lacks.
//
//   sum(x[i] + carry[i]),  i = 0 .. TERMS-1  =  o_sum + o_carry      combinational
//
// TERMS - 1 adders take TERMS - 1 of the carries on their carry inputs, so carries
// cost nothing; the last one is left to the caller's adder.  Nodes as in dot_lut:
// 0 .. TERMS-1 are the words, node n above adds nodes 2 (n - TERMS) and the one after.

`default_nettype none

module carry_tree #(
    parameter TERMS    = 4,         // >= 1
    parameter BITS     = 8,         // of a word; holds x[i] + carry[i]
    parameter SUM_BITS = 12,        // o_sum is sign-extended, or cut, to this
    parameter CARRIES  = 1          // 0: all carries are 0
) (
    input  wire [TERMS*BITS-1:0] i_x,
    input  wire [TERMS-1:0]      i_carry,
    output wire [SUM_BITS-1:0]   o_sum,
    output wire                  o_carry
);
    localparam NODES = 2 * TERMS - 1;

    function integer terms(input integer node);      // below it
        integer leaf;
        integer at;
        begin
            terms = 0;
            for (leaf = 0; leaf < TERMS; leaf = leaf + 1) begin
                at = leaf;
                while (at < node) at = TERMS + at / 2;
                if (at == node) terms = terms + 1;
            end
        end
    endfunction
    function integer bits(input integer node);       // of its sum, at most SUM_BITS
        begin
            bits = BITS;
            while ((1 << (bits - BITS)) < terms(node)) bits = bits + 1;
            if (bits > SUM_BITS) bits = SUM_BITS;
        end
    endfunction

    genvar n;
    generate
        for (n = 0; n < NODES; n = n + 1) begin : gen_node
            localparam NB = bits(n);
            wire [NB-1:0] sum;
            wire          carry;
            if (n < TERMS) begin : gen_leaf
                assign sum   = i_x[n*BITS +: NB];
                assign carry = i_carry[n];
            end else begin : gen_add
                localparam LB = bits(2 * (n - TERMS));
                localparam RB = bits(2 * (n - TERMS) + 1);
                wire [LB-1:0] left    = gen_node[2*(n-TERMS)].sum;
                wire [RB-1:0] right   = gen_node[2*(n-TERMS)+1].sum;
                wire [NB-1:0] left_x  = {{(NB-LB){left[LB-1]}}, left};
                wire [NB-1:0] right_x = {{(NB-RB){right[RB-1]}}, right};
                assign carry = gen_node[2*(n-TERMS)].carry;
                if (CARRIES != 0) begin : gen_carry
                    // {l, c} - {~r, 1} = {l + r + c, c}: see dot_chain.
                    wire        taken  = gen_node[2*(n-TERMS)+1].carry;
                    wire [NB:0] s      = {left_x, taken} - {~right_x, 1'b1};
                    wire        unused = &{1'b0, s[0]};
                    assign sum = s[NB:1];
                end else begin : gen_plain
                    wire unused = &{1'b0, gen_node[2*(n-TERMS)+1].carry};
                    assign sum = left_x + right_x;
                end
            end
        end
        localparam ALL = bits(NODES - 1);
        if (SUM_BITS > ALL) begin : gen_extend
            assign o_sum = {{(SUM_BITS-ALL){gen_node[NODES-1].sum[ALL-1]}},
                            gen_node[NODES-1].sum};
        end else begin : gen_cut
            assign o_sum = gen_node[NODES-1].sum;
        end
    endgenerate
    assign o_carry = gen_node[NODES-1].carry;
endmodule

`default_nettype wire
