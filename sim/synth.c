/* One instance, one folder, one Yosys; then OpenSTA or nextpnr where asked for. */
#include "sim/synth.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/progress.h"
#include "base/provenance.h"
#include "rtl/mac_unit.h"
#include "sim/gate_synth.h"
#include "sim/synth_internal.h"
#include "sim/synth_stat.h"
#include "sim/workdir.h"

/* ---- versions ---- */

static status version_of(const char *tool, struct arena *a, const char **out,
                         struct err *err)
{
    struct provenance p;
    provenance_init(&p, "bitwright", 0);
    TRY(provenance_tool(&p, tool, err));
    *out = arena_strdup(a, p.tools[0].version);
    return *out ? ST_OK : arena_exhausted(err);
}

/* "0.4-1+b1" of "nextpnr-ice40 -- ... (Version 0.4-1+b1)" */
static status nextpnr_version(struct arena *a, const char **out, struct err *err)
{
    static const char label[] = "Version ";
    const char *text = NULL;
    TRY(version_of("nextpnr-ice40", a, &text, err));
    const char *at = strstr(text, label);
    if (at) text = at + strlen(label);
    *out = arena_strndup(a, text, strcspn(text, ")"));
    return *out ? ST_OK : arena_exhausted(err);
}

status synth_version(const struct toolchain *t, bool fmax, struct arena *a,
                     const char **out, struct err *err)
{
    const char *more = NULL;
    TRY(version_of("yosys", a, out, err));
    if (t->liberty) {
        TRY(version_of("sta", a, &more, err));
        *out = arena_printf(a, "%s; OpenSTA %s", *out, more);
    } else if (fmax) {
        TRY(nextpnr_version(a, &more, err));
        *out = arena_printf(a, "%s; nextpnr-ice40 %s", *out, more);
    }
    return *out ? ST_OK : arena_exhausted(err);
}

/* ---- files ---- */

static int64_t parameter(const struct rtl_instance *inst, const char *name)
{
    for (int i = 0; i < inst->n_params; i++)
        if (strcmp(inst->params[i].name, name) == 0) return inst->params[i].value;
    return -1;
}

status synth_files(const struct rtl_reach *sources, const struct rtl_instance *inst,
                   struct arena *a, const char *const **out, struct err *err)
{
    const char *without[MAC_N_UNITS + 1] = {NULL};
    const int64_t unit = parameter(inst, "UNIT");
    int n = 0;
    for (int i = 0; unit >= 0 && i < MAC_N_UNITS; i++)
        if (i != unit) without[n++] = mac_unit_names[i];
    return rtl_reach_files(sources, inst->module, without, a, out, err);
}

/* ---- one instance ---- */

/* A link in the folder to a file or folder given relative to ours. */
static status link_to(const char *dir, const char *to, const char *name,
                      struct arena *a, struct err *err)
{
    char cwd[4096];
    if (!file_exists(to)) return err_set(err, ST_NOT_FOUND, "%s: no such file", to);
    if (to[0] != '/') to = getcwd(cwd, sizeof cwd) ? file_join(a, cwd, to) : NULL;
    const char *path = file_join(a, dir, name);
    if (!path || !to) return arena_exhausted(err);
    if (symlink(to, path) == 0 || errno == EEXIST) return ST_OK;
    return err_set(err, ST_IO, "%s: %s", path, strerror(errno));
}

status synth_links(const char *dir, const char *liberty, struct arena *a,
                   struct err *err)
{
    const char *home = NULL;
    TRY(file_home_dir(a, &home, err));
    TRY(link_to(dir, home, "home", a, err));
    return liberty ? link_to(dir, liberty, "library.lib", a, err) : ST_OK;
}

/* What the cells that Yosys takes a second to read are needed for. */
static void find_needs(const struct rtl_reach *r, struct synth_job *j)
{
    static const char *const words[] = {"DSP48E1", "DSP48E2", "REQUANT_DSP", NULL};
    j->memories = rtl_reach_names(r, j->files, "ram_sdp");
    j->all_cells = j->memories;
    for (int i = 0; words[i]; i++)
        j->all_cells = j->all_cells || rtl_reach_names(r, j->files, words[i]);
}

