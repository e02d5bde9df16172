#!/bin/bash
# The command line itself: every command, and what is wrong in front of one.
. tests/tap.sh

run "$bw"
[ $rc -eq 2 ] && grep -q '^Usage: bitwright' "$t/err" && [ ! -s "$t/out" ]
check $? "no command: usage on stderr, exit 2"
run "$bw" docter
fails_saying 2 "bitwright docter: unknown command 'docter'; did you mean 'doctor'?"
check $? "a misspelt command names the nearest, exit 2"
run "$bw" xyzzy
fails_saying 2 "bitwright xyzzy: unknown command 'xyzzy'; see bitwright help"
check $? "an unknown command, exit 2"
run "$bw" help docter
fails_saying 2 "bitwright help: unknown command 'docter'; did you mean 'doctor'?"
check $? "help for a misspelt command, exit 2"
run "$bw" completion fish
fails_saying 2 "bitwright completion: expected a shell: bash, found fish"
check $? "an unknown shell, exit 2"
run "$bw" --version
[ $rc -eq 0 ] && grep -q '^bitwright [0-9]' "$t/out" && grep -q '^Yosys' "$t/out" &&
    grep -q '^Verilator' "$t/out"
check $? "--version says the versions of the tools too"
run "$bw" help
[ $rc -eq 0 ] && ! grep -q $'\033' "$t/out"
check $? "help is plain text where there is no terminal"
"$bw" help >/dev/full 2>"$t/err"
rc=$?
: >"$t/out"
fails_saying 1 "bitwright help: cannot write to the standard output"
check $? "a full disk under stdout, exit 1"

commands=$("$bw" help | sed -n '/^Commands:/,/^  help/s/^  \([a-z]*\) .*/\1/p' | grep -v '^help$')
[ -n "$commands" ]
check $? "help lists commands"
for c in $commands; do
    run "$bw" "$c" --no-such-option-anywhere
    fails_saying 2 "bitwright $c: unknown option '--no-such-option-anywhere'; see --help"
    check $? "$c refuses an unknown option, exit 2"
    run "$bw" "$c" --quite
    fails_saying 2 "bitwright $c: unknown option '--quite'; did you mean '--quiet'?"
    check $? "$c names the nearest option"
    run "$bw" "$c" --help
    [ $rc -eq 0 ] && grep -q "^Usage: bitwright $c" "$t/out" && [ ! -s "$t/err" ]
    check $? "$c --help, exit 0"
done

for c in help completion man; do
    run "$bw" "$c" --help
    [ $rc -eq 0 ] && grep -q '^Usage: bitwright' "$t/out" && [ ! -s "$t/err" ]
    check $? "$c --help, exit 0"
done
run "$bw" man fit
fails_saying 2 "bitwright man: unexpected argument 'fit'"
check $? "man takes no argument, exit 2"

# Completion: the words of the script, as the shell would offer them.
complete_line() { # WORDS...: the answer in one line
    bash -c 'eval "$("$1" completion bash)"; shift; COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1)); _bitwright; echo "${COMPREPLY[*]}"' - "$bw" "$@"
}
[ "$(complete_line bitwright doc)" = doctor ]
check $? "completion of a command"
[ "$(complete_line bitwright doctor --qu)" = --quiet ]
check $? "completion of an option"
"$bw" man >"$t/man" && for c in $commands; do grep -q "^\.SS $c$" "$t/man" || break; done
check $? "the man page has every command"
if command -v groff >/dev/null; then
    [ -z "$(groff -man -ww -z "$t/man" 2>&1)" ]
    check $? "the man page is clean roff"
else
    skip "the man page is clean roff" "no groff"
fi
