#!/bin/bash
# lint.sh -- lints the Verilog over a matrix of corner parameters, in TAP.
#
# Every set must pass `verilator --lint-only -Wall`, `iverilog -g2005 -Wall` and
# Yosys' `proc; check -assert` without a word; every illegal set must be stopped by
# each of the three with a message that says what is wrong.  LINT_QUICK=1 takes every
# ninth set.  Waivers: rtl/lint.vlt, if there is one.
cd "$(dirname "$0")/.." || exit 1
models=(rtl/lib/dsp48*.v)             # of primitives; Yosys sees their ports
looped=(rtl/array/systolic_os_loop.v) # for simulation only; not for Yosys
src=()
for file in rtl/*/*.v; do
    [[ " ${models[*]} ${looped[*]} " = *" $file "* ]] || src+=("$file")
done
waivers=()
[ -e rtl/lint.vlt ] && waivers=(rtl/lint.vlt)
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0 rc=0

# ---- the sets: TOP then values in the order of the names ----
mac_names="SIMD WBITS ABITS WSIGNED ASIGNED ACC_BITS"
fusion_spread_names="AXIS"
packed_names="SIMD LANES WBITS ABITS WSIGNED ASIGNED ACC_BITS DSP48E2"
systolic_os_names="ROWS COLS UNIT SIMD ACC_BITS"
systolic_os_loop_names="ROWS COLS SIMD WBITS ABITS ASIGNED ACC_BITS UNIT"
systolic_ws_names="ROWS COLS UNIT SIMD ACC_BITS DEPTH"
mac_unit_names="UNIT SIMD WBITS ABITS WSIGNED ASIGNED ACC_BITS LANES DSP48E2 GROUPED"
requant_names="ACC_BITS OUT_BITS OUT_SIGNED SHIFT REQUANT_DSP"
mvu_names="MW MH PE SIMD WBITS ABITS WSIGNED ASIGNED ACC_BITS OUT_BITS OUT_SIGNED SHIFT LANES REQUANT_DSP RAM_BLOCK"
legal_sets() {
    local simd w a ws as
    for simd in 1 2 5 9 17; do
        for w in 1 2 3 8; do
            for a in 1 2 5 8; do
                for ws in 0 1; do
                    as=$(((simd + w + a + ws) % 2))
                    echo "mac_parallel $simd $w $a $ws $as 24"
                done
            done
        done
    done
    echo "mac_parallel 64 8 8 1 1 32"
    echo "mac_parallel 64 1 1 1 1 8"
    while read -r set; do
        echo "mac_packed $set 0"
        echo "mac_packed $set 1"
    done <<-EOF
	1 1 8 8 1 0 24
	4 1 1 1 1 1 2
	20 1 8 8 0 0 32
	1 2 8 8 1 0 16
	5 2 8 8 1 1 24
	9 2 5 8 1 0 24
	8 2 4 4 1 0 16
	3 2 8 8 0 0 24
	64 2 1 1 1 1 8
	7 2 1 8 0 1 24
	6 3 5 4 1 0 16
	17 3 2 3 1 1 12
	2 3 1 1 1 1 4
	8 3 4 4 0 0 16
	1 4 4 4 1 0 8
	5 4 4 4 1 0 16
	5 4 4 4 1 1 16
	33 4 3 3 1 0 20
	8 4 2 2 1 0 6
	4 4 1 1 1 1 6
	16 4 1 6 1 0 16
	EOF
    for simd in 1 2 3 8 37 256; do
        echo "mac_unit 2 $simd 8 8 1 1 32 1 0 0"
        echo "mac_unit 2 $simd 8 8 1 1 9 1 0 0"
    done
    for simd in 1 3 16; do
        for w in 1 2 8; do
            echo "mac_unit 3 $simd $w 8 0 1 24 1 0 0"
            echo "mac_unit 3 $simd $w 8 1 1 24 1 0 0"
        done
    done
    echo "mac_unit 0 3 4 5 1 0 16 1 0 0"
    for simd in 1 2 5 16; do
        for grouped in 0 1; do
            echo "mac_unit 4 $simd 8 8 1 1 32 1 0 $grouped"
            echo "mac_unit 4 $simd 8 8 1 1 9 1 0 $grouped"
        done
    done
    for unit in 0 2 3 4; do
        for side in "1 1" "1 3" "4 2"; do
            echo "systolic_os $side $unit 2 24"
            echo "systolic_ws $side $unit 2 24 1"
        done
    done
    echo "systolic_os_loop 3 2 1 8 8 0 24 0"
    echo "systolic_os_loop 1 1 5 1 1 1 8 0"
    for depth in 2 5 8; do echo "systolic_ws 2 3 2 9 20 $depth"; done
    echo "fusion_spread 0"
    echo "fusion_spread 1"
    for set in "2 1 0 1" "2 1 1 18" "8 4 0 22" "16 8 1 17" "25 16 1 27" "26 4 0 30" \
        "32 16 0 30" "32 1 1 1"; do
        echo "requant $set 0"
        echo "requant $set 1"
    done
    while read -r shape; do
        echo "mvu $shape 0 0"
        echo "mvu $shape 1 1"
    done <<-EOF
	4 4 4 4 3 3 1 0 9 4 0 18 4
	12 4 4 4 1 1 1 1 10 1 1 18 2
	4 12 4 4 8 8 1 0 18 8 1 20 4
	8 8 4 4 2 2 1 1 10 2 1 20 2
	12 12 4 4 3 5 0 1 14 4 0 20 2
	15 3 1 1 4 4 1 0 12 4 0 20 1
	36 8 8 2 1 4 1 0 12 16 1 14 1
	66 2 1 1 5 3 1 0 15 6 0 22 1
	96 2 1 1 2 8 1 0 17 8 0 23 1
	130 4 2 1 2 2 1 0 12 2 0 22 1
	9 64 16 9 8 8 1 0 20 4 0 26 16
	144 24 6 8 3 4 1 0 15 4 0 25 1
	EOF
}
illegal_sets() {
    echo "mvu_PE_must_divide_MH mvu 8 9 4 4 3 3 1 0 9 4 0 18 4 0 0"
    echo "mvu_SIMD_must_divide_MW mvu 9 8 4 4 3 3 1 0 9 4 0 18 2 0 0"
    echo "mvu_LANES_must_divide_PE mvu 8 8 4 4 3 3 1 0 9 4 0 18 1 0 0"
    echo "mvu_more_than_1024_weight_words mvu 64 64 1 1 3 3 1 0 13 4 0 18 1 0 0"
    echo "requant_parameter_out_of_range requant 8 16 0 20 0"
    echo "mac_parallel_parameter_out_of_range mac_parallel 4 9 4 1 0 24"
    echo "mac_packed_parameter_out_of_range mac_packed 4 5 2 2 1 0 24 0"
    echo "mac_packed_parameter_out_of_range mac_packed 0 2 2 2 1 0 24 0"
    echo "mac_packed_lanes_do_not_fit_the_DSP mac_packed 4 4 5 5 1 0 24 1"
    echo "mac_packed_lanes_do_not_fit_the_DSP mac_packed 4 3 8 8 1 0 24 0"
    echo "mac_unit_UNIT_is_unknown mac_unit 9 4 4 4 1 0 24 1 0 0"
    echo "mac_unit_only_packed_has_LANES_and_DSP48E2 mac_unit 2 4 8 8 1 1 24 2 0 0"
    echo "mac_unit_only_fusion_has_GROUPED mac_unit 2 4 8 8 1 1 24 1 0 1"
    echo "mac_serial_parameter_out_of_range mac_unit 2 257 8 8 1 1 24 1 0 0"
    echo "systolic_os_parameter_out_of_range systolic_os 65 2 0 1 24"
    echo "systolic_os_loop_is_of_parallel_units systolic_os_loop 2 2 1 8 8 0 24 2"
    echo "systolic_ws_parameter_out_of_range systolic_ws 2 2 2 1 24 9"
    echo "mac_fusion_parameter_out_of_range mac_unit 4 17 8 8 1 1 24 1 0 0"
    echo "mac_actserial_parameter_out_of_range mac_unit 3 4 9 8 1 1 24 1 0 0"
}

report() { # OK TEXT LOG
    n=$((n + 1))
    if [ "$1" = 1 ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
        sed 's/^/# /' "$3" | head -12
        rc=1
    fi
}

names_of() {
    case $1 in
    mac_parallel) echo "$mac_names" ;;
    mac_packed) echo "$packed_names" ;;
    mac_unit) echo "$mac_unit_names" ;;
    fusion_spread) echo "$fusion_spread_names" ;;
    systolic_os) echo "$systolic_os_names" ;;
    systolic_os_loop) echo "$systolic_os_loop_names" ;;
    systolic_ws) echo "$systolic_ws_names" ;;
    requant) echo "$requant_names" ;;
    mvu) echo "$mvu_names" ;;
    esac
}

# Runs one tool on one set: TOOL TOP VALUE...; its output in $dir/log.
run_tool() {
    local tool=$1 top=$2
    shift 2
    local args=() ys="" name
    for name in $(names_of "$top"); do
        case $tool in
        verilator) args+=("-G$name=$1") ;;
        iverilog) args+=("-P$top.$name=$1") ;;
        yosys) ys+=" -chparam $name $1" ;;
        esac
        shift
    done
    case $tool in
    verilator) verilator --lint-only -Wall "${args[@]}" --top-module "$top" \
        "${waivers[@]}" "${models[@]}" "${looped[@]}" "${src[@]}" >"$dir/log" 2>&1 ;;
    iverilog) iverilog -g2005 -Wall "${args[@]}" -s "$top" -o "$dir/a.vvp" \
        "${models[@]}" "${looped[@]}" "${src[@]}" \
        >"$dir/log" 2>&1 ;;
    yosys) yosys -q -p "read_verilog -lib ${models[*]}; read_verilog ${src[*]}; hierarchy -check -top $top$ys; proc;
        check -assert" >"$dir/log" 2>&1 ;;
    esac
}

lint_tool() { # TOOL: all legal sets without a word
    local tool=$1 sets=0 i=0 bad=0
    : >"$dir/all"
    while read -r -a set; do
        i=$((i + 1))
        [ -n "$LINT_QUICK" ] && [ $((i % 9)) -ne 0 ] && continue
        # Elaborating takes Yosys longer; it sees all mvu and requant sets.
        [ "$tool" = yosys ] && [ "${set[0]}" = systolic_os_loop ] && continue
        [ "$tool" = yosys ] && [ "${set[0]}" = mac_parallel ] && [ $((i % 4)) -ne 0 ] && continue
        sets=$((sets + 1))
        if ! run_tool "$tool" "${set[@]}" || [ -s "$dir/log" ]; then
            bad=$((bad + 1))
            echo "${set[*]}" >>"$dir/all"
            head -5 "$dir/log" >>"$dir/all"
        fi
    done < <(legal_sets)
    report $((bad == 0 && sets > 0)) "$tool has no warning on $sets parameter sets" "$dir/all"
}

stop_tool() { # TOOL: every illegal set refused, by name
    local tool=$1 sets=0 bad=0
    : >"$dir/all"
    while read -r -a set; do
        [ "$tool" = yosys ] && [ "${set[1]}" = systolic_os_loop ] && continue
        sets=$((sets + 1))
        if run_tool "$tool" "${set[@]:1}" || ! grep -q "${set[0]}" "$dir/log"; then
            bad=$((bad + 1))
            { echo "${set[*]}: not stopped"; head -5 "$dir/log"; } >>"$dir/all"
        fi
    done < <(illegal_sets)
    report $((bad == 0 && sets > 0)) "$tool stops on $sets illegal sets and says why" "$dir/all"
}

for tool in verilator iverilog yosys; do
    if ! command -v $tool >/dev/null; then
        n=$((n + 1))
        echo "ok $n - $tool # SKIP not installed"
        continue
    fi
    lint_tool $tool
    stop_tool $tool
done
echo "1..$n"
exit $rc
