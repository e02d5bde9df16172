#!/bin/bash
# A second opinion on mvu.v: Icarus runs it against results computed here in awk, with
# random stalls on both sides.
. tests/tap.sh
needs icarus iverilog

# Writes w.bits, r.bits (load words), s.bits (input), m.bits (expected output), one word a
# line.  Awk's numbers are exact: the largest is below 2^50.
vectors() {
    awk -v MW="$1" -v MH="$2" -v PE="$3" -v SIMD="$4" -v WB="$5" -v AB="$6" -v WS="$7" \
        -v AS="$8" -v ACC="$9" -v OB="${10}" -v OS="${11}" -v SHIFT="${12}" \
        -v LANES="${13}" -v NVEC="$vecs" -v dir="$t" '
    function draw(bits, sign) {              # a grid integer
        if (bits == 1 && sign) return rand() < 0.5 ? -1 : 1
        return int(rand() * 2^bits) - (sign ? 2^(bits - 1) : 0)
    }
    function bin(v, bits,   s, i) {          # two-s complement, MSB first
        if (v < 0) v += 2^bits
        s = ""
        for (i = 0; i < bits; i++) { s = (v % 2) s; v = int(v / 2) }
        return s
    }
    function code(v, bits, sign) {
        return bits == 1 && sign ? (v > 0 ? "1" : "0") : bin(v, bits)
    }
    function floor(x,   i) { i = int(x); return i > x ? i - 1 : i }
    BEGIN {
        srand(MW * 7 + MH)
        SF = MW / SIMD; NF = MH / PE
        for (k = 0; k < MH; k++)
            for (j = 0; j < MW; j++) w[k, j] = draw(WB, WS)
        for (nf = 0; nf < NF; nf++)
            for (sf = 0; sf < SF; sf++) {
                word = ""
                for (pe = 0; pe < PE; pe++)
                    for (i = 0; i < SIMD; i++)
                        word = code(w[nf * PE + pe, sf * SIMD + i], WB, WS) word
                print word > (dir "/w.bits")
            }
        for (k = 0; k < MH; k++) {
            mul[k] = int(rand() * 2^18) - 2^17
            bias[k] = (int(rand() * 2^18) - 2^17) * 2^(ACC - 2)
        }
        for (ow = 0; ow < MH / LANES; ow++) {
            word = ""
            for (l = 0; l < LANES; l++)
                word = bin(bias[ow * LANES + l], ACC + 18) bin(mul[ow * LANES + l], 18) word
            print word > (dir "/r.bits")
        }
        lo = OS ? (OB == 1 ? -1 : -2^(OB - 1)) : 0
        hi = OS ? (OB == 1 ? 1 : 2^(OB - 1) - 1) : 2^OB - 1
        for (v = 0; v < NVEC; v++) {
            for (j = 0; j < MW; j++) x[j] = draw(AB, AS)
            for (sf = 0; sf < SF; sf++) {
                word = ""
                for (i = 0; i < SIMD; i++) word = code(x[sf * SIMD + i], AB, AS) word
                print word > (dir "/s.bits")
            }
            for (ow = 0; ow < MH / LANES; ow++) {
                word = ""
                for (l = 0; l < LANES; l++) {
                    k = ow * LANES + l
                    acc = 0
                    for (j = 0; j < MW; j++) acc += w[k, j] * x[j]
                    q = floor((acc * mul[k] + bias[k]) / 2^SHIFT)
                    if (OS && OB == 1) q = q >= 0 ? 1 : -1
                    if (q < lo) q = lo
                    if (q > hi) q = hi
                    word = code(q, OB, OS) word
                }
                print word > (dir "/m.bits")
            }
        }
    }' </dev/null
}

