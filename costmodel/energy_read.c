/* energy_read.c -- configs/energy/NAME.yaml. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/yaml.h"
#include "costmodel/model.h"

static const double pj_max = 1e6; /* a microjoule per bit is a mistake */

static status read_source(const struct yaml_node *n, char *out, size_t size,
                          struct err *err)
{
    const char *text;
    TRY(yaml_need_text(n, "source", &text, err));
    if (!*text)
        return yaml_fail(n, ST_PARSE, err, "expected where the numbers come from");
    (void)snprintf(out, size, "%s", text);
    return ST_OK;
}

struct constant {
    const char *key;
    double *value;
};

static status read_constants(const struct yaml_node *n, const struct constant *c,
                             size_t n_constants, struct err *err)
{
    for (size_t i = 0; i < n_constants; i++)
        TRY(yaml_need_double(n, c[i].key, 0, pj_max, c[i].value, err));
    return ST_OK;
}

static status read_point(const struct yaml_node *n, struct energy_profile *out,
                         struct err *err)
{
    static const char *const keys[] = {"bytes", "pj_per_bit", NULL};
    const int32_t i = out->sram.n;
    if (i == ENERGY_MAX_SRAM)
        return yaml_fail(n, ST_RANGE, err, "expected at most %d points",
                         ENERGY_MAX_SRAM);
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_check_keys(n, keys, err));
    TRY(yaml_need_double(n, "bytes", 1, 1e12, &out->sram.bytes[i], err));
    TRY(yaml_need_double(n, "pj_per_bit", 1e-9, pj_max, &out->sram.pj_per_bit[i], err));
    if (i > 0 && out->sram.bytes[i] <= out->sram.bytes[i - 1])
        return yaml_fail(n, ST_RANGE, err,
                         "expected rising sizes, found %.17g bytes after %.17g",
                         out->sram.bytes[i], out->sram.bytes[i - 1]);
    out->sram.n++;
    return ST_OK;
}

static status read_sram(const struct yaml_node *n, struct energy_profile *out,
                        struct err *err)
{
    static const char *const keys[] = {"source", "points", NULL};
    const struct yaml_node *points;
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_check_keys(n, keys, err));
    TRY(read_source(n, out->sram.source, sizeof out->sram.source, err));
    TRY(yaml_need(n, "points", &points, err));
    TRY(yaml_expect(points, YAML_SEQ, err));
    for (size_t i = 0; i < yaml_size(points); i++)
        TRY(read_point(yaml_item(points, i), out, err));
    if (out->sram.n == 0) return yaml_fail(points, ST_PARSE, err, "expected points");
    return ST_OK;
}

static status read_dram(const struct yaml_node *n, struct energy_profile *out,
                        struct err *err)
{
    static const char *const keys[] = {"source", "pj_per_bit", NULL};
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_check_keys(n, keys, err));
    TRY(read_source(n, out->dram.source, sizeof out->dram.source, err));
    return yaml_need_double(n, "pj_per_bit", 0, pj_max, &out->dram.pj_per_bit, err);
}

static status read_mac(const struct yaml_node *n, struct energy_profile *out,
                       struct err *err)
{
    static const char *const keys[] = {"source",   "wbits", "abits",
                                       "acc_bits", "pj",    NULL};
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_check_keys(n, keys, err));
    TRY(read_source(n, out->mac.source, sizeof out->mac.source, err));
    TRY(yaml_need_i32(n, "wbits", 1, 8, &out->mac.wbits, err));
    TRY(yaml_need_i32(n, "abits", 1, 8, &out->mac.abits, err));
    TRY(yaml_need_i32(n, "acc_bits", 2, 32, &out->mac.acc_bits, err));
    return yaml_need_double(n, "pj", 0, pj_max, &out->mac.pj, err);
}

static status read_fpga(const struct yaml_node *n, struct energy_profile *out,
                        struct err *err)
{
    static const char *const keys[] = {"source", "lut_pj",    "ff_pj",
                                       "dsp_pj", "bram18_pj", NULL};
    const struct constant constants[] = {{"lut_pj", &out->fpga.lut_pj},
                                         {"ff_pj", &out->fpga.ff_pj},
                                         {"dsp_pj", &out->fpga.dsp_pj},
                                         {"bram18_pj", &out->fpga.bram18_pj}};
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_check_keys(n, keys, err));
    TRY(read_source(n, out->fpga.source, sizeof out->fpga.source, err));
    return read_constants(n, constants, sizeof constants / sizeof *constants, err);
}

static status read_parts(const struct yaml_node *root, struct energy_profile *out,
                         struct err *err)
{
    static const struct {
        const char *key;
        status (*read)(const struct yaml_node *n, struct energy_profile *out,
                       struct err *err);
    } parts[] = {{"sram", read_sram},
                 {"dram", read_dram},
                 {"mac", read_mac},
                 {"fpga", read_fpga}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const struct yaml_node *n = yaml_find(root, parts[i].key);
        if (n) TRY(parts[i].read(n, out, err));
    }
    return ST_OK;
}

static status read_profile(const struct yaml_node *root, struct energy_profile *out,
                           struct err *err)
{
    static const char *const keys[] = {"version",
                                       "name",
                                       "source",
                                       "mul_pj_per_bit2",
                                       "mul_pj_per_bit",
                                       "add_pj_per_bit",
                                       "weight_read_pj_per_bit",
                                       "act_pj_per_bit",
                                       "sram",
                                       "dram",
                                       "mac",
                                       "fpga",
                                       NULL};
    int64_t version;
    const char *name;
    TRY(yaml_expect(root, YAML_MAP, err));
    TRY(yaml_check_keys(root, keys, err));
    TRY(yaml_need_int(root, "version", 1, 1, &version, err));
    TRY(yaml_need_text(root, "name", &name, err));
    (void)snprintf(out->name, sizeof out->name, "%s", name);
    TRY(read_source(root, out->source, sizeof out->source, err));
    const struct constant constants[] = {
        {"mul_pj_per_bit2", &out->mul_pj_per_bit2},
        {"mul_pj_per_bit", &out->mul_pj_per_bit},
        {"add_pj_per_bit", &out->add_pj_per_bit},
        {"weight_read_pj_per_bit", &out->weight_read_pj_per_bit},
        {"act_pj_per_bit", &out->act_pj_per_bit}};
    const size_t n = sizeof constants / sizeof *constants;
    size_t n_given = 0;
    for (size_t i = 0; i < n; i++) {
        *constants[i].value = NAN;
        n_given += yaml_find(root, constants[i].key) != NULL;
    }
    if (n_given > 0 || !yaml_find(root, "fpga"))
        TRY(read_constants(root, constants, n, err));
    return read_parts(root, out, err);
}

status energy_profile_load(const char *path, struct energy_profile *out,
                           struct err *err)
{
    struct yaml_doc *doc;
    *out = (struct energy_profile){.name = ""};
    TRY(yaml_open(path, &doc, err));
    const status st = read_profile(yaml_root(doc), out, err);
    yaml_close(doc);
    return st;
}
