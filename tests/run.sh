#!/bin/sh
# run.sh TEST... -- runs test programs that print TAP, goes on after failures, and
# ends with "N passed, N failed, N skipped".  A program that prints no result, or
# fails without saying which test, counts as one failure.
pass=0 fail=0 skip=0
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
for t in "$@"; do
    start=$(date +%s)
    CMOCKA_MESSAGE_OUTPUT=TAP "$t" >"$out" 2>&1
    rc=$?
    s=$(grep -c '^ok .*# SKIP' "$out")
    p=$(grep '^ok ' "$out" | grep -vc '# SKIP')
    f=$(grep -c '^not ok ' "$out")
    if [ "$f" -eq 0 ] && { [ "$rc" -ne 0 ] || [ $((p + s)) -eq 0 ]; }; then f=1; fi
    [ "$f" -eq 0 ] || cat "$out"
    [ "$s" -eq 0 ] || grep '# SKIP' "$out"
    printf '%-44s %4d passed %3d failed %3d skipped %4d s\n' \
        "$t" "$p" "$f" "$s" $(($(date +%s) - start))
    pass=$((pass + p)) fail=$((fail + f)) skip=$((skip + s))
done
echo "$pass passed, $fail failed, $skip skipped"
[ "$fail" -eq 0 ]
