#!/bin/bash
# Several processes that build the same models at the same time, in an empty cache.
. tests/tap.sh
cat >"$t/a.yaml" <<'YAML'
version: 1
name: a
style: dataflow
target: xc7
clock_mhz: 100
layers:
- {name: l1, MW: 8, MH: 4, PE: 2, SIMD: 4, n_vec: 1, wbits: 2, abits: 2, wsigned: true, asigned: false, acc_bits: 8,
   out_bits: 2, out_signed: false, shift: 10, lanes: 1, mul: lut, requant_mul: lut, weight_ram: lut}
- {name: l2, MW: 8, MH: 4, PE: 2, SIMD: 2, n_vec: 1, wbits: 2, abits: 2, wsigned: true, asigned: false, acc_bits: 8,
   out_bits: 2, out_signed: false, shift: 10, lanes: 1, mul: lut, requant_mul: lut, weight_ram: lut}
YAML
export XDG_CACHE_HOME=$t/cache
pids=()
for i in 1 2 3; do
    "$bw" -q simulate "$t/a.yaml" >"$t/out$i" 2>&1 </dev/null &
    pids+=($!)
done
good=0
for pid in "${pids[@]}"; do wait "$pid" && good=$((good + 1)); done
cat "$t"/out? >"$t/out"
[ $good -eq 3 ] && [ "$(grep -c '^l[12] *yes' "$t/out")" -eq 6 ]
check $? "all of them succeed"
d=$t/cache/bitwright
find "$d" >"$t/out"
[ "$(find "$d/dut" -name model.so | wc -l)" -eq 2 ] && [ "$(find "$d/dut" -name 'rt-*.so' | wc -l)" -eq 1 ] &&
    [ -z "$(ls "$d/tmp")" ]
check $? "one copy of each is left, and nothing half done"
