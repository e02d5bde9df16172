// dsp48_datapath -- what the models of DSP48E1 and DSP48E2 have in common.
//
//   A ---\
//         (D - A)--->( * B )--->[ M ]--->( W + Z + M )--->[ P or none ]---> P
//   D ---/                        W: 0, P       Z: 0, PCIN, P, C, or -C
//
// Modelled is what rtl/mac asks for: the pre-adder as a subtractor, its inputs
// unregistered, the product registered; C and OPMODE registered or not; the adder on
// 48 bits; P registered or not.  Pins are the primitive's, those of the DSP48E2 where
// they differ: OPMODE has the choice of W above that of Z; W is 0 in a DSP48E1.
// -C is ALUMODE 0001 with CARRYIN 1.  Every other mode at run time stops the simulation.
// Two's complement, wraps like the primitive: D - A on FACTOR_BITS bits, P on 48.
// References: Xilinx UG479, 7 Series DSP48E1 Slice; UG579, UltraScale Architecture DSP
// Slice.

`default_nettype none

module dsp48_datapath #(
    parameter FACTOR_BITS = 27,     // of D and of the pre-adder [bit]
    parameter CREG        = 0,      // 0 or 1
    parameter OPMODEREG   = 0,      // 0 or 1
    parameter PREG        = 1       // 0 or 1
) (
    input  wire                   CLK,
    input  wire [FACTOR_BITS-1:0] A,
    input  wire [17:0]            B,
    input  wire [47:0]            C,
    input  wire [FACTOR_BITS-1:0] D,
    input  wire [47:0]            PCIN,
    input  wire                   CARRYIN,
    input  wire [3:0]             ALUMODE,
    input  wire [2:0]             CARRYINSEL,
    input  wire [4:0]             INMODE,
    input  wire [8:0]             OPMODE,
    input  wire                   CEC,
    input  wire                   CECTRL,
    input  wire                   CEM,
    input  wire                   CEP,
    input  wire                   RSTC,
    input  wire                   RSTCTRL,
    input  wire                   RSTM,
    input  wire                   RSTP,
    output wire [47:0]            P
);
    localparam M_BITS = FACTOR_BITS + 18;

    // ---- multiplier ----
    wire [FACTOR_BITS-1:0]   factor  = D - A;
    wire signed [M_BITS-1:0] factor1 = {{18{factor[FACTOR_BITS-1]}}, factor};
    wire signed [M_BITS-1:0] factor2 = {{FACTOR_BITS{B[17]}}, B};
    reg  signed [M_BITS-1:0] m_q;
    always @(posedge CLK)
        if (RSTM)     m_q <= {M_BITS{1'b0}};
        else if (CEM) m_q <= factor1 * factor2;

    // ---- adder ----
    reg  [47:0] c_q;
    reg  [8:0]  opmode_q;
    reg  [47:0] p_q;
    wire [47:0] c      = CREG != 0 ? c_q : C;
    wire [8:0]  opmode = OPMODEREG != 0 ? opmode_q : OPMODE;
    wire [47:0] m      = opmode[3:0] == 4'b0101 ? {{(48-M_BITS){m_q[M_BITS-1]}}, m_q}
                                                : {48{1'bx}};
    wire [47:0] w      = opmode[8] ? {48{1'bx}} : opmode[7] ? p_q : 48'd0;
    reg  [47:0] z;
    always @*
        case (opmode[6:4])
            3'b000:  z = 48'd0;
            3'b001:  z = PCIN;
            3'b010:  z = p_q;
            3'b011:  z = c;
            default: z = {48{1'bx}};
        endcase
    wire [47:0] sum = (ALUMODE[0] ? ~z : z) + w + m + {47'd0, CARRYIN};

    always @(posedge CLK) begin
        if (RSTC)         c_q <= 48'd0;
        else if (CEC)     c_q <= C;
        if (RSTCTRL)      opmode_q <= 9'd0;
        else if (CECTRL)  opmode_q <= OPMODE;
        if (RSTP)         p_q <= 48'd0;
        else if (CEP)     p_q <= sum;
    end
    assign P = PREG != 0 ? p_q : sum;

    wire unused = &{1'b0, ALUMODE[3:1], CARRYINSEL, INMODE};     // only below

`ifdef SIM
    // X and Y from the multiplier (0101), D - A (01100).  Unknown control before the
    // first step is no fault, hence ===.
    wire known = OPMODE[3:0] == 4'b0101 && !OPMODE[6] && !OPMODE[8] &&
                 INMODE == 5'b01100 && ALUMODE[3:1] == 3'b000 &&
                 CARRYINSEL == 3'b000 &&
                 !((OPMODE[6:4] == 3'b010 || OPMODE[7]) && PREG == 0);
    always @(posedge CLK)
        if (CEM && known === 1'b0) begin
            $display("%m: expected a mode of dsp48_datapath.v, found OPMODE %b, INMODE %b, ALUMODE %b, CARRYINSEL %b",
                    OPMODE, INMODE, ALUMODE, CARRYINSEL);
            $stop;
        end
`endif
endmodule

`default_nettype wire
