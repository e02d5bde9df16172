// dot_lut -- dot product of SIMD pairs in LUTs.  With SIMD = 1 it is the multiplier.
//
//   sum(w[i] * a[i]),  i = 0 .. SIMD-1  =  o_sum + o_carry      combinational
//
//   w, a --->[ chains of at most 8 rows (dot_chain) ]--->[ adder tree ]---> o_sum
//
// o_carry is the carry that no adder in here takes: every adder takes one, and there
// is one adder less than there are negated partial products.  The caller's adder has
// a free carry input.
//
// Operands are 1 .. 8 bits (w up to 18, a up to 32, for requant), each signed or not.
// 1-bit signed is bipolar: bit 0 is -1, bit 1 is +1.  The operand that needs fewer
// and narrower rows is recoded; a bipolar one always.  Pairs of 1-bit operands are
// counted by a plain sum: Yosys' own compressors do that as well as any structure
// that was tried.
//
// A chain has at most 8 rows: longer ones grow wider and slower, shorter ones need more
// adders in the tree.  All counts behind these choices: rtl/README.md.

`default_nettype none

module dot_lut #(
    parameter SIMD     = 4,         // pairs, >= 1
    parameter WBITS    = 4,         // [bit]
    parameter ABITS    = 4,         // [bit]
    parameter WSIGNED  = 1,
    parameter ASIGNED  = 0,
    parameter SUM_BITS = 12         // o_sum is sign-extended, or cut, to this
) (
    input  wire [SIMD*WBITS-1:0] i_w,
    input  wire [SIMD*ABITS-1:0] i_a,
    output wire [SUM_BITS-1:0]   o_sum,
    output wire                  o_carry
);
    localparam ROWS_MAX = 8;
    localparam W_BIPOLAR = WBITS == 1 && WSIGNED != 0;
    localparam A_BIPOLAR = ABITS == 1 && ASIGNED != 0;

    // About the bits of all rows if the operand of xb bits is the recoded one: a row
    // has y, its sign, its double, and two bits more for the sum's growth; a digit
    // that is only a carry (unsigned, even width) costs 4 more.  These weights choose
    // within 1 % of the best (rtl/mac/compare.sh recoding).
    function integer row_bits(input integer xb, input integer xs,
                              input integer yb, input integer ys);
        if (xb == 1) row_bits = yb + 2;
        else row_bits = (xs != 0 ? (xb + 1) / 2 : xb / 2 + 1) * (yb + (ys != 0 ? 3 : 4))
                      + (xs == 0 && xb % 2 == 0 ? 4 : 0);
    endfunction
    localparam SWAP = A_BIPOLAR ||
                      (!W_BIPOLAR && row_bits(ABITS, ASIGNED, WBITS, WSIGNED) <
                                     row_bits(WBITS, WSIGNED, ABITS, ASIGNED));
    localparam XBITS   = SWAP ? ABITS : WBITS;
    localparam XSIGNED = SWAP ? ASIGNED : WSIGNED;
    localparam YBITS   = SWAP ? WBITS : ABITS;
    localparam YSIGNED = SWAP ? WSIGNED : ASIGNED;

    localparam DIGITS = XSIGNED != 0 ? (XBITS + 1) / 2 : XBITS / 2 + 1;
    localparam GROUP  = DIGITS >= ROWS_MAX ? 1 : ROWS_MAX / DIGITS; // terms per chain
    localparam LEAVES = (SIMD + GROUP - 1) / GROUP;
    // Nodes 0 .. LEAVES-1 are the leaves; node n above adds the next two nodes that
    // nobody has added yet, 2 (n - LEAVES) and the one after.
    localparam NODES  = 2 * LEAVES - 1;

    localparam signed [63:0] ONE  = 1;
    localparam signed [63:0] X_LO = XSIGNED != 0 ? -(ONE <<< (XBITS - 1)) : 0;
    localparam signed [63:0] X_HI = XSIGNED == 0 ? (ONE <<< XBITS) - 1
                                  : XBITS == 1 ? 1 : (ONE <<< (XBITS - 1)) - 1;
    localparam signed [63:0] Y_LO = YSIGNED != 0 ? -(ONE <<< (YBITS - 1)) : 0;
    localparam signed [63:0] Y_HI = YSIGNED != 0 ? (ONE <<< (YBITS - 1)) - 1
                                            : (ONE <<< YBITS) - 1;
    function signed [63:0] lower(input signed [63:0] a, input signed [63:0] b);
        lower = a < b ? a : b;
    endfunction
    function signed [63:0] upper(input signed [63:0] a, input signed [63:0] b);
        upper = a > b ? a : b;
    endfunction
    localparam signed [63:0] P_LO = lower(lower(X_LO * Y_HI, X_HI * Y_LO), 0);
    localparam signed [63:0] P_HI = upper(X_LO * Y_LO, X_HI * Y_HI);

    function integer terms(input integer node);      // below it
        integer leaf;
        integer at;
        begin
            terms = 0;
            for (leaf = 0; leaf < LEAVES; leaf = leaf + 1) begin
                at = leaf;
                while (at < node) at = LEAVES + at / 2;
                if (at == node)
                    terms = terms + (leaf == LEAVES - 1 ? SIMD - leaf * GROUP : GROUP);
            end
        end
    endfunction
    // Bits of a node's sum, which still lacks one carry: see dot_chain.
    localparam signed [63:0] MISSING_LO = XSIGNED != 0 || DIGITS > 1 ? 1 : 0;
    localparam signed [63:0] MISSING_HI =
        XSIGNED != 0 && DIGITS == 1 && YSIGNED != 0 ? 1 : 0;
    function integer bits(input integer node);
        reg signed [63:0] lo;
        reg signed [63:0] hi;
        begin
            lo = {{32{1'b0}}, terms(node)} * P_LO - MISSING_LO;
            hi = {{32{1'b0}}, terms(node)} * P_HI - MISSING_HI;
            bits = 1;
            while (lo < -(ONE <<< (bits - 1)) || hi >= (ONE <<< (bits - 1)))
                bits = bits + 1;
        end
    endfunction
    genvar n;
    generate
        if (WBITS == 1 && ABITS == 1) begin : gen_count
            // Bipolar times bipolar is 2 * xnor - 1; bipolar times 0 or 1 is the
            // difference of two counts.
            wire [SUM_BITS-1:0] minus;
            wire [SIMD-1:0]     up;
            reg  [SUM_BITS-1:0] count;
            integer i;
            assign o_carry = 1'b0;
            always @* begin
                count = minus;
                for (i = 0; i < SIMD; i = i + 1)
                    count = count + {{(SUM_BITS-1){1'b0}}, up[i]};
            end
            if (W_BIPOLAR && A_BIPOLAR) begin : gen_xnor
                // Halved, so that the lowest bit, which is constant, costs nothing.
                localparam HALF = (SIMD + 1) / 2;
                assign up    = i_w ~^ i_a;
                assign minus = -HALF[SUM_BITS-1:0];
                assign o_sum = {count[SUM_BITS-2:0], SIMD % 2 == 1};
            end else if (W_BIPOLAR || A_BIPOLAR) begin : gen_mixed
                reg [SUM_BITS-1:0] down;
                integer k;
                always @* begin
                    down = {SUM_BITS{1'b0}};
                    for (k = 0; k < SIMD; k = k + 1)
                        down = down - {{(SUM_BITS-1){1'b0}},
                                       W_BIPOLAR ? i_a[k] & ~i_w[k] : i_w[k] & ~i_a[k]};
                end
                assign up    = i_w & i_a;
                assign minus = down;
                assign o_sum = count;
            end else begin : gen_and
                assign up    = i_w & i_a;
                assign minus = {SUM_BITS{1'b0}};
                assign o_sum = count;
            end
        end else begin : gen_tree
            for (n = 0; n < NODES; n = n + 1) begin : gen_node
                localparam BITS = bits(n);
                wire [BITS-1:0] sum;
                wire            carry;
                if (n < LEAVES) begin : gen_leaf
                    localparam FIRST = n * GROUP;
                    localparam TERMS = terms(n);
                    wire [TERMS*WBITS-1:0] w = i_w[FIRST*WBITS +: TERMS*WBITS];
                    wire [TERMS*ABITS-1:0] a = i_a[FIRST*ABITS +: TERMS*ABITS];
                    wire [TERMS*XBITS-1:0] x;
                    wire [TERMS*YBITS-1:0] y;
                    if (SWAP) begin : gen_swap
                        assign x = a;
                        assign y = w;
                    end else begin : gen_straight
                        assign x = w;
                        assign y = a;
                    end
                    dot_chain #(
                        .TERMS   (TERMS),
                        .XBITS   (XBITS),
                        .XSIGNED (XSIGNED),
                        .YBITS   (YBITS),
                        .YSIGNED (YSIGNED),
                        .SUM_BITS(BITS)
                    ) u_chain (
                        .i_x    (x),
                        .i_y    (y),
                        .o_sum  (sum),
                        .o_carry(carry)
                    );
                end else begin : gen_add
                    localparam LB = bits(2 * (n - LEAVES));
                    localparam RB = bits(2 * (n - LEAVES) + 1);
                    wire [LB-1:0] left  = gen_node[2*(n-LEAVES)].sum;
                    wire [RB-1:0] right = gen_node[2*(n-LEAVES)+1].sum;
                    wire          taken = gen_node[2*(n-LEAVES)+1].carry;
                    wire [BITS:0] s = {{(BITS-LB){left[LB-1]}}, left, taken} -
                                      {~{{(BITS-RB){right[RB-1]}}, right}, 1'b1};
                    wire          unused = &{1'b0, s[0]};    // `taken` again
                    assign sum   = s[BITS:1];
                    assign carry = gen_node[2*(n-LEAVES)].carry;
                end
            end
            localparam BITS_ALL = bits(NODES - 1);
            wire [BITS_ALL-1:0] all = gen_node[NODES-1].sum;
            assign o_carry = gen_node[NODES-1].carry;
            if (SUM_BITS > BITS_ALL) begin : gen_extend
                assign o_sum = {{(SUM_BITS-BITS_ALL){all[BITS_ALL-1]}}, all};
            end else begin : gen_cut
                assign o_sum = all[SUM_BITS-1:0];
            end
        end
    endgenerate
endmodule

`default_nettype wire
