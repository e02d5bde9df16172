/* job.c -- opening and closing a run: inputs, space, budgets, state folder. */
#include "search/job.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"

/* A model of another target is not the budget's fault alone: say both. */
static status check_target(const struct job *j, struct err *err)
{
    char list[128] = "";
    const enum rtl_target target = j->opt->space.target;
    for (int i = 0; i < cost_model_n_toolchains(j->model); i++) {
        const char *name = cost_model_target_name(j->model, i);
        if (cost_model_target(j->model, i) == target) return ST_OK;
        if (strstr(list, name)) continue;
        const size_t n = strlen(list);
        snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "", name);
    }
    return err_set(
        err, ST_RANGE,
        "%s%s is for target %s, but cost model %s knows only %s: give a "
        "model fitted to measurements for %s, or %s",
        j->budget.target[0] ? "budget " : "the search", j->budget.name,
        rtl_target_names[target], j->opt->cost, list, rtl_target_names[target],
        j->budget.target[0] ? "the budget of another device" : "--target as the model");
}

static status select_toolchain(struct job *j, struct err *err)
{
    const char *name =
        j->opt->toolchain ? j->opt->toolchain : rtl_target_names[j->opt->space.target];
    TRY(check_target(j, err));
    TRY(cost_model_select(j->model, name, &j->toolchain, err));
    const enum rtl_target target = cost_model_target(j->model, j->toolchain);
    if (target == j->opt->space.target) return ST_OK;
    return err_set(err, ST_RANGE, "--toolchain %s: is for target %s, expected %s", name,
                   cost_model_target_name(j->model, j->toolchain),
                   rtl_target_names[j->opt->space.target]);
}

/* A limit of cycles is a limit of every layer's folding, so the space is built for it:
 * each candidate then meets it. */
static status build_space(struct job *j, struct err *err)
{
    struct space_options o = j->opt->space;
    o.toolchain = j->toolchain;
    o.energy = j->opt->energy.profile ? &j->energy : NULL;
    o.layers = j->table;
    o.shared = j->shared;
    o.selectors = j->selectors.n ? &j->selectors : NULL;
    o.max_cycles = j->budget.limit[COST_CYCLES];
    TRY(space_build(j->graph, j->model, &o, j->arena, &j->space, err));
    TRY(space_resolve_budget(j->space, &j->budget, err));
    if (j->budget.limit[COST_CYCLES] >= o.max_cycles) return ST_OK;
    o.max_cycles = j->budget.limit[COST_CYCLES]; /* it was a share of a uniform plan */
    return space_build(j->graph, j->model, &o, j->arena, &j->space, err);
}

/* " wbits 1 2" of a mask, nothing of an empty one. */
static const char *bits_text(const char *side, uint32_t mask, char text[64])
{
    int n = 0;
    text[0] = '\0';
    for (int b = 1; b <= 8; b++)
        if (mask >> b & 1u)
            n += n ? snprintf(text + n, 64 - (size_t)n, " %d", b)
                   : snprintf(text, 64, " %s %d", side, b);
    return text;
}

static void note_unpriced(const struct job *j)
{
    char w[64], a[64];
    const struct space *s = j->space;
    if (s->unpriced_why.code == ST_OK) return;
    cli_note("left out, because no cost is known of them:%s%s; first: %s",
             bits_text("wbits", s->w_unpriced, w), bits_text("abits", s->a_unpriced, a),
             s->unpriced_why.msg);
}

static bool is_architecture(const char *path)
{
    const size_t n = strlen(path);
    return n >= 5 && strcmp(path + n - 5, ".yaml") == 0;
}

static status load_cost(struct job *j, struct err *err)
{
    const struct job_options *o = j->opt;
    const char *cost;
    TRY(cost_model_find(o->cost, j->arena, &cost, err));
    TRY(provenance_input(&j->provenance, cost, err));
    if (!layer_table_is_file(cost)) {
        TRY(cost_model_load(cost, j->arena, &j->model, err));
        return select_toolchain(j, err);
    }
    if (o->toolchain || o->energy.profile || j->budget.target[0])
        return err_set(err, ST_USAGE,
                       "--cost %s is a table of layers, which knows of no toolchain, "
                       "energy profile or device: leave out --%s",
                       o->cost,
                       o->toolchain ? "toolchain"
                       : o->energy.profile
                           ? "energy"
                           : "budget of a device and give limits such as "
                             "latency_us=500");
    j->table = ARENA_NEW(j->arena, struct layer_table, 1);
    if (!j->table) return arena_exhausted(err);
    return layer_table_load(cost, j->arena, j->table, err);
}

