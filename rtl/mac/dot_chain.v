// dot_chain -- sum of a few products, as one chain of adder rows.
//
//   sum(x[t] * y[t]),  t = 0 .. TERMS-1                      combinational
//
// x is split into radix-4 Booth digits d[j] = -2 x[2j+1] + x[2j] + x[2j-1], which
// lie in -2 .. 2, so that a digit times y is a shift, a complement, or nothing
// (A. D. Booth, 1951; O. L. MacSorley, 1961).  One row adds one digit's product to
// the running sum:
//
//   s[r] = (s[r-1] >> 2j) + (one ? y : two ? 2y : 0) ^ neg + neg       row (t, j)
//
// On LUT6 devices a bit of a row is one LUT: its inputs are the running sum, two bits
// of y and three of x.  That works only while the running sum, and not the digit's
// product, enters the carry chain directly.  A tool may exchange the operands of an
// addition, but not those of a subtraction, hence s - ~p below; the extra lowest bit
// makes the carry into the row from neg:  {s, neg} - {~p, 1} = {s + p + neg, neg}.
// The low 2j bits pass a row unchanged.  Rows are ordered by digit, then by term.
// The first row has no adder, so its neg is left to the caller:
//
//   sum(x * y) = o_sum + o_carry
//
// A 1-bit signed x is bipolar: bit 0 is -1, bit 1 is +1, one digit of -1 or 1.
// y is never bipolar.  Exact: every row has the bits that its extreme values need.

