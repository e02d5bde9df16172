#include "sim/gate_power.h"

#include <math.h>

struct sums {
    const struct gate_netlist *n;
    double slew_ns, half_v2;
    double *load_pf, *load_pj, *internal_pj; /* (n_nets)                       */
    struct gate_power *out;
};

static status add_loads(const struct sums *s, struct err *err)
{
    for (int32_t i = 0; i < s->n->n_instances; i++) {
        const struct gate_instance *inst = &s->n->instances[i];
        for (int32_t pin = 0; pin < inst->cell->n_pins; pin++) {
            const struct liberty_pin *p = &inst->cell->pins[pin];
            if (!p->is_input || inst->nets[pin] < 0) continue;
            if (isnan(p->capacitance_pf))
                return err_set(err, ST_UNSUPPORTED,
                               "%s:%d: cell %s: expected the capacitance of input %s, "
                               "found none; the energy of its net cannot be known",
                               s->n->library->path, inst->cell->line, inst->cell->name,
                               p->name);
            s->load_pf[inst->nets[pin]] += p->capacitance_pf;
        }
    }
    return ST_OK;
}

/* Pins without a table cost nothing inside the cell, but an output must have one. */
static status add_pin(const struct sums *s, const struct gate_instance *inst,
                      int32_t pin, struct err *err)
{
    const struct liberty_pin *p = &inst->cell->pins[pin];
    const int32_t net = inst->nets[pin];
    if (net < 0) return ST_OK;
    const double load_pf = p->is_output ? s->load_pf[net] : 0;
    const double pj = liberty_pin_pj(p, load_pf, s->slew_ns);
    if (isnan(pj)) {
        if (!p->is_output) return ST_OK;
        return err_set(err, ST_UNSUPPORTED,
                       "%s:%d: cell %s: expected internal_power tables of pin %s, "
                       "found none; its energy cannot be known",
                       s->n->library->path, inst->cell->line, inst->cell->name,
                       p->name);
    }
    if (net == s->n->clock)
        s->out->clock_pj += 2 * pj;
    else
        s->internal_pj[net] += pj;
    return ST_OK;
}

static status add_instances(const struct sums *s, struct err *err)
{
    for (int32_t i = 0; i < s->n->n_instances; i++) {
        const struct gate_instance *inst = &s->n->instances[i];
        s->out->leakage_nw += inst->cell->leakage_nw;
        s->out->area_um2 += inst->cell->area_um2;
        for (int32_t pin = 0; pin < inst->cell->n_pins; pin++)
            TRY(add_pin(s, inst, pin, err));
    }
    return ST_OK;
}

status gate_power_find(const struct gate_netlist *n, double slew_ns, struct arena *a,
                       struct gate_power *out, struct err *err)
{
    const size_t n_nets = (size_t)n->n_nets;
    const double v = n->library->voltage;
    const struct sums s = {.n = n,
                           .slew_ns = slew_ns,
                           .half_v2 = v * v / 2,
                           .load_pf = ARENA_NEW(a, double, n_nets),
                           .load_pj = ARENA_NEW(a, double, n_nets),
                           .internal_pj = ARENA_NEW(a, double, n_nets),
                           .out = out};
    if (!s.load_pf || !s.load_pj || !s.internal_pj) return arena_exhausted(err);
    *out = (struct gate_power){.load_pj = s.load_pj, .internal_pj = s.internal_pj};
    TRY(add_loads(&s, err));
    for (size_t i = 0; i < n_nets; i++)
        s.load_pj[i] = s.half_v2 * s.load_pf[i];
    if (n->clock >= 0) {
        out->clock_pj = 2 * s.load_pj[n->clock];
        s.load_pj[n->clock] = 0;
    }
    return add_instances(&s, err);
}
