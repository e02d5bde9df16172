#!/bin/bash
# `make install` into an empty folder: the installed program finds all that it reads.
. tests/tap.sh
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
cat >accel.yaml <<'Y'
version: 1
name: one-layer
style: dataflow
target: xc7
clock_mhz: 100
layers:
  - {name: conv1, MW: 8, MH: 4, PE: 2, SIMD: 4, n_vec: 4, wbits: 2, abits: 2,
     wsigned: true, asigned: false, acc_bits: 8, out_bits: 2, out_signed: false,
     shift: 20, lanes: 1, mul: lut, requant_mul: lut, weight_ram: lut}
Y
"$bw" simulate accel.yaml >"$t/out" 2>&1
check $? "the installed program simulates with the installed RTL"
bash -c 'source "$1" && complete -p bitwright' - \
    "$t/moved/share/bash-completion/completions/bitwright" >"$t/out" 2>&1
check $? "the completion script loads"
head -n 1 "$t/moved/share/man/man1/bitwright.1" >"$t/out"
grep -q '^\.TH BITWRIGHT 1 ' "$t/out"
check $? "the man page is there"
