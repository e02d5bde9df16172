/* hardware_text.c -- the tables of the hardware page as Markdown, for reading in the
 * repository. */
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "reports/format.h"
#include "reports/hardware_page.h"

/* ---- costs ---- */

/* One row of costs at 1 x 1 .. 8 x 8; false if the unit has none. */
static bool put_cost_row(FILE *f, const struct hardware *h, const char *toolchain,
                         const char *unit, enum unit_metric m)
{
    const struct unit_cost *at[9];
    bool any = false;
    for (int b = 1; b <= 8; b++) {
        at[b] = unit_cheapest(h, toolchain, unit, b, b, m);
        any |= at[b] != NULL;
    }
    if (!any) return false;
    fprintf(f, "| %s | %s |", unit, toolchain);
    for (int b = 1; b <= 8; b++)
        fprintf(f, " %s |", format_count(at[b] ? at[b]->per_product[m] : NAN).s);
    fprintf(f, "\n");
    return true;
}

static void put_costs(FILE *f, const struct hardware *h, enum unit_metric m)
{
    if (hardware_toolchain(h, m) == NULL) return;
    fprintf(f,
            "### %s\n\n| unit | toolchain | 1x1 | 2x2 | 3x3 | 4x4 | 5x5 | 6x6 | 7x7 | "
            "8x8 |\n|---|---|---|---|---|---|---|---|---|---|\n",
            unit_metrics[m].title);
    for (int32_t t = 0; t < h->n_toolchains; t++)
        for (int32_t i = 0; i < h->n_units; i++)
            (void)put_cost_row(f, h, h->toolchains[t], h->units[i], m);
    fprintf(f, "\n");
}

/* ---- who wins: a letter for each unit ---- */

static char letter_of(const struct hardware *h, const struct unit_cost *c)
{
    for (int32_t i = 0; i < h->n_units; i++)
        if (strncmp(h->units[i], c->unit, strlen(c->unit)) == 0)
            return (char)('A' + i % 26);
    return '?';
}

static void put_letters(FILE *f, const struct hardware *h)
{
    const char *separator = "";
    for (int32_t i = 0; i < h->n_units; i++) {
        const int n = (int)strcspn(h->units[i], " "); /* variants share the letter */
        bool again = false;
        for (int32_t k = 0; k < i; k++)
            again |= strncmp(h->units[k], h->units[i], (size_t)n) == 0 &&
                     (h->units[k][n] == ' ' || h->units[k][n] == '\0');
        if (again) continue;
        fprintf(f, "%s%c %.*s", separator, 'A' + i % 26, n, h->units[i]);
        separator = ", ";
    }
    fprintf(f, "\n\n");
}

static void put_winners(FILE *f, const struct hardware *h, const char *toolchain,
                        enum unit_metric m)
{
    fprintf(f,
            "%s, toolchain %s:\n\n| weight bits by activation bits | 1 | 2 | 3 | 4 | "
            "5 | 6 | 7 | 8 |\n|---|---|---|---|---|---|---|---|---|\n",
            unit_metrics[m].title, toolchain);
    for (int32_t w = 1; w <= 8; w++) {
        fprintf(f, "| %d |", w);
        for (int32_t x = 1; x <= 8; x++) {
            const struct unit_cost *c = unit_cheapest(h, toolchain, NULL, w, x, m);
            if (c == NULL)
                fprintf(f, " \u2013 |");
            else
                fprintf(f, " %c %s |", letter_of(h, c),
                        format_count(c->per_product[m]).s);
        }
        fprintf(f, "\n");
    }
    fprintf(f, "\n");
}

/* ---- fusibility, glitches ---- */

static void put_fusibility(FILE *f, const struct hardware *h)
{
    static const enum unit_metric shown[] = {UNIT_LUT, UNIT_AREA, UNIT_ENERGY};
    fprintf(f, "## The price of fusibility\n\nCost per product in the cheapest fusible "
               "unit, as a multiple of the cheapest mac_parallel built for that "
               "precision alone.\n\n| toolchain | metric |");
    for (int i = 0; i < HARDWARE_N_FUSED; i++)
        fprintf(f, " %dx%d |", hardware_fused[i][0], hardware_fused[i][1]);
    fprintf(f, "\n|---|---|---|---|---|---|---|---|\n");
    for (int32_t t = 0; t < h->n_toolchains; t++)
        for (size_t k = 0; k < sizeof shown / sizeof *shown; k++) {
            const char *toolchain = h->toolchains[t];
            if (isnan(hardware_fusibility(h, toolchain, 8, 8, shown[k]))) continue;
            fprintf(f, "| %s | %s |", toolchain, unit_metrics[shown[k]].column);
            for (int i = 0; i < HARDWARE_N_FUSED; i++)
                fprintf(f, " %s |",
                        format_decimal(
                            hardware_fusibility(h, toolchain, hardware_fused[i][0],
                                                hardware_fused[i][1], shown[k]))
                            .s);
            fprintf(f, "\n");
        }
    fprintf(f, "\n");
}

