// mac_packed -- several dot products with common activations, packed into DSPs.
//
//   acc[l] <- (i_first ? 0 : acc[l]) + sum(w[l][i] * a[i])      when i_en,  every lane l
//
//   i_w, i_a ->[ packed_chain ]->[ lanes apart ]->[ carry_tree ]->( + )->[ acc ]-> o_acc
//              SIMD DSPs in all                                   ^_______|
//   latency: 3 cycles, or 2 (IN_DSP); rate: SIMD * LANES products / cycle, SIMD DSPs
// Contract
//   o_acc holds the sums since the last i_first, `latency` cycles after an i_en.
//   Lane l element i is i_w[(l*SIMD+i)*WBITS +: WBITS]; element i of the activations
//   is i_a[i*ABITS +: ABITS]; lane l of the result is o_acc[l*ACC_BITS +: ACC_BITS].
//   1-bit signed is bipolar.  Exact if ACC_BITS holds every partial sum.
//
// Packing.  One multiplication by a[i] serves all lanes: their weights stand SPACING
// bits apart in one factor, as wide as the pre-adder allows (25 bits, DSP48E2: 27).
// So do the products in the result, and the sums of the CHAIN products that a cascade
// of DSPs adds up before anything is taken apart:
//
//   P = T[0] + T[1] 2^SPACING + T[2] 2^(2 SPACING) + ...
//
// A field of SPACING bits holds T[l] plus what the lanes below carry into it:
//   no overlap   T fits SPACING bits.  2^(SPACING-1) added to each lane (C of the first
//                DSP) keeps the sums from being negative, so nothing is carried.
//   overlap      T has one bit more.  It lies under the lowest bit of T[l+1], which is
//                the parity of the products' lowest bits, so it is that parity XOR the
//                bit of P.  It is also what T[l+1] must have back, as a carry.
// The overlap is taken where it saves chains (with one chain there are half as many
// words to take apart and add as with two).  Signed weights that leave no room even so
// are made positive in the lower lanes, which gives SPACING a bit more (OFFSET in
// packed_chain).  What does not fit then is refused.
//
// Accumulators are in LUTs, or in the last DSP (IN_DSP) if one chain has all SIMD
// products and SPACING has ACC_BITS.  On the DSP48E2 that costs no LUT but an inverter
// per lane, on the DSP48E1, which cannot be biased then, an adder per lane from the
// second on.
//
// CHAIN_MAX: a cascade has no registers between its DSPs, so it takes about a
// nanosecond per DSP; 8 of them fit 100 MHz.
//
// Cost: SIMD DSP.  IN_DSP: 1 FF.  Else LANES * ACC_BITS + 4 FF, and with overlap
// 2 * (LANES - 1) per chain.
// rtl/mac_packed.c has the same rule, for the number of cycles and the limits.

