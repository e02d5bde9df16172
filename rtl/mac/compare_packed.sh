#!/bin/bash
# compare_packed.sh -- what mac_packed costs, counted by Yosys, per product.
#
# Prints a Markdown table: LUT and FF per product of macs of 8 pairs, for both DSPs and
# several precisions and numbers of lanes, mac_parallel beside them.
#
# compare_packed.sh choices: the same macs without one of the choices of mac_packed.v
# each: a tree in LUTs instead of cascades, no overlapping lanes, accumulators in LUTs.
# One and two minutes of CPU time.
cd "$(dirname "$0")/../.." || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
simd=${SIMD:-8}
parallel="rtl/mac/dot_chain.v rtl/mac/dot_lut.v"
packed="rtl/mac/packed_dsp.v rtl/mac/packed_chain.v rtl/mac/carry_tree.v"

# A mac without its keep_hierarchy, under a name of its own, changed by a sed script.
variant() { # NAME FILE SED-SCRIPT
    sed "s/^(\* keep_hierarchy \*)$//; s/^module mac_[a-z]*/module $1/; $3" \
        "rtl/mac/$2.v" >"$dir/$1.v"
}
variant our_packed mac_packed ""
variant our_parallel mac_parallel ""
variant no_cascade mac_packed "s/CHAIN_MAX   = 8/CHAIN_MAX   = 1/"
variant no_overlap mac_packed "s/N_1 < N_0 ? 1/N_1 < N_0 \&\& capacity(SPACING, 0) < 1 ? 1/"
variant no_inside mac_packed "s/IN_DSP  = !OFFSET/IN_DSP  = 0/"

# Lines "VARIANT LANES W A WSIGNED ASIGNED ACC E2" of stdin -> lines
# "VARIANT LANES W A WSIGNED ASIGNED ACC DSP LUT FF" counted on family $1.
count() { # FAMILY
    local e2=0 kind lanes w a ws as acc name
    [ "$1" = xcup ] && e2=1
    : >"$dir/kept.v"
    echo "module all ();" >"$dir/all.v"
    while read -r kind lanes w a ws as acc; do
        name="m_${kind}_${lanes}_${w}_${a}_${ws}_${as}_${acc}"
        {
            echo "(* keep_hierarchy *) module $name (input clk, input en, input first,"
            echo "    input [$((lanes * simd * w - 1)):0] w, input [$((simd * a - 1)):0] a,"
            echo "    output [$((lanes * acc - 1)):0] q);"
            echo "    $kind #(.SIMD($simd), .WBITS($w), .ABITS($a), .WSIGNED($ws), .ASIGNED($as),"
            [ "$kind" = our_parallel ] || echo "        .LANES($lanes), .DSP48E2($e2),"
            echo "        .ACC_BITS($acc)) u (.clk(clk), .i_en(en), .i_first(first),"
            echo "        .i_w(w), .i_a(a), .o_acc(q));"
            echo "endmodule"
        } >>"$dir/kept.v"
        echo "(* keep *) $name i_$name ();" >>"$dir/all.v"
    done
    echo "endmodule" >>"$dir/all.v"
    yosys -q -p "read_verilog $parallel $packed $dir/our_*.v $dir/no_*.v $dir/kept.v $dir/all.v
        synth_xilinx -family $1 -flatten -noiopad -noclkbuf -nowidelut -top all
        tee -q -o $dir/stat stat" || exit 1
    awk '/^=== / { name = $2 }
        $1 ~ /^LUT[1-6]$/ { lut[name] += $2 }
        $1 ~ /^FD[RSCP]E/ { ff[name] += $2 }
        $1 ~ /^DSP48E[12]$/ { dsp[name] += $2 }
        /^=== m_/ { seen[name] }
        END { for (n in seen) { at = n; sub(/^m_/, "", at); gsub(/_/, " ", at)
              sub(/ /, "_", at); print at, dsp[n] + 0, lut[n] + 0, ff[n] + 0 } }' "$dir/stat" | sort
}

# WBITS ABITS WSIGNED ASIGNED ACC_BITS, and the lanes that are tried.
cases() {
    cat <<-EOF
	8 8 1 0 24 1 2
	8 8 1 1 24 2
	6 6 1 0 20 2
	5 8 1 0 24 2
	5 5 1 0 18 2 3
	4 8 1 0 20 2
	4 4 1 0 16 2 3 4
	4 4 1 1 16 4
	3 3 1 0 16 3 4
	2 8 1 0 18 2 3
	2 4 1 0 14 3 4
	2 2 1 0 14 2 4
	1 4 1 0 14 4
	EOF
}
header() { # FIRST-COLUMNS
    printf '%s\n' "$1"
    printf '%s\n' "$1" | sed 's/[^|]\{1,\}/---/g'
}
case $1 in
choices)
    for family in xc7 xcup; do
        cases | while read -r w a ws as acc lanes; do
            for l in $lanes; do
                for kind in our_packed no_cascade no_overlap no_inside; do
                    echo "$kind $l $w $a $ws $as $acc"
                done
            done
        done | count $family >"$dir/counts"
        echo "$family: LUT / FF of macs of $simd pairs"
        echo
        header "| bits (w x a), lanes, accumulator | mac_packed | no cascade | no overlap | accumulators in LUTs |"
        cases | while read -r w a ws as acc lanes; do
            for l in $lanes; do
                printf '| %s%s x %s%s, %s, %s |' "$w" "$([ "$ws" = 1 ] && echo s || echo u)" "$a" \
                    "$([ "$as" = 1 ] && echo s || echo u)" "$l" "$acc"
                for kind in our_packed no_cascade no_overlap no_inside; do
                    awk -v k="$kind $l $w $a $ws $as $acc " 'index($0, k) == 1 { printf " %d / %d |", $9, $10 }' "$dir/counts"
                done
                echo
            done
        done
        echo
    done
    exit ;;
esac

# "LUT / FF" per product of KEY in $dir/FAMILY, "-" if it is not there.
per_product() { # FAMILY KEY PRODUCTS
    awk -v key="$2 " -v n="$3" 'index($0, key) == 1 { printf "%.1f / %.1f", $9 / n, $10 / n; found = 1 }
        END { if (!found) printf "-" }' "$dir/$1"
}
for family in xc7 xcup; do
    cases | while read -r w a ws as acc lanes; do
        echo "our_parallel 1 $w $a $ws $as $acc"
        for l in $lanes; do echo "our_packed $l $w $a $ws $as $acc"; done
    done | count $family >"$dir/$family"
done
echo "LUT / FF per product, macs of $simd pairs; mac_packed has 1 / lanes DSP per product"
echo
header "| bits (w x a) | accumulator | lanes | xc7 (DSP48E1) | xcup (DSP48E2) | mac_parallel, xc7 |"
cases | while read -r w a ws as acc lanes; do
    signs="$w$([ "$ws" = 1 ] && echo s || echo u) x $a$([ "$as" = 1 ] && echo s || echo u)"
    for l in $lanes; do
        key="our_packed $l $w $a $ws $as $acc"
        n=$((simd * l))
        echo "| $signs | $acc | $l | $(per_product xc7 "$key" $n) | $(per_product xcup "$key" $n) |" \
            "$(per_product xc7 "our_parallel 1 $w $a $ws $as $acc" "$simd") |"
    done
done
