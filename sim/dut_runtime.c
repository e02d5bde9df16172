/* flock, and only flock, is not in POSIX. */
#define _DEFAULT_SOURCE
#include "sim/dut_runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/proc.h"
#include "sim/workdir.h"

enum { LAYOUT = 4 }; /* of the folders in the cache: raise it when they change */

void dut_cxx_flags(const struct dut_options *opt, struct tool_args *l)
{
    static const char *const levels[] = {"-O0", "-O1", "-O2", "-O3"};
    tool_arg(l, "g++");
    tool_arg(l, "-std=gnu++17");
    tool_arg(l, levels[opt->opt_level]);
    tool_arg(l, "-w");
    tool_arg(l, "-fPIC");
    tool_arg(l, "-fvisibility=hidden");
    tool_arg(l, "-fno-gnu-unique");
    tool_arg(l, "-faligned-new");
    tool_arg(l, "-fcf-protection=none");
    tool_arg(l, "-fno-stack-protector");
    tool_arg(l, "-DVL_PRINTF(...)=fprintf(stderr,__VA_ARGS__)");
    tool_arg(l, "-DVM_COVERAGE=0");
    tool_arg(l, "-DVM_SC=0");
    tool_arg(l, opt->trace ? "-DVM_TRACE=1" : "-DVM_TRACE=0");
    if (opt->trace) tool_arg(l, "-DVM_TRACE_VCD=1");
}

status dut_runtime_key(const struct dut_options *opt, struct hash_key *out,
                       struct err *err)
{
    struct hash *h = hash_new();
    if (!h) return arena_exhausted(err);
    struct tool_args l = {.n = 0};
    dut_cxx_flags(opt, &l);
    hash_i64(h, LAYOUT);
    tool_args_hash(&l, h);
    status st = workdir_hash_tool(h, "verilator", err);
    if (st == ST_OK) st = workdir_hash_tool(h, "g++", err);
    *out = hash_free_key(h);
    return st;
}

static status ask_include_dir(struct arena *a, const char **out, struct err *err)
{
    const char *const argv[] = {"verilator", "--getenv", "VERILATOR_ROOT", NULL};
    char *text = NULL;
    TRY(proc_capture(argv, NULL, a, &text, err));
    text[strcspn(text, "\r\n")] = '\0';
    *out = file_join(a, text, "include");
    return *out ? ST_OK : arena_exhausted(err);
}

static void include_flags(const struct dut_runtime *r, struct arena *a,
                          struct tool_args *l)
{
    tool_arg(l, "-isystem");
    tool_arg(l, r->include);
    tool_arg(l, "-isystem");
    tool_arg(l, arena_printf(a, "%s/vltstd", r->include));
}

static status build_library(const struct dut_runtime *r, const struct dut_options *opt,
                            const char *dir, struct arena *a, struct err *err)
{
    static const char *const files[] = {"verilated.cpp", "verilated_threads.cpp",
                                        "verilated_vcd_c.cpp"};
    struct tool_args l = {.n = 0};
    dut_cxx_flags(opt, &l);
    include_flags(r, a, &l);
    tool_arg(&l, "-fvisibility=default");
    tool_arg(&l, "-shared");
    tool_arg(&l, "-pthread");
    tool_arg(&l, "-o");
    tool_arg(&l, arena_printf(a, "%s.so", r->name));
    for (int i = 0; i < (opt->trace ? 3 : 2); i++)
        tool_arg(&l, file_join(a, r->include, files[i]));
    return tool_run(dir, &l, err);
}

static status build_header(const struct dut_runtime *r, const struct dut_options *opt,
                           const char *dir, struct arena *a, struct err *err)
{
    static const char text[] = "#include \"verilated.h\"\n";
    const char *header = file_join(a, dir, "rt.h");
    if (!header) return arena_exhausted(err);
    TRY(file_write(header, text, sizeof text - 1, err));
    struct tool_args l = {.n = 0};
    dut_cxx_flags(opt, &l);
    include_flags(r, a, &l);
    tool_arg(&l, "-x");
    tool_arg(&l, "c++-header");
    tool_arg(&l, "rt.h");
    tool_arg(&l, "-o");
    tool_arg(&l, "rt.h.gch");
    return tool_run(dir, &l, err);
}

static status build(struct dut_runtime *r, const struct dut_options *opt,
                    const char *dir, struct arena *a, struct err *err)
{
    TRY(ask_include_dir(a, &r->include, err));
    TRY(build_library(r, opt, dir, a, err));
    TRY(build_header(r, opt, dir, a, err));
    const char *place = file_join(a, dir, "include_dir");
    if (!place) return arena_exhausted(err);
    TRY(file_write(place, r->include, strlen(r->include), err));
    return workdir_publish(dir, r->dir, err);
}

static status need_locked(struct dut_runtime *r, const struct dut_options *opt,
                          struct arena *a, struct err *err)
{
    if (file_exists(r->dir)) return ST_OK;
    const char *dir = NULL;
    TRY(workdir_new(a, &dir, err));
    const status st = build(r, opt, dir, a, err);
    workdir_remove(dir);
    return st;
}

/* One builder at a time: it takes seconds, and everybody needs the same one. */
static status need(struct dut_runtime *r, const struct dut_options *opt,
                   const char *root, struct arena *a, struct err *err)
{
    if (file_exists(r->dir)) return ST_OK;
    const char *lock = file_join(a, root, "lock");
    if (!lock) return arena_exhausted(err);
    const int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) return err_set(err, ST_IO, "%s: %s", lock, strerror(errno));
    while (flock(fd, LOCK_EX) != 0 && errno == EINTR)
        continue;
    const status st = need_locked(r, opt, a, err);
    close(fd);
    return st;
}

status dut_runtime_need(const struct dut_options *opt, const struct hash_key *key,
                        const char *root, struct arena *a, struct dut_runtime *out,
                        struct err *err)
{
    /* Two runtimes may meet in one process; the loader tells them apart by name. */
    out->name = arena_printf(a, "rt-%s", key->hex);
    out->dir = out->name ? file_join(a, root, out->name) : NULL;
    if (!out->dir) return arena_exhausted(err);
    TRY(need(out, opt, root, a, err));
    const char *place = file_join(a, out->dir, "include_dir");
    if (!place) return arena_exhausted(err);
    char *text = NULL;
    size_t size = 0;
    TRY(file_read(place, a, &text, &size, err));
    out->include = text;
    return ST_OK;
}

void dut_runtime_flags(const struct dut_runtime *r, struct arena *a,
                       struct tool_args *l)
{
    include_flags(r, a, l);
    tool_arg(l, "-include");
    tool_arg(l, file_join(a, r->dir, "rt.h"));
}

void dut_runtime_link_flags(const struct dut_runtime *r, struct arena *a,
                            struct tool_args *l)
{
    tool_arg(l, "-L");
    tool_arg(l, r->dir);
    tool_arg(l, arena_printf(a, "-l:%s.so", r->name));
    tool_arg(l, arena_printf(a, "-Wl,-rpath,$ORIGIN/../%s", r->name));
}
