/* bitwright energy: energy per product of a MAC unit at several precisions and with
 * several operand distributions, from gate-level toggles; or the calibration of a
 * library's glitches. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "nn/quant.h"
#include "sim/commands.h"
#include "sim/cpu_time.h"
#include "sim/gate_calibrate.h"

enum { MAX_BITS = 64, MAP_LIMIT_S = 600, ACC_PRODUCTS = 1024 };

struct request {
    const char *unit, *wbits, *abits, *stimuli, *library, *calibrate;
    struct operand_request operands;
    int64_t SIMD, acc_bits, wsigned, asigned, n_images, n_cycles, seed;
    bool grouped;
};

struct lists {
    enum mac_unit unit;
    int n, wbits[MAX_BITS], abits[MAX_BITS]; /* pairs */
    bool stimulus[3];                        /* by enum operand_kind */
};

/* ---- arguments ---- */

static status read_bits(const char *option, const char *text, int *n, int *bits,
                        struct err *err)
{
    *n = 0;
    for (const char *p = text; *p;) {
        char *end;
        if (*n == MAX_BITS)
            return err_set(err, ST_USAGE, "--%s %s: expected at most %d numbers",
                           option, text, MAX_BITS);
        const long v = strtol(p, &end, 10);
        if (end == p || v < 1 || v > 8 || (*end && *end != ','))
            return err_set(err, ST_USAGE,
                           "--%s %s: expected bits from 1 to 8 with commas between",
                           option, text);
        bits[(*n)++] = (int)v;
        p = *end ? end + 1 : end;
    }
    return *n ? ST_OK : err_set(err, ST_USAGE, "--%s: expected bits", option);
}

/* `layer:NETWORK/LAYER`, as a measured row says it, is `layer` with --layer LAYER. */
static status read_layer(const char *item, struct operand_request *r, struct arena *a,
                         struct err *err)
{
    const char *slash = strrchr(r->network ? r->network : "", '/');
    const char *base = slash ? slash + 1 : r->network ? r->network : "";
    const size_t n = strcspn(base, ".");
    if (r->layer)
        return err_set(err, ST_USAGE,
                       "--stimulus layer:%s: expected one layer, found "
                       "two",
                       item);
    if (!r->network || strncmp(item, base, n) != 0 || item[n] != '/')
        return err_set(
            err, ST_USAGE,
            "--stimulus layer:%s: expected layer:NETWORK/LAYER with the name "
            "of the file of --network, found %s",
            item, r->network ? r->network : "no --network");
    r->layer = arena_strdup(a, item + n + 1);
    return r->layer ? ST_OK : arena_exhausted(err);
}

static status read_stimuli(const char *text, struct operand_request *r,
                           bool stimulus[3], struct arena *a, struct err *err)
{
    static const char layer[] = "layer:";
    for (const char *p = text; *p;) {
        const size_t n = strcspn(p, ",");
        int k = 0;
        if (strncmp(p, layer, sizeof layer - 1) == 0) {
            const char *item = arena_printf(a, "%.*s", (int)(n - (sizeof layer - 1)),
                                            p + sizeof layer - 1);
            if (!item) return arena_exhausted(err);
            TRY(read_layer(item, r, a, err));
            stimulus[OPERANDS_LAYER] = true;
            p += n + (p[n] == ',');
            continue;
        }
        while (operand_kind_names[k] && (strlen(operand_kind_names[k]) != n ||
                                         memcmp(p, operand_kind_names[k], n) != 0))
            k++;
        if (!operand_kind_names[k])
            return err_set(
                err, ST_USAGE,
                "--stimulus %s: expected uniform, gauss, layer or layer:NETWORK/LAYER "
                "with commas between",
                text);
        stimulus[k] = true;
        p += n + (p[n] == ',');
    }
    return ST_OK;
}

