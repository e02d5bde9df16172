#!/bin/bash
# Golden cost numbers: real measurements, fitted, price an accelerator (see
# tests/golden/cost/README.md).  A number that changes is printed as the line that
# would replace it.
. tests/tap.sh
golden=tests/golden/cost
"$bw" -q fit $golden/measurements.csv -o "$t/cost.yaml" --json >"$t/account.json" 2>"$t/why"
check $? "the measurements are fitted"

# From the account: value of a key of the mvu check, e.g. lut_table mean.
account() { # KEY SUBKEY
    tr -d ' \n' <"$t/account.json" | sed 's/.*"mvu"://' | sed -n "s/.*\"$1\":{[^}]*\"$2\":\([0-9.e-]*\).*/\1/p"
}
below() { # VALUE LIMIT
    echo "$1 of at most $2" >"$t/why"
    awk -v v="$1" -v l="$2" 'BEGIN { exit !(v != "" && v + 0 <= l) }'
}
below "$(account lut_table mean)" 0.02
check $? "whole units with the table: mean LUT error at most 2 %"
below "$(account lut_formula mean)" 0.05
check $? "whole units by formula only: mean LUT error at most 5 %"
below "$(account lut_formula max)" 0.15
check $? "whole units by formula only: largest LUT error at most 15 %"
for what in ff dsp bram18 cycles; do
    all=$(account $what n) equal=$(account $what n_equal)
    echo "$equal of $all" >"$t/why"
    [ -n "$all" ] && [ "$all" -gt 0 ] && [ "$all" = "$equal" ]
    check $? "$what of every row exact by structure"
done

# layer, then value and level of lut, then the values of the other metrics, 6 digits;
# columns by name.
"$bw" -q cost --cost "$t/cost.yaml" --accel $golden/accel.yaml --energy horowitz-45nm \
    --format csv >"$t/table.csv" 2>"$t/why"
check $? "the accelerator is priced"
grep -v '^#' "$t/table.csv" | awk -F, 'NR == 1 {
    for (i = 1; i <= NF; i++) { sub(/\[.*/, "", $i); col[$i] = i }
    next
}
{
    printf "%s lut %.6g %s", $1, $col["lut"], $col["lut_level"]
    n = split("ff dsp bram18 cycles energy_uj size_bytes bitops", name, " ")
    for (i = 1; i <= n; i++) printf " %s %.6g", name[i], $col[name[i]]
    if ($col["outside_box"] != "") printf " outside %s", $col["outside_box"]
    printf "\n" }' >"$t/now"
diff $golden/expected.txt "$t/now" >"$t/why"
check $? "every number is the golden one"
