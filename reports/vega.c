/* vega.c -- see vega.h. */
#include "reports/vega.h"

#include <string.h>

#include "base/file.h"

/* The modules that the specs need, each after those it requires.  topojson-client
 * is required by vega-loader for maps only: an empty module stands for it. */
static const struct {
    const char *name, *file;
} modules[] = {
    {"vega-util", "vega-util"},
    {"vega-time", "vega-time"},
    {"vega-format", "vega-format"},
    {"vega-loader", "vega-loader"},
    {"vega-dataflow", "vega-dataflow"},
    {"vega-scale", "vega-scale"},
    {"vega-canvas", "vega-canvas"},
    {"vega-scenegraph", "vega-scenegraph"},
    {"vega-statistics", "vega-statistics"},
    {"vega-expression", "vega-expression"},
    {"vega-selections", "vega-selection"},
    {"vega-functions", "vega-functions"},
    {"vega-runtime", "vega-runtime"},
    {"vega-view", "vega-view"},
    {"vega-event-selector", "vega-event-selector"},
    {"vega-parser", "vega-parser"},
    {"vega-transforms", "vega-transforms"},
    {"vega-view-transforms", "vega-view-transforms"},
    {"vega-encode", "vega-encode"},
    {"vega-interpreter", "vega-interpreter"},
};

/* The module's text without its pointer to a source map, which is not here. */
static size_t without_source_map(const char *text, size_t n)
{
    const char *map = strstr(text, "//# sourceMappingURL=");
    return map == NULL ? n : (size_t)(map - text);
}

static status put_module(FILE *f, const char *dir, const char *name, const char *file,
                         struct arena *a, struct err *err)
{
    char *text;
    size_t n;
    const char *path = arena_printf(a, "%s/%s.min.js", dir, file);
    if (path == NULL) return arena_exhausted(err);
    if (file_read(path, a, &text, &n, NULL) != ST_OK)
        return err_set(err, ST_MISSING_TOOL,
                       "%s: cannot read; install the package libjs-vega, or say with "
                       "--vega where its files are",
                       path);
    if (strstr(text, "</script") != NULL || strstr(text, "<!--") != NULL)
        return err_set(
            err, ST_UNSUPPORTED,
            "%s: expected a script that can stand in a page, found '</script' "
            "or '<!--' in it",
            path);
    fprintf(f, "bitwrightModules.define('%s', function (exports, module, require) {\n",
            name);
    fwrite(text, 1, without_source_map(text, n), f);
    fputs("\n});\n", f);
    return ST_OK;
}

status vega_put_modules(FILE *f, const char *dir, struct arena *a, struct err *err)
{
    fputs("bitwrightModules.define('topojson-client', function () {});\n", f);
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++)
        TRY(put_module(f, dir, modules[i].name, modules[i].file, a, err));
    return ST_OK;
}

status vega_licence(struct arena *a, const char **out, struct err *err)
{
    char *text;
    size_t n;
    const char *path = "/usr/share/doc/libjs-vega/copyright";
    *out = "";
    if (!file_exists(path)) return ST_OK;
    TRY(file_read(path, a, &text, &n, err));
    *out = text;
    return ST_OK;
}

/* ---- specs ---- */

/* The item of an array of objects whose "name" is that; NULL if there is none. */
static json_t *item_named(json_t *array, const char *name)
{
    json_t *item;
    size_t i;
    json_array_foreach(array, i, item)
    {
        const char *found = json_string_value(json_object_get(item, "name"));
        if (found != NULL && strcmp(found, name) == 0) return item;
    }
    return NULL;
}

/* Sets `field` of each item of spec[list] that `values` names. */
static status inject(const char *path, json_t *spec, const char *list,
                     const char *field, json_t *values, struct err *err)
{
    const char *name;
    json_t *value;
    json_object_foreach(values, name, value)
    {
        json_t *item = item_named(json_object_get(spec, list), name);
        if (item == NULL)
            return err_set(err, ST_MISMATCH, "%s: expected '%s' in '%s', found nothing",
                           path, name, list);
        if (json_object_set(item, field, value) != 0) return arena_exhausted(err);
    }
    return ST_OK;
}

status vega_spec_load(const char *dir, const char *name, json_t *content,
                      struct arena *a, json_t **out, struct err *err)
{
    const char *path = arena_printf(a, "%s/%s.vg.json", dir, name);
    json_t *spec;
    status st;
    if (path == NULL) return arena_exhausted(err);
    TRY(json_file_load(path, &spec, err));
    TRY_OUT(
        inject(path, spec, "data", "values", json_object_get(content, "data"), err));
    st = inject(path, spec, "signals", "value", json_object_get(content, "signals"),
                err);
out:
    if (st != ST_OK)
        json_decref(spec);
    else
        *out = spec;
    return st;
}
