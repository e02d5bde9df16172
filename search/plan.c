/* plan.c -- filling a plan, and writing plan.yaml. */
#include "search/plan.h"

#include <math.h>
#include <stdio.h>

#include "base/yaml.h"

static void put_known(struct yaml_out *o, const char *key, double value)
{
    if (isfinite(value)) yaml_out_put_double(o, key, value);
}

static void put_head(struct yaml_out *o, const struct plan *p)
{
    yaml_out_put_text(o, "method", p->method);
    yaml_out_put_int(o, "seed", (int64_t)p->seed);
    yaml_out_put_text(o, "network", p->network);
    yaml_out_put_text(o, "data", p->data);
    yaml_out_put_text(o, "cost_model", p->cost_model);
    yaml_out_put_text(o, "target", p->target);
    put_known(o, "fps", p->fps);
    put_known(o, "clock_mhz", p->clock_mhz);
    yaml_out_put_text(o, "energy_profile", p->energy_profile);
    yaml_out_key(o, "files");
    yaml_out_map(o, true);
    yaml_out_put_text(o, "quantised", p->quantised);
    if (p->accel[0]) yaml_out_put_text(o, "accel", p->accel);
    if (p->verilog[0]) yaml_out_put_text(o, "verilog", p->verilog);
    yaml_out_end(o);
}

/* Metrics that are known (not NaN) and finite, as keys of the open map. */
static void put_metrics(struct yaml_out *o, const double value[COST_N_METRICS])
{
    for (int m = 0; m < COST_N_METRICS; m++)
        if (isfinite(value[m])) yaml_out_put_double(o, cost_metric_names[m], value[m]);
}

static void put_estimate(struct yaml_out *o, const struct cost_estimate *e)
{
    yaml_out_key(o, "estimate");
    yaml_out_map(o, false);
    for (int m = 0; m < COST_N_METRICS; m++) {
        const struct cost_value *v = &e->metric[m];
        if (!isfinite(v->value)) continue;
        yaml_out_key(o, cost_metric_names[m]);
        yaml_out_map(o, true);
        yaml_out_put_double(o, "value", v->value);
        yaml_out_put_double(o, "lo", v->lo);
        yaml_out_put_double(o, "hi", v->hi);
        yaml_out_put_text(o, "level", cost_level_names[v->level]);
        yaml_out_end(o);
    }
    yaml_out_end(o);
}

static void put_accuracy(struct yaml_out *o, const struct plan *p)
{
    yaml_out_key(o, "accuracy");
    yaml_out_map(o, false);
    yaml_out_put_double(o, "plan", p->accuracy);
    yaml_out_put_double(o, "float", p->accuracy_float);
    yaml_out_put_int(o, "n_images", p->n_test_images);
    yaml_out_put_text(o, "split", "test");
    yaml_out_key(o, "uniform");
    yaml_out_map(o, false);
    for (int32_t i = 0; i < p->n_uniform; i++) {
        const struct plan_uniform *u = &p->uniform[i];
        char bits[4];
        snprintf(bits, sizeof bits, "%d", (int)u->bits);
        yaml_out_key(o, bits);
        yaml_out_map(o, true);
        yaml_out_put_double(o, "accuracy", u->accuracy);
        yaml_out_key(o, "budget_met");
        yaml_out_bool(o, u->budget_met);
        put_metrics(o, u->cost);
        yaml_out_end(o);
    }
    yaml_out_end(o);
    yaml_out_end(o);
}

static void put_values(struct yaml_out *o, const char *key, const double value[9])
{
    yaml_out_key(o, key);
    yaml_out_map(o, true);
    for (int b = 1; b < 9; b++) {
        const char bits[2] = {(char)('0' + b), '\0'};
        if (isfinite(value[b])) yaml_out_put_double(o, bits, value[b]);
    }
    yaml_out_end(o);
}

