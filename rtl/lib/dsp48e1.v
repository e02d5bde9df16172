// dsp48e1 -- behaviour of the 7-series primitive DSP48E1, for simulation only.
//
//   A ---\
//         (D - A)--->( * B )--->[ M ]--->( Z + M )--->[ P or none ]---> P, PCOUT
//   D ---/                        Z: 0, PCIN, P, C, or -C (ALUMODE 0001, CARRYIN 1)
//
// Synthesis takes the vendor's primitive, whose ports and parameters these are
// (Xilinx UG479, 7 Series DSP48E1 Slice).  Modelled is what rtl/mac asks for: the
// pre-adder as a subtractor, its inputs unregistered, the product registered; C and
// OPMODE registered or not; the adder on 48 bits; P registered or not.  Every other
// parameter stops elaboration, every other mode at run time stops the simulation.
// Outputs without a function here are unknown.  Two's complement, wraps like the
// primitive: D - A on 25 bits, P on 48.

`default_nettype none

module DSP48E1 #(
    parameter ACASCREG            = 0,
    parameter ADREG               = 0,
    parameter ALUMODEREG          = 0,
    parameter AREG                = 0,
    parameter AUTORESET_PATDET    = "NO_RESET",
    parameter A_INPUT             = "DIRECT",
    parameter BCASCREG            = 0,
    parameter BREG                = 0,
    parameter B_INPUT             = "DIRECT",
    parameter CARRYINREG          = 0,
    parameter CARRYINSELREG       = 0,
    parameter CREG                = 0,         // 0 or 1
    parameter DREG                = 0,
    parameter INMODEREG           = 0,
    parameter MREG                = 1,
    parameter OPMODEREG           = 0,         // 0 or 1
    parameter PREG                = 1,         // 0 or 1
    parameter USE_DPORT           = "TRUE",
    parameter USE_MULT            = "MULTIPLY",
    parameter USE_PATTERN_DETECT  = "NO_PATDET",
    parameter USE_SIMD            = "ONE48"
) (
    input  wire        CLK,
    input  wire [29:0] A,
    input  wire [17:0] B,
    input  wire [47:0] C,
    input  wire [24:0] D,
    input  wire [29:0] ACIN,
    input  wire [17:0] BCIN,
    input  wire [47:0] PCIN,
    input  wire        CARRYCASCIN,
    input  wire        CARRYIN,
    input  wire        MULTSIGNIN,
    input  wire [3:0]  ALUMODE,
    input  wire [2:0]  CARRYINSEL,
    input  wire [4:0]  INMODE,
    input  wire [6:0]  OPMODE,
    input  wire        CEA1,
    input  wire        CEA2,
    input  wire        CEAD,
    input  wire        CEALUMODE,
    input  wire        CEB1,
    input  wire        CEB2,
    input  wire        CEC,
    input  wire        CECARRYIN,
    input  wire        CECTRL,
    input  wire        CED,
    input  wire        CEINMODE,
    input  wire        CEM,
    input  wire        CEP,
    input  wire        RSTA,
    input  wire        RSTALLCARRYIN,
    input  wire        RSTALUMODE,
    input  wire        RSTB,
    input  wire        RSTC,
    input  wire        RSTCTRL,
    input  wire        RSTD,
    input  wire        RSTINMODE,
    input  wire        RSTM,
    input  wire        RSTP,
    output wire [47:0] P,
    output wire [47:0] PCOUT,
    output wire [29:0] ACOUT,
    output wire [17:0] BCOUT,
    output wire        CARRYCASCOUT,
    output wire [3:0]  CARRYOUT,
    output wire        MULTSIGNOUT,
    output wire        OVERFLOW,
    output wire        PATTERNBDETECT,
    output wire        PATTERNDETECT,
    output wire        UNDERFLOW
);
    // ---- multiplier ----
    wire signed [24:0] factor  = D - A[24:0];
    wire signed [42:0] factor1 = {{18{factor[24]}}, factor};
    wire signed [42:0] factor2 = {{25{B[17]}}, B};
    reg  signed [42:0] m_q;
    always @(posedge CLK)
        if (RSTM)     m_q <= 43'd0;
        else if (CEM) m_q <= factor1 * factor2;

    // ---- adder ----
    reg  [47:0] c_q;
    reg  [6:0]  opmode_q;
    reg  [47:0] p_q;
    wire [47:0] c      = CREG != 0 ? c_q : C;
    wire [6:0]  opmode = OPMODEREG != 0 ? opmode_q : OPMODE;
    wire [47:0] m      = opmode[3:0] == 4'b0101 ? {{5{m_q[42]}}, m_q} : {48{1'bx}};
    reg  [47:0] z;
    always @*
        case (opmode[6:4])
            3'b000:  z = 48'd0;
            3'b001:  z = PCIN;
            3'b010:  z = p_q;
            3'b011:  z = c;
            default: z = {48{1'bx}};
        endcase
    wire [47:0] sum = (ALUMODE[0] ? ~z : z) + m + {47'd0, CARRYIN};

    always @(posedge CLK) begin
        if (RSTC)         c_q <= 48'd0;
        else if (CEC)     c_q <= C;
        if (RSTCTRL)      opmode_q <= 7'd0;
        else if (CECTRL)  opmode_q <= OPMODE;
        if (RSTP)         p_q <= 48'd0;
        else if (CEP)     p_q <= sum;
    end

    assign P     = PREG != 0 ? p_q : sum;
    assign PCOUT = P;

    // ---- what is not modelled ----
    assign ACOUT          = {30{1'bx}};
    assign BCOUT          = {18{1'bx}};
    assign CARRYCASCOUT   = 1'bx;
    assign CARRYOUT       = 4'bxxxx;
    assign MULTSIGNOUT    = 1'bx;
    assign OVERFLOW       = 1'bx;
    assign PATTERNBDETECT = 1'bx;
    assign PATTERNDETECT  = 1'bx;
    assign UNDERFLOW      = 1'bx;
    wire unused = &{1'b0, A[29:25], ACIN, BCIN, CARRYCASCIN, MULTSIGNIN, CEA1, CEA2, CEAD,
                    CEALUMODE, CEB1, CEB2, CECARRYIN, CED, CEINMODE, RSTA,
                    RSTALLCARRYIN, RSTALUMODE, RSTB, RSTD, RSTINMODE, ALUMODE[3:1],
                    CARRYINSEL, INMODE};

`ifdef SIM
    // X and Y from the multiplier (0101), D - A (01100).  Unknown control before the
    // first step is no fault, hence ===.
    wire known = OPMODE[3:0] == 4'b0101 && !OPMODE[6] && INMODE == 5'b01100 &&
                 ALUMODE[3:1] == 3'b000 && CARRYINSEL == 3'b000 &&
                 !(OPMODE[6:4] == 3'b010 && PREG == 0);
    always @(posedge CLK)
        if (CEM && known === 1'b0) begin
            $display("DSP48E1: expected a mode of dsp48e1.v, found OPMODE %b, INMODE %b, ALUMODE %b, CARRYINSEL %b",
                    OPMODE, INMODE, ALUMODE, CARRYINSEL);
            $stop;
        end
`endif

    generate
        if (ACASCREG != 0 || ADREG != 0 || ALUMODEREG != 0 || AREG != 0 ||
            AUTORESET_PATDET != "NO_RESET" || A_INPUT != "DIRECT" || BCASCREG != 0 ||
            BREG != 0 || B_INPUT != "DIRECT" || CARRYINREG != 0 ||
            CARRYINSELREG != 0 || DREG != 0 || INMODEREG != 0 || MREG != 1 ||
            USE_DPORT != "TRUE" || USE_MULT != "MULTIPLY" ||
            USE_PATTERN_DETECT != "NO_PATDET" || USE_SIMD != "ONE48")
        begin : gen_guard
            DSP48E1_mode_not_modelled u_stop ();
        end
    endgenerate
endmodule

`default_nettype wire
