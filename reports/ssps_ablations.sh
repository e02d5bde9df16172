#!/bin/bash
# reports/ssps_ablations.sh [FOLDER]: what each part of SSPS is worth, on the network and
# the data that come with the project; writes reports/ssps-ablations.md.  About ten
# minutes of processor time; finished runs are kept in FOLDER (build/ablations) and are
# not run again.
cd "$(dirname "$0")/.." || exit 1
bw=${B:-build}/bitwright
out=${1:-${B:-build}/ablations}
seeds=(1 2 3)
args=(--network configs/networks/resnet8-fmnist.onnx -j 1
    --data idx:/usr/share/datasets/fashion-mnist --cost xc7 --fps 1000
    -b 'bitops=1.5*uniform2' --epochs 0.5 --finetune-epochs 1)
# name | what it is | options
rows=(
    "default||"
    "absolute|penalty 2 abs(E/T - 1) for the damped multiplier|--penalty absolute"
    "argmax|each cell by its own largest probability|--decide argmax"
    "one-shot|all cells at once at the end, not by certainty|--rounds 1"
    "all|first-order scores of all candidates|--estimator all"
    "held-out|logits learn from held-out images, twice the time|--logits held-out"
    "recovery|weights and activations count alike (--w-recovery 1)|--w-recovery 1"
    "literal|absolute, argmax, all and per-logit together|--penalty absolute --decide argmax --estimator all --normaliser per-logit"
    "ilp|no search: loss of each candidate measured alone, exact knapsack|--method ilp"
    "uniform|the largest uniform plan within the budget|--method uniform"
)
mkdir -p "$out" || exit 1
run() { # NAME SEED OPTIONS...
    local to="$out/$1-$2" name=$1 seed=$2
    shift 2
    [ -s "$to.json" ] && return 0
    echo "$name, seed $seed" >&2
    "$bw" -q search "${args[@]}" "$@" --seed "$seed" -o "$to.yaml" --keep-state \
        --json >"$to.tmp" </dev/null && mv "$to.tmp" "$to.json"
}
# field FILE KEY: a number of the JSON
field() { sed -n "s/^ *\"$2\": \([0-9.e+-]*\),\{0,1\}$/\1/p" "$1" | head -1; }
# name: means over seeds as cells of the table
cells() {
    for s in "${seeds[@]}"; do
        f="$out/$1-$s.json"
        echo "$(field "$f" accuracy) $(sed -n 's/^loss: //p' "$out/$1-$s.yaml.state/plan.yaml") $(sed -n '/"estimate"/,/}/s/.*"bitops": \([0-9.e+-]*\).*/\1/p' "$f") $(sed -n '/"budget"/,/}/s/.*"bitops": \([0-9.e+-]*\).*/\1/p' "$f")"
    done | awk '{ a[NR] = 100 * $1; l[NR] = $2; c += $3 / $4 }
        END { for (i = 1; i <= NR; i++) { A += a[i] / NR; L += l[i] / NR }
            for (i = 1; i <= NR; i++) { va += (a[i] - A) ^ 2; vl += (l[i] - L) ^ 2 }
            d = NR > 1 ? NR - 1 : 1
            printf "%.4f ± %.4f | %.2f ± %.2f | %.3f", L, sqrt(vl / d), A, sqrt(va / d), c / NR }'
}
# name: bits of seed 1, weights/activations of the inner layers
bits() {
    awk '/"layers"/ { on = 1 } on && /"abits"/ { gsub(/[^0-9]/, ""); a[++n] = $0 }
        on && /"wbits"/ { gsub(/[^0-9]/, ""); w[++k] = $0 }
        END { for (i = 2; i < n; i++) printf "%s%s/%s", (i > 2 ? " " : ""), w[i], a[i] }' "$out/$1-1.json"
}
for row in "${rows[@]}"; do
    IFS='|' read -r name _ options <<<"$row"
    for s in "${seeds[@]}"; do
        # shellcheck disable=SC2086 # options are words
        run "$name" "$s" $options || exit 1
    done
done
{
    cat <<'MD'
# SSPS: what each part is worth

Written by `reports/ssps_ablations.sh`. ResNet-8 on Fashion-MNIST (`configs/networks/resnet8-fmnist.onnx`), BitOps at 1.5 times those of
uniform 2 bits, half an epoch of search, one epoch of fine-tuning from the fp32 weights, three seeds: mean and standard deviation.
One thing at a time differs from the default. The spread is that of three runs: differences below about twice of it are not shown.
The training loss is the last epoch's; the accuracy that of the integers on the 10,000 test images. Spent: BitOps of the plan over the budget.
On test images the searched plans differ by no more than their spread; what stands out is only their distance from the uniform plan, which
leaves a third of the budget unspent because the next larger one exceeds it. In training loss the default has the lowest mean, by at most
two and a half of its spreads.

| run | what differs | training loss | test % | spent | bits, seed 1 |
|---|---|---|---|---|---|
MD
    for row in "${rows[@]}"; do
        IFS='|' read -r name what _ <<<"$row"
        echo "| $name | $what | $(cells "$name") | $(bits "$name") |"
    done
} >"$out/report.md" && cp "$out/report.md" reports/ssps-ablations.md
