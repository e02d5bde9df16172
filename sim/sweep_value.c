#include "sim/sweep_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/quant.h"
#include "rtl/mac_unit.h"
#include "rtl/systolic.h"
#include "sim/sweep_operands.h"

#define AT(field) offsetof(struct sample, field)
enum {
    WIDTHS = SWEEP_BUILT | SWEEP_MVU,
    ACCS = SWEEP_UNITS | SWEEP_REQUANT | SWEEP_MVU,
    OUTS = SWEEP_REQUANT | SWEEP_MVU,
};

const struct sweep_parameter sweep_parameters[SWEEP_N_PARAMETERS] = {
    {"unit", SWEEP_UNIT, SWEEP_ARRAYS, 0, 0, 0, NULL, 0, 0, AT(unit)},
    {"rows", SWEEP_NUMBER, SWEEP_ARRAYS, 0, 1, SYSTOLIC_MAX_SIDE, NULL, 0, 0, AT(rows)},
    {"cols", SWEEP_NUMBER, SWEEP_ARRAYS, 0, 1, SYSTOLIC_MAX_SIDE, NULL, 0, 0, AT(cols)},
    {"MW", SWEEP_NUMBER, SWEEP_MVU, 0, 1, 65536, NULL, 0, 0, AT(MW)},
    {"MH", SWEEP_NUMBER, SWEEP_MVU, 0, 1, 65536, NULL, 0, 0, AT(MH)},
    {"PE", SWEEP_NUMBER, SWEEP_MVU, 0, 1, 256, NULL, 0, 0, AT(PE)},
    /* The most that any unit has; each one's own limit is checked with the instance. */
    {"SIMD", SWEEP_NUMBER, SWEEP_UNITS | SWEEP_MVU, 0, 1, MAC_SERIAL_SIMD, NULL, 0, 0,
     AT(SIMD)},
    {"wbits", SWEEP_NUMBER, WIDTHS | SWEEP_ACTSERIAL, 0, 1, 8, NULL, 0, 0, AT(wbits)},
    {"abits", SWEEP_NUMBER, WIDTHS, 0, 1, 8, NULL, 0, 0, AT(abits)},
    {"wsigned", SWEEP_BOOLEAN, WIDTHS | SWEEP_ACTSERIAL, SWEEP_SERIAL | SWEEP_FUSION, 0,
     1, NULL, 0, 0, AT(wsigned)},
    {"asigned", SWEEP_BOOLEAN, WIDTHS, SWEEP_RUN, 0, 1, NULL, 0, 0, AT(asigned)},
    {"acc_bits", SWEEP_NUMBER, ACCS, 0, 2, 32, "min", 1, WIDTHS, AT(acc_bits)},
    {"out_bits", SWEEP_NUMBER, OUTS, 0, 1, 16, NULL, 0, 0, AT(out_bits)},
    {"out_signed", SWEEP_BOOLEAN, OUTS, 0, 0, 1, NULL, 0, 0, AT(out_signed)},
    {"shift", SWEEP_NUMBER, OUTS, 0, 1, 30, "max", -1, OUTS, AT(shift)},
    {"lanes", SWEEP_NUMBER, SWEEP_PACKED, SWEEP_MVU, 1, 256, "min", 0, SWEEP_MVU,
     AT(lanes)},
    {"grouped", SWEEP_BOOLEAN, SWEEP_FUSION, 0, 0, 1, NULL, 0, 0, AT(grouped)},
    {"requant_mul", SWEEP_MUL, OUTS, 0, 0, 1, NULL, 0, 0, AT(requant_dsp)},
    {"weight_ram", SWEEP_RAM, SWEEP_MVU, 0, 0, 1, NULL, 0, 0, AT(ram_block)},
    {"op_wbits", SWEEP_NUMBER, 0, SWEEP_SERIAL | SWEEP_FUSION, 1, 8, NULL, 0, 0,
     AT(op_wbits)},
    {"op_abits", SWEEP_NUMBER, 0, SWEEP_RUN, 1, 8, NULL, 0, 0, AT(op_abits)},
    {"stimulus", SWEEP_STIMULUS, 0, SWEEP_UNITS, 0, 0, NULL, 0, 0, AT(stimulus)},
};

static status read_word(const struct yaml_node *n, const struct sweep_parameter *p,
                        const char *text, int32_t *out, struct err *err)
{
    const size_t len = strlen(p->word);
    const char *rest = text + len;
    *out = SWEEP_WORD;
    if (*rest == '\0') return ST_OK;
    char *end = NULL;
    const long by = p->sign ? strtol(rest, &end, 10) : 0;
    if (end && *end == '\0' && by * p->sign > 0 && by * p->sign < 32) {
        *out = SWEEP_WORD + (int32_t)by;
        return ST_OK;
    }
    return yaml_fail(n, ST_PARSE, err, "expected %s%s, found %s", p->word,
                     p->sign > 0   ? " or min+N"
                     : p->sign < 0 ? " or max-N"
                                   : "",
                     text);
}

