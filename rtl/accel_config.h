/* accel_config.h -- the parameter space of the hardware, and its file.
 *
 * accel.yaml (version 1), flat, one entry per layer for the dataflow style:
 *
 *   version: 1
 *   provenance: {...}            # optional in hand-written files
 *   name: fmnist-resnet8
 *   style: dataflow              # one matrix-vector unit (mvu) per layer
 *   target: xc7                  # xc7 | ice40
 *   clock_mhz: 100
 *   layers:
 *     - {name: conv1, MW: 72, MH: 16, PE: 4, SIMD: 8, n_vec: 196, wbits: 3, abits: 4,
 *        wsigned: true, asigned: false, acc_bits: 14, out_bits: 4, out_signed: false,
 *        shift: 17, lanes: 1, mul: lut, requant_mul: dsp, weight_ram: lut}
 *
 * Every key is required except provenance; unknown keys are errors.  Meaning and
 * range of each: the structs below, where the field has the key's name (mul,
 * requant_mul: lut | dsp; weight_ram: lut | block).  Also in configs/README.md. */
#ifndef RTL_ACCEL_CONFIG_H
#define RTL_ACCEL_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/provenance.h"
#include "base/status.h"

enum rtl_target { RTL_XC7, RTL_ICE40, RTL_N_TARGETS };
enum rtl_style { RTL_DATAFLOW };
enum rtl_mul { RTL_MUL_LUT, RTL_MUL_DSP };   /* how a multiplier is built       */
enum rtl_ram { RTL_RAM_LUT, RTL_RAM_BLOCK }; /* where weights live             */

extern const char *const rtl_target_names[]; /* NULL-terminated, by enum       */
extern const char *const rtl_mul_names[];
extern const char *const rtl_ram_names[];

/* Parameters of one mac_parallel: acc += dot(w[SIMD], a[SIMD]). */
struct mac_config {
    int32_t SIMD;          /* [1, 64]                                     */
    int32_t wbits, abits;  /* [1, 8]                                      */
    bool wsigned, asigned; /* 1-bit signed is bipolar                     */
    int32_t acc_bits;      /* [2, 32]                                     */
    enum rtl_mul mul;      /* RTL_MUL_LUT only in this version            */
};

/* Parameters of one requantiser lane (rtl/array/requant.v). */
struct requant_config {
    int32_t acc_bits; /* [2, 32]                                             */
    int32_t out_bits; /* [1, 16]                                             */
    bool out_signed;
    int32_t shift;    /* [1, 30], shift + out_bits <= acc_bits + 18          */
    enum rtl_mul mul; /* LUTs or DSP48E1                                     */
};

/* Parameters of one matrix-vector unit (rtl/array/mvu.v). */
struct mvu_config {
    char name[64];        /* layer name; [A-Za-z0-9_./-]                 */
    int32_t MW, MH;       /* matrix columns, rows             [1, 65536] */
    int32_t PE, SIMD;     /* PE divides MH, SIMD divides MW; [1, 256], [1, 64] */
    int32_t n_vec;        /* vectors per image, >= 1 (not in the RTL)    */
    int32_t wbits, abits; /* [1, 8]                                      */
    bool wsigned, asigned;
    int32_t acc_bits; /* [2, 32], no input may overflow it            */
    int32_t out_bits; /* [1, 16]                                     */
    bool out_signed;
    int32_t shift;            /* requantisation shift, see requant_config    */
    int32_t lanes;            /* requantisers: divides PE, PE / lanes <= SF  */
    enum rtl_mul mul;         /* of the MACs                                 */
    enum rtl_mul requant_mul; /* of the requantisers                         */
    enum rtl_ram weight_ram;  /* in LUTs at most MVU_MAX_LUT_WORDS words     */
};
/* Words (fold of them) of a weight memory in LUT RAM: rtl/array/mvu.v refuses more. */
enum { MVU_MAX_LUT_WORDS = 1024 };

struct accel_config {
    char name[64];
    enum rtl_style style;
    enum rtl_target target;
    double clock_mhz; /* > 0                                         */
    int32_t n_layers;
    struct mvu_config *layers; /* (n_layers), in arena                        */
};

