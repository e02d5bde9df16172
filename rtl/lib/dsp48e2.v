// dsp48e2 -- behaviour of the UltraScale primitive DSP48E2, for simulation only.
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
    dsp48_datapath #(
        .FACTOR_BITS(27),
        .CREG       (CREG),
        .OPMODEREG  (OPMODEREG),
        .PREG       (PREG)
    ) u_datapath (
        .CLK       (CLK),
        .A         (A[26:0]),
        .B         (B),
        .C         (C),
        .D         (D),
        .PCIN      (PCIN),
        .CARRYIN   (CARRYIN),
        .ALUMODE   (ALUMODE),
        .CARRYINSEL(CARRYINSEL),
        .INMODE    (INMODE),
        .OPMODE    (OPMODE),
        .CEC       (CEC),
        .CECTRL    (CECTRL),
        .CEM       (CEM),
        .CEP       (CEP),
        .RSTC      (RSTC),
        .RSTCTRL   (RSTCTRL),
        .RSTM      (RSTM),
        .RSTP      (RSTP),
        .P         (P)
    );
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
                    RSTALLCARRYIN, RSTALUMODE, RSTB, RSTD, RSTINMODE};

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
