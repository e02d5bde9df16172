#include "sim/gate_verilog.h"

#include <inttypes.h>
#include <string.h>

/* Calls visit for every input bit but the clock. */
typedef void visit_input(FILE *f, int32_t net, int32_t i);

static int32_t each_input(const struct gate_netlist *n, FILE *f, visit_input *visit)
{
    int32_t k = 0;
    for (int32_t p = 0; p < n->n_ports; p++)
        for (int32_t i = 0; n->ports[p].is_input && i < n->ports[p].n_bits; i++)
            if (n->ports[p].nets[i] != n->clock) {
                if (visit) visit(f, n->ports[p].nets[i], k);
                k++;
            }
    return k;
}

/* ---- 64 lanes ---- */

static void lane_port(FILE *f, int32_t net, int32_t i)
{
    (void)i;
    fprintf(f, "    input wire [LANES-1:0] i_%d,\n", net);
}

static void lane_register(FILE *f, int32_t net, int32_t i)
{
    (void)i;
    fprintf(f, "    reg [LANES-1:0] n%d;\n    always @(posedge clk) n%d <= i_%d;\n",
            net, net, net);
}

static const char *no(const struct gate *g, enum gate_mask m)
{
    return g->shape.masks >> m & 1 ? "~" : "";
}

static void table_expression(const struct gate *g, FILE *f)
{
    fprintf(f, "{LANES{1'b0}}");
    for (unsigned i = 0; i < 1u << g->n_inputs; i++) {
        if (!(g->shape.truth >> i & 1)) continue;
        fprintf(f, " | ({LANES{1'b1}}");
        for (int k = 0; k < g->n_inputs; k++)
            fprintf(f, " & %sn%d", i >> k & 1 ? "" : "~", g->in[k]);
        fprintf(f, ")");
    }
}

static void expression(const struct gate *g, FILE *f)
{
    const int32_t *x = g->in;
    const char *m0 = no(g, GATE_M0), *m1 = no(g, GATE_M1), *m2 = no(g, GATE_M2);
    fprintf(f, "%s(", no(g, GATE_MO));
    switch (g->shape.kind) {
    case GATE_COPY:
        fprintf(f, "n%d", x[0]);
        break;
    case GATE_AND2:
        fprintf(f, "%sn%d & %sn%d", m0, x[0], m1, x[1]);
        break;
    case GATE_XOR2:
        fprintf(f, "n%d ^ n%d", x[0], x[1]);
        break;
    case GATE_AO21:
        fprintf(f, "%s(%sn%d & %sn%d) & %sn%d", no(g, GATE_MT), m0, x[0], m1, x[1], m2,
                x[2]);
        break;
    case GATE_MUX:
        fprintf(f, "(n%d & %sn%d) | (~n%d & %sn%d)", x[2], m0, x[0], x[2], m1, x[1]);
        break;
    case GATE_AO22:
        fprintf(f, "%s(%sn%d & %sn%d) & %s(%sn%d & %sn%d)", no(g, GATE_MT), m0, x[0],
                m1, x[1], no(g, GATE_MU), m2, x[2], no(g, GATE_M3), x[3]);
        break;
    case GATE_TABLE:
        table_expression(g, f);
        break;
    }
    fprintf(f, ")");
}

void gate_verilog_lanes(const struct gate_netlist *n, FILE *f)
{
    fprintf(f, "module gate_lanes #(parameter LANES = 64) (\n    input wire clk,\n");
    each_input(n, f, lane_port);
    for (int32_t i = 0; i < n->n_nets; i++)
        fprintf(f, "    output wire [LANES-1:0] o_%d%s\n", i,
                i + 1 < n->n_nets ? "," : "\n);");
    fprintf(f, "    wire [LANES-1:0] n%d = {LANES{1'b0}}, n%d = {LANES{1'b1}};\n",
            GATE_NET_0, GATE_NET_1);
    each_input(n, f, lane_register);
    for (int32_t i = 0; i < n->n_ffs; i++)
        fprintf(f, "    reg [LANES-1:0] n%d;\n", n->ffs[i].q);
    for (int32_t i = 0; i < n->n_gates; i++) {
        fprintf(f, "    wire [LANES-1:0] n%d = ", n->gates[i].out);
        expression(&n->gates[i], f);
        fprintf(f, ";\n");
    }
    for (int32_t i = 0; i < n->n_ffs; i++)
        fprintf(f, "    always @(posedge clk) n%d <= %sn%d;\n", n->ffs[i].q,
                n->ffs[i].invert ? "~" : "", n->ffs[i].d);
    for (int32_t i = 0; i < n->n_nets; i++)
        if (i != n->clock)
            fprintf(f, "    assign o_%d = n%d;\n", i, i);
        else
            fprintf(f, "    assign o_%d = {LANES{1'b0}};\n", i);
    fprintf(f, "endmodule\n");
}

