#!/bin/bash
# bitwright cost: what it says about models, accelerators and options that are wrong.
. tests/tap.sh
net=$(realpath configs/networks/resnet8-fmnist.yaml)
cost() { # ARGUMENTS...: status in rc
    (cd "$t" && exec "$bw" -q cost "$@") >"$t/out" 2>"$t/err" </dev/null
    rc=$?
}
said() { # STATUS MESSAGE
    fails_saying "$1" "bitwright cost: $2"
}
# A model of made-up macs and requantisers: signed weights, unsigned activations.
{
    echo 'module,toolchain,SIMD,wbits[bit],abits[bit],wsigned,asigned,acc_bits[bit],out_bits[bit],out_signed,shift[bit],requant_dsp,lut[LUT],ff[FF],dsp[DSP],bram18[BRAM18]'
    for w in 2 3 5 8; do for a in 2 3 5 8; do for s in 1 4 16; do
        acc=$((w + a + 6))
        echo "mac_parallel,xc7,$s,$w,$a,1,0,$acc,0,0,0,0,$((2 * s * w * a + acc)),$acc,0,0"
    done; done; done
    for acc in 12 14 16 18; do for out in 2 8; do
        echo "requant,xc7,0,0,0,0,0,$acc,$out,0,12,1,$((9 + out)),$out,1,0"
    done; done
} >"$t/meas.csv"
(cd "$t" && "$bw" fit meas.csv -o cost.yaml) >"$t/out" 2>"$t/err"
check $? "a model of macs and requantisers is fitted"
cat >"$t/accel.yaml" <<'YAML'
version: 1
name: one
style: dataflow
target: xc7
clock_mhz: 100
layers:
  - {name: conv1, MW: 72, MH: 16, PE: 4, SIMD: 8, n_vec: 196, wbits: 3, abits: 3, wsigned: true, asigned: false, acc_bits: 14, out_bits: 4, out_signed: false, shift: 12, lanes: 1, mul: lut, requant_mul: dsp, weight_ram: lut}
YAML

cost --cost cost.yaml --accel accel.yaml
[ $rc -eq 0 ] && grep -q '^conv1 ' "$t/out" && grep -q '^total ' "$t/out"
check $? "an accelerator is priced"
cost --cost cost.yaml --accel accel.yaml --format csv --energy horowitz-45nm -o cost.csv
[ $rc -eq 0 ] && grep -q '^layer,MW,MH,PE,SIMD,n_vec,wbits\[bit\],abits\[bit\],lut\[LUT\],' "$t/cost.csv" &&
    [ "$(grep -c '^conv1,' "$t/cost.csv")" -eq 1 ]
check $? "the same as CSV in a file"
cost --cost cost.yaml --accel accel.yaml --json
[ $rc -eq 0 ] && grep -q '"energy_profile": null' "$t/out" && grep -q '"level": "exact"' "$t/out"
check $? "the same as JSON, energy absent without a profile"

cost --accel accel.yaml
said 2 "expected --cost cost.yaml"
check $? "no model, exit 2"
cost --cost cost.yaml
said 2 "expected either --accel FILE or --network FILE, found neither"
check $? "neither accelerator nor network, exit 2"
cost --cost cost.yaml --accel accel.yaml --network "$net"
said 2 "expected either --accel FILE or --network FILE, found both; only an accelerator of style shared takes both"
check $? "both, exit 2"
cost --cost cost.yaml --accel accel.yaml --format tabel
said 2 "--format: expected one of table, csv, json, npy, accelergy, ert, art, found 'tabel'; nearest: table"
check $? "an unknown format names the nearest, exit 2"
cost --cost cost.yaml --network "$net" --metric lutt
said 2 "--metric: expected one of lut, ff, dsp, bram18, cycles, energy_uj, size_bytes, bitops, latency_us, found 'lutt'; nearest: lut"
check $? "an unknown metric, exit 2"
cost --cost none.yaml --accel accel.yaml
[ $rc -eq 3 ] && grep -q 'none.yaml' "$t/err"
check $? "a model that does not exist, exit 3"
cost --cost nowhere --accel accel.yaml
[ $rc -eq 3 ] && grep -q "^bitwright cost: cost model 'nowhere': expected a file, or one of the shipped models (" "$t/err" &&
    grep -q 'costmodel/models/nowhere.yaml' "$t/err"
