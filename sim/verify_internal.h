/* verify_internal.h -- what the parts of verification share; private to
 * sim/verify*.c. */
#ifndef SIM_VERIFY_INTERNAL_H
#define SIM_VERIFY_INTERNAL_H

#include "nn/qnet.h"
#include "sim/verify.h"

/* The inputs: what the plan names, loaded and checked against each other. */
struct verify_inputs {
    struct qnet *net;
    struct nn_images test;
    struct qnet_trace **traces; /* (n_images)(n_layers)                        */
    uint16_t *trace_classes;    /* (n_images) of the integer engine            */
    uint16_t *rtl_classes;      /* (n_images) from the last layer's outputs    */
};

/* Runs layer i on the RTL with all images; its findings go to the layer. */
status verify_run_layer(const struct verify_inputs *in,
                        const struct verify_options *opt, struct verify_result *out,
                        int32_t i, struct err *err);

#endif
