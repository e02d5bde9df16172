#!/bin/bash
# bitwright characterize: killed at any moment and started again, it measures what is
# missing, nothing twice, and ends with the same numbers.
. tests/tap.sh
cat >"$t/s.yaml" <<'YAML'
version: 1
name: resume
toolchains: [ice40]
groups:
- {module: mac_parallel, wsigned: true, asigned: false, SIMD: [1, 2, 3], wbits: [2, 3], abits: 2, acc_bits: [min, min+3]}
- {module: mac_parallel, toolchains: [xc7], wsigned: true, asigned: false, SIMD: [1, 2], wbits: 3, abits: 2, acc_bits: min}
- {module: requant, acc_bits: [8, 12], out_bits: 4, out_signed: false, shift: max, requant_mul: lut}
- {module: mvu, toolchains: [xc7], simulate: 3, MW: 12, MH: 4, PE: 2, SIMD: 3, wbits: 2, abits: 2, wsigned: true,
   asigned: false, acc_bits: min, out_bits: 2, out_signed: false, shift: max, requant_mul: dsp, weight_ram: lut}
YAML
all=19 # the unit brings its mac and its requantiser
export XDG_CACHE_HOME=$t/cache
run() { # DATABASE CSV ARGUMENTS...
    "$bw" characterize "$t/s.yaml" --db "$t/$1" -o "$t/$2" "${@:3}" \
        >"$t/out" 2>"$t/err" </dev/null
    rc=$?
}
known() { # DATABASE: points that are done
    "$bw" -q characterize "$t/s.yaml" --db "$t/$1" --dry-run 2>&1 >/dev/null |
        sed -n 's/.*points, \([0-9]*\) known.*/\1/p'
}
numbers() { # CSV: all columns but the seconds, without provenance
    grep -v '^#' "$1" | sed -E 's/,[^,]*,[^,]*$//'
}

run a.db a.csv -j 2
[ $rc -eq 0 ] && [ "$(grep -vc '^#' "$t/a.csv")" -eq $((all + 1)) ] &&
    tail -n 1 "$t/err" | grep -q "$all points, 0 known, $all measured, 0 failed"
check $? "a sweep over two toolchains is measured"
grep -q '^# .*yosys' "$t/a.csv" && grep -q '^# .*verilator' "$t/a.csv" &&
    grep -q ',mvu,xc7,synth_xilinx .*,Yosys ' "$t/a.csv"
