/* plan_read.c -- reading plan.yaml, strictly. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/yaml.h"
#include "search/names.h"
#include "search/plan.h"

static status read_optional(const struct yaml_node *map, const char *key, double *out,
                            struct err *err)
{
    const struct yaml_node *n = yaml_find(map, key);
    *out = NAN;
    return n ? yaml_double(n, 0, 1e18, out, err) : ST_OK;
}

/* A required key whose value is a map or sequence. */
static status need_node(const struct yaml_node *map, const char *key,
                        enum yaml_kind kind, const struct yaml_node **out,
                        struct err *err)
{
    TRY(yaml_need(map, key, out, err));
    return yaml_expect(*out, kind, err);
}

static status read_head(const struct yaml_node *root, struct plan *p, struct err *err)
{
    static const char *const file_keys[] = {"quantised", "accel", "verilog", NULL};
    const char *targets[16] = {"none"};
    for (int i = 0; i < 14 && rtl_target_names[i]; i++)
        targets[i + 1] = rtl_target_names[i];
    int64_t version, seed;
    int target;
    const struct yaml_node *files;
    TRY(yaml_need_int(root, "version", 1, 1, &version, err));
    TRY(yaml_need_copy(root, "method", p->method, sizeof p->method, err));
    TRY(yaml_need_int(root, "seed", 0, INT64_MAX, &seed, err));
    p->seed = (uint64_t)seed;
    TRY(yaml_need_copy(root, "network", p->network, sizeof p->network, err));
    TRY(yaml_need_copy(root, "data", p->data, sizeof p->data, err));
    TRY(yaml_need_copy(root, "cost_model", p->cost_model, sizeof p->cost_model, err));
    TRY(yaml_need_enum(root, "target", targets, &target, err));
    snprintf(p->target, sizeof p->target, "%s", targets[target]);
    const bool by_table = target == 0;
    p->fps = p->clock_mhz = NAN;
    if (!by_table) TRY(yaml_need_double(root, "fps", 1e-9, 1e12, &p->fps, err));
    if (!by_table)
        TRY(yaml_need_double(root, "clock_mhz", 1e-9, 1e6, &p->clock_mhz, err));
    TRY(yaml_need_copy(root, "energy_profile", p->energy_profile,
                       sizeof p->energy_profile, err));
    TRY(need_node(root, "files", YAML_MAP, &files, err));
    TRY(yaml_check_keys(files, file_keys, err));
    TRY(yaml_need_copy(files, "quantised", p->quantised, sizeof p->quantised, err));
    if (by_table) return ST_OK;
    if (!yaml_find(files, "accel")) return ST_OK; /* of a search: no hardware yet */
    TRY(yaml_need_copy(files, "accel", p->accel, sizeof p->accel, err));
    return yaml_need_copy(files, "verilog", p->verilog, sizeof p->verilog, err);
}

/* Metrics that are keys of map; the others become `absent`. */
static status read_metrics(const struct yaml_node *map, double absent, double *value,
                           struct err *err)
{
    for (int m = 0; m < COST_N_METRICS; m++) {
        const struct yaml_node *n = yaml_find(map, cost_metric_names[m]);
        value[m] = absent;
        if (n) TRY(yaml_double(n, 0, 1e18, &value[m], err));
    }
    return ST_OK;
}

static status read_estimate(const struct yaml_node *map, struct cost_estimate *e,
                            struct err *err)
{
    static const char *const keys[] = {"value", "lo", "hi", "level", NULL};
    TRY(yaml_check_keys(map, cost_metric_names, err));
    for (int m = 0; m < COST_N_METRICS; m++) {
        struct cost_value *v = &e->metric[m];
        *v = (struct cost_value){NAN, NAN, NAN, COST_LEVEL_FORMULA};
        const struct yaml_node *n = yaml_find(map, cost_metric_names[m]);
        if (!n) continue;
        int level;
        TRY(yaml_expect(n, YAML_MAP, err));
        TRY(yaml_check_keys(n, keys, err));
        TRY(yaml_need_double(n, "value", 0, 1e18, &v->value, err));
        TRY(yaml_need_double(n, "lo", -1e18, 1e18, &v->lo, err));
        TRY(yaml_need_double(n, "hi", -1e18, 1e18, &v->hi, err));
        TRY(yaml_need_enum(n, "level", cost_level_names, &level, err));
        v->level = (enum cost_level)level;
    }
    return ST_OK;
}

/* known[] is extra keys and then all metrics. */
static void with_metrics(const char *const extra[], const char *known[24])
{
    int n = 0;
    for (int i = 0; extra[i]; i++)
        known[n++] = extra[i];
    for (int m = 0; m < COST_N_METRICS; m++)
        known[n++] = cost_metric_names[m];
    known[n] = NULL;
}

