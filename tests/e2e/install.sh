#!/bin/bash
# `make install` into an empty folder: the installed program finds all that it reads.
n=0
t=$(mktemp -d) || exit 1
trap 'rm -rf "$t"' EXIT
check() { # RESULT(0 = ok) TEXT
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else
        echo "not ok $n - $2"
        sed 's/^/# /' "$t/out"
    fi
}
unset BITWRIGHT_HOME MAKEFLAGS MAKELEVEL MFLAGS
export XDG_CACHE_HOME=$t/cache

make install B="$B" DESTDIR="$t/stage" PREFIX=/opt/bitwright >"$t/out" 2>&1
check $? "make install with DESTDIR and PREFIX"
mv "$t/stage/opt/bitwright" "$t/moved"
[ "$(find "$t/stage" -type f | wc -l)" -eq 0 ]
check $? "nothing is installed outside the prefix"

bw=$t/moved/bin/bitwright
cd "$t" || exit 1
"$bw" doctor >"$t/out" 2>&1
check $? "the installed program finds its data, wherever the prefix is moved"
"$bw" simulate "$t/moved/share/bitwright/configs/accel/demo.yaml" --json >"$t/out" 2>&1
check $? "the installed program simulates with the installed RTL"
bash -c 'source "$1" && complete -p bitwright' - \
    "$t/moved/share/bash-completion/completions/bitwright" >"$t/out" 2>&1
check $? "the completion script loads"
head -n 1 "$t/moved/share/man/man1/bitwright.1" >"$t/out"
grep -q '^\.TH BITWRIGHT 1 ' "$t/out"
check $? "the man page is there"
