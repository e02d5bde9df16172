/* bitwright.c -- main: the table of commands, nothing else.
 *
 * A command is a `<folder>/<name>_cmd.c`, declared in `<folder>/commands.h`. */
#include "base/commands.h"
#include "base/interrupt.h"
#include "costmodel/commands.h"
#include "nn/commands.h"
#include "reports/commands.h"
#include "search/commands.h"
#include "sim/commands.h"

/* One a line, in the order of the loop. */
/* clang-format off */
static const struct cli_command *const commands[] = {
    &import_command,
    &eval_command,
    &simulate_command,
    &characterize_command,
    &fit_command,
    &cost_command,
    &train_command,
    &search_command,
    &explain_command,
    &verify_command,
    &report_command,
    &doctor_command,
    NULL,
};
/* clang-format on */

int main(int argc, char **argv)
{
    interrupt_install();
    return cli_main(commands, argc, argv);
}
