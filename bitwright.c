/* bitwright.c -- main: the tables of commands and speed figures, nothing else.
 *
 * A command is a `<folder>/<name>_cmd.c`, declared in `<folder>/commands.h`. */
#include "base/bench.h"
#include "base/commands.h"
#include "base/interrupt.h"
#include "costmodel/bench_cost.h"
#include "costmodel/commands.h"
#include "nn/bench_conv.h"
#include "nn/bench_step.h"
#include "nn/commands.h"
#include "reports/commands.h"
#include "search/commands.h"
#include "sim/bench_energy.h"
#include "sim/bench_sim.h"
#include "sim/commands.h"

static const struct bench_figure *const figures[] = {
    &nn_step_figure, &nn_conv_figure, &cost_figure, &sim_figure, &energy_figure, NULL};
static status bench_run(int argc, char **argv, struct err *err);
static const struct cli_command bench_command = {
    "bench", "[NAME...] [options]",
    "print the speed figures: step, conv, cost, sim, energy", bench_run};
static status bench_run(int argc, char **argv, struct err *err)
{
    return bench_main(&bench_command, figures, argc, argv, err);
}

/* One a line, in the order of the loop. */
/* clang-format off */
static const struct cli_command *const commands[] = {
    &import_command,
    &eval_command,
    &export_command,
    &simulate_command,
    &characterize_command,
    &energy_command,
    &fit_command,
    &cost_command,
    &units_command,
    &train_command,
    &search_command,
    &explain_command,
    &verify_command,
    &report_command,
    &bench_command,
    &doctor_command,
    NULL,
};
/* clang-format on */

int main(int argc, char **argv)
{
    interrupt_install();
    return cli_main(commands, argc, argv);
}