static status read_counts(const struct synth_job *j, struct synth_result *out,
                          struct err *err)
{
    const char *path = file_join(j->a, j->dir, "stat.json");
    json_t *stat = NULL;
    if (!path) return arena_exhausted(err);
    TRY(synth_stat_load(path, j->a, &stat, err));
    const status st = synth_stat_module(stat, "\\top", j->inst->module,
                                        j->opt->toolchain->name, out, err);
    json_decref(stat);
    out->counted = st == ST_OK;
    return st;
}

static status run_fpga(struct synth_job *j, struct synth_result *out, struct err *err)
{
    static const char *const argv[] = {"yosys", "-q", "-s", "script.ys", NULL};
    TRY(synth_links(j->dir, NULL, j->a, err));
    TRY(synth_script_write(j, err));
    TRY(workdir_run(j->dir, argv, j->opt->time_limit_s, err));
    TRY(read_counts(j, out, err));
    return j->opt->fmax ? synth_pnr_fmax(j, &out->fmax_mhz, err) : ST_OK;
}

static status run_liberty(struct synth_job *j, struct synth_result *out,
                          struct err *err)
{
    const char *stat = file_join(j->a, j->dir, GATE_SYNTH_STAT);
    const char *netlist = file_join(j->a, j->dir, GATE_SYNTH_JSON);
    if (!stat || !netlist) return arena_exhausted(err);
    TRY(gate_synth_files(j->inst, j->files, j->opt->toolchain->liberty, j->dir,
                         j->opt->time_limit_s, err));
    TRY(synth_stat_area(stat, j->a, &out->area_um2, err));
    TRY(synth_sta_delay(j, &out->delay_ns, err));
    if (!j->opt->netlist_path || rename(netlist, j->opt->netlist_path) == 0)
        return ST_OK;
    return err_set(err, ST_IO, "%s: %s", j->opt->netlist_path, strerror(errno));
}

static status run_one(const struct rtl_reach *r, const struct rtl_instance *inst,
                      const struct synth_options *opt, struct arena *a,
                      struct synth_result *out, struct err *err)
{
    struct synth_job j = {.inst = inst, .opt = opt, .a = a};
    *out = (struct synth_result){.area_um2 = NAN, .delay_ns = NAN, .fmax_mhz = NAN};
    if (opt->fmax && !opt->toolchain->nextpnr_ice40)
        return err_set(err, ST_UNSUPPORTED, "toolchain %s has no place and route",
                       opt->toolchain->name);
    TRY(synth_files(r, inst, a, &j.files, err));
    find_needs(r, &j);
    TRY(workdir_new(a, &j.dir, err));
    const double start = clock_now_s();
    const status st =
        opt->toolchain->liberty ? run_liberty(&j, out, err) : run_fpga(&j, out, err);
    out->synth_s = clock_now_s() - start;
    workdir_remove(j.dir);
    return st;
}

static bool spoils_only_its_row(status st)
{
    return st == ST_TOOL || st == ST_UNSUPPORTED || st == ST_NOT_FOUND;
}

status synth_run(const struct rtl_instance *instances, int n,
                 const struct synth_options *opt, struct synth_result *results,
                 struct err *err)
{
    struct arena *a = arena_new();
    struct rtl_reach *r = NULL;
    status st =
        a ? rtl_reach_load(opt->sources ? opt->sources : rtl_sources(), a, &r, err)
          : arena_exhausted(err);
    for (int i = 0; i < n && st == ST_OK; i++) {
        struct err why = {.code = ST_OK};
        const status one = run_one(r, &instances[i], opt, a, &results[i], &why);
        results[i].st = one;
        results[i].why = why;
        if (one != ST_OK && !spoils_only_its_row(one))
            st = err_set(err, one, "%s", why.msg);
    }
    arena_free(a);
    return st;
}
