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

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/yaml.h"

static const double pj_max = 1e6; /* a microjoule per bit is a mistake */

static status read_profile(const struct yaml_node *root, struct energy_profile *out,
                           struct err *err)
{
    static const char *const keys[] = {"version",
                                       "name",
                                       "source",
                                       "mul_pj_per_bit2",
                                       "mul_pj_per_bit",
                                       "add_pj_per_bit",
                                       "weight_read_pj_per_bit",
                                       "act_pj_per_bit",
                                       NULL};
    int64_t version;
    const char *name, *source;
    TRY(yaml_expect(root, YAML_MAP, err));
    TRY(yaml_check_keys(root, keys, err));
    TRY(yaml_need_int(root, "version", 1, 1, &version, err));
    TRY(yaml_need_text(root, "name", &name, err));
    TRY(yaml_need_text(root, "source", &source, err));
    snprintf(out->name, sizeof out->name, "%s", name);
    snprintf(out->source, sizeof out->source, "%s", source);
    const struct {
        const char *key;
        double *value;
    } constants[] = {{"mul_pj_per_bit2", &out->mul_pj_per_bit2},
                     {"mul_pj_per_bit", &out->mul_pj_per_bit},
                     {"add_pj_per_bit", &out->add_pj_per_bit},
                     {"weight_read_pj_per_bit", &out->weight_read_pj_per_bit},
                     {"act_pj_per_bit", &out->act_pj_per_bit}};
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++)
        TRY(yaml_need_double(root, constants[i].key, 0, pj_max, constants[i].value,
                             err));
    return ST_OK;
}

status energy_profile_load(const char *path, struct energy_profile *out,
                           struct err *err)
{
    struct yaml_doc *doc;
    *out = (struct energy_profile){.name = ""};
    TRY(yaml_open(path, &doc, err));
    const status st = read_profile(yaml_root(doc), out, err);
    yaml_close(doc);
    return st;
}

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
