#!/bin/bash
# The test runner itself: what passes, fails, crashes, hangs or stays silent counts so.
. tests/tap.sh
stub() { # NAME SCRIPT
    printf '#!/bin/sh\n%s\n' "$2" >"$t/$1"
    chmod +x "$t/$1"
}
counts() { # COUNTS STATUS TEST...: the runner's last line and exit status
    local expected=$1 status=$2 rc
    shift 2
    TEST_LIMIT_S=1 tests/run.sh "${@/#/$t/}" >"$t/out" 2>&1
    rc=$?
    [ "$rc" -eq "$status" ] && [ "$(tail -n 1 "$t/out")" = "$expected" ]
}
stub good 'echo "1..2"; echo "ok 1 - a"; echo "ok 2 - b"'
stub bad 'echo "ok 1 - a"; echo "not ok 2 - b"; exit 1'
stub polite 'echo "ok 1 - a"; echo "not ok 2 - b"'
stub skips 'echo "ok 1 - a"; echo "ok 2 - b # SKIP no board"'
stub silent 'exit 0'
stub crash 'echo "ok 1 - a"; kill -SEGV $$'
stub hang 'echo "ok 1 - a"; sleep 60'

counts "2 passed, 0 failed, 0 skipped" 0 good
check $? "what passes is counted"
counts "1 passed, 0 failed, 1 skipped" 0 skips && grep -q '# SKIP no board' "$t/out"
check $? "what is skipped is counted, and says why"
counts "1 passed, 1 failed, 0 skipped" 1 bad && grep -q 'not ok 2 - b' "$t/out"
check $? "what fails is counted and shown"
counts "1 passed, 1 failed, 0 skipped" 1 polite
check $? "a failure counts even if the program exits 0"
counts "0 passed, 1 failed, 0 skipped" 1 silent
check $? "a program without results has failed"
counts "1 passed, 1 failed, 0 skipped" 1 crash
check $? "a crash after passing tests has failed"
counts "1 passed, 1 failed, 0 skipped" 1 hang && grep -q 'did not end within 1 s' "$t/out"
check $? "a program that hangs is ended and has failed"
counts "0 passed, 1 failed, 0 skipped" 1 absent
check $? "a program that is not there has failed"
counts "6 passed, 2 failed, 1 skipped" 1 bad good silent skips good
check $? "the runner goes on after a failure"