static status read_lists(struct request *q, struct lists *l, struct arena *a,
                         struct err *err)
{
    int n_a;
    *l = (struct lists){.unit = MAC_N_UNITS};
    for (int i = 0; i < MAC_N_UNITS; i++)
        if (strcmp(q->unit, mac_unit_names[i]) == 0) l->unit = (enum mac_unit)i;
    if (l->unit == MAC_N_UNITS) {
        const char *near = cli_nearest(q->unit, mac_unit_names);
        return err_set(err, ST_USAGE, "--unit %s: unknown; did you mean %s?", q->unit,
                       near ? near : mac_unit_names[0]);
    }
    TRY(read_bits("wbits", q->wbits, &l->n, l->wbits, err));
    TRY(read_bits("abits", q->abits ? q->abits : q->wbits, &n_a, l->abits, err));
    if (n_a != l->n)
        return err_set(err, ST_USAGE,
                       "expected as many --abits as --wbits, %d, found %d", l->n, n_a);
    TRY(read_stimuli(q->stimuli, &q->operands, l->stimulus, a, err));
    if (l->stimulus[OPERANDS_LAYER] && (!q->operands.network || !q->operands.data))
        return err_set(err, ST_USAGE,
                       "--stimulus layer: expected --network and --data");
    if (!l->stimulus[OPERANDS_LAYER] &&
        (q->operands.network || q->operands.data || q->operands.layer))
        return err_set(err, ST_USAGE,
                       "--network, --data, --layer: expected --stimulus layer beside "
                       "them, found %s",
                       q->stimuli);
    return ST_OK;
}

static status parse(int argc, char **argv, struct request *q, bool *help,
                    struct err *err)
{
    const struct cli_option options[] = {
        {"unit", 'u', CLI_TEXT, &q->unit, "UNIT",
         "mac_parallel (default), mac_serial, mac_actserial, mac_fusion", 0, 0},
        {"wbits", 'w', CLI_TEXT, &q->wbits, "LIST", "of weights, default 1,2,4,8", 0,
         0},
        {"abits", 'a', CLI_TEXT, &q->abits, "LIST",
         "of activations, paired with --wbits; default the same", 0, 0},
        {"simd", 0, CLI_INT, &q->SIMD, "N", "products per step, default 4", 1, 256},
        {"wsigned", 0, CLI_INT, &q->wsigned, "0|1", "weights have a sign (default 1)",
         0, 1},
        {"asigned", 0, CLI_INT, &q->asigned, "0|1",
         "activations have a sign (default 0)", 0, 1},
        {"acc-bits", 0, CLI_INT, &q->acc_bits, "N",
         "bits of an accumulator (default: what 1024 products need)", 2, 32},
        {"grouped", 0, CLI_FLAG, &q->grouped, NULL,
         "fusion: bricks of equal shift are summed first", 0, 0},
        {"stimulus", 's', CLI_TEXT, &q->stimuli, "LIST",
         "uniform (default), gauss, layer, layer:NETWORK/LAYER", 0, 0},
        {"network", 0, CLI_TEXT, &q->operands.network, "NET.onnx",
         "whose layers' operands to take", 0, 0},
        {"data", 0, CLI_TEXT, &q->operands.data, "SPEC",
         "its images: idx:DIR or cifar10:DIR", 0, 0},
        {"layer", 'l', CLI_TEXT, &q->operands.layer, "NAME",
         "only this layer; default all", 0, 0},
        {"images", 0, CLI_INT, &q->n_images, "N", "of the held-out ones, default 4", 1,
         64},
        {"library", 0, CLI_TEXT, &q->library, "NAME",
         "of configs/liberty, or lib:PATH; default osu018", 0, 0},
        {"calibrate", 0, CLI_TEXT, &q->calibrate, "FILE.yaml",
         "fit the library's glitch factor and write it there", 0, 0},
        {"cycles", 0, CLI_INT, &q->n_cycles, "N", "of calibration, default 2000", 100,
         1e6},
        {"seed", 0, CLI_INT, &q->seed, "N", "of the operands, default 1", 0, 1e15},
        {NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0}};
    return cli_parse(&energy_command, options, argc, argv, NULL, help, err);
}

