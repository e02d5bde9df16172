/* export.c -- see export.h. */
#include "costmodel/export.h"

#include <math.h>
#include <stdlib.h>

#include "base/npy.h"
#include "base/yaml.h"
#include "costmodel/energy.h"
#include "nn/quant.h"

enum { PAIRS = 64 };

/* ---- HAQ ---- */

static const char *whole_unit(enum cost_metric m, double *scale)
{
    *scale = m == COST_ENERGY_UJ ? 1e6 : m == COST_LATENCY_US ? 1e3 : 1;
    return m == COST_ENERGY_UJ    ? "pJ"
           : m == COST_LATENCY_US ? "ns"
                                  : cost_metric_units[m];
}

status export_npy(const struct cost_table *t, enum cost_metric metric, const char *path,
                  const char **unit, struct err *err)
{
    const size_t shape[] = {(size_t)t->n_rows / PAIRS, 8, 8};
    double scale;
    *unit = whole_unit(metric, &scale);
    int64_t *values = calloc((size_t)t->n_rows + 1, sizeof *values);
    if (!values) return arena_exhausted(err);
    status st = ST_OK;
    for (int32_t i = 0; i < t->n_rows && st == ST_OK; i++) {
        const double v = t->costs[i].metric[metric].value * scale;
        if (v >= 0 && v < 9e18)
            values[i] = llround(v);
        else
            st = err_set(
                err, ST_RANGE,
                "layer '%s': expected a cost of %s at %d-bit weights and %d-bit "
                "activations, as a .npy has no gaps; the model has none",
                t->layers[i].name, cost_metric_names[metric], (int)t->layers[i].wbits,
                (int)t->layers[i].abits);
    }
    if (st == ST_OK) st = npy_save_i64(path, 3, shape, values, err);
    free(values);
    return st;
}

/* ---- energy and area of a mac ---- */

static bool element_value(const struct export_source *s, const struct mac_config *mac,
                          enum element_metric metric, double *out)
{
    struct cost_value v;
    const char *outside;
    const struct element e = element_of_mac(mac);
    if (cost_element(s->model, s->toolchain, &e, metric, &v, &outside, NULL) != ST_OK)
        return false;
    *out = v.value;
    return true;
}

/* [pJ] per product: the model's own energies, else the profile's. */
static bool energy_of(const struct export_source *s, const struct mac_config *mac,
                      double *out)
{
    if (element_value(s, mac, ELEMENT_ENERGY, out)) return true;
    if (!s->profile || energy_of_fpga(s->profile)) return false;
    *out = energy_mac_pj(s->profile, mac->wbits, mac->abits, mac->acc_bits);
    return true;
}

/* ---- Accelergy: library ---- */

static struct mac_config library_mac(int32_t SIMD, int w, int a)
{
    return (struct mac_config){.SIMD = SIMD,
                               .wbits = w,
                               .abits = a,
                               .wsigned = true,
                               .acc_bits = quant_acc_bits(1024, w, true, a, false)};
}

status export_accelergy(const struct export_source *s, int32_t SIMD,
                        const struct provenance *p, FILE *f, struct err *err)
{
    double energy, area;
    int32_t n = 0;
    const struct mac_config probe = library_mac(SIMD, 8, 8);
    const bool um2 = element_value(s, &probe, ELEMENT_AREA, &area);
    provenance_csv(p, f);
    fprintf(f, "# mac_parallel of %d products by toolchain %s, energies %s\n",
            (int)SIMD, cost_model_toolchain(s->model, s->toolchain),
            element_value(s, &probe, ELEMENT_ENERGY, &energy) ? "measured"
            : s->profile                                      ? s->profile->name
                                                              : "none");
    fprintf(f, "# area: per product, in %s\n",
            um2 ? "um^2" : "LUT, as this toolchain has no areas");
    fprintf(f, "# leak and update are not modelled: 0 stands there because the reader "
               "asks for them\n");
    fprintf(f, "technology,global_cycle_seconds,width_a|datawidth_a,"
               "width_b|datawidth_b,energy,area,action\n");
    for (int k = 0; k < PAIRS; k++) {
        const int w = k / 8 + 1, a = k % 8 + 1;
        const struct mac_config mac = library_mac(SIMD, w, a);
        if (!energy_of(s, &mac, &energy) ||
            !element_value(s, &mac, um2 ? ELEMENT_AREA : ELEMENT_LUT, &area))
            continue;
        fprintf(f, "*,*,%d,%d,%.6g,%.6g,multiply|read\n", w, a, energy, area / SIMD);
        fprintf(f, "*,*,%d,%d,0,%.6g,leak\n", w, a, area / SIMD);
        fprintf(f, "*,*,%d,%d,0,%.6g,update|write\n", w, a, area / SIMD);
        n++;
    }
    if (n == 0)
        return err_set(
            err, ST_RANGE,
            "toolchain %s: expected energies of mac_parallel and its area or "
            "LUTs, found none; say --energy PROFILE or take a model that was "
            "fitted to energies",
            cost_model_toolchain(s->model, s->toolchain));
    if (fflush(f) == 0 && !ferror(f)) return ST_OK;
    return err_set(err, ST_IO, "cannot write the table");
}

