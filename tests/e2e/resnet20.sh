#!/bin/bash
# A ResNet-20 of another tool, with shortcuts without parameters and their shape
# arithmetic: imported, evaluated in fp32, quantised by calibration, evaluated in
# integers.  Needs data that are not in the repository (tests/README.md).
. tests/tap.sh
data=${BITWRIGHT_CIFAR10:-} models=${BITWRIGHT_RESNET20:-}
if [ ! -e "$data/test_batch.bin" ] || [ ! -e "$models/resnet20_cifar10_bn.onnx" ]; then
    skip "ResNet-20 on CIFAR-10" "set BITWRIGHT_CIFAR10 (folder of test_batch.bin) and BITWRIGHT_RESNET20 (folder of resnet20_cifar10_bn.onnx)"
    exit 0
fi
for form in folded bn; do
    "$bw" import "$models/resnet20_cifar10_$form.onnx" --mean 0.485,0.456,0.406 \
        --std 0.229,0.224,0.225 -o "$t/$form.onnx" >"$t/out" 2>"$t/err"
    "$bw" import "$t/$form.onnx" >"$t/out" 2>"$t/err"
    grep -q '^total .* 40551040 ' "$t/out"
    check $? "ResNet-20 ($form) has 40.551 M MACs"
    "$bw" eval "$t/$form.onnx" --data "cifar10:$data" >"$t/out" 2>"$t/err"
    grep -q '91.73 % (9173 of 10000' "$t/out"
    check $? "ResNet-20 ($form) is right on 9173 test images in fp32"
done
"$bw" train --network "$t/bn.onnx" --data "cifar10:$data" --epochs 0 --wbits 8 --abits 8 \
    -o "$t/w8a8.q.onnx" >"$t/out" 2>"$t/err"
awk '$1 == "test" && $3 >= 91.4 { good = 1 } END { exit !good }' "$t/out"
check $? "8-bit integers by calibration alone are right on 91.4 % at least"
