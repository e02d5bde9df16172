#!/bin/bash
# bitwright verify on plans that cannot be verified.
. tests/tap.sh
verify() { # ARGUMENTS...: status in rc
    "$bw" -q verify "$@" >"$t/out" 2>"$t/err" </dev/null
    rc=$?
}
said() { # STATUS PATTERN
    fails_like "$1" "$2" && [ ! -s "$t/out" ]
}
plan() { # SED-EXPRESSION: the plan, edited
    {
        echo 'version: 1'
        echo 'data: "idx:none"'
        echo 'target: xc7'
        echo 'files: {quantised: q.onnx, accel: accel.yaml, verilog: v}'
        echo 'layers:'
        echo '- {name: l1, wbits: 2, abits: 2, PE: 1, SIMD: 1, lut: 10, cycles: 9}'
    } | sed "$1" >"$t/plan.yaml"
}

verify
said 2 'expected one PLAN.yaml'
check $? "no plan, exit 2"
plan ''
verify "$t/plan.yaml" --images 0
said 2 '--images'
check $? "no images, exit 2"
verify "$t/none.yaml"
said 3 "$t/none.yaml"
check $? "a plan that is not there, exit 3"
plan 's/version: 1/version: 7/'
verify "$t/plan.yaml"
said 3 'plan.yaml:1:.*7'
check $? "a plan of another version, exit 3"
plan '/^files/d'
verify "$t/plan.yaml"
said 3 "plan.yaml:.*files"
check $? "a plan without files, exit 3"
plan 's/wbits: 2/wbits: 12/'
verify "$t/plan.yaml"
said 3 'plan.yaml:6:.*12'
check $? "12-bit weights, exit 3"
plan ''
verify "$t/plan.yaml" --json "$t/verify.json"
said 3 "$t/accel.yaml" && [ ! -e "$t/verify.json" ]
check $? "an accelerator that is not there, exit 3, no verify.json"
