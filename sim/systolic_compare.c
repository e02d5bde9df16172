/* systolic_compare.c -- what a matrix product should be, and where it is not. */
#include <inttypes.h>

#include "nn/quant.h"
#include "sim/systolic_run.h"

void systolic_reference(const struct systolic_job *j, int32_t *out)
{
    const struct systolic_shape *s = &j->s;
    const struct mac_precision *p = &s->p;
    for (int64_t m = 0; m < s->M; m++)
        for (int64_t n = 0; n < s->N; n++) {
            int32_t sum = 0;
            for (int64_t k = 0; k < s->K; k++)
                sum += quant_decode(j->a[m * s->K + k], p->abits, p->asigned) *
                       quant_decode(j->w[n * s->K + k], p->wbits, p->wsigned);
            out[m * s->N + n] = sum;
        }
}

status systolic_compare(const struct systolic_config *c, const struct systolic_job *j,
                        const int32_t *got, const int32_t *want, struct err *err)
{
    const struct systolic_shape *s = &j->s;
    int64_t n_wrong = 0, first = 0;
    for (int64_t i = s->M * s->N - 1; i >= 0; i--)
        if (got[i] != want[i]) {
            n_wrong++;
            first = i;
        }
    if (n_wrong == 0) return ST_OK;
    return err_set(err, ST_MISMATCH,
                   "%s of %s, %d x %d bits: %" PRId64 " of %" PRId64
                   " results differ; first at row %" PRId64 ", column %" PRId64
                   ": expected %d, found %d",
                   systolic_names[c->flow], mac_unit_names[c->unit.unit], s->p.wbits,
                   s->p.abits, n_wrong, s->M * s->N, first / s->N, first % s->N,
                   want[first], got[first]);
}
