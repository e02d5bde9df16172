/* parity.c -- see parity.h. */
#include "reports/parity.h"

#include <math.h>
#include <string.h>

#include "reports/json_read.h"

static status read_point(const char *path, json_t *object, struct arena *a,
                         struct report_point *out, struct err *err)
{
    TRY(json_expect_object(path, "an item of 'points'", object, err));
    const struct json_place p = {path, "of an item of 'points'", object};
    TRY(json_need_text(&p, "metric", a, &out->metric, err));
    TRY(json_need_text(&p, "module", a, &out->module, err));
    TRY(json_need_text(&p, "label", a, &out->label, err));
    TRY(json_need_text(&p, "toolchain", a, &out->toolchain, err));
    TRY(json_need_double(&p, "meas", &out->meas, err));
    TRY(json_need_double(&p, "est", &out->est, err));
    out->lo = out->hi = out->est;
    TRY(json_may_double(&p, "lo", &out->lo, err));
    TRY(json_may_double(&p, "hi", &out->hi, err));
    return json_need_bool(&p, "held_out", &out->held_out, err);
}

static status read_points(const struct json_place *p, struct arena *a,
                          struct report_parity *out, struct err *err)
{
    json_t *points, *item;
    size_t i;
    TRY(json_need_array(p, "points", &points, err));
    const size_t n = json_array_size(points);
    out->points = ARENA_NEW(a, struct report_point, n);
    if (n > 0 && out->points == NULL) return arena_exhausted(err);
    json_array_foreach(points, i, item)
        TRY(read_point(p->path, item, a, &out->points[i], err));
    out->n = (int32_t)n;
    return ST_OK;
}

static status read_root(const struct json_place *p, struct arena *a,
                        struct report_parity *out, struct err *err)
{
    TRY(json_expect_object(p->path, "the whole file", p->object, err));
    if (json_object_get(p->object, "version") != NULL)
        TRY(json_need_version(p, 1, err));
    return read_points(p, a, out, err);
}

status report_parity_read(const char *path, struct arena *a, struct report_files *files,
                          struct report_parity *out, struct err *err)
{
    json_t *root;
    struct report_file *file;
    status st;
    TRY(json_file_load(path, &root, err));
    const struct json_place p = {path, "", root};
    TRY_OUT(report_source_add(files, "parity", path, a, &file, err));
    TRY_OUT(read_root(&p, a, out, err));
    st = report_source_json(file, root, a, err);
out:
    json_decref(root);
    return st;
}

/* ---- errors ---- */

static struct parity_group *group_of(struct parity_group *groups, int32_t *n,
                                     const struct report_point *p)
{
    for (int32_t i = 0; i < *n; i++)
        if (strcmp(groups[i].toolchain, p->toolchain) == 0 &&
            strcmp(groups[i].module, p->module) == 0 &&
            strcmp(groups[i].metric, p->metric) == 0)
            return &groups[i];
    groups[*n] = (struct parity_group){p->toolchain, p->module, p->metric, 0, 0, 0, 0};
    return &groups[(*n)++];
}

status parity_groups(const struct report_parity *p, struct arena *a,
                     struct parity_group **out, int32_t *n, struct err *err)
{
    *n = 0;
    *out = ARENA_NEW(a, struct parity_group, (size_t)p->n + 1); /* each has a point */
    if (*out == NULL) return arena_exhausted(err);
    for (int32_t i = 0; i < p->n; i++) {
        const struct report_point *point = &p->points[i];
        if (!point->held_out || point->meas <= 0) continue;
        struct parity_group *g = group_of(*out, n, point);
        const double e = fabs(point->est / point->meas - 1);
        g->mean += (e - g->mean) / ++g->n;
        g->max = fmax(g->max, e);
        g->n_inside += point->meas >= point->lo && point->meas <= point->hi;
    }
    return ST_OK;
}
