#!/bin/bash
# compare_serial.sh [popcount | bismo | slope] -- LUTs of the bit-serial units, counted
# by Yosys, as Markdown tables; without an argument all three (a minute of CPU time).
#
# popcount: the count of bit pairs as a plain sum, as a tree of adders over counts of
#           three pairs, and as popcount_and has it.
# bismo:    mac_serial of SIMD = D_k pairs against the published cost of BISMO's dot
#           product unit (Y. Umuroglu et al., estimateResources of its generator):
#           LUT = alpha D_k + beta + 120.1; 2 D_k binary operations per cycle.
# slope:    LUT x cycles that a product of n x n bits takes, by unit.
set -o pipefail
cd "$(dirname "$0")/../.." || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
xc7="synth_xilinx -family xc7 -flatten -noiopad -noclkbuf -nodsp -nowidelut"
src="rtl/mac/dot_chain.v rtl/mac/dot_lut.v rtl/mac/sum_columns.v rtl/mac/popcount_and.v
    rtl/mac/serial_acc.v $dir/macs.v $dir/other.v"
# The units keep their hierarchy; here each is flattened into the module that names it.
cat rtl/mac/mac_parallel.v rtl/mac/mac_serial.v rtl/mac/mac_actserial.v |
    sed 's/^(\* keep_hierarchy \*)$//' >"$dir/macs.v"

cat >"$dir/other.v" <<'END'
module count_plain #(parameter SIMD = 32, BITS = 6) (
    input wire [SIMD-1:0] i_w, input wire [SIMD-1:0] i_a, output reg [BITS-1:0] o_count
);
    integer i;
    always @* begin
        o_count = 0;
        for (i = 0; i < SIMD; i = i + 1) o_count = o_count + (i_w[i] & i_a[i]);
    end
