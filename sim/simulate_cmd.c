/* bitwright simulate: every layer of an accelerator configuration, or one, or a MAC
 * unit alone, on random operands; bit-exact or exit 6. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "base/provenance.h"
#include "sim/commands.h"
#include "sim/simulate_internal.h"

struct request {
    const char *path, *layer, *json;
    struct unit_request unit; /* instead of path, if unit.unit is given */
    struct simulate_options opt;
};

static status parse(int argc, char **argv, struct request *q, bool *help,
                    struct err *err)
{
    int64_t n_vec = q->opt.n_vec, seed = (int64_t)q->opt.seed;
    int64_t opt_level = q->opt.opt_level;
    struct unit_request *u = &q->unit;
    const struct cli_option options[] = {
        {"layer", 'l', CLI_TEXT, &q->layer, "NAME", "only this layer", 0, 0},
        {"vectors", 'n', CLI_INT, &n_vec, "N", "input vectors (default 64)", 1, 1e6},
        {"stall", 0, CLI_DOUBLE, &q->opt.p_stall, "P",
         "probability of a stall per cycle, on both sides (default 0.3)", 0, 0.95},
        {"seed", 0, CLI_INT, &seed, "N", "of operands and stalls (default 1)", 0, 1e15},
        {"json", 0, CLI_TEXT, &q->json, "FILE", "also as JSON; - is stdout", 0, 0},
        {"trace", 0, CLI_TEXT, &q->opt.trace, "FILE.vcd",
         "waveform of the run without stalls; needs --layer or --unit", 0, 0},
        {"opt", 'O', CLI_INT, &opt_level, "N",
         "optimisation of the compiled model (default -1: by the length of the run)",
         -1, 3},
        {"unit", 'u', CLI_TEXT, &u->unit, "NAME",
         "instead of ACCEL.yaml: a MAC unit alone, mac_serial, ...; --vectors are dot "
         "products, --stall is a cycle without input",
         0, 0},
        {"simd", 0, CLI_INT, &u->SIMD, "N", "of the unit: products per step", 1, 256},
        {"wbits", 0, CLI_INT, &u->wbits, "N", "of the unit: bits of a weight", 1, 8},
        {"abits", 0, CLI_INT, &u->abits, "N", "of the unit: bits of an activation", 1,
         8},
        {"wsigned", 0, CLI_INT, &u->wsigned, "0|1",
         "of the unit: weights have a sign (default 1)", 0, 1},
        {"asigned", 0, CLI_INT, &u->asigned, "0|1",
         "of the unit: activations have a sign (default 0)", 0, 1},
        {"K", 0, CLI_INT, &u->K, "N", "of the unit: elements of a dot product", 1,
         1 << 20},
        {"acc-bits", 0, CLI_INT, &u->acc_bits, "N",
         "of the unit: bits of an accumulator (default: what K needs)", 2, 32},
        {"lanes", 0, CLI_INT, &u->lanes, "N",
         "of mac_packed: dot products per DSP (default 1)", 1, 4},
        {"dsp48e2", 0, CLI_FLAG, &u->dsp48e2, NULL,
         "of mac_packed: a DSP48E2 instead of a DSP48E1", 0, 0},
        {"grouped", 0, CLI_FLAG, &u->grouped, NULL,
         "of mac_fusion: bricks of equal shift are summed first", 0, 0},
        {NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0}};
    struct cli_list files = {0};
    TRY(cli_parse(&simulate_command, options, argc, argv, &files, help, err));
    if (*help) return ST_OK;
    TRY(unit_request_check(u, err));
    if (u->unit && files.n != 0)
        return err_set(err, ST_USAGE, "expected no ACCEL.yaml with --unit, found %s",
                       files.items[0]);
    if (u->unit && q->layer)
        return err_set(err, ST_USAGE, "expected no --layer with --unit, found %s",
                       q->layer);
    if (!u->unit && files.n != 1)
        return err_set(err, ST_USAGE, "expected one ACCEL.yaml, found %d", files.n);
    if (q->opt.trace && !q->layer && !u->unit)
        return err_set(err, ST_USAGE, "--trace needs --layer NAME or --unit NAME");
    q->path = files.n ? files.items[0] : NULL;
    q->opt.n_vec = (int32_t)n_vec;
    q->opt.seed = (uint64_t)seed;
    q->opt.opt_level = (int)opt_level;
    return ST_OK;
}

