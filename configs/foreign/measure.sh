#!/bin/bash
# [WBITS="2 3"] measure.sh [OUT.csv] -- how plain_mac.csv was made: every point synthesised by Yosys
# for Xilinx 7 series with its default wide multiplexers and without DSPs.  Writes the
# CSV with the column names of this little flow, none of them bitwright's.
set -eo pipefail
cd "$(dirname "$0")"
out=${1:-plain_mac.csv}
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
version=$(yosys -V | cut -d' ' -f1,2)
count() { # CELL PATTERN: cells of stat -json whose names match
    sed -n '/"design"/,$p' "$t/stat.json" |
        sed -nE "s/^ *\"($1)\": ([0-9]+).*/\2/p" | awk '{s += $1} END {print s + 0}'
}
{
    echo "# plain_mac.v by $version: synth_xilinx -family xc7 -nodsp -noiopad"
    echo 'lanes,Wbit,Abit,Sbit,sign,LUTs,Regs,CARRY4,MUXF'
    for w in ${WBITS:-2 3 4 6 8}; do for a in 2 3 4 5 6 8; do for lanes in 1 4; do
        s=$((w + a + 12))
        nice yosys -q -p "read_verilog plain_mac.v; chparam -set LANES $lanes -set W $w \
            -set A $a -set S $s plain_mac; \
            synth_xilinx -family xc7 -nodsp -noiopad -flatten -top plain_mac; \
            tee -q -o $t/stat.json stat -json" >/dev/null
        echo "$lanes,$w,$a,$s,s,$(count 'LUT[1-6]'),$(count 'FD[A-Z]*'),$(count CARRY4),$(count 'MUXF[78]')"
    done; done; done
} >"$t/out.csv"
mv "$t/out.csv" "$out"
