#include "sim/gate_netlist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "sim/gate_levels.h"
#include "sim/gate_read.h"

status gate_refuse(const struct gate_reader *r, status code, const char *cell,
                   const char *expected, const char *found)
{
    return err_set(r->err, code, "%s: cell %s: expected %s, found %s", r->n->path, cell,
                   expected, found);
}

/* ---- nets ---- */

/* Largest bit number of an array of bits, or of what is there already. */
static int64_t largest_bit(json_t *bits, int64_t so_far)
{
    size_t i;
    json_t *bit;
    json_array_foreach(bits, i, bit)
    {
        const int64_t v = (int64_t)json_integer_value(bit);
        if (json_is_integer(bit) && v > so_far) so_far = v;
    }
    return so_far;
}

static status make_bits(struct gate_reader *r, json_t *module)
{
    enum { MAX_BITS = 1 << 26 };
    int64_t top = 1;
    const char *name, *pin;
    json_t *port, *cell, *bits;
    json_object_foreach(json_object_get(module, "ports"), name, port) top =
        largest_bit(json_object_get(port, "bits"), top);
    json_object_foreach(json_object_get(module, "cells"), name, cell)
    {
        json_object_foreach(json_object_get(cell, "connections"), pin, bits) top =
            largest_bit(bits, top);
    }
    if (top > MAX_BITS)
        return err_set(r->err, ST_RANGE, "%s: expected at most %d nets, found %lld",
                       r->n->path, MAX_BITS, (long long)top);
    r->n_bits = top + 1;
    r->net_of_bit = ARENA_NEW(r->a, int32_t, (size_t)r->n_bits);
    if (!r->net_of_bit) return arena_exhausted(r->err);
    for (int64_t i = 0; i < r->n_bits; i++)
        r->net_of_bit[i] = -1;
    r->n->n_nets = GATE_FIRST_NET;
    return ST_OK;
}

/* Net of one element of a bits array; an undefined bit is refused. */
static status net_of(struct gate_reader *r, const char *where, json_t *bit,
                     int32_t *out)
{
    if (json_is_integer(bit)) {
        const int64_t v = (int64_t)json_integer_value(bit);
        if (v < 0)
            return gate_refuse(r, ST_PARSE, where, "a bit number", "a negative one");
        if (r->net_of_bit[v] < 0) r->net_of_bit[v] = r->n->n_nets++;
        *out = r->net_of_bit[v];
        return ST_OK;
    }
    const char *text = json_string_value(bit);
    if (text && (strcmp(text, "0") == 0 || strcmp(text, "1") == 0)) {
        *out = text[0] == '1' ? GATE_NET_1 : GATE_NET_0;
        return ST_OK;
    }
    return gate_refuse(r, ST_PARSE, where, "a bit number, \"0\" or \"1\"",
                       text ? text : "something else");
}

static status read_ports(struct gate_reader *r, json_t *module)
{
    json_t *ports = json_object_get(module, "ports"), *port, *bit;
    struct gate_port *out =
        ARENA_NEW(r->a, struct gate_port, json_object_size(ports) + 1);
    if (!out) return arena_exhausted(r->err);
    r->n->ports = out;
    const char *name;
    json_object_foreach(ports, name, port)
    {
        json_t *bits = json_object_get(port, "bits");
        const char *direction = json_string_value(json_object_get(port, "direction"));
        int32_t *nets = ARENA_NEW(r->a, int32_t, json_array_size(bits) + 1);
        out->name = arena_strdup(r->a, name);
        if (!nets || !out->name) return arena_exhausted(r->err);
        if (!direction ||
            (strcmp(direction, "input") != 0 && strcmp(direction, "output") != 0))
            return err_set(r->err, ST_PARSE,
                           "%s: port %s: expected direction input or output, found %s",
                           r->n->path, name, direction ? direction : "none");
        out->is_input = strcmp(direction, "input") == 0;
        out->n_bits = (int32_t)json_array_size(bits);
        size_t i;
        json_array_foreach(bits, i, bit) TRY(net_of(r, name, bit, &nets[i]));
        out->nets = nets;
        out++;
        r->n->n_ports++;
    }
    return ST_OK;
}