`default_nettype none

module dot_chain #(
    parameter TERMS    = 1,         // products, >= 1
    parameter XBITS    = 4,         // recoded operand [bit], 1 .. 18
    parameter XSIGNED  = 1,
    parameter YBITS    = 4,         // [bit], 1 .. 32; >= 2 if signed
    parameter YSIGNED  = 0,
    parameter SUM_BITS = 8          // o_sum is sign-extended, or cut, to this
) (
    input  wire [TERMS*XBITS-1:0] i_x,
    input  wire [TERMS*YBITS-1:0] i_y,
    output wire [SUM_BITS-1:0]    o_sum,
    output wire                   o_carry
);
    localparam DIGITS  = XSIGNED != 0 ? (XBITS + 1) / 2 : XBITS / 2 + 1;
    localparam ROWS    = TERMS * DIGITS;
    localparam BIPOLAR = XSIGNED != 0 && XBITS == 1;

    localparam signed [63:0] ONE  = 1;
    localparam signed [63:0] Y_LO = YSIGNED != 0 ? -(ONE <<< (YBITS - 1)) : 0;
    localparam signed [63:0] Y_HI = YSIGNED != 0 ? (ONE <<< (YBITS - 1)) - 1
                                            : (ONE <<< YBITS) - 1;

    // Extremes of x as its digits 0 .. j give it; j = -1 is no digit yet.
    function signed [63:0] x_lo(input integer j);
        if (j < 0) x_lo = 0;
        else if (j < DIGITS - 1) x_lo = -(ONE <<< (2 * j + 1));
        else if (XSIGNED == 0) x_lo = 0;
        else x_lo = -(ONE <<< (XBITS - 1));
    endfunction
    function signed [63:0] x_hi(input integer j);
        if (j < 0) x_hi = 0;
        else if (j < DIGITS - 1) x_hi = (ONE <<< (2 * j + 1)) - 1;
        else if (XSIGNED == 0) x_hi = (ONE <<< XBITS) - 1;
        else if (BIPOLAR) x_hi = 1;
        else x_hi = (ONE <<< (XBITS - 1)) - 1;
    endfunction
    function signed [63:0] lower(input signed [63:0] a, input signed [63:0] b);
        lower = a < b ? a : b;
    endfunction
    function signed [63:0] upper(input signed [63:0] a, input signed [63:0] b);
        upper = a > b ? a : b;
    endfunction
    function signed [63:0] product_lo(input integer j);
        product_lo = lower(lower(x_lo(j) * Y_HI, x_hi(j) * Y_LO),
                           lower(x_lo(j) * Y_LO, x_hi(j) * Y_HI));
    endfunction
    function signed [63:0] product_hi(input integer j);
        product_hi = upper(upper(x_lo(j) * Y_LO, x_hi(j) * Y_HI),
                           upper(x_lo(j) * Y_HI, x_hi(j) * Y_LO));
    endfunction

    // Width of the running sum after row r.  The first row's neg is still missing:
    // one less at the bottom, and at the top if only a negated y reaches it.
    localparam signed [63:0] MISSING_LO = XSIGNED != 0 || DIGITS > 1 ? 1 : 0;
    localparam signed [63:0] MISSING_HI =
        XSIGNED != 0 && DIGITS == 1 && YSIGNED != 0 ? 1 : 0;
    function integer bits_after(input integer r);
        integer           term;
        reg signed [63:0] done;              // terms that have this row's digit
        reg signed [63:0] todo;
        reg signed [63:0] lo;
        reg signed [63:0] hi;
        begin
            term = r % TERMS + 1;
            done = {32'd0, term};
            term = TERMS - term;
            todo = {32'd0, term};
            lo = done * product_lo(r / TERMS) + todo * product_lo(r / TERMS - 1)
               - MISSING_LO;
            hi = done * product_hi(r / TERMS) + todo * product_hi(r / TERMS - 1)
               - MISSING_HI;
            bits_after = 1;
            while (lo < -(ONE <<< (bits_after - 1)) || hi >= (ONE <<< (bits_after - 1)))
                bits_after = bits_after + 1;
        end
    endfunction
    localparam LAST_BITS = bits_after(ROWS - 1);

    genvar r;
    generate
        for (r = 0; r < ROWS; r = r + 1) begin : gen_row
            localparam J    = r / TERMS;             // digit
            localparam LOW  = 2 * J;                 // its weight is 2^LOW
            localparam AT   = (r % TERMS) * XBITS;   // of the term in i_x
            localparam BITS = bits_after(r);
            localparam ADD  = BITS - LOW;            // bits of this row's adder

            wire [BITS-1:0]  sum;
            wire [YBITS-1:0] y  = i_y[(r%TERMS)*YBITS +: YBITS];
            wire             ys = YSIGNED != 0 ? y[YBITS-1] : 1'b0;
            wire [ADD-1:0]   y1 = {{(ADD-YBITS){ys}}, y};
            wire [ADD-1:0]   product;
            wire             neg;
            wire             unused_ys = &{1'b0, ys};    // narrow rows need no sign

            if (BIPOLAR) begin : gen_bipolar
                assign neg     = ~i_x[AT];
                assign product = y1 ^ {ADD{neg}};
            end else if (LOW + 1 == XBITS && XSIGNED == 0) begin : gen_top_bit
                // Digit 0 or 1, or 0 .. 2 where the digit below carries into it.
                wire below;
                if (LOW == 0) begin : gen_single
                    assign below = 1'b0;
                end else begin : gen_below
                    assign below = i_x[AT+LOW-1];
                end
                assign neg     = 1'b0;
                assign product = ({ADD{i_x[AT+LOW] ^ below}} & y1) |
                                 ({ADD{i_x[AT+LOW] & below}} & {y1[ADD-2:0], 1'b0});
            end else if (LOW >= XBITS) begin : gen_top_carry
                assign neg     = 1'b0;
                assign product = {ADD{i_x[AT+LOW-1]}} & y1;
            end else begin : gen_booth
                localparam HIGH = LOW + 1 < XBITS ? LOW + 1 : XBITS - 1;
                wire below;
                if (LOW == 0) begin : gen_lowest
                    assign below = 1'b0;
                end else begin : gen_below
                    assign below = i_x[AT+LOW-1];
                end
                wire one = i_x[AT+LOW] ^ below;
                wire two = i_x[AT+LOW] == below && i_x[AT+HIGH] != below;
                assign neg     = i_x[AT+HIGH];
                assign product = (({ADD{one}} & y1) |
                                  ({ADD{two}} & {y1[ADD-2:0], 1'b0})) ^ {ADD{neg}};
            end

            if (r == 0) begin : gen_first
                assign sum     = product;
                assign o_carry = neg;
            end else begin : gen_add
                localparam PREV = bits_after(r - 1);
                wire [PREV-1:0] prev = gen_row[r-1].sum;
                wire [ADD-1:0]  high = {{(BITS-PREV){prev[PREV-1]}}, prev[PREV-1:LOW]};
                wire [ADD:0]    s    = {high, neg} - {~product, 1'b1};
                wire            unused = &{1'b0, s[0]};      // neg again
                assign sum[BITS-1:LOW] = s[ADD:1];
                if (LOW > 0) begin : gen_low
                    assign sum[LOW-1:0] = prev[LOW-1:0];
                end
            end
        end

    endgenerate

    wire [LAST_BITS-1:0] last = gen_row[ROWS-1].sum;
    generate
        if (SUM_BITS > LAST_BITS) begin : gen_extend
            assign o_sum = {{(SUM_BITS-LAST_BITS){last[LAST_BITS-1]}}, last};
        end else begin : gen_cut
            assign o_sum = last[SUM_BITS-1:0];
        end
    endgenerate
endmodule

`default_nettype wire
