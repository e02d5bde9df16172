#!/bin/bash
# The report page of the golden artefacts in a real browser without a network: every
# chart is drawn with as many marks as the artefacts have numbers, and no script fails.
. tests/tap.sh
g=tests/golden/report

"$bw" report --plan $g/plan.yaml --verify $g/verify.json --cost $g/cost.yaml \
    --parity $g/parity.json -o "$t/report.html" 2>"$t/err"
check $? "the golden artefacts become a page"

browser=$(command -v chromium || command -v chromium-browser)
if [ -z "$browser" ] || [ ! -s "$t/report.html" ]; then
    skip "the page in a browser" "chromium is not installed, or no page"
    echo "1..$((n + 1))"
    exit 0
fi
offline=()
unshare -rn true 2>"$t/err" && offline=(unshare -rn)
open_page() { # FILE: its document after the scripts ran, in $t/dom
    timeout 120 "${offline[@]}" "$browser" --headless --no-sandbox --disable-gpu \
        --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --disable-dev-shm-usage \
        --host-resolver-rules='MAP * ~NOTFOUND' --user-data-dir="$t/profile" \
        --virtual-time-budget=10000 --enable-logging=stderr --dump-dom \
        "file://$1" >"$t/dom" 2>"$t/log"
}
open_page "$t/report.html"
check $? "the browser opens the page"
grep CONSOLE "$t/log" | grep -v 'source: chrome://' >"$t/err"
[ ! -s "$t/err" ]
check $? "no script error and no policy violation"
! grep -o 'class="plot"[^>]*>This chart could not be drawn[^<]*' "$t/dom" >"$t/err"
check $? "no chart failed"

charts=$(grep -c '<figure data-chart=' "$t/report.html")
drawn=$(grep -o '<figure data-chart="[a-z]*" class="drawn"' "$t/dom" | wc -l)
echo "$drawn of $charts charts drawn" >"$t/err"
[ "$charts" -eq 7 ] && [ "$drawn" -eq "$charts" ]
check $? "all seven charts are drawn"

# CHART NAME: number of items of the mark of that name in that chart's SVG
marks() {
    sed 's/<figure /\n&/g' "$t/dom" | grep "^<figure data-chart=\"$1\"" |
        sed 's/<g class="mark-/\n&/g; s/<path class=[^>]*>//g' |
        grep -E "^<g class=\"mark-[a-z]+ role-mark $2\"" | grep -oE '<(path|line) ' | wc -l
}
layers=$(grep -c ' wbits: ' $g/plan.yaml)
baselines=$(grep -c ' budget_met: ' $g/plan.yaml)
points=$(grep -c '"label":' $g/parity.json)
parts=$(($(sed -n '/"parts"/,/}/p' $g/verify.json | grep -c '": [0-9]')))
expect() { # CHART MARK COUNT
    local found
    found=$(marks "$1" "$2")
    echo "$1 $2: expected $3 marks, found $found" >"$t/err"
    [ "$found" -eq "$3" ]
    check $? "chart $1 has $3 $2"
}
expect bits weightBars "$layers"
expect bits activationBars "$layers"
expect tradeoff dots $((baselines + 1))
expect tradeoff budgetLine 1
expect values outlines $((2 * layers))
expect parity dots "$points"
expect parity errors "$points"
expect lut measured "$layers"
expect lut estimated "$layers"
expect breakdown segments "$parts"
! grep -oE '(d|transform|x2|y2)="[^"]*(NaN|Infinity|undefined)[^"]*"' "$t/dom" >"$t/err"
check $? "every mark has a finite place"

grep -o '<div class="verdict[^>]*>.*</div>' "$t/dom" | head -1 >"$t/err"
grep -q 'The plan meets all its budgets and is bit-exact on the RTL\.' "$t/err"
check $? "the verdict is said in words"
grep -o 'data:[a-z/]*;base64,[A-Za-z0-9+/=]*' "$t/dom" | head -1 | sed 's/.*base64,//' |
    base64 -d >"$t/plan.yaml" && cmp "$t/plan.yaml" $g/plan.yaml 2>"$t/err"
check $? "the plan can be downloaded from the page unchanged"

# The specs are files for other tools too: with their own sample values they draw alone.
awk '/^<script type="application\/json" id="spec-/ {
    match($0, /spec-[a-z]+/)
    name = substr($0, RSTART + 5, RLENGTH - 5)
    print "<script type=\"application/json\" id=\"spec-" name "\">"
    while ((getline line <("reports/charts/" name ".vg.json")) > 0) print line
    print "</script>"
    next
} { print }' "$t/report.html" >"$t/samples.html"
open_page "$t/samples.html"
drawn=$(grep -o '<figure data-chart="[a-z]*" class="drawn"' "$t/dom" | wc -l)
echo "$drawn of $charts specs drawn" >"$t/err"
[ "$drawn" -eq "$charts" ] && [ "$(marks lut measured)" -eq 3 ]
check $? "every spec also draws alone, with its sample values"

# A plan over its budget and wrong on the RTL must not look good.
sed 's/"lut_meas": 7953/"lut_meas": 8300/; s/"budget_met": true/"budget_met": false/
    0,/"bit_exact": true/s//"bit_exact": false/' $g/verify.json >"$t/verify.json"
"$bw" report --plan $g/plan.yaml --verify "$t/verify.json" -o "$t/bad.html" 2>"$t/err" &&
    open_page "$t/bad.html" &&
    grep -q 'The plan exceeds its LUT budget, and is not bit-exact on the RTL\.' "$t/dom" &&
    grep -q '<div class="verdict bad"' "$t/dom"
check $? "a bad plan is said to be bad"
