// packed_dsp -- one DSP48E1 or DSP48E2 as a multiply-adder.
//
//   o_p <- (i_d - i_sub) * i_b + Z [+ o_p]
//
//   Z is 0, the DSP below (i_pc), or i_c, chosen apart for the first and the later
//   steps of a sum; the DSP48E2 can add its own result in the later ones.
//   latency: 1 cycle with P_REG = 0, else 2
//
// The product is registered when i_en, and with it which step it is (i_first, in the
// primitive's OPMODE register) and, with C_SUBTRACT, i_c.  The sum is registered when
// i_p_en, one cycle later.  The pre-adder subtracts: a two's complement number is its
// low bits less its sign bit, so numbers are packed side by side without any logic,
// their low bits in i_d and their signs in i_sub.
// References: Xilinx UG479 (DSP48E1), UG579 (DSP48E2).

`default_nettype none

// Parameters and pins that the two primitives share.
`define PACKED_DSP_PARAMETERS   \
    .ACASCREG     (0),          \
    .ADREG        (0),          \
    .ALUMODEREG   (0),          \
    .AREG         (0),          \
    .BCASCREG     (0),          \
    .BREG         (0),          \
    .CARRYINREG   (0),          \
    .CARRYINSELREG(0),          \
    .CREG         (C_SUBTRACT), \
    .DREG         (0),          \
    .INMODEREG    (0),          \
    .MREG         (1),          \
    .OPMODEREG    (1),          \
    .PREG         (P_REG)
`define PACKED_DSP_PINS            \
    .CLK           (clk),          \
    .B             (i_b),          \
    .C             (i_c),          \
    .ACIN          (30'd0),        \
    .BCIN          (18'd0),        \
    .PCIN          (i_pc),         \
    .CARRYCASCIN   (1'b0),         \
    .CARRYIN       (carry),        \
    .MULTSIGNIN    (1'b0),         \
    .ALUMODE       (alumode),      \
    .CARRYINSEL    (3'b000),       \
    .INMODE        (5'b01100),     \
    .CEA1          (1'b0),         \
    .CEA2          (1'b0),         \
    .CEAD          (1'b0),         \
    .CEALUMODE     (1'b0),         \
    .CEB1          (1'b0),         \
    .CEB2          (1'b0),         \
    .CEC           (i_en),         \
    .CECARRYIN     (1'b0),         \
    .CECTRL        (i_en),         \
    .CED           (1'b0),         \
    .CEINMODE      (1'b0),         \
    .CEM           (i_en),         \
    .CEP           (i_p_en),       \
    .RSTA          (1'b0),         \
    .RSTALLCARRYIN (1'b0),         \
    .RSTALUMODE    (1'b0),         \
    .RSTB          (1'b0),         \
    .RSTC          (1'b0),         \
    .RSTCTRL       (1'b0),         \
    .RSTD          (1'b0),         \
    .RSTINMODE     (1'b0),         \
    .RSTM          (1'b0),         \
    .RSTP          (1'b0),         \
    .P             (o_p),          \
    .PCOUT         (o_pc),         \
    .ACOUT         (acout),        \
    .BCOUT         (bcout),        \
    .CARRYCASCOUT  (carrycascout), \
    .CARRYOUT      (carryout),     \
    .MULTSIGNOUT   (multsignout),  \
    .OVERFLOW      (overflow),     \
    .PATTERNBDETECT(detect_b),     \
    .PATTERNDETECT (detect),       \
    .UNDERFLOW     (underflow)

module packed_dsp #(
    parameter       DSP_E2     = 0,  // 0: DSP48E1, 1: DSP48E2
    parameter [2:0] Z_FIRST    = 0,  // 0: nothing, 1: i_pc, 3: i_c
    parameter [2:0] Z_LATER    = 0,
    parameter       C_SUBTRACT = 0,  // 1: Z is subtracted and i_c registered
    parameter       ACCUMULATE = 0,  // 1: add o_p in later steps (DSP48E2)
    parameter       P_REG      = 1
) (
    input  wire        clk,
    input  wire        i_en,
    input  wire        i_p_en,
    input  wire        i_first,
    input  wire [26:0] i_d,          // DSP48E1: 25 bits
    input  wire [26:0] i_sub,
    input  wire [17:0] i_b,
    input  wire [47:0] i_c,
    input  wire [47:0] i_pc,
    output wire [47:0] o_p,
    output wire [47:0] o_pc          // for i_pc of the next one
);
    wire [3:0] alumode = C_SUBTRACT != 0 ? 4'b0001 : 4'b0000;
    wire       carry   = C_SUBTRACT != 0;    // -C = ~C + 1
    wire [6:0] opmode  = {i_first ? Z_FIRST : Z_LATER, 4'b0101};

    // Outputs without a use.
    wire [29:0] acout;
    wire [17:0] bcout;
    wire [3:0]  carryout;
    wire        carrycascout, multsignout, overflow, underflow, detect, detect_b;

    generate
        if (DSP_E2 == 0) begin : gen_e1
            DSP48E1 #(
                `PACKED_DSP_PARAMETERS,
                .USE_DPORT("TRUE")
            ) u_dsp (
                `PACKED_DSP_PINS,
                .A     ({5'd0, i_sub[24:0]}),
                .D     (i_d[24:0]),
                .OPMODE(opmode)
            );
            wire unused_e1 = &{1'b0, i_d[26:25], i_sub[26:25]};
        end else begin : gen_e2
            wire [7:0] xorout;
            wire       later = ACCUMULATE != 0 && !i_first;
            DSP48E2 #(
                `PACKED_DSP_PARAMETERS,
                .AMULTSEL("AD")
            ) u_dsp (
                `PACKED_DSP_PINS,
                .A     ({3'd0, i_sub}),
                .D     (i_d),
                .OPMODE({1'b0, later, opmode}),
                .XOROUT(xorout)
            );
            wire unused_e2 = &{1'b0, xorout};
        end
        if (DSP_E2 == 0 && ACCUMULATE != 0) begin : gen_guard
            packed_dsp_DSP48E1_cannot_accumulate u_stop ();
        end
    endgenerate
    wire unused = &{1'b0, acout, bcout, carryout, carrycascout, multsignout, overflow,
                    underflow, detect, detect_b, i_p_en, i_first, 1'b0};
endmodule

`undef PACKED_DSP_PARAMETERS
`undef PACKED_DSP_PINS
`default_nettype wire
