#include "sim/vcd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ID_BASE = 94,    /* printable characters of an identifier                   */
    MAX_ID = 1 << 22 /* beyond it a file has more nets than we count            */
};

struct reader {
    const char *path;
    FILE *f;
    int64_t line, time, from;
    int32_t n_nets, *net_of_id; /* (MAX_ID) net + 1, 0: another name           */
    char *value;                /* (n_nets) '0', '1', 'x' or 'z'               */
    uint64_t *toggles;
    struct err *err;
};

static status refuse(const struct reader *r, const char *expected)
{
    return err_set(r->err, ST_PARSE, "%s:%" PRId64 ": expected %s, found another line",
                   r->path, r->line, expected);
}

/* Identifiers are numbers in base 94, least digit first; -1: too long. */
static int32_t id_number(const char *id)
{
    int64_t v = 0, scale = 1;
    for (; *id >= '!' && *id <= '~'; id++, scale *= ID_BASE) {
        v += (*id - '!' + 1) * scale;
        if (v >= MAX_ID) return -1;
    }
    return (int32_t)v;
}

static status read_var(struct reader *r, const char *text)
{
    char id[16], name[32];
    int bits, net, end = 0;
    if (sscanf(text, "$var %*s %d %15s %31s", &bits, id, name) != 3)
        return refuse(r, "$var TYPE BITS ID NAME $end");
    if (sscanf(name, "n%d%n", &net, &end) != 1 || name[end] || bits != 1) return ST_OK;
    const int32_t k = id_number(id);
    if (net < 0 || net >= r->n_nets || k < 0)
        return refuse(r, "the nets of the netlist");
    r->net_of_id[k] = net + 1;
    return ST_OK;
}

static status read_change(struct reader *r, const char *text)
{
    const int32_t k = id_number(text + 1);
    if (k < 0) return refuse(r, "a value and an identifier");
    const int32_t net = r->net_of_id[k] - 1;
    if (net < 0) return ST_OK;
    const char from = r->value[net], to = text[0];
    r->value[net] = to;
    if (r->time < r->from || from == to) return ST_OK;
    if (strchr("01", from) == NULL || strchr("01", to) == NULL)
        return err_set(r->err, ST_MISMATCH,
                       "%s:%" PRId64
                       ": expected net n%d to be 0 or 1 from time %" PRId64
                       " on, found %c to %c",
                       r->path, r->line, net, r->from, from, to);
    r->toggles[net]++;
    return ST_OK;
}

static status read_lines(struct reader *r)
{
    char text[256];
    int n_vars = 0;
    bool inside =
        false; /* of a line longer than text: a vector, which does not count */
    while (fgets(text, sizeof text, r->f)) {
        const bool continues = inside;
        inside = strchr(text, '\n') == NULL;
        if (continues) continue;
        r->line++;
        const char *p = text + strspn(text, " \t");
        if (strncmp(p, "$var", 4) == 0) {
            TRY(read_var(r, p));
            n_vars++;
        } else if (*p == '#') {
            r->time = strtoll(p + 1, NULL, 10);
        } else if (*p && strchr("01xXzZ", *p)) {
            TRY(read_change(r, p));
        }
    }
    if (ferror(r->f)) return err_set(r->err, ST_IO, "%s: %s", r->path, strerror(errno));
    if (n_vars == 0) return refuse(r, "$var");
    return ST_OK;
}

status vcd_toggles(const char *path, int64_t from, int32_t n_nets, uint64_t *toggles,
                   struct err *err)
{
    struct reader r = {.path = path,
                       .from = from,
                       .n_nets = n_nets,
                       .toggles = toggles,
                       .err = err,
                       .f = fopen(path, "r")};
    if (!r.f) return err_set(err, ST_NOT_FOUND, "%s: %s", path, strerror(errno));
    r.net_of_id = calloc(MAX_ID, sizeof *r.net_of_id);
    r.value = malloc((size_t)n_nets + 1);
    status st = ST_NOMEM;
    if (r.net_of_id && r.value) {
        memset(r.value, 'x', (size_t)n_nets);
        memset(toggles, 0, (size_t)n_nets * sizeof *toggles);
        st = read_lines(&r);
    } else {
        (void)arena_exhausted(err);
    }
    free(r.net_of_id);
    free(r.value);
    fclose(r.f);
    return st;
}