/* Smallest divisor of PE with PE / lanes <= MW / SIMD: requantisation then never
 * slows the unit down. */
int32_t mvu_lanes(int32_t PE, int32_t SF);
/* fold = (MH / PE) * (MW / SIMD): initiation interval of one vector [cycle]. */
int64_t mvu_fold(const struct mvu_config *m);
/* Cycles from the one in which the first input word is offered to the one in which
 * the last output word is accepted, both included, for n_vec vectors with no stalls
 * on either side:
 *
 *   cycles = n_vec * fold + PE / lanes + 3 + (MH > PE)                   [cycle]
 *
 * Exact: rtl/array/mvu.v has the schedule. */
int64_t mvu_cycles(const struct mvu_config *m, int64_t n_vec);
/* The elements of one unit: PE macs, lanes requantisers.  Inline, because they are on
 * the path of every layer's cost and a struct returned by value is stored and loaded in
 * different widths. */
static inline struct mac_config mvu_mac(const struct mvu_config *m)
{
    return (struct mac_config){.SIMD = m->SIMD,
                               .wbits = m->wbits,
                               .abits = m->abits,
                               .wsigned = m->wsigned,
                               .asigned = m->asigned,
                               .acc_bits = m->acc_bits,
                               .mul = m->mul};
}

static inline struct requant_config mvu_requant(const struct mvu_config *m)
{
    return (struct requant_config){.acc_bits = m->acc_bits,
                                   .out_bits = m->out_bits,
                                   .out_signed = m->out_signed,
                                   .shift = m->shift,
                                   .mul = m->requant_mul};
}

/* ST_RANGE names the layer, the parameter, its value and its limits. */
status mac_config_check(const struct mac_config *m, struct err *err);
status requant_config_check(const struct requant_config *r, struct err *err);
status mvu_config_check(const struct mvu_config *m, struct err *err);
/* Also: names unique as Verilog identifiers, and what the target lacks is not
 * asked for (ice40 has neither LUT RAM nor DSP48E1). */
status accel_config_check(const struct accel_config *c, struct err *err);

/* One module instance to simulate or synthesise: a module of rtl/ and the values
 * of its Verilog parameters, in the module's order. */
enum { RTL_MAX_PARAMS = 24 };
struct rtl_instance {
    const char *module; /* "mac_parallel", "mvu", "requant"; static           */
    int n_params;
    struct {
        const char *name; /* static                                           */
        int64_t value;
    } params[RTL_MAX_PARAMS];
};
struct rtl_instance mac_instance(const struct mac_config *m);
struct rtl_instance requant_instance(const struct requant_config *r);
struct rtl_instance mvu_instance(const struct mvu_config *m);

/* The Verilog files of rtl/ (relative to the home directory), NULL-terminated,
 * leaves first.  static. */
const char *const *rtl_sources(void);
/* The same, and what is only simulated: the behaviour of the vendors' primitives, which
 * synthesis has, and systolic_os_loop, an array in a form that simulates faster. */
const char *const *rtl_sim_sources(void);

/* accel.yaml.  load checks everything; in arena. */
status accel_config_load(const char *path, struct arena *a, struct accel_config *out,
                         struct err *err);
status accel_config_save(const struct accel_config *c, const struct provenance *p,
                         const char *path, struct err *err);
/* What a user takes to a vendor's tool: in dir, one top module per layer that
 * instantiates mvu with the layer's parameters, and a copy of every file of
 * rtl_sources(), so that the .v files of dir are complete. */
status accel_config_write_verilog(const struct accel_config *c, const char *dir,
                                  struct err *err);
/* ST_MISMATCH where dir has other text than write_verilog would write: what is
 * simulated here is then not what the folder holds.  ST_NOT_FOUND, ST_IO: a file is
 * missing. */
status accel_config_check_verilog(const struct accel_config *c, const char *dir,
                                  struct err *err);
/* Name of a layer's top module, without the ".v" of its file: layer_NAME with
 * everything but letters, digits and _ replaced by _.  name: (RTL_NAME_MAX). */
enum { RTL_NAME_MAX = 80 };
void accel_layer_module(const struct mvu_config *m, char *name);

#endif