check $? "the CSV says which tools and options made it"
awk -F, '/^#/ { next }
         !at["key"] { for (i = 1; i <= NF; i++) { sub(/\[.*/, "", $i); at[$i] = i } next }
         $at["module"] == "mvu" { mvu = $at["cycles"] == 3 * 8 + 2 + 3 + 1 && $at["n_vec"] == 3 }
         $at["module"] == "mac_parallel" && $at["lut"] <= 0 { bad = 1 } END { exit bad || !mvu }' "$t/a.csv"
check $? "LUTs were counted and cycles are those of the schedule"
run a.db again.csv
[ $rc -eq 0 ] && tail -n 1 "$t/err" | grep -q "$all known, 0 measured" &&
    cmp -s <(grep -v '^#' "$t/a.csv") <(grep -v '^#' "$t/again.csv")
check $? "measured again, nothing is measured"

# Killed as soon as something more is saved; the last run goes to the end.
for kill in 1 2; do
    saved=$(known b.db)
    "$bw" -q characterize "$t/s.yaml" --db "$t/b.db" -o "$t/b.csv" >"$t/out" 2>"$t/err" </dev/null &
    pid=$!
    while kill -0 $pid 2>/dev/null && [ "$(known b.db)" -le "$saved" ]; do sleep 0.2; done
    kill -KILL $pid
    wait $pid 2>/dev/null
    [ $? -eq 137 ] && [ "$(known b.db)" -gt "$saved" ] && [ ! -e "$t/b.csv" ]
    check $? "run $kill, killed: what was finished is saved, and there is no CSV"
done
before=$(known b.db)
run b.db b.csv -j 2
[ $rc -eq 0 ] && tail -n 1 "$t/err" | grep -q "$all points, ${before:-none} known, $((all - before)) measured, 0 failed"
check $? "the next run measures only what is missing ($before were saved)"
cmp -s <(numbers "$t/a.csv") <(numbers "$t/b.csv")
check $? "and ends with the numbers of a run that was never killed, whatever the workers"

# The other way round: every point has other neighbours and comes at another time.
awk '/^- / { if (g) all = g "\n" all; g = $0; next } g { g = g "\n" $0; next } { print } END { print g "\n" all }' \
    "$t/s.yaml" >"$t/turned.yaml"
"$bw" characterize "$t/turned.yaml" --db "$t/d.db" -o "$t/d.csv" -j 2 >"$t/out" 2>"$t/err" </dev/null &&
    cmp -s <(numbers "$t/a.csv" | sed '/,mvu,/s/,[0-9]*,[0-9]*$//' | sort) <(numbers "$t/d.csv" | sed '/,mvu,/s/,[0-9]*,[0-9]*$//' | sort)
check $? "a sweep in another order counts the same"

# Area, delay and energy from one netlist, Fmax from another tool.
cat >"$t/s.yaml" <<'YAML'
version: 1
name: more
toolchains: [osu018]
groups:
- {module: mac_parallel, SIMD: 2, wbits: [2, 4], abits: 2, wsigned: true, asigned: false, acc_bits: min+2, stimulus: [uniform, gauss]}
- {module: mac_serial, simulate: 3, SIMD: 8, acc_bits: 16, stimulus: uniform, op_wbits: [2, 4], op_abits: 2, wsigned: true, asigned: [false, true]}
- {module: systolic_os, simulate: 3, unit: mac_parallel, rows: 2, cols: 2, SIMD: 1, wbits: 2, abits: 2, wsigned: true, asigned: false, acc_bits: 8}
- {module: mac_parallel, toolchains: [ice40], fmax: true, SIMD: 1, wbits: 2, abits: 2, wsigned: true, asigned: false, acc_bits: 8}
YAML
run e.db e.csv -j 2
awk -F, '/^#/ { next }
         !at["key"] { for (i = 1; i <= NF; i++) { sub(/\[.*/, "", $i); at[$i] = i } next }
         function has(c) { return $at[c] != "" }
         function n(c) { return $at[c] + 0 }
         { rows++ }
         $at["toolchain"] == "ice40" { if (!(n("fmax") > 20) || !(n("lut") > 0) || has("area") || has("delay")) bad = 1; next }
         has("lut") || has("ff") || has("fmax") || !(n("area") > 0) || !(n("delay") > 0) { bad = 1 }
         # (tiles - 1) * S + S + 2 rows + cols + latency - 2: 2 tiles of 2 x 2, K = 16, latency 1
         $at["module"] == "systolic_os" { if (has("energy") || n("cycles") != 37) bad = 1; next }
         # 3 dot products of 8 words of W * A steps, latency 1
         $at["module"] == "mac_serial" { if (n("cycles") != 3 * 8 * n("op_wbits") * n("op_abits") + 1) bad = 1 }
         $at["module"] == "mac_parallel" { if (has("cycles")) bad = 1 }
         !(n("energy") > n("energy_zero")) || !(n("energy_zero") > n("energy_clock")) || !(n("leakage") > 0) { bad = 1 }
         $at["module"] == "mac_serial" { if (n("op_abits") != 2) bad = 1; e[$at["op_wbits"] $at["asigned"]] = n("energy") }
         $at["stimulus"] == "uniform" && $at["module"] == "mac_parallel" { u[$at["wbits"]] = n("energy") }
         $at["stimulus"] == "gauss" { g[$at["wbits"]] = n("energy") }
         END { exit bad || rows != 10 || !(u[4] > u[2]) || !(g[4] < u[4]) || !(e["40"] > 1.5 * e["20"]) || e["40"] == e["41"] }' "$t/e.csv" &&
    [ $rc -eq 0 ]
check $? "area, delay, energy, cycles and Fmax are in the rows that have them, and in no others"
