/* dut_model.h -- what a Verilated model exports to sim/dut.c: one table of
 * functions under the name `dut_model_api`.  Included by the two sides of that door
 * (sim/dut.c and sim/dut_verilator.cpp) and by nobody else. */
#ifndef SIM_DUT_MODEL_H
#define SIM_DUT_MODEL_H

#include <stdint.h>

struct dut_pin {
    const char *name; /* static */
    int32_t bits;
    int32_t is_input;
    int32_t bytes; /* of the storage: 1, 2, 4, 8, or 4 per word when wider     */
    void *at;      /* the storage, in the model                               */
};

struct dut_api {
    int32_t n_pins;
    void *(*model_new)(void);
    void (*model_free)(void *model);
    void (*pins)(void *model, struct dut_pin *out); /* (n_pins)                   */
    void (*eval)(void *model);
    int (*stopped)(void *model); /* an assertion of the RTL fired               */
    int (*trace_open)(void *model, const char *path); /* 0 = has no trace         */
    void (*trace_dump)(void *model, uint64_t time);
    void (*trace_close)(void *model);
};

#endif
