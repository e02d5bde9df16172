/* accel_verilog.c -- an accelerator as Verilog files: one top per layer, and the
 * modules that it stands on. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
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

/* A file that belongs into the folder: its name and its text. */
typedef status put_fn(const char *name, const char *text, size_t size, void *arg,
                      struct err *err);

static status each_layer(const struct accel_config *c, put_fn *put, void *arg,
                         struct err *err)
{
    for (int32_t i = 0; i < c->n_layers; i++) {
        char module[RTL_NAME_MAX], name[RTL_NAME_MAX + 2];
        char *text = NULL;
        size_t size = 0;
        accel_layer_module(&c->layers[i], module);
        (void)snprintf(name, sizeof name, "%s.v", module);
        FILE *f = open_memstream(&text, &size);
        if (!f) return err_set(err, ST_NOMEM, "out of memory");
        write_top(f, &c->layers[i], module);
        status st = fclose(f) == 0 ? ST_OK : err_set(err, ST_NOMEM, "out of memory");
        if (st == ST_OK) st = put(name, text, size, arg, err);
        free(text);
        TRY(st);
    }
    return ST_OK;
}

static status each_file(const struct accel_config *c, struct arena *a, put_fn *put,
                        void *arg, struct err *err)
{
    const char *home;
    TRY(file_home_dir(a, &home, err));
    for (const char *const *s = rtl_sources(); *s; s++) {
        const char *from = file_join(a, home, *s);
        char *text;
        size_t size;
        if (!from) return arena_exhausted(err);
        TRY(file_read(from, a, &text, &size, err));
        TRY(put(strrchr(*s, '/') + 1, text, size, arg, err));
    }
    return each_layer(c, put, arg, err);
}

struct folder {
    const char *dir;
    struct arena *a;
};

static status write_one(const char *name, const char *text, size_t size, void *arg,
                        struct err *err)
{
    const struct folder *d = arg;
    const char *path = file_join(d->a, d->dir, name);
    return path ? file_write(path, text, size, err) : arena_exhausted(err);
}

static status compare_one(const char *name, const char *text, size_t size, void *arg,
                          struct err *err)
{
    const struct folder *d = arg;
    const char *path = file_join(d->a, d->dir, name);
    char *found;
    size_t n;
    if (!path) return arena_exhausted(err);
    TRY(file_read(path, d->a, &found, &n, err));
    if (n == size && memcmp(found, text, n) == 0) return ST_OK;
    int line = 1;
    for (size_t i = 0; i < n && i < size && found[i] == text[i]; i++)
        line += text[i] == '\n';
    return err_set(
        err, ST_MISMATCH,
        "%s:%d:1: expected the text that is simulated, found another; search "
        "again, or verify with the version that wrote it",
        path, line);
}

static status with_folder(const struct accel_config *c, const char *dir, put_fn *put,
                          struct err *err)
{
    TRY(accel_config_check(c, err));
    struct folder d = {dir, arena_new()};
    if (!d.a) return arena_exhausted(err);
    const status st = each_file(c, d.a, put, &d, err);
    arena_free(d.a);
    return st;
}

status accel_config_write_verilog(const struct accel_config *c, const char *dir,
                                  struct err *err)
{
    TRY(file_make_dirs(dir, err));
    return with_folder(c, dir, write_one, err);
}

status accel_config_check_verilog(const struct accel_config *c, const char *dir,
                                  struct err *err)
{
    return with_folder(c, dir, compare_one, err);
}
