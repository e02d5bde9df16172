/* cli_main.c -- see cli.h: the program around the commands.
 *
 *     bitwright [-q] COMMAND [arguments]
 *
 * Help, man page and completion come from the tables of options, which the commands
 * themselves print (cli_parse, --help=FORM). */
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "base/provenance.h"

enum { COMMANDS_MAX = 60 };

struct table {
    const struct cli_command *const *commands; /* (n) */
    int n;
};

static const struct cli_command *find_command(const struct table *t, const char *name)
{
    for (int i = 0; i < t->n; i++)
        if (strcmp(t->commands[i]->name, name) == 0) return t->commands[i];
    return NULL;
}

static const char *nearest_command(const struct table *t, const char *name)
{
    const char *names[COMMANDS_MAX + 4] = {"help", "man", "completion"};
    for (int i = 0; i < t->n; i++)
        names[i + 3] = t->commands[i]->name;
    return cli_nearest(name, names);
}

static void print_usage(const struct table *t, FILE *f)
{
    fputs("bitwright: co-design of mixed-precision neural-network accelerators\n\n"
          "Usage: bitwright [-q] COMMAND [arguments]\n\nCommands:\n",
          f);
    for (int i = 0; i < t->n; i++)
        fprintf(f, "  %-14s%s\n", t->commands[i]->name, t->commands[i]->summary);
    fputs("  help          this text; help COMMAND for one command\n"
          "  completion    bash: completion script for the shell\n"
          "  man           the man page, in roff\n"
          "  --version     version of bitwright and of its tools\n\n"
          "-q, --quiet: no progress and no notes.  NO_COLOR=1: no colours.\n"
          "Exit codes: 0 ok, 1 internal or tool failure, 2 usage, 3 bad input,\n"
          "4 infeasible, 5 interrupted but resumable, 6 check failed, 7 missing "
          "tool.\n",
          f);
}

static void print_version(void)
{
    static const char *const tools[] = {"verilator", "yosys"};
    puts("bitwright " BITWRIGHT_VERSION);
    for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++) {
        struct provenance p;
        provenance_init(&p, "bitwright --version", 0);
        if (provenance_tool(&p, tools[i], NULL) == ST_OK)
            puts(p.tools[0].version);
        else
            printf("%s: not found\n", tools[i]);
    }
}

/* Has a command print its table in one of cli_print_table's forms. */
static status print_table(const struct cli_command *c, const char *form,
                          struct err *err)
{
    char name[64], option[32];
    snprintf(name, sizeof name, "%s", c->name);
    snprintf(option, sizeof option, "--help%s%s", form[0] ? "=" : "", form);
    char *argv[] = {name, option, NULL};
    return c->run(2, argv, err);
}

static status print_man(const struct table *t, struct err *err)
{
    fputs(".TH BITWRIGHT 1 \"\" \"bitwright " BITWRIGHT_VERSION "\" \"User Commands\"\n"
          ".SH NAME\nbitwright \\- co\\-design of mixed\\-precision neural\\-network "
          "accelerators\n.SH SYNOPSIS\n.B bitwright\n[\\-q] \\fICOMMAND\\fR "
          "[\\fIarguments\\fR]\n.SH COMMANDS\n",
          stdout);
    for (int i = 0; i < t->n; i++)
        TRY(print_table(t->commands[i], "man", err));
    fputs(".SH EXIT STATUS\n0 ok, 1 internal or tool failure, 2 usage, 3 bad input, "
          "4 infeasible, 5 interrupted but resumable, 6 check failed, 7 missing tool.\n"
          ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nno colours if set\n.TP\n"
          ".B XDG_CACHE_HOME\nwhere built models are kept\n.TP\n.B BITWRIGHT_HOME\n"
          "folder that holds rtl/ and configs/\n",
          stdout);
    return ST_OK;
}

static status print_completion(const struct table *t, const char *shell,
                               struct err *err)
{
    if (!shell || strcmp(shell, "bash") != 0)
        return err_set(err, ST_USAGE, "expected a shell: bash, found %s",
                       shell ? shell : "none");
    fputs("# bash completion of bitwright; made by `bitwright completion bash`\n"
          "_bitwright() {\n    local words cur=${COMP_WORDS[COMP_CWORD]}\n"
          "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        words='",
          stdout);
    for (int i = 0; i < t->n; i++)
        printf("%s ", t->commands[i]->name);
    fputs("help completion man --version --help --quiet'\n"
          "    else\n        case ${COMP_WORDS[1]} in\n",
          stdout);
    for (int i = 0; i < t->n; i++) {
        printf("        %s) words='", t->commands[i]->name);
        TRY(print_table(t->commands[i], "words", err));
        puts("' ;;");
    }
    fputs("        esac\n    fi\n"
          "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n}\n"
          "complete -o default -F _bitwright bitwright\n",
          stdout);
    return ST_OK;
}

static status unknown_command(const struct table *t, const char *name, struct err *err)
{
    const char *near = nearest_command(t, name);
    if (near)
        return err_set(err, ST_USAGE, "unknown command '%s'; did you mean '%s'?", name,
                       near);
    return err_set(err, ST_USAGE, "unknown command '%s'; see bitwright help", name);
}

static bool is_help(const char *arg)
{
    return arg && (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0);
}

static status run_help(const struct table *t, const char *name, struct err *err)
{
    if (!name || is_help(name)) {
        print_usage(t, stdout);
        return ST_OK;
    }
    const struct cli_command *c = find_command(t, name);
    return c ? print_table(c, "", err) : unknown_command(t, name, err);
}

/* argv[0] is the name of the command. */
static status run(const struct table *t, int argc, char **argv, struct err *err)
{
    const char *name = argv[0], *first = argc > 1 ? argv[1] : NULL;
    const struct cli_command *c = find_command(t, name);
    if (c) return c->run(argc, argv, err);
    if (strcmp(name, "help") == 0 || is_help(name)) return run_help(t, first, err);
    const bool is_ours = strcmp(name, "completion") == 0 || strcmp(name, "man") == 0;
    if (is_ours && is_help(first)) return run_help(t, NULL, err);
    if (strcmp(name, "completion") == 0) return print_completion(t, first, err);
    if (strcmp(name, "man") == 0 && first)
        return err_set(err, ST_USAGE, "unexpected argument '%s'", first);
    if (strcmp(name, "man") == 0) return print_man(t, err);
    if (strcmp(name, "--version") != 0) return unknown_command(t, name, err);
    print_version();
    return ST_OK;
}

int cli_main(const struct cli_command *const commands[], int argc, char **argv)
{
    struct table t = {.commands = commands};
    while (commands[t.n] && t.n < COMMANDS_MAX)
        t.n++;
    int i = 1;
    for (; i < argc && (strcmp(argv[i], "-q") == 0 || strcmp(argv[i], "--quiet") == 0);
         i++)
        setenv("BITWRIGHT_QUIET", "1", 1);
    if (i >= argc) {
        print_usage(&t, stderr);
        return status_exit_code(ST_USAGE);
    }
    struct err err = {.code = ST_OK, .msg = ""};
    status st = run(&t, argc - i, argv + i, &err);
    if (st == ST_OK && (fflush(stdout) != 0 || ferror(stdout)))
        st = err_set(&err, ST_IO, "cannot write to the standard output");
    if (st != ST_OK) fprintf(stderr, "bitwright %s: %s\n", argv[i], err.msg);
    return status_exit_code(st);
}
