#!/bin/bash
# bitwright search, from a tiny network to its files: budgets hold, the same seed gives
# the same plan, and so does a run that is killed at any moment and started again.
. tests/tap.sh
. tests/search_fixture.sh
if ! fixture_images; then
    skip "the search on a tiny network" "needs the package dataset-fashion-mnist"
    exit 0
fi
fixture_network
fixture_cost || exit 1
args=(--network net.yaml --data idx:data --cost cost.yaml --fps 5000 --wbits 2-6
    --epochs 60 --finetune-epochs 6 --held-out 128 --lr 0.2)
one=("${args[@]}" -b 'lut=0.95*uniform4' --uniform '3,4' -o plan.yaml)
run() { # FOLDER SECONDS SIGNAL ARGUMENTS...: a search in its own folder; status in rc
    mkdir -p "$t/$1"
    ln -sf ../net.yaml ../data ../cost.yaml "$t/$1"
    (cd "$t/$1" && exec timeout -s "$3" "$2" "$bw" -q search "${@:4}") \
        >"$t/out" 2>"$t/err" </dev/null
    rc=$?
}
same() { # FOLDER: as in folder a
    for f in plan.yaml plan.onnx plan-accel.yaml; do cmp "$t/a/$f" "$t/$1/$f" || return 1; done
}

run a 60 KILL "${one[@]}"
[ $rc -eq 0 ] && [ -s "$t/a/plan.yaml" ] && [ -s "$t/a/plan.onnx" ] &&
    [ -s "$t/a/plan-accel.yaml" ] && [ -s "$t/a/plan-verilog/layer_conv1.v" ] &&
    [ ! -e "$t/a/plan.yaml.state" ]
check $? "a search leaves plan, network, accelerator and Verilog, and no state"
grep -q '^uniform 4 .*over budget' "$t/out" && grep -q '^uniform 3 ' "$t/out" &&
    ! grep -q '^uniform 3 .*over budget' "$t/out"
check $? "baselines that miss the budget are flagged"
limit=$(sed -n 's/^budget: {lut: \([0-9.]*\).*/\1/p' "$t/a/plan.yaml")
lut=$(sed -n 's/^  lut: {value: \([0-9.]*\).*/\1/p' "$t/a/plan.yaml")
awk -v a="$lut" -v b="$limit" 'BEGIN { exit !(a > 0.9 * b && a <= b * (1 + 1e-9)) }'
check $? "the plan meets the budget and spends it"
(cd "$t/a" && "$bw" cost --cost cost.yaml --accel plan-accel.yaml --json) >"$t/out" 2>"$t/err"
check $? "the accelerator file is one that bitwright cost reads"
(cd "$t/a" && "$bw" eval plan.onnx --data idx:data) >"$t/out" 2>"$t/err" </dev/null &&
    awk -v x="$(sed -n 's/^  plan: //p' "$t/a/plan.yaml")" '{ exit !($2 - 100 * x < 1e-6 && 100 * x - $2 < 1e-6) }' "$t/out"
check $? "bitwright eval measures the plan's accuracy on its network"
(cd "$t/a" && "$bw" explain plan.yaml) >"$t/out" 2>"$t/err" &&
    grep -q 'conv1: .*-bit weights' "$t/out" && grep -q 'estimated loss' "$t/out"
check $? "explain says what one bit more or less changes"

run b 60 KILL "${one[@]}" -j 2
[ $rc -eq 0 ] && same b
check $? "the same seed gives the same plan, whatever the number of threads"

# Killed again and again, later each time, until it gets through.
for s in 0.1 0.15 0.2 0.25 0.3 0.35 0.4 0.5 0.6 0.8 1 1.5 2 4 60; do
    run c $s KILL "${one[@]}" 2>/dev/null
    [ $rc -eq 0 ] && break
done
[ $rc -eq 0 ] && [ "$s" != 0.1 ] && same c
check $? "killed at many moments and started again, it gives the same plan"

stopped=0
for s in 0.3 0.5 0.7; do
    run j $s INT "${one[@]}"
    [ $rc -ne 0 ] && stopped=1
done
run j 60 KILL "${one[@]}"
[ $stopped -eq 1 ] && [ $rc -eq 0 ] && same j
check $? "interrupted and started again, it gives the same plan"
run d 2 INT "${one[@]}" --epochs 4000
[ -d "$t/d/plan.yaml.state" ] && [ ! -e "$t/d/plan.yaml" ] &&
    grep -q 'run the same command' "$t/err"
check $? "SIGINT saves, says how to go on, and leaves no plan"
run d 60 KILL "${one[@]}" --epochs 4001 --resume
[ $rc -eq 3 ] && grep -q 'inputs or options differ' "$t/err"
check $? "--resume refuses the state of another search, exit 3"

for method in uniform random greedy ilp 'ilp --sensitivity fisher'; do
    folder=${method// /}
    # shellcheck disable=SC2086 # a method and its options
    run "$folder" 60 KILL "${one[@]}" --method $method --epochs 0.5
    [ $rc -eq 0 ] && grep -q "^method: ${method%% *}" "$t/$folder/plan.yaml"
    check $? "method $method finds a plan"
done
grep -q '^proxy: {value: -.*, bound: -' "$t/$folder/plan.yaml" && grep -q 'by any plan at least' "$t/out"
check $? "ilp gives the bound of its proxy"
run e 60 KILL "${one[@]}" --epochs 8 -b 'size_bytes=0.9*uniform4' -b cycles=15000 \
    --energy horowitz-45nm -b 'energy_uj=0.9*uniform4' --json
[ $rc -eq 0 ] && grep -q '"budget_met": *true' "$t/out"
check $? "several budgets are held at once; the result as JSON"
