#!/bin/bash
# The shipped tables: a few rows of each, drawn anew every day (or by SEED), are measured
# again and must come out the same, key and all.
. tests/tap.sh
seed=${SEED:-$(date +%Y%m%d)}
rows=${ROWS:-3}
export XDG_CACHE_HOME=$t/cache

# One line per row, "column=value" with tabs between, without units and times.
cells() { # CSV
    awk '/^#/ { next }
        { line = $0; nf = 0
          while (line != "") { # fields, quoted ones whole
              if (match(line, /^"([^"]|"")*"/)) { } else match(line, /^[^,]*/)
              f[++nf] = substr(line, 1, RLENGTH); line = substr(line, RLENGTH + 2)
          } }
        !n { for (i = 1; i <= nf; i++) { name[i] = f[i]; sub(/\[.*/, "", name[i]) } n = nf; next }
        { out = ""
          for (i = 1; i <= nf; i++)
              if (f[i] != "" && name[i] !~ /_s$/) out = out name[i] "=" f[i] "\t"
          print out }' "$1"
}
# A sweep of just these rows.
sweep() {
    echo 'version: 1'
    echo 'name: again'
    echo 'operands:'
    echo '- {network: configs/networks/resnet8-fmnist.onnx, data: "idx:/usr/share/datasets/fashion-mnist"}'
    echo 'groups:'
    awk -F'\t' '{
        split("", v)
        for (i = 1; i < NF; i++) { eq = index($i, "="); v[substr($i, 1, eq - 1)] = substr($i, eq + 1) }
        out = "- {module: " v["module"] ", toolchains: [" v["toolchain"] "]"
        k = split("unit rows cols MW MH PE SIMD wbits abits acc_bits out_bits shift lanes", name, " ")
        for (i = 1; i <= k; i++) if (name[i] in v) out = out ", " name[i] ": " v[name[i]]
        k = split("wsigned asigned out_signed grouped", name, " ")
        for (i = 1; i <= k; i++) if (name[i] in v) out = out ", " name[i] ": " (v[name[i]] + 0 ? "true" : "false")
        if ("requant_dsp" in v) out = out ", requant_mul: " (v["requant_dsp"] + 0 ? "dsp" : "lut")
        if ("ram_block" in v) out = out ", weight_ram: " (v["ram_block"] + 0 ? "block" : "lut")
        if ("stimulus" in v) out = out ", stimulus: \"" v["stimulus"] "\""
        run = v["module"] ~ /serial|fusion/
        if (run && ("op_wbits" in v) && v["module"] != "mac_actserial") out = out ", op_wbits: " v["op_wbits"]
        if (run && ("op_abits" in v)) out = out ", op_abits: " v["op_abits"]
        if ("n_vec" in v) out = out ", simulate: " v["n_vec"]
        if ("fmax" in v) out = out ", fmax: true"
        print out "}" }'
}

for table in costmodel/tables/*.csv; do
    name=$(basename "$table" .csv)
    cells "$table" >"$t/all"
    awk -v seed="$seed" 'BEGIN { srand(seed) } { print rand() "\t" $0 }' "$t/all" | sort -g |
        head -n "$rows" | cut -f2- >"$t/some"
    sweep <"$t/some" >"$t/s.yaml"
    "$bw" -q characterize "$t/s.yaml" -o "$t/m.csv" -j "$(nproc)" 2>"$t/err"
    rc=$?
    cells "$t/m.csv" >"$t/again"
    grep -vxFf "$t/again" "$t/some" >"$t/diff"
    [ $rc -eq 0 ] && [ "$(grep -c . "$t/some")" -eq "$rows" ] && [ ! -s "$t/diff" ]
    check $? "$name: $rows of $(grep -c . "$t/all") rows, measured again, are the same (SEED=$seed)"
done

# A row that is not what is measured must be found.
sed 's/\tlut=/\tlut=9/' "$t/some" >"$t/wrong"
cmp -s "$t/some" "$t/wrong" || { grep -vxFf "$t/again" "$t/wrong" | grep -q lut=9; }
check $? "a count that is not what is measured would be found"
[ "$n" -gt 1 ]
check $? "there are tables"
