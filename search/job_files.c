/* job_files.c -- the files of a finished run.
 *
 * plan.yaml is written last and names the others, which lie beside it:
 *   NAME.onnx         the quantised network
 *   NAME-accel.yaml   the accelerator, with the requantisers the network needs
 *   NAME-verilog/     one top module per layer */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "search/job.h"

/* The widths that the search could not know come from the quantised network. */
static status layer_config(const struct job *j, const struct nn_path *path,
                           const struct qnet *q, int32_t i, struct mvu_config *m,
                           struct err *err)
{
    const struct qnet_layer *l = qnet_layer(q, i);
    *m = j->space->cell[i][path->wbits[i]][path->abits[i]].mvu;
    if (l->wbits != m->wbits || l->abits != m->abits || l->asigned != m->asigned ||
        l->wsigned != m->wsigned)
        return err_set(err, ST_MISMATCH,
                       "layer %s: expected w%d a%d %s activations, the quantised "
                       "network has w%d a%d %s",
                       m->name, (int)m->wbits, (int)m->abits,
                       m->asigned ? "signed" : "unsigned", l->wbits, l->abits,
                       l->asigned ? "signed" : "unsigned");
    m->shift = l->requant.shift;
    m->out_bits = l->requant.out_bits;
    m->out_signed = l->requant.out_signed;
    return ST_OK;
}

status job_accel(struct job *j, const struct nn_path *path, const struct qnet *q,
                 struct accel_config *out, struct err *err)
{
    *out = (struct accel_config){.style = RTL_DATAFLOW,
                                 .target = j->opt->space.target,
                                 .clock_mhz = j->opt->space.clock_mhz,
                                 .n_layers = j->space->n_layers};
    snprintf(out->name, sizeof out->name, "%.63s", j->graph->name);
    out->layers = ARENA_NEW(j->arena, struct mvu_config, (size_t)out->n_layers);
    if (!out->layers) return arena_exhausted(err);
    for (int32_t i = 0; i < out->n_layers; i++)
        TRY(layer_config(j, path, q, i, &out->layers[i], err));
    return accel_config_check(out, err);
}

static status estimate(struct job *j, const struct accel_config *c, struct plan *p,
                       struct err *err)
{
    struct cost_estimate *e =
        ARENA_NEW(j->arena, struct cost_estimate, (size_t)c->n_layers);
    if (!e) return arena_exhausted(err);
    for (int32_t i = 0; i < c->n_layers; i++) {
        TRY(cost_mvu(j->model, j->toolchain, &c->layers[i],
                     j->opt->energy.profile ? &j->energy : NULL, &e[i], err));
        p->layers[i].lut = e[i].metric[COST_LUT].value;
        p->layers[i].ff = e[i].metric[COST_FF].value;
        p->layers[i].dsp = e[i].metric[COST_DSP].value;
        p->layers[i].bram18 = e[i].metric[COST_BRAM18].value;
        p->layers[i].energy_uj = e[i].metric[COST_ENERGY_UJ].value;
        p->layers[i].cycles = (int64_t)e[i].metric[COST_CYCLES].value;
    }
    cost_total(e, c->n_layers, &p->estimate);
    return ST_OK;
}

/* Where layers have no units of their own nothing changes once the plan is fixed. */
static void estimate_by_table(struct job *j, const struct nn_path *path,
                              struct cost_estimate *e, struct plan *p)
{
    for (int32_t i = 0; i < p->n_layers; i++)
        e[i] = j->space->cell[i][path->wbits[i]][path->abits[i]].est;
    cost_total(e, p->n_layers, &p->estimate);
    for (int m = 0; m < COST_N_METRICS && j->shared; m++)
        if (!isnan(j->array_cost[m].value)) p->estimate.metric[m] = j->array_cost[m];
    if (p->estimate.outside_box)
        cli_note(
            "warning: the plan asks for precisions outside what was measured (%s): "
            "measure them before you trust its costs",
            p->estimate.outside);
}

static status check_budget(const struct job *j, const struct plan *p, struct err *err)
{
    double cost[COST_N_METRICS], ratio;
    for (int m = 0; m < COST_N_METRICS; m++)
        cost[m] = p->estimate.metric[m].value;
    if (budget_met(&j->budget, cost)) return ST_OK;
    const enum cost_metric m = budget_binding(&j->budget, cost, &ratio);
    return err_set(err, ST_MISMATCH,
                   "the finished accelerator is estimated at %s %.6g against a budget "
                   "of %.6g, although its search space was within it",
                   cost_metric_names[m], cost[m], j->budget.limit[m]);
}

