/* cost_job.h -- one run of `bitwright cost`.  Private to cost_*.c.
 *
 *   options (cost_cmd.c) -> rows with their costs (cost_rows.c, cost_shared.c) -> files
 *   (cost_write.c) */
#ifndef COSTMODEL_COST_JOB_H
#define COSTMODEL_COST_JOB_H

#include "base/provenance.h"
#include "costmodel/energy.h"
#include "costmodel/layer_table.h"
#include "costmodel/shared.h"
#include "costmodel/table.h"

/* Forms beyond those of table.h; numbered behind them. */
enum export_format {
    EXPORT_NPY = TABLE_JSON + 1,
    EXPORT_ACCELERGY,
    EXPORT_ERT,
    EXPORT_ART
};

struct cost_args {
    const char *cost, *accel, *network, *toolchain, *format, *metric; /* NULL: none */
    const char *requant_mul, *weight_ram, *output;
    int64_t pe, simd;
    struct energy_options energy;
    bool json;
    /* checked: enum table_format or export_format, enum cost_metric, rtl_mul, rtl_ram;
     * -1 where none was given */
    int i_format, i_metric, i_requant_mul, i_weight_ram;
    bool is_shared; /* accel is an array that runs all layers */
};

/* Everything that all forms of the command need. */
struct cost_job {
    struct cost_args *args;
    struct arena *a;
    struct cost_model *model;    /* NULL with a table of layers, or a shared array whose
                                    file names none                               */
    struct layer_table *layers;  /* NULL with a model                             */
    struct shared_accel *shared; /* NULL where layers have units of their own     */
    double clock_mhz;            /* of the accelerator                            */
    int toolchain;
    struct energy_source energy;
    const struct energy_source *energy_or_null;
    struct provenance provenance;
    struct cost_table table;
};

/* ---- rows: fill job->table ---- */
/* job->model is loaded.  Rows of a network that it cannot price stay empty. */
status cost_of_accel(struct cost_job *job, struct err *err);
status cost_of_network(struct cost_job *job, struct err *err);
/* By job->layers: what the table says, beside size and BitOps. */
status cost_by_layers(struct cost_job *job, struct err *err);
/* The network's layers on job->shared; job->model, if any, prices the array. */
status cost_on_shared(struct cost_job *job, struct err *err);

/* Without a cost: NaN, never 0. */
void cost_forget(struct cost_estimate *e);
/* Rows of a network without a cost stay empty, with a note; there must be one that has
 * one. */
status cost_note_missing(int32_t n, int32_t n_missing, const struct err *first,
                         struct err *err);
/* Index of the model's toolchain; without --toolchain its only one. */
status cost_select_toolchain(struct cost_job *job, struct err *err);

/* ---- files ---- */
status cost_write(struct cost_job *job, struct err *err);

#endif