/* ---- Accelergy: ERT and ART ---- */

static struct mac_config layer_mac(const struct mvu_config *c)
{
    return (struct mac_config){.SIMD = c->SIMD,
                               .wbits = c->wbits,
                               .abits = c->abits,
                               .wsigned = c->wsigned,
                               .asigned = c->asigned,
                               .acc_bits = c->acc_bits};
}

static status lacks(const struct export_source *s, const struct mvu_config *c,
                    const char *what, const char *hint, struct err *err)
{
    return err_set(err, ST_RANGE,
                   "layer '%s': expected %s of a mac of %dx%d bits from toolchain %s, "
                   "found none; %s",
                   c->name, what, (int)c->wbits, (int)c->abits,
                   cost_model_toolchain(s->model, s->toolchain), hint);
}

static void open_tables(struct yaml_out *o, const char *root)
{
    yaml_out_map(o, false);
    yaml_out_key(o, root);
    yaml_out_map(o, false);
    yaml_out_put_text(o, "version", "0.4");
    yaml_out_key(o, "tables");
    yaml_out_seq(o, false);
}

static void put_name(struct yaml_out *o, const struct mvu_config *c)
{
    char name[RTL_NAME_MAX + 48];
    snprintf(name, sizeof name, "system_top_level.%s_mac[1..%d]", c->name,
             (int)(c->PE * c->SIMD));
    yaml_out_put_text(o, "name", name);
}

static void put_action(struct yaml_out *o, double energy_pj, double clock_mhz)
{
    yaml_out_key(o, "actions");
    yaml_out_seq(o, false);
    yaml_out_map(o, false);
    yaml_out_put_text(o, "name", "compute");
    yaml_out_key(o, "arguments");
    yaml_out_map(o, true);
    yaml_out_put_double(o, "global_cycle_seconds", 1e-6 / clock_mhz);
    yaml_out_put_int(o, "action_latency_cycles", 1);
    yaml_out_end(o);
    yaml_out_put_double(o, "energy", energy_pj);
    yaml_out_end(o);
    yaml_out_end(o);
}

static status close_tables(struct yaml_out *o, status st, struct err *err)
{
    if (st != ST_OK) {
        yaml_out_abort(o);
        return st;
    }
    for (int i = 0; i < 3; i++)
        yaml_out_end(o);
    return yaml_out_commit(o, err);
}

status export_ert(const struct export_source *s, const struct cost_table *t,
                  double clock_mhz, const char *path, struct err *err)
{
    struct yaml_out *o;
    status st = ST_OK;
    TRY(yaml_out_open(path, &o, err));
    open_tables(o, "ERT");
    for (int32_t i = 0; i < t->n_rows && st == ST_OK; i++) {
        const struct mac_config mac = layer_mac(&t->layers[i]);
        double energy;
        if (!energy_of(s, &mac, &energy)) {
            st = lacks(s, &t->layers[i], "the energy", "say --energy PROFILE", err);
            break;
        }
        yaml_out_map(o, false);
        put_name(o, &t->layers[i]);
        put_action(o, energy, clock_mhz);
        yaml_out_end(o);
    }
    return close_tables(o, st, err);
}

status export_art(const struct export_source *s, const struct cost_table *t,
                  const char *path, struct err *err)
{
    struct yaml_out *o;
    status st = ST_OK;
    TRY(yaml_out_open(path, &o, err));
    open_tables(o, "ART");
    for (int32_t i = 0; i < t->n_rows && st == ST_OK; i++) {
        const struct mac_config mac = layer_mac(&t->layers[i]);
        double area;
        if (!element_value(s, &mac, ELEMENT_AREA, &area)) {
            st = lacks(s, &t->layers[i], "the area",
                       "take a model that was fitted to areas [um2]", err);
            break;
        }
        yaml_out_map(o, false);
        put_name(o, &t->layers[i]);
        yaml_out_put_double(o, "area", area / t->layers[i].SIMD);
        yaml_out_end(o);
    }
    return close_tables(o, st, err);
}
