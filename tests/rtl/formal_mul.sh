#!/bin/bash
# The dot product in LUTs is proved equal to `*` and `+` by SAT, for a few widths, and
# a wrong one (its pending carry forgotten) is found.
. tests/tap.sh
needs proof yosys

design() { # SIMD WBITS ABITS WSIGNED ASIGNED CARRY
    cat <<-EOF
	module gate (input [$(($1 * $2 - 1)):0] i_w, input [$(($1 * $3 - 1)):0] i_a,
	             output [19:0] o_sum);
	    wire [19:0] sum;
	    wire carry;
	    dot_lut #(.SIMD($1), .WBITS($2), .ABITS($3), .WSIGNED($4), .ASIGNED($5),
	              .SUM_BITS(20)) u_dot (
	        .i_w(i_w), .i_a(i_a), .o_sum(sum), .o_carry(carry));
	    assign o_sum = sum + {19'd0, $6};
	endmodule
	module gold (input [$(($1 * $2 - 1)):0] i_w, input [$(($1 * $3 - 1)):0] i_a,
	             output reg signed [19:0] o_sum);
	    reg signed [9:0] w, a;
	    integer i;
	    always @* begin
	        o_sum = 0;
	        for (i = 0; i < $1; i = i + 1) begin
	            w = $4 && $2 == 1 ? (i_w[i] ? 10'sd1 : -10'sd1)
	              : {{(10-$2){$4 ? i_w[i*$2+$2-1] : 1'b0}}, i_w[i*$2 +: $2]};
	            a = $5 && $3 == 1 ? (i_a[i] ? 10'sd1 : -10'sd1)
	              : {{(10-$3){$5 ? i_a[i*$3+$3-1] : 1'b0}}, i_a[i*$3 +: $3]};
	            o_sum = o_sum + w * a;
	        end
	    end
	endmodule
	EOF
}

prove() { # FILE -> exit status of the proof
    yosys -q -p "read_verilog rtl/mac/dot_chain.v rtl/mac/dot_lut.v $1
        hierarchy; proc; flatten; opt_clean
        miter -equiv -flatten gold gate miter
        hierarchy -top miter; sat -verify -prove trigger 0 miter" >"$t/log" 2>&1
}


while read -r simd w a ws as; do
    design "$simd" "$w" "$a" "$ws" "$as" carry >"$t/d.v"
    prove "$t/d.v" && ok=1 || ok=0
    check $((!ok)) "SIMD $simd, $w x $a bits, signs $ws $as: proved"
done <<EOF
1 4 4 1 0
1 5 5 1 1
1 5 4 0 0
1 3 6 0 1
2 3 3 1 0
9 1 1 1 1
5 2 1 1 0
3 1 3 1 1
EOF

design 1 4 4 1 0 "1'b0" >"$t/d.v"
if prove "$t/d.v"; then ok=0; else ok=1; fi
grep -q "proof did fail" "$t/log" || ok=0
check $((!ok)) "a product without its carry is found wrong"
