/* export_cmd.c -- `bitwright export`: a quantised network in other tools' formats. */
#include <string.h>

#include "nn/commands.h"
#include "nn/qnet_export.h"

static status export(const char *network, const char *output, struct err *err)
{
    struct arena *a = arena_new();
    struct qnet *q;
    if (!a) return arena_exhausted(err);
    struct err why;
    status st = qnet_load(network, a, &q, err);
    if (st == ST_OK) {
        st = qnet_export_qonnx(q, output, &why);
        if (st == ST_UNSUPPORTED)
            err_set(err, st, "%s: %.400s", network, why.msg);
        else if (st != ST_OK)
            *err = why;
    }
    arena_free(a);
    return st;
}

static status export_run(int argc, char **argv, struct err *err)
{
    const char *format = "qonnx", *output = NULL;
    bool help = false;
    struct cli_list files = {0};
    const struct cli_option options[] = {
        {"format", 0, CLI_TEXT, &format, "NAME", "qonnx (default)", 0, 0},
        {"output", 'o', CLI_TEXT, &output, "FILE.onnx", "the file to write", 0, 0},
        {0}};
    TRY(cli_parse(&export_command, options, argc, argv, &files, &help, err));
    if (help) return ST_OK;
    if (files.n != 1)
        return err_set(err, ST_USAGE, "expected one network file, found %d", files.n);
    if (strcmp(format, "qonnx") != 0)
        return err_set(err, ST_USAGE, "--format: expected qonnx, found '%s'", format);
    if (!output) return err_set(err, ST_USAGE, "expected -o FILE.onnx, found none");
    return export(files.items[0], output, err);
}

const struct cli_command export_command = {
    "export", "NETWORK.q.onnx -o FILE.onnx [--format qonnx]",
    "a quantised network for other tools", export_run};
