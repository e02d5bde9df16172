#!/bin/bash
# resnet20.sh [run|report|check|list] -- the results on CIFAR-10 / ResNet-20, from the
# fp32 weights to reports/resnet20-cifar10.md.
#
#   run     every run of the list below that has no result yet, then the report
#   report  reports/resnet20-cifar10.md, from the results there are
#   check   classifies the test images again with every network kept
#   list    the runs, and which of them have a result
#
# A result is a row reports/resnet20/ID-SEED.csv, its network beside it (.onnx) and, of
# a search, its plan (.yaml) and accelerator (-accel.yaml).  A run that is stopped, even killed, goes on from its last
# epoch; any number of these scripts may work on one list at a time.
#     BITWRIGHT_CIFAR10   folder of CIFAR-10's .bin files
#     BITWRIGHT_RESNET20  folder of resnet20_cifar10_bn.onnx
#     B (build)           bitwright is $B/bitwright, or BITWRIGHT
#     WORK ($B/resnet20)  unfinished runs and logs
#     OUT (reports/resnet20), SEEDS ("1 2 3"), JOBS (one per CPU), ONLY (an ID pattern)
set -u
B=${B:-build}
bw=$(realpath "${BITWRIGHT:-$B/bitwright}") || exit 1
OUT=$(realpath -m "${OUT:-reports/resnet20}")
WORK=$(realpath -m "${WORK:-$B/resnet20}")
here=$(realpath "$(dirname "$0")")
seeds=${SEEDS:-1 2 3}
columns=id,kind,what,where,seed,epochs,search_epochs,n_correct,n_images,held_out,loss,rival,bitops,size_bytes,lut,latency_us,energy_uj,search_cpu_s,train_cpu_s,version

# ID KIND WHAT EPOCHS SEARCH_EPOCHS SEED [WHERE]: in order of importance, all seeds of a
# block before the next block.  EPOCHS is the total, search included.  KIND: float;
# uniform WHAT bits; search under budget WHAT, of one unit per layer on xc7, or WHERE:
# accel=NAME of configs/accel, energy=PROFILE.  Budgets between uniform points are
# midway between W2A2 and W3A3.
list() {
    local s
    echo "fp32 float - 0 0 0"
    for s in 8 4 3 2; do
        echo "ptq-w${s}a$s uniform $s 0 0 1" # calibration alone
    done
    for s in $seeds; do
        echo "w2a2 uniform 2 10 0 $s"
        echo "w3a3 uniform 3 10 0 $s"
    done
    for s in $seeds; do
        echo "ssps-bitops-between search bitops=289055000 10 2 $s"
    done
    for s in $seeds; do
        echo "ssps-bitops-w2a2 search bitops=1.0*uniform2 10 2 $s"
        echo "ssps-bitops-w3a3 search bitops=1.0*uniform3 10 2 $s"
        echo "ssps-size-between search size_bytes=84592 10 2 $s"
        echo "ssps-lut-between search lut=25968 10 2 $s"
        echo "ssps-latency-serial search latency_us=955 10 2 $s accel=edge-serial"
        echo "ssps-latency-fusion search latency_us=1124 10 2 $s accel=edge-fusion"
        echo "ssps-energy-between search energy_uj=27.2 10 2 $s energy=horowitz-45nm"
        echo "w4a4 uniform 4 10 0 $s"
        echo "w8a8 uniform 8 10 0 $s"
    done
    s=${seeds%% *}
    echo "w2a2-long uniform 2 30 0 $s"
    echo "w3a3-long uniform 3 30 0 $s"
    echo "w4a4-long uniform 4 30 0 $s"
}

say() { echo "resnet20: $*" >&2; }

