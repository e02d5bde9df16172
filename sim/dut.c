/* A cycle is two evaluations: with the clock low the inputs settle, with the clock
 * high the registers take over.  The falling edge is folded into the next settling,
 * as no register of ours looks at it. */
#include "sim/dut.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "sim/dut_model.h"

struct dut {
    void *so;
    const struct dut_api *api;
    void *model;
    struct dut_pin *pins; /* (n_pins) */
    int n_pins, clk, rst; /* port indices, -1 if absent */
    const char *module;
    bool settled; /* outputs belong to the present inputs and state */
    bool tracing;
    int64_t cycles;
    uint64_t trace_time;
};

static status load(struct dut *d, const char *path, struct err *err)
{
    d->so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!d->so)
        return err_set(err, ST_TOOL, "%s: cannot be loaded: %s", path, dlerror());
    d->api = dlsym(d->so, "dut_model_api");
    if (!d->api) return err_set(err, ST_TOOL, "%s: is not a model", path);
    d->n_pins = d->api->n_pins;
    d->pins = calloc((size_t)d->n_pins, sizeof *d->pins);
    d->model = d->api->model_new();
    if (!d->pins || !d->model) return arena_exhausted(err);
    d->api->pins(d->model, d->pins);
    for (int i = 0; i < d->n_pins; i++)
        if (d->pins[i].is_input) memset(d->pins[i].at, 0, (size_t)d->pins[i].bytes);
    d->clk = dut_port(d, "clk");
    d->rst = dut_port(d, "rst");
    return ST_OK;
}

status dut_open_with(const struct rtl_instance *inst, const struct dut_options *opt,
                     struct dut **out, struct err *err)
{
    *out = NULL;
    struct arena *a = arena_new();
    struct dut *d = calloc(1, sizeof *d);
    const char *path = NULL;
    status st = a && d ? dut_build(inst, opt, a, &path, err) : arena_exhausted(err);
    if (st == ST_OK) {
        d->module = inst->module;
        st = load(d, path, err);
    }
    arena_free(a);
    if (st != ST_OK) {
        dut_close(d);
        return st;
    }
    *out = d;
    return ST_OK;
}

status dut_open(const struct rtl_instance *inst, struct dut **out, struct err *err)
{
    const struct dut_options opt = dut_defaults();
    return dut_open_with(inst, &opt, out, err);
}

void dut_close(struct dut *d)
{
    if (!d) return;
    if (d->tracing) d->api->trace_close(d->model);
    if (d->model) d->api->model_free(d->model);
    if (d->so) dlclose(d->so);
    free(d->pins);
    free(d);
}

const char *dut_module(const struct dut *d) { return d->module; }

int dut_port(const struct dut *d, const char *name)
{
    for (int i = 0; i < d->n_pins; i++)
        if (strcmp(d->pins[i].name, name) == 0) return i;
    return -1;
}

status dut_need_port(const struct dut *d, const char *name, int *out, struct err *err)
{
    *out = dut_port(d, name);
    if (*out >= 0) return ST_OK;
    return err_set(err, ST_MISMATCH, "module %s: expected a port %s, found none",
                   d->module, name);
}

int32_t dut_port_bits(const struct dut *d, int port) { return d->pins[port].bits; }

void dut_set(struct dut *d, int port, const uint32_t *words)
{
    const struct dut_pin *p = &d->pins[port];
    switch (p->bytes) {
    case 1:
        *(uint8_t *)p->at = (uint8_t)words[0];
        break;
    case 2:
        *(uint16_t *)p->at = (uint16_t)words[0];
        break;
    case 4:
        *(uint32_t *)p->at = words[0];
        break;
    case 8:
        *(uint64_t *)p->at = words[0] | (uint64_t)words[1] << 32;
        break;
    default:
        memcpy(p->at, words, (size_t)p->bytes);
    }
    d->settled = false;
}

void dut_get(const struct dut *d, int port, uint32_t *words)
{
    const struct dut_pin *p = &d->pins[port];
    if (p->bytes > 8) {
        memcpy(words, p->at, (size_t)p->bytes);
        return;
    }
    uint64_t value = dut_get_u64(d, port);
    words[0] = (uint32_t)value;
    if (p->bytes == 8) words[1] = (uint32_t)(value >> 32);
}

