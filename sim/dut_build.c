/* The time of a simulation is mostly the time to build it, so everything that does
 * not depend on the model is done once (sim/dut_runtime.h).  The model itself is one
 * translation unit: the generated files include the same headers, whose parsing costs
 * more than compiling them. */
#include "sim/dut_build.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "sim/dut_runtime.h"
#include "sim/workdir.h"

#define SHIM        "sim/dut_verilator.cpp"
#define SHIM_HEADER "sim/dut_model.h"

/* Where things are, for one build. */
struct build {
    const struct rtl_instance *inst;
    const struct dut_options *opt;
    const char *const *sources;
    struct arena *a;
    const char *home, *root; /* root: <cache>/dut                              */
    struct dut_runtime runtime;
    const char *tmp; /* folder that this build may fill                 */
};

struct dut_options dut_defaults(void)
{
    return (struct dut_options){.sources = NULL, .trace = false, .opt_level = 0};
}

/* Measured on units of 64 to 288 MACs: -O2 takes 1.5 to 3 s longer to compile than -O0
 * and runs about five times as fast, where -O0 does 5 to 10 million MACs per second.
 * -O1 takes longer than -O2 on the larger ones. */
int dut_opt_level(double macs)
{
    static const double worth_it_macs = 25e6;
    return macs > worth_it_macs ? 2 : 0;
}

/* ---- keys ---- */

status rtl_text_key(const char *const *sources, struct hash_key *out, struct err *err)
{
    struct hash *h = hash_new();
    if (!h) return arena_exhausted(err);
    status st = ST_OK;
    for (int i = 0; st == ST_OK && sources[i]; i++)
        st = workdir_hash_file(h, sources[i], err);
    *out = hash_free_key(h);
    return st;
}

static void verilator_flags(const struct build *b, struct tool_args *l)
{
    tool_arg(l, "verilator");
    tool_arg(l, "--cc");
    tool_arg(l, "--prefix");
    tool_arg(l, "Vdut");
    tool_arg(l, "-O3");
    /* Unknowns are don't-cares for speed; unreset registers start at random. */
    tool_arg(l, "--x-assign");
    tool_arg(l, "fast");
    tool_arg(l, "--x-initial");
    tool_arg(l, "unique");
    tool_arg(l, "-Wno-fatal"); /* linting is `make lint`, not every build */
    tool_arg(l, "-Wno-lint");
    tool_arg(l, "-Wno-style");
    tool_arg(l, "+define+SIM=1");
    if (b->opt->trace) tool_arg(l, "--trace");
}

static status model_key(const struct build *b, const struct hash_key *runtime,
                        struct hash_key *out, struct err *err)
{
    struct hash *h = hash_new();
    if (!h) return arena_exhausted(err);
    struct tool_args l = {.n = 0};
    verilator_flags(b, &l);
    tool_args_hash(&l, h);
    hash_text(h, runtime->hex);
    hash_text(h, b->inst->module);
    for (int i = 0; i < b->inst->n_params; i++) {
        hash_text(h, b->inst->params[i].name);
        hash_i64(h, b->inst->params[i].value);
    }
    struct hash_key text = {.hex = ""};
    status st = rtl_text_key(b->sources, &text, err);
    hash_text(h, text.hex);
    if (st == ST_OK) st = workdir_hash_file(h, SHIM, err);
    if (st == ST_OK) st = workdir_hash_file(h, SHIM_HEADER, err);
    *out = hash_free_key(h);
    return st;
}

/* ---- model ---- */

static status verilate(const struct build *b, struct err *err)
{
    struct tool_args l = {.n = 0};
    verilator_flags(b, &l);
    tool_arg(&l, "--Mdir");
    tool_arg(&l, ".");
    tool_arg(&l, "--top-module");
    tool_arg(&l, b->inst->module);
    for (int i = 0; i < b->inst->n_params; i++)
        tool_arg(&l, arena_printf(b->a, "-G%s=%" PRId64, b->inst->params[i].name,
                                  b->inst->params[i].value));
    for (int i = 0; b->sources[i]; i++)
        tool_arg(&l, file_join(b->a, b->home, b->sources[i]));
    return tool_run(b->tmp, &l, err);
}

/* Reads the port declarations of the generated class,
 *     VL_IN8(&clk,0,0);   VL_OUTW(&m_data,119,0,4);
 * (name, most and least significant bit), and writes dut_pins.inc. */
static status write_pins(const struct build *b, struct err *err)
{
    const char *from = file_join(b->a, b->tmp, "Vdut.h");
    const char *to = file_join(b->a, b->tmp, "dut_pins.inc");
    if (!from || !to) return arena_exhausted(err);
    char *text = NULL;
    size_t size = 0;
    TRY(file_read(from, b->a, &text, &size, err));
    struct file_out o;
    TRY(file_out_open(to, &o, err));
    int n = 0;
    for (const char *p = text; (p = strstr(p, "    VL_")) != NULL; p++) {
        char kind[16], name[128];
        int msb, lsb;
        if (sscanf(p, " VL_%15[A-Z0-9](&%127[A-Za-z0-9_],%d,%d", kind, name, &msb,
                   &lsb) != 4)
            continue;
        fprintf(o.f, "PIN(%s, %d, %d)\n", name, msb - lsb + 1,
                strncmp(kind, "IN", 2) == 0);
        n++;
    }
    if (n == 0) {
        file_out_abort(&o);
        return err_set(err, ST_TOOL,
                       "%s: expected ports in Verilator's class, found none",
                       b->inst->module);
    }
    return file_out_commit(&o, err);
}