# Inputs under plain names, so that results name no folder of the machine they ran on.
prepare() {
    local data=${BITWRIGHT_CIFAR10:-} models=${BITWRIGHT_RESNET20:-}
    models=${models:+$(realpath "$models")}
    if [ ! -e "$data/test_batch.bin" ] || [ ! -e "$models/resnet20_cifar10_bn.onnx" ]; then
        say "set BITWRIGHT_CIFAR10 (folder of test_batch.bin) and BITWRIGHT_RESNET20" \
            "(folder of resnet20_cifar10_bn.onnx)"
        exit 1
    fi
    mkdir -p "$WORK" "$OUT" && cd "$WORK" || exit 1
    ln -sfn "$(realpath "$data")" cifar10
    [ -e resnet20.onnx ] ||
        { ln -sfn "$models/resnet20_cifar10_bn.onnx" resnet20_cifar10_bn.onnx &&
            "$bw" -q import resnet20_cifar10_bn.onnx --mean 0.485,0.456,0.406 \
                --std 0.229,0.224,0.225 -o resnet20.onnx; } || exit 1
    [ -e uniform.txt ] || { # what uniform precisions cost
        "$bw" -q search -n resnet20.onnx -d cifar10:cifar10 -c xc7 -b bitops=1e18 \
            --dry-run | grep '^uniform' >uniform.tmp && mv uniform.tmp uniform.txt; } || exit 1
}

# metric NAME LINE: the number behind NAME in a line of "NAME number" pairs.
metric() { awk -v name="$1" '{ for (i = 1; i < NF; i++) if ($i == name) { print $(i + 1); exit } }' <<<"$2"; }
# cpu_s LABEL LOG: processor time of a stage, over all times that it was begun.
cpu_s() { awk -v l="$1:" '$1 == l && /s of processor time$/ { s += $2; n++ } END { if (n) printf "%.1f", s }' "$2"; }

run_float() { # NAME
    "$bw" eval resnet20.onnx --data cifar10:cifar10 -j 1 >"$1.out" 2>"$1.log" || return
    accuracy=$(sed -n 's/.*(\([0-9]*\) of \([0-9]*\) .*/\1/p' "$1.out")
    n_images=$(sed -n 's/.*(\([0-9]*\) of \([0-9]*\) .*/\2/p' "$1.out")
}
run_uniform() { # NAME BITS EPOCHS SEARCH_EPOCHS SEED
    "$bw" train --network resnet20.onnx --data cifar10:cifar10 --wbits "$2" --abits "$2" \
        --epochs "$3" --seed "$5" -j 1 -o "$1.onnx" >"$1.out" 2>>"$1.log" || return
    accuracy=$(sed -n 's/^test .*(\([0-9]*\) of \([0-9]*\))/\1/p' "$1.out")
    n_images=$(sed -n 's/^test .*(\([0-9]*\) of \([0-9]*\))/\2/p' "$1.out")
    held_out=$(sed -n 's/^held-out .* accuracy \([0-9.]*\) %.*/\1/p' "$1.out")
    loss=$(sed -n 's/^training *loss \([0-9.]*\) .*/\1/p' "$1.out")
    train_s=$(cpu_s train "$1.log")
    cost=$(grep "^uniform $2:" uniform.txt)
}
run_search() { # NAME BUDGET EPOCHS SEARCH_EPOCHS SEED [WHERE]
    local how=(-n resnet20.onnx -d cifar10:cifar10 -b "$2")
    case ${6:-} in
    accel=*) how+=(-a "${6#accel=}") ;;
    energy=*) how+=(-c xc7 --energy "${6#energy=}") ;;
    *) how+=(-c xc7) ;;
    esac
    rival=$("$bw" -q search "${how[@]}" --dry-run | awk '/^uniform .*within budget$/ { b = $2 + 0 } END { print b }')
    "$bw" search "${how[@]}" --lr 0.05 --epochs "$4" --finetune-epochs $(($3 - $4)) \
        --seed "$5" -j 1 -o "$1.yaml" >"$1.out" 2>>"$1.log" || return
    cost=$(sed -n 's/^  \([a-z0-9_]*\): {value: \([^,]*\),.*/\1 \2/p' "$1.yaml" | tr '\n' ' ')
    n_images=$(sed -n 's/.*(all on \([0-9]*\) test images)/\1/p' "$1.out")
    accuracy=$(awk -v n="$n_images" '$1 == "plan" { printf "%.0f", $3 * n }' "$1.out")
    search_s=$(cpu_s search "$1.log")
    train_s=$(cpu_s plan "$1.log")
}

