#!/bin/bash
# bitwright simulate --unit: sums are exact and cycles are what the unit's definition
# says, computed here from the widths alone.
. tests/tap.sh
vectors=5
expect() { # CYCLES OPTIONS...: of the run, its results exact
    "$bw" -q simulate --vectors $vectors "${@:2}" --json "$t/u.json" >"$t/out" 2>"$t/err" &&
        grep -q '"bit_exact": true' "$t/u.json" && grep -q "\"cycles_meas\": $1,\$" "$t/u.json"
    check $? "${*:3}: $1 cycles"
}
ceil() { echo $((($1 + $2 - 1) / $2)); }

K=100
# One cycle after the last step the sum can be read.
expect $((vectors * $(ceil $K 8) + 1)) --unit mac_parallel --simd 8 --wbits 3 --abits 5 --K $K
for bits in "3 5" "8 8" "1 4" "2 1"; do
    w=${bits% *} a=${bits#* }
    w2=$((w == 1 ? 2 : w)) # bipolar weights have two planes
    expect $((vectors * w2 * a * $(ceil $K 32) + 1)) \
        --unit mac_serial --simd 32 --wbits "$w" --abits "$a" --K $K
    expect $((vectors * a * $(ceil $K 8) + 1)) \
        --unit mac_actserial --simd 8 --wbits "$w" --abits "$a" --K $K
done
expect $((vectors * 4 * $(ceil $K 32) + 1)) \
    --unit mac_serial --simd 32 --wbits 1 --abits 1 --asigned 1 --K $K
expect $((vectors * 1 * $(ceil $K 32) + 1)) \
    --unit mac_serial --simd 32 --wbits 1 --wsigned 0 --abits 1 --K $K
