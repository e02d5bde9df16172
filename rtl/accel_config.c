/* accel_config.c -- what follows from the parameters by arithmetic alone: folding,
 * lanes, cycles, elements and Verilog parameters. */
#include "rtl/accel_config.h"

const char *const rtl_target_names[] = {"xc7", "ice40", NULL};
const char *const rtl_mul_names[] = {"lut", "dsp", NULL};
const char *const rtl_ram_names[] = {"lut", "block", NULL};

int32_t mvu_lanes(int32_t PE, int32_t SF)
{
    for (int32_t lanes = 1; lanes < PE; lanes++)
        if (PE % lanes == 0 && PE / lanes <= SF) return lanes;
    return PE;
}

int64_t mvu_fold(const struct mvu_config *m)
{
    return (int64_t)(m->MH / m->PE) * (m->MW / m->SIMD);
}

int64_t mvu_cycles(const struct mvu_config *m, int64_t n_vec)
{
    return n_vec * mvu_fold(m) + m->PE / m->lanes + 3 + (m->MH > m->PE);
}

static void add(struct rtl_instance *inst, const char *name, int64_t value)
{
    inst->params[inst->n_params].name = name;
    inst->params[inst->n_params++].value = value;
}

struct rtl_instance mac_instance(const struct mac_config *m)
{
    struct rtl_instance inst = {.module = "mac_parallel"};
    add(&inst, "SIMD", m->SIMD);
    add(&inst, "WBITS", m->wbits);
    add(&inst, "ABITS", m->abits);
    add(&inst, "WSIGNED", m->wsigned);
    add(&inst, "ASIGNED", m->asigned);
    add(&inst, "ACC_BITS", m->acc_bits);
    return inst;
}

struct rtl_instance requant_instance(const struct requant_config *r)
{
    struct rtl_instance inst = {.module = "requant"};
    add(&inst, "ACC_BITS", r->acc_bits);
    add(&inst, "OUT_BITS", r->out_bits);
    add(&inst, "OUT_SIGNED", r->out_signed);
    add(&inst, "SHIFT", r->shift);
    add(&inst, "REQUANT_DSP", r->mul == RTL_MUL_DSP);
    return inst;
}

struct rtl_instance mvu_instance(const struct mvu_config *m)
{
    struct rtl_instance inst = {.module = "mvu"};
    add(&inst, "MW", m->MW);
    add(&inst, "MH", m->MH);
    add(&inst, "PE", m->PE);
    add(&inst, "SIMD", m->SIMD);
    add(&inst, "WBITS", m->wbits);
    add(&inst, "ABITS", m->abits);
    add(&inst, "WSIGNED", m->wsigned);
    add(&inst, "ASIGNED", m->asigned);
    add(&inst, "ACC_BITS", m->acc_bits);
    add(&inst, "OUT_BITS", m->out_bits);
    add(&inst, "OUT_SIGNED", m->out_signed);
    add(&inst, "SHIFT", m->shift);
    add(&inst, "LANES", m->lanes);
    add(&inst, "REQUANT_DSP", m->requant_mul == RTL_MUL_DSP);
    add(&inst, "RAM_BLOCK", m->weight_ram == RTL_RAM_BLOCK);
    return inst;
}

/* What is only simulated (models of primitives, an array written as loops), then what
 * is synthesised; one a line. */
enum { N_MODELS = 4 };
/* clang-format off */
static const char *const all_sources[] = {
    "rtl/lib/dsp48_datapath.v",
    "rtl/lib/dsp48e1.v",
    "rtl/lib/dsp48e2.v",
    "rtl/array/systolic_os_loop.v",
    "rtl/lib/skid_buffer.v",
    "rtl/lib/ram_sdp.v",
    "rtl/mac/dot_chain.v",
    "rtl/mac/dot_lut.v",
    "rtl/mac/mac_parallel.v",
    "rtl/mac/packed_dsp.v",
    "rtl/mac/packed_chain.v",
    "rtl/mac/carry_tree.v",
    "rtl/mac/mac_packed.v",
    "rtl/mac/sum_columns.v",
    "rtl/mac/popcount_and.v",
    "rtl/mac/serial_acc.v",
    "rtl/mac/mac_serial.v",
    "rtl/mac/mac_actserial.v",
    "rtl/mac/fusion_brick.v",
    "rtl/mac/fusion_add.v",
    "rtl/mac/sum_tree.v",
    "rtl/mac/fusion_tree.v",
    "rtl/mac/mac_fusion.v",
    "rtl/mac/fusion_spread.v",
    "rtl/mac/mac_unit.v",
    "rtl/array/requant.v",
    "rtl/array/input_buffer.v",
    "rtl/array/drain.v",
    "rtl/array/mvu.v",
    "rtl/lib/delay_line.v",
    "rtl/array/systolic_control.v",
    "rtl/array/systolic_words.v",
    "rtl/array/systolic_os.v",
    "rtl/array/systolic_ws.v",
    NULL
};
/* clang-format on */

const char *const *rtl_sources(void) { return all_sources + N_MODELS; }
const char *const *rtl_sim_sources(void) { return all_sources; }
