/* synth_script.c -- the Yosys script of one instance.
 *
 * Xilinx and Nexus libraries with all their cells take Yosys a second to read, and the
 * maps of block RAMs as long again: both are left out where the instance can have
 * neither.  That it has no memory is asserted in the script, so that none can end up in
 * flip-flops unseen. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "sim/synth_internal.h"

void synth_read(const char *const *files, FILE *f)
{
    for (int i = 0; files[i]; i++)
        fprintf(f, "read_verilog -defer -DSYNTHESIS home/%s\n", files[i]);
}

void synth_script_params(const struct rtl_instance *inst, FILE *f)
{
    for (int k = 0; k < inst->n_params; k++)
        fprintf(f, "%s.%s(%" PRId64 ")", k ? ", " : " #(", inst->params[k].name,
                inst->params[k].value);
    fprintf(f, "%s", inst->n_params ? ")" : "");
}

static void write_hierarchy(const struct synth_job *j, FILE *f)
{
    fprintf(f, "hierarchy -top %s", j->inst->module);
    for (int k = 0; k < j->inst->n_params; k++)
        fprintf(f, " -chparam %s %" PRId64, j->inst->params[k].name,
                j->inst->params[k].value);
    fprintf(f, "\nrename -top top\n");
}

static void write_fpga(const struct synth_job *j, FILE *f)
{
    const struct toolchain *t = j->opt->toolchain;
    if (t->cells) fprintf(f, "%s\n", j->all_cells ? t->all_cells : t->cells);
    write_hierarchy(j, f);
    fprintf(f, "%s -run %s:%s\n", t->command, t->first, t->memories);
    if (j->memories)
        fprintf(f, "%s -run %s:%s\n", t->command, t->memories, t->rest);
    else
        fprintf(f, "select -assert-none t:$mem t:$mem_v2\n");
    fprintf(f, "%s -run %s:\n", t->command, t->rest);
    fprintf(f, "tee -q -o stat.json stat -json\n");
    if (j->opt->fmax) fprintf(f, "write_json ports.json\n");
}

status synth_script_write(const struct synth_job *j, struct err *err)
{
    const char *path = file_join(j->a, j->dir, "script.ys");
    if (!path) return arena_exhausted(err);
    struct file_out o;
    TRY(file_out_open(path, &o, err));
    synth_read(j->files, o.f);
    write_fpga(j, o.f);
    return file_out_commit(&o, err);
}
