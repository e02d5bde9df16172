// dut_verilator.cpp -- the shim around one Verilated model: pins in, pins out, eval,
// trace; no policy.
//
// It is compiled together with the model, in one translation unit, by
// sim/dut_build.c, which also writes dut_pins.inc: a line PIN(name, bits, is_input)
// for every port of the top module.

#include "Vdut.h"
#include "sim/dut_model.h"
#include "verilated.h"
#if VM_TRACE
#include "verilated_vcd_c.h"
#endif

namespace
{

struct model {
    VerilatedContext context;
    Vdut *top = nullptr;
#if VM_TRACE
    VerilatedVcdC *vcd = nullptr;
#endif
};

void *model_new(void)
{
    model *m = new model;
    // Registers without a reset start at random values: a result that depended on
    // one would differ from the reference.
    m->context.randReset(2);
    m->context.randSeed(1);
    m->context.fatalOnError(false);
#if VM_TRACE
    m->context.traceEverOn(true);
#endif
    Verilated::threadContextp(&m->context);
    m->top = new Vdut(&m->context, "dut");
    return m;
}

void model_free(void *p)
{
    model *m = static_cast<model *>(p);
    Verilated::threadContextp(&m->context);
    m->top->final();
    delete m->top;
    delete m;
}

void pins(void *p, struct dut_pin *out)
{
    Vdut *top = static_cast<model *>(p)->top;
    int i = 0;
#define PIN(name, bits, is_input)                                              \
    out[i++] = {#name, bits, is_input, static_cast<int32_t>(sizeof top->name), \
                &top->name};
#include "dut_pins.inc"
#undef PIN
}

void eval(void *p) { static_cast<model *>(p)->top->eval(); }

int stopped(void *p) { return static_cast<model *>(p)->context.gotError(); }

#if VM_TRACE
int trace_open(void *p, const char *path)
{
    model *m = static_cast<model *>(p);
    m->vcd = new VerilatedVcdC;
    m->top->trace(m->vcd, 99);
    m->vcd->open(path);
    return m->vcd->isOpen() ? 1 : -1;
}

void trace_dump(void *p, uint64_t time) { static_cast<model *>(p)->vcd->dump(time); }

void trace_close(void *p)
{
    model *m = static_cast<model *>(p);
    if (m->vcd) m->vcd->close();
    delete m->vcd;
    m->vcd = nullptr;
}
#else
int trace_open(void *, const char *) { return 0; }
void trace_dump(void *, uint64_t) {}
void trace_close(void *) {}
#endif

constexpr int32_t n_pins = 0
#define PIN(name, bits, is_input) +1
#include "dut_pins.inc"
#undef PIN
    ;

} // namespace

extern "C" __attribute__((visibility("default")))
const struct dut_api dut_model_api = {n_pins,  model_new,  model_free, pins,       eval,
                                      stopped, trace_open, trace_dump, trace_close};
