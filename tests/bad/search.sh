#!/bin/bash
# bitwright search and explain: what they say about options, budgets and files that are
# wrong.
. tests/tap.sh
. tests/search_fixture.sh
search() { # ARGUMENTS...: status in rc; run in $t so that messages have no folder
    (cd "$t" && exec "$bw" -q search "$@") >"$t/out" 2>"$t/err" </dev/null
    rc=$?
}
said() { # STATUS PART: one line on stderr with that part, nothing on stdout, no plan
    fails_with "$1" "$2" && [ ! -e "$t/plan.yaml" ]
}
fixture_network
fixture_cost || exit 1
args=(--network net.yaml --data idx:none --cost cost.yaml --fps 5000 --wbits 2-6)

search
said 2 "--network is required"
check $? "no options, exit 2"
search "${args[@]}" net.yaml
said 2 "unexpected argument 'net.yaml'"
check $? "a positional argument, exit 2"
search "${args[@]}" --methud ssps
said 2 "'--method'"
check $? "an unknown option names the nearest, exit 2"
search "${args[@]}" -e 0
said 2 "--epochs 0: expected more than 0; a part of an epoch, such as 0.5, is possible"
check $? "a search of no epochs, exit 2"
search "${args[@]}" -b ice40-up5k
grep -v '^warning' "$t/err" >"$t/one"; mv "$t/one" "$t/err"
said 3 "budget ice40-up5k is for target ice40, but cost model cost.yaml knows only xc7: give a model fitted to measurements for ice40, or the budget of another device"
check $? "a budget for another device than the model, exit 3"
(cd "$t" && exec "$bw" search "${args[@]}") >"$t/out" 2>"$t/err" </dev/null
grep -q '^no --budget: nothing limits the search' "$t/err"
check $? "a search without a budget says so"
search "${args[@]}" --method annealing
said 2 "--method annealing: unknown; expected one of ssps, haq, ilp, greedy, random, uniform"
check $? "an unknown method lists the known ones, exit 2"
search "${args[@]}" --target xc8
said 2 "--target xc8: expected one of xc7, ice40"
check $? "an unknown target lists the known ones, exit 2"
for bits in 0 9 2-9 6-2 "2," "," 2.5 two; do
    search "${args[@]}" --abits "$bits"
    said 2 "--abits $bits: expected bits in 1..8 such as 2,3,4 or 1-6"
    check $? "--abits '$bits', exit 2"
done
for x in penalty=lagrange decide=each estimator=none logits=two-level normaliser=adam; do
    search "${args[@]}" "--${x%=*}" "${x#*=}"
    said 2 "--${x%=*} ${x#*=}: expected one of"
    check $? "--${x%=*} of an unknown word lists the known ones, exit 2"
done
printf 'version: 1\nlayers:\n- {match: "conv9*", wbits: 2-4}\n' >"$t/layers.yaml"
search "${args[@]}" --config layers.yaml
said 3 "selector conv9*: no layer matches; expected one of 0..3 or stem, conv1, conv2, fc"
check $? "a selector without a layer lists the layers, exit 3"
search "${args[@]}" --config none
said 3 "configs/search/none.yaml"
check $? "a missing search config, exit 3"
search "${args[@]}" --first-wbits 2-9
said 2 "--first-wbits 2-9: expected bits in 1..8"
check $? "a first layer beyond 8 bits, exit 2"
search "${args[@]}" -b lutt=5
said 2 "unknown metric 'lutt' (did you mean 'lut'?)"
check $? "an unknown metric names the nearest, exit 2"
search "${args[@]}" -b zynq7021
said 3 "expected metric=value, a budget file or one of the devices"
check $? "an unmatched budget file lists the devices, exit 3"
search "${args[@]}" -b 'lut=0.97*uniform9'
said 2 "expected a number > 0 or RATIO*uniformBITS such as 0.97*uniform4"
check $? "a uniform plan of 9 bits, exit 2"
search "${args[@]}" -b energy_uj=5
said 2 "give --energy PROFILE"
check $? "an energy budget without profile, exit 2"
search "${args[@]}" -b ice40-up5k --target xc7
said 3 "budget ice40-up5k is for target ice40, but --target is xc7"
check $? "a budget for another target, exit 3"

