#!/bin/bash
# import and eval: files that are damaged, foreign or missing, and how they say so.
. tests/tap.sh
gold=tests/golden/nn

# ---- import ----
run "$bw" import configs/networks/resnet8-fmnist.yaml
[ $rc -eq 0 ] && grep -q '^stem ' "$t/out" && grep -q '^total ' "$t/out"
check $? "import lists the layers of an architecture"
run "$bw" import $gold/mixed.onnx --json
[ $rc -eq 0 ] && grep -q '"schema": "bitwright.network/1"' "$t/out" &&
    grep -q '"wbits": 5' "$t/out"
check $? "import --json knows the bits of a quantised network"
run "$bw" import
fails_with 2 "expected one network file, found 0"
check $? "import without a file, exit 2"
run "$bw" import "$t/none.onnx"
fails_with 3 "$t/none.onnx"
check $? "import of a missing file, exit 3"
run "$bw" import README.md
fails_with 3 "README.md: expected a network file named *.onnx or *.yaml"
check $? "import of another kind of file, exit 3"
head -c 3000 $gold/flattened.onnx >"$t/cut.onnx"
run "$bw" import "$t/cut.onnx"
fails_with 3 "$t/cut.onnx: expected an ONNX model, found 3000 bytes that are not one"
check $? "a truncated ONNX file, exit 3"
printf 'not a model' >"$t/text.onnx"
run "$bw" import "$t/text.onnx"
fails_with 3 "$t/text.onnx: expected an ONNX model"
check $? "garbage named .onnx, exit 3"
sed 's/Flatten/Flitten/g' $gold/flattened.onnx >"$t/op.onnx"
run "$bw" import "$t/op.onnx"
fails_with 3 "(Flitten): this operator is not supported"
check $? "an unsupported operator is named with its node, exit 3"
sed 's/stride: 2/strid: 2/' configs/networks/resnet8-fmnist.yaml >"$t/key.yaml"
run "$bw" import "$t/key.yaml"
grep -qF "stride" "$t/err" && fails_with 3 "$t/key.yaml:6:"
check $? "an unknown YAML key names its line and the nearest key, exit 3"

run "$bw" import $gold/flattened.onnx --mean 0.5
fails_with 2 "expected --mean and --std together, found one"
check $? "a mean without deviations, exit 2"
run "$bw" import $gold/flattened.onnx --mean 0.5,0.5 --std 0.2
fails_with 2 "--mean: expected 3 numbers separated by commas, one per channel, found '0.5,0.5'"
check $? "a mean of another number of channels, exit 2"
run "$bw" import $gold/flattened.onnx --mean 124 --std 58 -o "$t/norm.onnx"
fails_with 3 "$gold/flattened.onnx: expected means in 0..1, found 124" && [ ! -e "$t/norm.onnx" ]
check $? "a mean in pixel codes, exit 3, nothing written"
run "$bw" import $gold/flattened.onnx --mean 0.485,0.456,0.406 --std 0.2 -o "$t/norm.onnx"
first=$rc
run "$bw" import "$t/norm.onnx"
[ $first -eq 0 ] && [ $rc -eq 0 ] && grep -q '0: 123.675, 116.28, 103.53; value of one code' "$t/out"
check $? "import writes a network for pixel codes and reads it back"
run "$bw" import "$t/norm.onnx" --mean 0.5 --std 0.2 -o "$t/twice.onnx"
fails_with 3 "expected a network that is not normalised yet"
check $? "a network is normalised once, exit 3"
run "$bw" import $gold/mixed.onnx --mean 0.5 --std 0.2
fails_with 3 "expect an fp32 network, found a quantised one"
check $? "a quantised network is normalised already, exit 3"

