/* energy.c -- energy of one layer by a named profile.
 *
 *   E = macs * E_mac(w, a)                                         arithmetic
 *     + n_vec * MW * MH * wbits * weight_read_pj_per_bit           weight memory
 *     + n_vec * (MW * NF * abits + MH * out_bits) * act_pj_per_bit activations
 *
 * Every product reads its weight once; the input vector is held for NF = MH / PE
 * folds and read in each; outputs are written once.  What a profile does not hold
 * (clock tree, wires, leakage, control, external memory) is not in the sum. */
#include "costmodel/energy.h"

#include <math.h>
#include <string.h>

#include "base/file.h"

status energy_profile_find(const char *name, struct energy_profile *out,
                           struct err *err)
{
    if (strpbrk(name, "/.")) return energy_profile_load(name, out, err);
    const char *home, *path = NULL;
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    status st = file_home_dir(a, &home, err);
    if (st == ST_OK) {
        path = arena_printf(a, "%s/configs/energy/%s.yaml", home, name);
        st = path ? energy_profile_load(path, out, err) : arena_exhausted(err);
    }
    arena_free(a);
    return st;
}

double energy_mac_pj(const struct energy_profile *p, int32_t wbits, int32_t abits,
                     int32_t acc_bits)
{
    return p->mul_pj_per_bit2 * wbits * abits +
           p->mul_pj_per_bit * (wbits + abits) / 2 + p->add_pj_per_bit * acc_bits;
}

double energy_mvu_uj(const struct energy_profile *p, const struct mvu_config *c)
{
    const double macs = (double)c->MW * c->MH;
    const double n_folds = (double)c->MH / c->PE;
    const double act_bits =
        (double)c->MW * n_folds * c->abits + (double)c->MH * c->out_bits;
    const double pj = macs * energy_mac_pj(p, c->wbits, c->abits, c->acc_bits) +
                      macs * c->wbits * p->weight_read_pj_per_bit +
                      act_bits * p->act_pj_per_bit;
    return pj * c->n_vec * 1e-6;
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

double energy_shape_pj(const struct energy_profile *p, double shape_pj, double level_pj)
{
    return p->mac.source[0] && level_pj > 0 ? p->mac.pj * shape_pj / level_pj : NAN;
}

double energy_fpga_pj(const struct energy_profile *p, const struct energy_resources *r)
{
    if (!p->fpga.source[0]) return NAN;
    return r->lut * p->fpga.lut_pj + r->ff * p->fpga.ff_pj + r->dsp * p->fpga.dsp_pj +
           r->bram18 * p->fpga.bram18_pj;
}
