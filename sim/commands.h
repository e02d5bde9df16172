/* commands.h -- the commands of sim/, listed in bitwright.c. */
#ifndef SIM_COMMANDS_H
#define SIM_COMMANDS_H

#include "base/cli.h"

extern const struct cli_command simulate_command;     /* simulate_cmd.c     */
extern const struct cli_command characterize_command; /* characterize_cmd.c */
extern const struct cli_command energy_command;       /* energy_cmd.c       */
extern const struct cli_command verify_command;       /* verify_cmd.c       */

#endif
