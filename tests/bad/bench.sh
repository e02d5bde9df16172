#!/bin/bash
# bitwright bench: unknown figures are refused, known ones print positive numbers.
. tests/tap.sh
"$bw" bench stap >"$t/out" 2>"$t/err"
[ $? -eq 2 ] && [ ! -s "$t/out" ] &&
    [ "$(cat "$t/err")" = "bitwright bench: unknown figure 'stap'; did you mean 'step'?" ]
check $? "an unknown figure names the nearest, exit 2"
"$bw" bench step --seconds 0 >"$t/out" 2>"$t/err"
[ $? -eq 2 ] && grep -q -- '--seconds' "$t/err"
check $? "no time to measure in, exit 2"
"$bw" bench step --seconds 0.05 >"$t/out" 2>"$t/err"
rc=$?
[ $rc -eq 0 ] && [ "$(awk '$2 ~ /^[12]$/ && $3 > 0 && $4 > 0' "$t/out" | wc -l)" -eq 4 ] &&
    grep -q '^peer: not run, it needs --seconds' "$t/out"
check $? "fine-tuning and search have rows for one and for two threads"
BITWRIGHT_ISA=neon "$bw" bench step --seconds 0.05 >"$t/out" 2>"$t/err"
[ $? -eq 3 ] && grep -q "BITWRIGHT_ISA: expected one of blas.*found 'neon'" "$t/err"
check $? "an unknown instruction set is refused with the list, exit 3"
