// dsp48e1 -- behaviour of the 7-series primitive DSP48E1, for simulation only.
//
// Synthesis takes the vendor's primitive, whose ports and parameters these are
// (Xilinx UG479, 7 Series DSP48E1 Slice).  What it does is in dsp48_datapath.v; D - A
// has 25 bits, and there is no W.  Parameters that are not modelled stop elaboration.
// Outputs without a function here are unknown.

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
    dsp48_datapath #(
        .FACTOR_BITS(25),
        .CREG       (CREG),
        .OPMODEREG  (OPMODEREG),
        .PREG       (PREG)
    ) u_datapath (
        .CLK       (CLK),
        .A         (A[24:0]),
        .B         (B),
        .C         (C),
        .D         (D),
        .PCIN      (PCIN),
        .CARRYIN   (CARRYIN),
        .ALUMODE   (ALUMODE),
        .CARRYINSEL(CARRYINSEL),
        .INMODE    (INMODE),
        .OPMODE    ({2'b00, OPMODE}),
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
    wire unused = &{1'b0, A[29:25], ACIN, BCIN, CARRYCASCIN, MULTSIGNIN, CEA1, CEA2, CEAD,
                    CEALUMODE, CEB1, CEB2, CECARRYIN, CED, CEINMODE, RSTA,
                    RSTALLCARRYIN, RSTALUMODE, RSTB, RSTD, RSTINMODE};

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
