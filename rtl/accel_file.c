/* accel_file.c -- accel.yaml, read and written (the format is in accel_config.h). */
#include <stdio.h>
#include <string.h>

#include "base/yaml.h"
#include "rtl/accel_config.h"

static const char *const style_names[] = {"dataflow", NULL};

static const char *const top_keys[] = {"version", "provenance", "name",   "style",
                                       "target",  "clock_mhz",  "layers", NULL};
static const char *const layer_keys[] = {
    "name",  "MW",      "MH",          "PE",         "SIMD",     "n_vec",      "wbits",
    "abits", "wsigned", "asigned",     "acc_bits",   "out_bits", "out_signed", "shift",
    "lanes", "mul",     "requant_mul", "weight_ram", NULL};

static status need_mul(const struct yaml_node *map, const char *key, enum rtl_mul *out,
                       struct err *err)
{
    int i;
    TRY(yaml_need_enum(map, key, rtl_mul_names, &i, err));
    *out = (enum rtl_mul)i;
    return ST_OK;
}

/* The limits of single values; mvu_config_check has those that join several. */
static status read_layer(const struct yaml_node *n, struct mvu_config *m,
                         struct err *err)
{
    int ram;
    TRY(yaml_check_keys(n, layer_keys, err));
    TRY(yaml_need_copy(n, "name", m->name, sizeof m->name, err));
    TRY(yaml_need_i32(n, "MW", 1, 65536, &m->MW, err));
    TRY(yaml_need_i32(n, "MH", 1, 65536, &m->MH, err));
    TRY(yaml_need_i32(n, "PE", 1, 256, &m->PE, err));
    TRY(yaml_need_i32(n, "SIMD", 1, 64, &m->SIMD, err));
    TRY(yaml_need_i32(n, "n_vec", 1, INT32_MAX, &m->n_vec, err));
    TRY(yaml_need_i32(n, "wbits", 1, 8, &m->wbits, err));
    TRY(yaml_need_i32(n, "abits", 1, 8, &m->abits, err));
    TRY(yaml_need_bool(n, "wsigned", &m->wsigned, err));
    TRY(yaml_need_bool(n, "asigned", &m->asigned, err));
    TRY(yaml_need_i32(n, "acc_bits", 2, 32, &m->acc_bits, err));
    TRY(yaml_need_i32(n, "out_bits", 1, 16, &m->out_bits, err));
    TRY(yaml_need_bool(n, "out_signed", &m->out_signed, err));
    TRY(yaml_need_i32(n, "shift", 1, 30, &m->shift, err));
    TRY(yaml_need_i32(n, "lanes", 1, 256, &m->lanes, err));
    TRY(need_mul(n, "mul", &m->mul, err));
    TRY(need_mul(n, "requant_mul", &m->requant_mul, err));
    TRY(yaml_need_enum(n, "weight_ram", rtl_ram_names, &ram, err));
    m->weight_ram = (enum rtl_ram)ram;
    struct err why = {0};
    const status st = mvu_config_check(m, &why);
    return st == ST_OK ? ST_OK : yaml_fail(n, st, err, "%s", why.msg);
}

static status read_layers(const struct yaml_node *root, struct arena *a,
                          struct accel_config *out, struct err *err)
{
    const struct yaml_node *list;
    TRY(yaml_need(root, "layers", &list, err));
    TRY(yaml_expect(list, YAML_SEQ, err));
    const size_t n = yaml_size(list);
    if (n < 1 || n > 4096)
        return yaml_fail(list, ST_RANGE, err, "expected 1 to 4096 layers, found %zu",
                         n);
    out->layers = ARENA_NEW(a, struct mvu_config, n);
    if (!out->layers) return arena_exhausted(err);
    out->n_layers = (int32_t)n;
    for (size_t i = 0; i < n; i++)
        TRY(read_layer(yaml_item(list, i), &out->layers[i], err));
    return ST_OK;
}

