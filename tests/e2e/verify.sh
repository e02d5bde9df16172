#!/bin/bash
# From a searched plan to its verification on the RTL, and what verification notices.
. tests/tap.sh
. tests/search_fixture.sh
if ! fixture_images; then
    skip "a plan on its RTL" "needs the package dataset-fashion-mnist"
    exit 0
fi
fixture_network
fixture_cost || exit 1
cd "$t" || exit 1
verify() { # PLAN ARGUMENTS...
    "$bw" -q verify "$@" >"$t/out" 2>"$t/err" </dev/null
    rc=$?
}
"$bw" -q search --network net.yaml --data idx:data --cost cost.yaml --fps 5000 --wbits 2-6 --method random \
    --epochs 5 --finetune-epochs 2 --held-out 128 -b 'lut=0.95*uniform4' --uniform 3 -o plan.yaml \
    >"$t/out" 2>"$t/err" </dev/null
check $? "a plan is searched"

verify plan.yaml --images 3 --json verify.json -j 2
[ $rc -eq 0 ] && grep -q 'bit-exact$' out && [ "$(grep -c ' yes ' out)" -eq 5 ]
check $? "every layer is bit-exact on the RTL, exit 0"
for key in bit_exact cycles_est cycles_meas lut_est lut_meas accuracy_plan accuracy_uniform budget_met; do
    grep -q "^  \"$key\"" verify.json || break
done && grep -q '"bit_exact": true' verify.json && grep -q '"cycles_equal": true' verify.json &&
    grep -q '"3": 0' verify.json
check $? "verify.json has what it promises"
verify plan.yaml --images 1 --no-synth --json quick.json
[ $rc -eq 0 ] && ! grep -q lut_meas quick.json
check $? "without synthesis nothing is said of measured LUTs"

# Faults, one at a time, each in a copy.
fault() { # FILE SED-EXPRESSION
    rm -rf f && mkdir f && cp -r plan.yaml plan.onnx plan-accel.yaml plan-verilog f && ln -s ../data f/data
    sed -i "$2" "f/$1"
    ! cmp -s "$1" "f/$1" || echo "not ok - $2 changes nothing"
    (cd f && verify plan.yaml --images 1 --no-synth && exit $rc)
    rc=$?
}
fault plan.yaml '/name: conv1,/s/cycles: [0-9]*/cycles: 7/'
[ $rc -eq 6 ] && grep -q 'layer conv1: the plan says 7 cycles, the RTL takes' err
check $? "cycles that differ are noticed, exit 6"
fault plan.yaml 's/^  plan: .*/  plan: 0.999/'
[ $rc -eq 6 ] && grep -q 'expected accuracy 0.9990' err
check $? "an accuracy that differs is noticed, exit 6"
fault plan-accel.yaml '/name: conv1,/s/out_signed: false/out_signed: true/'
[ $rc -eq 6 ] && grep -q 'layer.conv1' err
check $? "an accelerator that is not the network's is noticed, exit 6"
fault plan-verilog/mvu.v 's/1/2/'
[ $rc -eq 6 ] && grep -q 'plan-verilog/mvu.v:[0-9]*:1: expected the text that is simulated' err
check $? "a Verilog folder with other text than what is simulated is noticed, exit 6"
fault plan.yaml 's/^budget: {lut: [0-9.]*}/budget: {cycles: 9}/'
[ $rc -eq 6 ] && grep -q 'budget cycles: expected at most 9, measured' err
check $? "a budget that the measurement misses, exit 6"
fault plan.yaml '/name: conv1,/d'
[ $rc -eq 6 ] && grep -q 'the plan has 3 layers, plan-accel.yaml has 4' err
check $? "a layer too few is noticed, exit 6"

timeout -s INT 1 "$bw" verify plan.yaml --images 200 --no-synth >"$t/out" 2>"$t/err" </dev/null
rc=$?
{ [ $rc -eq 124 ] || [ $rc -eq 5 ]; } && grep -q 'run it again' err
check $? "SIGINT stops it and says how to go on"
