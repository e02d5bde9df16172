/* characterize_key.c -- a key is a hash of everything that a row's numbers depend on.
 *
 * Texts and versions are asked for once per module and per toolchain: the points of a
 * sweep are thousands, their modules and toolchains are few. */
#include "sim/characterize_key.h"

#include <stdio.h>
#include <string.h>

#include "sim/characterize_operands.h"
#include "sim/dut_build.h"
#include "sim/gate_library.h"
#include "sim/synth.h"
#include "sim/workdir.h"

enum {
    ROW_VERSION = 3,    /* raise when the meaning of a column changes             */
    ENERGY_VERSION = 1, /* raise when energy is measured otherwise             */
    MAX_TEXTS = 64,
    MAX_TOOLS = 32,
};

/* The Verilog text that a module needs. */
struct text {
    const char *module;
    int64_t unit; /* parameter UNIT, which decides what the module needs; or -1 */
    struct hash_key key;
};

struct tool {
    const struct toolchain *toolchain;
    const char *version, *fmax_version;
    struct hash_key liberty;
};

struct keys {
    struct arena *a;
    struct rtl_reach *sources;
    struct hash_key verilator; /* valid once asked for                         */
    int n_texts, n_tools;
    struct text texts[MAX_TEXTS];
    struct tool tools[MAX_TOOLS];
};

status characterize_instance(const struct sweep_point *p, struct rtl_instance *out,
                             struct err *err)
{
    struct mac_unit_config unit;
    TRY(sample_instance(&p->sample, out, err));
    if (p->toolchain->liberty && !p->sample.unit[0] &&
        sample_mac_unit(&p->sample, &unit, NULL) == ST_OK)
        *out = mac_unit_instance(&unit);
    return ST_OK;
}

static int64_t unit_of(const struct rtl_instance *inst)
{
    for (int i = 0; i < inst->n_params; i++)
        if (strcmp(inst->params[i].name, "UNIT") == 0) return inst->params[i].value;
    return -1;
}

static status find_text(struct keys *k, const struct rtl_instance *inst,
                        const struct text **out, struct err *err)
{
    const int64_t unit = unit_of(inst);
    for (int i = 0; i < k->n_texts; i++) {
        *out = &k->texts[i];
        if (strcmp((*out)->module, inst->module) == 0 && (*out)->unit == unit)
            return ST_OK;
    }
    if (k->n_texts == MAX_TEXTS)
        return err_set(err, ST_UNSUPPORTED, "more than %d modules in one sweep",
                       MAX_TEXTS);
    struct text *t = &k->texts[k->n_texts];
    const char *const *files = NULL;
    *t = (struct text){.module = inst->module, .unit = unit};
    TRY(synth_files(k->sources, inst, k->a, &files, err));
    TRY(rtl_text_key(files, &t->key, err));
    k->n_texts++;
    *out = t;
    return ST_OK;
}

static status find_tool(struct keys *k, const struct toolchain *toolchain,
                        struct tool **out, struct err *err)
{
    for (int i = 0; i < k->n_tools; i++) {
        *out = &k->tools[i];
        if (strcmp((*out)->toolchain->name, toolchain->name) == 0) return ST_OK;
    }
    if (k->n_tools == MAX_TOOLS)
        return err_set(err, ST_UNSUPPORTED, "more than %d toolchains in one sweep",
                       MAX_TOOLS);
    struct tool *t = &k->tools[k->n_tools];
    *t = (struct tool){.toolchain = toolchain};
    TRY(synth_version(toolchain, false, k->a, &t->version, err));
    if (toolchain->liberty) TRY(hash_of_file(toolchain->liberty, &t->liberty, err));
    k->n_tools++;
    *out = t;
    return ST_OK;
}

static status hash_verilator(struct keys *k, struct hash *h, struct err *err)
{
    if (!k->verilator.hex[0]) {
        struct hash *tool = hash_new();
        if (!tool) return arena_exhausted(err);
        const status st = workdir_hash_tool(tool, "verilator", err);
        k->verilator = hash_free_key(tool);
        TRY(st);
    }
    hash_text(h, k->verilator.hex);
    return ST_OK;
}