static status read_uniform(const struct yaml_node *map, struct arena *a, struct plan *p,
                           struct err *err)
{
    static const char *const bits[] = {"1", "2", "3", "4", "5", "6", "7", "8", NULL};
    static const char *const extra[] = {"accuracy", "budget_met", NULL};
    const char *known[24];
    with_metrics(extra, known);
    TRY(yaml_check_keys(map, bits, err));
    p->n_uniform = (int32_t)yaml_size(map);
    p->uniform = ARENA_NEW(a, struct plan_uniform, yaml_size(map) + 1);
    if (!p->uniform) return arena_exhausted(err);
    for (int32_t i = 0; i < p->n_uniform; i++) {
        struct plan_uniform *u = &p->uniform[i];
        const struct yaml_node *n = yaml_pair_value(map, (size_t)i);
        u->bits = yaml_pair_key(map, (size_t)i)[0] - '0';
        TRY(yaml_expect(n, YAML_MAP, err));
        TRY(yaml_check_keys(n, known, err));
        TRY(yaml_need_double(n, "accuracy", 0, 1, &u->accuracy, err));
        TRY(yaml_need_bool(n, "budget_met", &u->budget_met, err));
        TRY(read_metrics(n, NAN, u->cost, err));
    }
    return ST_OK;
}

static status read_accuracy(const struct yaml_node *map, struct arena *a,
                            struct plan *p, struct err *err)
{
    static const char *const keys[] = {"plan",  "float",   "n_images",
                                       "split", "uniform", NULL};
    static const char *const splits[] = {"test", NULL};
    int split;
    const struct yaml_node *uniform;
    TRY(yaml_check_keys(map, keys, err));
    TRY(yaml_need_double(map, "plan", 0, 1, &p->accuracy, err));
    TRY(yaml_need_double(map, "float", 0, 1, &p->accuracy_float, err));
    TRY(yaml_need_i32(map, "n_images", 0, INT32_MAX, &p->n_test_images, err));
    TRY(yaml_need_enum(map, "split", splits, &split, err));
    TRY(need_node(map, "uniform", YAML_MAP, &uniform, err));
    return read_uniform(uniform, a, p, err);
}

static status read_values(const struct yaml_node *map, const char *key, double value[9],
                          struct err *err)
{
    static const char *const bits[] = {"1", "2", "3", "4", "5", "6", "7", "8", NULL};
    const struct yaml_node *n;
    TRY(need_node(map, key, YAML_MAP, &n, err));
    TRY(yaml_check_keys(n, bits, err));
    for (int b = 0; b < 9; b++)
        value[b] = NAN;
    for (size_t i = 0; i < yaml_size(n); i++)
        TRY(yaml_double(yaml_pair_value(n, i), -1e18, 1e18,
                        &value[yaml_pair_key(n, i)[0] - '0'], err));
    return ST_OK;
}

static status read_layer(const struct yaml_node *n, bool by_table, struct plan_layer *l,
                         struct err *err)
{
    static const char *const keys[] = {
        "name", "wbits",  "abits",  "PE",        "SIMD",       "lut",    "ff",
        "dsp",  "bram18", "cycles", "energy_uj", "latency_us", "values", NULL};
    static const char *const sides[] = {"w", "a", NULL};
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_check_keys(n, keys, err));
    TRY(yaml_need_copy(n, "name", l->name, sizeof l->name, err));
    TRY(yaml_need_i32(n, "wbits", 1, 8, &l->wbits, err));
    TRY(yaml_need_i32(n, "abits", 1, 8, &l->abits, err));
    if (!by_table) {
        TRY(yaml_need_i32(n, "PE", 1, 65536, &l->PE, err));
        TRY(yaml_need_i32(n, "SIMD", 1, 65536, &l->SIMD, err));
        TRY(yaml_need_double(n, "lut", 0, 1e18, &l->lut, err));
        TRY(yaml_need_int(n, "cycles", 0, INT64_MAX, &l->cycles, err));
    } else {
        l->cycles = -1;
        TRY(read_optional(n, "lut", &l->lut, err));
    }
    TRY(read_optional(n, "ff", &l->ff, err));
    TRY(read_optional(n, "dsp", &l->dsp, err));
    TRY(read_optional(n, "bram18", &l->bram18, err));
    TRY(read_optional(n, "energy_uj", &l->energy_uj, err));
    TRY(read_optional(n, "latency_us", &l->latency_us, err));
    const struct yaml_node *values = yaml_find(n, "values");
    l->has_values = values != NULL;
    if (!values) return ST_OK;
    TRY(yaml_expect(values, YAML_MAP, err));
    TRY(yaml_check_keys(values, sides, err));
    TRY(read_values(values, "w", l->w_value, err));
    return read_values(values, "a", l->a_value, err);
}

static status read_layers(const struct yaml_node *seq, struct arena *a, struct plan *p,
                          struct err *err)
{
    p->n_layers = (int32_t)yaml_size(seq);
    p->layers = ARENA_NEW(a, struct plan_layer, yaml_size(seq) + 1);
    if (!p->layers) return arena_exhausted(err);
    for (int32_t i = 0; i < p->n_layers; i++)
        TRY(read_layer(yaml_item(seq, (size_t)i), strcmp(p->target, "none") == 0,
                       &p->layers[i], err));
    return ST_OK;
}

