/* plan.h -- the plan: what a search emits, and its file.
 *
 * plan.yaml (version 1):
 *   version, provenance
 *   method, seed, network, data, cost_model, target, fps, clock_mhz, energy_profile
 *   files:    {quantised: NAME.onnx, accel: NAME-accel.yaml, verilog: DIR}
 *             paths relative to plan.yaml, as are network, the folder in data, and
 *             cost_model where it is a path and not the name of a shipped model or of
 *             a shared array in configs/accel
 *   budget:   {lut: 12000, ...}              only metrics that have a limit
 *   estimate: {lut: {value, lo, hi, level}, ff: ..., ...}
 *   accuracy: {plan: 0.9123, float: 0.92, n_images: 10000, split: test,
 *              uniform: {4: {accuracy: .., budget_met: false, lut: .., ...}, ...}}
 *   layers:   - {name, wbits, abits, PE, SIMD, lut, ff, dsp, bram18, cycles, energy_uj,
 *                latency_us, values: {w: {2: .., 3: ..}, a: {..}}}
 *             costs that are known; values where the method has them: the gain in
 *             value per bit is why a layer got its bits (search.h)
 *   proxy:    {value, bound}       of the methods that optimise an additive proxy: the
 *             sum of values of the plan; no plan's is larger than bound, if it is given
 *   history:  - {step, loss, lut, ..., decided}
 *
 * A plan for hardware that is known by a table of layers alone has target none and
 * neither fps, clock_mhz, accel, verilog, PE, SIMD nor cycles.
 * Every accuracy is the integer engine's. */
#ifndef SEARCH_PLAN_H
#define SEARCH_PLAN_H

#include "base/provenance.h"
#include "search/search.h"

struct plan_layer {
    char name[LAYER_NAME_MAX];
    int32_t wbits, abits, PE, SIMD; /* PE, SIMD 0 where absent                  */
    double lut, ff, dsp, bram18;    /* estimates; NaN where absent              */
    double energy_uj, latency_us;   /* the same                                 */
    int64_t cycles;                 /* -1 where absent                          */
    bool has_values;
    double w_value[9], a_value[9]; /* by bits; NaN where not a candidate      */
};

struct plan_uniform {
    int32_t bits;
    double accuracy;
    double cost[COST_N_METRICS];
    bool budget_met;
};

struct plan {
    char method[32], network[256], data[256], cost_model[256];
    char quantised[256], accel[256], verilog[256]; /* relative to the plan     */
    char target[16], energy_profile[160];          /* as energy_source names it */
    char cost_hash[40]; /* of the cost model, read from the provenance; "" if none */
    uint64_t seed;
    double fps, clock_mhz; /* NaN where absent                               */
    struct budget budget;
    struct cost_estimate estimate;
    double accuracy, accuracy_float; /* [0, 1] of the test set               */
    int32_t n_test_images;
    int32_t n_layers, n_uniform, n_records;
    struct plan_layer *layers;
    struct plan_uniform *uniform;
    struct search_record *records;
    double proxy_value, proxy_bound; /* of search_result; NaN where absent     */
};

/* Target, throughput and clock; by_table: none of them. */
void plan_fill_target(struct plan *p, const struct space_options *o, bool by_table);
/* One layer of a plan from the space; values may be NULL. */
void plan_fill_layer(const struct space *space, const struct nn_path *path,
                     const struct nn_scores *values, int32_t i_layer,
                     struct plan_layer *out);
/* `split: test` always.  Written all or nothing. */
status plan_save(const struct plan *p, const struct provenance *prov, const char *path,
                 struct err *err);
/* Strict: unknown keys are errors.  In arena. */
status plan_load(const char *path, struct arena *a, struct plan *out, struct err *err);

#endif