/* ---- cells ---- */

static void each_port_net(const struct gate_netlist *n, FILE *f, const char *before,
                          const char *after)
{
    for (int32_t p = 0; p < n->n_ports; p++)
        for (int32_t i = 0; n->ports[p].is_input && i < n->ports[p].n_bits; i++)
            fprintf(f, "%s%d%s", before, n->ports[p].nets[i], after);
}

void gate_verilog_cells(const struct gate_netlist *n, FILE *f)
{
    fprintf(f, "module gate_cells (");
    for (int32_t p = 0, k = 0; p < n->n_ports; p++)
        for (int32_t i = 0; n->ports[p].is_input && i < n->ports[p].n_bits; i++)
            fprintf(f, "%sn%d", k++ ? ", " : "", n->ports[p].nets[i]);
    fprintf(f, ");\n");
    each_port_net(n, f, "    input n", ";\n");
    for (int32_t i = 0; i < n->n_nets; i++)
        fprintf(f, "    wire n%d;\n", i);
    fprintf(f, "    assign n%d = 1'b0;\n    assign n%d = 1'b1;\n", GATE_NET_0,
            GATE_NET_1);
    for (int32_t i = 0; i < n->n_instances; i++) {
        const struct gate_instance *inst = &n->instances[i];
        fprintf(f, "    %s u%d (", inst->cell->name, i);
        for (int32_t pin = 0, k = 0; pin < inst->cell->n_pins; pin++)
            if (inst->nets[pin] >= 0)
                fprintf(f, "%s.%s(n%d)", k++ ? ", " : "", inst->cell->pins[pin].name,
                        inst->nets[pin]);
        fprintf(f, ");\n");
    }
    fprintf(f, "endmodule\n");
}

/* A flip-flop of the netlist's first kind, between in[i] and r[i]. */
static void input_register(const struct gate_netlist *n, int32_t i, FILE *f)
{
    if (n->n_ffs == 0) {
        fprintf(f, "    assign r[%d] = in[%d];\n", i, i);
        return;
    }
    const struct gate_ff *ff = &n->ffs[0];
    const struct gate_instance *inst = &n->instances[ff->instance];
    fprintf(f, "    %s r%d (", inst->cell->name, i);
    for (int32_t pin = 0, k = 0; pin < inst->cell->n_pins; pin++) {
        const struct liberty_pin *p = &inst->cell->pins[pin];
        if (pin != ff->pin && !p->is_input) continue;
        fprintf(f, "%s.%s(", k++ ? ", " : "", p->name);
        if (inst->nets[pin] == n->clock)
            fprintf(f, "clk)");
        else
            fprintf(f, "%s[%d])", p->is_input ? "in" : "r", i);
    }
    fprintf(f, ");\n");
}

void gate_verilog_bench(const struct gate_netlist *n, int32_t n_cycles, double half_ns,
                        FILE *f)
{
    const int32_t n_in = each_input(n, f, NULL);
    fprintf(f,
            "`timescale 1ns/1ps\n"
            "module gate_bench;\n"
            "    reg clk;\n"
            "    reg [%d:0] in, mem [0:%d];\n"
            "    wire [%d:0] r;\n"
            "    integer i;\n",
            n_in - 1, n_cycles - 1, n_in - 1);
    for (int32_t i = 0; i < n_in; i++)
        input_register(n, i, f);
    fprintf(f, "    gate_cells u (");
    for (int32_t p = 0, k = 0, bit = 0; p < n->n_ports; p++)
        for (int32_t i = 0; n->ports[p].is_input && i < n->ports[p].n_bits; i++) {
            const int32_t net = n->ports[p].nets[i];
            fprintf(f, "%s.n%d(", k++ ? ", " : "", net);
            if (net == n->clock)
                fprintf(f, "clk)");
            else
                fprintf(f, "r[%d])", bit++);
        }
    fprintf(f,
            ");\n"
            "    initial begin\n"
            "        $readmemb(\"stimulus.txt\", mem);\n"
            "        if (!$test$plusargs(\"quiet\")) begin\n"
            "            $dumpfile(\"toggles.vcd\");\n"
            "            $dumpvars(1, u);\n"
            "        end\n"
            "        clk = %d;\n"
            "        for (i = 0; i < %d; i = i + 1) begin\n"
            "            in = mem[i];\n"
            "            #%g clk = !clk;\n"
            "            #%g clk = !clk;\n"
            "        end\n"
            "        $finish(0);\n"
            "    end\n"
            "endmodule\n",
            n->clock_falls, n_cycles, half_ns, half_ns);
}