static int by_name(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* Files named ..__Slow.cpp hold what runs once: constructors and the first settling, a
 * second copy of all combinational logic that would double the time to compile. */
static bool runs_once(const char *name) { return strstr(name, "__Slow") != NULL; }

static void include_files(FILE *f, const char *const *names, size_t n, bool once)
{
    for (size_t i = 0; i < n; i++)
        if (runs_once(names[i]) == once) fprintf(f, "#include \"%s\"\n", names[i]);
}

/* Names of the generated C++ files, sorted: (*n), in arena. */
static status list_files(const struct build *b, const char ***names, size_t *n,
                         struct err *err)
{
    enum { MAX_FILES = 4096 };
    *n = 0;
    *names = ARENA_NEW(b->a, const char *, MAX_FILES);
    if (!*names) return arena_exhausted(err);
    DIR *dir = opendir(b->tmp);
    if (!dir) return err_set(err, ST_IO, "%s: %s", b->tmp, strerror(errno));
    for (const struct dirent *e = readdir(dir); e && *n < MAX_FILES; e = readdir(dir)) {
        const size_t len = strlen(e->d_name);
        if (len > 4 && strcmp(e->d_name + len - 4, ".cpp") == 0)
            (*names)[(*n)++] = arena_strdup(b->a, e->d_name);
    }
    closedir(dir);
    qsort(*names, *n, sizeof **names, by_name);
    return ST_OK;
}

/* all.cpp: the generated files and the shim. */
static status write_unit(const struct build *b, struct err *err)
{
    const char **names = NULL;
    size_t n = 0;
    TRY(list_files(b, &names, &n, err));
    const char *to = file_join(b->a, b->tmp, "all.cpp");
    if (!to) return arena_exhausted(err);
    struct file_out o;
    TRY(file_out_open(to, &o, err));
    include_files(o.f, names, n, false);
    fprintf(o.f, "#include \"%s\"\n", SHIM);
    fprintf(o.f, "#pragma GCC optimize(\"O0\")\n");
    include_files(o.f, names, n, true);
    return file_out_commit(&o, err);
}

static status compile(const struct build *b, struct err *err)
{
    struct tool_args l = {.n = 0};
    dut_cxx_flags(b->opt, &l);
    dut_runtime_flags(&b->runtime, b->a, &l);
    tool_arg(&l, "-I.");
    tool_arg(&l, "-iquote");
    tool_arg(&l, b->home);
    tool_arg(&l, "-shared");
    tool_arg(&l, "-o");
    tool_arg(&l, "out/model.so");
    tool_arg(&l, "all.cpp");
    dut_runtime_link_flags(&b->runtime, b->a, &l);
    return tool_run(b->tmp, &l, err);
}

static status build_model(struct build *b, const char *final, struct err *err)
{
    const char *out = file_join(b->a, b->tmp, "out");
    if (!out) return arena_exhausted(err);
    TRY(verilate(b, err));
    TRY(write_pins(b, err));
    TRY(write_unit(b, err));
    TRY(file_make_dirs(out, err));
    TRY(compile(b, err));
    return workdir_publish(out, final, err);
}

static status locate(struct build *b, struct err *err)
{
    const char *cache = NULL;
    TRY(file_home_dir(b->a, &b->home, err));
    TRY(file_cache_dir(b->a, &cache, err));
    b->root = file_join(b->a, cache, "dut");
    if (!b->root) return arena_exhausted(err);
    return file_make_dirs(b->root, err);
}

status dut_build(const struct rtl_instance *inst, const struct dut_options *opt,
                 struct arena *a, const char **so_path, struct err *err)
{
    struct build b = {.inst = inst,
                      .opt = opt,
                      .sources = opt->sources ? opt->sources : rtl_sim_sources(),
                      .a = a};
    struct hash_key rt, key;
    TRY(locate(&b, err));
    TRY(dut_runtime_key(opt, &rt, err));
    TRY(model_key(&b, &rt, &key, err));
    const char *final = arena_printf(a, "%s/%s", b.root, key.hex);
    *so_path = arena_printf(a, "%s/%s/model.so", b.root, key.hex);
    if (!final || !*so_path) return arena_exhausted(err);
    TRY(dut_runtime_need(opt, &rt, b.root, a, &b.runtime, err));
    if (file_exists(*so_path)) return ST_OK;
    TRY(workdir_new(a, &b.tmp, err));
    status st = build_model(&b, final, err);
    workdir_remove(b.tmp);
    return st;
}