testbench() {
    cat <<-EOF
	\`timescale 1ns / 1ps
	module tb;
	    localparam WORDS = $(($2 / $3 * ($1 / $4))), OWORDS = $(($2 / ${13}));
	    localparam WW = $(($3 * $4 * $5)), RW = $((${13} * ($9 + 36)));
	    localparam SW = $(($4 * $6)), OW = $((${13} * ${10}));
	    localparam IN = $vecs * $(($1 / $4)), OUT = $vecs * OWORDS;
	    reg clk = 0, rst = 1, w_en = 0, r_en = 0, s_valid = 0, m_ready = 0;
	    reg [31:0] addr = 0;
	    reg [WW-1:0] w [0:WORDS-1];
	    reg [RW-1:0] r [0:OWORDS-1];
	    reg [SW-1:0] s [0:IN-1];
	    reg [OW-1:0] m [0:OUT-1];
	    wire s_ready, m_valid;
	    wire [OW-1:0] m_data;
	    integer sent = 0, got = 0, bad = 0, cycle = 0, i;
	    mvu #(.MW($1), .MH($2), .PE($3), .SIMD($4), .WBITS($5), .ABITS($6), .WSIGNED($7),
	          .ASIGNED($8), .ACC_BITS($9), .OUT_BITS(${10}), .OUT_SIGNED(${11}),
	          .SHIFT(${12}), .LANES(${13}), .REQUANT_DSP(${14}), .RAM_BLOCK(${15})) dut (
	        .clk(clk), .rst(rst), .i_wload_en(w_en), .i_wload_addr(addr[\$clog2(WORDS)+(WORDS==1)-1:0]),
	        .i_wload_data(w[addr % WORDS]), .i_rload_en(r_en),
	        .i_rload_addr(addr[\$clog2(OWORDS)+(OWORDS==1)-1:0]), .i_rload_data(r[addr % OWORDS]),
	        .s_data(s[sent % IN]), .s_valid(s_valid), .s_ready(s_ready),
	        .m_data(m_data), .m_valid(m_valid), .m_ready(m_ready));
	    always #5 clk = ~clk;
	    initial begin
	        \$readmemb("$t/w.bits", w); \$readmemb("$t/r.bits", r);
	        \$readmemb("$t/s.bits", s); \$readmemb("$t/m.bits", m);
	        repeat (3) @(negedge clk);
	        rst = 0;
	        for (i = 0; i < WORDS || i < OWORDS; i = i + 1) begin
	            addr = i; w_en = i < WORDS; r_en = i < OWORDS;
	            @(negedge clk);
	        end
	        w_en = 0; r_en = 0;
	        while (got < OUT && cycle < 100000) begin
	            if (!s_valid) s_valid = sent < IN && \$random % 3 != 0;
	            m_ready = \$random % 3 != 0;
	            @(posedge clk);
	            if (m_valid && m_ready) begin
	                if (m_data !== m[got]) bad = bad + 1;
	                got = got + 1;
	            end
	            i = s_valid && s_ready;
	            @(negedge clk);
	            if (i) begin sent = sent + 1; s_valid = 0; end
	            cycle = cycle + 1;
	        end
	        \$display("%0d words, %0d wrong, %0d missing", got, bad, OUT - got);
	        \$finish;
	    end
	endmodule
	EOF
}

vecs=6
while read -r set; do
    # shellcheck disable=SC2086
    {
        rm -f "$t"/*.bits
        vectors $set
        testbench $set >"$t/tb.v"
    }
    iverilog -g2005 -DSIM=1 -s tb -o "$t/tb.vvp" "$t/tb.v" rtl/*/*.v >"$t/log" 2>&1 &&
        vvp -n "$t/tb.vvp" >>"$t/log" 2>&1
    grep -q "^[1-9][0-9]* words, 0 wrong, 0 missing" "$t/log"
    check $? "mvu $set: $(tail -1 "$t/log")"
done <<EOF
12 6 2 3 4 4 1 0 11 4 0 20 1 1 0
8 4 4 4 1 1 1 1 6 3 1 14 2 0 1
6 9 3 6 8 8 1 0 19 8 1 24 3 1 0
20 4 4 2 2 5 1 0 11 1 1 12 1 0 0
9 8 8 3 3 2 0 1 9 2 0 15 4 1 1
70 2 1 1 2 2 1 0 10 4 0 18 1 0 0
EOF
