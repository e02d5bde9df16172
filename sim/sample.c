#include "sim/sample.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/csv.h"
#include "nn/quant.h"
#include "sim/toolchain.h"

#define TEXT(name, field)                                      \
    {                                                          \
        name, "", SAMPLE_TEXT, offsetof(struct sample, field), \
            sizeof((struct sample *)0)->field                  \
    }
#define I32(name, unit)                                           \
    {                                                             \
#name, unit, SAMPLE_I32, offsetof(struct sample, name), 0 \
    }
#define I64(name, unit)                                           \
    {                                                             \
#name, unit, SAMPLE_I64, offsetof(struct sample, name), 0 \
    }
#define REAL(name, unit)                                           \
    {                                                              \
#name, unit, SAMPLE_REAL, offsetof(struct sample, name), 0 \
    }

const struct sample_column sample_columns[SAMPLE_N_COLUMNS] = {
    TEXT("key", key.hex),
    TEXT("module", module),
    TEXT("toolchain", toolchain),
    TEXT("options", options),
    TEXT("tool_version", tool_version),
    TEXT("failed", failed),
    I32(SIMD, ""),
    I32(PE, ""),
    I32(MW, ""),
    I32(MH, ""),
    I32(rows, ""),
    I32(cols, ""),
    TEXT("unit", unit),
    I32(wbits, "bit"),
    I32(abits, "bit"),
    I32(wsigned, ""),
    I32(asigned, ""),
    I32(acc_bits, "bit"),
    I32(out_bits, "bit"),
    I32(out_signed, ""),
    I32(shift, "bit"),
    I32(lanes, ""),
    I32(grouped, ""),
    I32(requant_dsp, ""),
    I32(ram_block, ""),
    TEXT("stimulus", stimulus),
    I32(op_wbits, "bit"),
    I32(op_abits, "bit"),
    I64(lut, "LUT"),
    I64(ff, "FF"),
    I64(dsp, "DSP"),
    I64(bram18, "BRAM18"),
    I64(carry, "cell"),
    I64(muxf, "cell"),
    I64(lutram, "LUT"),
    REAL(area, "um2"),
    REAL(fmax, "MHz"),
    REAL(delay, "ns"),
    REAL(energy, "pJ"),
    REAL(energy_zero, "pJ"),
    REAL(energy_clock, "pJ"),
    REAL(leakage, "nW"),
    I64(cycles, "cycle"),
    I64(n_vec, ""),
    REAL(synth_s, "s"),
    REAL(sim_s, "s"),
};

const char *const sample_modules[] = {
    "mac_parallel", "mac_packed",  "mac_serial", "mac_actserial", "mac_fusion",
    "systolic_ws",  "systolic_os", "requant",    "mvu",           NULL};

static const void *at(const struct sample *s, const struct sample_column *c)
{
    return (const char *)s + c->offset;
}

struct sample sample_empty(void)
{
    struct sample s = {.module = ""};
    for (int i = 0; i < SAMPLE_N_COLUMNS; i++) {
        const struct sample_column *c = &sample_columns[i];
        char *to = (char *)&s + c->offset;
        if (c->type == SAMPLE_I32) *(int32_t *)(void *)to = SAMPLE_NONE;
        if (c->type == SAMPLE_I64) *(int64_t *)(void *)to = SAMPLE_NONE64;
        if (c->type == SAMPLE_REAL) *(double *)(void *)to = NAN;
    }
    return s;
}

bool sample_is_none(const struct sample *s, const struct sample_column *c)
{
    switch (c->type) {
    case SAMPLE_TEXT:
        return *(const char *)at(s, c) == '\0';
    case SAMPLE_I32:
        return *(const int32_t *)at(s, c) == SAMPLE_NONE;
    case SAMPLE_I64:
        return *(const int64_t *)at(s, c) == SAMPLE_NONE64;
    case SAMPLE_REAL:
        return isnan(*(const double *)at(s, c)) != 0;
    }
    return true;
}

void sample_csv_header(FILE *f)
{
    for (int i = 0; i < SAMPLE_N_COLUMNS; i++) {
        const struct sample_column *c = &sample_columns[i];
        fprintf(f, c->unit[0] ? "%s%s[%s]" : "%s%s", i ? "," : "", c->name, c->unit);
    }
    fputc('\n', f);
}

static void put_cell(const struct sample *s, const struct sample_column *c, FILE *f)
{
    if (sample_is_none(s, c)) return;
    switch (c->type) {
    case SAMPLE_TEXT:
        csv_put(f, at(s, c));
        break;
    case SAMPLE_I32:
        fprintf(f, "%" PRId32, *(const int32_t *)at(s, c));
        break;
    case SAMPLE_I64:
        fprintf(f, "%" PRId64, *(const int64_t *)at(s, c));
        break;
    case SAMPLE_REAL:
        fprintf(f, "%.6g", *(const double *)at(s, c));
        break;
    }
}

void sample_csv_row(const struct sample *s, FILE *f)
{
    for (int i = 0; i < SAMPLE_N_COLUMNS; i++) {
        if (i) fputc(',', f);
        put_cell(s, &sample_columns[i], f);
    }
    fputc('\n', f);
}

static int32_t or_else(int32_t value, int32_t otherwise)
{
    return value == SAMPLE_NONE ? otherwise : value;
}

/* What a unit is not built for is 8 bits and signed: see rtl/mac_unit.h. */
static bool has_dsp48e2(const struct sample *s)
{
    const struct toolchain *t = toolchain_listed(s->toolchain);
    return t && t->dsp == TOOLCHAIN_DSP48E2;
}

