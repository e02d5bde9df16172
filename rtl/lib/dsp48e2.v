// dsp48e2 -- behaviour of the UltraScale primitive DSP48E2, for simulation only.
//
//   A ---\
//         (D - A)--->( * B )--->[ M ]--->( W + Z + M )--->[ P or none ]---> P, PCOUT
//   D ---/                        W: 0, P       Z: 0, PCIN, P, C, or -C
//
// As dsp48e1.v, with the differences of the younger primitive (Xilinx UG579,
// UltraScale Architecture DSP Slice): D - A on 27 bits, and the W input of the adder,
// through which P accumulates while Z is used for something else.

`default_nettype none

module DSP48E2 #(
    parameter ACASCREG            = 0,
    parameter ADREG               = 0,
    parameter ALUMODEREG          = 0,
    parameter AMULTSEL            = "AD",
    parameter AREG                = 0,
    parameter A_INPUT             = "DIRECT",
    parameter BCASCREG            = 0,
    parameter BMULTSEL            = "B",
    parameter BREG                = 0,
    parameter B_INPUT             = "DIRECT",
    parameter CARRYINREG          = 0,
    parameter CARRYINSELREG       = 0,
    parameter CREG                = 0,         // 0 or 1
    parameter DREG                = 0,
    parameter INMODEREG           = 0,
    parameter MREG                = 1,
    parameter OPMODEREG           = 0,         // 0 or 1
    parameter PREADDINSEL         = "A",
    parameter PREG                = 1,         // 0 or 1
    parameter USE_MULT            = "MULTIPLY",
    parameter USE_PATTERN_DETECT  = "NO_PATDET",
    parameter USE_SIMD            = "ONE48",
    parameter USE_WIDEXOR         = "FALSE"
) (
    input  wire        CLK,
    input  wire [29:0] A,
    input  wire [17:0] B,
    input  wire [47:0] C,
    input  wire [26:0] D,
    input  wire [29:0] ACIN,
    input  wire [17:0] BCIN,
    input  wire [47:0] PCIN,
    input  wire        CARRYCASCIN,
    input  wire        CARRYIN,
    input  wire        MULTSIGNIN,
    input  wire [3:0]  ALUMODE,
    input  wire [2:0]  CARRYINSEL,
    input  wire [4:0]  INMODE,
    input  wire [8:0]  OPMODE,
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
    output wire        UNDERFLOW,
    output wire [7:0]  XOROUT
);
    // ---- multiplier ----
    wire signed [26:0] factor  = D - A[26:0];
    wire signed [44:0] factor1 = {{18{factor[26]}}, factor};
    wire signed [44:0] factor2 = {{27{B[17]}}, B};
    reg  signed [44:0] m_q;
    always @(posedge CLK)
        if (RSTM)     m_q <= 45'd0;
        else if (CEM) m_q <= factor1 * factor2;

    // ---- adder ----
    reg  [47:0] c_q;
    reg  [8:0]  opmode_q;
    reg  [47:0] p_q;
    wire [47:0] c      = CREG != 0 ? c_q : C;
    wire [8:0]  opmode = OPMODEREG != 0 ? opmode_q : OPMODE;
    wire [47:0] m      = opmode[3:0] == 4'b0101 ? {{3{m_q[44]}}, m_q} : {48{1'bx}};
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
    assign XOROUT         = {8{1'bx}};
    wire unused = &{1'b0, A[29:27], ACIN, BCIN, CARRYCASCIN, MULTSIGNIN, CEA1, CEA2, CEAD,
                    CEALUMODE, CEB1, CEB2, CECARRYIN, CED, CEINMODE, RSTA,
                    RSTALLCARRYIN, RSTALUMODE, RSTB, RSTD, RSTINMODE, ALUMODE[3:1],
                    CARRYINSEL, INMODE};

`ifdef SIM
    // X and Y from the multiplier (0101), D - A (01100).  Unknown control before the
    // first step is no fault, hence ===.
    wire known = OPMODE[3:0] == 4'b0101 && !OPMODE[6] && !OPMODE[8] &&
                 INMODE == 5'b01100 && ALUMODE[3:1] == 3'b000 &&
                 CARRYINSEL == 3'b000 &&
                 !((OPMODE[6:4] == 3'b010 || OPMODE[7]) && PREG == 0);
    always @(posedge CLK)
        if (CEM && known === 1'b0) begin
            $display("DSP48E2: expected a mode of dsp48e2.v, found OPMODE %b, INMODE %b, ALUMODE %b, CARRYINSEL %b",
                    OPMODE, INMODE, ALUMODE, CARRYINSEL);
            $stop;
        end
`endif

    generate
        if (ACASCREG != 0 || ADREG != 0 || ALUMODEREG != 0 || AMULTSEL != "AD" ||
            AREG != 0 || A_INPUT != "DIRECT" || BCASCREG != 0 || BMULTSEL != "B" ||
            BREG != 0 || B_INPUT != "DIRECT" || CARRYINREG != 0 ||
            CARRYINSELREG != 0 || DREG != 0 || INMODEREG != 0 || MREG != 1 ||
            PREADDINSEL != "A" || USE_MULT != "MULTIPLY" ||
            USE_PATTERN_DETECT != "NO_PATDET" || USE_SIMD != "ONE48" ||
            USE_WIDEXOR != "FALSE") begin : gen_guard
            DSP48E2_mode_not_modelled u_stop ();
        end
    endgenerate
endmodule

`default_nettype wire
