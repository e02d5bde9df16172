// mvu -- matrix-vector unit: out = requant(W x), weights stationary.
//
//   s_* -->[ input buffer ]--.            weight memory      requant memory
//                            v                 v                   v
//           stage 0: issue ->[ read registers ]->[ PE macs ]->[ drain ]->[ LANES
//           requantisers ]->[ skid buffer ]--> m_*
//
// With SF = MW / SIMD and NF = MH / PE, row mh = nf * PE + pe and column
// mw = sf * SIMD + simd.  For each of NF folds the unit goes once through the vector,
// one word (SIMD columns) per cycle, and PE rows at a time.
//
// Schedule (cycles in which the unit is not stalled; one stall stops every stage)
//   t      issue: word sf of fold nf is addressed in both memories
//   t+1    its operands are in the read registers; the macs add
//   t+2    after the last word of a fold the accumulators are final: turn 0 of the
//          drain; turns 1 .. PE/LANES-1 follow while the next fold accumulates
//   t+3    the turn's LANES sums are in the requantisers' registers
//   t+4    ... and as codes on m_*
//   An input word offered in cycle 0 is issued in cycle 0 if NF = 1, else in cycle 1.
//   So n_vec vectors take  n_vec * NF * SF + PE / LANES + 3 + (NF > 1)  cycles, from
//   the first word offered to the last word accepted (mvu_cycles).
// Contract
//   Transfers as in skid_buffer; s_ready, m_valid and m_data come from flops.
//   s_data: word sf of a vector, element simd at simd*ABITS.
//   m_data: word ow of a vector, channel ow*LANES + lane at lane*OUT_BITS.
//   i_wload, i_rload: only while no vector is in the unit.  Weight word nf*SF + sf,
//   code of (pe, simd) at (pe*SIMD + simd)*WBITS; requant word ow, lane at
//   lane*(ACC_BITS+36): 18 bits mul, then ACC_BITS+18 bits bias.
//   rst: synchronous, active high, clears control; memories keep their contents.
//   Exact if ACC_BITS holds every partial sum.

