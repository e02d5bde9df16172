/* cli_internal.h -- what cli.c and cli_help.c share. */
#ifndef BASE_CLI_INTERNAL_H
#define BASE_CLI_INTERNAL_H

#include "base/cli.h"

/* The table of one command's options.  form: "" = for people, "words" = the
 * option words for completion, "man" = roff paragraphs. */
void cli_print_table(const struct cli_command *cmd, const struct cli_option options[],
                     const char *form, FILE *f);
/* True if an option has this name (unless NULL) or this letter (unless 0). */
bool cli_in_table(const struct cli_option options[], const char *name, char letter);

#endif
