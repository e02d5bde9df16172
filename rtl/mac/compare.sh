#!/bin/bash
# compare.sh -- the multiplier's structure against a bare `*`, counted by Yosys.
#
# Prints one Markdown table per flow: LUTs of one product and of a mac of four, for
# mac_parallel's structure and for the same arithmetic written with `*` and `+`.
# Weights are signed, activations unsigned (1-bit weights bipolar).
# Takes two minutes of CPU time (rows one, recoding five); PAIRS="4x4 8x8" takes fewer
# width pairs.
#
# compare.sh rows: dot products of 16 pairs with chains of at most 4, 8 and 16 rows.
# compare.sh recoding: dot products of 4 pairs, with w or with a recoded, over all
# widths from 2 bits; prints the sums, the best of both, and what dot_lut chooses.
cd "$(dirname "$0")/../.." || exit 1
pairs=${PAIRS:-1x1 2x2 3x3 4x4 5x5 6x6 8x8 2x8 4x8 3x5}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
src="rtl/mac/dot_chain.v rtl/mac/dot_lut.v rtl/mac/mac_parallel.v"

# ---- variants of dot_lut: NAME SED-SCRIPT -> $dir/NAME.v with module NAME ----
variant() { sed "s/^module dot_lut/module $1/; $2" rtl/mac/dot_lut.v >"$dir/$1.v"; }
# One kept module per line "NAME VARIANT SIMD W A ASIGNED" of stdin, then LUTs by NAME.
count_variants() { # YOSYS-COMMAND
    local name kind simd w a as
    : >"$dir/kept.v"
    echo "module all ();" >"$dir/all.v"
    while read -r name kind simd w a as; do
        cat >>"$dir/kept.v" <<-EOF
		(* keep_hierarchy *) module $name (input [$((simd * w - 1)):0] w,
		    input [$((simd * a - 1)):0] a, output [20:0] q);
		    $kind #(.SIMD($simd), .WBITS($w), .ABITS($a), .WSIGNED(1), .ASIGNED($as),
		        .SUM_BITS(20)) u (.i_w(w), .i_a(a), .o_sum(q[19:0]), .o_carry(q[20]));
		endmodule
		EOF
        echo "(* keep *) $name i_$name ();" >>"$dir/all.v"
    done
    echo "endmodule" >>"$dir/all.v"
    yosys -q -p "read_verilog rtl/mac/dot_chain.v $dir/dot_*.v $dir/kept.v $dir/all.v
        $1 -top all; tee -q -o $dir/stat stat" || exit 1
    awk '/^=== / { name = $2 } $1 ~ /^(LUT[1-6]|SB_LUT4)$/ { lut[name] += $2 }
        END { for (n in lut) if (n ~ /^[rc]_/) print n, lut[n] }' "$dir/stat" | sort
}
xc7="synth_xilinx -family xc7 -flatten -noiopad -noclkbuf -nodsp -nowidelut"
case $1 in
rows)
    for rows in 4 8 16; do variant dot_rows$rows "s/ROWS_MAX = 8/ROWS_MAX = $rows/"; done
    for flow in "$xc7" synth_ice40; do
        echo "${flow%% *}, 16 pairs: chains of at most 4, 8, 16 rows [LUT]"
        for wa in "2 2" "4 4" "8 8" "2 8" "3 5"; do
            for rows in 4 8 16; do
                printf 'r_%s_%02d dot_rows%d 16 %s 0\n' "${wa/ /x}" $rows $rows "$wa"
            done
        done | count_variants "$flow" |
            awk -F'[_ ]' '{ v[$2] = v[$2] " " $4 } END { for (p in v) print "  " p ":" v[p] }' | sort
    done
    exit ;;
recoding)
    variant dot_ours ""
    variant dot_w "s/row_bits(ABITS, ASIGNED, WBITS, WSIGNED) </1000 </"
    variant dot_a "s/localparam SWAP = A_BIPOLAR/localparam SWAP = 1/"
    for flow in "$xc7" synth_ice40; do
        for w in 2 3 4 5 6 7 8; do
            for a in 2 3 4 5 6 7 8; do
                for as in 0 1; do
                    for kind in ours w a; do echo "c_${w}_${a}_${as}_$kind dot_$kind 4 $w $a $as"; done
                done
            done
        done | count_variants "$flow" | awk -v flow="${flow%% *}" -F'[_ ]' '
            { lut[$2 $3 $4, $5] = $6; pair[$2 $3 $4]; sum[$5] += $6 }
            END {
                for (p in pair) best += lut[p, "w"] < lut[p, "a"] ? lut[p, "w"] : lut[p, "a"]
                printf "%s: w recoded %d LUT, a recoded %d, best of both %d, dot_lut %d\n",
                    flow, sum["w"], sum["a"], best, sum["ours"]
            }'
    done
    exit ;;
esac

