#include "sim/gate_library.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/yaml.h"

#define DEFAULT_NAME "osu018"

static status need_copy(const struct yaml_node *map, const char *key, struct arena *a,
                        const char **out, struct err *err)
{
    const char *text;
    TRY(yaml_need_text(map, key, &text, err));
    *out = arena_strdup(a, text);
    return *out ? ST_OK : arena_exhausted(err);
}

static status read_glitch(const struct yaml_node *n, struct gate_library *out,
                          struct err *err)
{
    static const char *const keys[] = {"unit",      "factor",   "mean_error",
                                       "max_error", "n_points", NULL};
    int unit;
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_check_keys(n, keys, err));
    TRY(yaml_need_enum(n, "unit", mac_unit_names, &unit, err));
    struct gate_glitch *g = &out->glitch[unit];
    if (g->n_points)
        return yaml_fail(n, ST_PARSE, err, "expected each unit once, found %s again",
                         mac_unit_names[unit]);
    TRY(yaml_need_double(n, "factor", 0, 2, &g->factor, err));
    TRY(yaml_need_double(n, "mean_error", 0, 10, &g->mean_error, err));
    TRY(yaml_need_double(n, "max_error", 0, 10, &g->max_error, err));
    return yaml_need_int(n, "n_points", 1, 1 << 20, &g->n_points, err);
}

static status read_library(const struct yaml_node *root, struct arena *a,
                           struct gate_library *out, struct err *err)
{
    static const char *const keys[] = {"version", "name",       "source",
                                       "liberty", "cells",      "slew_ns",
                                       "glitch",  "provenance", NULL};
    int64_t version;
    const struct yaml_node *glitch;
    TRY(yaml_expect(root, YAML_MAP, err));
    TRY(yaml_check_keys(root, keys, err));
    TRY(yaml_need_int(root, "version", 1, 1, &version, err));
    TRY(need_copy(root, "name", a, &out->name, err));
    TRY(need_copy(root, "source", a, &out->source, err));
    TRY(need_copy(root, "liberty", a, &out->liberty, err));
    if (yaml_find(root, "cells")) TRY(need_copy(root, "cells", a, &out->cells, err));
    TRY(yaml_need_double(root, "slew_ns", 0.001, 10, &out->slew_ns, err));
    TRY(yaml_need(root, "glitch", &glitch, err));
    TRY(yaml_expect(glitch, YAML_SEQ, err));
    for (size_t i = 0; i < yaml_size(glitch); i++)
        TRY(read_glitch(yaml_item(glitch, i), out, err));
    return need_copy(root, "provenance", a, &out->provenance, err);
}

static status load(const char *path, struct arena *a, struct gate_library *out,
                   struct err *err)
{
    struct yaml_doc *doc;
    *out = (struct gate_library){.note = ""};
    TRY(yaml_open(path, &doc, err));
    const status st = read_library(yaml_root(doc), a, out, err);
    yaml_close(doc);
    return st;
}

static status load_named(const char *name, struct arena *a, struct gate_library *out,
                         struct err *err)
{
    const char *home;
    TRY(file_home_dir(a, &home, err));
    const char *path = arena_printf(a, "%s/configs/liberty/%s.yaml", home, name);
    return path ? load(path, a, out, err) : arena_exhausted(err);
}

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

status gate_library_find(const char *name, struct arena *a, struct gate_library *out,
                         struct err *err)
{
    if (strncmp(name, "lib:", 4) != 0) return load_named(name, a, out, err);
    const char *path = name + 4;
    if (ends_with(path, ".yaml")) return load(path, a, out, err);
    TRY(load_named(DEFAULT_NAME, a, out, err));
    if (!file_exists(path))
        return err_set(err, ST_NOT_FOUND, "%s: expected a Liberty file, found none",
                       path);
    char here[4096];
    if (!getcwd(here, sizeof here))
        return err_set(err, ST_IO, "current folder: %s", strerror(errno));
    out->liberty = file_join(a, here, path); /* an absolute path stays one */
    out->name = arena_strdup(a, name);
    out->source = path;
    out->cells = NULL;
    out->note =
        arena_printf(a, "slew %g ns and glitch factors of " DEFAULT_NAME, out->slew_ns);
    if (!out->liberty || !out->name || !out->note) return arena_exhausted(err);
    return ST_OK;
}

status gate_library_save(const struct gate_library *l, const char *path,
                         struct err *err)
{
    struct yaml_out *o;
    TRY(yaml_out_open(path, &o, err));
    yaml_out_map(o, false);
    yaml_out_put_int(o, "version", 1);
    yaml_out_put_text(o, "name", l->name);
    yaml_out_put_text(o, "source", l->source);
    yaml_out_put_text(o, "liberty", l->liberty);
    if (l->cells) yaml_out_put_text(o, "cells", l->cells);
    yaml_out_put_double(o, "slew_ns", l->slew_ns);
    yaml_out_key(o, "glitch");
    yaml_out_seq(o, false);
    for (int i = 0; i < MAC_N_UNITS; i++) {
        const struct gate_glitch *g = &l->glitch[i];
        if (g->n_points == 0) continue;
        yaml_out_map(o, false);
        yaml_out_put_text(o, "unit", mac_unit_names[i]);
        yaml_out_put_double(o, "factor", g->factor);
        yaml_out_put_double(o, "mean_error", g->mean_error);
        yaml_out_put_double(o, "max_error", g->max_error);
        yaml_out_put_int(o, "n_points", g->n_points);
        yaml_out_end(o);
    }
    yaml_out_end(o);
    yaml_out_put_text(o, "provenance", l->provenance);
    yaml_out_end(o);
    return yaml_out_commit(o, err);
}
