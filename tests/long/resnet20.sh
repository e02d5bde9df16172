#!/bin/bash
# resnet20.sh -- every result of reports/resnet20-cifar10.md that is not there yet, then
# all networks kept there classify the test images again.  Hours; goes on where it was
# stopped.  Needs data that are not in the repository (tests/README.md).
if [ ! -e "${BITWRIGHT_CIFAR10:-}/test_batch.bin" ] ||
    [ ! -e "${BITWRIGHT_RESNET20:-}/resnet20_cifar10_bn.onnx" ]; then
    echo "ok 1 - the results on CIFAR-10 # SKIP set BITWRIGHT_CIFAR10 (folder of test_batch.bin)" \
        "and BITWRIGHT_RESNET20 (folder of resnet20_cifar10_bn.onnx)"
    exit 0
fi
n=0
for step in run check; do
    n=$((n + 1))
    if reports/resnet20.sh $step >"$B/resnet20.$step.out" 2>&1; then
        echo "ok $n - the results on CIFAR-10: $step"
    else
        echo "not ok $n - the results on CIFAR-10: $step"
        tail -n 20 "$B/resnet20.$step.out" | sed 's/^/# /'
    fi
done
echo "1..$n"
