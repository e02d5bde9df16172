/* job.h -- one run of `bitwright search`, from its options to the files it leaves.
 *
 *   load -> space, budgets -> search -> fine-tune plan -> fine-tune baselines -> files
 *
 * Every stage leaves its result in the state folder PLAN.state/; a run that finds a
 * result there goes on behind it, so a run killed anywhere and started again ends
 * with the same plan.  The folder carries the key of everything that determines the
 * result, and goes when the plan is written. */
#ifndef SEARCH_JOB_H
#define SEARCH_JOB_H

#include "base/provenance.h"
#include "costmodel/shared.h"
#include "search/plan.h"
#include "search/search.h"

enum { JOB_MAX_UNIFORM = 8 };

struct job_options {
    const char *network, *data, *cost, *toolchain, *output;
    const char *accel; /* a shared array, by name or path; NULL: units per layer */
    struct energy_options energy;
    struct cli_list budgets;
    const char *config;   /* selectors; NULL: none */
    double budget_margin; /* share of limits on what is only estimated, kept free */
    const struct search_method *method;
    struct search_method_options method_options;
    struct space_options space;
    double epochs; /* of the search                                 */
    struct ssps_options ssps;
    int32_t finetune_epochs; /* of the plan and of every baseline             */
    bool equal_epochs;       /* baselines train the epochs of the search, too */
    int32_t n_uniform, uniform[JOB_MAX_UNIFORM]; /* bits of the baselines       */
    int32_t n_held_out;
    double distill;     /* share of the fp32 network in fine-tuning's loss; 0: none */
    bool fp32_backward; /* of nn/trainer.h */
    double lr; /* peak rate of fine-tuning                                    */
    uint64_t seed;
    int n_threads; /* 0: all                                                  */
    bool resume, keep_state, quiet;
};

/* All in arena; close with job_close. */
struct job {
    const struct job_options *opt;
    struct arena *arena;
    struct pool *pool;
    struct nn_graph *graph;
    struct cost_model *model;    /* NULL where there is a table of layers, or a shared
                                    array of which none is known                  */
    struct layer_table *table;   /* NULL where there is a model                   */
    struct shared_accel *shared; /* NULL where every layer has its unit         */
    struct cost_value array_cost[COST_N_METRICS]; /* of it; NaN where unknown   */
    int toolchain;
    struct energy_source energy; /* of them; where opt->energy has a profile */
    struct space *space;
    struct budget budget;
    struct budget search_budget; /* less the margin; what methods see       */
    struct selectors selectors;
    struct nn_dataset dataset; /* not loaded before job_load_data              */
    struct nn_images test;
    char state_dir[512];
    struct provenance provenance;
};

/* What fine-tuning one path gave. */
struct finetuned {
    double loss; /* of the last epoch, on training images                     */
    int32_t n_correct, n_images; /* of the test set, by the integer engine     */
};

/* Network, cost model, space, budgets; ST_INFEASIBLE if no plan meets them. */
status job_open(const struct job_options *opt, struct arena *a, struct job *out,
                struct err *err);
void job_close(struct job *j);
status job_load_data(struct job *j, struct err *err);
/* Makes the state folder, or finds that of the same job. */
status job_open_state(struct job *j, struct err *err);
status job_close_state(struct job *j, struct err *err);
/* Path of a file in the state folder; in arena. */
const char *job_state_file(struct job *j, const char *name);

/* ---- shared arrays (job_shared.c) ---- */
/* The accelerator of opt->accel and what its array costs, as inputs of the run. */
status job_load_shared(struct job *j, struct err *err);
/* Limits on what the array alone decides are met or not whatever the bits:
 * ST_INFEASIBLE if one is not; those that are leave the budget, with a note. */
status job_settle_array(struct job *j, struct err *err);
/* What costs are called by in a plan: --accel, else --cost. */
const char *job_cost_name(const struct job *j);

/* ---- stages (job_stages.c): each resumes ---- */
status job_search(struct job *j, struct search_result *out, struct err *err);
/* Fine-tunes from the fp32 weights, folds to integers, classifies the test set.  The
 * integer network stays in the state folder as LABEL.onnx. */
status job_finetune(struct job *j, const char *label, const struct nn_path *path,
                    int32_t epochs, struct finetuned *out, struct err *err);
/* Accuracy of the fp32 network on the test set. */
status job_float_accuracy(struct job *j, struct finetuned *out, struct err *err);

/* ---- results (job_files.c) ---- */
/* Accelerator of a path: the space's foldings, the quantised network's widths. */
status job_accel(struct job *j, const struct nn_path *path, const struct qnet *q,
                 struct accel_config *out, struct err *err);
/* Writes quantised network, accel.yaml, Verilog and, last, plan.yaml. */
status job_write(struct job *j, struct plan *p, const struct search_result *r,
                 struct err *err);

/* ---- reports (job_print.c) ---- */
/* Space, budgets, costs of uniform plans and a time estimate, on stdout. */
status job_dry_run(struct job *j, struct err *err);
void job_print_plan(const struct job *j, const struct plan *p);
json_t *job_plan_json(const struct job *j, const struct plan *p);

#endif