static void put_glitches(FILE *f, const struct hardware *h)
{
    const char *toolchain = hardware_toolchain(h, UNIT_ENERGY_ZERO);
    if (toolchain == NULL) return;
    fprintf(f,
            "## What zero-delay simulation misses\n\nmac_parallel on %s.\n\n"
            "| bits | without glitches [pJ] | with glitches [pJ] | ratio |\n"
            "|---|---|---|---|\n",
            toolchain);
    for (int b = 1; b <= 8; b++) {
        const struct unit_cost *c =
            unit_cheapest(h, toolchain, "mac_parallel", b, b, UNIT_ENERGY);
        if (c == NULL) continue;
        const double with = c->per_product[UNIT_ENERGY];
        const double without = c->per_product[UNIT_ENERGY_ZERO];
        fprintf(f, "| %d | %s | %s | %s |\n", b, format_count(without).s,
                format_count(with).s, format_decimal(with / without).s);
    }
    fprintf(f, "\n");
}

/* ---- models ---- */

static status put_models(FILE *f, const struct hardware *h, struct arena *a,
                         struct err *err)
{
    fprintf(f,
            "## How far the cost models can be believed\n\nErrors on measurements "
            "that the estimating model never saw, relative to the measurement itself "
            "(`fit` takes at least 10 LUT or FF).\n\n"
            "| toolchain | module | metric | measurements | mean | largest | inside "
            "the 90 %% interval |\n|---|---|---|---|---|---|---|\n");
    for (int32_t i = 0; i < h->n_parity; i++) {
        struct parity_group *g;
        int32_t n;
        TRY(parity_groups(&h->parity[i], a, &g, &n, err));
        for (int32_t k = 0; k < n; k++)
            fprintf(f, "| %s | %s | %s | %d | %s | %s | %s |\n", g[k].toolchain,
                    g[k].module, format_metric(g[k].metric), g[k].n,
                    format_percent1(g[k].mean).s, format_percent1(g[k].max).s,
                    format_percent1((double)g[k].n_inside / g[k].n).s);
    }
    return ST_OK;
}

static status put_all(FILE *f, const struct hardware *h, struct arena *a,
                      struct err *err)
{
    fprintf(f, "# MAC units and their cost models\n\n## What a product costs\n\nSigned "
               "weights by unsigned activations, per product and cycle: a unit that "
               "needs twice the cycles counts twice. Of several builds the cheapest "
               "is shown.\n\n");
    for (int m = 0; m < UNIT_N_METRICS; m++)
        put_costs(f, h, (enum unit_metric)m);
    fprintf(f, "## When each unit wins\n\n");
    put_letters(f, h);
    for (int32_t t = 0; t < h->n_toolchains; t++) {
        const char *toolchain = h->toolchains[t];
        if (unit_cheapest(h, toolchain, NULL, 4, 4, UNIT_LUT) != NULL)
            put_winners(f, h, toolchain, UNIT_LUT);
        if (unit_cheapest(h, toolchain, NULL, 4, 4, UNIT_ENERGY) != NULL)
            put_winners(f, h, toolchain, UNIT_ENERGY);
    }
    put_fusibility(f, h);
    put_glitches(f, h);
    if (h->operands.n > 0) operand_effects_markdown(&h->operands, f);
    return put_models(f, h, a, err);
}

status hardware_text_write(const struct hardware *h, const char *path, struct arena *a,
                           struct err *err)
{
    struct file_out out;
    TRY(file_out_open(path, &out, err));
    const status st = put_all(out.f, h, a, err);
    if (st == ST_OK) return file_out_commit(&out, err);
    file_out_abort(&out);
    return st;
}
