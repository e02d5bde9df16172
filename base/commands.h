/* commands.h -- the commands of base/, listed in bitwright.c. */
#ifndef BASE_COMMANDS_H
#define BASE_COMMANDS_H

#include "base/cli.h"

extern const struct cli_command doctor_command; /* doctor_cmd.c */

#endif
