/* commands.h -- the commands of costmodel/, listed in bitwright.c. */
#ifndef COSTMODEL_COMMANDS_H
#define COSTMODEL_COMMANDS_H

#include "base/cli.h"

extern const struct cli_command fit_command;   /* fit_cmd.c */
extern const struct cli_command cost_command;  /* cost_cmd.c */
extern const struct cli_command units_command; /* units_cmd.c */

#endif
