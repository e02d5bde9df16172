/* The hierarchy that the RTL keeps for its counts on FPGAs is dissolved: an ASIC flow
 * would, and the energy of a unit should not depend on where its modules end. */
#include "sim/gate_synth.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/file.h"
#include "sim/synth.h"
#include "sim/workdir.h"

static void write_steps(FILE *f, const struct rtl_instance *inst)
{
    fprintf(f, "hierarchy -check -top %s", inst->module);
    for (int i = 0; i < inst->n_params; i++)
        fprintf(f, " -chparam %s %" PRId64, inst->params[i].name,
                inst->params[i].value);
    fprintf(f, "\n"
               "setattr -mod -unset keep_hierarchy *\n"
               "setattr -unset keep_hierarchy *\n"
               "synth -flatten\n"
               "dfflibmap -liberty library.lib\n"
               "abc -liberty library.lib\n"
               "setundef -zero\n"
               "opt_clean -purge\n"
               "splitnets\n" /* unused aliases go, which OpenSTA would reject */
               "opt_clean -purge\n"
               "rename -top " GATE_SYNTH_MODULE "\n"
               "rename -enumerate -pattern u%%\n" /* or the two files differ in names */
               "tee -q -o " GATE_SYNTH_STAT " stat -liberty library.lib\n"
               "write_json " GATE_SYNTH_JSON "\n"
               "write_verilog -noattr -noexpr -nohex " GATE_SYNTH_VERILOG "\n");
}

static status own_files(const struct rtl_instance *inst, struct arena *a,
                        const char *const **files, struct err *err)
{
    struct rtl_reach *r = NULL;
    TRY(rtl_reach_load(rtl_sources(), a, &r, err));
    return synth_files(r, inst, a, files, err);
}

static status write_script(const char *dir, const struct rtl_instance *inst,
                           const char *const *files, struct arena *a, struct err *err)
{
    const char *path = file_join(a, dir, "script.ys");
    struct file_out o;
    if (!path) return arena_exhausted(err);
    TRY(file_out_open(path, &o, err));
    synth_read(files, o.f);
    write_steps(o.f, inst);
    return file_out_commit(&o, err);
}

static status run(const struct rtl_instance *inst, const char *const *files,
                  const char *liberty, const char *dir, double limit_s, struct arena *a,
                  struct err *err)
{
    static const char *const argv[] = {"yosys", "-q", "-s", "script.ys", NULL};
    TRY(synth_links(dir, liberty, a, err));
    if (!files) TRY(own_files(inst, a, &files, err));
    TRY(write_script(dir, inst, files, a, err));
    return workdir_run(dir, argv, limit_s, err);
}

status gate_synth_files(const struct rtl_instance *inst, const char *const *files,
                        const char *liberty, const char *dir, double limit_s,
                        struct err *err)
{
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    const status st = run(inst, files, liberty, dir, limit_s, a, err);
    arena_free(a);
    return st;
}

status gate_synth_run(const struct rtl_instance *inst, const char *liberty,
                      const char *dir, double limit_s, struct err *err)
{
    return gate_synth_files(inst, NULL, liberty, dir, limit_s, err);
}