endmodule
module count_tree #(parameter SIMD = 32, BITS = 6) (   // every adder takes a carry
    input wire [SIMD-1:0] i_w, input wire [SIMD-1:0] i_a, output wire [BITS-1:0] o_count
);
    localparam LOW = (SIMD / 2 + 2) / 3 * 3, HIGH = SIMD - LOW - 1;
    localparam LBITS = $clog2(LOW + 1), HBITS = HIGH > 0 ? $clog2(HIGH + 1) : 1;
    generate
        if (SIMD <= 3) begin : gen_leaf
            wire [2:0] p = i_w & i_a;
            assign o_count = p[0] + p[1] + p[2];
        end else begin : gen_add
            wire [LBITS-1:0] low;
            wire [HBITS-1:0] high;
            wire last = i_w[SIMD-1] & i_a[SIMD-1];
            count_tree #(.SIMD(LOW), .BITS(LBITS)) u_low (
                .i_w(i_w[LOW-1:0]), .i_a(i_a[LOW-1:0]), .o_count(low));
            if (HIGH > 0) begin : gen_high
                count_tree #(.SIMD(HIGH), .BITS(HBITS)) u_high (
                    .i_w(i_w[LOW+:HIGH]), .i_a(i_a[LOW+:HIGH]), .o_count(high));
            end else begin : gen_none
                assign high = 0;
            end
            wire [BITS:0] s = {{(BITS-LBITS){1'b0}}, low, last} -
                              {~{{(BITS-HBITS){1'b0}}, high}, 1'b1};
            assign o_count = s[BITS:1];
        end
    endgenerate
endmodule
END

# One kept module per line "NAME@PORTS@INSTANCE" of stdin; then "NAME LUT", by name.
count_luts() { # YOSYS-COMMAND
    local name ports instance
    : >"$dir/kept.v"
    echo "module all ();" >"$dir/all.v"
    while IFS=@ read -r name ports instance; do
        echo "(* keep_hierarchy *) module $name ($ports); $instance endmodule" >>"$dir/kept.v"
        echo "(* keep *) $name i_$name ();" >>"$dir/all.v"
    done
    echo "endmodule" >>"$dir/all.v"
    # shellcheck disable=SC2086 # a list of files
    yosys -q -p "read_verilog $(echo $src) $dir/kept.v $dir/all.v
        $1 -top all; tee -q -o $dir/stat stat" >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
    awk '/^=== / { name = $2 } $1 ~ /^(LUT[1-6]|SB_LUT4)$/ { lut[name] += $2 }
        END { for (n in lut) if (n ~ /^m_/) print n, lut[n] }' "$dir/stat"
}

bits_of() { local b=1; while [ $((1 << b)) -le "$1" ]; do b=$((b + 1)); done; echo $b; }
counters() {
    local kind s b
    for s in 8 16 32 64 128 256; do
        b=$(bits_of "$s")
        for kind in count_plain count_tree popcount_and; do
            echo "m_${s}_$kind@input [$((s - 1)):0] w, a, output [$((b - 1)):0] q@$kind #(.SIMD($s), .BITS($b)) u (.i_w(w), .i_a(a), .o_count(q));"
        done
    done
}
serial() { # SIMD ACC_BITS
    echo "m_serial_$1@input clk, en, first, shift, neg, input [$(($1 - 1)):0] w, a, output [$(($2 - 1)):0] q@mac_serial #(.SIMD($1), .ACC_BITS($2)) u (.clk(clk), .i_en(en), .i_first(first), .i_shift(shift), .i_neg(neg), .i_w(w), .i_a(a), .o_acc(q));"
}
actserial() { # SIMD WBITS ACC_BITS
    echo "m_actserial_$2@input clk, en, first, shift, neg, input [$(($1 * $2 - 1)):0] w, input [$(($1 - 1)):0] a, output [$(($3 - 1)):0] q@mac_actserial #(.SIMD($1), .WBITS($2), .WSIGNED(1), .ACC_BITS($3)) u (.clk(clk), .i_en(en), .i_first(first), .i_shift(shift), .i_neg(neg), .i_w(w), .i_a(a), .o_acc(q));"
}
parallel() { # SIMD BITS ACC_BITS
    echo "m_parallel_$2@input clk, en, first, input [$(($1 * $2 - 1)):0] w, a, output [$(($3 - 1)):0] q@mac_parallel #(.SIMD($1), .WBITS($2), .ABITS($2), .WSIGNED(1), .ASIGNED(0), .ACC_BITS($3)) u (.clk(clk), .i_en(en), .i_first(first), .i_w(w), .i_a(a), .o_acc(q));"
}

popcount() {
    for flow in "$xc7" synth_ice40; do
        echo "| pairs, ${flow%% *} | plain sum | tree of adders | popcount_and | LUT per pair |"
        echo "|---|---|---|---|---|"
        counters | count_luts "$flow" | awk -F'[_ ]' '{ v[$2, $(NF - 1)] = $NF; s[$2] }
            END { for (i = 8; i <= 256; i *= 2) printf "| %d | %d | %d | %d | %.2f |\n", i,
                  v[i, "plain"], v[i, "tree"], v[i, "and"], v[i, "and"] / i }'
        echo
    done
}
bismo() {
    for s in 16 32 64 128 256; do serial $s 32; done | count_luts "$xc7" | sort -t_ -k3n |
        awk -F'[_ ]' '
            { k[NR] = $3; lut[NR] = $4; sx += $3; sy += $4; sxx += $3 * $3; sxy += $3 * $4 }
            END {
                alpha = (NR * sxy - sx * sy) / (NR * sxx - sx * sx)
                print "| D_k | mac_serial, 32-bit accumulator | per binary operation | BISMO v2 | v1 |"
                print "|---|---|---|---|---|"
                for (i = 1; i <= NR; i++) printf "| %d | %d | %.2f | %.2f | %.2f |\n", k[i],
                    lut[i], lut[i] / (2 * k[i]), (1.17 * k[i] + 44.1 + 120.1) / (2 * k[i]),
                    (2.04 * k[i] + 109.41 + 120.1) / (2 * k[i])
                printf "\nalpha %.2f, constant %.1f here; BISMO v2 1.17 and 164.2, v1 2.04 and 229.5\n",
                    alpha, (sy - alpha * sx) / NR
            }'
    echo
}
slope() {
    { serial 64 32; for n in 1 2 3 4 5 6 7 8; do actserial 16 $n 32; parallel 16 $n 32; done; } |
        count_luts "$xc7" | awk -F'[_ ]' '{ v[$2, $3] = $4 }
            END {
                print "| n x n bits | serial, 64 pairs | actserial, 16 | parallel, 16 |"
                print "|---|---|---|---|"
                for (n = 1; n <= 8; n++) {      # a bipolar weight has two planes
                    printf "| %d | %.1f | %.1f | %.1f |\n", n,
                        v["serial", 64] / 64 * (n == 1 ? 2 : n * n), v["actserial", n] / 16 * n,
                        v["parallel", n] / 16
                }
            }'
    echo
}
case $1 in
"") popcount && bismo && slope ;;
popcount | bismo | slope) "$1" ;;
*) sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