/* ---- measuring ---- */

static struct mac_precision precision_of(const struct request *q, const struct lists *l,
                                         int i)
{
    return (struct mac_precision){l->wbits[i], l->abits[i], q->wsigned == 1,
                                  q->asigned == 1};
}

/* An accumulator must hold at least the products of one step. */
static status config_of(const struct request *q, const struct lists *l, int i,
                        struct mac_unit_config *c, struct err *err)
{
    const struct mac_precision p = precision_of(q, l, i);
    *c = mac_unit_for(l->unit, (int32_t)q->SIMD, &p, (int32_t)q->acc_bits);
    c->grouped = q->grouped;
    if (c->acc_bits == 0)
        c->acc_bits =
            quant_acc_bits(ACC_PRODUCTS, c->wbits, c->wsigned, c->abits, c->asigned);
    TRY(mac_unit_check(c, err));
    TRY(mac_unit_precision_check(c, &p, err));
    const int least = quant_acc_bits(mac_unit_products(c, &p), p.wbits, p.wsigned,
                                     p.abits, p.asigned);
    if (c->acc_bits >= least) return ST_OK;
    return err_set(
        err, ST_USAGE,
        "--acc-bits %d: expected at least %d, which the %d products of a step "
        "of %s at %d x %d bits need",
        (int)c->acc_bits, least, (int)mac_unit_products(c, &p), mac_unit_names[c->unit],
        (int)p.wbits, (int)p.abits);
}

static void print_row(const struct mac_unit_config *c, const struct mac_precision *p,
                      const char *stimulus, const struct gate_energy *e, double uniform)
{
    char against[16] = "";
    if (!isnan(uniform))
        (void)snprintf(against, sizeof against, "%.2f", e->energy_pj / uniform);
    printf("%-13s %4d %3d x %d %-34s %8.3f %8.3f %8.3f %6.2f %7s\n",
           mac_unit_names[c->unit], c->SIMD, p->wbits, p->abits, stimulus, e->energy_pj,
           e->zero_pj, e->clock_pj,
           (e->energy_pj - e->clock_pj) / (e->zero_pj - e->clock_pj), against);
}

static status measure_row(struct gate_unit *u, const struct mac_unit_config *c,
                          const struct mac_precision *p,
                          const struct operand_source *from, const struct request *q,
                          double *uniform, struct err *err)
{
    struct gate_energy e;
    char name[128];
    operand_source_name(from, name, sizeof name);
    TRY(gate_unit_measure(u, p, from, (uint64_t)q->seed, &e, err));
    if (from->kind == OPERANDS_UNIFORM) *uniform = e.energy_pj;
    print_row(c, p, name, &e, from->kind == OPERANDS_UNIFORM ? NAN : *uniform);
    return ST_OK;
}

/* The layers at this precision; one of another precision or sign is left out, which is
 * said, and an error if none is left. */
static status measure_layers(struct gate_unit *u, const struct mac_unit_config *c,
                             const struct mac_precision *p, const struct request *q,
                             double uniform, struct arena *a, struct err *err)
{
    struct operand_request r = q->operands;
    struct operand_layer *layers;
    int32_t n, n_measured = 0;
    struct err why = {0};
    r.wbits = p->wbits;
    r.abits = p->abits;
    r.n_images = (int32_t)q->n_images;
    TRY(operand_layers_load(&r, a, &layers, &n, err));
    for (int32_t i = 0; i < n; i++) {
        const struct operand_source from = {OPERANDS_LAYER, &layers[i]};
        if (operand_source_check(&from, p, &why) != ST_OK) {
            if (n > 1) cli_note("left out: %s", why.msg);
            continue;
        }
        TRY(measure_row(u, c, p, &from, q, &uniform, err));
        n_measured++;
    }
    if (n_measured > 0) return ST_OK;
    return err_set(err, ST_RANGE, "%s: expected a layer that the unit can run; %s",
                   q->operands.network, why.msg);
}