# ---- eval ----
run "$bw" eval $gold/mixed.onnx --data idx:$gold
[ $rc -eq 0 ] && grep -q '100.00 % (64 of 64 test images' "$t/out"
check $? "eval of the golden network is right on every image"
run "$bw" eval $gold/mixed.onnx --data idx:$gold --json -j 1
[ $rc -eq 0 ] && grep -q '"n_correct": 64' "$t/out" && grep -q '"engine": "integer"' "$t/out"
check $? "eval --json says the engine and the count"
run "$bw" eval $gold/mixed.onnx
fails_with 2 "expected --data idx:DIR or --data cifar10:DIR"
check $? "eval without data, exit 2"
run "$bw" eval $gold/mixed.onnx --data mnist
fails_with 2 "--data: expected idx:DIR or cifar10:DIR, found 'mnist'"
check $? "eval with an unknown kind of data, exit 2"
run "$bw" eval configs/networks/resnet8-fmnist.yaml --data idx:$gold
fails_with 3 "expected a trained network, *.onnx"
check $? "eval of an architecture without weights, exit 3"
run "$bw" eval $gold/flattened.onnx --data idx:$gold
fails_with 3 "10x7x3"
check $? "eval on images of another size, exit 3"
run "$bw" eval $gold/mixed.onnx --data idx:"$t"
fails_with 3 "$t/t10k-images-idx3-ubyte: expected an IDX file"
check $? "eval where the data is missing, exit 3"

images=t10k-images-idx3-ubyte labels=t10k-labels-idx1-ubyte
try() { # what is in $t/d
    run "$bw" eval $gold/mixed.onnx --data idx:"$t/d"
}
mkdir "$t/d"
cp $gold/$labels "$t/d"
gzip -c $gold/$images | head -c 1000 >"$t/d/$images.gz"
try
fails_with 3 "$t/d/$images.gz: expected 4096 bytes of pixels, found"
check $? "a truncated .gz, exit 3"
rm "$t/d/$images.gz"
head -c 4000 $gold/$images >"$t/d/$images"
try
fails_with 3 "expected 4096 bytes of pixels, found 3984; the file is truncated"
check $? "a truncated IDX file, exit 3"
cp $gold/$labels "$t/d/$images"
try
fails_with 3 "expected magic number 0x00000803, found 0x00000801"
check $? "labels where images belong, exit 3"
cp $gold/$images "$t/d/$images"
{ head -c 40 $gold/$labels; printf '\021'; tail -c +42 $gold/$labels; } >"$t/d/$labels"
try
fails_with 3 "$t/d/$labels: byte 40: expected a label in 0..9, found 17"
check $? "a label out of range, exit 3"

# Interrupted before its last image, whatever the machine's speed.
for wait in 0.2 0.1 0.05 0.4 0.8 1.6; do
    "$bw" -q eval configs/networks/resnet8-fmnist.onnx -j 1 \
        --data idx:/usr/share/datasets/fashion-mnist >"$t/out" 2>"$t/err" </dev/null &
    sleep $wait
    kill -INT $! 2>/dev/null
    wait $!
    rc=$?
    [ $rc -eq 5 ] && break
done
[ $rc -eq 5 ] && [ ! -s "$t/out" ] &&
    grep -qF 'bitwright eval: interrupted; run the same command again' "$t/err"
check $? "SIGINT ends eval without a result, exit 5"

# ---- export ----
run "$bw" export $gold/mixed.onnx
fails_with 2 "expected -o FILE.onnx, found none"
check $? "export without a file to write, exit 2"
run "$bw" export $gold/mixed.onnx -o "$t/q.onnx" --format vendor
fails_with 2 "--format: expected qonnx, found 'vendor'"
check $? "export to an unknown format, exit 2"
run "$bw" export $gold/mixed.onnx -o "$t/q.onnx"
fails_with 3 "$gold/mixed.onnx: node 'b1': expected what a Quant node can express, found bipolar" &&
    [ ! -e "$t/q.onnx" ]
check $? "export of bipolar weights, exit 3, nothing written"
run "$bw" export $gold/flattened.onnx -o "$t/q.onnx"
fails_with 3 "expected a quantised network" && [ ! -e "$t/q.onnx" ]
check $? "export of an fp32 network, exit 3, nothing written"