search "${args[@]}" -b lut=100
said 4 "no plan meets the budget: lut is binding, at least"
check $? "an infeasible budget names the binding metric, exit 4"
nearest=$(sed 's/.*at least \([0-9.]*\) .*/\1/' "$t/err")
search "${args[@]}" -b "lut=$nearest"
[ $rc -eq 3 ] && grep -q 'idx:none\|none' "$t/err"
check $? "... and the nearest feasible point is feasible: the run goes on to the data"
search "${args[@]}" -b "lut=100" -b dsp=1
said 4 "nearest feasible point: lut"
check $? "two budgets, both infeasible, exit 4"
search "${args[@]}" --fps 1e8
said 4 "lower --fps or raise --clock"
check $? "a throughput beyond every folding, exit 4"
search "${args[@]}" --wbits 1
said 3 "add rows of that class to the sweep"
check $? "candidates of which the cost model knows none, exit 3"
(cd "$t" && exec "$bw" search "${args[@]}" --wbits 1-6) >"$t/out" 2>"$t/err" </dev/null
[ $? -eq 3 ] && grep -q 'left out, because no cost is known of them: wbits 1; first: layer' "$t/err"
check $? "a candidate that the cost model does not know is left out with a note"
(cd "$t" && exec "$bw" search "${args[@]}" -b "lut=$nearest") >"$t/out" 2>"$t/err" </dev/null
grep -q 'the budget admits a single assignment of bits' "$t/err"
check $? "a budget that admits a single assignment is pointed out"

for input in network data cost; do
    x=(--network net.yaml --data idx:none --cost cost.yaml --fps 5000 --wbits 2-6)
    [ $input = network ] && x[1]=none.onnx
    [ $input = cost ] && x[5]=none.yaml
    search "${x[@]}"
    said 3 "none"
    check $? "a missing $input, exit 3"
done
head -c 300 "$t/cost.yaml" >"$t/cut.yaml"
search --network net.yaml --data idx:none --cost cut.yaml
[ $rc -eq 3 ] && grep -q 'cut.yaml' "$t/err"
check $? "a truncated cost model, exit 3"

explain() {
    (cd "$t" && exec "$bw" explain "$@") >"$t/out" 2>"$t/err" </dev/null
    rc=$?
}
explain
said 2 "expected one plan.yaml, found 0"
check $? "explain without plan, exit 2"
explain none.yaml
said 3 "none.yaml"
check $? "explain of a missing plan, exit 3"
explain cost.yaml
[ $rc -eq 3 ] && grep -q 'cost.yaml:[0-9]*:[0-9]*: ' "$t/err"
check $? "explain of a file that is no plan says where, exit 3"

if fixture_images; then
    x=(--network net.yaml --data idx:data --cost cost.yaml --fps 5000 --wbits 2-6
        --epochs 0.3 --finetune-epochs 1 --held-out 128)
    mkdir -p "$t/plan.yaml.state"
    echo mine >"$t/plan.yaml.state/notes.txt"
    search "${x[@]}"
    said 3 "folder without key; remove it" && [ -e "$t/plan.yaml.state/notes.txt" ]
    check $? "a state folder of someone else's is left alone, exit 3"
    rm -r "$t/plan.yaml.state"
    search "${x[@]}" --resume
    said 3 "--resume: expected the state of this search in plan.yaml.state, found none"
    check $? "--resume without state, exit 3"
    search "${x[@]}" -o /proc/none/plan.yaml
    said 1 "/proc/none"
    check $? "an output folder that cannot be made is found before training, exit 1"
else
    skip "state folders" "needs the package dataset-fashion-mnist"
fi
