/* accel_verilog.c -- an accelerator as Verilog files: one top per layer, and the
 * modules that it stands on. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "rtl/accel_config.h"

void accel_layer_module(const struct mvu_config *m, char *name)
{
    static const char legal[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789_";
    (void)snprintf(name, RTL_NAME_MAX, "layer_%s", m->name);
    for (char *c = name; *c; c++)
        if (!strchr(legal, *c)) *c = '_';
}

/* Ports in mvu's order; widths in bits. */
struct port {
    const char *direction, *name;
    int64_t width;
};

static int64_t address_bits(int64_t words)
{
    int64_t bits = 1;
    while ((INT64_C(1) << bits) < words)
        bits++;
    return bits;
}

static int list_ports(const struct mvu_config *m, struct port p[16])
{
    const struct port ports[] = {
        {"input ", "clk", 1},
        {"input ", "rst", 1},
        {"input ", "i_wload_en", 1},
        {"input ", "i_wload_addr", address_bits(mvu_fold(m))},
        {"input ", "i_wload_data", (int64_t)m->PE * m->SIMD * m->wbits},
        {"input ", "i_rload_en", 1},
        {"input ", "i_rload_addr", address_bits(m->MH / m->lanes)},
        {"input ", "i_rload_data", (int64_t)m->lanes * (m->acc_bits + 36)},
        {"input ", "s_data", (int64_t)m->SIMD * m->abits},
        {"input ", "s_valid", 1},
        {"output", "s_ready", 1},
        {"output", "m_data", (int64_t)m->lanes * m->out_bits},
        {"output", "m_valid", 1},
        {"input ", "m_ready", 1},
    };
    memcpy(p, ports, sizeof ports);
    return (int)(sizeof ports / sizeof *ports);
}

static void write_top(FILE *f, const struct mvu_config *m, const char *module)
{
    struct port ports[16];
    const int n = list_ports(m, ports);
    const struct rtl_instance inst = mvu_instance(m);
    (void)fprintf(f,
                  "// %s -- layer %s: %d x %d matrix, %d-bit weights, %d-bit inputs.\n"
                  "// Written by bitwright; loading, streams and schedule: mvu.v.\n\n"
                  "`default_nettype none\n\nmodule %s (\n",
                  module, m->name, m->MH, m->MW, m->wbits, m->abits, module);
    for (int i = 0; i < n; i++) {
        char range[32] = "";
        if (ports[i].width > 1 || strstr(ports[i].name, "data") ||
            strstr(ports[i].name, "addr"))
            (void)snprintf(range, sizeof range, "[%" PRId64 ":0] ", ports[i].width - 1);
        (void)fprintf(f, "    %s wire %s%s%s\n", ports[i].direction, range,
                      ports[i].name, i + 1 < n ? "," : "");
    }
    (void)fprintf(f, ");\n    %s #(\n", inst.module);
    for (int i = 0; i < inst.n_params; i++)
        (void)fprintf(f, "        .%s(%" PRId64 ")%s\n", inst.params[i].name,
                      inst.params[i].value, i + 1 < inst.n_params ? "," : "");
    (void)fprintf(f, "    ) u_mvu (\n");
    for (int i = 0; i < n; i++)
        (void)fprintf(f, "        .%s(%s)%s\n", ports[i].name, ports[i].name,
                      i + 1 < n ? "," : "");
    (void)fprintf(f, "    );\nendmodule\n\n`default_nettype wire\n");
}

static status write_layer(const struct mvu_config *m, const char *dir, struct arena *a,
                          struct err *err)
{
    char module[RTL_NAME_MAX];
    accel_layer_module(m, module);
    const char *path = arena_printf(a, "%s/%s.v", dir, module);
    if (!path) return arena_exhausted(err);
    struct file_out o;
    TRY(file_out_open(path, &o, err));
    write_top(o.f, m, module);
    return file_out_commit(&o, err);
}

static status copy_source(const char *home, const char *source, const char *dir,
                          struct arena *a, struct err *err)
{
    const char *from = file_join(a, home, source);
    const char *to = file_join(a, dir, strrchr(source, '/') + 1);
    char *text;
    size_t size;
    if (!from || !to) return arena_exhausted(err);
    TRY(file_read(from, a, &text, &size, err));
    return file_write(to, text, size, err);
}

static status write_all(const struct accel_config *c, const char *dir, struct arena *a,
                        struct err *err)
{
    const char *home;
    TRY(file_home_dir(a, &home, err));
    TRY(file_make_dirs(dir, err));
    for (const char *const *s = rtl_sources(); *s; s++)
        TRY(copy_source(home, *s, dir, a, err));
    for (int32_t i = 0; i < c->n_layers; i++)
        TRY(write_layer(&c->layers[i], dir, a, err));
    return ST_OK;
}

status accel_config_write_verilog(const struct accel_config *c, const char *dir,
                                  struct err *err)
{
    TRY(accel_config_check(c, err));
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    const status st = write_all(c, dir, a, err);
    arena_free(a);
    return st;
}
