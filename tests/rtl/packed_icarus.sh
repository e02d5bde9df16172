#!/bin/bash
# A second opinion on mac_packed from Icarus: our DSP48E1 against the model that comes
# with Yosys, our DSP48E2 against our DSP48E1, the unit against plain sums, and its
# netlist as synthesised for xc7, with Yosys' models of all cells, against the unit.
. tests/tap.sh
needs icarus iverilog yosys
cells=$(yosys-config --datdir 2>/dev/null || echo /usr/share/yosys)/xilinx/cells_sim.v
unit="rtl/mac/packed_dsp.v rtl/mac/packed_chain.v rtl/mac/carry_tree.v rtl/mac/mac_packed.v"


# Compiles FILES with tb in the language GENERATION and runs it; prints "N compared, 0
# wrong" if all went well.
run_tb() { # GENERATION FILES
    local gen=$1
    shift
    iverilog "-g$gen" -DSIM=1 -s tb -o "$t/tb.vvp" "$t/tb.v" "$@" >"$t/log" 2>&1 &&
        timeout 100 vvp -n "$t/tb.vvp" >>"$t/log" 2>&1
    grep -q "^[1-9][0-9]* compared, 0 wrong" "$t/log"
}

# ---- primitives: a driver of two cells with the same pins ----
# Random operands, enables and steps; the values that a cell has before it was first
# enabled are not compared.  MODE: Z and W of first and later steps, registers.
primitive_tb() { # CELL1 CELL2 OPMODE-BITS2 FIRST LATER ALUMODE CREG PREG
    local later2=$5 first2=$4
    [ "$3" = 9 ] && { first2="{2'b00, $4}"; later2="{2'b00, $5}"; }
    cat <<-EOF
	module tb;
	    reg clk = 0, en = 0, p_en = 0, first = 1;
	    reg signed [24:0] a = 0, d = 0;
	    reg signed [17:0] b = 0;
	    reg [47:0] c = 0, pc = 0;
	    wire [47:0] p1, p2;
	    integer i, wrong = 0, compared = 0;
	    always #5 clk = ~clk;
	    $1 #($(params "$1" "$7" "$8")) u1 ($(pins "$1" "first ? $4 : $5" "$6") .D(d), .P(p1));
	    $2 #($(params "$2" "$7" "$8")) u2 ($(pins "$2" "first ? $first2 : $later2" "$6")
	        .D($([ "$3" = 9 ] && echo "{{2{d[24]}}, d}" || echo d)), .P(p2));
	    initial begin
	        for (i = 0; i < 4000; i = i + 1) begin
	            a = \$random; d = \$random; b = \$random;
	            c = {\$random, \$random}; pc = {\$random, \$random};
	            // Where one wraps at 25 bits and the other one at 27, neither may.
	            if ($3 == 9) begin a = a >>> 1; d = d >>> 1; end
	            first = i < 4 || \$random % 4 == 0;
	            en = i < 4 || \$random % 3 != 0; p_en = i < 4 || \$random % 3 != 0;
	            @(posedge clk); #1;
	            if (i > 4) begin
	                compared = compared + 1;
	                if (p1 !== p2 || ^p1 === 1'bx) wrong = wrong + 1;
	            end
	        end
	        \$display("%0d compared, %0d wrong", compared, wrong);
	        \$finish;
	    end
	endmodule
	EOF
}
params() { # CELL CREG PREG
    echo ".ACASCREG(0), .ADREG(0), .ALUMODEREG(0), .AREG(0), .BCASCREG(0), .BREG(0),
        .CARRYINREG(0), .CARRYINSELREG(0), .CREG($2), .DREG(0), .INMODEREG(0), .MREG(1),
        .OPMODEREG(1), .PREG($3), $([[ $1 = *E2 ]] && echo '.AMULTSEL("AD")' || echo '.USE_DPORT("TRUE")')"
}
pins() { # CELL OPMODE ALUMODE
    echo ".CLK(clk), .A({{5{a[24]}}, a}), .B(b), .C(c), .PCIN(pc), .ACIN(30'd0), .BCIN(18'd0),
        .CARRYCASCIN(1'b0), .CARRYIN($3 != 0), .MULTSIGNIN(1'b0), .ALUMODE($3), .CARRYINSEL(3'd0),
        .INMODE(5'b01100), .OPMODE($2), .CEA1(1'b0), .CEA2(1'b0), .CEAD(1'b0), .CEALUMODE(1'b0),
        .CEB1(1'b0), .CEB2(1'b0), .CEC(en), .CECARRYIN(1'b0), .CECTRL(en), .CED(1'b0),
        .CEINMODE(1'b0), .CEM(en), .CEP(p_en), .RSTA(1'b0), .RSTALLCARRYIN(1'b0),
        .RSTALUMODE(1'b0), .RSTB(1'b0), .RSTC(1'b0), .RSTCTRL(1'b0), .RSTD(1'b0),
        .RSTINMODE(1'b0), .RSTM(1'b0), .RSTP(1'b0),"
}

sed -n '/^module DSP48E1 /,/^endmodule/p' "$cells" | sed 's/^module DSP48E1 /module yosys_DSP48E1 /' >"$t/ref.v"
# FIRST and LATER OPMODE, ALUMODE, CREG, PREG
modes="0000101 0000101 0 0 1
0010101 0010101 0 0 0
0010101 0010101 0 0 1
0000101 0110101 0 0 1
0110101 0110101 1 1 1
0110101 0110101 1 1 0
0000101 0100101 0 0 1"
bad=0 sets=0
while read -r first later alu creg preg; do
    primitive_tb DSP48E1 yosys_DSP48E1 7 "7'b$first" "7'b$later" "4'd$alu" "$creg" "$preg" >"$t/tb.v"
    run_tb 2012 rtl/lib/dsp48_datapath.v rtl/lib/dsp48e1.v "$t/ref.v" || bad=$((bad + 1))
    sets=$((sets + 1))
done <<<"$modes"
check $bad "DSP48E1: our model and Yosys' agree in $sets modes"
bad=0
while read -r first later alu creg preg; do
    primitive_tb DSP48E1 DSP48E2 9 "7'b$first" "7'b$later" "4'd$alu" "$creg" "$preg" >"$t/tb.v"
    run_tb 2005 rtl/lib/dsp48*.v || bad=$((bad + 1))
done <<<"$modes"
check $bad "DSP48E2 and DSP48E1 agree in $sets modes on 25-bit operands"
primitive_tb DSP48E1 DSP48E2 9 "7'b0000101" "7'b0100101" "4'd0" 0 1 |
    sed "s/{2'b00, 7'b0100101}/9'b010000101/" >"$t/tb.v"
run_tb 2005 rtl/lib/dsp48*.v && ok=1 || ok=0
check $((!ok)) "DSP48E2: P through W is P through Z"
primitive_tb DSP48E1 yosys_DSP48E1 7 "7'b0010101" "7'b0010101" "4'd0" 0 1 |
    sed "s/, p2;/, p2, q; assign p2 = q + 48'd1;/; s/\.P(p2)/.P(q)/" >"$t/tb.v"
run_tb 2012 rtl/lib/dsp48_datapath.v rtl/lib/dsp48e1.v "$t/ref.v" && ok=0 || ok=1
grep -q "compared, [1-9][0-9]* wrong" "$t/log" || ok=0
check $((!ok)) "a model that is off by one is found"

# ---- the unit: names of the parameters, then values per set ----
unit_tb() { # SIMD LANES WBITS ABITS WSIGNED ASIGNED ACC_BITS DSP48E2 LATENCY DUT
    cat <<-EOF
	module tb;
	    localparam SIMD = $1, LANES = $2, WB = $3, AB = $4, ACC = $7, LATENCY = $9, N = 1500;
	    reg clk = 0, en = 0, first = 1;
	    reg [LANES*SIMD*WB-1:0] w = 0;
	    reg [SIMD*AB-1:0] a = 0;
	    wire [LANES*ACC-1:0] acc;
	    reg [LANES*ACC-1:0] want [0:N];
	    integer t, i, l, adds = 0, wrong = 0, compared = 0, wv, av;
	    reg signed [ACC-1:0] sum;
	    always #5 clk = ~clk;
	    ${10} u (.clk(clk), .i_en(en), .i_first(first), .i_w(w), .i_a(a), .o_acc(acc));
	    function integer value(input integer code, input integer bits, input integer s);
	        value = s == 0 ? code : bits == 1 ? 2 * code - 1
	              : code >= (1 << (bits - 1)) ? code - (1 << bits) : code;
	    endfunction
	    initial begin
	        for (t = 0; t < N; t = t + 1) begin
	            for (i = 0; i < LANES*SIMD*WB; i = i + 1) w[i] = t % 9 == 0 ? t % 2 : \$random;
	            for (i = 0; i < SIMD*AB; i = i + 1) a[i] = t % 9 == 0 ? 1 : \$random;
	            first = t == 0 || adds == 2 || \$random % 3 == 0;
	            en = t == 0 || \$random % 4 != 0;
	            want[t] = t == 0 ? 0 : want[t-1];
	            if (en) begin
	                adds = first ? 1 : adds + 1;
	                for (l = 0; l < LANES; l = l + 1) begin
	                    sum = first ? 0 : want[t][l*ACC +: ACC];
	                    for (i = 0; i < SIMD; i = i + 1) begin
	                        wv = value(w[(l*SIMD+i)*WB +: WB], WB, $5);
	                        av = value(a[i*AB +: AB], AB, $6);
	                        sum = sum + wv * av;
	                    end
	                    want[t][l*ACC +: ACC] = sum;
	                end
	            end
	            @(posedge clk); #1;
	            if (t >= LATENCY) begin
	                compared = compared + 1;
	                if (acc !== want[t+1-LATENCY]) wrong = wrong + 1;
	            end
	        end
	        \$display("%0d compared, %0d wrong", compared, wrong);
	        \$finish;
	    end
	endmodule
	EOF
}
while read -r set; do
    # shellcheck disable=SC2086
    set -- $set
    overrides=".SIMD($1), .LANES($2), .WBITS($3), .ABITS($4), .WSIGNED($5), .ASIGNED($6), .ACC_BITS($7), .DSP48E2($8)"
    unit_tb "$@" "mac_packed #($overrides)" >"$t/tb.v"
    # shellcheck disable=SC2086
    run_tb 2005 rtl/lib/dsp48*.v $unit && ok=1 || ok=0
    check $((!ok)) "mac_packed $set: $(tail -1 "$t/log")"
    [ "$8" = 1 ] && continue # Yosys has no model of the DSP48E2
    unit_tb "$@" netlist >"$t/tb.v"
    yosys -q -p "read_verilog $unit; hierarchy -top mac_packed -chparam SIMD $1 -chparam LANES $2 \
        -chparam WBITS $3 -chparam ABITS $4 -chparam WSIGNED $5 -chparam ASIGNED $6 \
        -chparam ACC_BITS $7 -chparam DSP48E2 $8; rename -top netlist
        synth_xilinx -family xc7 -flatten -noiopad -noclkbuf -nowidelut -top netlist
        write_verilog -noattr $t/netlist.v" >"$t/log" 2>&1 &&
        run_tb 2012 "$t/netlist.v" "$cells" && ok=1 || ok=0
    check $((!ok)) "mac_packed $set, as synthesised: $(tail -1 "$t/log")"
done <<EOF2
3 2 8 8 1 0 20 0 3
4 2 4 4 1 0 14 0 2
5 3 4 4 1 1 12 0 3
3 4 4 4 1 0 14 0 3
2 4 4 4 1 1 12 0 3
8 4 1 3 1 0 9 0 3
9 2 8 8 1 0 24 1 3
4 2 8 8 1 1 18 1 2
6 3 5 5 1 0 16 1 3
EOF2
