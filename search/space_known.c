/* space_known.c -- leaves out the candidates that the cost model does not price.
 *
 * A method chooses weights and activations of a layer apart, so every pair of what is
 * left must have a cost: bits go, the one without most of its pairs first, until all
 * remaining pairs are priced. */
#include "search/space.h"

/* Share of the pairs of bit b on one side that have no cost. */
static double unknown_share(const struct space *s, int32_t i, bool weights, int b)
{
    const uint32_t other = weights ? s->a_mask[i] : s->w_mask[i];
    int n = 0;
    for (int k = 1; k <= 8; k++)
        if (other >> k & 1u)
            n += !(weights ? s->cell[i][b][k] : s->cell[i][k][b]).known;
    return (double)n / mask_count(other);
}

/* True if a bit went; false if every pair is priced. */
static bool drop_worst(struct space *s, int32_t i)
{
    double worst = 0;
    bool weights = false;
    int bit = 0;
    for (int side = 0; side < 2; side++)
        for (int b = 1; b <= 8; b++) {
            const uint32_t mask = side == 0 ? s->w_mask[i] : s->a_mask[i];
            const double share = mask >> b & 1u ? unknown_share(s, i, side == 0, b) : 0;
            if (share <= worst) continue;
            worst = share;
            weights = side == 0;
            bit = b;
        }
    if (!bit) return false;
    uint32_t *mask = weights ? &s->w_mask[i] : &s->a_mask[i];
    *mask &= ~(1u << bit);
    *(weights ? &s->w_unpriced : &s->a_unpriced) |= 1u << bit;
    return true;
}

/* Layers that share a precision keep what all of them can have. */
static void tie(struct space *s)
{
    for (int side = 0; side < 2; side++) {
        uint32_t *mask = side == 0 ? s->w_mask : s->a_mask;
        for (int32_t i = 0; i < s->n_layers; i++)
            mask[space_leader(s, i)] &= mask[i];
        for (int32_t i = 0; i < s->n_layers; i++)
            mask[i] = mask[space_leader(s, i)];
    }
    for (int32_t i = 0; i < s->n_layers; i++)
        if (space_same_bits(s, i)) s->w_mask[i] = s->a_mask[i] &= s->w_mask[i];
}

status space_keep_priced(struct space *s, const struct err *first, struct err *err)
{
    for (int32_t i = 0; i < s->n_layers; i++) {
        while (s->w_mask[i] && s->a_mask[i] && drop_worst(s, i))
            continue;
    }
    if (s->w_unpriced | s->a_unpriced) tie(s);
    for (int32_t i = 0; i < s->n_layers; i++) {
        if (!s->w_mask[i] || !s->a_mask[i])
            return err_set(err, first->code, "%s", first->msg);
    }
    s->unpriced_why = *first;
    return ST_OK;
}
