#include "reports/operands.h"

#include <math.h>
#include <string.h>

#include "reports/html.h"

struct columns {
    int32_t module, toolchain, SIMD, op_wbits, op_abits, stimulus, energy;
};

static status find_columns(const struct csv *c, struct columns *out, struct err *err)
{
    const struct {
        const char *name;
        int32_t *column;
    } needed[] = {
        {"module", &out->module},     {"toolchain", &out->toolchain},
        {"SIMD", &out->SIMD},         {"op_wbits", &out->op_wbits},
        {"op_abits", &out->op_abits}, {"stimulus", &out->stimulus},
        {"energy", &out->energy},
    };
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        TRY(csv_need_column(c, needed[i].name, needed[i].column, err));
    return ST_OK;
}

static bool same(const struct operand_effect *x, const struct operand_effect *y)
{
    return strcmp(x->toolchain, y->toolchain) == 0 && strcmp(x->unit, y->unit) == 0 &&
           x->SIMD == y->SIMD && x->wbits == y->wbits && x->abits == y->abits;
}

static status read_key(const struct csv *c, size_t row, const struct columns *at,
                       struct operand_effect *out, struct err *err)
{
    int64_t SIMD, w, x;
    TRY(csv_int(c, row, at->SIMD, 1, 256, &SIMD, err));
    TRY(csv_int(c, row, at->op_wbits, 1, 8, &w, err));
    TRY(csv_int(c, row, at->op_abits, 1, 8, &x, err));
    *out = (struct operand_effect){.toolchain = csv_cell(c, row, at->toolchain),
                                   .unit = csv_cell(c, row, at->module),
                                   .SIMD = (int32_t)SIMD,
                                   .wbits = (int32_t)w,
                                   .abits = (int32_t)x,
                                   .uniform = NAN,
                                   .gauss = NAN,
                                   .least = NAN,
                                   .largest = NAN};
    return ST_OK;
}

static struct operand_effect *find(struct operand_effects *e,
                                   const struct operand_effect *key)
{
    for (int32_t i = 0; i < e->n; i++)
        if (same(&e->rows[i], key)) return &e->rows[i];
    e->rows[e->n] = *key;
    return &e->rows[e->n++];
}

static void add(struct operand_effect *r, const char *stimulus, double pj)
{
    if (strcmp(stimulus, "uniform") == 0) {
        r->uniform = pj;
    } else if (strcmp(stimulus, "gauss") == 0) {
        r->gauss = pj;
    } else {
        if (!(pj >= r->least)) r->least = pj;
        if (!(pj <= r->largest)) r->largest = pj;
        r->sum += pj;
        r->n_layers++;
    }
}

static status read_rows(const struct csv *c, const struct columns *at,
                        struct operand_effects *out, struct err *err)
{
    for (size_t row = 0; row < c->n_rows; row++) {
        const char *stimulus = csv_cell(c, row, at->stimulus);
        struct operand_effect key;
        double pj;
        if (!stimulus[0] || !csv_cell(c, row, at->energy)[0]) continue;
        TRY(csv_double(c, row, at->energy, &pj, err));
        TRY(read_key(c, row, at, &key, err));
        add(find(out, &key), stimulus, pj);
    }
    for (int32_t i = 0; i < out->n; i++)
        if (!(out->rows[i].uniform > 0))
            return err_set(
                err, ST_RANGE,
                "%s: expected an energy of uniform operands of %s at %d x %d "
                "bits, found none",
                c->path, out->rows[i].unit, out->rows[i].wbits, out->rows[i].abits);
    if (out->n > 0) return ST_OK;
    return err_set(err, ST_RANGE,
                   "%s: expected rows with a stimulus and an energy, "
                   "found none",
                   c->path);
}

status operand_effects_load(const char *path, struct arena *a,
                            struct report_files *files, struct operand_effects *out,
                            struct err *err)
{
    struct csv c;
    struct columns at;
    struct report_file *file;
    *out = (struct operand_effects){.n = 0};
    TRY(report_source_add(files, "operands", path, a, &file, err));
    TRY(csv_load(path, a, &c, err));
    TRY(report_source_csv(file, c.preamble, a, err));
    TRY(find_columns(&c, &at, err));
    out->rows = ARENA_NEW(a, struct operand_effect, c.n_rows + 1);
    if (out->rows == NULL) return arena_exhausted(err);
    return read_rows(&c, &at, out, err);
}

/* ---- tables ---- */

struct cell {
    char s[24];
};

/* Times the energy of uniform operands; a dash where there is none. */
static struct cell against(const struct operand_effect *r, double pj)
{
    struct cell c = {"-"};
    if (!isnan(pj)) (void)snprintf(c.s, sizeof c.s, "%.2f", pj / r->uniform);
    return c;
}

static double mean(const struct operand_effect *r)
{
    return r->n_layers > 0 ? r->sum / r->n_layers : NAN;
}

void operand_effects_markdown(const struct operand_effects *e, FILE *f)
{
    fprintf(f, "## What real operands change\n\nEnergy per product with uniform "
               "operands, and times that with bell-shaped ones and with those of a "
               "network's layers.\n\n"
               "| unit | toolchain | SIMD | W x A | uniform, pJ | gauss | layers | "
               "least | mean | largest |\n"
               "|---|---|---|---|---|---|---|---|---|---|\n");
    for (int32_t i = 0; i < e->n; i++) {
        const struct operand_effect *r = &e->rows[i];
        fprintf(f, "| %s | %s | %d | %d x %d | %.3g | %s | %d | %s | %s | %s |\n",
                r->unit, r->toolchain, r->SIMD, r->wbits, r->abits, r->uniform,
                against(r, r->gauss).s, r->n_layers, against(r, r->least).s,
                against(r, mean(r)).s, against(r, r->largest).s);
    }
    fprintf(f, "\n");
}

void operand_effects_html(const struct operand_effects *e, FILE *f)
{
    html_put(f,
             "<div class=\"scroll\"><table><thead><tr><th>unit</th><th "
             "class=\"text\">toolchain</th>"
             "<th>SIMD</th><th>W \u00d7 A</th><th>uniform, pJ</th><th>gauss</th>"
             "<th>layers</th><th>least</th><th>mean</th><th>largest</th></tr></thead>"
             "<tbody>\n");
    for (int32_t i = 0; i < e->n; i++) {
        const struct operand_effect *r = &e->rows[i];
        char uniform[24], size[4][12];
        const int32_t sizes[4] = {r->SIMD, r->wbits, r->abits, r->n_layers};
        (void)snprintf(uniform, sizeof uniform, "%.3g", r->uniform);
        for (int k = 0; k < 4; k++)
            (void)snprintf(size[k], sizeof size[k], "%d", sizes[k]);
        html_put(f,
                 "<tr><td>%s</td><td class=\"text\">%s</td><td>%s</td><td>%s \u00d7 "
                 "%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td>"
                 "<td>%s</td></tr>\n",
                 r->unit, r->toolchain, size[0], size[1], size[2], uniform,
                 against(r, r->gauss).s, size[3], against(r, r->least).s,
                 against(r, mean(r)).s, against(r, r->largest).s);
    }
    html_put(f, "</tbody></table></div>\n");
}
