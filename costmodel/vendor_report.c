/* vendor_report.c -- the JSON formats, and which format a file has. */
#include "costmodel/vendor_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "costmodel/vendor_internal.h"
#include "rtl/cell_count.h"

/* ---- Yosys ---- */

enum { DEPTH_MAX = 64 };

struct statistics {
    const char *path, *toolchain;
    json_t *modules;
    struct cell_count sum;
};

static status add_cells(struct statistics *s, json_t *types, int64_t n, int depth,
                        struct err *err)
{
    const char *cell;
    json_t *value;
    if (!json_is_object(types) || depth == DEPTH_MAX)
        return err_set(err, ST_PARSE,
                       "%s: expected num_cells_by_type of a design, found %s", s->path,
                       depth == DEPTH_MAX ? "modules within themselves" : "none");
    json_object_foreach(types, cell, value)
    {
        if (!json_is_integer(value) || json_integer_value(value) < 0)
            return err_set(err, ST_PARSE, "%s: expected a count of cells '%s'", s->path,
                           cell);
        const int64_t k = n * (int64_t)json_integer_value(value);
        json_t *module = json_object_get(s->modules, cell);
        if (module) {
            TRY(add_cells(s, json_object_get(module, "num_cells_by_type"), k, depth + 1,
                          err));
            continue;
        }
        const struct cell_count *c = cell_count_find(cell, s->toolchain);
        if (!c)
            return err_set(err, ST_RANGE,
                           "%s: expected cells of a known family, found '%s'", s->path,
                           cell);
        cell_count_add(&s->sum, c, k);
    }
    return ST_OK;
}

/* The module that no other instantiates, or the named one. */
static json_t *find_module(json_t *modules, const char *name)
{
    const char *key, *other;
    json_t *module, *m;
    json_object_foreach(modules, key, module)
    {
        bool used = false;
        if (name[0] && strcmp(key + (key[0] == '\\'), name) == 0) return module;
        if (name[0]) continue;
        json_object_foreach(modules, other, m)
        {
            json_t *types = json_object_get(m, "num_cells_by_type");
            used |= json_object_get(types, key) != NULL;
        }
        if (!used) return module;
    }
    return NULL;
}

static status read_yosys(const char *path, json_t *root, const char *instance,
                         const char *toolchain, struct vendor_report *out,
                         struct err *err)
{
    struct statistics s = {path, toolchain, json_object_get(root, "modules"), {0}};
    json_t *module = find_module(s.modules, instance);
    if (!module)
        return err_set(err, ST_RANGE,
                       "%s: expected module '%s', found none of that name", path,
                       instance);
    TRY(add_cells(&s, json_object_get(module, "num_cells_by_type"), 1, 0, err));
    out->value[VENDOR_LUT] = (double)s.sum.lut;
    out->value[VENDOR_FF] = (double)s.sum.ff;
    out->value[VENDOR_DSP] = (double)s.sum.dsp;
    out->value[VENDOR_BRAM18] = (double)s.sum.bram18;
    out->value[VENDOR_CARRY] = (double)s.sum.carry;
    out->value[VENDOR_MUXF] = (double)s.sum.muxf;
    out->value[VENDOR_LUTRAM] = (double)s.sum.lutram;
    return ST_OK;
}

/* ---- nextpnr ---- */

static status read_nextpnr(const char *path, json_t *fmax, struct vendor_report *out,
                           struct err *err)
{
    const char *clock;
    json_t *value;
    double slowest = INFINITY;
    json_object_foreach(fmax, clock, value)
    {
        const double mhz = json_number_value(json_object_get(value, "achieved"));
        if (!(mhz > 0))
            return err_set(err, ST_PARSE,
                           "%s: expected fmax.%s.achieved > 0 [MHz], found %g", path,
                           clock, mhz);
        slowest = fmin(slowest, mhz);
    }
    if (!isfinite(slowest))
        return err_set(err, ST_PARSE, "%s: expected a clock in fmax, found none", path);
    out->value[VENDOR_FMAX_MHZ] = slowest;
    return ST_OK;
}

static status read_json(const char *path, const char *instance, const char *toolchain,
                        struct vendor_report *out, struct err *err)
{
    json_t *root;
    status st;
    TRY(json_file_load(path, &root, err));
    if (json_is_object(json_object_get(root, "modules")))
        st = read_yosys(path, root, instance, toolchain, out, err);
    else if (json_is_object(json_object_get(root, "fmax")))
        st = read_nextpnr(path, json_object_get(root, "fmax"), out, err);
    else
        st = err_set(
            err, ST_PARSE,
            "%s: expected 'modules' of Yosys' stat -json or 'fmax' of nextpnr's "
            "--report, found neither",
            path);
    json_decref(root);
    return st;
}

/* ---- either ---- */

status vendor_report_read(const char *path, const char *instance, const char *toolchain,
                          struct arena *a, struct vendor_report *out, struct err *err)
{
    char *text;
    size_t size;
    for (int i = 0; i < VENDOR_N_QUANTITIES; i++)
        out->value[i] = NAN;
    TRY(file_read(path, a, &text, &size, err));
    if (text[strspn(text, " \t\r\n")] == '{')
        return read_json(path, instance, toolchain, out, err);
    if (vendor_is_vivado(text))
        return vendor_read_vivado(path, text, instance, out, err);
    return err_set(
        err, ST_PARSE,
        "%s: expected a report of Vivado (report_utilization, report_power), "
        "Yosys (stat -json) or nextpnr (--report), found another text",
        path);
}
