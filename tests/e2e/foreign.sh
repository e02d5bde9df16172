#!/bin/bash
# Hardware of the user's own: a CSV with its own columns becomes a cost model, and so
# does a table of what each layer costs; plans are searched with both.
. tests/tap.sh
top=$PWD
net=$top/configs/networks/resnet8-fmnist.yaml
. tests/search_fixture.sh
run() { # ARGUMENTS...: bitwright in $t; status in rc
    (cd "$t" && exec "$bw" -q "$@") >"$t/out" 2>"$t/err" </dev/null
    rc=$?
}
# The worked example: macs measured by configs/foreign/measure.sh, the rest of a unit
# from another model of the same target.
cp configs/foreign/plain_mac.csv "$t"
sed 's|^rest:.*|rest: ./rest.yaml|' configs/foreign/plain_mac.yaml >"$t/map.yaml"
run fit "$top/tests/golden/cost/measurements.csv" -o rest.yaml
check $rc "a model of another flow gives the rest"
run fit plain_mac.csv --map map.yaml -o own.yaml --json
[ $rc -eq 0 ] && [ -s "$t/own.yaml" ]
check $? "the user's CSV makes a model"
mean=$(cd "$t" && "$bw" -q fit plain_mac.csv --map map.yaml -o own.yaml | sed -n 's/.*sxu) lut by formula *[0-9]* *\([0-9.]*\) %.*/\1/p')
awk -v x="$mean" 'BEGIN { exit !(x > 0 && x < 8) }'
check $? "precisions held out are met within 8 % on average (${mean:-none} %)"

# A table of layers from a .npy, as HAQ has it, and back.
run cost --cost rest.yaml --network "$net" --energy horowitz-45nm --metric energy_uj \
    --format npy -o haq.npy
check $rc "cost writes HAQ's table"
run fit haq.npy --network "$net" --unit pJ -o layers.yaml
[ $rc -eq 0 ] && grep -q 'energy_uj \[uJ\]: 10 layers, 64 to 64 points' "$t/out"
check $? "fit reads HAQ's table"
run cost --cost layers.yaml --network "$net" --metric energy_uj --format npy -o back.npy
cmp "$t/haq.npy" "$t/back.npy" >>"$t/out"
check $? "the model of the table says what the table said"
# Nine points a layer, the rest predicted: the file without the others.
run cost --cost layers.yaml --network "$net" --format csv -o all.csv
awk -F, '/^#/ {next} !col {for (i = 1; i <= NF; i++) if ($i == "energy_uj[uJ]") col = i; print "layer,wbits,abits,e[uJ]"; next}
    {k = $7 "x" $8} index(" 8x8 8x2 2x8 4x4 2x2 6x3 3x6 1x1 5x7 ", " " k " ") {print $1 "," $7 "," $8 "," $col}' \
    "$t/all.csv" >"$t/few.csv"
run fit few.csv --network "$net" -o few.yaml
[ $rc -eq 0 ] && grep -q '9 to 9 points each, 10 with a formula' "$t/out"
check $? "nine points of every layer make a model"
run cost --cost few.yaml --network "$net" --format csv -o guess.csv
paste -d, "$t/all.csv" "$t/guess.csv" | awk -F, '/^#/ || /^layer/ {for (i = 1; i <= NF / 2; i++) if ($i == "energy_uj[uJ]") col = i; next}
    {e = $(col + NF / 2) / $col - 1; if (e < 0) e = -e; s += e; k++} END {exit !(k == 640 && s / k < .01)}'
check $? "and predict the other 55 within 1 % on average"

if fixture_images; then
    fixture_network
    search=(search --network net.yaml --data idx:data --method random -e 0.1
        --finetune-epochs 1 --held-out 128)
    run "${search[@]}" --cost own.yaml --fps 2000 -b 'lut=0.97*uniform4' -o plan.yaml
    [ $rc -eq 0 ] && [ -s "$t/plan-accel.yaml" ]
    check $? "a plan is searched with the model of the user's CSV"
    run cost --cost rest.yaml --network net.yaml --energy horowitz-45nm \
        --metric energy_uj --format npy -o tiny.npy
    run fit tiny.npy --network net.yaml --unit pJ -o tiny.yaml
    run "${search[@]}" --cost tiny.yaml -b 'energy_uj=0.9*uniform4' -o table.yaml
    [ $rc -eq 0 ] && [ -s "$t/table.onnx" ] && [ ! -e "$t/table-accel.yaml" ] &&
        grep -q '^target: none' "$t/table.yaml" && grep -q 'energy_uj: {value:' "$t/table.yaml"
    check $? "and one with the table of layers, without an accelerator of ours"
    run explain table.yaml
    [ $rc -eq 0 ] && grep -q 'energy_uj' "$t/out"
    check $? "explain says what a bit more costs by the table"
    echo '# edited' >>"$t/tiny.yaml"
    (cd "$t" && "$bw" explain table.yaml) >"$t/out" 2>"$t/err" &&
        grep -q '^warning: tiny.yaml is not the cost model that the plan was searched with' "$t/err"
    check $? "explain warns where the cost model is another than the plan's"
    (cd "$t" && "$bw" report --plan table.yaml --cost tiny.yaml --text) >"$t/out" 2>"$t/err" &&
        grep -q '^warning: tiny.yaml is not the cost model that the plan was searched with' "$t/err"
    check $? "and so does the report"
    run verify table.yaml
    [ $rc -eq 3 ] && grep -q 'found one searched with a table of layers' "$t/err"
    check $? "verify says that such a plan has no accelerator, exit 3"
else
    skip "plans with both" "needs the package dataset-fashion-mnist"
fi
