// sum_tree -- sum of N unsigned terms, none above TERM_MAX.
//
//   o_sum = i_term[0] + .. + i_term[N-1]                    combinational
//
// A balanced tree of carry chains, each as wide as its largest sum.  Written as
// subtractions (see dot_chain), because Yosys merges plain additions into compressors,
// which take more LUTs: 16 x 16 bricks 2898 LUTs against 2618 on xc7 (rtl/README.md).

`default_nettype none

module sum_tree #(
    parameter N         = 4,        // terms, >= 1
    parameter TERM_BITS = 4,        // [bit]
    parameter TERM_MAX  = 9,        // N * TERM_MAX < 2^31
    parameter SUM_BITS  = 6         // [bit], holds N * TERM_MAX
) (
    input  wire [N*TERM_BITS-1:0] i_term,
    output wire [SUM_BITS-1:0]    o_sum
);
    // Nodes 0 .. N-1 are the terms; node n above adds the next two that nobody has
    // added yet, 2 (n - N) and the one after.
    localparam NODES = 2 * N - 1;
    function integer terms(input integer node);              // below it
        integer leaf;
        integer at;
        begin
            terms = 0;
            for (leaf = 0; leaf < N; leaf = leaf + 1) begin
                at = leaf;
                while (at < node) at = N + at / 2;
                if (at == node) terms = terms + 1;
            end
        end
    endfunction
    function integer bits(input integer node);
        integer left;
        begin
            bits = 0;
            for (left = terms(node) * TERM_MAX; left > 0; left = left / 2)
                bits = bits + 1;
        end
    endfunction

    genvar n;
    generate
        for (n = 0; n < NODES; n = n + 1) begin : gen_node
            localparam BITS = n < N ? TERM_BITS : bits(n);
            wire [BITS-1:0] sum;
            if (n < N) begin : gen_leaf
                assign sum = i_term[n*TERM_BITS +: TERM_BITS];
            end else begin : gen_add
                localparam L  = 2 * (n - N);
                localparam LB = L < N ? TERM_BITS : bits(L);
                localparam RB = L + 1 < N ? TERM_BITS : bits(L + 1);
                wire [LB-1:0] left  = gen_node[L].sum;
                wire [RB-1:0] right = gen_node[L+1].sum;
                wire [BITS:0] s = {{(BITS-LB){1'b0}}, left, 1'b0} -
                                  {~{{(BITS-RB){1'b0}}, right}, 1'b1};
                wire unused = &{1'b0, s[0]};                 // always 1
                assign sum = s[BITS:1];
            end
        end
        if (N == 1) begin : gen_one
            assign o_sum = {{(SUM_BITS-TERM_BITS){1'b0}}, gen_node[0].sum};
        end else begin : gen_all
            assign o_sum = gen_node[NODES-1].sum;
        end
    endgenerate
endmodule

`default_nettype wire