# one ID KIND WHAT EPOCHS SEARCH_EPOCHS SEED [WHERE]: runs it unless it has a result or runs.
one() {
    local m id=$1 kind=$2 what=$3 epochs=$4 search_epochs=$5 seed=$6 where=${7:-} name=$1-$6
    local accuracy='' n_images='' held_out='' loss='' rival='' cost='' search_s='' train_s='' version
    [ ! -e "$OUT/$name.csv" ] || return 0
    exec 8>"$name.lock"
    flock -n 8 || return 0
    [ ! -e "$OUT/$name.csv" ] || return 0 # another worker has just ended it
    say "$name"
    # A result without its numbers is none: an empty count would be read as 0 correct.
    if ! "run_$kind" "$name" "$what" "$epochs" "$search_epochs" "$seed" "$where" 8>&- ||
        [ -z "$n_images" ] || [ -z "$accuracy" ]; then
        say "$name failed or was stopped; the end of $WORK/$name.log:"
        tail -n 3 "$name.log" | tr '\r' '\n' | tail -n 3 >&2
        return 1
    fi
    [ ! -e "$name.onnx" ] || cp "$name.onnx" "$OUT/$name.onnx"
    local plan
    for plan in "$name.yaml" "$name-accel.yaml"; do # without the folder of the cost model
        [ ! -e "$plan" ] || sed 's|^\( *\)/.*/costmodel/|\1costmodel/|' "$plan" >"$OUT/$plan"
    done
    version=$("$bw" --version | awk '{ print $NF; exit }')
    { echo "$columns"
      printf '%s,' "$id" "$kind" "$what" "$where" "$seed" "$epochs" "$search_epochs" "$accuracy" \
          "$n_images" "$held_out" "$loss" "$rival"
      for m in bitops size_bytes lut latency_us energy_uj; do printf '%s,' "$(metric $m "$cost")"; done
      printf '%s,%s,%s\n' "$search_s" "$train_s" "$version"
    } >"$name.csv.tmp" && mv "$name.csv.tmp" "$OUT/$name.csv" # last: the run is done
    report
}

worker() {
    local id kind what epochs search_epochs seed where rc=0
    while read -r id kind what epochs search_epochs seed where; do
        # shellcheck disable=SC2254 # ONLY is a pattern
        case $id in ${ONLY:-*}) ;; *) continue ;; esac
        [ ! -e "$WORK/stop" ] || break # asked to end after the running ones
        one "$id" "$kind" "$what" "$epochs" "$search_epochs" "$seed" "$where" || rc=1
    done < <(list)
    return $rc
}

run() {
    local i pids=() rc=0
    prepare
    for ((i = 0; i < ${JOBS:-$(nproc)}; i++)); do
        worker &
        pids+=($!)
        sleep 1
    done
    for i in "${pids[@]}"; do wait "$i" || rc=1; done
    report
    return $rc
}

report() {
    local tmp=$OUT-cifar10.md.tmp.$BASHPID
    { list | sed 's/^/run /'; cat "$OUT"/*.csv 2>/dev/null; } |
        awk -f "$here/resnet20.awk" >"$tmp" && mv "$tmp" "$OUT-cifar10.md"
}

check() {
    local f name want got rc=0
    prepare
    for f in "$OUT"/*.onnx; do
        name=$(basename "$f" .onnx)
        want=$(awk -F, 'NR == 2 { print $8 " of " $9 }' "$OUT/$name.csv")
        got=$("$bw" -q eval "$f" --data cifar10:cifar10 | sed -n 's/.*(\([0-9]* of [0-9]*\) .*/\1/p')
        [ "$got" = "$want" ] || { say "$name: expected $want, found $got"; rc=1; }
        echo "$name: $got test images"
    done
    return $rc
}

case ${1:-run} in
run) run ;;
report) report ;;
check) check ;;
list) list | while read -r id kind what epochs search_epochs seed where; do
    state=open
    [ ! -e "$OUT/$id-$seed.csv" ] || state=ended
    printf '%-5s %-28s %-8s %s\n' $state "$id-$seed" "$kind" "$what $where"
done ;;
*) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
