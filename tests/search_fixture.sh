# shellcheck shell=bash disable=SC2154 # $t and $bw are those of the test
# search_fixture.sh -- sourced by the shell tests of search: in the folder $t, a tiny
# network, 1,408 training and 200 test images, and a made-up cost model without 1-bit
# weights.  Needs Debian's dataset-fashion-mnist: fixture_images fails without.
fixture_cost() {
    {
        echo 'module,toolchain,SIMD,wbits[bit],abits[bit],wsigned,asigned,acc_bits[bit],out_bits[bit],out_signed,shift[bit],requant_dsp,lut[LUT],ff[FF],dsp[DSP],bram18[BRAM18]'
        for w in 2 3 5 8; do for a in 2 3 5 8; do for s in 1 4 16; do
            acc=$((w + a + 6))
            echo "mac_parallel,xc7,$s,$w,$a,1,0,$acc,0,0,0,0,$((2 * s * w * a + acc)),$acc,0,0"
        done; done; done
        for acc in 12 14 16 18; do for out in 2 8; do
            echo "requant,xc7,0,0,0,0,0,$acc,$out,0,12,1,$((9 + out)),$out,1,0"
        done; done
    } >"$t/meas.csv"
    "$bw" -q fit "$t/meas.csv" -o "$t/cost.yaml" >"$t/fit.out"
}
fixture_network() {
    cat >"$t/net.yaml" <<'YAML'
name: tiny
input: {name: image, H: 28, W: 28, C: 1, scale: 0.00392156862745098}
nodes:
- {name: stem, op: conv, inputs: [image], channels: 8, kernel: 3, stride: 4, pad: 1, bn: true, relu: true}
- {name: conv1, op: conv, inputs: [stem], channels: 8, kernel: 3, stride: 1, pad: 1, bn: true, relu: true}
- {name: conv2, op: conv, inputs: [conv1], channels: 8, kernel: 3, stride: 1, pad: 1, bn: true, relu: false}
- {name: add, op: add, inputs: [conv2, stem], relu: true}
- {name: pool, op: gap, inputs: [add]}
- {name: fc, op: gemm, inputs: [pool], channels: 10}
YAML
}
# fixture_cut NAME N: the first N images and labels of a set, as IDX files.
fixture_cut() {
    local from=/usr/share/datasets/fashion-mnist n
    n=$(printf '\\x%02x\\x%02x' $(($2 / 256)) $(($2 % 256)))
    { printf '%b' '\x00\x00\x08\x03\x00\x00'"$n"'\x00\x00\x00\x1c\x00\x00\x00\x1c'
        zcat "$from/$1-images-idx3-ubyte.gz" 2>/dev/null | tail -c +17 | head -c $(($2 * 784))
    } >"$t/data/$1-images-idx3-ubyte"
    { printf '%b' '\x00\x00\x08\x01\x00\x00'"$n"
        zcat "$from/$1-labels-idx1-ubyte.gz" 2>/dev/null | tail -c +9 | head -c "$2"
    } >"$t/data/$1-labels-idx1-ubyte"
}
fixture_images() {
    [ -r /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz ] || return 1
    mkdir -p "$t/data"
    fixture_cut train 1408
    fixture_cut t10k 200
}