/* What energy depends on beyond the Liberty file and the netlist. */
static status hash_library(struct keys *k, const struct sweep_point *p, struct hash *h,
                           struct err *err)
{
    struct gate_library l;
    struct mac_unit_config c;
    char text[64];
    TRY(gate_library_find(p->toolchain->name, k->a, &l, err));
    TRY(sample_mac_unit(&p->sample, &c, err));
    (void)snprintf(text, sizeof text, "%.17g %.17g", l.slew_ns,
                   l.glitch[c.unit].factor);
    hash_i64(h, p->sample.wsigned);
    hash_i64(h, p->sample.asigned);
    hash_i64(h, ENERGY_VERSION);
    hash_text(h, text);
    return ST_OK;
}

/* What the number of cycles depends on beyond the instance: the wrapper that a MAC unit
 * is simulated in, and the precision that runs. */
static status hash_simulation(struct keys *k, const struct sample *s, struct hash *h,
                              struct err *err)
{
    struct mac_unit_config c;
    const struct text *text = NULL;
    TRY(hash_verilator(k, h, err));
    if (strcmp(s->module, "mvu") == 0) return ST_OK;
    TRY(sample_mac_unit(s, &c, err));
    const struct rtl_instance wrapper = mac_unit_instance(&c);
    if (!s->unit[0]) {
        TRY(find_text(k, &wrapper, &text, err));
        hash_text(h, text->key.hex);
    }
    const struct mac_precision p = sample_precision(s);
    hash_i64(h, p.wsigned);
    hash_i64(h, p.asigned);
    return ST_OK;
}

/* What a library's energies are under reserve of is said where its command is. */
static status add_note(const struct keys *k, struct sweep_point *p, struct err *err)
{
    struct gate_library l;
    char *options = p->sample.options;
    const size_t n = strlen(options), size = sizeof p->sample.options;
    TRY(gate_library_find(p->toolchain->name, k->a, &l, err));
    if (l.note[0]) (void)snprintf(options + n, size - n, "; energy: %s", l.note);
    return ST_OK;
}

static status hash_point(struct keys *k, struct sweep_point *p, struct hash *h,
                         struct err *err)
{
    struct sample *s = &p->sample;
    struct rtl_instance inst;
    const struct text *text = NULL;
    struct tool *tool = NULL;
    TRY(characterize_instance(p, &inst, err));
    TRY(find_text(k, &inst, &text, err));
    TRY(find_tool(k, p->toolchain, &tool, err));
    const char *version = tool->version;
    if (p->fmax && !tool->fmax_version)
        TRY(synth_version(p->toolchain, true, k->a, &tool->fmax_version, err));
    if (p->fmax) version = tool->fmax_version;
    hash_i64(h, ROW_VERSION);
    hash_text(h, text->key.hex);
    hash_text(h, inst.module);
    for (int i = 0; i < inst.n_params; i++) {
        hash_text(h, inst.params[i].name);
        hash_i64(h, inst.params[i].value);
    }
    hash_text(h, p->toolchain->name); /* lib:PATH may be the library of another name */
    hash_text(h, p->toolchain->command);
    if (p->toolchain->cells) {
        hash_text(h, p->toolchain->cells);
        hash_text(h, p->toolchain->all_cells);
    }
    hash_text(h, tool->liberty.hex);
    hash_text(h, version);
    hash_text(h, s->stimulus);
    if (s->stimulus[0]) TRY(hash_library(k, p, h, err));
    if (p->layer) characterize_operands_hash(p->layer, h);
    hash_i64(h, s->op_wbits);
    hash_i64(h, s->op_abits);
    hash_i64(h, s->n_vec);
    if (s->n_vec != SAMPLE_NONE64) TRY(hash_simulation(k, s, h, err));
    (void)snprintf(s->tool_version, sizeof s->tool_version, "%s", version);
    (void)snprintf(s->options, sizeof s->options, "%s", p->toolchain->command);
    return s->stimulus[0] ? add_note(k, p, err) : ST_OK;
}

status characterize_keys(struct sweep *s, struct arena *a, struct err *err)
{
    struct keys *k = ARENA_NEW(a, struct keys, 1);
    if (!k) return arena_exhausted(err);
    k->a = a;
    TRY(rtl_reach_load(rtl_sources(), a, &k->sources, err));
    TRY(characterize_operands(s, a, err));
    for (int32_t i = 0; i < s->n_points; i++) {
        struct hash *h = hash_new();
        if (!h) return arena_exhausted(err);
        const status st = hash_point(k, &s->points[i], h, err);
        s->points[i].sample.key = hash_free_key(h);
        TRY(st);
    }
    return ST_OK;
}
