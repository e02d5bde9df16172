#!/bin/bash
# bitwright characterize on bad input: files, options, missing tools, SIGINT, a full disk.
. tests/tap.sh
characterize() { # ARGUMENTS...: status in rc
    "$bw" -q characterize "$@" --db "$t/m.db" >"$t/out" 2>"$t/err" </dev/null
    rc=$?
}
sweep() { # SED-EXPRESSION: the sweep, edited
    {
        echo 'version: 1'
        echo 'name: small'
        echo 'toolchains: [ice40]'
        echo 'groups:'
        echo '- {module: mac_parallel, SIMD: 2, wbits: [2, 3], abits: 2, wsigned: true, asigned: false, acc_bits: min}'
    } | sed "$1" >"$t/s.yaml"
}

sweep ''
characterize "$t/s.yaml" --dry-run
[ $rc -eq 0 ] && [ "$(grep -c ' ice40 .*mac_parallel SIMD=2 ' "$t/out")" -eq 2 ] &&
    grep -q '2 points, 0 known, 2 to measure' "$t/err"
check $? "a dry run lists what there is to do"
characterize "$t/s.yaml"
fails_like 2 'expected -o FILE.csv'
check $? "no output, exit 2"
characterize -o "$t/m.csv"
fails_like 2 'expected one SWEEP.yaml'
check $? "no sweep, exit 2"
characterize "$t/s.yaml" -o "$t/m.csv" -j 0
fails_like 2 '--jobs'
check $? "no workers, exit 2"
characterize "$t/none.yaml" -o "$t/m.csv"
fails_like 3 "$t/none.yaml"
check $? "a sweep that is not there, exit 3"
sweep 's/wbits/wbit/'
characterize "$t/s.yaml" -o "$t/m.csv"
fails_like 3 's.yaml:5:.*wbits'
check $? "an unknown key, exit 3, with line and nearest key"
sweep 's/SIMD: 2/SIMD: 65/'
characterize "$t/s.yaml" -o "$t/m.csv"
fails_like 3 's.yaml:5:.*65'
check $? "a value out of range, exit 3"
images=/usr/share/datasets/fashion-mnist
layer() { # STIMULUS ASIGNED
    sweep "s/ice40/osu018/; s|min}|min, stimulus: \"$1\"}|; s/wbits: \[2, 3\]/wbits: 2/; s/asigned: false/asigned: $2/"
    sed -i "3i operands: [{network: configs/networks/resnet8-fmnist.onnx, data: \"idx:$images\", images: 1}]" "$t/s.yaml"
}
layer layer:resnet18/fc false
characterize "$t/s.yaml" -o "$t/m.csv"
fails_like 3 's.yaml:6:1: stimulus layer:resnet18/fc: expected a network of `operands`'
check $? "operands of a network that the sweep does not have, exit 3"
if [ -d $images ]; then
    layer layer:resnet8-fmnist/fc2 false
    characterize "$t/s.yaml" -o "$t/m.csv"
    fails_like 3 'expected a layer among .*, s3_short, fc, found fc2'
    check $? "a layer that is not there, exit 3, lists the layers"
    layer layer:resnet8-fmnist/fc true
    characterize "$t/s.yaml" -o "$t/m.csv"
    fails_like 3 'fc: expected signed weights of 2 and signed activations of 2 bits, found signed of 2 and unsigned of 2'
    check $? "a layer of another sign, exit 3"
    layer layer:resnet8-fmnist/fc false
    characterize "$t/s.yaml" --dry-run
    [ $rc -eq 0 ] && a=$(cut -d' ' -f1 "$t/out") && sed -i 's/images: 1/images: 2/' "$t/s.yaml" &&
        characterize "$t/s.yaml" --dry-run && [ $rc -eq 0 ] && b=$(cut -d' ' -f1 "$t/out") &&
        [ ${#a} -eq 32 ] && [ ${#b} -eq 32 ] && [ "$a" != "$b" ]
    check $? "other images are other operands and another key"
else
    for what in "a layer that is not there" "a layer of another sign" "other images"; do
        skip "$what" "no $images"
    done
fi
sweep 's/ice40/vivado/'
characterize "$t/s.yaml" -o "$t/m.csv"
fails_like 3 's.yaml:3:.*xc7.*found vivado'
check $? "an unknown toolchain, exit 3, lists the known ones"
sweep ''
head -c 999 /dev/urandom >"$t/bad.db"
"$bw" -q characterize "$t/s.yaml" -o "$t/m.csv" --db "$t/bad.db" >"$t/out" 2>"$t/err" </dev/null
rc=$?
fails_like 3 'bad.db'
check $? "a database that is none, exit 3"
mkdir "$t/empty"
PATH=$t/empty characterize "$t/s.yaml" -o "$t/m.csv"
fails_like 7 'yosys.*apt-get install'
check $? "without Yosys, exit 7, names the package"

# A point that fails: no synthesis is done in a hundredth of a second.
characterize "$t/s.yaml" -o "$t/m.csv" --time-limit 0.01
[ $rc -eq 1 ] && [ "$(grep -c '^failed: mac_parallel SIMD=2 .* on ice40' "$t/err")" -eq 2 ] &&
    grep -q '2 of 2 points failed' "$t/err" && grep -q ',mac_parallel,ice40,.*,yosys' "$t/m.csv"
check $? "failures are listed at the end, exit 1"

# Tools that fail or hang on one point: the sweep goes on, and says so at the end.
real=$(command -v yosys)
mkdir "$t/fake"
cat >"$t/fake/yosys" <<SH
#!/bin/sh
case "\$*" in
*script.ys)
    if grep -q 'WBITS 3' script.ys; then echo 'ERROR: the made-up one'; exit 1; fi
    if grep -q 'WBITS 4' script.ys; then sleep 100; fi;;
esac
exec "$real" "\$@"
SH
chmod +x "$t/fake/yosys"
sweep 's/wbits: .2, 3./wbits: [1, 2, 3, 4]/'
PATH=$t/fake:$PATH characterize "$t/s.yaml" -o "$t/m.csv" --time-limit 4 -j 2
[ $rc -eq 1 ] && grep -q '^failed: .* WBITS=3 .* on ice40: .*the made-up one' "$t/err" &&
    grep -q '^failed: .* WBITS=4 .* on ice40: yosys .*4 s' "$t/err" &&
    grep -q '2 of 4 points failed' "$t/err"
check $? "a tool that fails and one that hangs, exit 1, with the list"
[ "$(grep -vc '^#' "$t/m.csv")" -eq 5 ] && grep -q ',ice40,.*,yosys .*made-up one.*,2,,,,,,,3,2,1,0,' "$t/m.csv" &&
    [ "$(grep -c '0.23[^,]*,,2,' "$t/m.csv")" -eq 2 ]
check $? "the other rows are measured, the failed ones say why"
characterize "$t/s.yaml" -o "$t/m.csv"
[ $rc -eq 0 ] && grep -q '4 points, 2 known, 2 measured, 0 failed' "$t/err" && ! grep -q made-up "$t/m.csv"
check $? "failed points are tried again, and then are rows like others"
PATH=$t/fake:$PATH characterize "$t/s.yaml" -o "$t/full.csv" --db "$t/m.db" && [ $rc -eq 0 ]
check $? "what was measured once needs no tool again"

# SIGINT while Yosys runs.
rm -f "$t/m.csv"
sweep 's/ice40/xc7/'
XDG_CACHE_HOME=$t/cache "$bw" -q characterize "$t/s.yaml" -o "$t/m.csv" --db "$t/m.db" \
    >"$t/out" 2>"$t/err" </dev/null &
pid=$!
for _ in $(seq 200); do
    ls "$t"/cache/bitwright/tmp/*/script.ys >/dev/null 2>&1 && break
    sleep 0.05
done
kill -INT $pid
wait $pid
rc=$?
[ $rc -eq 5 ] && tail -n 1 "$t/err" | grep -q 'the same command goes on' && [ ! -e "$t/m.csv" ] && [ -z "$(ls "$t/cache/bitwright/tmp")" ]
check $? "SIGINT, exit 5, says how to go on and leaves nothing half done"

if unshare -rm true 2>/dev/null; then
    export bw t
    # shellcheck disable=SC2016 # expanded by the inner shell
    unshare -rm bash -c '
        mkdir "$t/full" && mount -t tmpfs -o size=4k none "$t/full" || exit 99
        head -c 8192 /dev/zero >"$t/full/stuff" 2>/dev/null
        "$bw" -q characterize "$t/s.yaml" -o "$t/m.csv" --db "$t/full/m.db" \
            >"$t/out" 2>"$t/err"'
    rc=$?
    fails_like 1 'm.db: '
    check $? "a full disk, exit 1"
else
    skip "a full disk" "no user name spaces here"
fi

# Place and route that fails: what synthesis counted stays in the row.
mkdir "$t/pnr"
cat >"$t/pnr/nextpnr-ice40" <<SH
#!/bin/sh
case "\$*" in *--seed*) echo 'ERROR: the made-up one'; exit 1;; esac
exec "$(command -v nextpnr-ice40)" "\$@"
SH
chmod +x "$t/pnr/nextpnr-ice40"
sweep 's/wbits: .2, 3./wbits: 2/; s/acc_bits: min/acc_bits: min, fmax: true/'
PATH=$t/pnr:$PATH characterize "$t/s.yaml" -o "$t/m.csv" --db "$t/pnr.db"
cell() { # COLUMN: of the only row
    grep -v '^#' "$t/m.csv" | awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) { sub(/\[.*/, "", $i); at[$i] = i } }
        NR == 2 { print $at[name] }'
}
[ $rc -eq 1 ] && cell failed | grep -q 'nextpnr-ice40 .*made-up one' && [ "$(cell lut)" -gt 0 ] &&
    [ "$(cell ff)" -gt 0 ] && [ -z "$(cell fmax)" ]
check $? "a row whose place and route fails keeps its counts and says why"

lib=/usr/share/qflow/tech/osu018/osu018_stdcells.lib
if [ -e $lib ]; then
    sweep "s|ice40|osu018, \"lib:$lib\"|"
    characterize "$t/s.yaml" --dry-run
    [ $rc -eq 0 ] && grep -q '4 points, 0 known, 4 to measure' "$t/err" &&
        [ "$(cut -d' ' -f1 "$t/out" | sort -u | wc -l)" -eq 4 ]
    check $? "one library under two names is two toolchains"
else
    skip "one library under two names is two toolchains" "no $lib"
fi
