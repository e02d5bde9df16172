#!/bin/bash
# bitwright train on bad input, interrupted, and resumed.
. tests/tap.sh
train() { # ARGUMENT...: its status in rc, output in $t/out, $t/err
    "$bw" -q train "$@" >"$t/out" 2>"$t/err" </dev/null
    rc=$?
}
said() { # STATUS MESSAGE: the one line on stderr
    [ "$rc" -eq "$1" ] && [ "$(cat "$t/err")" = "bitwright train: $2" ]
}

# 512 + 128 random images of 8x7 in three classes.
mkdir "$t/data" "$t/other"
idx() { # PREFIX N
    { printf '\0\0\10\3\0\0'; printf '\%03o' $(($2 / 256)) $(($2 % 256)) | xargs -0 printf
      printf '\0\0\0\10\0\0\0\7'; head -c $((56 * $2)) /dev/urandom; } \
        >"$t/data/$1-images-idx3-ubyte"
    { printf '\0\0\10\1\0\0'; printf '\%03o' $(($2 / 256)) $(($2 % 256)) | xargs -0 printf
      yes 012 | tr -d '\n' | tr 012 '\0\1\2' | head -c "$2"; } \
        >"$t/data/$1-labels-idx1-ubyte"
}
idx train 512
idx t10k 128
cat >"$t/net.yaml" <<'EOF'
name: tiny
input: {name: image, H: 8, W: 7, C: 1, scale: 0.00392156862745098}
nodes:
- {name: stem, op: conv, inputs: [image], channels: 8, kernel: 3, stride: 1, pad: 1, bn: true, relu: true}
- {name: c1, op: conv, inputs: [stem], channels: 8, kernel: 3, stride: 1, pad: 1, bn: true, relu: false}
- {name: sum, op: add, inputs: [c1, stem], relu: true}
- {name: pool, op: gap, inputs: [sum]}
- {name: fc, op: gemm, inputs: [pool], channels: 10}
EOF
sed 's/W: 7/W: 8/' "$t/net.yaml" >"$t/wide.yaml"
base=(--network "$t/net.yaml" --data "idx:$t/data" --held-out 64 --batch 32)

train --network "$t/net.yaml" -o "$t/a.onnx"
said 2 "expected --network, --data and -o"
check $? "a missing option, exit 2"
train "${base[@]}" --wbits 4 -o "$t/a.q.onnx"
said 2 "expected --wbits and --abits together"
check $? "weights' bits without activations' bits, exit 2"
train "${base[@]}" --epochs 0 -o "$t/a.onnx"
[ $rc -eq 2 ] && grep -q -- '--epochs' "$t/err"
check $? "no epochs, exit 2"
train "${base[@]}" --wbits 9 --abits 4 -o "$t/a.q.onnx"
[ $rc -eq 2 ] && grep -q -- '--wbits' "$t/err"
check $? "nine bits, exit 2"
train "${base[@]}" --backward fp16 -o "$t/a.onnx"
said 2 "--backward: expected fp32 or bf16, found 'fp16'"
check $? "a format of gradients that is none, exit 2"
train "${base[@]}" --wbits 4 --abits 4 --distill 0.5 -o "$t/a.q.onnx"
[ $rc -eq 2 ] && grep -q -- '--distill: the teacher is the network given' "$t/err"
check $? "a teacher without weights, exit 2"
train --network "$t/none.onnx" --data "idx:$t/data" -o "$t/a.onnx"
[ $rc -eq 3 ] && grep -q "$t/none.onnx" "$t/err"
check $? "a network that does not exist, exit 3"
train --network "$t/net.yaml" --data "idx:$t/other" -o "$t/a.onnx"
[ $rc -eq 3 ] && grep -q "$t/other/train-images-idx3-ubyte" "$t/err"
check $? "images that do not exist, exit 3"
train --network "$t/wide.yaml" --data "idx:$t/data" --held-out 64 --batch 32 -o "$t/a.onnx"
said 3 "network 'tiny' expects images of 8x8x1, found 8x7x1"
check $? "images of another size, exit 3"
train "${base[@]}" --batch 500 -o "$t/a.onnx"
said 3 "448 images do not fill a batch of 500"
check $? "fewer images than a batch, exit 3"
train "${base[@]}" -o "$t/nowhere/a.onnx"
[ $rc -eq 1 ] && grep -q "$t/nowhere/a.onnx" "$t/err" && [ ! -s "$t/out" ]
check $? "an output that cannot be written stops before the training, exit 1"
train "${base[@]}" -o "$t/a.txt"
said 2 "-o: expected a file named *.onnx, found '$t/a.txt'"
check $? "a result that no command would read, exit 2"
train "${base[@]}" --resume -o "$t/a.onnx"
said 3 "$t/a.onnx.ckpt: no checkpoint to resume from"
check $? "--resume without a checkpoint, exit 3"
echo hello >"$t/a.onnx.ckpt"
train "${base[@]}" --resume -o "$t/a.onnx"
said 3 "$t/a.onnx.ckpt: expected a bitwright checkpoint, version 1"
check $? "a checkpoint that is none, exit 3"
rm "$t/a.onnx.ckpt"
[ -z "$(find "$t" -maxdepth 1 -name 'a.*')" ]
check $? "a run that failed leaves no file"

