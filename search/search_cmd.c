/* search_cmd.c -- `bitwright search`: the bits of every layer under budgets, the
 * network fine-tuned at them, and the accelerator that runs it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "search/bits.h"
#include "search/commands.h"
#include "search/job.h"
#include "search/names.h"

/* Options as text, before they are checked. */
struct search_args {
    const char *method, *sensitivity, *haq_rule, *target, *wbits, *abits, *uniform,
        *requant_mul, *weight_ram, *backward;
    const char *penalty, *decide, *estimator, *logits, *normaliser; /* NULL: default */
    const char *first_wbits, *last_bits;
    int64_t n_rounds;
    int64_t finetune_epochs, seed, n_threads, n_held_out;
    bool json, dry_run;
    struct job_options job;
};

static status need(const char *value, const char *option, struct err *err)
{
    return value ? ST_OK
                 : err_set(err, ST_USAGE,
                           "--%s is required; see "
                           "bitwright search --help",
                           option);
}

static status pick_name(const char *option, const char *const names[], const char *text,
                        int *out, struct err *err)
{
    char known[128];
    *out = names_find(names, text);
    if (*out >= 0) return ST_OK;
    names_join(names, known, sizeof known);
    return err_set(err, ST_USAGE, "--%s %s: expected one of %s", option, text, known);
}

static status read_target(struct search_args *x, struct err *err)
{
    struct space_options *s = &x->job.space;
    int target = RTL_XC7, choice;
    if (x->target) {
        TRY(pick_name("target", rtl_target_names, x->target, &target, err));
    } else { /* that of the budget file, if there is one */
        struct budget b;
        TRY(budget_parse(&x->job.budgets, &b, err));
        if (b.target[0]) target = names_find(rtl_target_names, b.target);
    }
    s->target = (enum rtl_target)target;
    /* ice40 has neither DSP48E1 nor LUT RAM */
    s->requant_mul = target == RTL_XC7 ? RTL_MUL_DSP : RTL_MUL_LUT;
    s->weight_ram = target == RTL_XC7 ? RTL_RAM_LUT : RTL_RAM_BLOCK;
    if (x->requant_mul) {
        TRY(pick_name("requant-mul", rtl_mul_names, x->requant_mul, &choice, err));
        s->requant_mul = (enum rtl_mul)choice;
    }
    if (x->weight_ram) {
        TRY(pick_name("weight-ram", rtl_ram_names, x->weight_ram, &choice, err));
        s->weight_ram = (enum rtl_ram)choice;
    }
    return ST_OK;
}

static status read_ssps(struct search_args *x, struct err *err)
{
    struct ssps_options *s = &x->job.ssps;
    int penalty = s->penalty, decision = s->decision, estimator = s->estimator,
        images = s->images, normaliser = s->normaliser;
    const struct {
        const char *option, *text;
        const char *const *names;
        int *value;
    } choices[] = {{"penalty", x->penalty, ssps_penalty_names, &penalty},
                   {"decide", x->decide, ssps_decision_names, &decision},
                   {"estimator", x->estimator, ssps_estimator_names, &estimator},
                   {"logits", x->logits, ssps_images_names, &images},
                   {"normaliser", x->normaliser, ssps_normaliser_names, &normaliser}};
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (choices[i].text)
            TRY(pick_name(choices[i].option, choices[i].names, choices[i].text,
                          choices[i].value, err));
    s->penalty = (enum ssps_penalty)penalty;
    s->decision = (enum ssps_decision)decision;
    s->estimator = (enum ssps_estimator)estimator;
    s->images = (enum ssps_images)images;
    s->normaliser = (enum ssps_normaliser)normaliser;
    s->n_rounds = (int32_t)x->n_rounds;
    return ST_OK;
}

static status read_bits(struct search_args *x, struct err *err)
{
    struct job_options *o = &x->job;
    uint32_t uniform = 0;
    if (o->epochs <= 0)
        return err_set(err, ST_USAGE,
                       "--epochs 0: expected more than 0; a part of an epoch, such as "
                       "0.5, is possible");
    if (x->wbits) TRY(bits_parse("--wbits", x->wbits, &o->space.w_mask, err));
    if (x->abits) TRY(bits_parse("--abits", x->abits, &o->space.a_mask, err));
    if (x->first_wbits)
        TRY(bits_parse("--first-wbits", x->first_wbits, &o->space.first_w_mask, err));
    if (x->last_bits)
        TRY(bits_parse("--last-bits", x->last_bits, &o->space.last_mask, err));
    if (strcmp(x->uniform, "none") != 0)
        TRY(bits_parse("--uniform", x->uniform, &uniform, err));
    for (int b = 1; b <= 8; b++)
        if (uniform >> b & 1u) o->uniform[o->n_uniform++] = b;
    return ST_OK;
}

