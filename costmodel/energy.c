/* energy.c -- energy of one layer, per image.
 *
 *   E = macs * E_mac(w, a)                                         arithmetic
 *     + n_vec * MW * MH * wbits * pJ per bit                       weight memory
 *     + n_vec * (MW * NF * abits + MH * out_bits) * pJ per bit     activations
 *     + MW * MH * wbits * pJ per bit of DRAM                       where they live
 * there
 *
 * Every product reads its weight once; the input vector is held for NF = MH / PE
 * folds and read in each; outputs are written once.  What neither profile nor shape
 * holds (clock tree, wires, leakage, control) is not in the sum.
 *
 * On an FPGA: E = cycles * (LUT * pJ + FF * pJ + DSP * pJ + BRAM18 * pJ) + DRAM, since
 * a unit of the dataflow style has all of its blocks at work in every cycle of its
 * fold. */
#include "costmodel/energy.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"

const char *const energy_part_names[] = {"macs", "weights", "activations", "dram",
                                         NULL};

status energy_profile_find(const char *name, struct arena *a, const char **path,
                           struct err *err)
{
    const char *home;
    if (strpbrk(name, "/.")) {
        *path = arena_strdup(a, name);
    } else {
        TRY(file_home_dir(a, &home, err));
        *path = arena_printf(a, "%s/configs/energy/%s.yaml", home, name);
    }
    return *path ? ST_OK : arena_exhausted(err);
}

double energy_mac_pj(const struct energy_profile *p, int32_t wbits, int32_t abits,
                     int32_t acc_bits)
{
    return p->mul_pj_per_bit2 * wbits * abits +
           p->mul_pj_per_bit * (wbits + abits) / 2 + p->add_pj_per_bit * acc_bits;
}

/* pJ per bit of a memory that holds `bytes`. */
static double sized_pj(const struct energy_profile *p, double bytes, double constant)
{
    const double sized = energy_sram_pj_per_bit(p, bytes);
    return isnan(sized) ? constant : sized;
}

/* One product, as the level that answers says: [pJ], its interval from -below to
 * +above. */
struct mac_energy {
    double pj, below, above;
    enum cost_level level;
};

static status shape_mac(const struct energy_source *s, const struct mvu_config *c,
                        struct mac_energy *out, const char **outside, struct err *err)
{
    const struct mac_config mac = mvu_mac(c);
    const struct element e = element_of_mac(&mac);
    struct cost_value v;
    const char *beyond;
    TRY(cost_element(s->shape, s->toolchain, &e, ELEMENT_ENERGY, &v, &beyond, err));
    if (beyond) *outside = beyond;
    *out = (struct mac_energy){s->scale * v.value, s->scale * (v.value - v.lo),
                               s->scale * (v.hi - v.value), v.level};
    return ST_OK;
}

/* [uJ] per image from pJ per cycle. */
static void fpga_mvu(const struct energy_profile *p, const struct cost_estimate *costs,
                     double parts[ENERGY_N_PARTS], struct cost_value *total)
{
    const struct cost_value *m = costs->metric, *lut = &m[COST_LUT];
    const double uj = 1e-6 * m[COST_CYCLES].value;
    const struct energy_resources fabric = {
        .lut = lut->value, .ff = m[COST_FF].value, .dsp = m[COST_DSP].value};
    const struct energy_resources rams = {.bram18 = m[COST_BRAM18].value};
    parts[ENERGY_MACS] = uj * energy_fpga_pj(p, &fabric);
    parts[ENERGY_WEIGHTS] = uj * energy_fpga_pj(p, &rams);
    parts[ENERGY_ACTIVATIONS] = 0; /* in the fabric's */
    total->value = parts[ENERGY_MACS] + parts[ENERGY_WEIGHTS];
    total->lo = total->value - uj * p->fpga.lut_pj * (lut->value - lut->lo);
    total->hi = total->value + uj * p->fpga.lut_pj * (lut->hi - lut->value);
    total->level = COST_LEVEL_PROFILE;
}

static void add_dram(const struct energy_source *s, double weight_bits,
                     double parts[ENERGY_N_PARTS], struct cost_value *total)
{
    parts[ENERGY_DRAM] =
        s->weights_in_dram ? 1e-6 * weight_bits * s->profile->dram.pj_per_bit : 0;
    total->value += parts[ENERGY_DRAM];
    total->lo += parts[ENERGY_DRAM];
    total->hi += parts[ENERGY_DRAM];
}

status energy_mvu(const struct energy_source *s, const struct mvu_config *c,
                  const struct cost_estimate *costs, double parts[ENERGY_N_PARTS],
                  struct cost_value *total, const char **outside, struct err *err)
{
    if (energy_of_fpga(s->profile)) {
        fpga_mvu(s->profile, costs, parts, total);
        add_dram(s, (double)c->MW * c->MH * c->wbits, parts, total);
        return ST_OK;
    }
    const struct energy_profile *p = s->profile;
    const double weights = (double)c->MW * c->MH, weight_bits = weights * c->wbits;
    const double n_folds = (double)c->MH / c->PE;
    const double uj = 1e-6 * c->n_vec; /* per vector and image, from pJ */
    const double act_bits = c->MW * n_folds * c->abits + (double)c->MH * c->out_bits;
    double weight_pj = p->weight_read_pj_per_bit, act_pj = p->act_pj_per_bit;
    struct mac_energy mac = {0, 0, 0, COST_LEVEL_PROFILE};
    if (s->shape) {
        TRY(shape_mac(s, c, &mac, outside, err));
        weight_pj = sized_pj(p, weight_bits / 8, weight_pj);
        act_pj = sized_pj(p, (double)c->MW * c->abits / 8, act_pj);
    } else {
        mac.pj = energy_mac_pj(p, c->wbits, c->abits, c->acc_bits);
    }
    parts[ENERGY_MACS] = uj * weights * mac.pj;
    parts[ENERGY_WEIGHTS] = uj * weight_bits * weight_pj;
    parts[ENERGY_ACTIVATIONS] = uj * act_bits * act_pj;
    const double sum =
        parts[ENERGY_MACS] + parts[ENERGY_WEIGHTS] + parts[ENERGY_ACTIVATIONS];
    total->value = sum;
    total->lo = sum - uj * weights * mac.below;
    total->hi = sum + uj * weights * mac.above;
    total->level = mac.level;
    add_dram(s, weight_bits, parts, total);
    return ST_OK;
}

double energy_sram_pj_per_bit(const struct energy_profile *p, double bytes)
{
    const double *x = p->sram.bytes, *y = p->sram.pj_per_bit;
    const int32_t n = p->sram.n;
    if (n == 0 || bytes < x[0] || bytes > x[n - 1]) return NAN;
    int32_t i = 0;
    while (i < n - 1 && bytes > x[i + 1])
        i++;
    if (bytes == x[i]) return y[i];
    const double at = log(bytes / x[i]) / log(x[i + 1] / x[i]);
    return y[i] * pow(y[i + 1] / y[i], at);
}

double energy_dram_pj_per_bit(const struct energy_profile *p)
{
    return p->dram.source[0] ? p->dram.pj_per_bit : NAN;
}

bool energy_of_fpga(const struct energy_profile *p)
{
    return p->fpga.source[0] != '\0';
}

double energy_fpga_pj(const struct energy_profile *p, const struct energy_resources *r)
{
    if (!p->fpga.source[0]) return NAN;
    return r->lut * p->fpga.lut_pj + r->ff * p->fpga.ff_pj + r->dsp * p->fpga.dsp_pj +
           r->bram18 * p->fpga.bram18_pj;
}
