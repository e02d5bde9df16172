/* commands.h -- the commands of nn/, listed in bitwright.c. */
#ifndef NN_COMMANDS_H
#define NN_COMMANDS_H

#include "base/cli.h"

extern const struct cli_command import_command; /* import_cmd.c */
extern const struct cli_command eval_command;   /* eval_cmd.c */
extern const struct cli_command export_command; /* export_cmd.c */
extern const struct cli_command train_command;  /* train_cmd.c */

#endif
