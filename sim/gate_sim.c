/* The inner loop is compiled for three levels of x86-64 and chosen when a simulation is
 * made; the best has a vector popcount (AVX512_VPOPCNTDQ).  Results are integers and do
 * not depend on the level. */
#include "sim/gate_sim.h"

#include <stdbool.h>
#include <string.h>

#define GATE_INLINE static inline __attribute__((always_inline))
/* Vectors are passed by value between functions that are always inlined. */
#pragma GCC diagnostic ignored "-Wpsabi"

enum { MAX_LEVELS = 4096 };

/* One net, all lanes. */
typedef uint64_t lanes __attribute__((vector_size(GATE_WORDS * 8)));

/* One evaluation, with what the loop needs of the gate. */
struct op {
    uint8_t kind, masks, n_inputs;
    int32_t out, in[LIBERTY_MAX_INPUTS];
    uint64_t truth;
};

typedef void run_function(const struct op *ops, int64_t n, lanes *value, lanes *count);

struct gate_sim {
    run_function *run;
    const struct gate_netlist *netlist;
    int64_t n_ops;
    struct op *ops; /* (n_ops), in the order in which they are done           */
    lanes *value;   /* (n_nets)                                               */
    lanes *count;   /* (n_nets) toggles of each 64th lane                      */
    lanes *next;    /* (n_nets) of inputs; of flip-flop outputs while stepping */
};

/* ---- evaluation ---- */

GATE_INLINE lanes mask(const struct op *g, enum gate_mask m)
{
    const lanes zero = {0};
    return zero - (uint64_t)(g->masks >> m & 1);
}

/* Any function: for each row of the table that is 1, the lanes that are in it. */
GATE_INLINE lanes from_table(const struct op *g, const lanes *value)
{
    lanes y = {0};
    for (unsigned i = 0; i < 1u << g->n_inputs; i++) {
        if (!(g->truth >> i & 1)) continue;
        lanes in_row = ~(lanes){0};
        for (int k = 0; k < g->n_inputs; k++)
            in_row &= i >> k & 1 ? value[g->in[k]] : ~value[g->in[k]];
        y |= in_row;
    }
    return y;
}

GATE_INLINE lanes evaluate(const struct op *g, const lanes *value)
{
    const lanes x0 = value[g->in[0]], x1 = value[g->in[1]];
    const lanes mo = mask(g, GATE_MO);
    switch (g->kind) {
    case GATE_COPY:
        return x0 ^ mo;
    case GATE_XOR2:
        return x0 ^ x1 ^ mo;
    default:
        break;
    }
    const lanes y0 = x0 ^ mask(g, GATE_M0), y1 = x1 ^ mask(g, GATE_M1);
    const lanes x2 = value[g->in[2]];
    switch (g->kind) {
    case GATE_AND2:
        return (y0 & y1) ^ mo;
    case GATE_AO21:
        return (((y0 & y1) ^ mask(g, GATE_MT)) & (x2 ^ mask(g, GATE_M2))) ^ mo;
    case GATE_MUX:
        return ((y0 & x2) | (y1 & ~x2)) ^ mo;
    case GATE_AO22: {
        const lanes y3 = value[g->in[3]] ^ mask(g, GATE_M3);
        const lanes right = ((x2 ^ mask(g, GATE_M2)) & y3) ^ mask(g, GATE_MU);
        return (((y0 & y1) ^ mask(g, GATE_MT)) & right) ^ mo;
    }
    default:
        return from_table(g, value);
    }
}

/* Gives a net its new value and counts. */
GATE_INLINE void change(lanes *value, lanes *count, const lanes *y)
{
    const lanes d = *value ^ *y;
    lanes n = {0};
    for (int i = 0; i < GATE_WORDS; i++)
        n[i] = (uint64_t)__builtin_popcountll(d[i]);
    *count += n;
    *value = *y;
}

GATE_INLINE void run_ops_body(const struct op *ops, int64_t n, lanes *value,
                              lanes *count)
{
    for (int64_t i = 0; i < n; i++) {
        const lanes y = evaluate(&ops[i], value);
        change(&value[ops[i].out], &count[ops[i].out], &y);
    }
}

