/* layer_table.h -- the cost model of hardware that is known only by what each layer
 * of a network was measured to cost at some precisions: a latency table.
 *
 *   value(layer, W, A)  measured, or from the layer's formula, one of
 *     roofline  max(alpha W A, beta A, gamma W)        compute, activation and weight
 *                                                      traffic overlap
 *     sum       alpha W A + beta A + gamma W + delta   they do not
 *
 * with non-negative coefficients fitted to the layer's own points by relative least
 * squares.  The form is the one with the smaller held-out error over all layers, each
 * point predicted from the others of its layer.  Predictions carry the split-conformal
 * 90 % interval of those held-out errors (costmodel/fit.h).
 *
 * In: CSV with the columns layer, wbits, abits and one column per metric, whatever its
 * name, that says its unit: `value[us]`.  An empty cell is a point not measured.  Or a
 * .npy of shape (layers, 8, 8), index [layer][wbits - 1][abits - 1], as HAQ reads it;
 * NaN is a point not measured; layers are named after those of a network.
 *
 * File (version 1):
 *   version: 1
 *   kind: layer_table
 *   provenance: ...
 *   metrics:
 *   - {metric: latency_us, form: roofline, held_out: {n, mean, median, max,
 *      half_width, coverage}}           held_out absent where no layer has a formula
 *   layers:
 *   - name: conv1
 *     latency_us:
 *       points: [[8, 8, 12.5], [8, 4, 7.5]]           wbits, abits, value
 *       coefficients: [alpha, beta, gamma, delta]       absent: points only */
#ifndef COSTMODEL_LAYER_TABLE_H
#define COSTMODEL_LAYER_TABLE_H

#include "base/json.h"
#include "costmodel/fit.h"
#include "costmodel/model.h"
#include "nn/graph.h"

enum {
    LAYER_TABLE_METRICS = 4,
    LAYER_TABLE_MIN_POINTS = 4, /* of a layer, for a formula */
    LAYER_N_COEFFICIENTS = 4
};

enum layer_form { LAYER_ROOFLINE, LAYER_SUM, LAYER_N_FORMS };
extern const char *const layer_form_names[]; /* NULL-terminated */

struct layer_formula {
    bool known;
    double coefficient[LAYER_N_COEFFICIENTS]; /* of W A, A, W, 1; >= 0            */
    int32_t w_lo, w_hi, a_lo, a_hi;           /* the points it was fitted to      */
};

/* One layer in one metric. */
struct layer_series {
    int32_t n_points;
    double value[9][9]; /* [wbits][abits], unit of the metric; NaN: not measured */
    struct layer_formula formula;
};

struct layer_metric {
    enum cost_metric metric;
    enum layer_form form;
    int32_t n_held_out;        /* 0: no layer has a formula                       */
    struct fit_error held_out; /* relative                                        */
    double form_error[LAYER_N_FORMS]; /* mean held-out of both forms; NaN: none   */
    struct layer_series *layers;      /* (n_layers) */
};

struct layer_table {
    const char *path;
    int32_t n_metrics, n_layers;
    struct layer_metric metrics[LAYER_TABLE_METRICS];
    char (*names)[LAYER_NAME_MAX]; /* (n_layers), unique */
};

struct layer_read_options {
    const struct nn_graph *graph; /* names the layers of a .npy; NULL: none given  */
    const char *unit;             /* of a .npy; NULL: none given                   */
    double clock_mhz;             /* turns cycles into time; 0: none given         */
};

/* ---- in ---- */
/* True if the file is one that layer_table_read takes: a .npy, or a CSV with a column
 * `layer` and none `module`.  A file that cannot be read is none. */
bool layer_table_is_input(const char *path);
/* Points only; in arena.  ST_NOT_FOUND, ST_PARSE, ST_RANGE, ST_USAGE. */
status layer_table_read(const char *path, const struct layer_read_options *o,
                        struct arena *a, struct layer_table *out, struct err *err);

/* ---- fit ---- */
/* Fits every layer, chooses the form, counts held-out errors. */
status layer_table_fit(struct layer_table *t, struct err *err);
/* Held-out error if only n points of each layer had been measured, spread over its
 * precisions: mean and largest over the others.  *n_out 0: no layer has as many. */
status layer_table_try_points(const struct layer_table *t, int32_t i_metric, int32_t n,
                              int32_t *n_out, double *mean, double *max,
                              struct err *err);

/* ---- ask ---- */
double layer_formula_eval(const struct layer_formula *f, enum layer_form form, int w,
                          int a);
/* Layer of that name, -1 if none. */
int32_t layer_table_find(const struct layer_table *t, const char *name);
/* The metrics of the table for one layer at one precision; out->metric of the others
 * is left alone.  ST_RANGE if neither point nor formula answers. */
status layer_table_cost(const struct layer_table *t, int32_t i_layer, int w, int a,
                        struct cost_estimate *out, struct err *err);
/* to_table (g->n_layers): the table's layer of each layer of the network.
 * ST_PARSE names a layer that only one side has, and the candidates. */
status layer_table_match(const struct layer_table *t, const struct nn_graph *g,
                         int32_t *to_table, struct err *err);

/* ---- file ---- */
/* True if the file is a layer table's, false for any other, readable or not. */
bool layer_table_is_file(const char *path);
status layer_table_save(const struct layer_table *t, const struct provenance *p,
                        const char *path, struct err *err);
status layer_table_load(const char *path, struct arena *a, struct layer_table *out,
                        struct err *err);

/* ---- account ---- */
status layer_table_print(const struct layer_table *t, FILE *f, struct err *err);
/* {version, provenance, metrics: [{metric, form, held_out, n_points, form_error}]};
 * owned by the caller, NULL on exhaustion. */
json_t *layer_table_json(const struct layer_table *t, const struct provenance *p);

#endif
