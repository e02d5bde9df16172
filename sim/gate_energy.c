#include "sim/gate_energy.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "sim/gate_power.h"
#include "sim/gate_sim.h"
#include "sim/gate_synth.h"
#include "sim/workdir.h"

enum {
    MIN_WORDS = 8,     /* of a dot product; a layer has 10 to 500               */
    MAX_WORDS = 64,    /*                                                       */
    PASS_STEPS = 256,  /* units with many passes get fewer words                */
    MIN_STEPS = 128,   /* per stream: 65536 in all, 0.5 % of noise              */
    WARM_UP_STEPS = 16 /* more than any pipeline                                */
};

struct gate_unit {
    struct mac_unit_config c;
    struct mac_unit_ports ports;
    const struct gate_library *lib;
    struct liberty liberty;
    struct gate_netlist netlist;
    struct gate_power power;
    struct gate_sim *sim[2]; /* by enum gate_delay                             */
    const struct gate_port *en, *first, *ctl, *w, *a;
};

/* ---- mapping ---- */

static status need_port(const struct gate_unit *u, const char *name, int32_t bits,
                        const struct gate_port **out, struct err *err)
{
    *out = gate_netlist_port(&u->netlist, name);
    if (*out && (*out)->is_input && (*out)->n_bits == bits) return ST_OK;
    return err_set(err, ST_MISMATCH, "%s: expected input %s of %d bits, found %d",
                   mac_unit_names[u->c.unit], name, bits, *out ? (*out)->n_bits : 0);
}

static status bind(struct gate_unit *u, struct err *err)
{
    TRY(need_port(u, "i_en", 1, &u->en, err));
    TRY(need_port(u, "i_first", 1, &u->first, err));
    TRY(need_port(u, "i_ctl", MAC_CTL_BITS, &u->ctl, err));
    TRY(need_port(u, "i_w", u->ports.w, &u->w, err));
    return need_port(u, "i_a", u->ports.a, &u->a, err);
}

static status unit_new(const struct mac_unit_config *c, const struct gate_library *lib,
                       struct arena *a, struct gate_unit **out, struct err *err)
{
    TRY(mac_unit_check(c, err));
    if (c->unit == MAC_PACKED)
        return err_set(err, ST_UNSUPPORTED,
                       "mac_packed: expected a unit of gates, found one of DSP blocks, "
                       "whose energy no Liberty library says");
    struct gate_unit *u = ARENA_NEW(a, struct gate_unit, 1);
    if (!u) return arena_exhausted(err);
    u->c = *c;
    u->ports = mac_unit_ports(c);
    u->lib = lib;
    *out = u;
    return liberty_load(lib->liberty, a, &u->liberty, err);
}

static status read_netlist(struct gate_unit *u, const char *json_path, struct arena *a,
                           struct err *err)
{
    TRY(gate_netlist_load(json_path, NULL, &u->liberty, a, &u->netlist, err));
    u->netlist.path = mac_unit_names[u->c.unit]; /* the file may not last */
    TRY(bind(u, err));
    TRY(gate_power_find(&u->netlist, u->lib->slew_ns, a, &u->power, err));
    for (int d = 0; d < 2; d++)
        TRY(gate_sim_new(&u->netlist, (enum gate_delay)d, a, &u->sim[d], err));
    return ST_OK;
}

status gate_unit_load(const struct mac_unit_config *c, const struct gate_library *lib,
                      const char *json_path, struct arena *a, struct gate_unit **out,
                      struct err *err)
{
    TRY(unit_new(c, lib, a, out, err));
    return read_netlist(*out, json_path, a, err);
}

status gate_unit_map(const struct mac_unit_config *c, const struct gate_library *lib,
                     double time_limit_s, struct arena *a, struct gate_unit **out,
                     struct err *err)
{
    const struct rtl_instance inst = mac_unit_instance(c);
    const char *dir = NULL;
    TRY(unit_new(c, lib, a, out, err)); /* a bad library costs no synthesis */
    TRY(workdir_new(a, &dir, err));
    const char *json = file_join(a, dir, GATE_SYNTH_JSON);
    status st = json ? gate_synth_run(&inst, lib->liberty, dir, time_limit_s, err)
                     : arena_exhausted(err);
    if (st == ST_OK) st = read_netlist(*out, json, a, err);
    workdir_remove(dir);
    return st;
}

double gate_unit_area_um2(const struct gate_unit *u) { return u->power.area_um2; }
int32_t gate_unit_n_cells(const struct gate_unit *u) { return u->netlist.n_instances; }

/* ---- streams ---- */

/* Dot products of n_lanes streams: the same steps, operands of their own. */
struct streams {
    struct gate_unit *u;
    const struct mac_precision *p;
    const struct operand_source *from;
    struct rng rng;
    int32_t n_lanes;
    int64_t K, steps; /* of a dot product                                     */
    uint8_t *w, *a;   /* (n_lanes, K) codes of the current one                */
    int64_t step;     /* the next one                                         */
};

