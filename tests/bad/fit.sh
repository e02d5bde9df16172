#!/bin/bash
# bitwright fit: what it says about measurements and options that are wrong.
. tests/tap.sh
fit() { # ARGUMENTS...: status in rc; run in $t so that messages have no folder
    (cd "$t" && exec "$bw" fit "$@") >"$t/out" 2>"$t/err" </dev/null
    rc=$?
}
said() { # STATUS MESSAGE: the one line on stderr, nothing on stdout, no model
    fails_saying "$1" "bitwright fit: $2" && [ ! -e "$t/cost.yaml" ]
}
head='module,toolchain,SIMD,wbits[bit],abits[bit],wsigned,asigned,acc_bits[bit],lut[LUT],ff[FF],dsp[DSP],bram18[BRAM18]'
# Macs of 2..6 x 2..6 bits that follow 2 * SIMD * w * a + acc.
{
    echo "$head"
    for w in 2 3 4 5 6; do for a in 2 3 4 5 6; do for s in 1 4; do
        acc=$((w + a + 4 + (w * a) % 3))
        echo "mac_parallel,xc7,$s,$w,$a,1,0,$acc,$((2 * s * w * a + acc)),$acc,0,0"
    done; done; done
} >"$t/good.csv"

fit good.csv
[ $rc -eq 0 ] && grep -q 'mac_parallel class sxu, lut: 50 rows, 25 groups held out in turn: goal met' \
    "$t/out" && [ -s "$t/cost.yaml" ]
check $? "good measurements give a model and its account"
fit good.csv --json --parity parity.json
[ $rc -eq 0 ] && grep -q '"goal_met": *true' "$t/out" && grep -q '"held_out": *true' "$t/parity.json"
check $? "the account and the parity are JSON"
rm -f "$t/cost.yaml"

fit
said 2 "expected one measurement CSV, found 0"
check $? "no file, exit 2"
fit none.csv
[ $rc -eq 3 ] && grep -q 'none.csv' "$t/err" && [ ! -e "$t/cost.yaml" ]
check $? "a file that does not exist, exit 3"
fit good.csv --outptu x
[ $rc -eq 2 ] && grep -q "'--output'" "$t/err"
check $? "an unknown option names the nearest, exit 2"
fit good.csv --terms mac_parallel=cells,oprands
said 2 "--terms: expected terms of mac_parallel for lut, found 'oprands'; nearest: operands"
check $? "an unknown term names the nearest, exit 2"
fit good.csv --target xc7
said 2 "--target xc7: expected NAME=xc7 or NAME=ice40"
check $? "a target without a toolchain, exit 2"
fit good.csv --target vivado=xc7
said 3 "--target vivado=xc7: expected a toolchain of good.csv, found no rows of it"
check $? "a target of a toolchain without rows, exit 3"
awk 'NR == 1 {print $0 ",options"} NR > 1 {print $0 "," (NR == 9 ? "-abc9" : "-nodsp")}' \
    "$t/good.csv" >"$t/bad.csv"
fit bad.csv
said 3 "bad.csv:9: expected the options of toolchain 'xc7' to be the same in all rows; found '-abc9', first '-nodsp'"
check $? "rows synthesised with other options, exit 3"
fit good.csv --terms mac=cells
said 2 "--terms: expected MODULE=... (lut) or MODULE:METRIC=..., as mac_parallel=cells,acc, found 'mac=cells'"
check $? "an unknown module in --terms, exit 2"
fit good.csv --toolchain ice40
said 3 "good.csv: expected rows of toolchain 'ice40', found none"
check $? "a toolchain without rows, exit 3"
fit good.csv --terms mac_parallel=cells,simd,max,min,operands
said 3 "xc7 mac_parallel class sxu lut: fit: expected independent terms, found 'operands' is a combination of 'max', 'min' in all 50 rows; measure rows that vary them independently or leave one out"
check $? "dependent terms are named, exit 3"

bad() { # ROW STATUS MESSAGE TEXT: good rows, then this one at line 52
    { cat "$t/good.csv"; echo "$1"; } >"$t/bad.csv"
    fit bad.csv
    said "$2" "$3"
    check $? "$4"
}
bad 'mac_parallel,xc7,1,2,2,1,0,9,-4,9,0,0' 3 \
    "bad.csv:52:9: expected an integer from 0 to 1073741824 for 'lut', found '-4'" \
    "a negative count, exit 3"
bad 'mac_parallel,xc7,1,2,2,1,0,9,nan,9,0,0' 3 \
    "bad.csv:52:9: expected an integer from 0 to 1073741824 for 'lut', found 'nan'" \
    "a NaN, exit 3"
bad 'mac_parallel,xc7,1,2,2,1,0,9' 3 "bad.csv:52: expected 12 fields, found 8" \
    "a truncated row, exit 3"
