/* synth_pnr.c -- Fmax of an instance after place and route on an iCE40 HX8K.
 *
 * An input or output of the chip has no place in a unit's timing, and units have more
 * of them than the package has pins.  So registers surround the instance:
 *
 *   si ->[ in_q: shift ]--> instance -->[ out_q ]-->[ shift_q: load or shift ]--> so
 *
 * All of the instance's inputs come from flip-flops and all of its outputs go to
 * flip-flops without logic between; the shift registers have short paths.  Placement is
 * a matter of luck by some percent: the median over three fixed seeds is taken.  The
 * target frequency is one that no unit reaches, so that the tool does its best; it
 * must not count as a failure. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "sim/synth_internal.h"
#include "sim/workdir.h"

enum { N_SEEDS = 3 };

struct port {
    const char *name;
    bool is_input;
    size_t bits;
};
enum { MAX_PORTS = 32 };
struct ports {
    int n;
    struct port v[MAX_PORTS];
    size_t n_in, n_out; /* bits, without the clock */
};

static status load_json(const char *path, json_t **out, struct err *err)
{
    json_error_t why;
    *out = json_load_file(path, 0, &why);
    if (*out) return ST_OK;
    return err_set(err, ST_TOOL, "%s:%d:%d: %s", path, why.line, why.column, why.text);
}

static status read_ports(json_t *root, struct arena *a, struct ports *out,
                         struct err *err)
{
    json_t *top = json_object_get(json_object_get(root, "modules"), "top");
    const char *name;
    json_t *port;
    *out = (struct ports){.n = 0};
    json_object_foreach(json_object_get(top, "ports"), name, port)
    {
        const char *direction = json_string_value(json_object_get(port, "direction"));
        const size_t bits = json_array_size(json_object_get(port, "bits"));
        if (strcmp(name, "clk") == 0) continue;
        if (out->n == MAX_PORTS || !direction)
            return err_set(err, ST_UNSUPPORTED, "more than %d ports", MAX_PORTS);
        struct port *p = &out->v[out->n++];
        *p = (struct port){.name = arena_strdup(a, name),
                           .is_input = strcmp(direction, "input") == 0,
                           .bits = bits};
        if (!p->name) return arena_exhausted(err);
        *(p->is_input ? &out->n_in : &out->n_out) += bits;
    }
    if (out->n_in && out->n_out) return ST_OK;
    return err_set(err, ST_UNSUPPORTED, "a module without inputs or without outputs");
}

static status write_harness(const struct synth_job *j, const struct ports *p,
                            struct err *err)
{
    const char *path = file_join(j->a, j->dir, "harness.v");
    if (!path) return arena_exhausted(err);
    struct file_out o;
    size_t in = 0, out = 0;
    TRY(file_out_open(path, &o, err));
    fprintf(o.f,
            "module harness (input wire clk, input wire si, input wire load,\n"
            "                output wire so);\n"
            "    reg [%zu:0] in_q;\n"
            "    wire [%zu:0] out;\n"
            "    reg [%zu:0] out_q, shift_q;\n"
            "    always @(posedge clk) begin\n"
            "        in_q <= {in_q, si};\n"
            "        out_q <= out;\n"
            "        shift_q <= load ? out_q : {shift_q, 1'b0};\n"
            "    end\n"
            "    assign so = shift_q[%zu];\n"
            "    (* keep_hierarchy *) %s",
            p->n_in - 1, p->n_out - 1, p->n_out - 1, p->n_out - 1, j->inst->module);
    synth_script_params(j->inst, o.f);
    fprintf(o.f, " u_dut (.clk(clk)");
    for (int i = 0; i < p->n; i++) {
        size_t *at = p->v[i].is_input ? &in : &out;
        fprintf(o.f, ",\n        .%s(%s[%zu +: %zu])", p->v[i].name,
                p->v[i].is_input ? "in_q" : "out", *at, p->v[i].bits);
        *at += p->v[i].bits;
    }
    fprintf(o.f, ");\nendmodule\n");
    return file_out_commit(&o, err);
}

static status write_script(const struct synth_job *j, struct err *err)
{
    const struct toolchain *t = j->opt->toolchain;
    const char *path = file_join(j->a, j->dir, "harness.ys");
    if (!path) return arena_exhausted(err);
    struct file_out o;
    TRY(file_out_open(path, &o, err));
    synth_read(j->files, o.f);
    fprintf(o.f, "read_verilog harness.v\nhierarchy -top harness\n%s -run %s:%s\n",
            t->command, t->first, t->memories);
    if (j->memories) fprintf(o.f, "%s -run %s:%s\n", t->command, t->memories, t->rest);
    fprintf(o.f,
            "%s -run %s:\n"
            "setattr -mod -unset keep_hierarchy\n"
            "flatten\n"
            "write_json harness.json\n",
            t->command, t->rest);
    return file_out_commit(&o, err);
}

static status read_fmax(const char *path, double *out, struct err *err)
{
    json_t *report = NULL;
    TRY(load_json(path, &report, err));
    *out = 0;
    const char *clock;
    json_t *value;
    json_object_foreach(json_object_get(report, "fmax"), clock, value) *out =
        json_number_value(json_object_get(value, "achieved"));
    json_decref(report);
    if (*out > 0) return ST_OK;
    return err_set(err, ST_TOOL, "nextpnr: expected the Fmax of a clock, found none");
}

static status route(const struct synth_job *j, int seed, double *out, struct err *err)
{
    char number[16];
    (void)snprintf(number, sizeof number, "%d", seed);
    const char *const argv[] = {"nextpnr-ice40", "--hx8k",      "--package",
                                "ct256",         "--json",      "harness.json",
                                "--freq",        "400",         "--timing-allow-fail",
                                "--report",      "report.json", "--seed",
                                number,          "-q",          NULL};
    const char *report = file_join(j->a, j->dir, "report.json");
    if (!report) return arena_exhausted(err);
    TRY(workdir_run(j->dir, argv, j->opt->time_limit_s, err));
    return read_fmax(report, out, err);
}

static int by_value(const void *x, const void *y)
{
    const double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

status synth_pnr_fmax(const struct synth_job *j, double *out, struct err *err)
{
    static const char *const yosys[] = {"yosys", "-q", "-s", "harness.ys", NULL};
    const char *path = file_join(j->a, j->dir, "ports.json");
    json_t *root = NULL;
    struct ports ports;
    double fmax[N_SEEDS];
    if (!path) return arena_exhausted(err);
    TRY(load_json(path, &root, err));
    const status st = read_ports(root, j->a, &ports, err);
    json_decref(root);
    TRY(st);
    TRY(write_harness(j, &ports, err));
    TRY(write_script(j, err));
    TRY(workdir_run(j->dir, yosys, j->opt->time_limit_s, err));
    for (int i = 0; i < N_SEEDS; i++)
        TRY(route(j, i + 1, &fmax[i], err));
    qsort(fmax, N_SEEDS, sizeof fmax[0], by_value);
    *out = fmax[N_SEEDS / 2];
    return ST_OK;
}
