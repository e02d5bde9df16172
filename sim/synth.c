/* The batch is one generated module:
 *
 *   module batch ();
 *       (* keep, keep_hierarchy *) mac_parallel #(.SIMD(4), ...) i0 ();
 *       (* keep, keep_hierarchy *) mvu          #(.MW(72), ...)  i1 ();
 *   endmodule
 *
 * After elaboration a dump of it says which type each instance became; after synthesis
 * `stat -json` says what each type consists of. */
#include "sim/synth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/proc.h"
#include "base/progress.h"
#include "sim/synth_stat.h"
#include "sim/workdir.h"

/* -noiopad and -noclkbuf: a unit inside a design has neither.  -nowidelut: without
 * MUXF7 and MUXF8 our macs need about 15 % fewer LUTs.  The RTL decides by its
 * parameters what becomes a DSP, so -nodsp is not needed. */
static const struct synth_toolchain toolchains[] = {
    {"xc7", "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf -nowidelut"},
    {"xc7-widelut", "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf"},
    {"ice40", "synth_ice40"},
};
enum { N_TOOLCHAINS = sizeof toolchains / sizeof *toolchains };

status synth_toolchain_find(const char *name, const struct synth_toolchain **out,
                            struct err *err)
{
    char list[128] = "";
    for (int i = 0; i < N_TOOLCHAINS; i++) {
        *out = &toolchains[i];
        if (strcmp(name, toolchains[i].name) == 0) return ST_OK;
        const size_t n = strlen(list);
        (void)snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "",
                       toolchains[i].name);
    }
    return err_set(err, ST_RANGE, "expected a toolchain among %s, found %s", list,
                   name);
}

status synth_version(struct arena *a, const char **out, struct err *err)
{
    static const char *const argv[] = {"yosys", "-V", NULL};
    char *text = NULL;
    TRY(proc_capture(argv, NULL, a, &text, err));
    text[strcspn(text, "\r\n")] = '\0';
    *out = text;
    return ST_OK;
}

static status write_batch(const char *path, const struct rtl_instance *instances, int n,
                          struct err *err)
{
    struct file_out o;
    TRY(file_out_open(path, &o, err));
    fprintf(o.f, "module batch ();\n");
    for (int i = 0; i < n; i++) {
        const struct rtl_instance *inst = &instances[i];
        fprintf(o.f, "    (* keep, keep_hierarchy *) %s", inst->module);
        for (int k = 0; k < inst->n_params; k++)
            fprintf(o.f, "%s.%s(%" PRId64 ")", k ? ", " : " #(", inst->params[k].name,
                    inst->params[k].value);
        fprintf(o.f, "%s i%d ();\n", inst->n_params ? ")" : "", i);
    }
    fprintf(o.f, "endmodule\n");
    return file_out_commit(&o, err);
}

static status write_script(const char *path, const char *home,
                           const struct synth_options *opt, struct err *err)
{
    const char *const *sources = opt->sources ? opt->sources : rtl_sources();
    struct file_out o;
    TRY(file_out_open(path, &o, err));
    for (int i = 0; sources[i]; i++)
        fprintf(o.f, "read_verilog -DSYNTHESIS \"%s/%s\"\n", home, sources[i]);
    fprintf(o.f, "read_verilog batch.v\n"
                 "hierarchy -top batch\n"
                 "dump -o types.il batch\n");
    fprintf(o.f, "%s -top batch\n", opt->toolchain->command);
    fprintf(o.f, "tee -q -o stat.json stat -json\n");
    return file_out_commit(&o, err);
}

/* Finds in the dump the line "cell TYPE \iN" of instance N. */
static status type_of(char *dump, int i, struct arena *a, const char **type,
                      struct err *err)
{
    const char *end = arena_printf(a, " \\i%d\n", i);
    const char *at = end ? strstr(dump, end) : NULL;
    const char *from = at;
    while (from && from > dump && from[-1] != '\n')
        from--;
    const char *cell = from ? strstr(from, "cell ") : NULL;
    if (!cell || cell > at)
        return err_set(err, ST_TOOL, "Yosys' dump: expected instance i%d, found none",
                       i);
    cell += strlen("cell ");
    *type = arena_strndup(a, cell, (size_t)(at - cell));
    return *type ? ST_OK : arena_exhausted(err);
}

static status read_results(const char *dir, int n, struct arena *a,
                           struct synth_result *results, struct err *err)
{
    const char *dump_path = file_join(a, dir, "types.il");
    const char *stat_path = file_join(a, dir, "stat.json");
    if (!dump_path || !stat_path) return arena_exhausted(err);
    char *dump = NULL;
    size_t size = 0;
    TRY(file_read(dump_path, a, &dump, &size, err));
    json_t *stat = NULL;
    TRY(synth_stat_load(stat_path, a, &stat, err));
    status st = ST_OK;
    for (int i = 0; i < n && st == ST_OK; i++) {
        const char *type;
        st = type_of(dump, i, a, &type, err);
        if (st == ST_OK)
            results[i].st = synth_stat_module(stat, type, &results[i], &results[i].why);
    }
    json_decref(stat);
    return st;
}

static status run_in(const char *dir, const struct rtl_instance *instances, int n,
                     const struct synth_options *opt, struct arena *a,
                     struct synth_result *results, struct err *err)
{
    static const char *const argv[] = {"yosys", "-q", "-s", "script.ys", NULL};
    const char *home = NULL;
    TRY(file_home_dir(a, &home, err));
    const char *batch = file_join(a, dir, "batch.v");
    const char *script = file_join(a, dir, "script.ys");
    if (!batch || !script) return arena_exhausted(err);
    TRY(write_batch(batch, instances, n, err));
    TRY(write_script(script, home, opt, err));
    const double start = clock_now_s();
    TRY(workdir_run(dir, argv, opt->time_limit_s * n, err));
    for (int i = 0; i < n; i++)
        results[i].synth_s = (clock_now_s() - start) / n;
    return read_results(dir, n, a, results, err);
}

static status run_once(const struct rtl_instance *instances, int n,
                       const struct synth_options *opt, struct synth_result *results,
                       struct err *err)
{
    for (int i = 0; i < n; i++)
        results[i] = (struct synth_result){.st = ST_OK};
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    const char *dir = NULL;
    status st = workdir_new(a, &dir, err);
    if (st == ST_OK) st = run_in(dir, instances, n, opt, a, results, err);
    workdir_remove(dir);
    arena_free(a);
    return st;
}

status synth_run(const struct rtl_instance *instances, int n,
                 const struct synth_options *opt, struct synth_result *results,
                 struct err *err)
{
    struct err batch = {0};
    const status st = run_once(instances, n, opt, results, &batch);
    if (st == ST_OK) return ST_OK;
    if (st != ST_TOOL) return err_set(err, st, "%s", batch.msg);
    for (int i = 0; i < n; i++) {
        struct err why = batch;
        const status one =
            n > 1 ? run_once(&instances[i], 1, opt, &results[i], &why) : st;
        if (one == ST_OK) continue;
        if (one != ST_TOOL) return err_set(err, one, "%s", why.msg);
        results[i].st = ST_TOOL;
        results[i].why = why;
    }
    return ST_OK;
}
