#!/bin/bash
# fusibility.sh -- what run-time precision costs: fusion units against fixed ones.
#
# Prints a Markdown table per flow: LUTs (xc7, ice40) or cell area (osu018, um2) of one
# unit of 16 bricks, as its share of a mac_fusion of SIMD of them, and how many times
# that is the share of a mac_parallel that does the same products in a cycle at a fixed
# precision (of at most 64 products).  Both have one 24-bit accumulator.  "spread" adds
# the two operand networks that an array has at its edges only.
# Takes four minutes of CPU time.
#
# fusibility.sh sums: LUTs on xc7 of 16 grouped units whose adder trees are written as
# subtractions, as sum_tree is, and as plain additions.
cd "$(dirname "$0")/../.." || exit 1
lib=${LIBERTY:-/usr/share/qflow/tech/osu018/osu018_stdcells.lib}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

cat >"$dir/spread.v" <<'EOF'
(* keep_hierarchy *) module spread (input [31:0] w, a, input [1:0] wf, af,
                                    output [31:0] ws, as);
    fusion_spread #(.AXIS(0)) u_w (.i_fuse(af), .i_packed(w), .o_spread(ws));
    fusion_spread #(.AXIS(1)) u_a (.i_fuse(wf), .i_packed(a), .o_spread(as));
endmodule
EOF
modes="8x8 4x8 4x4 2x8 2x4 2x2"
instances() {
    local mode simd
    for mode in $modes; do
        for simd in 1 4 16; do
            n=$((simd * 64 / ${mode%x*} / ${mode#*x}))
            [ $n -gt 64 ] || echo "mac_parallel #(.SIMD($n), .WBITS(${mode%x*})," \
                ".ABITS(${mode#*x}), .ACC_BITS(24)) f${mode}_$simd ();"
        done
    done
    cat <<-EOF
	mac_fusion #(.SIMD(1)) bricks_1 ();
	mac_fusion #(.SIMD(4)) bricks_4 ();
	mac_fusion #(.SIMD(16)) bricks_16 ();
	mac_fusion #(.SIMD(4), .GROUPED(1)) grouped_4 ();
	mac_fusion #(.SIMD(16), .GROUPED(1)) grouped_16 ();
	spread spread ();
	EOF
}
{
    echo "module all ();"
    instances | sed 's/^/(* keep, keep_hierarchy *) /'
    echo "endmodule"
} >"$dir/all.v"
xc7="synth_xilinx -family xc7 -flatten -noiopad -noclkbuf -nodsp -nowidelut"
src="rtl/mac/dot_chain.v rtl/mac/dot_lut.v rtl/mac/mac_parallel.v rtl/mac/fusion_brick.v
     rtl/mac/fusion_add.v rtl/mac/sum_tree.v rtl/mac/fusion_tree.v rtl/mac/mac_fusion.v
     rtl/mac/fusion_spread.v"

# NAME COST lines.  Every instance has a type of its own: the dump says which.
costs() { # COMMAND STAT_OPTIONS
    # shellcheck disable=SC2086
    yosys -q -p "read_verilog $(echo $src) $dir/spread.v $dir/all.v; hierarchy -top all
        dump -o $dir/types all; $1; tee -q -o $dir/stat stat $2" >"$dir/log" 2>&1 ||
        { tail -3 "$dir/log" >&2; exit 1; }
    awk '
        FILENAME ~ /types$/ { if ($1 == "cell") name[$2] = substr($3, 2); next }
        /^=== / { module = $2 }
        $1 ~ /^(LUT[1-6]|SB_LUT4)$/ { lut[module] += $2 }
        /Chip area for module/ { split($0, p, "\047"); sub(/^\\/, "", p[2]);
            area[substr($0, index($0, "\047") + 1, length($0))] = $NF }
        END {
            for (t in name) {
                m = t; sub(/^\\/, "", m)
                v = lut[m]
                for (k in area) if (index(k, m "\047") || index(k, t "\047")) v = area[k]
                print name[t], v
            }
        }' "$dir/types" "$dir/stat"
}

table() { # TITLE UNIT COMMAND STAT_OPTIONS
    echo "$1 [$2]"
    echo
    costs "$3" "$4" >"$dir/costs"
    awk -v modes="$modes" '
        { cost[$1] = $2; if (!($2 > 0)) { print "no count of " $1; failed = 1; exit 1 } }
        function row(what, c, simd,    k) {
            printf "| %s | %.0f |", what, c / simd
            for (i = 1; i <= n; i++) {
                k = "f" mode[i] "_" simd
                if (k in cost) printf " %.2f |", c / cost[k]; else printf " |"
            }
            print ""
        }
        END {
            if (failed) exit 1
            n = split(modes, mode, " ")
            printf "| | share |"
            for (i = 1; i <= n; i++) {
                split(mode[i], b, "x")
                printf " %s%s |", 64 / b[1] / b[2] == 1 ? "" : 64 / b[1] / b[2] " of ", mode[i]
            }
            print "\n|---|---|---|---|---|---|---|---|"
            printf "| fixed, for SIMD 1 | |"
            for (i = 1; i <= n; i++) printf " %.0f |", cost["f" mode[i] "_1"]
            print ""
            row("SIMD 1", cost["bricks_1"], 1)
            row("SIMD 1 and spread", cost["bricks_1"] + cost["spread"], 1)
            row("SIMD 4", cost["bricks_4"], 4)
            row("SIMD 4, grouped", cost["grouped_4"], 4)
            row("SIMD 16", cost["bricks_16"], 16)
            row("SIMD 16, grouped", cost["grouped_16"], 16)
        }' "$dir/costs" || exit 1
    echo
}
if [ "$1" = sums ]; then
    for form in subtractions additions; do
        cp rtl/mac/sum_tree.v "$dir/sum_tree.v"
        [ $form = subtractions ] || cat >"$dir/sum_tree.v" <<-EOF
	module sum_tree #(parameter N = 4, TERM_BITS = 4, TERM_MAX = 9, SUM_BITS = 6) (
	    input [N*TERM_BITS-1:0] i_term, output reg [SUM_BITS-1:0] o_sum);
	    integer k;
	    always @* begin
	        o_sum = 0;
	        for (k = 0; k < N; k = k + 1)
	            o_sum = o_sum + {{(SUM_BITS-TERM_BITS){1'b0}}, i_term[k*TERM_BITS +: TERM_BITS]};
	    end
	endmodule
	EOF
        # shellcheck disable=SC2086
        yosys -q -p "read_verilog $(echo ${src/rtl\/mac\/sum_tree.v/$dir\/sum_tree.v})
            hierarchy -top mac_fusion -chparam SIMD 16 -chparam GROUPED 1; rename -top top
            $xc7 -top top; tee -q -o $dir/stat stat" >"$dir/log" 2>&1 || exit 1
        awk -v form=$form '$1 ~ /^LUT[1-6]$/ { lut += $2 } END { print form ": " lut }' "$dir/stat"
    done
    exit
fi
table xc7 LUT "$xc7 -top all"
table ice40 LUT "synth_ice40 -top all"
if [ -e "$lib" ]; then
    table osu018 um2 "synth -flatten -top all; dfflibmap -liberty $lib; abc -liberty $lib; opt_clean" \
        "-liberty $lib"
else
    echo "osu018: skipped, $lib is not there"
fi
