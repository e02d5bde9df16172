/* device.h -- what the name of a toolchain says about the cells of its device. */
#ifndef COSTMODEL_DEVICE_H
#define COSTMODEL_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

struct device {
    bool dsp48e2; /* mac_packed has DSP48E2, with room for more than DSP48E1      */
    bool srl;     /* a LUT can be a shift register of 16 or 32 bits               */
};
/* Of "xc7" and "xcup", and of names that begin so, as "xc7-vivado"; of any other name
 * DSP48E2, the larger one, and no shift registers. */
struct device device_of(const char *toolchain);

/* A delay of some cycles of one bit, as shift registers.  {0, 0}: flip-flops instead.
 */
struct srl_count {
    int32_t lut, ff;
};
/* The rule of Yosys' synth_xilinx (shreg_extract -minlen 3, $__XILINX_SHREG_ of its
 * cells_map.v): from 3 cycles on, 32 to a LUT, and a single cycle beyond 16 or 32 is a
 * flip-flop.  cycles in [0, 63]. */
struct srl_count srl_delay(int32_t cycles);

#endif