`default_nettype none

(* keep_hierarchy *)
module mac_packed #(
    parameter SIMD     = 4,         // pairs, 1 .. 64
    parameter LANES    = 2,         // dot products, 1 .. 4
    parameter WBITS    = 8,         // [bit], 1 .. 8
    parameter ABITS    = 8,         // [bit], 1 .. 8
    parameter WSIGNED  = 1,         // 0 or 1
    parameter ASIGNED  = 0,         // 0 or 1
    parameter ACC_BITS = 24,        // [bit], 2 .. 32
    parameter DSP48E2  = 0          // 0: DSP48E1, 1: DSP48E2
) (
    input  wire                        clk,
    input  wire                        i_en,
    input  wire                        i_first,
    input  wire [LANES*SIMD*WBITS-1:0] i_w,
    input  wire [SIMD*ABITS-1:0]       i_a,
    output wire [LANES*ACC_BITS-1:0]   o_acc
);
    localparam CHAIN_MAX   = 8;
    localparam FACTOR_BITS = DSP48E2 != 0 ? 27 : 25;

    // ---- ranges ----
    localparam signed [63:0] ONE  = 1;
    localparam signed [63:0] W_LO = WSIGNED != 0 ? -(ONE <<< (WBITS - 1)) : 0;
    localparam signed [63:0] W_HI = WSIGNED == 0 ? (ONE <<< WBITS) - 1
                                  : WBITS == 1 ? 1 : (ONE <<< (WBITS - 1)) - 1;
    localparam signed [63:0] A_LO = ASIGNED != 0 ? -(ONE <<< (ABITS - 1)) : 0;
    localparam signed [63:0] A_HI = ASIGNED == 0 ? (ONE <<< ABITS) - 1
                                  : ABITS == 1 ? 1 : (ONE <<< (ABITS - 1)) - 1;
    localparam SIGNED = WSIGNED != 0 || ASIGNED != 0;
    function signed [63:0] upper(input signed [63:0] a, input signed [63:0] b);
        upper = a > b ? a : b;
    endfunction
    // Largest magnitude of a product.
    localparam signed [63:0] PEAK = upper(upper(W_LO * A_LO, W_HI * A_HI),
                                          upper(-(W_LO * A_HI), -(W_HI * A_LO)));

    // ---- the packing rule ----
    // Largest spacing whose packed weights fit the factor; 24, so that two lanes of as
    // many bits fit the sum.
    function integer plain_spacing(input integer bits);
        integer           s;
        integer           l;
        reg signed [63:0] ones;
        begin
            plain_spacing = 0;
            for (s = 1; s * (LANES - 1) < bits && s <= 24; s = s + 1) begin
                ones = 0;
                for (l = 0; l < LANES; l = l + 1) ones = ones + (ONE <<< (l * s));
                if (W_LO * ones >= -(ONE <<< (bits - 1)) &&
                    W_HI * ones < (ONE <<< (bits - 1))) plain_spacing = s;
            end
            if (LANES == 1) plain_spacing = 48;
        end
    endfunction
    // Products that a lane holds, with the -1 that the lane below can carry into it.
    function integer capacity(input integer spacing, input integer overlap);
        reg signed [63:0] n;
        begin
            if (SIGNED) n = ((ONE <<< (spacing + overlap - 1)) - 1) / PEAK;
            else n = overlap != 0 ? 0 : ((ONE <<< spacing) - 1) / PEAK;
            capacity = n > CHAIN_MAX ? CHAIN_MAX : n[31:0];
        end
    endfunction
    function integer chains_of(input integer chain);
        chains_of = chain < 1 ? SIMD + 1 : (SIMD + chain - 1) / chain;
    endfunction
    localparam PLAIN   = plain_spacing(FACTOR_BITS);
    localparam OFFSET  = LANES > 1 && capacity(PLAIN, 0) < 1 && capacity(PLAIN, 1) < 1 &&
                         WSIGNED != 0 && WBITS > 1;
    localparam SPACING = OFFSET ? (FACTOR_BITS - WBITS) / (LANES - 1) : PLAIN;
    localparam IN_DSP  = !OFFSET && SIMD <= CHAIN_MAX &&
                         ACC_BITS + (LANES > 2 ? 1 : 0) <= SPACING;
    localparam N_0     = chains_of(OFFSET && capacity(SPACING, 0) > 1
                                   ? 1 : capacity(SPACING, 0));
    localparam N_1     = chains_of(OFFSET && capacity(SPACING, 1) > 1
                                   ? 1 : capacity(SPACING, 1));
    localparam OVERLAP = !IN_DSP && N_1 < N_0 ? 1 : 0;
    localparam CHAINS  = IN_DSP ? 1 : OVERLAP != 0 ? N_1 : N_0;
    localparam LEGAL   = SIMD >= 1 && SIMD <= 64 && LANES >= 1 && LANES <= 4 &&
                         WBITS >= 1 && WBITS <= 8 && ABITS >= 1 && ABITS <= 8 &&
                         ACC_BITS >= 2 && ACC_BITS <= 32;
    localparam FITS    = CHAINS <= SIMD;
    localparam CHAIN   = FITS ? (SIMD + CHAINS - 1) / CHAINS : 1;
    localparam FEEDS   = DSP48E2 == 0 && IN_DSP;      // no bias: see packed_chain
    localparam BIASED  = SIGNED && OVERLAP == 0 && !OFFSET && !FEEDS;
    localparam CARRIES = SIGNED && !BIASED;
    // Bits of a chain's sum of products, with a -1 carried into it.
    function integer sum_bits(input integer least);
        begin
            sum_bits = least;
            while (CHAIN * PEAK >= (ONE <<< (sum_bits - 1))) sum_bits = sum_bits + 1;
        end
    endfunction
    localparam WORD = IN_DSP ? ACC_BITS : sum_bits(2);

    reg en_q;                                // the product registers are new
    always @(posedge clk) en_q <= i_en;

    genvar c;
    genvar l;
    genvar i;
    generate
        if (!LEGAL) begin : gen_range
            mac_packed_parameter_out_of_range u_stop ();
        end else if (!FITS) begin : gen_fit
            mac_packed_lanes_do_not_fit_the_DSP u_stop ();
        end else begin : gen_mac
            // ---- chains: lane l of chain c is words[l] at c, and needs its carry ----
            wire [LANES*CHAINS*WORD-1:0]  words;
            wire [LANES*CHAINS-1:0]       carries;
            for (c = 0; c < CHAINS; c = c + 1) begin : gen_chain
                localparam AT = c * CHAIN;
                localparam N  = c == CHAINS - 1 ? SIMD - AT : CHAIN;
                wire [LANES*N*WBITS-1:0] w;
                wire [N*ABITS-1:0]       a = i_a[AT*ABITS +: N*ABITS];
                wire [47:0]              p;
                for (l = 0; l < LANES; l = l + 1) begin : gen_pick
                    assign w[l*N*WBITS +: N*WBITS] =
                        i_w[(l*SIMD+AT)*WBITS +: N*WBITS];
                end
                packed_chain #(
                    .N         (N),
                    .LANES     (LANES),
                    .SPACING   (SPACING),
                    .WBITS     (WBITS),
                    .ABITS     (ABITS),
                    .WSIGNED   (WSIGNED),
                    .ASIGNED   (ASIGNED),
                    .DSP_E2    (DSP48E2),
                    .BIASED    (BIASED ? 1 : 0),
                    .OFFSET    (OFFSET ? 1 : 0),
                    .ACCUMULATE(IN_DSP ? 1 : 0)
                ) u_chain (
                    .clk    (clk),
                    .i_en   (i_en),
                    .i_p_en (en_q),
                    .i_first(i_first),
                    .i_w    (w),
                    .i_a    (a),
                    .o_p    (p)
                );

                for (l = 0; l < LANES; l = l + 1) begin : gen_lane
                    localparam INDEX = l * CHAINS + c;
                    wire [WORD-1:0]  raw;            // the field of P
                    wire             carry;          // into this lane
                    wire             out;            // what it carries, negated
                    if (l == LANES - 1) begin : gen_top
                        assign raw = p[l*SPACING +: WORD];
                        assign out = 1'b0;
                    end else if (OVERLAP != 0) begin : gen_overlap
                        // Parity of the products of the lane above, as late as P.
                        reg  low_q;
                        reg  low_q2;
                        wire [N-1:0] odd;
                        for (i = 0; i < N; i = i + 1) begin : gen_odd
                            wire w_low = WBITS == 1 && WSIGNED != 0
                                       ? 1'b1 : w[((l+1)*N+i)*WBITS];
                            wire a_low = ABITS == 1 && ASIGNED != 0
                                       ? 1'b1 : a[i*ABITS];
                            assign odd[i] = w_low & a_low;
                        end
                        always @(posedge clk) begin
                            if (i_en) low_q  <= ^odd;
                            if (en_q) low_q2 <= low_q;
                        end
                        assign out = p[(l+1)*SPACING] ^ low_q2;
                        assign raw = {out, p[l*SPACING +: SPACING]};
                    end else begin : gen_field
                        assign raw = p[l*SPACING +: WORD];
                        assign out = p[l*SPACING+SPACING-1];
                    end
                    if (l == 0 || !CARRIES) begin : gen_lowest
                        assign carry = 1'b0;
                    end else begin : gen_upper
                        assign carry = gen_lane[l-1].out;
                    end
                    if (BIASED && l < LANES - 1 && WORD == SPACING) begin : gen_unbias
                        assign words[INDEX*WORD +: WORD] =
                            {~raw[WORD-1], raw[WORD-2:0]};
                    end else if (!SIGNED && !IN_DSP) begin : gen_positive
                        assign words[INDEX*WORD +: WORD] = {1'b0, raw[WORD-2:0]};
                    end else begin : gen_as_is
                        assign words[INDEX*WORD +: WORD] = raw;
                    end
                    assign carries[INDEX] = carry;
                    wire unused = &{1'b0, out, raw};       // not always
                end
                wire unused = &{1'b0, p};            // not every bit
            end

            // ---- accumulators ----
            if (IN_DSP) begin : gen_in_dsp
                for (l = 0; l < LANES; l = l + 1) begin : gen_out
                    assign o_acc[l*ACC_BITS +: ACC_BITS] =
                        words[l*WORD +: WORD] + {{(ACC_BITS-1){1'b0}}, carries[l]};
                end
            end else begin : gen_in_lut
                // The sums of the chains are new; their step was the first.
                reg en_q2;
                reg first_q;
                reg first_q2;
                always @(posedge clk) begin
                    en_q2    <= en_q;
                    first_q  <= i_first;
                    first_q2 <= first_q;
                end
                for (l = 0; l < LANES; l = l + 1) begin : gen_acc
                    wire [ACC_BITS-1:0] sum;
                    wire                carry;
                    carry_tree #(
                        .TERMS   (CHAINS),
                        .BITS    (WORD),
                        .SUM_BITS(ACC_BITS),
                        .CARRIES (CARRIES ? 1 : 0)
                    ) u_sum (
                        .i_x    (words[l*CHAINS*WORD +: CHAINS*WORD]),
                        .i_carry(carries[l*CHAINS +: CHAINS]),
                        .o_sum  (sum),
                        .o_carry(carry)
                    );
                    // A subtraction, as in mac_parallel.
                    reg  [ACC_BITS-1:0] acc_q;
                    wire [ACC_BITS-1:0] kept = acc_q & {ACC_BITS{~first_q2}};
                    wire [ACC_BITS:0]   next = {sum, carry} - {~kept, 1'b1};
                    always @(posedge clk)
                        if (en_q2) acc_q <= next[ACC_BITS:1];
                    assign o_acc[l*ACC_BITS +: ACC_BITS] = acc_q;
                    wire unused = &{1'b0, next[0]};          // the carry again
                end
            end
        end
    endgenerate
endmodule

`default_nettype wire