static status read_method_options(struct search_args *x, struct err *err)
{
    struct search_method_options *m = &x->job.method_options;
    int sensitivity, rule;
    TRY(pick_name("sensitivity", sensitivity_names, x->sensitivity, &sensitivity, err));
    TRY(pick_name("haq-rule", haq_rule_names, x->haq_rule, &rule, err));
    m->sensitivity = (enum sensitivity)sensitivity;
    m->haq_rule = (enum haq_rule)rule;
    return ST_OK;
}

static status check_args(struct search_args *x, const struct cli_list *positional,
                         struct err *err)
{
    struct job_options *o = &x->job;
    if (positional->n > 0)
        return err_set(err, ST_USAGE,
                       "unexpected argument '%s'; every input has its option",
                       positional->items[0]);
    TRY(need(o->network, "network", err));
    TRY(need(o->data, "data", err));
    if (!o->accel) TRY(need(o->cost, "cost", err));
    TRY(energy_options_check(&o->energy, err));
    TRY(search_method_find(x->method, &o->method, err));
    TRY(read_method_options(x, err));
    TRY(read_target(x, err));
    TRY(read_bits(x, err));
    TRY(read_ssps(x, err));
    TRY(nn_backward_parse(x->backward, &o->fp32_backward, err));
    o->finetune_epochs = (int32_t)x->finetune_epochs;
    o->n_held_out = (int32_t)x->n_held_out;
    o->seed = (uint64_t)x->seed;
    o->n_threads = (int)x->n_threads;
    o->quiet = cli_quiet();
    return ST_OK;
}

/* Fine-tunes and measures one uniform baseline. */
static status baseline(struct job *j, int32_t bits, struct plan_uniform *out,
                       struct err *err)
{
    struct nn_path path;
    struct finetuned f;
    char label[16];
    snprintf(label, sizeof label, "uniform%d", (int)bits);
    TRY(space_uniform(j->space, bits, &path, err));
    const int32_t epochs = j->opt->finetune_epochs +
                           (j->opt->equal_epochs ? (int32_t)ceil(j->opt->epochs) : 0);
    TRY(job_finetune(j, label, &path, epochs, &f, err));
    out->bits = bits;
    out->accuracy = (double)f.n_correct / f.n_images;
    space_cost(j->space, &path, out->cost);
    out->budget_met = budget_met(&j->budget, out->cost);
    return ST_OK;
}

static status run_stages(struct job *j, struct plan *p, struct err *err)
{
    struct search_result *r = ARENA_NEW(j->arena, struct search_result, 1);
    p->uniform = ARENA_NEW(j->arena, struct plan_uniform, JOB_MAX_UNIFORM);
    if (!r || !p->uniform) return arena_exhausted(err);
    struct finetuned f;
    TRY(job_load_data(j, err));
    TRY(job_open_state(j, err));
    TRY(job_search(j, r, err));
    TRY(job_float_accuracy(j, &f, err));
    p->accuracy_float = (double)f.n_correct / f.n_images;
    TRY(job_finetune(j, "plan", &r->path, j->opt->finetune_epochs, &f, err));
    p->accuracy = (double)f.n_correct / f.n_images;
    p->n_test_images = f.n_images;
    for (int32_t i = 0; i < j->opt->n_uniform; i++, p->n_uniform++)
        TRY(baseline(j, j->opt->uniform[i], &p->uniform[i], err));
    TRY(job_write(j, p, r, err));
    return job_close_state(j, err);
}

static status run_job(const struct search_args *x, struct arena *a, struct err *err)
{
    struct job j;
    struct plan *p = ARENA_NEW(a, struct plan, 1);
    if (!p) return arena_exhausted(err);
    status st = job_open(&x->job, a, &j, err);
    if (st == ST_OK) st = x->dry_run ? job_dry_run(&j, err) : run_stages(&j, p, err);
    if (st == ST_OK && !x->dry_run && x->json) {
        json_t *json = job_plan_json(&j, p);
        st = json_file_save("-", json, err);
        json_decref(json);
    } else if (st == ST_OK && !x->dry_run) {
        job_print_plan(&j, p);
    }
    job_close(&j);
    return st;
}

