/* cli.c -- see cli.h: parsing of one command's arguments. */
#include "base/cli.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli_internal.h"

bool cli_quiet(void)
{
    const char *v = getenv("BITWRIGHT_QUIET");
    return v && v[0] == '1';
}

void cli_note(const char *fmt, ...)
{
    if (cli_quiet()) return;
    va_list ap;
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
}

bool cli_color(FILE *f)
{
    const char *v = getenv("NO_COLOR");
    return !(v && v[0]) && isatty(fileno(f)) == 1;
}

static bool bounded(const struct cli_option *o) { return !(o->lo == 0 && o->hi == 0); }

static status out_of_range(const struct cli_option *o, const char *text,
                           struct err *err)
{
    return err_set(err, ST_USAGE, "--%s: expected %g to %g, found '%s'", o->name, o->lo,
                   o->hi, text);
}

static status set_int(const struct cli_option *o, const char *text, struct err *err)
{
    char *end;
    errno = 0;
    const long long v = strtoll(text, &end, 10);
    if (end == text || *end || errno)
        return err_set(err, ST_USAGE, "--%s: expected an integer, found '%s'", o->name,
                       text);
    if (bounded(o) && ((double)v < o->lo || (double)v > o->hi))
        return out_of_range(o, text, err);
    *(int64_t *)o->value = v;
    return ST_OK;
}

static status set_double(const struct cli_option *o, const char *text, struct err *err)
{
    char *end;
    const double v = strtod(text, &end);
    if (end == text || *end || !isfinite(v))
        return err_set(err, ST_USAGE, "--%s: expected a number, found '%s'", o->name,
                       text);
    if (bounded(o) && (v < o->lo || v > o->hi)) return out_of_range(o, text, err);
    *(double *)o->value = v;
    return ST_OK;
}

static status list_add(struct cli_list *list, const char *what, const char *text,
                       struct err *err)
{
    if (list->n == CLI_LIST_MAX)
        return err_set(err, ST_USAGE, "%s: expected at most %d of them", what,
                       CLI_LIST_MAX);
    list->items[list->n++] = text;
    return ST_OK;
}

static status set_value(const struct cli_option *o, const char *text, struct err *err)
{
    switch (o->type) {
    case CLI_FLAG:
        break; /* has none: see take_value */
    case CLI_INT:
        return set_int(o, text, err);
    case CLI_DOUBLE:
        return set_double(o, text, err);
    case CLI_TEXT:
        *(const char **)o->value = text;
        break;
    case CLI_LIST:
        return list_add(o->value, o->name, text, err);
    }
    return ST_OK;
}

/* Arguments that are still to be read. */
struct args {
    int argc, i;
    char **argv;
};

static status unknown_option(const struct cli_option options[], const char *word,
                             size_t len, struct err *err)
{
    const char *names[64];
    int n = 0;
    for (const struct cli_option *o = options; o->name && n < 61; o++)
        names[n++] = o->name;
    names[n++] = "help";
    names[n++] = "quiet";
    names[n] = NULL;
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)len, word);
    const char *near = len > 1 ? cli_nearest(text, names) : NULL;
    if (near)
        return err_set(err, ST_USAGE, "unknown option '%s%s'; did you mean '--%s'?",
                       len > 1 ? "--" : "-", text, near);
    return err_set(err, ST_USAGE, "unknown option '%s%s'; see --help",
                   len > 1 ? "--" : "-", text);
}

/* The value of o: what follows '=' or the letter, else the next argument. */
static status take_value(const struct cli_option *o, const char *joined,
                         struct args *args, struct err *err)
{
    if (o->type == CLI_FLAG) {
        if (joined)
            return err_set(err, ST_USAGE, "--%s takes no value, found '%s'", o->name,
                           joined);
        *(bool *)o->value = true;
        return ST_OK;
    }
    if (!joined && args->i + 1 < args->argc) joined = args->argv[++args->i];
    if (!joined)
        return err_set(err, ST_USAGE, "--%s: expected a value (%s), found none",
                       o->name, o->arg ? o->arg : "VALUE");
    return set_value(o, joined, err);
}

static status take_long(const struct cli_option options[], const char *word,
                        struct args *args, struct err *err)
{
    const size_t len = strcspn(word, "=");
    const char *joined = word[len] ? word + len + 1 : NULL;
    for (const struct cli_option *o = options; o->name; o++)
        if (strlen(o->name) == len && strncmp(o->name, word, len) == 0)
            return take_value(o, joined, args, err);
    return unknown_option(options, word, len, err);
}

static status take_short(const struct cli_option options[], const char *letters,
                         struct args *args, struct err *err)
{
    for (; *letters; letters++) {
        const struct cli_option *o = options;
        while (o->name && o->letter != *letters)
            o++;
        if (!o->name) return unknown_option(options, letters, 1, err);
        if (o->type != CLI_FLAG)
            return take_value(o, letters[1] ? letters + 1 : NULL, args, err);
        *(bool *)o->value = true;
    }
    return ST_OK;
}

bool cli_in_table(const struct cli_option options[], const char *name, char letter)
{
    for (const struct cli_option *o = options; o->name; o++)
        if ((name && strcmp(o->name, name) == 0) || (letter && o->letter == letter))
            return true;
    return false;
}

/* --help, -h, --quiet, -q: in every command, unless its table says otherwise. */
static bool take_global(const struct cli_command *cmd,
                        const struct cli_option options[], const char *arg, bool *help)
{
    if (strcmp(arg, "--quiet") == 0 && !cli_in_table(options, "quiet", 0))
        return setenv("BITWRIGHT_QUIET", "1", 1) == 0;
    if (strcmp(arg, "-q") == 0 && !cli_in_table(options, NULL, 'q'))
        return setenv("BITWRIGHT_QUIET", "1", 1) == 0;
    const bool plain = strcmp(arg, "--help") == 0 ||
                       (strcmp(arg, "-h") == 0 && !cli_in_table(options, NULL, 'h'));
    if (!plain && strncmp(arg, "--help=", 7) != 0) return false;
    cli_print_table(cmd, options, plain ? "" : arg + 7, stdout);
    *help = true;
    return true;
}

status cli_parse(const struct cli_command *cmd, const struct cli_option options[],
                 int argc, char **argv, struct cli_list *positional, bool *help,
                 struct err *err)
{
    struct args args = {.argc = argc, .i = 1, .argv = argv};
    bool only_positional = false;
    *help = false;
    if (positional) positional->n = 0;
    for (; args.i < argc && !*help; args.i++) {
        char *arg = argv[args.i];
        if (only_positional || arg[0] != '-' || arg[1] == '\0') {
            if (!positional)
                return err_set(err, ST_USAGE, "unexpected argument '%s'", arg);
            TRY(list_add(positional, "arguments", arg, err));
        } else if (strcmp(arg, "--") == 0) {
            only_positional = true;
        } else if (take_global(cmd, options, arg, help)) {
            continue;
        } else if (arg[1] == '-') {
            TRY(take_long(options, arg + 2, &args, err));
        } else {
            TRY(take_short(options, arg + 1, &args, err));
        }
    }
    return ST_OK;
}
