/* gate_fixture.h -- netlists written by hand, of the cells of small.lib.
 *
 * A netlist is a text of statements, each ended by a semicolon:
 *   in NAME NET;  out NAME NET;         a port of one bit
 *   TYPE NAME PIN=NET PIN=NET ...;      a cell
 * Nets are the numbers of Yosys' JSON, from 2 on; what is no number is put there as
 * text, as Yosys writes constants. */
#ifndef TESTS_GATE_FIXTURE_H
#define TESTS_GATE_FIXTURE_H

#include <string.h>

#include "sim/gate_netlist.h"
#include "tests/cmocka_all.h"
#include "tests/scratch.h"

/* "NAME": [NET], or with quotes around what is no number; after `before`, in arena. */
static inline const char *fixture_bits(struct arena *a, const char *before,
                                       const char *name, const char *net)
{
    const char *quote = strspn(net, "0123456789") == strlen(net) ? "" : "\"";
    return arena_printf(a, "%s\"%s\": [%s%s%s]", before, name, quote, net, quote);
}

/* The words of a cell behind its type and name, as the JSON of its connections. */
static inline const char *fixture_connections(struct arena *a, char **at)
{
    const char *json = "";
    for (char *pin = strtok_r(NULL, " ", at); pin; pin = strtok_r(NULL, " ", at)) {
        char *net = strchr(pin, '=');
        assert_non_null(net);
        *net++ = '\0';
        const char *more = fixture_bits(a, json[0] ? ", " : "", pin, net);
        json = arena_printf(a, "%s%s", json, more);
    }
    return json;
}

/* The netlist as Yosys' JSON, in arena. */
static inline const char *fixture_json(const char *text, struct arena *a)
{
    const char *ports = "", *cells = "";
    char *next = NULL, *at = NULL;
    for (char *s = strtok_r(arena_strdup(a, text), ";", &next); s;
         s = strtok_r(NULL, ";", &next)) {
        const char *type = strtok_r(s, " ", &at), *name = strtok_r(NULL, " ", &at);
        if (!type) continue;
        assert_non_null(name);
        const bool in = strcmp(type, "in") == 0;
        if (in || strcmp(type, "out") == 0) {
            const char *bits = fixture_bits(a, "", "bits", strtok_r(NULL, " ", &at));
            ports =
                arena_printf(a, "%s%s\"%s\": {\"direction\": \"%s\", %s}", ports,
                             ports[0] ? ", " : "", name, in ? "input" : "output", bits);
        } else {
            cells = arena_printf(
                a, "%s%s\"%s\": {\"type\": \"%s\", \"connections\": {%s}}", cells,
                cells[0] ? ", " : "", name, type, fixture_connections(a, &at));
        }
    }
    return arena_printf(a,
                        "{\"modules\": {\"top\": {\"ports\": {%s}, \"cells\": {%s}}}}",
                        ports, cells);
}

/* Library and netlist (JSON where it begins with a brace), in arena. */
static inline status fixture_load(struct scratch *s, const char *netlist,
                                  struct arena *a, struct gate_netlist *out,
                                  struct err *err)
{
    struct liberty *l = ARENA_NEW(a, struct liberty, 1);
    const char *text = netlist[0] == '{' ? netlist : fixture_json(netlist, a);
    const char *json = arena_strdup(a, scratch_file(s, "top.json", text));
    assert_true(l && json);
    assert_ok(liberty_load("tests/unit/sim/small.lib", a, l, err), *err);
    return gate_netlist_load(json, NULL, l, a, out, err);
}

/* Net of a one-bit port. */
static inline int32_t fixture_net(const struct gate_netlist *n, const char *port)
{
    const struct gate_port *p = gate_netlist_port(n, port);
    assert_non_null(p);
    return p->nets[0];
}

#endif
