#!/bin/bash
# torchvision's networks as PyTorch's exporter writes them: layer tables with the published
# numbers of products and parameters, and logits of a random image equal to PyTorch's.
# Needs python3-torch and python3-torchvision; skips loudly where they are absent.
. tests/tap.sh
python=
for p in /usr/bin/python3 python3; do # the distribution's first: it has the packages
    "$p" -c 'import torch, torchvision' >"$t/out" 2>"$t/err" && python=$p && break
done
if [ -z "$python" ]; then
    skip "torchvision's networks" "install python3-torch and python3-torchvision"
    exit 0
fi
# Published: 1.81, 3.66, 4.09 and 0.30 G products; 11.7, 21.8, 25.6 and 3.5 M parameters.
# With batch norms as nodes (:bn) the number of parameters is torchvision's own; folded
# ones have one number per channel less.
rows="resnet18:9:1814073344:11684712
resnet18:17:1814073344:11684712
resnet18:15:1814073344:11689512:bn
resnet34:11:3663761408:21789160
resnet50:13:4089184256:25530472
resnet50:17:4089184256:25557032:bn
mobilenet_v2:9:300774272:3487816
mobilenet_v2:13:300774272:3504872:bn
mobilenet_v2:17:300774272:3487816"
for row in $rows; do
    IFS=: read -r name opset macs parameters norms <<<"$row"
    f=$t/$name-$opset
    "$python" tests/e2e/make_torchvision.py "$t" "$name:$opset${norms:+:bn}" >"$t/out" 2>"$t/err"
    "$bw" import "$f.onnx" >"$t/out" 2>"$t/err" &&
        grep -q "^total .* $macs  *$parameters\$" "$t/out"
    check $? "$name, operator set $opset${norms:+, batch norms}: $macs products, $parameters parameters"
    "$bw" eval "$f.onnx" --data "idx:$t" --logits "$f.npy" >"$t/out" 2>"$t/err" &&
        "$python" - "$f" >>"$t/out" 2>>"$t/err" <<'P'
import sys
import numpy as np
ours = np.load(sys.argv[1] + ".npy")[0]
theirs = np.loadtxt(sys.argv[1] + ".logits")
error = np.abs(ours - theirs).max() / np.abs(theirs).max()
print("largest difference", error, "of the largest logit")
sys.exit(not (ours.shape == theirs.shape and error < 1e-4))
P
    check $? "$name, operator set $opset: logits as PyTorch computes them, within 1e-4"
    rm -f "$f".*
done
# The same network in our own form keeps its numbers, bit for bit.
"$python" tests/e2e/make_torchvision.py "$t" mobilenet_v2:11:bn >"$t/out" 2>"$t/err"
"$bw" import "$t/mobilenet_v2-11.onnx" -o "$t/ours.onnx" >"$t/out" 2>"$t/err" &&
    "$bw" eval "$t/ours.onnx" --data "idx:$t" --logits "$t/a.npy" >"$t/out" 2>"$t/err" &&
    "$bw" eval "$t/mobilenet_v2-11.onnx" --data "idx:$t" --logits "$t/b.npy" >"$t/out" 2>"$t/err" &&
    cmp "$t/a.npy" "$t/b.npy" >>"$t/out" 2>&1
check $? "MobileNet-V2 written by import -o has the same logits"
# Weights in a file beside the model.
"$python" - "$t" >"$t/out" 2>"$t/err" <<'P'
import sys
import onnx
t = sys.argv[1]
onnx.save_model(onnx.load(t + "/mobilenet_v2-11.onnx"), t + "/external.onnx",
                save_as_external_data=True, all_tensors_to_one_file=True,
                location="external.bin", size_threshold=64)
P
if [ -s "$t/external.bin" ]; then
    "$bw" eval "$t/external.onnx" --data "idx:$t" --logits "$t/a.npy" >"$t/out" 2>"$t/err" &&
        cmp "$t/a.npy" "$t/b.npy" >>"$t/out" 2>&1
    check $? "weights in a file beside the model are the same weights"
    truncate -s 1000 "$t/external.bin"
    run "$bw" import "$t/external.onnx"
    fails_with 3 "of 'external.bin', found a file of 1000 bytes"
    check $? "a file of weights cut off is an error that names the tensor"
else
    skip "weights in a file beside the model" "install python3-onnx"
fi