/* A scalar outside the width of its port would be seen by the model as it is. */
static uint64_t port_mask(const struct dut_pin *p)
{
    return p->bits >= 64 ? UINT64_MAX : (UINT64_C(1) << p->bits) - 1;
}

void dut_set_u64(struct dut *d, int port, uint64_t value)
{
    const struct dut_pin *p = &d->pins[port];
    value &= port_mask(p);
    const uint32_t low[2] = {(uint32_t)value, (uint32_t)(value >> 32)};
    if (p->bytes <= 8) {
        dut_set(d, port, low);
        return;
    }
    memset(p->at, 0, (size_t)p->bytes);
    memcpy(p->at, low, sizeof low);
    d->settled = false;
}

uint64_t dut_get_u64(const struct dut *d, int port)
{
    const struct dut_pin *p = &d->pins[port];
    switch (p->bytes) {
    case 1:
        return *(const uint8_t *)p->at;
    case 2:
        return *(const uint16_t *)p->at;
    case 4:
        return *(const uint32_t *)p->at;
    case 8:
        return *(const uint64_t *)p->at;
    }
    const uint32_t *words = p->at;
    return words[0] | (uint64_t)words[1] << 32;
}

static void eval(struct dut *d)
{
    d->api->eval(d->model);
    if (d->tracing) d->api->trace_dump(d->model, d->trace_time++);
}

static void set_clk(struct dut *d, uint8_t level)
{
    if (d->clk >= 0) *(uint8_t *)d->pins[d->clk].at = level;
}

void dut_eval(struct dut *d)
{
    if (d->settled) return;
    set_clk(d, 0);
    eval(d);
    d->settled = true;
}

void dut_tick(struct dut *d)
{
    dut_eval(d);
    set_clk(d, 1);
    eval(d);
    d->settled = false;
    d->cycles++;
}

void dut_reset(struct dut *d)
{
    if (d->rst >= 0) dut_set_u64(d, d->rst, 1);
    dut_tick(d);
    dut_tick(d);
    if (d->rst >= 0) dut_set_u64(d, d->rst, 0);
    dut_eval(d);
    d->cycles = 0;
}

int64_t dut_cycles(const struct dut *d) { return d->cycles; }

status dut_check(const struct dut *d, struct err *err)
{
    if (!d->api->stopped(d->model)) return ST_OK;
    return err_set(err, ST_MISMATCH,
                   "module %s: an assertion of the RTL fired by cycle %lld", d->module,
                   (long long)d->cycles);
}

status dut_trace(struct dut *d, const char *path, struct err *err)
{
    if (d->tracing) d->api->trace_close(d->model);
    d->tracing = false;
    if (!path) return ST_OK;
    int r = d->api->trace_open(d->model, path);
    if (r == 0)
        return err_set(err, ST_UNSUPPORTED, "module %s: was built without a trace",
                       d->module);
    if (r < 0) {
        d->api->trace_close(d->model);
        return err_set(err, ST_IO, "%s: cannot be written", path);
    }
    d->tracing = true;
    return ST_OK;
}

void dut_pack(uint32_t *words, int32_t at, int32_t bits, uint32_t value)
{
    const int32_t i = at / 32, lo = at % 32;
    const uint64_t mask = ((UINT64_C(1) << bits) - 1) << lo;
    const uint64_t shifted = ((uint64_t)value << lo) & mask;
    words[i] = (words[i] & ~(uint32_t)mask) | (uint32_t)shifted;
    if (lo + bits > 32)
        words[i + 1] =
            (words[i + 1] & ~(uint32_t)(mask >> 32)) | (uint32_t)(shifted >> 32);
}

uint32_t dut_unpack(const uint32_t *words, int32_t at, int32_t bits)
{
    const int32_t i = at / 32, lo = at % 32;
    uint64_t v = words[i] >> lo;
    if (lo + bits > 32) v |= (uint64_t)words[i + 1] << (32 - lo);
    return (uint32_t)(v & ((UINT64_C(1) << bits) - 1));
}
