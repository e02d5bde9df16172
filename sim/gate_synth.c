/* The hierarchy that the RTL keeps for its counts on FPGAs is dissolved: an ASIC flow
 * would, and the energy of a unit should not depend on where its modules end. */
#include "sim/gate_synth.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/file.h"
#include "sim/workdir.h"

static void write_steps(FILE *f, const struct rtl_instance *inst, const char *liberty)
{
    fprintf(f, "hierarchy -check -top %s", inst->module);
    for (int i = 0; i < inst->n_params; i++)
        fprintf(f, " -chparam %s %" PRId64, inst->params[i].name,
                inst->params[i].value);
    fprintf(f,
            "\n"
            "setattr -mod -unset keep_hierarchy *\n"
            "setattr -unset keep_hierarchy *\n"
            "synth -flatten\n"
            "dfflibmap -liberty \"%s\"\n"
            "abc -liberty \"%s\"\n"
            "setundef -zero\n"
            "opt_clean -purge\n"
            "rename -top " GATE_SYNTH_MODULE "\n"
            "rename -enumerate -pattern u%%\n" /* or the two files differ in names */
            "write_json " GATE_SYNTH_JSON "\n"
            "write_verilog -noattr -noexpr -nohex " GATE_SYNTH_VERILOG "\n",
            liberty, liberty);
}

static status write_script(const char *dir, const struct rtl_instance *inst,
                           const char *liberty, struct arena *a, struct err *err)
{
    const char *home = NULL, *path = file_join(a, dir, "script.ys");
    struct file_out o;
    if (!path) return arena_exhausted(err);
    TRY(file_home_dir(a, &home, err));
    TRY(file_out_open(path, &o, err));
    for (int i = 0; rtl_sources()[i]; i++)
        fprintf(o.f, "read_verilog -DSYNTHESIS \"%s/%s\"\n", home, rtl_sources()[i]);
    write_steps(o.f, inst, liberty);
    return file_out_commit(&o, err);
}

status gate_synth_run(const struct rtl_instance *inst, const char *liberty,
                      const char *dir, double limit_s, struct err *err)
{
    static const char *const argv[] = {"yosys", "-q", "-s", "script.ys", NULL};
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    status st = write_script(dir, inst, liberty, a, err);
    if (st == ST_OK) st = workdir_run(dir, argv, limit_s, err);
    arena_free(a);
    return st;
}
