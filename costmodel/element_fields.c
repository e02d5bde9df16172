/* element_fields.c -- see element_fields.h. */
#include "costmodel/element_fields.h"

enum {
    PARALLEL = 1 << ELEMENT_MAC,
    PACKED = 1 << ELEMENT_PACKED,
    SERIAL = 1 << ELEMENT_SERIAL,
    ACTSERIAL = 1 << ELEMENT_ACTSERIAL,
    FUSION = 1 << ELEMENT_FUSION,
    REQUANT = 1 << ELEMENT_REQUANT,
    MODES = SERIAL | ACTSERIAL | FUSION,
    UNITS = PARALLEL | PACKED | MODES
};

#define NUMBER(field, lo, hi, modules)                                  \
    {                                                                   \
#field, offsetof(struct element, field), false, lo, hi, modules \
    }
#define FLAG(field, modules)                                         \
    {                                                                \
#field, offsetof(struct element, field), true, 0, 1, modules \
    }

const struct element_field element_fields[] = {NUMBER(SIMD, 1, MAC_SERIAL_SIMD, UNITS),
                                               NUMBER(wbits, 1, 8, UNITS),
                                               NUMBER(abits, 1, 8, UNITS),
                                               FLAG(wsigned, UNITS),
                                               FLAG(asigned, UNITS),
                                               NUMBER(acc_bits, 2, 32, UNITS | REQUANT),
                                               NUMBER(lanes, 1, 4, PACKED),
                                               FLAG(grouped, FUSION),
                                               NUMBER(op_wbits, 0, 8, MODES),
                                               NUMBER(op_abits, 0, 8, MODES),
                                               NUMBER(out_bits, 1, 16, REQUANT),
                                               FLAG(out_signed, REQUANT),
                                               NUMBER(shift, 1, 30, REQUANT),
                                               FLAG(requant_dsp, REQUANT),
                                               {NULL, 0, false, 0, 0, 0}};

static const void *at(const struct element_field *f, const struct element *e)
{
    return (const char *)e + f->offset;
}

int32_t element_field_get(const struct element_field *f, const struct element *e)
{
    return f->is_bool ? *(const bool *)at(f, e) : *(const int32_t *)at(f, e);
}

void element_field_set(const struct element_field *f, struct element *e, int32_t v)
{
    void *field = (char *)e + f->offset;
    if (f->is_bool)
        *(bool *)field = v;
    else
        *(int32_t *)field = v;
}
