/* budget.c -- reading limits from the command line and from budget files. */
#include "search/budget.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/yaml.h"
#include "rtl/accel_config.h"
#include "search/names.h"

/* Sums of the same doubles in another order differ by less than this. */
#define BUDGET_SLACK (1 + 1e-9)

struct budget budget_none(void)
{
    struct budget b = {.name = ""};
    for (int m = 0; m < COST_N_METRICS; m++)
        b.limit[m] = INFINITY;
    return b;
}

static status unknown_metric(const char *item, const char *word, struct err *err)
{
    const char *near = cli_nearest(word, cost_metric_names);
    char known[256];
    names_join(cost_metric_names, known, sizeof known);
    return err_set(err, ST_USAGE,
                   "--budget %s: unknown metric '%s'%s%s%s; expected one of %s", item,
                   word, near ? " (did you mean '" : "", near ? near : "",
                   near ? "'?)" : "", known);
}

static status bad_value(const char *item, const char *value, struct err *err)
{
    return err_set(err, ST_USAGE,
                   "--budget %s: expected a number > 0 or RATIO*uniformBITS such as "
                   "0.97*uniform4, found '%s'",
                   item, value);
}

/* "*uniform4" after a ratio. */
static status parse_relative(const char *item, const char *value, const char *rest,
                             double ratio, enum cost_metric m, struct budget *b,
                             struct err *err)
{
    static const char word[] = "*uniform";
    if (strncmp(rest, word, sizeof word - 1) != 0) return bad_value(item, value, err);
    rest += sizeof word - 1;
    if (rest[0] < '1' || rest[0] > '8' || rest[1]) return bad_value(item, value, err);
    const int32_t bits = rest[0] - '0';
    if (b->relative[m].ratio > 0 && b->relative[m].bits != bits)
        return err_set(err, ST_USAGE,
                       "--budget %s: %s is already limited by uniform%d; give one",
                       item, cost_metric_names[m], (int)b->relative[m].bits);
    if (b->relative[m].ratio > 0) ratio = fmin(ratio, b->relative[m].ratio);
    b->relative[m].ratio = ratio;
    b->relative[m].bits = bits;
    return ST_OK;
}

/* "metric=value"; eq points at the '='. */
static status parse_item(const char *item, const char *eq, struct budget *b,
                         struct err *err)
{
    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)(eq - item), item);
    const int m = names_find(cost_metric_names, word);
    if (m < 0) return unknown_metric(item, word, err);

    const char *value = eq + 1;
    char *end;
    const double v = strtod(value, &end);
    if (end == value || !isfinite(v) || v <= 0) return bad_value(item, value, err);
    if (*end) return parse_relative(item, value, end, v, (enum cost_metric)m, b, err);
    b->limit[m] = fmin(b->limit[m], v);
    return ST_OK;
}

static status read_limits(const struct yaml_node *limits, struct budget *b,
                          struct err *err)
{
    TRY(yaml_expect(limits, YAML_MAP, err));
    TRY(yaml_check_keys(limits, cost_metric_names, err));
    for (size_t i = 0; i < yaml_size(limits); i++) {
        const int m = names_find(cost_metric_names, yaml_pair_key(limits, i));
        double v;
        TRY(yaml_double(yaml_pair_value(limits, i), 1e-9, 1e18, &v, err));
        b->limit[m] = fmin(b->limit[m], v);
    }
    return ST_OK;
}

static status read_root(const struct yaml_node *root, struct budget *b, struct err *err)
{
    static const char *const keys[] = {"version", "name",   "target",
                                       "source",  "limits", NULL};
    int64_t version;
    const char *name, *source;
    int target;
    const struct yaml_node *limits;
    TRY(yaml_expect(root, YAML_MAP, err));
    TRY(yaml_check_keys(root, keys, err));
    TRY(yaml_need_int(root, "version", 1, 1, &version, err));
    TRY(yaml_need_text(root, "name", &name, err));
    TRY(yaml_need_enum(root, "target", rtl_target_names, &target, err));
    TRY(yaml_need_text(root, "source", &source, err));
    TRY(yaml_need(root, "limits", &limits, err));
    if (b->target[0] && strcmp(b->target, rtl_target_names[target]) != 0)
        return yaml_fail(yaml_find(root, "target"), ST_RANGE, err,
                         "expected target %s as in budget %s, found %s", b->target,
                         b->name, rtl_target_names[target]);
    snprintf(b->name, sizeof b->name, "%s", name);
    snprintf(b->target, sizeof b->target, "%s", rtl_target_names[target]);
    return read_limits(limits, b, err);
}

static status read_file(const char *path, struct budget *b, struct err *err)
{
    struct yaml_doc *doc;
    TRY(yaml_open(path, &doc, err));
    const status st = read_root(yaml_root(doc), b, err);
    yaml_close(doc);
    return st;
}

/* A path, or the name of a file of configs/budget. */
static status find_file(const char *item, struct arena *a, const char **path,
                        struct err *err)
{
    *path = item;
    if (file_exists(item)) return ST_OK;
    const char *home;
    TRY(file_home_dir(a, &home, err));
    const char *dir = file_join(a, home, "configs/budget");
    const char *file = dir ? arena_printf(a, "%s/%s.yaml", dir, item) : NULL;
    if (!file) return arena_exhausted(err);
    *path = file;
    if (!strchr(item, '/') && file_exists(file)) return ST_OK;
    char known[256];
    names_of_files(dir, ".yaml", known, sizeof known);
    return err_set(err, ST_NOT_FOUND,
                   "--budget %s: expected metric=value, a budget file or one of the "
                   "devices %s; found no such file",
                   item, known);
}

status budget_parse(const struct cli_list *items, struct budget *out, struct err *err)
{
    *out = budget_none();
    for (int i = 0; i < items->n; i++) {
        const char *item = items->items[i], *eq = strchr(item, '=');
        if (eq && !file_exists(item)) {
            TRY(parse_item(item, eq, out, err));
            continue;
        }
        struct arena *a = arena_new();
        if (!a) return arena_exhausted(err);
        const char *path;
        status st = find_file(item, a, &path, err);
        if (st == ST_OK) st = read_file(path, out, err);
        arena_free(a);
        TRY(st);
    }
    return ST_OK;
}

bool budget_met(const struct budget *b, const double cost[COST_N_METRICS])
{
    for (int m = 0; m < COST_N_METRICS; m++)
        if (isfinite(b->limit[m]) && !(cost[m] <= b->limit[m] * BUDGET_SLACK))
            return false;
    return true;
}

enum cost_metric budget_binding(const struct budget *b,
                                const double cost[COST_N_METRICS], double *ratio)
{
    enum cost_metric binding = COST_LUT;
    *ratio = 0;
    for (int m = 0; m < COST_N_METRICS; m++) {
        if (!isfinite(b->limit[m])) continue;
        const double r = cost[m] / b->limit[m];
        if (r > *ratio) {
            *ratio = r;
            binding = (enum cost_metric)m;
        }
    }
    return binding;
}

void budget_describe(const struct budget *b, const double cost[COST_N_METRICS],
                     char *text, size_t size)
{
    size_t n = 0;
    text[0] = '\0';
    for (int m = 0; m < COST_N_METRICS && n < size; m++) {
        if (!isfinite(b->limit[m])) continue;
        const int k = snprintf(text + n, size - n, "%s%s %.6g", n ? ", " : "",
                               cost_metric_names[m], cost[m]);
        if (k < 0) return;
        n += (size_t)k;
    }
}
