#!/bin/bash
# The bit-serial units are proved to give the dot product, for all operands of a few
# widths, by SAT over the unrolled steps; their popcount by SAT and by z3.  A unit that
# never subtracts, one that never doubles and a popcount that is one too high are found
# wrong.
. tests/tap.sh
needs proof yosys
src="rtl/mac/sum_columns.v rtl/mac/popcount_and.v"
units="$src rtl/mac/serial_acc.v rtl/mac/mac_serial.v rtl/mac/mac_actserial.v"

# A proof holds, or is refuted by a counterexample; anything else is a failure.
expect() { # proved|refuted TEXT COMMAND...
    local want=$1 text=$2 got=neither
    shift 2
    if "$@" >"$t/log" 2>&1; then
        got=proved
    elif grep -q "proof did fail\|Status: FAILED" "$t/log"; then
        got=refuted
    fi
    [ "$want" = "$got" ]
    check $? "$text: $got"
}

planes() { echo $(($1 == 1 && $2 ? 2 : $1)); }
unit() { # UNIT SIMD WBITS ABITS WSIGNED ASIGNED WRONG
    local steps
    steps=$(planes "$4" "$6")
    [ "$1" = 2 ] && steps=$((steps * $(planes "$3" "$5")))
    yosys -q -p "read_verilog $units tests/rtl/serial_proof.v
        hierarchy -top serial_proof -chparam UNIT $1 -chparam SIMD $2 -chparam WBITS $3 \
            -chparam ABITS $4 -chparam WSIGNED $5 -chparam ASIGNED $6 -chparam WRONG $7
        proc; setattr -mod -unset keep_hierarchy; flatten; opt -full
        sat -verify -set-init t_q 0 -seq $((steps + 3)) -prove o_ok 1 serial_proof"
}
while read -r want set; do
    # shellcheck disable=SC2086 # words
    expect "$want" "unit, SIMD, widths, signs, wrong: $set" unit $set
done <<END
proved 2 1 4 4 1 1 0
proved 2 1 3 5 0 1 0
proved 2 1 1 4 1 0 0
proved 2 1 1 1 1 1 0
proved 2 2 2 3 1 0 0
proved 3 1 4 4 1 1 0
proved 3 1 5 4 0 1 0
proved 3 2 1 3 1 1 0
proved 3 2 3 3 1 0 0
refuted 2 1 4 4 1 1 1
refuted 2 1 4 4 1 1 2
refuted 3 1 4 4 1 1 1
refuted 3 1 4 4 1 1 2
END

count() { # SIMD TOO_MUCH
    local bits=1
    while [ $((1 << bits)) -le "$1" ]; do bits=$((bits + 1)); done
    cat <<-EOF
	module count_proof (input [$(($1 - 1)):0] w, input [$(($1 - 1)):0] a, output ok);
	    wire [$((bits - 1)):0] got;
	    reg  [$((bits - 1)):0] sum;
	    integer i;
	    popcount_and #(.SIMD($1), .BITS($bits)) u (.i_w(w), .i_a(a), .o_count(got));
	    always @* begin
	        sum = $2;
	        for (i = 0; i < $1; i = i + 1) sum = sum + (w[i] & a[i]);
	    end
	    assign ok = got == sum;
	    \`ifdef FORMAL
	    always @* assert (ok);
	    \`endif
	endmodule
	EOF
}
by_sat() {
    yosys -q -p "read_verilog $src $t/count.v; hierarchy -top count_proof; proc
        flatten; opt -full; sat -verify -prove ok 1 count_proof"
}
by_z3() {
    yosys -q -p "read_verilog -formal $src $t/count.v; hierarchy -top count_proof; proc
        flatten; opt -full; write_smt2 -wires $t/count.smt2" &&
        yosys-smtbmc -s z3 -t 1 "$t/count.smt2" | grep -v seconds &&
        return "${PIPESTATUS[0]}"
}
for simd in 1 2 5 11 12; do
    count $simd 0 >"$t/count.v"
    expect proved "popcount of $simd pairs, SAT" by_sat
done
count 12 1 >"$t/count.v"
expect refuted "popcount of 12 pairs, one too high, SAT" by_sat
if command -v z3 >/dev/null; then
    count 9 0 >"$t/count.v"
    expect proved "popcount of 9 pairs, z3" by_z3
    count 9 1 >"$t/count.v"
    expect refuted "popcount of 9 pairs, one too high, z3" by_z3
else
    skip popcount "z3 is not installed"
fi
