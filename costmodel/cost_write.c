/* cost_write.c -- what `bitwright cost` prints or writes, in its eight formats. */
#include <stdio.h>

#include "base/cli.h"
#include "base/file.h"
#include "costmodel/cost_job.h"
#include "costmodel/export.h"

static struct export_source source_of(const struct cost_job *job)
{
    return (struct export_source){job->model, job->toolchain,
                                  job->energy_or_null ? job->energy.profile : NULL};
}

/* Forms that are files of their own. */
static status write_file(struct cost_job *job, struct err *err)
{
    const struct cost_args *args = job->args;
    const struct export_source s = source_of(job);
    const char *unit;
    if (args->i_format == EXPORT_ERT)
        return export_ert(&s, &job->table, job->clock_mhz, args->output, err);
    if (args->i_format == EXPORT_ART)
        return export_art(&s, &job->table, args->output, err);
    TRY(export_npy(&job->table, (enum cost_metric)args->i_metric, args->output, &unit,
                   err));
    cli_note("%s: %s in %s, shape (%d, 8, 8)", args->output,
             cost_metric_names[args->i_metric], unit, (int)job->table.n_rows / 64);
    return ST_OK;
}

static status write_table(struct cost_job *job, FILE *f, struct err *err)
{
    const struct cost_args *args = job->args;
    const struct export_source s = source_of(job);
    if (args->i_format == EXPORT_ACCELERGY)
        return export_accelergy(&s, args->simd ? (int32_t)args->simd : 4,
                                &job->provenance, f, err);
    if (args->i_format == TABLE_TEXT && args->network) {
        table_print_grids(&job->table, (enum cost_metric)args->i_metric, f);
        return ST_OK;
    }
    return table_write(&job->table, (enum table_format)args->i_format, &job->provenance,
                       f, err);
}

status cost_write(struct cost_job *job, struct err *err)
{
    struct file_out o;
    const int format = job->args->i_format;
    if (format == EXPORT_NPY || format == EXPORT_ERT || format == EXPORT_ART)
        return write_file(job, err);
    if (!job->args->output) return write_table(job, stdout, err);
    TRY(file_out_open(job->args->output, &o, err));
    const status st = write_table(job, o.f, err);
    if (st == ST_OK) return file_out_commit(&o, err);
    file_out_abort(&o);
    return st;
}
