#!/bin/bash
# The packing with its corrections is proved equal to plain products by SMT, through the
# models of the DSPs, for operands too wide to simulate all; units without a correction
# are found wrong.
. tests/tap.sh
needs proof yosys z3
src="$(echo rtl/lib/dsp48*.v) rtl/mac/packed_dsp.v rtl/mac/packed_chain.v rtl/mac/carry_tree.v"


# Every step is the first one, and registers are wires: what is proved is what comes out
# for every operand, not when.
cat >"$t/wires.v" <<EOF2
module \\\$dff (input CLK, input [WIDTH-1:0] D, output [WIDTH-1:0] Q);
    parameter WIDTH = 1;
    parameter CLK_POLARITY = 1;
    assign Q = D;
endmodule
EOF2
design() { # SIMD LANES WBITS ABITS WSIGNED ASIGNED ACC_BITS DSP48E2
    cat <<-EOF2
	module top (input clk);
	    localparam ACC = $7;
	    (* anyseq *) wire [$(($1 * $2 * $3 - 1)):0] w;
	    (* anyseq *) wire [$(($1 * $4 - 1)):0] a;
	    wire [$2*ACC-1:0] acc;
	    mac_packed #(.SIMD($1), .LANES($2), .WBITS($3), .ABITS($4), .WSIGNED($5), .ASIGNED($6),
	                 .ACC_BITS(ACC), .DSP48E2($8)) u_mac (
	        .clk(clk), .i_en(1'b1), .i_first(1'b1), .i_w(w), .i_a(a), .o_acc(acc));
	    reg [$2*ACC-1:0] gold;
	    reg signed [ACC-1:0] wv, av, sum;
	    integer i, l;
	    always @* begin
	        for (l = 0; l < $2; l = l + 1) begin
	            sum = 0;
	            for (i = 0; i < $1; i = i + 1) begin
	                wv = {{ACC{$5 ? w[(l*$1+i)*$3+$3-1] : 1'b0}}, w[(l*$1+i)*$3 +: $3]};
	                av = {{ACC{$6 ? a[i*$4+$4-1] : 1'b0}}, a[i*$4 +: $4]};
	                sum = sum + wv * av;
	            end
	            gold[l*ACC +: ACC] = sum;
	        end
	    end
	    always @* assert (acc == gold);
	endmodule
	EOF2
}

prove() { # MAC-FILE SECONDS -> exit status of the proof; the log ends with PASSED or FAILED
    yosys -q -p "read_verilog -formal $src $1 $t/top.v
        hierarchy -check -top top; setattr -mod -unset keep_hierarchy *
        proc; flatten; opt; dffunmap; techmap -map $t/wires.v; opt -full; wreduce; opt_clean
        check -assert
        write_smt2 -wires $t/top.smt2" >"$t/log" 2>&1 &&
        timeout "$2" yosys-smtbmc --noprogress -s z3 -t 1 "$t/top.smt2" >>"$t/log" 2>&1
}

while read -r set; do
    # shellcheck disable=SC2086
    design $set >"$t/top.v"
    start=$SECONDS
    prove rtl/mac/mac_packed.v 600 && grep -q "Status: PASSED" "$t/log" && ok=1 || ok=0
    echo "# $((SECONDS - start)) s"
    check $((!ok)) "mac_packed $set: proved"
done <<EOF2
1 2 8 8 1 0 20 0
1 2 8 8 1 0 16 1
1 4 4 4 1 0 12 0
1 4 4 4 1 1 12 0
1 4 4 4 1 0 12 1
1 3 5 5 1 0 12 0
EOF2

# Without the carry into the lane above, without the parity of the overlapping bit, and
# without the bias taken away again.
while read -r what from to set; do
    sed "s/$from/$to/" rtl/mac/mac_packed.v >"$t/wrong.v"
    cmp -s rtl/mac/mac_packed.v "$t/wrong.v" && { check 1 "$what is in mac_packed.v"; continue; }
    # shellcheck disable=SC2086
    design $set >"$t/top.v"
    prove "$t/wrong.v" 600 && ok=0 || ok=1
    grep -q "Status: FAILED" "$t/log" || ok=0
    check $((!ok)) "mac_packed $set without its $what is found wrong"
done <<'EOF2'
carry gen_lane\[l-1\]\.out 1'b0 1 4 4 4 1 0 12 0
parity p\[(l+1)\*SPACING\].^.low_q2 p[(l+1)*SPACING] 1 4 4 4 1 0 12 0
bias {~raw\[WORD-1\] {raw[WORD-1] 1 2 8 8 1 0 20 0
EOF2
