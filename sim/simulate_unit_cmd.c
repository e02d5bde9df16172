/* bitwright simulate --unit: a MAC unit alone, at one precision. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cli.h"
#include "base/file.h"
#include "base/json.h"
#include "base/provenance.h"
#include "nn/quant.h"
#include "sim/simulate_internal.h"
#include "sim/simulate_unit.h"

status unit_request_check(const struct unit_request *u, struct err *err)
{
    const struct {
        const char *name;
        bool given, needed;
    } options[] = {
        {"--simd", u->SIMD != 0, true},        {"--wbits", u->wbits != 0, true},
        {"--abits", u->abits != 0, true},      {"--K", u->K != 0, true},
        {"--lanes", u->lanes != 0, false},     {"--acc-bits", u->acc_bits != 0, false},
        {"--wsigned", u->wsigned >= 0, false}, {"--asigned", u->asigned >= 0, false},
        {"--dsp48e2", u->dsp48e2, false},      {"--grouped", u->grouped, false},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (u->unit && options[i].needed && !options[i].given)
            return err_set(err, ST_USAGE, "--unit needs %s N", options[i].name);
        if (!u->unit && options[i].given)
            return err_set(err, ST_USAGE, "%s needs --unit NAME", options[i].name);
    }
    return ST_OK;
}

static status find_unit(const char *name, enum mac_unit *out, struct err *err)
{
    for (int i = 0; mac_unit_names[i]; i++)
        if (strcmp(mac_unit_names[i], name) == 0) {
            *out = (enum mac_unit)i;
            return ST_OK;
        }
    const char *near = cli_nearest(name, mac_unit_names);
    return err_set(err, ST_USAGE,
                   "--unit: expected mac_parallel, mac_packed, mac_serial, "
                   "mac_actserial or mac_fusion, found %s%s%s%s",
                   name, near ? "; did you mean " : "", near ? near : "",
                   near ? "?" : "");
}

static status build_unit(const struct unit_request *u, struct mac_unit_config *c,
                         struct mac_precision *p, struct err *err)
{
    enum mac_unit unit = MAC_PARALLEL;
    TRY(find_unit(u->unit, &unit, err));
    *p = (struct mac_precision){.wbits = (int32_t)u->wbits,
                                .abits = (int32_t)u->abits,
                                .wsigned = u->wsigned != 0,
                                .asigned = u->asigned > 0};
    const int need =
        quant_acc_bits((int32_t)u->K, p->wbits, p->wsigned, p->abits, p->asigned);
    *c = mac_unit_for(unit, (int32_t)u->SIMD, p,
                      u->acc_bits ? (int32_t)u->acc_bits : need);
    if (u->lanes) c->lanes = (int32_t)u->lanes;
    c->dsp48e2 = u->dsp48e2;
    c->grouped = u->grouped;
    return ST_OK;
}

/* Multiply-accumulates of the run per cycle. */
static double macs_per_cycle(const struct unit_request *u,
                             const struct mac_unit_config *c,
                             const struct simulate_options *opt,
                             const struct simulate_result *r)
{
    return r->meas_cycles
               ? (double)opt->n_vec * c->lanes * (double)u->K / (double)r->meas_cycles
               : 0;
}

static void print_table(FILE *f, const struct unit_request *u,
                        const struct mac_unit_config *c,
                        const struct simulate_options *opt,
                        const struct simulate_result *r, status st)
{
    fprintf(f, "%-24s %-9s %12s %12s %12s %10s %8s %10s\n", "unit", "bit-exact",
            "cycles", "estimated", "with gaps", "MAC/cycle", "build s", "M MAC/s");
    fprintf(
        f, "%-24s %-9s %12" PRId64 " %12" PRId64 " %12" PRId64 " %10.4g %8.2f %10.2f\n",
        u->unit, st == ST_OK ? "yes" : "NO", r->meas_cycles, r->est_cycles,
        r->stalled_cycles, macs_per_cycle(u, c, opt, r), r->build_s,
        r->macs_per_s / 1e6);
}

static json_t *unit_json(const struct unit_request *u, const struct mac_unit_config *c,
                         const struct mac_precision *p)
{
    return json_pack("{s:s, s:i, s:i, s:i, s:b, s:b, s:i, s:i, s:b, s:b, s:I}", "name",
                     u->unit, "SIMD", c->SIMD, "wbits", p->wbits, "abits", p->abits,
                     "wsigned", p->wsigned, "asigned", p->asigned, "acc_bits",
                     c->acc_bits, "lanes", c->lanes, "dsp48e2", c->dsp48e2, "grouped",
                     c->grouped, "K", (json_int_t)u->K);
}

static status write_json(const char *path, json_t *unit,
                         const struct simulate_options *opt,
                         const struct simulate_result *r, double rate, status st,
                         struct err *err)
{
    struct provenance p;
    provenance_init(&p, "bitwright simulate", opt->seed);
    TRY(provenance_tool(&p, "verilator", err));
    json_t *root = json_pack(
        "{s:i, s:o, s:b, s:i, s:f, s:O, s:I, s:I, s:I, s:f, s:f, s:f, s:f}", "version",
        1, "provenance", provenance_json(&p), "bit_exact", st == ST_OK, "n_vec",
        opt->n_vec, "p_stall", opt->p_stall, "unit", unit, "cycles_meas",
        (json_int_t)r->meas_cycles, "cycles_est", (json_int_t)r->est_cycles,
        "cycles_stalled", (json_int_t)r->stalled_cycles, "macs_per_cycle", rate,
        "build_s", r->build_s, "sim_s", r->sim_s, "macs_per_s", r->macs_per_s);
    if (!root) return arena_exhausted(err);
    const status saved = json_file_save(path, root, err);
    json_decref(root);
    return saved;
}

status unit_request_run(const struct unit_request *u,
                        const struct simulate_options *opt, const char *json,
                        struct err *err)
{
    struct mac_unit_config c;
    struct mac_precision p;
    TRY(build_unit(u, &c, &p, err));
    const bool json_on_stdout = json && strcmp(json, "-") == 0;
    if (json && !json_on_stdout) TRY(file_check_writable(json, err));
    struct simulate_result r;
    const status st = simulate_unit(&c, &p, u->K, opt, &r, err);
    if (st != ST_OK && st != ST_MISMATCH) return st;
    print_table(json_on_stdout ? stderr : stdout, u, &c, opt, &r, st);
    if (!json) return st;
    json_t *unit = unit_json(u, &c, &p);
    if (!unit) return arena_exhausted(err);
    const status saved = write_json(json, unit, opt, &r, macs_per_cycle(u, &c, opt, &r),
                                    st, st == ST_OK ? err : NULL);
    json_decref(unit);
    return st == ST_OK ? saved : st;
}
