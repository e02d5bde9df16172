#include "sim/synth_stat.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/* Module of the source: "$paramod$<hash>\mvu", "$paramod\mvu\MW=..." and "\mvu" are
 * all mvu. */
static void source_name(const char *type, char *name, size_t size)
{
    const char *from = strchr(type, '\\');
    from = from ? from + 1 : type;
    (void)snprintf(name, size, "%.*s", (int)strcspn(from, "\\"), from);
}

static status find_part(struct synth_result *out, const char *name,
                        struct synth_part **part, struct err *err)
{
    for (int i = 0; i < out->n_parts; i++)
        if (strcmp(out->parts[i].module, name) == 0) {
            *part = &out->parts[i];
            return ST_OK;
        }
    if (out->n_parts == SYNTH_MAX_PARTS)
        return err_set(err, ST_UNSUPPORTED, "more than %d kinds of modules kept apart",
                       SYNTH_MAX_PARTS);
    *part = &out->parts[out->n_parts++];
    **part = (struct synth_part){.n = 0};
    (void)snprintf((*part)->module, sizeof(*part)->module, "%s", name);
    return ST_OK;
}

enum { MAX_DEPTH = 16 }; /* of the kept hierarchy; ours is 3 */

struct walk {
    json_t *modules;
    const char *toolchain;
    struct synth_result *out;
};

/* Adds `n` instances of the module `type`, called `name` in the source. */
static status add_module(const struct walk *w, const char *type, const char *name,
                         int64_t n, int depth, struct err *err)
{
    struct synth_result *out = w->out;
    json_t *modules = w->modules;
    json_t *module = json_object_get(modules, type);
    json_t *types = json_object_get(module, "num_cells_by_type");
    if (!types || depth == MAX_DEPTH)
        return err_set(err, ST_TOOL,
                       "Yosys' statistics: expected module %s, found none", type);
    struct synth_part *part = NULL;
    TRY(find_part(out, name, &part, err));
    part->n += n;
    const char *cell;
    json_t *value;
    json_object_foreach(types, cell, value)
    {
        const int64_t count = n * (int64_t)json_integer_value(value);
        if (json_object_get(modules, cell)) {
            char source[sizeof part->module];
            source_name(cell, source, sizeof source);
            TRY(add_module(w, cell, source, count, depth + 1, err));
            continue;
        }
        const struct cell_count *c = cell_count_find(cell, w->toolchain);
        if (!c)
            return err_set(err, ST_UNSUPPORTED,
                           "module %s: cell %s is not one that we can count",
                           part->module, cell);
        cell_count_add(&part->sum, c, count);
        cell_count_add(&out->total, c, count);
    }
    return ST_OK;
}

/* Yosys 0.23 prints the hierarchy as plain text after the modules, which is no JSON;
 * the modules are all we need, so the text ends where their object does. */
status synth_stat_load(const char *path, struct arena *a, json_t **out, struct err *err)
{
    static const char modules_end[] = "\n   },\n";
    char *text = NULL;
    size_t size = 0;
    TRY(file_read(path, a, &text, &size, err));
    char *end = strstr(text, modules_end);
    if (!end)
        return err_set(err, ST_TOOL, "%s: expected the statistics of Yosys", path);
    memcpy(end, "\n}}", sizeof "\n}}");
    json_error_t why;
    *out = json_loads(text, JSON_REJECT_DUPLICATES, &why);
    if (*out) return ST_OK;
    return err_set(err, ST_TOOL, "%s:%d:%d: %s", path, why.line, why.column, why.text);
}

status synth_stat_module(json_t *stat, const char *type, const char *name,
                         const char *toolchain, struct synth_result *out,
                         struct err *err)
{
    const struct walk w = {json_object_get(stat, "modules"), toolchain, out};
    out->n_parts = 0;
    out->total = (struct cell_count){.lut = 0};
    return add_module(&w, type, name, 1, 0, err);
}

/* Its lines: "Area for cell type \$_DFF_P_ is unknown!", "Chip area for module '\top':
 * 123.0". */
status synth_stat_area(const char *path, struct arena *a, double *out, struct err *err)
{
    char *text = NULL;
    size_t size = 0;
    TRY(file_read(path, a, &text, &size, err));
    const char *unknown = strstr(text, "Area for cell type ");
    if (unknown)
        return err_set(err, ST_UNSUPPORTED, "%.*s", (int)strcspn(unknown, "\n"),
                       unknown);
    static const char label[] = "Chip area for ";
    const char *at = NULL;
    for (const char *p = strstr(text, label); p; p = strstr(p + 1, label))
        at = p;
    char *end = NULL;
    const char *number = at ? strchr(at, ':') : NULL;
    *out = number ? strtod(number + 1, &end) : 0;
    if (number && end != number + 1) return ST_OK;
    return err_set(err, ST_TOOL, "%s: expected the area of a module, found none", path);
}
