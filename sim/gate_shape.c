/* Found by trying: a library has some dozens of cells with at most 24 orders of inputs
 * and 128 settings of masks each. */
#include "sim/gate_shape.h"

#include <stdbool.h>

static bool mask(const struct gate_shape *s, enum gate_mask m)
{
    return (s->masks >> m & 1) != 0;
}

/* Value of a shape at row i of the table. */
static bool value(const struct gate_shape *s, unsigned i)
{
    bool x[4];
    for (int k = 0; k < 4; k++)
        x[k] = (i >> s->input[k] & 1) != 0;
    const bool x0 = x[0] ^ mask(s, GATE_M0), x1 = x[1] ^ mask(s, GATE_M1);
    const bool x2 = x[2] ^ mask(s, GATE_M2), x3 = x[3] ^ mask(s, GATE_M3);
    const bool and01 = (x0 && x1) ^ mask(s, GATE_MT);
    bool y = false;
    switch (s->kind) {
    case GATE_COPY:
        y = x[0];
        break;
    case GATE_AND2:
        y = x0 && x1;
        break;
    case GATE_XOR2:
        y = x[0] ^ x[1];
        break;
    case GATE_AO21:
        y = and01 && x2;
        break;
    case GATE_MUX:
        y = x[2] ? x0 : x1;
        break;
    case GATE_AO22:
        y = and01 && ((x2 && x3) ^ mask(s, GATE_MU));
        break;
    case GATE_TABLE:
        break;
    }
    return y ^ mask(s, GATE_MO);
}

static bool fits(const struct gate_shape *s, int n_inputs)
{
    for (unsigned i = 0; i < 1u << n_inputs; i++)
        if (value(s, i) != ((s->truth >> i & 1) != 0)) return false;
    return true;
}

/* Next order of the n inputs, as in a count with n digits that are all different. */
static bool next_order(uint8_t *input, int n)
{
    for (;;) {
        int k = 0;
        while (k < n && ++input[k] == n)
            input[k++] = 0;
        if (k == n) return false;
        unsigned seen = 0;
        for (int i = 0; i < n; i++)
            seen |= 1u << input[i];
        if (seen == (1u << n) - 1) return true;
    }
}

static bool find_masks(struct gate_shape *s, int n_inputs, unsigned used)
{
    for (unsigned m = 0; m < 1u << (GATE_MO + 1); m++) {
        if (m & ~used) continue;
        s->masks = (uint8_t)m;
        if (fits(s, n_inputs)) return true;
    }
    return false;
}

struct gate_shape gate_shape_find(uint64_t truth, int n_inputs)
{
    static const struct {
        enum gate_kind kind;
        int n_inputs;
        unsigned masks; /* that the shape has */
    } shapes[] = {{GATE_COPY, 1, 1u << GATE_MO}, {GATE_XOR2, 2, 1u << GATE_MO},
                  {GATE_AND2, 2, 0x43},          {GATE_AO21, 3, 0x57},
                  {GATE_MUX, 3, 0x43},           {GATE_AO22, 4, 0x7F}};
    for (unsigned i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        if (shapes[i].n_inputs != n_inputs) continue;
        struct gate_shape s = {.kind = shapes[i].kind, .truth = truth};
        for (int k = 0; k < n_inputs; k++)
            s.input[k] = (uint8_t)k;
        do {
            if (find_masks(&s, n_inputs, shapes[i].masks)) return s;
        } while (next_order(s.input, n_inputs));
    }
    return (struct gate_shape){
        .kind = GATE_TABLE, .input = {0, 1, 2, 3, 4, 5}, .truth = truth};
}
