#!/bin/bash
# A disk that is full: a small one is mounted in a name space of our own.
. tests/tap.sh
if ! unshare -rm true 2>/dev/null; then
    skip "a full disk leaves nothing behind" "no user name spaces here"
    exit 0
fi
mkdir "$t/full"
# shellcheck disable=SC2016 # expanded by the inner shell
run unshare -rm bash -c '
    mount -t tmpfs -o size=16k none "$2" || exit 99
    g=tests/golden/report
    "$1" -q report --plan $g/plan.yaml --verify $g/verify.json --cost $g/cost.yaml \
        --parity $g/parity.json -o "$2/report.html"
    rc=$?
    [ -z "$(ls -A "$2")" ] || rc=98
    exit $rc' - "$bw" "$t/full"
fails_saying 1 "bitwright report: $t/full/report.html: cannot write: No space left on device"
check $? "a full disk leaves nothing behind, exit 1"
