#!/bin/bash
# bitwright energy on bad input: options, libraries, networks.
. tests/tap.sh
says() { # STATUS PATTERN ARGUMENTS...
    run "$bw" -q energy "${@:3}"
    echo "expected exit $1 with '$2', found $rc" >"$t/why"
    fails_like "$1" "$2"
    check $? "${*:3}: exit $1"
}
says 2 'did you mean mac_serial' --unit mac_seriel
says 2 'expected bits from 1 to 8' --wbits 4,9
says 2 'expected bits from 1 to 8' --wbits four
says 2 'expected at most 64 numbers' --wbits "$(printf '1,%.0s' {1..65})"
says 2 'expected as many --abits as --wbits, 2, found 1' --wbits 2,4 --abits 2
says 2 'expected uniform, gauss, layer or layer:NETWORK/LAYER' --stimulus normal
says 2 'expected --stimulus layer beside' --layer fc
says 2 'expected layer:NETWORK/LAYER with the name of the file' --stimulus layer:other/fc --network configs/networks/resnet8-fmnist.onnx
says 2 'expected at least 18, which the 4 products of a step of mac_parallel at 8 x 8 bits need' --wbits 8 --acc-bits 12
says 2 'expected at least 21, which the 32 products of a step of mac_serial at 8 x 8 bits' --unit mac_serial --simd 32 --wbits 2,8 --acc-bits 12
net="--network configs/networks/resnet8-fmnist.onnx --data idx:/usr/share/datasets/fashion-mnist --images 1"
if [ -d /usr/share/datasets/fashion-mnist ]; then
    says 3 'expected a layer among stem, .* fc, found conv9' --wbits 2 --stimulus layer $net --layer conv9
    says 3 'a layer that the unit can run; layer resnet8-fmnist/fc: expected signed weights of 2 and signed activations of 2 bits, found signed of 2 and unsigned' \
        --wbits 2 --asigned 1 --stimulus layer:resnet8-fmnist/fc $net
else
    for what in "no such layer" "a layer of another sign"; do
        n=$((n + 1))
        echo "ok $n - $what # SKIP no images"
    done
fi
says 2 'expected --network and --data' --stimulus layer
says 3 'configs/liberty/none.yaml' --library none
says 3 'expected a Liberty file' --library "lib:$t/none.lib"
says 3 'mac_packed: expected a unit of gates' --unit mac_packed --wbits 4
printf 'library (x) {\n  nom_voltage : 1;\n' >"$t/cut.lib"
says 3 'cut.lib:3: expected a name' --library "lib:$t/cut.lib"
printf 'library (x) { capacitive_load_unit (1, pf); nom_voltage : 1;\ncell (X) { area : 1; } }\n' >"$t/dry.lib"
says 3 'expected internal_power tables, found none' --library "lib:$t/dry.lib"
osu=/usr/share/qflow/tech/osu018/osu018_stdcells.lib
grep -v '_*capacitance :' $osu >"$t/loads.lib"
says 3 'loads.lib:[0-9]*: cell [A-Z0-9]*: expected the capacitance of input [A-Z]*, found none' --wbits 1 --simd 1 --library "lib:$t/loads.lib"
printf 'version: 1\nname: n\nsource: s\nliberty: /l\nslew_ns: 0\nglitch: []\nprovenance: p\n' >"$t/slew.yaml"
says 3 'slew.yaml:5:10: expected' --library "lib:$t/slew.yaml"
printf 'version: 1\nname: n\nsource: s\nliberty: /l\nslew_ns: 1\nglitch:\n- {unit: mac_serial, factor: 3, mean_error: 0, max_error: 0, n_points: 1}\nprovenance: p\n' >"$t/factor.yaml"
says 3 'factor.yaml:7:' --library "lib:$t/factor.yaml"
