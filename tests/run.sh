#!/bin/bash
# run.sh TEST... -- runs test programs that print TAP, as many at a time as there are
# CPUs, goes on after failures, and ends with "N passed, N failed, N skipped".  A
# program that prints no result, hangs, or fails without saying which test, counts as
# one failure.
limit_s=${TEST_LIMIT_S:-1200} # a test that takes longer hangs

# one TEST RESULTS -- runs one program, prints its line, adds its counts to RESULTS.
one() {
    local t=$1 out rc start=$SECONDS skip pass fail
    out=$(mktemp) || return 1
    local run=("$t")
    [ -x "$t" ] || [ "${t%.sh}" = "$t" ] || run=(bash "$t")
    CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 10 "$limit_s" "${run[@]}" >"$out" 2>&1 </dev/null
    rc=$?
    # cmocka writes a skipped test as "not ok N # SKIP name"
    skip=$(grep -cE '^(not )?ok .*# SKIP' "$out")
    pass=$(grep '^ok ' "$out" | grep -vc '# SKIP')
    fail=$(grep '^not ok ' "$out" | grep -vc '# SKIP')
    if [ "$fail" -eq 0 ] && { [ "$rc" -ne 0 ] || [ $((pass + skip)) -eq 0 ]; }; then
        fail=1
    fi
    # One write, so that the reports of parallel tests do not mix.
    {
        if [ "$fail" -gt 0 ]; then
            cat "$out"
            [ "$rc" -ne 124 ] || echo "# $t did not end within $limit_s s"
        else
            grep '# SKIP' "$out"
        fi
        printf '%-44s %4d passed %3d failed %3d skipped %4d s\n' \
            "${t#"$B"/}" "$pass" "$fail" "$skip" $((SECONDS - start))
    } >"$out.report"
    cat "$out.report"
    echo "$pass $fail $skip" >>"$2"
    rm -f "$out" "$out.report"
}
if [ "$1" = --one ]; then
    one "$3" "$2"
    exit
fi

export B=${B:-build}
results=$(mktemp) || exit 1
trap 'rm -f "$results"' EXIT
[ $# -eq 0 ] || printf '%s\0' "$@" | xargs -0 -P "$(nproc)" -n 1 "$0" --one "$results"
# A test whose line never came, for whatever reason, has failed.
awk -v wanted=$# '{ pass += $1; fail += $2; skip += $3 }
    END {
        fail += wanted - NR
        printf "%d passed, %d failed, %d skipped\n", pass, fail, skip
        exit fail > 0
    }' "$results"