static void run_ops_any(const struct op *ops, int64_t n, lanes *value, lanes *count)
{
    run_ops_body(ops, n, value, count);
}

#ifdef __x86_64__
__attribute__((target("avx2,popcnt"))) static void
run_ops_avx2(const struct op *ops, int64_t n, lanes *value, lanes *count)
{
    run_ops_body(ops, n, value, count);
}

__attribute__((target("avx512f,avx512vpopcntdq"))) static void
run_ops_avx512(const struct op *ops, int64_t n, lanes *value, lanes *count)
{
    run_ops_body(ops, n, value, count);
}
#endif

static run_function *best_run_ops(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq"))
        return run_ops_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt"))
        return run_ops_avx2;
#endif
    return run_ops_any;
}

/* ---- schedule ---- */

static struct op op_of(const struct gate *g)
{
    struct op o = {.kind = (uint8_t)g->shape.kind,
                   .masks = g->shape.masks,
                   .n_inputs = (uint8_t)g->n_inputs,
                   .out = g->out,
                   .truth = g->shape.truth};
    for (int k = 0; k < g->n_inputs; k++)
        o.in[k] = g->in[k];
    return o;
}

static status order_by_level(struct gate_sim *s, struct arena *a, struct err *err)
{
    const struct gate_netlist *n = s->netlist;
    s->n_ops = n->n_gates;
    s->ops = ARENA_NEW(a, struct op, (size_t)n->n_gates + 1);
    if (!s->ops) return arena_exhausted(err);
    for (int32_t i = 0; i < n->n_gates; i++)
        s->ops[i] = op_of(&n->gates[i]);
    return ST_OK;
}

/* Times at which nets can change: a bit set per net, `words` words each. */
struct times {
    uint64_t *set; /* (n_nets, words) */
    size_t words;
};

static bool can_change(const struct times *t, int32_t net, size_t at)
{
    return (t->set[(size_t)net * t->words + at / 64] >> at % 64 & 1) != 0;
}

static int32_t depth(const struct gate_netlist *n, int32_t *level)
{
    int32_t deepest = 0;
    for (int32_t i = 0; i < n->n_gates; i++) {
        const struct gate *g = &n->gates[i];
        for (int k = 0; k < g->n_inputs; k++)
            if (level[g->in[k]] > level[g->out]) level[g->out] = level[g->in[k]];
        if (++level[g->out] > deepest) deepest = level[g->out];
    }
    return deepest;
}

/* out |= in << 1 */
static void add_later(uint64_t *out, const uint64_t *in, size_t words)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < words; i++) {
        out[i] |= in[i] << 1 | carry;
        carry = in[i] >> 63;
    }
}

static void find_times(const struct gate_netlist *n, const struct times *t)
{
    for (int32_t p = 0; p < n->n_ports; p++)
        for (int32_t i = 0; n->ports[p].is_input && i < n->ports[p].n_bits; i++)
            t->set[(size_t)n->ports[p].nets[i] * t->words] = 1;
    for (int32_t i = 0; i < n->n_ffs; i++)
        t->set[(size_t)n->ffs[i].q * t->words] = 1;
    for (int32_t i = 0; i < n->n_gates; i++)
        for (int k = 0; k < n->gates[i].n_inputs; k++)
            add_later(&t->set[(size_t)n->gates[i].out * t->words],
                      &t->set[(size_t)n->gates[i].in[k] * t->words], t->words);
}