static status read_stimulus(const struct yaml_node *n, const char **out,
                            struct err *err)
{
    const size_t room = sizeof((struct sample *)0)->stimulus;
    TRY(yaml_text(n, out, err));
    if (strcmp(*out, "uniform") == 0 || strcmp(*out, "gauss") == 0) return ST_OK;
    if (strncmp(*out, SWEEP_LAYER, strlen(SWEEP_LAYER)) != 0)
        return yaml_fail(n, ST_PARSE, err,
                         "expected one of uniform, gauss, " SWEEP_LAYER
                         "NETWORK/LAYER, found %s",
                         *out);
    if (strlen(*out) >= room)
        return yaml_fail(n, ST_RANGE, err, "expected at most %zu characters, found %zu",
                         room - 1, strlen(*out));
    return ST_OK;
}

/* Of all kinds but stimuli. */
static status read_value(const struct yaml_node *n, const struct sweep_parameter *p,
                         int modules, int32_t *out, struct err *err)
{
    bool flag = false;
    int word = 0;
    int64_t number = 0;
    const char *text = NULL;
    switch (p->kind) {
    case SWEEP_BOOLEAN:
        TRY(yaml_bool(n, &flag, err));
        *out = flag;
        return ST_OK;
    case SWEEP_MUL:
        TRY(yaml_enum(n, rtl_mul_names, &word, err));
        *out = word;
        return ST_OK;
    case SWEEP_RAM:
        TRY(yaml_enum(n, rtl_ram_names, &word, err));
        *out = word;
        return ST_OK;
    case SWEEP_UNIT:
        TRY(yaml_enum(n, mac_unit_names, &word, err));
        *out = word;
        return ST_OK;
    case SWEEP_STIMULUS:
    case SWEEP_NUMBER:
        break;
    }
    if (p->word && p->word_modules & modules) {
        TRY(yaml_text(n, &text, err));
        if (strncmp(text, p->word, strlen(p->word)) == 0)
            return read_word(n, p, text, out, err);
    }
    TRY(yaml_int(n, p->lo, p->hi, &number, err));
    *out = (int32_t)number;
    return ST_OK;
}

static status read_item(const struct yaml_node *n, const struct sweep_parameter *p,
                        int modules, struct sweep_axis *axis, struct err *err)
{
    const int i = axis->n++;
    if (p->kind == SWEEP_STIMULUS) return read_stimulus(n, &axis->texts[i], err);
    return read_value(n, p, modules, &axis->values[i], err);
}

status sweep_axis_read(const struct yaml_node *n, int i_parameter, int modules,
                       struct sweep_axis *axis, struct err *err)
{
    const struct sweep_parameter *p = &sweep_parameters[i_parameter];
    axis->n = 0;
    if (yaml_kind_of(n) != YAML_SEQ) return read_item(n, p, modules, axis, err);
    if (yaml_size(n) == 0 || yaml_size(n) > SWEEP_MAX_VALUES)
        return yaml_fail(n, ST_RANGE, err, "expected 1 to %d values of %s, found %zu",
                         SWEEP_MAX_VALUES, p->name, yaml_size(n));
    for (size_t i = 0; i < yaml_size(n); i++)
        TRY(read_item(yaml_item(n, i), p, modules, axis, err));
    return ST_OK;
}

void sweep_set(struct sample *s, const struct sweep_parameter *p,
               const struct sweep_axis *axis, int i)
{
    char *field = (char *)s + p->offset;
    const int32_t value = axis->values[i];
    if (p->kind == SWEEP_UNIT)
        (void)snprintf(s->unit, sizeof s->unit, "%s", mac_unit_names[value]);
    else if (p->kind == SWEEP_STIMULUS)
        (void)snprintf(s->stimulus, sizeof s->stimulus, "%s", axis->texts[i]);
    else
        *(int32_t *)(void *)field = value;
}

void sweep_resolve(struct sample *s)
{
    if (s->acc_bits >= SWEEP_WORD / 2) {
        const int32_t n = s->MW != SAMPLE_NONE ? s->MW : s->SIMD;
        s->acc_bits +=
            quant_acc_bits(n, s->wbits, s->wsigned, s->abits, s->asigned) - SWEEP_WORD;
    }
    if (s->shift >= SWEEP_WORD / 2) {
        const int32_t top = s->acc_bits + 16 - s->out_bits;
        s->shift += (top < REQUANT_MAX_SHIFT ? top : REQUANT_MAX_SHIFT) - SWEEP_WORD;
    }
    if (s->lanes >= SWEEP_WORD / 2 || (s->lanes == SAMPLE_NONE && s->MW != SAMPLE_NONE))
        s->lanes = mvu_lanes(s->PE, s->MW / s->SIMD);
}