/* costmodel/shared.h owns the files of the other style. */
static status need_dataflow(const struct yaml_node *root, struct err *err)
{
    const struct yaml_node *n = yaml_find(root, "style");
    const char *style;
    if (!n || yaml_kind_of(n) != YAML_SCALAR)
        return ST_OK; /* refused by who reads it */
    TRY(yaml_text(n, &style, err));
    if (strcmp(style, "shared") != 0) return ST_OK;
    return yaml_fail(
        n, ST_UNSUPPORTED, err,
        "expected style dataflow, a unit for every layer, found shared, an "
        "array that bitwright cost and search take as --accel");
}

static status read_accel(const struct yaml_node *root, struct arena *a,
                         struct accel_config *out, struct err *err)
{
    int32_t version;
    int style, target;
    memset(out, 0, sizeof *out);
    TRY(yaml_expect(root, YAML_MAP, err));
    TRY(need_dataflow(root, err));
    TRY(yaml_check_keys(root, top_keys, err));
    TRY(yaml_need_i32(root, "version", 1, 1, &version, err));
    TRY(yaml_need_copy(root, "name", out->name, sizeof out->name, err));
    TRY(yaml_need_enum(root, "style", style_names, &style, err));
    TRY(yaml_need_enum(root, "target", rtl_target_names, &target, err));
    out->style = (enum rtl_style)style;
    out->target = (enum rtl_target)target;
    TRY(yaml_need_double(root, "clock_mhz", 1e-3, 1e4, &out->clock_mhz, err));
    TRY(read_layers(root, a, out, err));
    struct err why = {0};
    const status st = accel_config_check(out, &why);
    return st == ST_OK ? ST_OK : yaml_fail(root, st, err, "%s", why.msg);
}

status accel_config_load(const char *path, struct arena *a, struct accel_config *out,
                         struct err *err)
{
    struct yaml_doc *doc;
    TRY(yaml_open(path, &doc, err));
    const status st = read_accel(yaml_root(doc), a, out, err);
    yaml_close(doc);
    return st;
}

static void write_layer(struct yaml_out *o, const struct mvu_config *m)
{
    yaml_out_map(o, true);
    yaml_out_put_text(o, "name", m->name);
    yaml_out_put_int(o, "MW", m->MW);
    yaml_out_put_int(o, "MH", m->MH);
    yaml_out_put_int(o, "PE", m->PE);
    yaml_out_put_int(o, "SIMD", m->SIMD);
    yaml_out_put_int(o, "n_vec", m->n_vec);
    yaml_out_put_int(o, "wbits", m->wbits);
    yaml_out_put_int(o, "abits", m->abits);
    yaml_out_put_bool(o, "wsigned", m->wsigned);
    yaml_out_put_bool(o, "asigned", m->asigned);
    yaml_out_put_int(o, "acc_bits", m->acc_bits);
    yaml_out_put_int(o, "out_bits", m->out_bits);
    yaml_out_put_bool(o, "out_signed", m->out_signed);
    yaml_out_put_int(o, "shift", m->shift);
    yaml_out_put_int(o, "lanes", m->lanes);
    yaml_out_put_text(o, "mul", rtl_mul_names[m->mul]);
    yaml_out_put_text(o, "requant_mul", rtl_mul_names[m->requant_mul]);
    yaml_out_put_text(o, "weight_ram", rtl_ram_names[m->weight_ram]);
    yaml_out_end(o);
}

status accel_config_save(const struct accel_config *c, const struct provenance *p,
                         const char *path, struct err *err)
{
    struct yaml_out *o;
    TRY(accel_config_check(c, err));
    TRY(yaml_out_open(path, &o, err));
    yaml_out_map(o, false);
    yaml_out_put_int(o, "version", 1);
    if (p) provenance_yaml(p, o);
    yaml_out_put_text(o, "name", c->name);
    yaml_out_put_text(o, "style", style_names[c->style]);
    yaml_out_put_text(o, "target", rtl_target_names[c->target]);
    yaml_out_key(o, "clock_mhz");
    yaml_out_double(o, c->clock_mhz);
    yaml_out_key(o, "layers");
    yaml_out_seq(o, false);
    for (int32_t i = 0; i < c->n_layers; i++)
        write_layer(o, &c->layers[i]);
    yaml_out_end(o);
    yaml_out_end(o);
    return yaml_out_commit(o, err);
}