/* "dir/name" of "dir/name.yaml". */
static char *stem(struct arena *a, const char *output)
{
    const size_t n = strlen(output);
    const bool yaml = n > 5 && strcmp(output + n - 5, ".yaml") == 0;
    return arena_strndup(a, output, yaml ? n - 5 : n);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static status copy_file(struct job *j, const char *from, const char *to,
                        struct err *err)
{
    char *bytes;
    size_t size;
    TRY(file_read(from, j->arena, &bytes, &size, err));
    return file_write(to, bytes, size, err);
}

/* Hardware that is not ours gets the network alone. */
static status write_network(struct job *j, const char *quantised, const char *base,
                            struct plan *p, struct err *err)
{
    const char *onnx = arena_printf(j->arena, "%s.onnx", base);
    if (!onnx) return arena_exhausted(err);
    snprintf(p->quantised, sizeof p->quantised, "%s", base_name(onnx));
    return copy_file(j, quantised, onnx, err);
}

static status write_parts(struct job *j, const struct accel_config *accel,
                          const char *quantised, struct plan *p, struct err *err)
{
    const char *base = stem(j->arena, j->opt->output);
    if (!base) return arena_exhausted(err);
    const char *yaml = arena_printf(j->arena, "%s-accel.yaml", base);
    const char *dir = arena_printf(j->arena, "%s-verilog", base);
    if (!yaml || !dir) return arena_exhausted(err);
    TRY(write_network(j, quantised, base, p, err));
    TRY(accel_config_save(accel, &j->provenance, yaml, err));
    TRY(file_make_dirs(dir, err));
    TRY(accel_config_write_verilog(accel, dir, err));
    snprintf(p->accel, sizeof p->accel, "%s", base_name(yaml));
    snprintf(p->verilog, sizeof p->verilog, "%s", base_name(dir));
    return ST_OK;
}

/* A path that the plan names: relative to the plan, not to who searched. */
static status put_path(struct job *j, const char *prefix, int n_prefix,
                       const char *path, char out[256], struct err *err)
{
    const char *relative = file_relative(j->arena, j->opt->output, path);
    if (!relative) return arena_exhausted(err);
    if (snprintf(out, 256, "%.*s%s", n_prefix, prefix, relative) < 256) return ST_OK;
    return err_set(err, ST_RANGE,
                   "%s: expected a path of at most 255 characters, found "
                   "%zu",
                   path, strlen(relative));
}

static status put_inputs(struct job *j, struct plan *p, struct err *err)
{
    const struct job_options *o = j->opt;
    const char *cost = job_cost_name(j), *folder = nn_dataset_path(o->data);
    TRY(put_path(j, "", 0, o->network, p->network, err));
    TRY(put_path(j, o->data, (int)(folder - o->data), folder, p->data, err));
    if (strpbrk(cost, "/.")) return put_path(j, "", 0, cost, p->cost_model, err);
    snprintf(p->cost_model, sizeof p->cost_model, "%s", cost);
    return ST_OK;
}

static status fill_head(struct job *j, const struct search_result *r, struct plan *p,
                        struct err *err)
{
    const struct job_options *o = j->opt;
    snprintf(p->method, sizeof p->method, "%s", o->method->name);
    p->proxy_value = r->proxy_value;
    p->proxy_bound = r->proxy_bound;
    TRY(put_inputs(j, p, err));
    plan_fill_target(p, &o->space, j->table || j->shared);
    snprintf(p->energy_profile, sizeof p->energy_profile, "%s",
             o->energy.profile ? j->energy.name : "");
    p->seed = o->seed;
    p->budget = j->budget;
    p->n_records = r->n_records;
    p->records = r->records;
    p->n_layers = j->space->n_layers;
    p->layers = ARENA_NEW(j->arena, struct plan_layer, (size_t)p->n_layers);
    if (!p->layers) return arena_exhausted(err);
    for (int32_t i = 0; i < p->n_layers; i++)
        plan_fill_layer(j->space, &r->path, r->has_values ? &r->values : NULL, i,
                        &p->layers[i]);
    return ST_OK;
}

static status write_by_table(struct job *j, const char *quantised,
                             const struct search_result *r, struct plan *p,
                             struct err *err)
{
    const char *base = stem(j->arena, j->opt->output);
    struct cost_estimate *e =
        ARENA_NEW(j->arena, struct cost_estimate, (size_t)p->n_layers);
    if (!e || !base) return arena_exhausted(err);
    estimate_by_table(j, &r->path, e, p);
    TRY(check_budget(j, p, err));
    TRY(write_network(j, quantised, base, p, err));
    return plan_save(p, &j->provenance, j->opt->output, err);
}

status job_write(struct job *j, struct plan *p, const struct search_result *r,
                 struct err *err)
{
    const char *quantised = job_state_file(j, "plan.onnx");
    if (!quantised) return arena_exhausted(err);
    struct qnet *q;
    struct accel_config accel;
    TRY(fill_head(j, r, p, err));
    if (j->table || j->shared) return write_by_table(j, quantised, r, p, err);
    TRY(qnet_load(quantised, j->arena, &q, err));
    TRY(job_accel(j, &r->path, q, &accel, err));
    TRY(estimate(j, &accel, p, err));
    TRY(check_budget(j, p, err));
    TRY(write_parts(j, &accel, quantised, p, err));
    return plan_save(p, &j->provenance, j->opt->output, err);
}