static status streams_new(struct gate_unit *u, const struct mac_precision *p,
                          const struct operand_source *from, uint64_t seed,
                          struct arena *a, struct streams *out, struct err *err)
{
    TRY(mac_unit_precision_check(&u->c, p, err));
    TRY(operand_source_check(from, p, err));
    const int64_t products = mac_unit_products(&u->c, p);
    const int64_t passes = mac_unit_steps(&u->c, p, products);
    int64_t words = PASS_STEPS / passes;
    words = words < MIN_WORDS ? MIN_WORDS : words > MAX_WORDS ? MAX_WORDS : words;
    *out = (struct streams){.u = u,
                            .p = p,
                            .from = from,
                            .rng = rng_seed(seed, 0),
                            .n_lanes = GATE_LANES,
                            .K = words * products};
    out->steps = mac_unit_steps(&u->c, p, out->K);
    for (int d = 0; d < 2; d++)
        gate_sim_reset(u->sim[d]);
    out->w = ARENA_NEW(a, uint8_t, (size_t)(out->n_lanes * out->K));
    out->a = ARENA_NEW(a, uint8_t, (size_t)(out->n_lanes * out->K));
    return out->w && out->a ? ST_OK : arena_exhausted(err);
}

static void set_all(struct gate_unit *u, const struct gate_port *port, uint32_t value)
{
    for (int32_t i = 0; i < port->n_bits; i++)
        for (int d = 0; d < 2; d++)
            memset(gate_sim_input(u->sim[d], port->nets[i]), value >> i & 1 ? 0xff : 0,
                   GATE_WORDS * sizeof(uint64_t));
}

/* One lane's port value into bit `lane` of each net. */
static void set_lane(struct gate_unit *u, const struct gate_port *port,
                     const uint32_t *value, int32_t lane)
{
    const uint64_t one = UINT64_C(1) << lane % 64;
    for (int32_t i = 0; i < port->n_bits; i++)
        if (value[i / 32] >> i % 32 & 1)
            for (int d = 0; d < 2; d++)
                gate_sim_input(u->sim[d], port->nets[i])[lane / 64] |= one;
}

static void draw(struct streams *s)
{
    for (int32_t lane = 0; lane < s->n_lanes; lane++)
        operands_draw(s->from, s->p, s->K, &s->rng, s->w + lane * s->K,
                      s->a + lane * s->K);
}

/* Puts the next step on the inputs. */
static void drive(struct streams *s)
{
    struct gate_unit *u = s->u;
    uint32_t w[MAC_MAX_PORT32], a[MAC_MAX_PORT32];
    if (s->step == 0) draw(s);
    const struct mac_step step = mac_unit_step(&u->c, s->p, s->K, s->step);
    set_all(u, u->en, 1);
    set_all(u, u->first, step.first);
    set_all(u, u->ctl, step.ctl);
    set_all(u, u->w, 0);
    set_all(u, u->a, 0);
    for (int32_t lane = 0; lane < GATE_LANES; lane++) {
        const int32_t from = lane % s->n_lanes;
        mac_unit_operands(&u->c, s->p, s->K, &step, s->w + from * s->K,
                          s->a + from * s->K, w, a);
        set_lane(u, u->w, w, lane);
        set_lane(u, u->a, a, lane);
    }
    if (++s->step == s->steps) s->step = 0;
}

static void clock_once(struct streams *s)
{
    drive(s);
    for (int d = 0; d < 2; d++)
        gate_sim_step(s->u->sim[d]);
}

/* The end of a dot product, so that what is measured begins with a whole one. */
static void warm_up(struct streams *s)
{
    draw(s);
    if (s->steps > WARM_UP_STEPS) s->step = s->steps - WARM_UP_STEPS;
    do
        clock_once(s);
    while (s->step != 0);
    for (int d = 0; d < 2; d++)
        gate_sim_clear(s->u->sim[d]);
}

/* ---- sums ---- */

/* Of all nets but the clock [pJ]; toggles NULL: those of the simulation. */
static double toggle_pj(const struct gate_unit *u, enum gate_delay d,
                        const uint64_t *toggles)
{
    double sum = 0;
    for (int32_t i = 0; i < u->netlist.n_nets; i++) {
        if (i == u->netlist.clock) continue;
        const uint64_t n = toggles ? toggles[i] : gate_sim_toggles(u->sim[d], i);
        sum += (double)n * (u->power.load_pj[i] + u->power.internal_pj[i]);
    }
    return sum;
}

