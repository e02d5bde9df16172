#!/bin/bash
# bitwright report: what is wrong with its command line and its artefacts.
. tests/tap.sh
g=tests/golden/report
said() { # STATUS MESSAGE: that exit status, that one line, and no page
    fails_saying "$1" "bitwright report: $2" && [ ! -e "$t/report.html" ]
}
run() { # ARGUMENTS...
    "$bw" report "$@" -o "$t/report.html" >"$t/out" 2>"$t/err" </dev/null
    rc=$?
}

run
said 2 "expected --plan plan.yaml or --units units.csv, found neither"
check $? "no plan, exit 2"
run --plan $g/plan.yaml --units $g/parity.json
said 2 "expected --plan plan.yaml or --units units.csv, found both"
check $? "two subjects, exit 2"
run --units $g/parity.json --cost $g/cost.yaml
said 2 "expected --parity, --markdown and -o with --units, found --verify, --cost or --text"
check $? "an option of the other page, exit 2"
run --plan $g/plan.yaml --parity $g/parity.json --parity $g/parity.json
said 2 "expected one --parity with --plan, found 2"
check $? "two parities of a plan, exit 2"
"$bw" report --plan $g/plan.yaml >"$t/out" 2>"$t/err"
rc=$?
said 2 "expected -o report.html or --text, found neither"
check $? "nowhere to write, exit 2"
run --plan $g/plan.yaml $g/verify.json
said 2 "expected only options, found '$g/verify.json'"
check $? "a stray argument, exit 2"
run --plan "$t/none.yaml"
[ $rc -eq 3 ] && grep -q "$t/none.yaml" "$t/err" && [ ! -e "$t/report.html" ]
check $? "a missing plan is named, exit 3"
run --plan $g/plan.yaml --verify "$t/none.json"
[ $rc -eq 3 ] && grep -q "$t/none.json: cannot open" "$t/err" && [ ! -e "$t/report.html" ]
check $? "a missing verification is named, exit 3"
sed 's/^version: 1/version: 9/' $g/plan.yaml >"$t/plan.yaml"
run --plan "$t/plan.yaml"
said 3 "$t/plan.yaml:1:10: expected version 1, found 9"
check $? "a plan of another version, exit 3"
head -c 1000 $g/verify.json >"$t/verify.json"
run --plan $g/plan.yaml --verify "$t/verify.json"
[ $rc -eq 3 ] && grep -q "$t/verify.json:[0-9]*:[0-9]*: expected JSON, found" "$t/err" &&
    [ ! -e "$t/report.html" ]
check $? "a truncated verification is refused with line and column, exit 3"
head -c 1500 $g/plan.yaml >"$t/plan.yaml"
run --plan "$t/plan.yaml"
[ $rc -eq 3 ] && grep -q "$t/plan.yaml:" "$t/err" && [ ! -e "$t/report.html" ]
check $? "a truncated plan, exit 3"
: >"$t/cost.yaml"
run --plan $g/plan.yaml --cost "$t/cost.yaml"
[ $rc -eq 3 ] && grep -q "$t/cost.yaml" "$t/err" && [ ! -e "$t/report.html" ]
check $? "an empty cost model, exit 3"
run --plan $g/plan.yaml --vega "$t"
said 7 "$t/vega-util.min.js: cannot read; install the package libjs-vega, or say with --vega where its files are"
check $? "without Vega the package is named, exit 7"
if [ -w /dev/full ]; then
    "$bw" report --plan $g/plan.yaml --text >/dev/full 2>"$t/err"
    [ $? -eq 1 ]
    check $? "a full disk under --text, exit 1"
else
    skip "a full disk under --text" "no /dev/full here"
fi
"$bw" report --plan $g/plan.yaml -o "$t/no/such/report.html" >"$t/out" 2>"$t/err"
[ $? -eq 1 ] && grep -q "$t/no/such/" "$t/err"
check $? "a folder that does not exist, exit 1"