/* At each time readers come before their drivers, so that they see the time before. */
static status order_by_time(struct gate_sim *s, struct arena *a, struct err *err)
{
    const struct gate_netlist *n = s->netlist;
    int32_t *level = ARENA_NEW(a, int32_t, (size_t)n->n_nets);
    if (!level) return arena_exhausted(err);
    const int32_t deepest = depth(n, level);
    if (deepest > MAX_LEVELS)
        return err_set(err, ST_UNSUPPORTED, "%s: expected at most %d levels, found %d",
                       n->path, MAX_LEVELS, deepest);
    struct times t = {.words = (size_t)deepest / 64 + 1};
    t.set = ARENA_NEW(a, uint64_t, (size_t)n->n_nets * t.words);
    if (!t.set) return arena_exhausted(err);
    find_times(n, &t);
    for (int32_t i = 0; i < n->n_gates; i++)
        for (size_t at = 1; at <= (size_t)deepest; at++)
            s->n_ops += can_change(&t, n->gates[i].out, at);
    s->ops = ARENA_NEW(a, struct op, (size_t)s->n_ops + 1);
    if (!s->ops) return arena_exhausted(err);
    int64_t n_ops = 0;
    for (size_t at = 1; at <= (size_t)deepest; at++)
        for (int32_t i = n->n_gates - 1; i >= 0; i--)
            if (can_change(&t, n->gates[i].out, at))
                s->ops[n_ops++] = op_of(&n->gates[i]);
    return ST_OK;
}

/* ---- interface ---- */

void gate_sim_reset(struct gate_sim *s)
{
    const struct gate_netlist *n = s->netlist;
    const size_t size = (size_t)n->n_nets * sizeof *s->value;
    memset(s->value, 0, size);
    memset(s->next, 0, size);
    s->value[GATE_NET_1] = ~(lanes){0};
    for (int32_t i = 0; i < n->n_ffs; i++)
        if (n->ffs[i].reset) s->value[n->ffs[i].q] = ~(lanes){0};
    for (int32_t i = 0; i < n->n_gates; i++) {
        const struct op o = op_of(&n->gates[i]);
        s->run(&o, 1, s->value, s->count);
    }
    gate_sim_clear(s);
}

status gate_sim_new(const struct gate_netlist *n, enum gate_delay delay,
                    struct arena *a, struct gate_sim **out, struct err *err)
{
    struct gate_sim *s = ARENA_NEW(a, struct gate_sim, 1);
    if (!s) return arena_exhausted(err);
    const size_t n_nets = (size_t)n->n_nets;
    *s = (struct gate_sim){.run = best_run_ops(),
                           .netlist = n,
                           .value = ARENA_NEW(a, lanes, n_nets),
                           .count = ARENA_NEW(a, lanes, n_nets),
                           .next = ARENA_NEW(a, lanes, n_nets)};
    if (!s->value || !s->count || !s->next) return arena_exhausted(err);
    TRY(delay == GATE_ZERO_DELAY ? order_by_level(s, a, err)
                                 : order_by_time(s, a, err));
    gate_sim_reset(s);
    *out = s;
    return ST_OK;
}

uint64_t *gate_sim_input(struct gate_sim *s, int32_t net)
{
    return (uint64_t *)&s->next[net];
}

void gate_sim_step(struct gate_sim *s)
{
    const struct gate_netlist *n = s->netlist;
    for (int32_t i = 0; i < n->n_ffs; i++) {
        const lanes d = s->value[n->ffs[i].d];
        s->next[n->ffs[i].q] = n->ffs[i].invert ? ~d : d;
    }
    for (int32_t i = 0; i < n->n_ffs; i++) {
        const int32_t q = n->ffs[i].q;
        change(&s->value[q], &s->count[q], &s->next[q]);
    }
    for (int32_t p = 0; p < n->n_ports; p++)
        for (int32_t i = 0; n->ports[p].is_input && i < n->ports[p].n_bits; i++) {
            const int32_t net = n->ports[p].nets[i];
            if (net == n->clock) continue;
            change(&s->value[net], &s->count[net], &s->next[net]);
        }
    s->run(s->ops, s->n_ops, s->value, s->count);
}

const uint64_t *gate_sim_value(const struct gate_sim *s, int32_t net)
{
    return (const uint64_t *)&s->value[net];
}

uint64_t gate_sim_toggles(const struct gate_sim *s, int32_t net)
{
    uint64_t sum = 0;
    for (int i = 0; i < GATE_WORDS; i++)
        sum += s->count[net][i];
    return sum;
}

void gate_sim_clear(struct gate_sim *s)
{
    memset(s->count, 0, (size_t)s->netlist->n_nets * sizeof *s->count);
}

int64_t gate_sim_n_evaluations(const struct gate_sim *s) { return s->n_ops; }
