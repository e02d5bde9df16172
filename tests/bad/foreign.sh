#!/bin/bash
# bitwright fit on a user's own measurements: mapping files, reports of other tools and
# tables of layers that are wrong.
. tests/tap.sh
net=$(realpath configs/networks/resnet8-fmnist.yaml)
fit() { # ARGUMENTS...: status in rc; run in $t so that messages have no folder
    (cd "$t" && exec "$bw" -q fit "$@") >"$t/out" 2>"$t/err" </dev/null
    rc=$?
}
said() { # STATUS MESSAGE: the one line on stderr, nothing on stdout, no model
    fails_saying "$1" "bitwright fit: $2" && [ ! -e "$t/cost.yaml" ]
}
{
    echo 'n,W,A,S,sign,LUTs,E_mac,F[GHz]'
    for w in 2 3 4 5 6; do for a in 2 3 4 5 6; do for s in 1 4; do
        acc=$((w + a + 4 + (w * a) % 3))
        echo "$s,$w,$a,$acc,yes,$((2 * s * w * a + acc)),$((100 * w * a)),0.25"
    done; done; done
} >"$t/mine.csv"
cat >"$t/map.yaml" <<'YAML'
version: 1
toolchain: mine
target: xc7
columns:
  module: {value: mac_parallel}
  SIMD: n
  wbits: W
  abits: A
  acc_bits: S
  wsigned: {column: sign, words: {"yes": 1, "no": 0}}
  asigned: {value: 0}
  lut: LUTs
  energy: {column: E_mac, unit: fJ}
  fmax: F
YAML
fit mine.csv --map map.yaml
[ $rc -eq 0 ] && grep -q '^mine (target xc7' "$t/out" && [ -s "$t/cost.yaml" ]
check $? "a user's columns, units and words make a model"
grep -q 'energy = 0\.1\*cells' "$t/out" && grep -q 'delay = 4\*one' "$t/out"
check $? "femtojoules became picojoules, gigahertz a delay in nanoseconds"
rm -f "$t/cost.yaml"
bad() { # SED-EXPRESSION STATUS MESSAGE TEXT: the mapping changed so
    sed "$1" "$t/map.yaml" >"$t/bad.yaml"
    fit mine.csv --map bad.yaml
    said "$2" "$3"
    check $? "$4"
}
bad 's/^  wbits: W/  wbit: W/' 3 "bad.yaml:7:3: expected a known key, found 'wbit'; did you mean 'wbits'?" \
    "an unknown column of ours names the nearest, exit 3"
bad 's/^target/targte/' 3 "bad.yaml:3:1: expected a known key, found 'targte'; did you mean 'target'?" \
    "an unknown key, exit 3"
bad 's/lut: LUTs/lut: LUT/' 3 "bad.yaml:12:8: expected a column of mine.csv, found 'LUT'; the nearest is LUTs" \
    "a column that the CSV lacks, exit 3"
bad 's/, unit: fJ//' 3 "bad.yaml:13:11: expected the unit of 'energy', which the header of mine.csv does not say; add unit: pJ or another" \
    "no unit anywhere, exit 3"
bad 's/unit: fJ/unit: kg/' 3 "bad.yaml:13:11: expected a unit of 'energy', one of aJ, fJ, pJ, nJ, uJ, found 'kg'" \
    "a unit that is none of energy, exit 3"
bad 's/fmax: F/fmax: {column: F, unit: MHz}/' 3 "bad.yaml:14:9: expected unit GHz as the header of mine.csv says, found MHz" \
    "a unit that the header contradicts, exit 3"
bad 's/"yes": 1, //' 3 "mine.csv:2:5: expected a word that bad.yaml translates, found 'yes'" \
    "a word that is not translated, exit 3"
bad 's/abits: A/abits: {value: 9}/' 3 "mine.csv:2:10: expected an integer from 1 to 8 for 'abits', found '9'" \
    "a constant out of range, exit 3"
