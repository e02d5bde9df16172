#!/bin/bash
# bitwright simulate on bad input: files, options, missing tools, a full disk.
. tests/tap.sh
simulate() { # ARGUMENTS...: status in rc
    "$bw" -q simulate "$@" >"$t/out" 2>"$t/err" </dev/null
    rc=$?
}
layer='{name: l1, MW: 8, MH: 4, PE: 2, SIMD: 4, n_vec: 1, wbits: 2, abits: 2, wsigned: true, asigned: false, acc_bits: 8, out_bits: 2, out_signed: false, shift: 10, lanes: 1, mul: lut, requant_mul: lut, weight_ram: lut}'
accel() { # SED-EXPRESSION: the configuration, edited
    {
        printf 'version: 1\nname: a\nstyle: dataflow\ntarget: xc7\nclock_mhz: 100\nlayers:\n- %s\n' "$layer"
    } | sed "$1" >"$t/a.yaml"
}

accel ''
simulate "$t/a.yaml" --layer l1 --vectors 5 --json "$t/a.json"
[ $rc -eq 0 ] && grep -q '"bit_exact": true' "$t/a.json" && grep -q '^l1 *yes' "$t/out"
check $? "a good configuration is simulated"
simulate
fails_like 2 'expected one ACCEL.yaml, found 0'
check $? "no file, exit 2"
simulate "$t/a.yaml" --vectors 0
fails_like 2 '--vectors'
check $? "no vectors, exit 2"
simulate "$t/a.yaml" --stal 0.1
fails_like 2 'stall'
check $? "an unknown option, exit 2, names the nearest"
simulate "$t/none.yaml"
fails_like 3 "$t/none.yaml"
check $? "a file that is not there, exit 3"
simulate "$t/a.yaml" --layer l2
fails_like 3 'expected a layer among l1, found l2'
check $? "an unknown layer, exit 3, lists the layers"
accel 's/wbits/wbitz/'
simulate "$t/a.yaml"
fails_like 3 'a.yaml:7:.*wbits'
check $? "an unknown key, exit 3, with line and nearest key"
accel 's/PE: 2/PE: 3/'
simulate "$t/a.yaml"
fails_like 3 "a.yaml:7:.*l1.*expected PE to divide MH"
check $? "a folding that does not divide, exit 3"

unit="--unit mac_serial --simd 4 --wbits 2 --abits 3 --K 9"
# shellcheck disable=SC2086 # words of options
{
    simulate $unit --vectors 3 --json "$t/u.json"
    [ $rc -eq 0 ] && grep -q '"bit_exact": true' "$t/u.json" &&
        grep -q '"cycles_meas": 55' "$t/u.json" && grep -q '^mac_serial *yes *55' "$t/out"
    check $? "a MAC unit is simulated: 3 dot products of 3 words in 6 planes, and 1 cycle"
    simulate --unit mac_seria --simd 4 --wbits 2 --abits 3 --K 9
    fails_like 2 'expected mac_parallel, .*, found mac_seria; did you mean mac_serial?'
    check $? "an unknown unit, exit 2, names the nearest"
    simulate --unit mac_serial --simd 4 --wbits 2 --abits 3
    fails_like 2 '--unit needs --K N'
    check $? "a unit without a length, exit 2"
    simulate "$t/a.yaml" --wbits 3
    fails_like 2 '--wbits needs --unit NAME'
    check $? "an option of a unit without a unit, exit 2"
    simulate "$t/a.yaml" $unit
    fails_like 2 'expected no ACCEL.yaml with --unit'
    check $? "a unit and a file, exit 2"
    simulate $unit --wbits 9
    fails_like 2 '--wbits'
    check $? "nine bits, exit 2"
    simulate $unit --lanes 2
    fails_like 3 'mac_serial: expected lanes in \[1, 1\], found 2'
    check $? "lanes that the unit does not have, exit 3"
    simulate $unit --grouped
    fails_like 3 'mac_serial: expected no grouped, which only mac_fusion has'
    check $? "an option of another unit, exit 3"
    simulate $unit --acc-bits 5
    fails_like 3 'expected acc_bits >= 8, which 9 products of 2 x 3 bits need, found 5'
    check $? "an accumulator that may overflow, exit 3"
    simulate --unit mac_parallel --simd 4 --wbits 1 --abits 1 --asigned 1 --K 9
    fails_like 3 'expected K to be a multiple of 4, .* found 9'
    check $? "bipolar operands that cannot be padded, exit 3"
}

accel ''
mkdir "$t/empty" "$t/some"
ln -s "$(command -v verilator)" "$t/some/verilator"
PATH=$t/empty XDG_CACHE_HOME=$t/cache simulate "$t/a.yaml"
fails_like 7 'verilator.*apt-get install'
check $? "without Verilator, exit 7, names the package"
PATH=$t/some XDG_CACHE_HOME=$t/cache simulate "$t/a.yaml"
fails_like 7 'g++.*apt-get install'
check $? "without a C++ compiler, exit 7, names the package"

if unshare -rm true 2>/dev/null; then
    export bw t
    # shellcheck disable=SC2016 # expanded by the inner shell
    unshare -rm bash -c '
        mkdir "$t/full" && mount -t tmpfs -o size=4k none "$t/full" || exit 99
        head -c 8192 /dev/zero >"$t/full/stuff" 2>/dev/null
        "$bw" -q simulate "$t/a.yaml" --json "$t/full/a.json" >"$t/out" 2>"$t/err"
        rc=$?
        [ ! -e "$t/full/a.json" ] || rc=98
        exit $rc'
    rc=$?
    fails_like 1 'full/a.json.*No space left'
    check $? "a full disk, exit 1, leaves no file"
else
    skip "a full disk" "no user name spaces here"
fi
