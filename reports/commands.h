/* commands.h -- the commands of reports. */
#ifndef REPORTS_COMMANDS_H
#define REPORTS_COMMANDS_H

#include "base/cli.h"

extern const struct cli_command report_command;

#endif