sed '/^  wsigned/d' "$t/map.yaml" >"$t/bad.yaml"
fit mine.csv --map bad.yaml
[ $rc -eq 3 ] && grep -q "mine.csv:1: expected a column 'wsigned', found none" "$t/err"
check $? "a parameter that the mapping leaves out, exit 3"
sed '3s/,[0-9]*,\([^,]*\),\([^,]*\)$/,-7,\1,\2/' "$t/mine.csv" >"$t/neg.csv"
fit neg.csv --map map.yaml
said 3 "neg.csv:3:6: expected an integer from 0 to 1073741824 for 'lut', found '-7'"
check $? "a negative measurement, exit 3, at the place in the user's file"
fit mine.csv --map none.yaml
[ $rc -eq 3 ] && grep -q 'none.yaml' "$t/err"
check $? "a mapping that does not exist, exit 3"

# Reports: rows that name files.
cat >"$t/list.csv" <<'CSV'
module,toolchain,SIMD,wbits[bit],abits[bit],wsigned,asigned,acc_bits[bit],util[file]
mac_parallel,xc7-vivado,4,3,3,1,0,14,p1.rpt
CSV
fit list.csv
said 3 "list.csv:2:9: p1.rpt: cannot open: No such file or directory"
check $? "a report that does not exist, exit 3"
printf '+-----------+------+\n| Site Type | Used |\n+-----------+------+\n| Slice LUTs | 1' >"$t/p1.rpt"
fit list.csv
[ $rc -eq 3 ] && grep -q '^bitwright fit: p1.rpt:4: ' "$t/err"
check $? "a truncated report, exit 3, with its line"
cat >"$t/p1.rpt" <<'RPT'
+--------------------------+-------+
| Total On-Chip Power (W)  | 0.125 |
| Dynamic (W)              | 0.021 |
+--------------------------+-------+
RPT
fit list.csv
said 3 "list.csv:2:9: power becomes energy by columns clock[MHz] and products (per cycle); found no 'clock'"
check $? "power without a clock, exit 3"

# Tables of layers.
npy() { # DESCR FORTRAN SHAPE N_BYTES: a file x.npy of ones
    local head="{'descr': '$1', 'fortran_order': $2, 'shape': $3, }"
    { printf '\x93NUMPY\x01\x00'; printf "\\x$(printf %02x ${#head})\\x00"; printf '%s' "$head"
        head -c "$4" /dev/zero | tr '\0' '\1'; } >"$t/x.npy"
}
npy '<i4' False '(9, 8, 4)' $((9 * 32 * 4))
fit x.npy --network "$net" --unit us
said 3 "x.npy: expected shape (layers, 8, 8), found (9, 8, 4)"
check $? "a wrong shape, exit 3"
npy '<i4' False '(3, 8, 8)' $((3 * 64 * 4))
fit x.npy --network "$net" --unit us
[ $rc -ne 0 ] && grep -q 'x.npy: expected shape (10, 8, 8) for the layers of network resnet8-fmnist, found (3, 8, 8)' "$t/err"
check $? "another number of layers"
fit x.npy --unit us
said 2 "x.npy: a .npy names no layers: give the network that it was measured on, --network FILE"
check $? "a .npy without a network, exit 2"
npy '>i8' False '(10, 8, 8)' $((10 * 64 * 8))
fit x.npy --network "$net" --unit us
said 3 "x.npy: expected little-endian numbers ('<i8'), found '>i8'; convert with numpy: a.astype('<i8')"
check $? "big-endian numbers, exit 3"
npy '<i8' True '(10, 8, 8)' $((10 * 64 * 8))
fit x.npy --network "$net" --unit us
said 3 "x.npy: expected C order, found Fortran order; convert with numpy: numpy.ascontiguousarray(a)"
check $? "Fortran order, exit 3"
echo 'layer,wbits,abits,value[us]
conv1,8,8,3' >"$t/lat.csv"
fit lat.csv --network "$net"
[ $rc -ne 0 ] && grep -q "lat.csv: expected layer 'stem' of network resnet8-fmnist, found only conv1" "$t/err" &&
    [ ! -e "$t/cost.yaml" ]
check $? "layers that do not match the network are named with the candidates"
