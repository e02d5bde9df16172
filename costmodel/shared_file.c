/* shared_file.c -- the file of a shared accelerator. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/yaml.h"
#include "costmodel/shared.h"

status shared_accel_find(const char *name, struct arena *a, const char **path,
                         struct err *err)
{
    const char *home;
    if (strpbrk(name, "/.")) {
        *path = arena_strdup(a, name);
        return *path ? ST_OK : arena_exhausted(err);
    }
    TRY(file_home_dir(a, &home, err));
    *path = arena_printf(a, "%s/configs/accel/%s.yaml", home, name);
    if (!*path) return arena_exhausted(err);
    if (file_exists(*path)) return ST_OK;
    return err_set(err, ST_NOT_FOUND,
                   "accelerator '%s': expected a file, or the name of one in "
                   "configs/accel, found no %s",
                   name, *path);
}

bool shared_accel_is_file(const char *path)
{
    struct yaml_doc *doc;
    const char *style;
    if (yaml_open(path, &doc, NULL) != ST_OK) return false;
    const struct yaml_node *root = yaml_root(doc);
    const struct yaml_node *n =
        yaml_kind_of(root) == YAML_MAP ? yaml_find(root, "style") : NULL;
    const bool is = n && yaml_kind_of(n) == YAML_SCALAR &&
                    yaml_text(n, &style, NULL) == ST_OK && strcmp(style, "shared") == 0;
    yaml_close(doc);
    return is;
}

/* Widths and signs that a unit is not built for may be left out. */
static status read_side(const struct yaml_node *map, bool built, const char *bits_key,
                        const char *sign_key, int32_t *bits, bool *is_signed,
                        struct err *err)
{
    *bits = 8;
    *is_signed = true;
    if (built || yaml_find(map, bits_key))
        TRY(yaml_need_i32(map, bits_key, 1, 8, bits, err));
    if (built || yaml_find(map, sign_key))
        TRY(yaml_need_bool(map, sign_key, is_signed, err));
    return ST_OK;
}

static status read_unit(const struct yaml_node *map, struct mac_unit_config *u,
                        struct err *err)
{
    static const char *const keys[] = {"unit",    "SIMD",    "wbits",    "abits",
                                       "wsigned", "asigned", "acc_bits", "lanes",
                                       "dsp48e2", "grouped", NULL};
    int unit;
    TRY(yaml_expect(map, YAML_MAP, err));
    TRY(yaml_check_keys(map, keys, err));
    TRY(yaml_need_enum(map, "unit", mac_unit_names, &unit, err));
    *u = (struct mac_unit_config){.unit = (enum mac_unit)unit, .lanes = 1};
    const bool w_built = unit != MAC_SERIAL && unit != MAC_FUSION;
    TRY(yaml_need_i32(map, "SIMD", 1, MAC_SERIAL_SIMD, &u->SIMD, err));
    TRY(read_side(map, w_built, "wbits", "wsigned", &u->wbits, &u->wsigned, err));
    TRY(read_side(map, w_built && unit != MAC_ACTSERIAL, "abits", "asigned", &u->abits,
                  &u->asigned, err));
    TRY(yaml_need_i32(map, "acc_bits", 2, 32, &u->acc_bits, err));
    if (yaml_find(map, "lanes"))
        TRY(yaml_need_i32(map, "lanes", 1, MAC_MAX_LANES, &u->lanes, err));
    if (yaml_find(map, "dsp48e2"))
        TRY(yaml_need_bool(map, "dsp48e2", &u->dsp48e2, err));
    if (yaml_find(map, "grouped"))
        TRY(yaml_need_bool(map, "grouped", &u->grouped, err));
    struct err why = {0};
    const status st = mac_unit_check(u, &why);
    return st == ST_OK ? ST_OK : yaml_fail(map, st, err, "%s", why.msg);
}

/* The buffer of one operand and its way to memory. */
static status read_memory(const struct yaml_node *root, const char *key,
                          double *buffer_bytes, double *bits_per_cycle, struct err *err)
{
    static const char *const keys[] = {"buffer_kib", "bytes_per_cycle", NULL};
    const struct yaml_node *map;
    double kib, bytes;
    TRY(yaml_need(root, key, &map, err));
    TRY(yaml_expect(map, YAML_MAP, err));
    TRY(yaml_check_keys(map, keys, err));
    TRY(yaml_need_double(map, "buffer_kib", 1e-3, 1e9, &kib, err));
    TRY(yaml_need_double(map, "bytes_per_cycle", 1e-6, 1e9, &bytes, err));
    *buffer_bytes = 1024 * kib;
    *bits_per_cycle = 8 * bytes;
    return ST_OK;
}

static status read_array(const struct yaml_node *root, struct shared_accel *s,
                         struct err *err)
{
    static const char *const flows[] = {"broadcast", "ws", "os", NULL};
    struct latency_array *x = &s->array;
    const struct yaml_node *unit;
    int flow;
    TRY(yaml_need(root, "unit", &unit, err));
    TRY(read_unit(unit, &x->unit, err));
    TRY(yaml_need_enum(root, "dataflow", flows, &flow, err));
    x->schedule = (enum latency_schedule)flow;
    const int32_t side = x->schedule == LATENCY_BROADCAST ? 1024 : SYSTOLIC_MAX_SIDE;
    TRY(yaml_need_i32(root, "rows", 1, side, &x->rows, err));
    TRY(yaml_need_i32(root, "cols", 1, side, &x->cols, err));
    TRY(yaml_need_i32(root, "batch", 1, 1 << 20, &x->batch, err));
    TRY(yaml_need_double(root, "fill_cycles", 0, 1e12, &x->fill_cycles, err));
    TRY(read_memory(root, "weights", &s->weight_buffer_bytes, &x->weight_bits_per_cycle,
                    err));
    TRY(read_memory(root, "activations", &s->act_buffer_bytes, &x->act_bits_per_cycle,
                    err));
    x->weight_buffer_bits = 8 * s->weight_buffer_bytes;
    x->act_buffer_bits = 8 * s->act_buffer_bytes;
    return ST_OK;
}

static status read_root(const struct yaml_node *root, struct shared_accel *s,
                        struct err *err)
{
    static const char *const keys[] = {
        "version",     "provenance", "name",        "style", "source", "cost_model",
        "clock_mhz",   "unit",       "dataflow",    "rows",  "cols",   "batch",
        "fill_cycles", "weights",    "activations", NULL};
    static const char *const styles[] = {"shared", NULL};
    int32_t version;
    int style;
    *s = (struct shared_accel){.name = ""};
    TRY(yaml_expect(root, YAML_MAP, err));
    TRY(yaml_check_keys(root, keys, err));
    TRY(yaml_need_i32(root, "version", 1, 1, &version, err));
    TRY(yaml_need_enum(root, "style", styles, &style, err));
    TRY(yaml_need_copy(root, "name", s->name, sizeof s->name, err));
    TRY(yaml_need_copy(root, "source", s->source, sizeof s->source, err));
    TRY(yaml_need_copy(root, "cost_model", s->cost_model, sizeof s->cost_model, err));
    if (strcmp(s->cost_model, "none") == 0) s->cost_model[0] = '\0';
    TRY(yaml_need_double(root, "clock_mhz", 1e-3, 1e4, &s->clock_mhz, err));
    return read_array(root, s, err);
}

status shared_accel_load(const char *path, struct shared_accel *out, struct err *err)
{
    struct yaml_doc *doc;
    TRY(yaml_open(path, &doc, err));
    const status st = read_root(yaml_root(doc), out, err);
    yaml_close(doc);
    return st;
}