static status load_energy(struct job *j, struct err *err)
{
    TRY(energy_source_load(&j->opt->energy, j->arena, &j->provenance, &j->energy, err));
    if (j->energy.outside)
        cli_note(
            "warning: the mac of profile %s lies outside what the energy model was "
            "fitted to: %s",
            j->energy.profile->name, j->energy.outside);
    return ST_OK;
}

static status load_inputs(struct job *j, struct err *err)
{
    const struct job_options *o = j->opt;
    TRY(budget_parse(&o->budgets, &j->budget, err));
    if (o->budgets.n == 0)
        cli_note("no --budget: nothing limits the search, which then takes most bits; "
                 "say one such as lut=0.97*uniform4 or a device such as zynq7020");
    if (j->budget.target[0] &&
        strcmp(j->budget.target, rtl_target_names[o->space.target]) != 0)
        return err_set(err, ST_RANGE, "budget %s is for target %s, but --target is %s",
                       j->budget.name, j->budget.target,
                       rtl_target_names[o->space.target]);
    TRY(nn_graph_load(o->network, o->seed, j->arena, &j->graph, err));
    if (is_architecture(o->network))
        cli_note(
            "warning: %s has no weights: the search starts from random ones; for a "
            "good plan give the .onnx of bitwright train",
            o->network);
    TRY(provenance_input(&j->provenance, o->network, err));
    if (o->accel)
        TRY(job_load_shared(j, err));
    else
        TRY(load_cost(j, err));
    return o->energy.profile ? load_energy(j, err) : ST_OK;
}

/* What no fit is behind needs no margin. */
static bool is_exact(enum cost_metric m)
{
    return m == COST_CYCLES || m == COST_SIZE_BYTES || m == COST_BITOPS;
}

static void set_margin(struct job *j)
{
    j->search_budget = j->budget;
    for (int m = 0; m < COST_N_METRICS; m++)
        if (!is_exact((enum cost_metric)m))
            j->search_budget.limit[m] *= 1 - j->opt->budget_margin;
}

static status load_selectors(struct job *j, struct err *err)
{
    const char *home, *path = j->opt->config;
    if (!path) return ST_OK;
    if (!file_exists(path) && !strchr(path, '/')) {
        TRY(file_home_dir(j->arena, &home, err));
        path = arena_printf(j->arena, "%s/configs/search/%s.yaml", home, path);
        if (!path) return arena_exhausted(err);
    }
    TRY(provenance_input(&j->provenance, path, err));
    return selectors_load(path, j->arena, &j->selectors, err);
}

static status check_feasible(struct job *j, struct err *err)
{
    bool several;
    TRY(search_feasible(j->space, &j->search_budget, NULL, NULL, &several, err));
    if (!several && space_n_cells(j->space) > 0)
        cli_note("the budget admits a single assignment of bits: nothing to search; "
                 "allow fewer bits (--wbits, --abits) or raise the budget");
    return ST_OK;
}

status job_open(const struct job_options *opt, struct arena *a, struct job *out,
                struct err *err)
{
    memset(out, 0, sizeof *out);
    out->opt = opt;
    out->arena = a;
    provenance_init(&out->provenance, "bitwright search", opt->seed);
    TRY(load_inputs(out, err));
    if (out->shared) TRY(job_settle_array(out, err));
    TRY(load_selectors(out, err));
    TRY(build_space(out, err));
    set_margin(out);
    note_unpriced(out);
    TRY(check_feasible(out, err));
    return pool_new(opt->n_threads, &out->pool, err);
}

void job_close(struct job *j)
{
    pool_free(j->pool);
    j->pool = NULL;
}

static status check_images(const struct job *j, const struct nn_images *images,
                           struct err *err)
{
    const struct nn_node *in = &j->graph->nodes[0];
    if (images->H == in->H && images->W == in->W && images->C == in->C &&
        images->n_classes <= j->graph->n_classes)
        return ST_OK;
    return err_set(err, ST_RANGE,
                   "--data %s: expected images of %dx%dx%d in at most %d classes as "
                   "network %s reads, found %dx%dx%d in %d",
                   j->opt->data, (int)in->H, (int)in->W, (int)in->C,
                   (int)j->graph->n_classes, j->graph->name, (int)images->H,
                   (int)images->W, (int)images->C, (int)images->n_classes);
}

status job_load_data(struct job *j, struct err *err)
{
    TRY(nn_dataset_load(j->opt->data, j->opt->n_held_out, NN_SPLIT_SEED, j->arena,
                        &j->dataset, err));
    TRY(nn_dataset_load_test(j->opt->data, j->arena, &j->test, err));
    return check_images(j, &j->test, err);
}