# Interrupted between its first and its last step, whatever the machine's speed.
args=("${base[@]}" --epochs 60 --wbits 3 --abits 2 -j 2)
for wait in 0.4 0.2 0.1 0.6 1 2; do
    "$bw" -q train "${args[@]}" -o "$t/b.q.onnx" >"$t/out" 2>"$t/err" </dev/null &
    sleep $wait
    kill -INT $!
    wait $!
    rc=$?
    [ $rc -eq 5 ] && [ -f "$t/b.q.onnx.ckpt" ] && break
    rm -f "$t/b.q.onnx"*
done
[ $rc -eq 5 ] && [ ! -e "$t/b.q.onnx" ] && [ -f "$t/b.q.onnx.ckpt" ] &&
    grep -q 'interrupted; state is saved, run the same command again' "$t/err"
check $? "SIGINT saves the state and no result, exit 5"
cp "$t/b.q.onnx.ckpt" "$t/keep"
train "${args[@]}" --lr 0.01 --resume -o "$t/b.q.onnx"
[ $rc -eq 6 ] && grep -q 'is of another network, other options or another run' "$t/err"
check $? "a checkpoint of other options is refused, exit 6"
head -c 3000 "$t/keep" >"$t/b.q.onnx.ckpt"
train "${args[@]}" --resume -o "$t/b.q.onnx"
said 3 "$t/b.q.onnx.ckpt: damaged: the content does not match its hash"
check $? "a truncated checkpoint is refused, exit 3"
cp "$t/keep" "$t/b.q.onnx.ckpt"
"$bw" train "${args[@]}" -j 1 -o "$t/b.q.onnx" >"$t/out" 2>"$t/err" </dev/null &&
    grep -q "resuming from $t/b.q.onnx.ckpt" "$t/err" && [ ! -e "$t/b.q.onnx.ckpt" ]
check $? "the same command resumes, ends and removes its checkpoint"
train "${args[@]}" -o "$t/c.q.onnx"
[ $rc -eq 0 ] && cmp -s "$t/b.q.onnx" "$t/c.q.onnx"
check $? "the resumed run equals one that was never interrupted, to the byte"
cp "$t/keep" "$t/d.q.onnx.ckpt"
"$bw" train "${base[@]}" --wbits 3 --abits 2 --epochs 1 -o "$t/d.q.onnx" >"$t/out" 2>"$t/err" </dev/null &&
    ! grep -q resuming "$t/err" && [ -s "$t/d.q.onnx" ] && [ ! -e "$t/d.q.onnx.ckpt" ]
check $? "without --resume, the state of another run is not gone on from"

train "${base[@]}" --wbits 3 --abits 2 --epochs 1 --backward fp32 -o "$t/e.q.onnx"
[ $rc -eq 0 ] && grep -aq '"backward":"fp32"' "$t/e.q.onnx" &&
    grep -aq '"shift":2' "$t/e.q.onnx"
check $? "the result says the format of its gradients, and the shift of its images"

train "${base[@]}" --wbits 3 --abits 2 --epochs 0 --no-test -o "$t/f.q.onnx"
[ $rc -eq 0 ] && grep -q '^held-out' "$t/out" && ! grep -q '^test' "$t/out"
check $? "--no-test leaves the test images alone"

# A disk of 4 KB, in a name space of our own: no room for the first checkpoint.
if unshare -rm true 2>/dev/null; then
    mkdir "$t/full"
    # shellcheck disable=SC2016 # expanded by the inner shell
    unshare -rm bash -c '
        mount -t tmpfs -o size=4k none "$1/full" || exit 99
        shift
        "$@" </dev/null
        rc=$?
        [ -z "$(ls -A "$0/full")" ] || exit 98
        exit $rc' "$t" "$t" "$bw" -q train "${base[@]}" -o "$t/full/d.onnx" \
        >"$t/out" 2>"$t/err"
    rc=$?
    said 1 "$t/full/d.onnx.ckpt: cannot write: No space left on device"
    check $? "a full disk stops the training and leaves nothing behind, exit 1"
else
    skip "a full disk" "no user name spaces here"
fi