static status check_layer(const struct accel_config *c, const struct request *q,
                          struct err *err)
{
    if (!q->layer) return ST_OK;
    char list[256] = "";
    for (int32_t i = 0; i < c->n_layers; i++) {
        if (strcmp(c->layers[i].name, q->layer) == 0) return ST_OK;
        const size_t n = strlen(list);
        (void)snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "",
                       c->layers[i].name);
    }
    return err_set(err, ST_RANGE, "%s: expected a layer among %s, found %s", q->path,
                   list, q->layer);
}

static json_t *layer_json(const struct mvu_config *m, const struct simulate_result *r,
                          status st)
{
    return json_pack(
        "{s:s, s:b, s:I, s:I, s:I, s:f, s:f, s:f}", "name", m->name, "bit_exact",
        st == ST_OK, "cycles_meas", (json_int_t)r->meas_cycles, "cycles_est",
        (json_int_t)r->est_cycles, "cycles_stalled", (json_int_t)r->stalled_cycles,
        "build_s", r->build_s, "sim_s", r->sim_s, "macs_per_s", r->macs_per_s);
}

/* A layer that differs is reported and the others still run. */
static status run_layers(const struct accel_config *c, const struct request *q,
                         json_t *rows, FILE *table, struct err *err)
{
    status worst = ST_OK;
    fprintf(table, "%-24s %-9s %12s %12s %12s %8s %10s\n", "layer", "bit-exact",
            "cycles", "estimated", "with stalls", "build s", "M MAC/s");
    for (int32_t i = 0; i < c->n_layers; i++) {
        const struct mvu_config *m = &c->layers[i];
        if (q->layer && strcmp(m->name, q->layer) != 0) continue;
        if (interrupt_requested()) return interrupt_status(err, "run it again");
        struct simulate_result r;
        struct err why = {0};
        const status st = simulate_mvu(m, &q->opt, &r, &why);
        if (st != ST_OK && st != ST_MISMATCH) return err_set(err, st, "%s", why.msg);
        fprintf(table, "%-24s %-9s %12lld %12lld %12lld %8.2f %10.2f\n", m->name,
                st == ST_OK ? "yes" : "NO", (long long)r.meas_cycles,
                (long long)r.est_cycles, (long long)r.stalled_cycles, r.build_s,
                r.macs_per_s / 1e6);
        if (st != ST_OK && worst == ST_OK) worst = err_set(err, st, "%s", why.msg);
        if (json_array_append_new(rows, layer_json(m, &r, st)) != 0)
            return arena_exhausted(err);
    }
    return worst;
}

static status write_json(const struct request *q, json_t *rows, status st,
                         struct err *err)
{
    struct provenance p;
    provenance_init(&p, "bitwright simulate", q->opt.seed);
    TRY(provenance_input(&p, q->path, err));
    TRY(provenance_tool(&p, "verilator", err));
    json_t *root =
        json_pack("{s:i, s:o, s:b, s:i, s:f, s:O}", "version", 1, "provenance",
                  provenance_json(&p), "bit_exact", st == ST_OK, "n_vec", q->opt.n_vec,
                  "p_stall", q->opt.p_stall, "layers", rows);
    if (!root) return arena_exhausted(err);
    const status saved = json_file_save(q->json, root, err);
    json_decref(root);
    return saved;
}

static status simulate_file(const struct request *q, struct arena *a, json_t *rows,
                            struct err *err)
{
    struct accel_config c;
    TRY(accel_config_load(q->path, a, &c, err));
    TRY(check_layer(&c, q, err));
    const bool json_on_stdout = q->json && strcmp(q->json, "-") == 0;
    if (q->json && !json_on_stdout) TRY(file_check_writable(q->json, err));
    const status st = run_layers(&c, q, rows, json_on_stdout ? stderr : stdout, err);
    if (q->json && (st == ST_OK || st == ST_MISMATCH))
        TRY(write_json(q, rows, st, st == ST_OK ? err : NULL));
    return st;
}

static status run(int argc, char **argv, struct err *err)
{
    struct request q = {.unit = {.wsigned = -1, .asigned = -1},
                        .opt = simulate_defaults()};
    bool help = false;
    TRY(parse(argc, argv, &q, &help, err));
    if (help) return ST_OK;
    if (q.unit.unit) return unit_request_run(&q.unit, &q.opt, q.json, err);
    struct arena *a = arena_new();
    json_t *rows = json_array();
    const status st =
        a && rows ? simulate_file(&q, a, rows, err) : arena_exhausted(err);
    json_decref(rows);
    arena_free(a);
    return st;
}

const struct cli_command simulate_command = {
    .name = "simulate",
    .synopsis =
        "ACCEL.yaml [--layer NAME] | --unit NAME --simd N --wbits N --abits N --K N "
        "[options]",
    .summary = "run the RTL on random operands: bit-exact, cycles, speed",
    .run = run};
