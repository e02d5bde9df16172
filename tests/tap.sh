# shellcheck shell=bash disable=SC2034 # variables are for the test
# tap.sh -- what every shell test shares; its first command is `. tests/tap.sh`, from the
# root of the repository.
#
#   $bw               the program, an absolute path
#   $t                an empty folder, removed at the end
#   check N TEXT      a line of TAP, ok if N is 0; otherwise with the end of the files of
#                     $t that say why: out, err, log, why, diff, calls
#   skip TEXT WHY     a line of TAP that says that something was not tried
#   needs TEXT TOOL.. skips the whole test if a tool is not installed
#   run COMMAND..     its status in $rc, its output in $t/out and $t/err
# After a command that was to fail with one line on stderr:
#   fails_like N RE   its status is N, and a regular expression matches in the line
#   fails_with N PART .. the line has that text, and nothing is on stdout
#   fails_saying N S  .. the line is that text, and nothing is on stdout
# The plan is printed at the end, whatever ends the test; it exits 1 if a check failed.
bw=$(realpath "${B:-build}")/bitwright
n=0 n_failed=0
t=$(mktemp -d) || exit 1

tap_end() {
    local rc=$?
    rm -rf "$t"
    [ "$n" -eq 0 ] || echo "1..$n"
    [ "$rc" -ne 0 ] || [ "$n_failed" -eq 0 ] || rc=1
    exit "$rc"
}
trap tap_end EXIT

check() {
    local file
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $n - $2"
        return
    fi
    n_failed=$((n_failed + 1))
    echo "not ok $n - $2"
    for file in out err log why diff calls; do
        [ ! -s "$t/$file" ] || tail -n 12 "$t/$file" | sed 's/^/# /'
    done
}
skip() {
    n=$((n + 1))
    echo "ok $n - $1 # SKIP $2"
}
needs() {
    local text=$1 tool
    shift
    for tool; do
        command -v "$tool" >/dev/null && continue
        skip "$text" "$tool is not installed"
        exit 0
    done
}

run() {
    "$@" >"$t/out" 2>"$t/err" </dev/null
    rc=$?
}
fails_like() {
    [ "$rc" -eq "$1" ] && [ "$(wc -l <"$t/err")" -eq 1 ] && grep -q -- "$2" "$t/err"
}
fails_with() {
    fails_like "$1" . && grep -qF -- "$2" "$t/err" && [ ! -s "$t/out" ]
}
fails_saying() {
    [ "$rc" -eq "$1" ] && [ ! -s "$t/out" ] && [ "$(cat "$t/err")" = "$2" ]
}