status gate_unit_measure(struct gate_unit *u, const struct mac_precision *p,
                         const struct operand_source *from, uint64_t seed,
                         struct gate_energy *out, struct err *err)
{
    struct streams s;
    if (u->lib->glitch[u->c.unit].n_points == 0)
        return err_set(err, ST_RANGE,
                       "library %s: expected a glitch factor of %s, found none; "
                       "calibrate it",
                       u->lib->name, mac_unit_names[u->c.unit]);
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    const status st = streams_new(u, p, from, seed, a, &s, err);
    if (st == ST_OK) {
        warm_up(&s);
        const int64_t n_dots = (MIN_STEPS + s.steps - 1) / s.steps;
        for (int64_t i = 0; i < n_dots * s.steps; i++)
            clock_once(&s);
        const double products = (double)(n_dots * s.K) * s.n_lanes;
        const double clock = u->power.clock_pj * (double)(n_dots * s.steps) * s.n_lanes;
        const double zero = clock + toggle_pj(u, GATE_ZERO_DELAY, NULL);
        const double unit = clock + toggle_pj(u, GATE_UNIT_DELAY, NULL);
        *out = (struct gate_energy){
            .energy_pj =
                (zero + u->lib->glitch[u->c.unit].factor * (unit - zero)) / products,
            .zero_pj = zero / products,
            .clock_pj = clock / products,
            .unit_pj = unit / products,
            .leakage_nw = u->power.leakage_nw,
            .n_products = n_dots * s.K * s.n_lanes,
            .n_cycles = n_dots * s.steps * s.n_lanes};
    }
    arena_free(a);
    return st;
}

/* ---- check against Icarus ---- */

static void record(const struct gate_unit *u, struct gate_stream *to, int32_t cycle)
{
    uint8_t *bits = to->bits + (size_t)cycle * (size_t)to->n_inputs;
    for (int32_t q = 0; q < u->netlist.n_ports; q++) {
        const struct gate_port *port = &u->netlist.ports[q];
        for (int32_t i = 0; port->is_input && i < port->n_bits; i++)
            if (port->nets[i] != u->netlist.clock)
                *bits++ = gate_sim_input(u->sim[0], port->nets[i])[0] & 1;
    }
}

/* Clocks n_cycles and records them; the toggles of the first `skip` do not count. */
static void record_stream(struct streams *s, struct gate_stream *to, int32_t skip)
{
    for (int32_t i = 0; i < to->n_cycles; i++) {
        if (i == skip)
            for (int d = 0; d < 2; d++)
                gate_sim_clear(s->u->sim[d]);
        drive(s);
        if (i < skip) set_all(s->u, s->u->first, 1); /* out of the unknown */
        record(s->u, to, i);
        for (int d = 0; d < 2; d++)
            gate_sim_step(s->u->sim[d]);
    }
}

static bool same_toggles(const struct gate_unit *u, const uint64_t *toggles)
{
    for (int32_t i = 0; i < u->netlist.n_nets; i++)
        if (i != u->netlist.clock &&
            gate_sim_toggles(u->sim[GATE_ZERO_DELAY], i) != GATE_LANES * toggles[i])
            return false;
    return true;
}

static status check_stream(struct streams *s, int32_t n_cycles, struct arena *a,
                           struct gate_check *out, struct err *err)
{
    const struct gate_unit *u = s->u;
    struct gate_stream stream;
    struct gate_icarus_options opt = {.cells = u->lib->cells,
                                      .skip_cycles = WARM_UP_STEPS};
    uint64_t *toggles = ARENA_NEW(a, uint64_t, (size_t)u->netlist.n_nets);
    if (!toggles) return arena_exhausted(err);
    TRY(gate_stream_new(&u->netlist, n_cycles + WARM_UP_STEPS, a, &stream, err));
    record_stream(s, &stream, WARM_UP_STEPS);
    const double products = (double)n_cycles * (double)s->K / (double)s->steps;
    const double clock = u->power.clock_pj * n_cycles / products;
    out->zero_pj =
        clock + toggle_pj(u, GATE_ZERO_DELAY, NULL) / (products * GATE_LANES);
    out->unit_pj =
        clock + toggle_pj(u, GATE_UNIT_DELAY, NULL) / (products * GATE_LANES);
    TRY(gate_icarus_toggles(&u->netlist, &stream, &opt, toggles, NULL, err));
    out->icarus_zero_pj = clock + toggle_pj(u, GATE_ZERO_DELAY, toggles) / products;
    out->zero_is_exact = same_toggles(u, toggles);
    opt.path_delays = true;
    TRY(gate_icarus_toggles(&u->netlist, &stream, &opt, toggles, NULL, err));
    out->icarus_pj = clock + toggle_pj(u, GATE_UNIT_DELAY, toggles) / products;
    return ST_OK;
}

status gate_unit_check(struct gate_unit *u, const struct mac_precision *p,
                       const struct operand_source *from, uint64_t seed,
                       int32_t n_cycles, struct gate_check *out, struct err *err)
{
    struct streams s;
    if (!u->lib->cells)
        return err_set(err, ST_RANGE, "%s: expected `cells`, their Verilog, found none",
                       u->lib->name);
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    status st = streams_new(u, p, from, seed, a, &s, err);
    if (st == ST_OK) {
        s.n_lanes = 1;
        st = check_stream(&s, n_cycles, a, out, err);
    }
    arena_free(a);
    return st;
}
