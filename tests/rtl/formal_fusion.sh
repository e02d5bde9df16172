#!/bin/bash
# mac_fusion is proved by z3: a restarted sum is the dot product of the packed operands
# (fusion_spread in front), for all operands of the modes up to 4 x 4 products and 8 x 8.
# Sixteen products of 2 x 2 bits are too many inputs for a solver at once; they are
# proved in parts, the brick and the adder of each level of the tree.  Wrong claims must be found wrong.
. tests/tap.sh
needs proof yosys yosys-smtbmc z3
src="rtl/mac/fusion_brick.v rtl/mac/fusion_add.v rtl/mac/fusion_tree.v rtl/mac/sum_tree.v
     rtl/mac/fusion_spread.v rtl/mac/mac_fusion.v"

step() { # WIDTH_W WIDTH_A WSIGNED ASIGNED GROUPED CLAIMED_ASIGNED
    local gw=$(($1 / 2)) ga=$(($2 / 2))
    cat <<-EOF
	module top (input clk, input [31:0] w, input [31:0] a);
	    localparam [1:0] WF = $1 == 8 ? 3 : $1 == 4, AF = $2 == 8 ? 3 : $2 == 4;
	    wire [31:0] ws, as;
	    wire [19:0] acc;
	    fusion_spread #(.AXIS(0)) u_w (.i_fuse(AF), .i_packed(w), .o_spread(ws));
	    fusion_spread #(.AXIS(1)) u_a (.i_fuse(WF), .i_packed(a), .o_spread(as));
	    mac_fusion #(.SIMD(1), .ACC_BITS(20), .GROUPED($5)) u_mac (
	        .clk(clk), .i_en(1'b1), .i_first(1'b1), .i_wfuse(WF), .i_afuse(AF),
	        .i_wsigned(1'b$3), .i_asigned(1'b$4), .i_w(ws), .i_a(as), .o_acc(acc));
	    reg signed [19:0] dot, sum;
	    reg signed [8:0] x, y;
	    integer i, j;
	    always @* begin
	        dot = 0;
	        for (i = 0; i < 4 / $ga; i = i + 1)
	            for (j = 0; j < 4 / $gw; j = j + 1) begin
	                x = {{(9-$1){1'b$3 & w[8*i+$1*j+$1-1]}}, w[8*i+$1*j +: $1]};
	                y = {{(9-$2){1'b$6 & a[8*j+$2*i+$2-1]}}, a[8*j+$2*i +: $2]};
	                dot = dot + x * y;
	            end
	    end
	    reg started = 0;
	    always @(posedge clk) begin
	        sum <= dot;
	        started <= 1;
	    end
	    always @* if (started) assert (acc == sum);
	endmodule
	EOF
}

brick() { # BIAS of two signed digits
    cat <<-EOF
	module top (input clk, input [1:0] x, input [1:0] y, input xs, input ys);
	    wire [3:0] q;
	    fusion_brick u_brick (.i_x(x), .i_y(y), .i_xs(xs), .i_ys(ys), .o_q(q));
	    wire signed [5:0] p = \$signed({xs & x[1], x}) * \$signed({ys & y[1], y});
	    wire signed [5:0] bias = xs & ys ? $1 : xs | ys ? 6 : 0;
	    always @* begin
	        assert (\$signed({2'b0, q}) == p + bias);
	        assert (q <= 9);
	    end
	endmodule
	EOF
}

adder() { # IN_BITS SHIFT OUT_BITS LARGEST CLAIMED_SHIFT: a level of the tree
    cat <<-EOF
	module top (input clk, input [$1-1:0] low, input [$1-1:0] high, input shift);
	    wire [$3-1:0] sum;
	    fusion_add #(.IN_BITS($1), .SHIFT($2), .OUT_BITS($3)) u_add (
	        .i_low(low), .i_high(high), .i_shift(shift), .o_sum(sum));
	    wire [19:0] want = {4'd0, low} + ({4'd0, high} << (shift ? $5 : 0));
	    always @* begin
	        assume (low <= $4 && high <= $4);
	        assert (sum == want);
	    end
	endmodule
	EOF
}

prove() { # FILE STEPS: 0 proved, 1 found wrong, 2 neither
    # shellcheck disable=SC2086
    yosys -q -p "read_verilog $(echo $src); read_verilog -formal $1
        hierarchy -top top; setattr -mod -unset keep_hierarchy; prep -top top -flatten
        async2sync; dffunmap; opt -full
        write_smt2 -wires $t/p.smt2" >"$t/log" 2>&1 || return 2
    timeout 900 yosys-smtbmc --noprogress -s z3 -t "$2" "$t/p.smt2" >"$t/log" 2>&1
    grep -q "Status: PASSED" "$t/log" && return 0
    grep -q "Assert failed" "$t/log" && return 1
    return 2
}

claim() { # EXPECTED(0 proved, 1 wrong) STEPS TEXT; the claim on stdin
    cat >"$t/top.v"
    prove "$t/top.v" "$2"
    [ $? -eq "$1" ]
    check $? "$3"
}

while read -r w a ws as grouped; do
    claim 0 2 "$w x $a bits, signs $ws $as, grouped $grouped: proved" \
        < <(step "$w" "$a" "$ws" "$as" "$grouped" "$as")
done <<EOF
8 8 1 1 0
4 4 1 1 0
4 4 1 0 1
4 8 1 0 0
EOF
claim 0 1 "2 x 2 bits: every brick is its product and the bias" < <(brick 4)
while read -r in shift out largest; do
    claim 0 1 "2 x 2 bits: an adder of $in bits joins or adds any two sums up to $largest" \
        < <(adder "$in" "$shift" "$out" "$largest" "$shift")
done <<EOF
4 2 6 9
6 2 8 45
8 4 12 225
12 4 16 3825
EOF

claim 1 2 "a product with another sign is found wrong" < <(step 4 4 1 1 0 0)
claim 1 1 "a brick with another bias is found wrong" < <(brick 5)
claim 1 1 "an adder with another shift is found wrong" < <(adder 6 2 8 45 3)
