#!/bin/bash
# A disk that is full: a small one is mounted in a name space of our own.
if ! unshare -rm true 2>/dev/null; then
    echo "ok 1 - a full disk leaves nothing behind # SKIP no user name spaces here"
    exit 0
fi
# shellcheck disable=SC2016 # expanded by the inner shell
unshare -rm bash -c '
    t=$(mktemp -d) && mount -t tmpfs -o size=16k none "$t" || exit 1
    trap "umount \"$t\"; rmdir \"$t\"" EXIT
    g=tests/golden/report
    "$B/bitwright" -q report --plan $g/plan.yaml --verify $g/verify.json \
        --cost $g/cost.yaml --parity $g/parity.json -o "$t/report.html" \
        >/dev/null 2>"/tmp/full_disk.$$"
    rc=$? said=$(cat "/tmp/full_disk.$$")
    rm -f "/tmp/full_disk.$$"
    if [ $rc -eq 1 ] && [ -z "$(ls -A "$t")" ] && [ "$said" = \
        "bitwright report: $t/report.html: cannot write: No space left on device" ]; then
        echo "ok 1 - a full disk leaves nothing behind, exit 1"
    else
        echo "not ok 1 - a full disk leaves nothing behind, exit 1"
        echo "# exit $rc: $said"
    fi'