/* ---- cells ---- */

static status read_instance(struct gate_reader *r, const char *name, json_t *cell,
                            struct gate_instance *out)
{
    const char *type = json_string_value(json_object_get(cell, "type"));
    json_t *connections = json_object_get(cell, "connections"), *bits;
    out->name = arena_strdup(r->a, name);
    out->cell = type ? liberty_find(r->n->library, type) : NULL;
    if (!out->name) return arena_exhausted(r->err);
    if (!out->cell)
        return gate_refuse(r, ST_UNSUPPORTED, name, "a cell of the library",
                           type ? type : "no type");
    int32_t *nets = ARENA_NEW(r->a, int32_t, (size_t)out->cell->n_pins + 1);
    if (!nets) return arena_exhausted(r->err);
    for (int32_t i = 0; i < out->cell->n_pins; i++)
        nets[i] = -1;
    const char *pin;
    json_object_foreach(connections, pin, bits)
    {
        const struct liberty_pin *p = liberty_pin(out->cell, pin);
        if (!p) return gate_refuse(r, ST_PARSE, name, "a pin of its cell", pin);
        if (json_array_size(bits) != 1)
            return gate_refuse(r, ST_PARSE, name, "one bit per pin", pin);
        TRY(net_of(r, name, json_array_get(bits, 0), &nets[p - out->cell->pins]));
    }
    out->nets = nets;
    return ST_OK;
}

static status read_instances(struct gate_reader *r, json_t *module)
{
    json_t *cells = json_object_get(module, "cells"), *cell;
    struct gate_instance *out =
        ARENA_NEW(r->a, struct gate_instance, json_object_size(cells) + 1);
    if (!out) return arena_exhausted(r->err);
    r->n->instances = out;
    const char *name;
    json_object_foreach(cells, name, cell)
        TRY(read_instance(r, name, cell, &out[r->n->n_instances++]));
    return ST_OK;
}

static status read_module(struct gate_reader *r, json_t *module)
{
    r->n->clock = -1;
    TRY(make_bits(r, module));
    TRY(read_ports(r, module));
    TRY(read_instances(r, module));
    TRY(gate_add_drivers(r));
    r->n->gates = r->gates;
    r->n->ffs = r->ffs;
    return gate_levels_sort(r->n, r->gates, r->a, r->err);
}

static status find_module(const char *path, json_t *root, const char *name,
                          struct arena *a, const char **found, json_t **out,
                          struct err *err)
{
    json_t *modules = json_object_get(root, "modules"), *module;
    const char *key;
    int n = 0;
    *out = NULL;
    json_object_foreach(modules, key, module)
    {
        if (name && strcmp(key, name) != 0) continue;
        n++;
        *found = arena_strdup(a, key);
        *out = module;
    }
    if (n != 1)
        return err_set(err, ST_PARSE, "%s: expected one module%s%s, found %d", path,
                       name ? " named " : "", name ? name : "", n);
    return *found ? ST_OK : arena_exhausted(err);
}

status gate_netlist_load(const char *path, const char *module, const struct liberty *l,
                         struct arena *a, struct gate_netlist *out, struct err *err)
{
    json_t *root = NULL, *m = NULL;
    TRY(json_file_load(path, &root, err));
    *out = (struct gate_netlist){.path = path, .library = l};
    struct gate_reader r = {.n = out, .a = a, .err = err};
    status st = find_module(path, root, module, a, &out->module, &m, err);
    if (st == ST_OK) st = read_module(&r, m);
    json_decref(root);
    return st;
}

const struct gate_port *gate_netlist_port(const struct gate_netlist *n,
                                          const char *name)
{
    for (int32_t i = 0; i < n->n_ports; i++)
        if (strcmp(n->ports[i].name, name) == 0) return &n->ports[i];
    return NULL;
}