static status measure_precision(const struct request *q, const struct lists *l, int i,
                                const struct gate_library *lib, struct arena *a,
                                struct err *err)
{
    struct mac_unit_config c;
    const struct mac_precision p = precision_of(q, l, i);
    struct gate_unit *u;
    double uniform = NAN;
    TRY(config_of(q, l, i, &c, err));
    TRY(gate_unit_map(&c, lib, MAP_LIMIT_S, a, &u, err));
    for (int k = 0; k < OPERANDS_LAYER; k++) {
        const struct operand_source from = {.kind = (enum operand_kind)k};
        if (l->stimulus[k]) TRY(measure_row(u, &c, &p, &from, q, &uniform, err));
    }
    if (l->stimulus[OPERANDS_LAYER]) TRY(measure_layers(u, &c, &p, q, uniform, a, err));
    return ST_OK;
}

/* Every precision is checked before the first is measured. */
static status check_all(const struct request *q, const struct lists *l, struct err *err)
{
    struct mac_unit_config c;
    for (int i = 0; i < l->n && l->unit != MAC_PACKED; i++)
        TRY(config_of(q, l, i, &c, err));
    return ST_OK;
}

static status measure_all(struct request *q, const struct gate_library *lib,
                          struct arena *of_lists, struct err *err)
{
    struct lists l;
    TRY(read_lists(q, &l, of_lists, err));
    TRY(check_all(q, &l, err));
    printf("%-13s %4s %7s %-34s %8s %8s %8s %6s %7s\n", "unit", "SIMD", "W x A",
           "operands", "pJ", "settled", "clock", "glitch", "uniform");
    for (int i = 0; i < l.n; i++) {
        if (interrupt_requested()) return interrupt_status(err, "run it again");
        struct arena *a = arena_new();
        if (!a) return arena_exhausted(err);
        const double start = cpu_thread_s() + cpu_children_s();
        const status st = measure_precision(q, &l, i, lib, a, err);
        arena_free(a);
        TRY(st);
        cli_note("%d x %d bits: %.2f CPU seconds", l.wbits[i], l.abits[i],
                 cpu_thread_s() + cpu_children_s() - start);
    }
    printf("pJ per product of %s (%s)%s%s; glitch: energy without clock against "
           "settled; uniform: times the energy of uniform operands\n",
           lib->name, lib->source, *lib->note ? "; " : "", lib->note);
    return ST_OK;
}

static status calibrate(const struct request *q, struct gate_library *lib,
                        struct arena *a, struct err *err)
{
    TRY(file_check_writable(q->calibrate, err));
    TRY(gate_calibrate(lib, (int32_t)q->n_cycles, (uint64_t)q->seed, a, stdout, err));
    return gate_library_save(lib, q->calibrate, err);
}

static status energy_run(int argc, char **argv, struct err *err)
{
    struct request q = {.unit = "mac_parallel",
                        .wbits = "1,2,4,8",
                        .stimuli = "uniform",
                        .library = "osu018",
                        .SIMD = 4,
                        .wsigned = 1,
                        .n_images = 4,
                        .n_cycles = 2000,
                        .seed = 1};
    bool help = false;
    struct gate_library lib;
    TRY(parse(argc, argv, &q, &help, err));
    if (help) return ST_OK;
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    status st = gate_library_find(q.library, a, &lib, err);
    if (st == ST_OK)
        st = q.calibrate ? calibrate(&q, &lib, a, err) : measure_all(&q, &lib, a, err);
    arena_free(a);
    return st;
}

const struct cli_command energy_command = {
    "energy", "[--unit UNIT] [--wbits LIST] [options]",
    "energy per product of a MAC unit, from gate-level toggles", energy_run};