check $? "a model's name that is not shipped, exit 3"
sed 's/^version: 2/version: 1/' "$t/cost.yaml" >"$t/old.yaml"
cost --cost old.yaml --accel accel.yaml
said 3 "old.yaml:1:10: expected a cost model of version 2, found version 1; fit the measurements again (bitwright fit)"
check $? "a model of the older format, exit 3"
mkdir -p "$t/home/configs" "$t/home/costmodel/models"
touch "$t/home/configs/packages.txt"
cp "$t/cost.yaml" "$t/home/costmodel/models/mine.yaml"
(cd "$t" && BITWRIGHT_HOME=$t/home exec "$bw" -q cost --cost mine --accel accel.yaml) >"$t/out" 2>"$t/err"
[ $? -eq 0 ] && grep -q '^total ' "$t/out"
check $? "a shipped model is found by its name"
cost --cost cost.yaml --accel accel.yaml --toolchain ecp5
said 3 "cost model: expected one of the toolchains it covers (xc7), found 'ecp5'"
check $? "an unknown toolchain lists those there are, exit 3"
sed 's/target: xc7/target: ice40/; s/requant_mul: dsp, weight_ram: lut/requant_mul: lut, weight_ram: block/' \
    "$t/accel.yaml" >"$t/ice40.yaml"
cost --cost cost.yaml --accel ice40.yaml
said 3 "cost model: expected one of the toolchains it covers (xc7), found 'ice40'"
check $? "an accelerator for another target, exit 3"
cost --cost cost.yaml --accel ice40.yaml --toolchain xc7
said 3 "ice40.yaml: expected a toolchain for target ice40, found 'xc7' for xc7"
check $? "a toolchain for another target, exit 3"
cost --cost cost.yaml --accel accel.yaml --energy nowhere
[ $rc -eq 3 ] && grep -q 'configs/energy/nowhere.yaml' "$t/err"
check $? "an unknown energy profile, exit 3"
cost --cost cost.yaml --network "$net"
[ $rc -eq 0 ] && [ "$(grep -cE '^    1           -            - ' "$t/out")" -eq 10 ] && ! grep -q ' 0[~*!]' "$t/out"
check $? "precisions that the model cannot answer stay empty, never a 0"
cost --cost cost.yaml --network "$net" --format npy -o x.npy
[ $rc -eq 3 ] && grep -q "^bitwright cost: layer 'stem': expected a cost of lut at 1-bit weights and 1-bit activations, as a .npy has no gaps" "$t/err" &&
    [ ! -e "$t/x.npy" ]