status sample_mac_unit(const struct sample *s, struct mac_unit_config *out,
                       struct err *err)
{
    const char *name = s->unit[0] ? s->unit : s->module;
    int unit = 0;
    while (mac_unit_names[unit] && strcmp(mac_unit_names[unit], name) != 0)
        unit++;
    if (!mac_unit_names[unit])
        return err_set(err, ST_UNSUPPORTED, "%s is no MAC unit", name);
    const bool run_w = unit == MAC_SERIAL || unit == MAC_FUSION;
    const bool run_a = run_w || unit == MAC_ACTSERIAL;
    *out = (struct mac_unit_config){.unit = (enum mac_unit)unit,
                                    .SIMD = s->SIMD,
                                    .wbits = run_w ? 8 : s->wbits,
                                    .abits = run_a ? 8 : s->abits,
                                    .wsigned = run_w || s->wsigned == 1,
                                    .asigned = run_a || s->asigned == 1,
                                    .acc_bits = s->acc_bits,
                                    .lanes = or_else(s->lanes, 1),
                                    .dsp48e2 = unit == MAC_PACKED && has_dsp48e2(s),
                                    .grouped = s->grouped == 1};
    return ST_OK;
}

struct mac_precision sample_precision(const struct sample *s)
{
    return (struct mac_precision){.wbits = or_else(s->op_wbits, or_else(s->wbits, 8)),
                                  .abits = or_else(s->op_abits, or_else(s->abits, 8)),
                                  .wsigned = or_else(s->wsigned, 1) == 1,
                                  .asigned = or_else(s->asigned, 1) == 1};
}

static struct requant_config sample_requant(const struct sample *s)
{
    return (struct requant_config){.acc_bits = s->acc_bits,
                                   .out_bits = s->out_bits,
                                   .out_signed = s->out_signed,
                                   .shift = s->shift,
                                   .mul = s->requant_dsp ? RTL_MUL_DSP : RTL_MUL_LUT};
}

struct mvu_config sample_mvu(const struct sample *s)
{
    return (struct mvu_config){
        .name = "mvu",
        .MW = s->MW,
        .MH = s->MH,
        .PE = s->PE,
        .SIMD = s->SIMD,
        .n_vec = 1,
        .wbits = s->wbits,
        .abits = s->abits,
        .wsigned = s->wsigned,
        .asigned = s->asigned,
        .acc_bits = s->acc_bits,
        .out_bits = s->out_bits,
        .out_signed = s->out_signed,
        .shift = s->shift,
        .lanes = s->lanes,
        .mul = RTL_MUL_LUT,
        .requant_mul = s->requant_dsp ? RTL_MUL_DSP : RTL_MUL_LUT,
        .weight_ram = s->ram_block ? RTL_RAM_BLOCK : RTL_RAM_LUT};
}

/* A unit built for one precision must at least hold one step's sum. */
static status check_accumulator(const struct mac_unit_config *u, struct err *err)
{
    if (u->unit != MAC_PARALLEL && u->unit != MAC_PACKED) return ST_OK;
    const int32_t least =
        quant_acc_bits(u->SIMD, u->wbits, u->wsigned, u->abits, u->asigned);
    if (u->acc_bits >= least) return ST_OK;
    return err_set(err, ST_RANGE, "%s: expected acc_bits in [%d, 32], found %d",
                   mac_unit_names[u->unit], least, u->acc_bits);
}

struct systolic_config sample_array(const struct sample *s,
                                    const struct mac_unit_config *unit)
{
    const bool os = strcmp(s->module, systolic_names[SYSTOLIC_OS]) == 0;
    return (struct systolic_config){.flow = os ? SYSTOLIC_OS : SYSTOLIC_WS,
                                    .rows = s->rows,
                                    .cols = s->cols,
                                    .unit = *unit};
}

static status array_instance(const struct sample *s, const struct mac_unit_config *u,
                             struct rtl_instance *out, struct err *err)
{
    const struct systolic_config c = sample_array(s, u);
    TRY(systolic_check(&c, err));
    *out = systolic_instance(&c);
    return ST_OK;
}

status sample_instance(const struct sample *s, struct rtl_instance *out,
                       struct err *err)
{
    if (strcmp(s->module, "requant") == 0) {
        const struct requant_config r = sample_requant(s);
        TRY(requant_config_check(&r, err));
        *out = requant_instance(&r);
        return ST_OK;
    }
    if (strcmp(s->module, "mvu") == 0) {
        const struct mvu_config m = sample_mvu(s);
        TRY(mvu_config_check(&m, err));
        *out = mvu_instance(&m);
        return ST_OK;
    }
    struct mac_unit_config u;
    TRY(sample_mac_unit(s, &u, err));
    TRY(mac_unit_check(&u, err));
    TRY(check_accumulator(&u, err));
    if (s->unit[0]) return array_instance(s, &u, out, err);
    *out = mac_unit_bare(&u);
    return ST_OK;
}

const char *sample_describe(const struct sample *s, char *text, size_t size)
{
    struct rtl_instance inst;
    (void)snprintf(text, size, "%s", s->module);
    if (sample_instance(s, &inst, NULL) != ST_OK) return text;
    for (int i = 0; i < inst.n_params; i++) {
        const size_t n = strlen(text);
        (void)snprintf(text + n, size - n, " %s=%" PRId64, inst.params[i].name,
                       inst.params[i].value);
    }
    const size_t n = strlen(text);
    if (s->stimulus[0])
        (void)snprintf(text + n, size - n, " as %d x %d %s", s->op_wbits, s->op_abits,
                       s->stimulus);
    return text;
}