static status search_run(int argc, char **argv, struct err *err)
{
    struct search_args x = {.method = "ssps",
                            .sensitivity = "loss",
                            .haq_rule = "back-to-front",
                            .uniform = "none",
                            .finetune_epochs = 3,
                            .seed = 1,
                            .n_rounds = ssps_defaults().n_rounds,
                            .backward = "bf16",
                            .n_held_out = 5000,
                            .job = {.output = "plan.yaml",
                                    .space = space_defaults(),
                                    .epochs = 2,
                                    .ssps = ssps_defaults(),
                                    /* on held-out images after 3 epochs at 3 and 4 bits
                                       .01 and .02 were alike, .05 worse */
                                    .lr = .02}};
    struct job_options *o = &x.job;
    struct cli_list positional = {.n = 0};
    bool help = false;
    const struct cli_option options[] = {
        {"network", 'n', CLI_TEXT, &o->network, "FILE", "trained network (.onnx)", 0,
         0},
        {"data", 'd', CLI_TEXT, &o->data, "SPEC", "idx:DIR or cifar10:DIR", 0, 0},
        {"cost", 'c', CLI_TEXT, &o->cost, "FILE|NAME",
         "cost model of `bitwright fit`, or a shipped one (xc7)", 0, 0},
        {"accel", 'a', CLI_TEXT, &o->accel, "FILE|NAME",
         "a shared array of configs/accel that runs all layers (one unit per layer); "
         "--cost then prices the array (the file's)",
         0, 0},
        {"budget", 'b', CLI_LIST, &o->budgets, "LIMIT",
         "lut=12000, lut=0.97*uniform4, a budget file or a device of configs/budget; "
         "may be repeated",
         0, 0},
        {"target", 't', CLI_TEXT, &x.target, "NAME",
         "xc7 or ice40 (the budget file's, else xc7)", 0, 0},
        {"toolchain", 0, CLI_TEXT, &o->toolchain, "NAME",
         "of the cost model, where it has several for the target", 0, 0},
        {"fps", 'f', CLI_DOUBLE, &o->space.fps, "N", "throughput [images/s] (1000)",
         1e-3, 1e9},
        {"clock", 0, CLI_DOUBLE, &o->space.clock_mhz, "MHZ", "clock [MHz] (100)", 1e-3,
         1e5},
        {"energy", 0, CLI_TEXT, &o->energy.profile, "PROFILE",
         "energy profile: a name in configs/energy or a path", 0, 0},
        {"energy-model", 0, CLI_TEXT, &o->energy.model, "FILE|NAME",
         "macs by this model's measured energies, at the profile's level (the "
         "profile's formula)",
         0, 0},
        {"dram-weights", 0, CLI_FLAG, &o->energy.weights_in_dram, NULL,
         "energy: weights come from DRAM once per image (they live on chip)", 0, 0},
        {"method", 'm', CLI_TEXT, &x.method, "NAME",
         "ssps, haq, ilp, greedy, random or uniform (ssps)", 0, 0},
        {"sensitivity", 0, CLI_TEXT, &x.sensitivity, "KIND",
         "of ilp and greedy: loss (measured) or fisher (from gradients) (loss)", 0, 0},
        {"haq-rule", 0, CLI_TEXT, &x.haq_rule, "RULE",
         "of haq, to keep within the budgets: back-to-front or nearest (back-to-front)",
         0, 0},
        {"wbits", 0, CLI_TEXT, &x.wbits, "BITS", "candidates for weights (1-6)", 0, 0},
        {"abits", 0, CLI_TEXT, &x.abits, "BITS", "candidates for activations (2-6)", 0,
         0},
        {"first-wbits", 0, CLI_TEXT, &x.first_wbits, "BITS",
         "weights of the first layer; several are searched (8)", 0, 0},
        {"last-bits", 0, CLI_TEXT, &x.last_bits, "BITS",
         "weights and activations of the last layer; several are searched (8)", 0, 0},
        {"config", 0, CLI_TEXT, &o->config, "FILE",
         "bits and groups by layer: a file of configs/search or a path", 0, 0},
        {"budget-margin", 0, CLI_DOUBLE, &o->budget_margin, "SHARE",
         "of estimated limits kept free, such as 0.01, for errors of the cost model "
         "(0)",
         0, 0.9},
        {"requant-mul", 0, CLI_TEXT, &x.requant_mul, "KIND",
         "lut or dsp (dsp on xc7, lut on ice40)", 0, 0},
        {"weight-ram", 0, CLI_TEXT, &x.weight_ram, "KIND",
         "lut or block (lut on xc7, block on ice40)", 0, 0},
        {"epochs", 'e', CLI_DOUBLE, &o->epochs, "N", "length of the search (2)", 0,
         1e4},
        {"finetune-epochs", 0, CLI_INT, &x.finetune_epochs, "N",
         "of the plan and of every baseline (3)", 1, 10000},
        {"penalty", 0, CLI_TEXT, &x.penalty, "FORM",
         "what holds budgets: multiplier, absolute, hinge or linear (multiplier)", 0,
         0},
        {"penalty-weight", 0, CLI_DOUBLE, &o->ssps.penalty_weight, "NATS",
         "of the penalty forms (2)", 0, 1e6},
        {"decide", 0, CLI_TEXT, &x.decide, "HOW",
         "joint by knapsack, or argmax of each cell (joint)", 0, 0},
        {"rounds", 0, CLI_INT, &x.n_rounds, "N",
         "of decisions by certainty; 1: all cells at once, at the end (3)", 1, 64},
        {"estimator", 0, CLI_TEXT, &x.estimator, "SCORES",
         "that logits learn from: those sampled, or of all candidates (sampled)", 0, 0},
        {"logits", 0, CLI_TEXT, &x.logits, "IMAGES",
         "that logits learn from: one-level or held-out (one-level)", 0, 0},
        {"normaliser", 0, CLI_TEXT, &x.normaliser, "OF",
         "a logit's step: shared or per-logit (shared)", 0, 0},
        {"w-recovery", 0, CLI_DOUBLE, &o->ssps.w_recovery, "SHARE",
         "what fine-tuning leaves of the loss that quantised weights add, against "
         "activations (0.45)",
         1e-3, 1e3},
        {"uniform", 'u', CLI_TEXT, &x.uniform, "BITS",
         "baselines to fine-tune, such as 2,3,4 (none)", 0, 0},
        {"equal-epochs", 0, CLI_FLAG, &o->equal_epochs, NULL,
         "baselines train for the epochs of the search, too", 0, 0},
        {"lr", 0, CLI_DOUBLE, &o->lr, "RATE",
         "peak learning rate of fine-tuning (0.02)", 1e-9, 10},
        {"distill", 0, CLI_DOUBLE, &o->distill, "SHARE",
         "of the fp32 network's answers in the loss of fine-tuning, also of baselines "
         "(0)",
         0, 1},
        {"backward", 0, CLI_TEXT, &x.backward, "FORMAT",
         "gradients in fp32 or, where the CPU can, bf16 (bf16)", 0, 0},
        {"held-out", 0, CLI_INT, &x.n_held_out, "N",
         "training images set apart for choices (5000)", 1, 1e7},
        {"seed", 's', CLI_INT, &x.seed, "N", "of everything random (1)", 0, 1e15},
        {"output", 'o', CLI_TEXT, &o->output, "FILE",
         "the plan; its parts lie beside it (plan.yaml)", 0, 0},
        {"threads", 'j', CLI_INT, &x.n_threads, "N", "threads (0: all processors)", 0,
         1024},
        {"resume", 'r', CLI_FLAG, &o->resume, NULL,
         "insist on the state that an interrupted run left", 0, 0},
        {"keep-state", 0, CLI_FLAG, &o->keep_state, NULL,
         "keep the state folder FILE.state", 0, 0},
        {"dry-run", 0, CLI_FLAG, &x.dry_run, NULL,
         "print space, budgets, uniform costs and a time estimate", 0, 0},
        {"json", 0, CLI_FLAG, &x.json, NULL, "the result as JSON on stdout", 0, 0},
        {NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0}};
    TRY(cli_parse(&search_command, options, argc, argv, &positional, &help, err));
    if (help) return ST_OK;
    TRY(check_args(&x, &positional, err));
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    const status st = run_job(&x, a, err);
    arena_free(a);
    return st;
}

const struct cli_command search_command = {
    "search",
    "--network NET.onnx --data SPEC (--cost cost.yaml | --accel ACCEL.yaml) "
    "--budget LIMIT [options]",
    "find the precision of every layer under hardware budgets", search_run};
