/* The time of a simulation is mostly the time to build it, so everything that does
 * not depend on the model is done once: the Verilator runtime is a shared object and
 * its header is precompiled (a third of a small model's build).  The model itself is
 * one translation unit: the generated files include the same headers, whose parsing
 * costs more than compiling them.
 *
 * flock, and only flock, is not in POSIX. */
#define _DEFAULT_SOURCE
#include "sim/dut_build.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/proc.h"
#include "sim/workdir.h"

enum {
    LAYOUT = 3, /* of the folders in the cache: raise it when they change      */
    MAX_ARGS = 96,
    TOOL_LIMIT_S = 300, /* no model of ours needs a tenth of it                */
};

#define SHIM        "sim/dut_verilator.cpp"
#define SHIM_HEADER "sim/dut_model.h"

struct args {
    int n;
    const char *v[MAX_ARGS];
};

/* Where things are, for one build. */
struct build {
    const struct rtl_instance *inst;
    const struct dut_options *opt;
    const char *const *sources;
    struct arena *a;
    const char *home, *root; /* root: <cache>/dut                              */
    const char *runtime;     /* <root>/rt-<key>                                 */
    const char *include;     /* Verilator's include directory                   */
    const char *tmp;         /* folder that this build may fill                 */
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

static void arg(struct args *l, const char *text)
{
    if (l->n < MAX_ARGS - 1) l->v[l->n++] = text;
    l->v[l->n] = NULL;
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

/* Flags that runtime, precompiled header and model must share. */
static void cxx_flags(const struct build *b, struct args *l)
{
    static const char *const levels[] = {"-O0", "-O1", "-O2", "-O3"};
    arg(l, "g++");
    arg(l, "-std=gnu++17");
    arg(l, levels[b->opt->opt_level]);
    arg(l, "-w");
    arg(l, "-fPIC");
    arg(l, "-fvisibility=hidden");
    arg(l, "-fno-gnu-unique");
    arg(l, "-faligned-new");
    arg(l, "-fcf-protection=none");
    arg(l, "-fno-stack-protector");
    arg(l, "-DVL_PRINTF(...)=fprintf(stderr,__VA_ARGS__)");
    arg(l, "-DVM_COVERAGE=0");
    arg(l, "-DVM_SC=0");
    arg(l, b->opt->trace ? "-DVM_TRACE=1" : "-DVM_TRACE=0");
    if (b->opt->trace) arg(l, "-DVM_TRACE_VCD=1");
}

static void verilator_flags(const struct build *b, struct args *l)
{
    arg(l, "verilator");
    arg(l, "--cc");
    arg(l, "--prefix");
    arg(l, "Vdut");
    arg(l, "-O3");
    /* Unknowns are don't-cares for speed; unreset registers start at random. */
    arg(l, "--x-assign");
    arg(l, "fast");
    arg(l, "--x-initial");
    arg(l, "unique");
    arg(l, "-Wno-fatal"); /* linting is `make lint`, not every build */
    arg(l, "-Wno-lint");
    arg(l, "-Wno-style");
    arg(l, "+define+SIM=1");
    if (b->opt->trace) arg(l, "--trace");
}

static void hash_args(struct hash *h, const struct args *l)
{
    for (int i = 0; i < l->n; i++)
        hash_text(h, l->v[i]);
}

static status runtime_key(const struct build *b, struct hash_key *out, struct err *err)
{
    struct hash *h = hash_new();
    if (!h) return arena_exhausted(err);
    struct args l = {.n = 0};
    cxx_flags(b, &l);
    hash_i64(h, LAYOUT);
    hash_args(h, &l);
    status st = workdir_hash_tool(h, "verilator", err);
    if (st == ST_OK) st = workdir_hash_tool(h, "g++", err);
    *out = hash_free_key(h);
    return st;
}

static status model_key(const struct build *b, const struct hash_key *runtime,
                        struct hash_key *out, struct err *err)
{
    struct hash *h = hash_new();
    if (!h) return arena_exhausted(err);
    struct args l = {.n = 0};
    verilator_flags(b, &l);
    hash_args(h, &l);
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

/* ---- folders ---- */

/* Gives the finished folder its final name; somebody else's identical folder that
 * got there first is as good. */
static status publish(const char *from, const char *to, struct err *err)
{
    if (rename(from, to) == 0) return ST_OK;
    if (errno == EEXIST || errno == ENOTEMPTY) return ST_OK;
    return err_set(err, ST_IO, "%s: cannot rename to %s: %s", from, to,
                   strerror(errno));
}

/* ---- runtime ---- */

static status run_tool(const struct build *b, const struct args *l, struct err *err)
{
    if (l->n < MAX_ARGS - 1) return workdir_run(b->tmp, l->v, TOOL_LIMIT_S, err);
    return err_set(err, ST_UNSUPPORTED, "%s: more than %d arguments", l->v[0],
                   MAX_ARGS - 2);
}

static status ask_include_dir(struct build *b, struct err *err)
{
    const char *const argv[] = {"verilator", "--getenv", "VERILATOR_ROOT", NULL};
    char *text = NULL;
    TRY(proc_capture(argv, NULL, b->a, &text, err));
    text[strcspn(text, "\r\n")] = '\0';
    b->include = file_join(b->a, text, "include");
    return b->include ? ST_OK : arena_exhausted(err);
}

static void include_flags(const struct build *b, struct args *l)
{
    arg(l, "-isystem");
    arg(l, b->include);
    arg(l, "-isystem");
    arg(l, arena_printf(b->a, "%s/vltstd", b->include));
}

/* Two runtimes may meet in one process, and the loader tells them apart by name. */
static const char *runtime_name(const struct build *b)
{
    return strrchr(b->runtime, '/') + 1;
}

static status build_runtime(struct build *b, struct err *err)
{
    struct args l = {.n = 0};
    cxx_flags(b, &l);
    include_flags(b, &l);
    arg(&l, "-fvisibility=default");
    arg(&l, "-shared");
    arg(&l, "-pthread");
    arg(&l, "-o");
    arg(&l, arena_printf(b->a, "%s.so", runtime_name(b)));
    static const char *const files[] = {"verilated.cpp", "verilated_threads.cpp",
                                        "verilated_vcd_c.cpp"};
    for (int i = 0; i < (b->opt->trace ? 3 : 2); i++)
        arg(&l, file_join(b->a, b->include, files[i]));
    TRY(run_tool(b, &l, err));

    const char *header = arena_printf(b->a, "%s/rt.h", b->tmp);
    const char *place = arena_printf(b->a, "%s/include_dir", b->tmp);
    if (!header || !place) return arena_exhausted(err);
    static const char text[] = "#include \"verilated.h\"\n";
    TRY(file_write(header, text, sizeof text - 1, err));
    TRY(file_write(place, b->include, strlen(b->include), err));
    l.n = 0;
    cxx_flags(b, &l);
    include_flags(b, &l);
    arg(&l, "-x");
    arg(&l, "c++-header");
    arg(&l, "rt.h");
    arg(&l, "-o");
    arg(&l, "rt.h.gch");
    return run_tool(b, &l, err);
}

/* One builder at a time: it takes seconds, and everybody needs the same one. */
static status need_runtime_locked(struct build *b, struct err *err)
{
    if (file_exists(b->runtime)) return ST_OK;
    TRY(ask_include_dir(b, err));
    TRY(workdir_new(b->a, &b->tmp, err));
    status st = build_runtime(b, err);
    if (st == ST_OK) st = publish(b->tmp, b->runtime, err);
    workdir_remove(b->tmp);
    return st;
}

static status need_runtime(struct build *b, struct err *err)
{
    if (!file_exists(b->runtime)) {
        const char *lock = file_join(b->a, b->root, "lock");
        if (!lock) return arena_exhausted(err);
        int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (fd < 0) return err_set(err, ST_IO, "%s: %s", lock, strerror(errno));
        while (flock(fd, LOCK_EX) != 0 && errno == EINTR)
            continue;
        status st = need_runtime_locked(b, err);
        close(fd);
        TRY(st);
    }
    const char *place = file_join(b->a, b->runtime, "include_dir");
    if (!place) return arena_exhausted(err);
    char *text = NULL;
    size_t size = 0;
    TRY(file_read(place, b->a, &text, &size, err));
    b->include = text;
    return ST_OK;
}

/* ---- model ---- */

static status verilate(const struct build *b, struct err *err)
{
    struct args l = {.n = 0};
    verilator_flags(b, &l);
    arg(&l, "--Mdir");
    arg(&l, ".");
    arg(&l, "--top-module");
    arg(&l, b->inst->module);
    for (int i = 0; i < b->inst->n_params; i++)
        arg(&l, arena_printf(b->a, "-G%s=%" PRId64, b->inst->params[i].name,
                             b->inst->params[i].value));
    for (int i = 0; b->sources[i]; i++)
        arg(&l, file_join(b->a, b->home, b->sources[i]));
    return run_tool(b, &l, err);
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
    struct args l = {.n = 0};
    cxx_flags(b, &l);
    include_flags(b, &l);
    arg(&l, "-I.");
    arg(&l, "-iquote");
    arg(&l, b->home);
    arg(&l, "-include");
    arg(&l, arena_printf(b->a, "%s/rt.h", b->runtime));
    arg(&l, "-shared");
    arg(&l, "-o");
    arg(&l, "out/model.so");
    arg(&l, "all.cpp");
    arg(&l, "-L");
    arg(&l, b->runtime);
    arg(&l, arena_printf(b->a, "-l:%s.so", runtime_name(b)));
    arg(&l, arena_printf(b->a, "-Wl,-rpath,$ORIGIN/../%s", runtime_name(b)));
    return run_tool(b, &l, err);
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
    return publish(out, final, err);
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
                      .sources = opt->sources ? opt->sources : rtl_sources(),
                      .a = a};
    struct hash_key rt, key;
    TRY(locate(&b, err));
    TRY(runtime_key(&b, &rt, err));
    TRY(model_key(&b, &rt, &key, err));
    b.runtime = arena_printf(a, "%s/rt-%s", b.root, rt.hex);
    const char *final = arena_printf(a, "%s/%s", b.root, key.hex);
    *so_path = arena_printf(a, "%s/%s/model.so", b.root, key.hex);
    if (!b.runtime || !final || !*so_path) return arena_exhausted(err);
    if (file_exists(*so_path) && file_exists(b.runtime)) return ST_OK;
    TRY(need_runtime(&b, err));
    TRY(workdir_new(a, &b.tmp, err));
    status st = build_model(&b, final, err);
    workdir_remove(b.tmp);
    return st;
}