check $? "a .npy with gaps is refused, exit 3"
cost --cost cost.yaml --network "$net" --format npy
said 2 "--format npy: expected -o FILE"
check $? "a .npy on stdout, exit 2"
cost --cost cost.yaml --network "$net" --format ert -o x.yaml
said 2 "--format ert: expected --accel FILE"
check $? "an ERT of a network, exit 2"
cost --cost cost.yaml --network "$net" --format accelergy
[ $rc -eq 3 ] && grep -q '^bitwright cost: toolchain xc7: expected energies of mac_parallel' "$t/err"
check $? "a library without energies, exit 3"
cost --cost cost.yaml --accel accel.yaml --format art -o x.yaml
said 3 "layer 'conv1': expected the area of a mac of 3x3 bits from toolchain xc7, found none; take a model that was fitted to areas [um2]"
check $? "areas that nobody measured, exit 3"
cost --cost cost.yaml --accel accel.yaml --energy horowitz-45nm --format ert -o ert.yaml
[ $rc -eq 0 ] && grep -q 'name: system_top_level.conv1_mac\[1..32\]' "$t/ert.yaml" && grep -q 'energy: 0\.' "$t/ert.yaml"
check $? "energies of the macs of every layer as an ERT"
cost --cost osu018 --accel accel.yaml --format art -o art.yaml
[ $rc -eq 0 ] && grep -q 'name: system_top_level.conv1_mac' "$t/art.yaml" && grep -q 'area: [1-9]' "$t/art.yaml"
check $? "an ART of the areas of standard cells, whose model prices macs alone"
cost --cost cost.yaml --network "$net" --energy horowitz-45nm --format accelergy -o lib.csv
[ $rc -eq 0 ] && [ "$(grep -c ',multiply|read$' "$t/lib.csv")" -eq 49 ] &&
    grep -q '^technology,global_cycle_seconds,width_a|datawidth_a,width_b|datawidth_b,energy,area,action$' "$t/lib.csv"
check $? "a library of the macs for Accelergy, of the precisions there are"
cost --accel edge-serial --network "$net" --cost xc7
[ $rc -eq 0 ] && grep -q '^array of edge-serial: 8 x 8 mac_serial .* lut [1-9]' "$t/out" && grep -qE ' [0-9.]+c ' "$t/out"
check $? "a network's layers on a shared array: latencies, and what binds them"
cost --accel edge-serial --network "$net" --format csv --energy horowitz-45nm
[ $rc -eq 0 ] && [ "$(grep -c ',roofline,.*,compute$' "$t/out")" -gt 100 ] && ! grep -qE '(nan|inf)' "$t/out"
check $? "their cycles and energies as CSV"
cost --accel edge-serial
[ $rc -eq 2 ] && grep -q 'an array that layers share: expected --network FILE' "$t/err"
check $? "a shared array without a network, exit 2"
cost --accel nowhere --network "$net"
[ $rc -eq 3 ] && grep -q "accelerator 'nowhere': expected a file, or the name of one in configs/accel" "$t/err"
check $? "an accelerator's name that is none, exit 3"
sed 's/cols: 8/cols: 65/' configs/accel/edge-serial.yaml >"$t/bad.yaml"
cost --accel bad.yaml --network "$net"
said 3 "bad.yaml:12:7: expected an integer from 1 to 64 for 'cols', found '65'"
check $? "a shared array that is too wide, exit 3"
sed 's/wbits: 3/wbits: 9/' "$t/accel.yaml" >"$t/bad.yaml"
cost --cost cost.yaml --accel bad.yaml
[ $rc -eq 3 ] && grep -q '^bitwright cost: bad.yaml:7:' "$t/err"
check $? "an accelerator out of range, exit 3"
head -c 900 "$t/cost.yaml" >"$t/part.yaml"
cost --cost part.yaml --accel accel.yaml
[ $rc -eq 3 ] && grep -q '^bitwright cost: part.yaml:' "$t/err"
check $? "a truncated model, exit 3"
sed 's/half_width/half_widht/' "$t/cost.yaml" >"$t/bad.yaml"
cost --cost bad.yaml --accel accel.yaml
[ $rc -eq 3 ] && grep -q "half_widht" "$t/err" && grep -q "'half_width'" "$t/err"
check $? "an unknown key of the model names the nearest, exit 3"
(cd "$t" && trap '' XFSZ && ulimit -f 0 && exec "$bw" cost --cost cost.yaml --accel accel.yaml -o full.txt) \
    >"$t/out" 2>"$t/err"
[ $? -eq 1 ] && [ ! -e "$t/full.txt" ] && ! ls "$t"/full.txt* >/dev/null 2>&1
check $? "a full disk: exit 1 and nothing left behind"