`default_nettype none

module mvu #(
    parameter MW          = 16,     // matrix columns
    parameter MH          = 8,      // matrix rows
    parameter PE          = 4,      // rows at a time; divides MH
    parameter SIMD        = 4,      // columns at a time; divides MW
    parameter WBITS       = 4,      // [bit], 1 .. 8
    parameter ABITS       = 4,      // [bit], 1 .. 8
    parameter WSIGNED     = 1,
    parameter ASIGNED     = 0,
    parameter ACC_BITS    = 13,     // [bit], 2 .. 32
    parameter OUT_BITS    = 4,      // [bit], 1 .. 16
    parameter OUT_SIGNED  = 0,
    parameter SHIFT       = 17,     // 1 .. 30, SHIFT + OUT_BITS <= ACC_BITS + 18
    parameter LANES       = 1,      // divides PE; PE / LANES <= MW / SIMD
    parameter REQUANT_DSP = 1,      // 0: LUTs, 1: DSP48E1
    parameter RAM_BLOCK   = 0,      // weights in 0: LUT RAM, 1: block RAM

    // Derived; not to be set.  Address widths are at least 1.
    parameter WORDS   = (MH / PE) * (MW / SIMD),
    parameter WA_BITS = WORDS > 1 ? $clog2(WORDS) : 1,
    parameter OWORDS  = MH / LANES,
    parameter RA_BITS = OWORDS > 1 ? $clog2(OWORDS) : 1
) (
    input  wire                            clk,
    input  wire                            rst,

    input  wire                            i_wload_en,
    input  wire [WA_BITS-1:0]              i_wload_addr,
    input  wire [PE*SIMD*WBITS-1:0]        i_wload_data,

    input  wire                            i_rload_en,
    input  wire [RA_BITS-1:0]              i_rload_addr,
    input  wire [LANES*(ACC_BITS+36)-1:0]  i_rload_data,

    input  wire [SIMD*ABITS-1:0]           s_data,
    input  wire                            s_valid,
    output wire                            s_ready,

    output wire [LANES*OUT_BITS-1:0]       m_data,
    output wire                            m_valid,
    input  wire                            m_ready
);
    localparam SF       = MW / SIMD;
    localparam NF       = MH / PE;
    localparam TURNS    = PE / LANES;
    localparam SF_BITS  = SF > 1 ? $clog2(SF) : 1;
    localparam NF_BITS  = NF > 1 ? $clog2(NF) : 1;
    localparam SF_POW2  = SF == 1 << $clog2(SF);
    localparam R_WIDTH  = LANES * (ACC_BITS + 36);
    // Small memories are LUT RAM where there is any; deep ones go with the weights.
    localparam IN_STYLE = RAM_BLOCK == 0 ? 0 : SF > 64 ? 1 : 2;
    localparam R_STYLE  = RAM_BLOCK == 0 ? 0 : OWORDS > 64 ? 1 : 2;


    // Last values of the counters, to be cut to their widths.
    localparam SF_END = SF - 1;
    localparam NF_END = NF - 1;
    localparam W_END  = WORDS - 1;
    localparam OW_END = OWORDS - 1;

    wire en;                        // the output takes a word: every stage moves

    // ---- stage 0: where the next operands are -------------------------------
    wire               avail;       // the input word is there
    wire               step = en && avail;
    wire [SF_BITS-1:0] sf;
    wire [NF_BITS-1:0] nf;
    wire [WA_BITS-1:0] w_addr;
    wire               sf_end  = sf == SF_END[SF_BITS-1:0];
    wire               nf_last = nf == NF_END[NF_BITS-1:0];

    generate
        if (SF > 1) begin : gen_sf
            reg [SF_BITS-1:0] sf_q;
            always @(posedge clk) begin
                if (step) sf_q <= sf_end ? {SF_BITS{1'b0}} : sf_q + 1'b1;
                if (rst) sf_q <= {SF_BITS{1'b0}};
            end
            assign sf = sf_q;
        end else begin : gen_no_sf
            assign sf = 1'b0;
        end

        if (NF > 1) begin : gen_nf
            reg [NF_BITS-1:0] nf_q;
            always @(posedge clk) begin
                if (step && sf_end) nf_q <= nf_last ? {NF_BITS{1'b0}} : nf_q + 1'b1;
                if (rst) nf_q <= {NF_BITS{1'b0}};
            end
            assign nf = nf_q;
        end else begin : gen_no_nf
            assign nf = 1'b0;
        end

        if (NF == 1) begin : gen_w_sf
            assign w_addr = sf;
        end else if (SF == 1) begin : gen_w_nf
            assign w_addr = nf;
        end else if (SF_POW2) begin : gen_w_both
            assign w_addr = {nf, sf};
        end else begin : gen_w
            reg  [WA_BITS-1:0] w_q;
            wire               w_end = w_q == W_END[WA_BITS-1:0];
            always @(posedge clk) begin
                if (step) w_q <= w_end ? {WA_BITS{1'b0}} : w_q + 1'b1;
                if (rst) w_q <= {WA_BITS{1'b0}};
            end
            assign w_addr = w_q;
        end
    endgenerate

    // ---- stage 1: operands ---------------------------------------------------
    wire [PE*SIMD*WBITS-1:0] w1;
    wire [SIMD*ABITS-1:0]    a1;
    wire                     first1;         // of a fold
    wire                     last1;
    reg                      valid1_q;
    always @(posedge clk) begin
        if (en) valid1_q <= avail;
        if (rst) valid1_q <= 1'b0;
    end

    ram_sdp #(
        .WIDTH(PE*SIMD*WBITS), .DEPTH(WORDS), .STYLE(RAM_BLOCK), .ADDR_BITS(WA_BITS)
    ) u_weights (
        .clk      (clk),
        .i_wr_en  (i_wload_en),
        .i_wr_addr(i_wload_addr),
        .i_wr_data(i_wload_data),
        .i_rd_en  (en),
        .i_rd_addr(w_addr),
        .o_rd_data(w1)
    );

    generate
        if (SF > 1) begin : gen_flags
            reg first_q;
            reg last_q;
            always @(posedge clk)
                if (en) begin
                    first_q <= sf == {SF_BITS{1'b0}};
                    last_q  <= sf_end;
                end
            assign first1 = first_q;
            assign last1  = last_q;
        end else begin : gen_one_word
            assign first1 = 1'b1;
            assign last1  = 1'b1;
        end

        if (NF > 1 && SF > 1) begin : gen_buffer
            input_buffer #(
                .WIDTH(SIMD*ABITS), .WORDS(SF), .STYLE(IN_STYLE), .WORD_BITS(SF_BITS)
            ) u_input (
                .clk    (clk),
                .rst    (rst),
                .s_data (s_data),
                .s_valid(s_valid),
                .s_ready(s_ready),
                .i_en   (en),
                .i_word (sf),
                .i_end  (sf_end),
                .i_last (nf_last),
                .i_step (step),
                .o_avail(avail),
                .o_data (a1)
            );
        end else begin : gen_word
            // No vector to keep: one fold, or a vector of one word.
            wire [SIMD*ABITS-1:0] word;
            reg  [SIMD*ABITS-1:0] a_q;
            always @(posedge clk)
                if (en) a_q <= word;
            assign a1 = a_q;
            if (NF > 1) begin : gen_skid
                skid_buffer #(.WIDTH(SIMD*ABITS)) u_input (
                    .clk    (clk),
                    .rst    (rst),
                    .s_data (s_data),
                    .s_valid(s_valid),
                    .s_ready(s_ready),
                    .m_data (word),
                    .m_valid(avail),
                    .m_ready(en && nf_last)
                );
            end else begin : gen_direct
                assign word    = s_data;
                assign avail   = s_valid;
                assign s_ready = en;
                wire unused = &{1'b0, sf_end, nf_last, step};  // counters may be absent
            end
        end
    endgenerate

    // ---- stage 2: accumulators, one turn of the drain at a time --------------
    wire [PE*ACC_BITS-1:0] acc2;
    wire                   final1 = valid1_q && last1;
    wire                   out1;             // a turn begins in the next cycle
    reg                    out2_q;           // a turn is now
    always @(posedge clk) begin
        if (en) out2_q <= out1;
        if (rst) out2_q <= 1'b0;
    end

    genvar i;
    generate
        for (i = 0; i < PE; i = i + 1) begin : gen_pe
            mac_parallel #(
                .SIMD    (SIMD),
                .WBITS   (WBITS),
                .ABITS   (ABITS),
                .WSIGNED (WSIGNED),
                .ASIGNED (ASIGNED),
                .ACC_BITS(ACC_BITS)
            ) u_mac (
                .clk    (clk),
                .i_en   (en && valid1_q),
                .i_first(first1),
                .i_w    (w1[i*SIMD*WBITS +: SIMD*WBITS]),
                .i_a    (a1),
                .o_acc  (acc2[i*ACC_BITS +: ACC_BITS])
            );
        end
    endgenerate

    wire [LANES*ACC_BITS-1:0] turn_acc;
    generate
        if (TURNS > 1) begin : gen_drain
            localparam TURN_BITS = $clog2(TURNS);
            localparam TURN_END  = TURNS - 1;
            reg  [TURN_BITS-1:0] turn_q;
            wire                 more = out2_q && turn_q != TURN_END[TURN_BITS-1:0];
            always @(posedge clk) begin
                if (en) turn_q <= more ? turn_q + 1'b1 : {TURN_BITS{1'b0}};
                if (rst) turn_q <= {TURN_BITS{1'b0}};
            end
            assign out1 = final1 || more;
            drain #(
                .PE(PE), .LANES(LANES), .ACC_BITS(ACC_BITS), .TURN_BITS(TURN_BITS)
            ) u_drain (
                .clk   (clk),
                .i_copy(en && turn_q == {TURN_BITS{1'b0}}),
                .i_turn(turn_q),
                .i_acc (acc2),
                .o_acc (turn_acc)
            );
        end else begin : gen_no_drain
            assign out1     = final1;
            assign turn_acc = acc2;
        end
    endgenerate

    // Parameters of the turn that begins next.
    wire [R_WIDTH-1:0] r2;
    wire [RA_BITS-1:0] r_addr;
    generate
        if (OWORDS > 1) begin : gen_ow
            reg  [RA_BITS-1:0] ow_q;
            wire               ow_end = ow_q == OW_END[RA_BITS-1:0];
            always @(posedge clk) begin
                if (en && out1) ow_q <= ow_end ? {RA_BITS{1'b0}} : ow_q + 1'b1;
                if (rst) ow_q <= {RA_BITS{1'b0}};
            end
            assign r_addr = ow_q;
        end else begin : gen_no_ow
            assign r_addr = 1'b0;
        end
    endgenerate

    ram_sdp #(
        .WIDTH(R_WIDTH), .DEPTH(OWORDS), .STYLE(R_STYLE), .ADDR_BITS(RA_BITS)
    ) u_requant_parameters (
        .clk      (clk),
        .i_wr_en  (i_rload_en),
        .i_wr_addr(i_rload_addr),
        .i_wr_data(i_rload_data),
        .i_rd_en  (en),
        .i_rd_addr(r_addr),
        .o_rd_data(r2)
    );

    // ---- stages 3 and 4: requantised, then registered for the output ---------
    wire [LANES*OUT_BITS-1:0] codes3;
    reg                       out3_q;
    always @(posedge clk) begin
        if (en) out3_q <= out2_q;
        if (rst) out3_q <= 1'b0;
    end

    generate
        for (i = 0; i < LANES; i = i + 1) begin : gen_lane
            localparam AT = i * (ACC_BITS + 36);
            requant #(
                .ACC_BITS   (ACC_BITS),
                .OUT_BITS   (OUT_BITS),
                .OUT_SIGNED (OUT_SIGNED),
                .SHIFT      (SHIFT),
                .REQUANT_DSP(REQUANT_DSP)
            ) u_requant (
                .clk   (clk),
                .i_en  (en),
                .i_acc (turn_acc[i*ACC_BITS +: ACC_BITS]),
                .i_mul (r2[AT +: 18]),
                .i_bias(r2[AT+18 +: ACC_BITS+18]),
                .o_code(codes3[i*OUT_BITS +: OUT_BITS])
            );
        end
    endgenerate

    skid_buffer #(.WIDTH(LANES*OUT_BITS)) u_output (
        .clk    (clk),
        .rst    (rst),
        .s_data (codes3),
        .s_valid(out3_q),
        .s_ready(en),
        .m_data (m_data),
        .m_valid(m_valid),
        .m_ready(m_ready)
    );

    generate
        if (MH % PE != 0) begin : gen_guard_pe
            mvu_PE_must_divide_MH u_stop ();
        end
        if (MW % SIMD != 0) begin : gen_guard_simd
            mvu_SIMD_must_divide_MW u_stop ();
        end
        if (PE % LANES != 0 || PE / LANES > MW / SIMD) begin : gen_guard_lanes
            mvu_LANES_must_divide_PE_with_PE_over_LANES_at_most_SF u_stop ();
        end
        if (RAM_BLOCK == 0 && WORDS > 1024) begin : gen_guard_ram
            mvu_more_than_1024_weight_words_need_RAM_BLOCK u_stop ();
        end
    endgenerate
endmodule

`default_nettype wire
