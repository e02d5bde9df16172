// serial_proof -- a bit-serial unit with a sequencer, and what its sum must be.
//
//   o_ok is 0 in the cycle after the last step if the sum is wrong, otherwise 1.
//
// One word of SIMD pairs, taken in cycle 0, so a proof over STEPS + 3 cycles from t = 0
// is one over all operands.  UNIT 2 is mac_serial, 3 mac_actserial.  WRONG = 1 never
// subtracts, WRONG = 2 never doubles: controls that must fail.

`default_nettype none

module serial_proof #(
    parameter UNIT    = 2,
    parameter SIMD    = 1,
    parameter WBITS   = 4,
    parameter ABITS   = 4,
    parameter WSIGNED = 1,
    parameter ASIGNED = 1,
    parameter WRONG   = 0
) (
    input  wire                  clk,
    input  wire [SIMD*WBITS-1:0] i_w,
    input  wire [SIMD*ABITS-1:0] i_a,
    output wire                  o_ok
);
    localparam WPLANES = WBITS == 1 && WSIGNED != 0 ? 2 : WBITS;
    localparam APLANES = ABITS == 1 && ASIGNED != 0 ? 2 : ABITS;
    localparam BITS    = WBITS + ABITS + SIMD;               // of the sum, enough
    localparam STEPS   = UNIT == 2 ? WPLANES * APLANES : APLANES;

    reg [SIMD*WBITS-1:0] w_q;
    reg [SIMD*ABITS-1:0] a_q;
    reg [7:0]            t_q;                // starts at 0; step t_q - 1
    always @(posedge clk) begin
        if (t_q == 0) w_q <= i_w;
        if (t_q == 0) a_q <= i_a;
        if (t_q <= STEPS) t_q <= t_q + 8'd1;
    end
    wire en    = t_q > 0 && t_q <= STEPS;
    wire first = t_q == 1;

    // Planes of the steps: all pairs (i, j) in falling i + j.
    reg [3:0] i, j, sum;
    reg       shift;
    integer   n, s, p;
    always @* begin
        i = 4'd0;
        j = 4'd0;
        sum = 4'd0;
        shift = 1'b0;
        n = 1;
        for (s = WPLANES + APLANES - 2; s >= 0; s = s - 1)
            for (p = 0; p <= s; p = p + 1)
                if (UNIT == 2 ? p < WPLANES && s - p < APLANES : p == 0 && s < APLANES)
                begin
                    if (n == {24'd0, t_q}) begin
                        i = p;
                        j = s - p;
                        shift = WRONG != 2 && n != 1 && s[3:0] != sum;
                    end
                    sum = s;
                    n = n + 1;
                end
    end
    wire wsign = UNIT == 2 && WSIGNED != 0 && i == WPLANES - 1;
    wire asign = ASIGNED != 0 && j == APLANES - 1;
    wire neg   = WRONG != 1 && wsign != asign;

    // Operands of 10 bits, sign-extended; a bipolar bit b is {~b, 1}.
    wire [SIMD-1:0]      w_plane, a_plane;
    wire signed [BITS-1:0] product [0:SIMD];
    wire [BITS-1:0]        acc;
    genvar k;
    assign product[0] = 0;
    generate
        for (k = 0; k < SIMD; k = k + 1) begin : gen_pair
            wire [WBITS-1:0] w = w_q[k*WBITS +: WBITS];
            wire [ABITS-1:0] a = a_q[k*ABITS +: ABITS];
            wire signed [9:0] wv = WBITS == 1 && WSIGNED != 0 ? {{9{~w[0]}}, 1'b1}
                                 : {{(10-WBITS){WSIGNED != 0 && w[WBITS-1]}}, w};
            wire signed [9:0] av = ABITS == 1 && ASIGNED != 0 ? {{9{~a[0]}}, 1'b1}
                                 : {{(10-ABITS){ASIGNED != 0 && a[ABITS-1]}}, a};
            assign w_plane[k]   = wv[i];
            assign a_plane[k]   = av[j];
            assign product[k+1] = product[k] + wv * av;
        end
        if (UNIT == 2) begin : gen_serial
            mac_serial #(.SIMD(SIMD), .ACC_BITS(BITS)) u_mac (
                .clk(clk), .i_en(en), .i_first(first), .i_shift(shift), .i_neg(neg),
                .i_w(w_plane), .i_a(a_plane), .o_acc(acc));
        end else begin : gen_actserial
            mac_actserial #(.SIMD(SIMD), .WBITS(WBITS), .WSIGNED(WSIGNED),
                            .ACC_BITS(BITS)) u_mac (
                .clk(clk), .i_en(en), .i_first(first), .i_shift(shift), .i_neg(neg),
                .i_w(w_q), .i_a(a_plane), .o_acc(acc));
        end
    endgenerate
    assign o_ok = t_q <= STEPS || acc == product[SIMD];

`ifdef FORMAL
    initial t_q = 8'd0;
    always @* assert (o_ok);
`endif
endmodule

`default_nettype wire