static void put_layer(struct yaml_out *o, const struct plan_layer *l)
{
    yaml_out_map(o, true);
    yaml_out_put_text(o, "name", l->name);
    yaml_out_put_int(o, "wbits", l->wbits);
    yaml_out_put_int(o, "abits", l->abits);
    if (l->PE) yaml_out_put_int(o, "PE", l->PE);
    if (l->SIMD) yaml_out_put_int(o, "SIMD", l->SIMD);
    put_known(o, "lut", l->lut);
    put_known(o, "ff", l->ff);
    put_known(o, "dsp", l->dsp);
    put_known(o, "bram18", l->bram18);
    if (l->cycles >= 0) yaml_out_put_int(o, "cycles", l->cycles);
    put_known(o, "energy_uj", l->energy_uj);
    put_known(o, "latency_us", l->latency_us);
    if (l->has_values) {
        yaml_out_key(o, "values");
        yaml_out_map(o, true);
        put_values(o, "w", l->w_value);
        put_values(o, "a", l->a_value);
        yaml_out_end(o);
    }
    yaml_out_end(o);
}

static void put_record(struct yaml_out *o, const struct search_record *r)
{
    yaml_out_map(o, true);
    yaml_out_put_int(o, "step", r->step);
    yaml_out_put_double(o, "loss", r->loss);
    put_metrics(o, r->expected);
    yaml_out_put_int(o, "decided", r->n_decided);
    yaml_out_end(o);
}

void plan_fill_target(struct plan *p, const struct space_options *o, bool by_table)
{
    snprintf(p->target, sizeof p->target, "%s",
             by_table ? "none" : rtl_target_names[o->target]);
    p->fps = by_table ? NAN : o->fps;
    p->clock_mhz = by_table ? NAN : o->clock_mhz;
}

void plan_fill_layer(const struct space *space, const struct nn_path *path,
                     const struct nn_scores *values, int32_t i, struct plan_layer *out)
{
    const struct space_cell *c = &space->cell[i][path->wbits[i]][path->abits[i]];
    const double cycles = c->est.metric[COST_CYCLES].value;
    *out = (struct plan_layer){.wbits = path->wbits[i],
                               .abits = path->abits[i],
                               .PE = c->mvu.PE,
                               .SIMD = c->mvu.SIMD,
                               .lut = c->est.metric[COST_LUT].value,
                               .ff = c->est.metric[COST_FF].value,
                               .dsp = c->est.metric[COST_DSP].value,
                               .bram18 = c->est.metric[COST_BRAM18].value,
                               .energy_uj = c->est.metric[COST_ENERGY_UJ].value,
                               .latency_us = c->est.metric[COST_LATENCY_US].value,
                               .cycles = isnan(cycles) ? -1 : (int64_t)cycles,
                               .has_values = values != NULL};
    snprintf(out->name, sizeof out->name, "%s", c->mvu.name);
    for (int b = 0; b < 9 && values; b++) {
        const bool w = space->w_mask[i] >> b & 1u, a = space->a_mask[i] >> b & 1u;
        out->w_value[b] = w ? values->w[i][b] : NAN;
        out->a_value[b] = a ? values->a[i][b] : NAN;
    }
}

status plan_save(const struct plan *p, const struct provenance *prov, const char *path,
                 struct err *err)
{
    struct yaml_out *o;
    TRY(yaml_out_open(path, &o, err));
    yaml_out_map(o, false);
    yaml_out_put_int(o, "version", 1);
    provenance_yaml(prov, o);
    put_head(o, p);
    yaml_out_key(o, "budget");
    yaml_out_map(o, true);
    put_metrics(o, p->budget.limit);
    yaml_out_end(o);
    put_estimate(o, &p->estimate);
    put_accuracy(o, p);
    yaml_out_key(o, "layers");
    yaml_out_seq(o, false);
    for (int32_t i = 0; i < p->n_layers; i++)
        put_layer(o, &p->layers[i]);
    yaml_out_end(o);
    if (isfinite(p->proxy_value)) {
        yaml_out_key(o, "proxy");
        yaml_out_map(o, true);
        yaml_out_put_double(o, "value", p->proxy_value);
        put_known(o, "bound", p->proxy_bound);
        yaml_out_end(o);
    }
    yaml_out_key(o, "history");
    yaml_out_seq(o, false);
    for (int32_t i = 0; i < p->n_records; i++)
        put_record(o, &p->records[i]);
    yaml_out_end(o);
    yaml_out_end(o);
    return yaml_out_commit(o, err);
}