static status read_history(const struct yaml_node *seq, struct arena *a, struct plan *p,
                           struct err *err)
{
    static const char *const extra[] = {"step", "loss", "decided", NULL};
    const char *known[24];
    with_metrics(extra, known);
    p->n_records = (int32_t)yaml_size(seq);
    p->records = ARENA_NEW(a, struct search_record, yaml_size(seq) + 1);
    if (!p->records) return arena_exhausted(err);
    for (int32_t i = 0; i < p->n_records; i++) {
        struct search_record *r = &p->records[i];
        const struct yaml_node *n = yaml_item(seq, (size_t)i);
        TRY(yaml_expect(n, YAML_MAP, err));
        TRY(yaml_check_keys(n, known, err));
        TRY(yaml_need_i32(n, "step", 0, INT32_MAX, &r->step, err));
        TRY(yaml_need_double(n, "loss", -1e18, 1e18, &r->loss, err));
        TRY(yaml_need_i32(n, "decided", 0, 2 * NN_MAX_LAYERS, &r->n_decided, err));
        TRY(read_metrics(n, NAN, r->expected, err));
    }
    return ST_OK;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The hash among the inputs of the cost model, by the name of its file: its path is the
 * plan's there, and the caller's here. */
static const struct yaml_node *find_cost(const struct yaml_node *inputs,
                                         const char *cost_model)
{
    char name[300];
    const bool by_path = strpbrk(cost_model, "/.") != NULL;
    snprintf(name, sizeof name, "%s%s", last_part(cost_model), by_path ? "" : ".yaml");
    const struct yaml_node *found = NULL;
    for (size_t i = 0; i < yaml_size(inputs); i++) {
        if (strcmp(last_part(yaml_pair_key(inputs, i)), name) != 0) continue;
        if (found) return NULL; /* which of two? */
        found = yaml_pair_value(inputs, i);
    }
    return found;
}

/* The hash that the provenance gives of the cost model. */
static void read_cost_hash(const struct yaml_node *root, struct plan *p)
{
    const struct yaml_node *provenance = yaml_find(root, "provenance");
    const struct yaml_node *inputs = provenance && yaml_kind_of(provenance) == YAML_MAP
                                         ? yaml_find(provenance, "inputs")
                                         : NULL;
    const struct yaml_node *hash = inputs && yaml_kind_of(inputs) == YAML_MAP
                                       ? find_cost(inputs, p->cost_model)
                                       : NULL;
    const char *text;
    if (hash && yaml_kind_of(hash) == YAML_SCALAR &&
        yaml_text(hash, &text, NULL) == ST_OK)
        snprintf(p->cost_hash, sizeof p->cost_hash, "%s", text);
}

static status read_proxy(const struct yaml_node *root, struct plan *p, struct err *err)
{
    static const char *const keys[] = {"value", "bound", NULL};
    const struct yaml_node *n = yaml_find(root, "proxy");
    p->proxy_value = p->proxy_bound = NAN;
    if (!n) return ST_OK;
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_check_keys(n, keys, err));
    TRY(yaml_need_double(n, "value", -1e18, 1e18, &p->proxy_value, err));
    const struct yaml_node *bound = yaml_find(n, "bound");
    return bound ? yaml_double(bound, -1e18, 1e18, &p->proxy_bound, err) : ST_OK;
}

static status read_root(const struct yaml_node *root, struct arena *a, struct plan *p,
                        struct err *err)
{
    static const char *const keys[] = {
        "version",    "provenance",     "method",   "seed",      "network", "data",
        "cost_model", "target",         "fps",      "clock_mhz", "files",   "budget",
        "estimate",   "energy_profile", "accuracy", "layers",    "history", "proxy",
        NULL};
    const struct yaml_node *budget, *estimate, *accuracy, *layers, *history;
    TRY(yaml_expect(root, YAML_MAP, err));
    TRY(yaml_check_keys(root, keys, err));
    TRY(read_head(root, p, err));
    read_cost_hash(root, p);
    TRY(need_node(root, "budget", YAML_MAP, &budget, err));
    TRY(yaml_check_keys(budget, cost_metric_names, err));
    p->budget = budget_none();
    TRY(read_metrics(budget, INFINITY, p->budget.limit, err));
    TRY(need_node(root, "estimate", YAML_MAP, &estimate, err));
    TRY(read_estimate(estimate, &p->estimate, err));
    TRY(need_node(root, "accuracy", YAML_MAP, &accuracy, err));
    TRY(read_accuracy(accuracy, a, p, err));
    TRY(need_node(root, "layers", YAML_SEQ, &layers, err));
    TRY(read_layers(layers, a, p, err));
    TRY(read_proxy(root, p, err));
    TRY(need_node(root, "history", YAML_SEQ, &history, err));
    return read_history(history, a, p, err);
}

status plan_load(const char *path, struct arena *a, struct plan *out, struct err *err)
{
    struct yaml_doc *doc;
    memset(out, 0, sizeof *out);
    TRY(yaml_open(path, &doc, err));
    const status st = read_root(yaml_root(doc), a, out, err);
    yaml_close(doc);
    return st;
}