# ---- against bare operators ----
cat >"$dir/bare.v" <<'EOF'
module bare_mul #(parameter WBITS = 4, ABITS = 4) (
    input wire [WBITS-1:0] i_w, input wire [ABITS-1:0] i_a,
    output wire [WBITS+ABITS-1:0] o_product
);
    wire signed [WBITS:0] w = WBITS == 1 ? {~i_w[0], 1'b1} : {i_w[WBITS-1], i_w};
    wire signed [ABITS:0] a = {1'b0, i_a};
    assign o_product = w * a;
endmodule

module our_mul #(parameter WBITS = 4, ABITS = 4) (
    input wire [WBITS-1:0] i_w, input wire [ABITS-1:0] i_a,
    output wire [WBITS+ABITS-1:0] o_product
);
    wire [WBITS+ABITS-1:0] sum;
    wire carry;
    dot_lut #(.SIMD(1), .WBITS(WBITS), .ABITS(ABITS), .WSIGNED(1), .ASIGNED(0),
              .SUM_BITS(WBITS+ABITS)) u_dot (
        .i_w(i_w), .i_a(i_a), .o_sum(sum), .o_carry(carry));
    wire [WBITS+ABITS:0] s = {sum, carry} - {{(WBITS+ABITS+1){1'b1}}};
    assign o_product = s[WBITS+ABITS:1];
endmodule

module bare_mac #(parameter SIMD = 4, WBITS = 4, ABITS = 4, ACC_BITS = 16) (
    input wire clk, input wire i_en, input wire i_first,
    input wire [SIMD*WBITS-1:0] i_w, input wire [SIMD*ABITS-1:0] i_a,
    output reg signed [ACC_BITS-1:0] o_acc
);
    reg signed [ACC_BITS-1:0] dot;
    reg signed [WBITS:0] w;
    reg signed [ABITS:0] a;
    integer i;
    always @* begin
        dot = 0;
        for (i = 0; i < SIMD; i = i + 1) begin
            w = WBITS == 1 ? {~i_w[i], 1'b1} : {i_w[i*WBITS+WBITS-1], i_w[i*WBITS +: WBITS]};
            a = {1'b0, i_a[i*ABITS +: ABITS]};
            dot = dot + w * a;
        end
    end
    always @(posedge clk) if (i_en) o_acc <= (i_first ? 0 : o_acc) + dot;
endmodule
EOF

for pair in $pairs; do # every instance in a module of its own name
    w=${pair%x*} a=${pair#*x} acc=$((w + a + 8))
    for kind in bare our; do
        cat <<-EOF
		(* keep_hierarchy *) module ${kind}_mul_$pair (input [$((w - 1)):0] w,
		    input [$((a - 1)):0] a, output [$((w + a - 1)):0] q);
		    ${kind}_mul #(.WBITS($w), .ABITS($a)) u (.i_w(w), .i_a(a), .o_product(q));
		endmodule
		(* keep_hierarchy *) module ${kind}_mac_$pair (input clk, input en, input first,
		    input [$((4 * w - 1)):0] w, input [$((4 * a - 1)):0] a, output [$((acc - 1)):0] q);
		    $([ $kind = bare ] && echo bare_mac || echo mac_parallel) #(.SIMD(4), .WBITS($w),
		        .ABITS($a)$([ $kind = bare ] || echo ", .WSIGNED(1), .ASIGNED(0)"), .ACC_BITS($acc))
		        u (.clk(clk), .i_en(en), .i_first(first), .i_w(w), .i_a(a), .o_acc(q));
		endmodule
		EOF
    done
done >"$dir/kept.v"
{
    echo "module all ();"
    for pair in $pairs; do
        for kind in bare our; do
            echo "(* keep *) ${kind}_mul_$pair m_${kind}_$pair ();"
            echo "(* keep *) ${kind}_mac_$pair c_${kind}_$pair ();"
        done
    done
    echo "endmodule"
} >"$dir/all.v"
# mac_parallel keeps its hierarchy; here it is flattened into the module that names it.
sed 's/^(\* keep_hierarchy \*)$//' rtl/mac/mac_parallel.v >"$dir/mac.v"

flow() { # TITLE COMMAND
    yosys -q -p "read_verilog ${src% *} $dir/mac.v $dir/bare.v $dir/kept.v $dir/all.v
        $2 -top all; tee -q -o $dir/stat stat" || exit 1
    echo "$1"
    echo
    echo "| bits (w x a) | product, bare | product, ours | mac of 4, bare | mac of 4, ours |"
    echo "|---|---|---|---|---|"
    awk -v pairs="$pairs" '
        /^=== / { name = $2 }
        $1 ~ /^(LUT[1-6]|SB_LUT4)$/ { lut[name] += $2 }
        END {
            n = split(pairs, p, " ")
            for (i = 1; i <= n; i++)
                printf "| %s | %d | %d | %d | %d |\n", p[i], lut["bare_mul_" p[i]],
                    lut["our_mul_" p[i]], lut["bare_mac_" p[i]], lut["our_mac_" p[i]]
        }' "$dir/stat"
    echo
}
flow "xc7: \`synth_xilinx -family xc7 -flatten -noiopad -nodsp -nowidelut\`" \
    "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf -nodsp -nowidelut"
flow "xc7 without \`-nowidelut\` (MUXF7 and MUXF8 not counted)" \
    "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf -nodsp"
flow "ice40: \`synth_ice40\`" "synth_ice40"