bad 'mac_parallel,xc7,1,2,2,1,0,9,18,9,0,0' 3 \
    "bad.csv:52:9: expected lut 17 as in line 2 for the same element (SIMD=1 wbits=2s abits=2u acc_bits=9), found 18" \
    "a repeated row that disagrees, exit 3"
sed 's/,lut\[LUT\]/,lut/' "$t/good.csv" >"$t/bad.csv"
fit bad.csv
said 3 "bad.csv:1:9: expected a column 'lut[LUT]', found 'lut'"
check $? "a measurement without unit, exit 3"
sed 's/,lut\[LUT\]/,lut[ALM]/' "$t/good.csv" >"$t/bad.csv"
fit bad.csv
said 3 "bad.csv:1:9: expected a column 'lut[LUT]', found 'lut[ALM]'"
check $? "a measurement in another unit, exit 3"
bad 'mac_parallel,xc7,1,2,2,1,0,9,,,,' 3 \
    "bad.csv:52: expected at least one of lut, ff, dsp, area, delay, fmax, energy, energy_zero, found none; a row that failed says why in 'failed'" \
    "a row that measures nothing, exit 3"
awk 'NR == 1 {print $0 ",failed"} NR > 1 {print $0 "," (NR == 9 ? "time limit" : "")}' \
    "$t/good.csv" >"$t/failed.csv"
fit failed.csv
[ $rc -eq 0 ] && grep -q '1 rows that failed left aside' "$t/err" && grep -q ': 49 measured elements' "$t/out"
check $? "rows that failed are counted and left aside"
rm -f "$t/cost.yaml"
fit good.csv --require-goals
[ $rc -eq 0 ] && grep -q 'goals met$' "$t/out"
check $? "goals that are met, exit 0"
awk -F, -v OFS=, 'NR > 1 {$9 = int($9 * (1 + (NR * 7919 % 5) / 5))} {print}' "$t/good.csv" >"$t/noisy.csv"
fit noisy.csv --require-goals
[ $rc -eq 6 ] && grep -q 'MISSED$' "$t/out" && grep -q 'require-goals: expected all' "$t/err" && [ -s "$t/cost.yaml" ]
check $? "a goal that is missed, exit 6 on request"
rm -f "$t/cost.yaml"
head -1 "$t/good.csv" >"$t/bad.csv"
fit bad.csv
said 3 "bad.csv: expected rows of MAC units, requant, mvu or systolic arrays, found none among 0 rows"
check $? "no rows, exit 3"
: >"$t/bad.csv"
fit bad.csv
[ $rc -eq 3 ] && [ ! -e "$t/cost.yaml" ]
check $? "an empty file, exit 3"
sed 's/,lut\[LUT\]/,luts[LUT]/' "$t/good.csv" >"$t/bad.csv"
fit bad.csv
said 3 "bad.csv:1: expected a column 'lut', found none; the nearest is 'luts'"
check $? "a missing column names the nearest, exit 3"

# A limit on file size stands in for a full disk: the write fails all the same.
(cd "$t" && trap '' XFSZ && ulimit -f 1 && exec "$bw" fit good.csv) >"$t/out" 2>"$t/err"
[ $? -eq 1 ] && [ ! -e "$t/cost.yaml" ] && ! ls "$t"/cost.yaml* >/dev/null 2>&1
check $? "a full disk: exit 1 and nothing left behind"
printf 'lanes,luts\n4,33\n' >"$t/own.csv"
fit own.csv
said 3 "own.csv:1: expected a column 'module', found none; columns of other names need a mapping: --map FILE (costmodel/README.md)"
check $? "a CSV of other columns is told of --map, exit 3"
printf 'module,toolchain,SIMD,wbits[bit],abits[bit],wsigned,asigned,acc_bits[bit],lut[LUT]\nmac_parallel,xc7,4,3,2,1,0,9,33\n' >"$t/one.csv"
fit one.csv --require-goals -o one.yaml
[ $rc -eq 6 ] && grep -q "^bitwright fit: --require-goals: expected rows enough" "$t/err"
check $? "goals that nothing can be judged by are not met, exit 6"
awk -F, 'NR == 1 || ($4 == 4 && $5 != 5)' "$t/good.csv" >"$t/four.csv"
fit four.csv --terms mac_parallel=cells,acc -o four.yaml
[ $rc -eq 0 ] && grep -q "^      constant: wbits is 4 in all rows: the terms cannot tell what it costs$" "$t/out"
check $? "a parameter that never varies is named"
fit good.csv -o no/such/dir/cost.yaml
[ $rc -ne 0 ] && grep -q 'no/such/dir' "$t/err"
check $? "a folder that does not exist is named"
