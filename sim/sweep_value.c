#include "sim/sweep_value.h"

#include <stdlib.h>
#include <string.h>

#include "nn/quant.h"

const struct sweep_parameter sweep_parameters[SWEEP_N_PARAMETERS] = {
    {"MW", SWEEP_NUMBER, SWEEP_FOR_MVU, 1, 65536, NULL, 0, 0,
     offsetof(struct sample, MW)},
    {"MH", SWEEP_NUMBER, SWEEP_FOR_MVU, 1, 65536, NULL, 0, 0,
     offsetof(struct sample, MH)},
    {"PE", SWEEP_NUMBER, SWEEP_FOR_MVU, 1, 256, NULL, 0, 0,
     offsetof(struct sample, PE)},
    {"SIMD", SWEEP_NUMBER, SWEEP_FOR_MVU | SWEEP_FOR_MAC, 1, 64, NULL, 0, 0,
     offsetof(struct sample, SIMD)},
    {"wbits", SWEEP_NUMBER, SWEEP_FOR_MVU | SWEEP_FOR_MAC, 1, 8, NULL, 0, 0,
     offsetof(struct sample, wbits)},
    {"abits", SWEEP_NUMBER, SWEEP_FOR_MVU | SWEEP_FOR_MAC, 1, 8, NULL, 0, 0,
     offsetof(struct sample, abits)},
    {"wsigned", SWEEP_BOOLEAN, SWEEP_FOR_MVU | SWEEP_FOR_MAC, 0, 1, NULL, 0, 0,
     offsetof(struct sample, wsigned)},
    {"asigned", SWEEP_BOOLEAN, SWEEP_FOR_MVU | SWEEP_FOR_MAC, 0, 1, NULL, 0, 0,
     offsetof(struct sample, asigned)},
    {"acc_bits", SWEEP_NUMBER, SWEEP_FOR_MVU | SWEEP_FOR_MAC | SWEEP_FOR_REQUANT, 2, 32,
     "min", 1, SWEEP_FOR_MVU | SWEEP_FOR_MAC, offsetof(struct sample, acc_bits)},
    {"out_bits", SWEEP_NUMBER, SWEEP_FOR_MVU | SWEEP_FOR_REQUANT, 1, 16, NULL, 0, 0,
     offsetof(struct sample, out_bits)},
    {"out_signed", SWEEP_BOOLEAN, SWEEP_FOR_MVU | SWEEP_FOR_REQUANT, 0, 1, NULL, 0, 0,
     offsetof(struct sample, out_signed)},
    {"shift", SWEEP_NUMBER, SWEEP_FOR_MVU | SWEEP_FOR_REQUANT, 1, 30, "max", -1,
     SWEEP_FOR_MVU | SWEEP_FOR_REQUANT, offsetof(struct sample, shift)},
    [SWEEP_LANES] = {"lanes", SWEEP_NUMBER, SWEEP_FOR_MVU, 1, 256, "min", 0,
                     SWEEP_FOR_MVU, offsetof(struct sample, lanes)},
    {"requant_mul", SWEEP_MUL, SWEEP_FOR_MVU | SWEEP_FOR_REQUANT, 0, 1, NULL, 0, 0,
     offsetof(struct sample, requant_dsp)},
    {"weight_ram", SWEEP_RAM, SWEEP_FOR_MVU, 0, 1, NULL, 0, 0,
     offsetof(struct sample, ram_block)},
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

static status read_value(const struct yaml_node *n, const struct sweep_parameter *p,
                         int module, int32_t *out, struct err *err)
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
    case SWEEP_NUMBER:
        break;
    }
    if (p->word && p->word_modules & 1 << module) {
        TRY(yaml_text(n, &text, err));
        if (strncmp(text, p->word, strlen(p->word)) == 0)
            return read_word(n, p, text, out, err);
    }
    TRY(yaml_int(n, p->lo, p->hi, &number, err));
    *out = (int32_t)number;
    return ST_OK;
}

status sweep_axis_read(const struct yaml_node *n, int i_parameter, int module,
                       struct sweep_axis *axis, struct err *err)
{
    const struct sweep_parameter *p = &sweep_parameters[i_parameter];
    axis->n = 0;
    if (yaml_kind_of(n) != YAML_SEQ) {
        axis->n = 1;
        return read_value(n, p, module, &axis->values[0], err);
    }
    if (yaml_size(n) == 0 || yaml_size(n) > SWEEP_MAX_VALUES)
        return yaml_fail(n, ST_RANGE, err, "expected 1 to %d values of %s, found %zu",
                         SWEEP_MAX_VALUES, p->name, yaml_size(n));
    for (size_t i = 0; i < yaml_size(n); i++)
        TRY(read_value(yaml_item(n, i), p, module, &axis->values[axis->n++], err));
    return ST_OK;
}

int32_t *sweep_field(struct sample *s, const struct sweep_parameter *p)
{
    return (int32_t *)(void *)((char *)s + p->offset);
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
    if (s->lanes >= SWEEP_WORD / 2) s->lanes = mvu_lanes(s->PE, s->MW / s->SIMD);
}