/* ---- the state folder ---- */

static void hash_double(struct hash *h, double v) { hash_bytes(h, &v, sizeof v); }

/* Of everything that determines the result; the data by its description only. */
static struct hash_key job_key(const struct job *j, struct hash *h)
{
    const struct job_options *o = j->opt;
    hash_text(h, BITWRIGHT_VERSION);
    for (int i = 0; i < j->provenance.n_inputs; i++)
        hash_text(h, j->provenance.inputs[i].key.hex);
    hash_text(h, o->data);
    hash_i64(h, o->energy.weights_in_dram);
    hash_text(h, o->method->name);
    hash_i64(h, o->method_options.sensitivity);
    hash_i64(h, o->method_options.haq_rule);
    hash_i64(h, j->toolchain);
    hash_i64(h, o->space.w_mask);
    hash_i64(h, o->space.a_mask);
    hash_i64(h, o->space.first_w_mask);
    hash_i64(h, o->space.last_mask);
    hash_double(h, o->budget_margin);
    hash_i64(h, o->space.requant_mul);
    hash_i64(h, o->space.weight_ram);
    hash_double(h, o->space.fps);
    hash_double(h, o->space.clock_mhz);
    hash_i64(h, o->accel != NULL);
    for (int m = 0; m < COST_N_METRICS; m++)
        hash_double(h, j->budget.limit[m]);
    ssps_options_hash(&o->ssps, h);
    hash_double(h, o->epochs);
    hash_i64(h, o->finetune_epochs);
    hash_i64(h, o->equal_epochs);
    hash_i64(h, o->n_held_out);
    hash_double(h, o->lr);
    hash_i64(h, o->fp32_backward);
    hash_double(h, o->distill);
    hash_i64(h, (int64_t)o->seed);
    return hash_free_key(h);
}

const char *job_state_file(struct job *j, const char *name)
{
    return file_join(j->arena, j->state_dir, name);
}

/* True if the folder holds that key. */
static bool same_key(struct job *j, const char *path, const char *key)
{
    char *text;
    size_t size;
    return file_exists(path) &&
           file_read(path, j->arena, &text, &size, NULL) == ST_OK &&
           strncmp(text, key, strlen(key)) == 0;
}

/* Flat folder; the key goes last, so that a removal that was killed is recognised. */
static status remove_state(struct job *j, struct err *err)
{
    struct dirent **list;
    const int n = scandir(j->state_dir, &list, NULL, NULL);
    for (int i = 0; i < n; i++) {
        const char *name = list[i]->d_name;
        const char *path = job_state_file(j, name);
        if (path && name[0] != '.' && strcmp(name, "key") != 0) unlink(path);
        free(list[i]);
    }
    if (n >= 0) free(list);
    return file_remove_tree(j->state_dir, err);
}

/* Removes the folder that a run left which was killed before its key was written:
 * empty, or with the key's temporary file alone. */
static bool remove_keyless(struct job *j)
{
    struct dirent **list;
    const int n = scandir(j->state_dir, &list, NULL, NULL);
    for (int i = 0; i < n; i++) {
        const char *path = job_state_file(j, list[i]->d_name);
        if (path && strncmp(list[i]->d_name, "key.tmp-", 8) == 0) unlink(path);
        free(list[i]);
    }
    if (n >= 0) free(list);
    return rmdir(j->state_dir) == 0;
}

status job_open_state(struct job *j, struct err *err)
{
    snprintf(j->state_dir, sizeof j->state_dir, "%s.state", j->opt->output);
    struct hash *h = hash_new();
    const char *path = job_state_file(j, "key");
    if (!h || !path) return arena_exhausted(err);
    const struct hash_key key = job_key(j, h);
    if (same_key(j, path, key.hex)) {
        cli_note("resuming from %s", j->state_dir);
        return ST_OK;
    }
    if (j->opt->resume)
        return err_set(err, ST_NOT_FOUND,
                       "--resume: expected the state of this search in %s, found %s",
                       j->state_dir,
                       file_exists(path) ? "that of another one (inputs or options "
                                           "differ)"
                                         : "none");
    if (file_exists(j->state_dir) && !file_exists(path) && !remove_keyless(j))
        return err_set(err, ST_RANGE,
                       "%s: expected no such folder or that of a search, found a "
                       "folder without key; remove it",
                       j->state_dir);
    TRY(remove_state(j, err));
    TRY(file_make_dirs(j->state_dir, err));
    return file_write(path, key.hex, strlen(key.hex), err);
}

status job_close_state(struct job *j, struct err *err)
{
    return j->opt->keep_state ? ST_OK : remove_state(j, err);
}
