#!/bin/bash
# lint.sh C_FILE... -- formatting, C and shell linters, Verilog lint, include
# directions.  A linter that is not installed is named, not passed over silently.
# Exit status 1 if any complains.
rc=0
step() { # NAME TOOL COMMAND...
    local name=$1 tool=$2
    shift 2
    if ! command -v "$tool" >/dev/null; then
        echo "lint: $name: skipped, $tool is not installed"
    elif "$@"; then
        echo "lint: $name: ok"
    else
        echo "lint: $name: FAILED"
        rc=1
    fi
}
mapfile -t c_files < <(git ls-files '*.c' '*.h' '*.cpp')
mapfile -t sh_files < <(git ls-files '*.sh' .ci/run)

step "include directions" sh sh tests/layers.sh
step "formatting" clang-format clang-format --dry-run -Werror "${c_files[@]}"
# The two suppressed checks do not follow loops and sizes: log(sum of exp(0) and more)
# is not log(0), and a head that memcmp reads was filled when the size was right.
step "C" cppcheck cppcheck --quiet --std=c11 --language=c --error-exitcode=1 -I. \
    --enable=warning,performance,portability --inline-suppr -j "$(nproc)" \
    --suppress=missingIncludeSystem --suppress=invalidFunctionArg \
    --suppress=uninitStructMember "$@"
[ ${#sh_files[@]} -eq 0 ] ||
    step "shell" shellcheck shellcheck -S warning "${sh_files[@]}"
[ ! -f rtl/lint.sh ] || step "Verilog" verilator bash rtl/lint.sh
exit $rc
