/* commands.h -- the commands of search/, listed in bitwright.c. */
#ifndef SEARCH_COMMANDS_H
#define SEARCH_COMMANDS_H

#include "base/cli.h"

extern const struct cli_command search_command;  /* search_cmd.c */
extern const struct cli_command explain_command; /* explain_cmd.c */

#endif
