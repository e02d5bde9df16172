/* cli_help.c -- the option table of a command for people, completion and man. */
#include <string.h>

#include "base/cli_internal.h"

static const struct cli_option global_options[] = {
    {.name = "quiet", .letter = 'q', .help = "no progress, no notes"},
    {.name = "help", .letter = 'h', .help = "this text"},
    {.name = NULL},
};

/* roff reads '-' as a hyphen and a leading '.' or ''' as a command. */
static void put_roff(const char *s, FILE *f)
{
    if (*s == '.' || *s == '\'') fputs("\\&", f);
    for (; *s; s++) {
        if (*s == '-' || *s == '\\') fputc('\\', f);
        fputc(*s, f);
    }
}

static void print_option(const struct cli_option *o, char letter, const char *form,
                         FILE *f)
{
    if (strcmp(form, "words") == 0) {
        fprintf(f, " --%s", o->name);
        return;
    }
    char head[96], letters[8] = "    ";
    if (letter) snprintf(letters, sizeof letters, "-%c, ", letter);
    snprintf(head, sizeof head, "%s--%s%s%s", letters, o->name, o->arg ? " " : "",
             o->arg ? o->arg : "");
    if (strcmp(form, "man") == 0) {
        fputs(".TP\n.B ", f);
        put_roff(letter ? head : head + 4, f);
        fputc('\n', f);
        put_roff(o->help, f);
        fputc('\n', f);
        return;
    }
    const char *gap = strlen(head) > 27 ? "\n                                " : "";
    fprintf(f, "  %-28s  %s%s\n", head, gap, o->help);
}

void cli_print_table(const struct cli_command *cmd, const struct cli_option options[],
                     const char *form, FILE *f)
{
    if (strcmp(form, "man") == 0) {
        fputs(".SS ", f);
        put_roff(cmd->name, f);
        fputc('\n', f);
        put_roff(cmd->summary, f);
        fputs(".\n.PP\n.B bitwright ", f);
        put_roff(cmd->name, f);
        fputc(' ', f);
        put_roff(cmd->synopsis, f);
        fputc('\n', f);
    } else if (strcmp(form, "words") != 0) {
        fprintf(f, "Usage: bitwright %s %s\n\n%s.\n\nOptions:\n", cmd->name,
                cmd->synopsis, cmd->summary);
    }
    for (const struct cli_option *o = options; o->name; o++)
        print_option(o, o->letter, form, f);
    for (const struct cli_option *o = global_options; o->name; o++)
        if (!cli_in_table(options, o->name, 0))
            print_option(o, cli_in_table(options, NULL, o->letter) ? '\0' : o->letter,
                         form, f);
}
