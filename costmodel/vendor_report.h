/* vendor_report.h -- what other tools' reports say of one design:
 *   Vivado   report_utilization, flat or -hierarchical, as text: lut, ff, dsp, bram18,
 *            carry, muxf, lutram
 *            report_power as text: dynamic power, of the design or of one instance
 *   Yosys    stat -json: the same counts, from cells (rtl/cell_count.h)
 *   nextpnr  --report, JSON: fmax, of the slowest clock
 * The kind is seen from the text.  A count that a report does not give is NaN. */
#ifndef COSTMODEL_VENDOR_REPORT_H
#define COSTMODEL_VENDOR_REPORT_H

#include "base/arena.h"
#include "base/status.h"

enum vendor_quantity {
    VENDOR_LUT,
    VENDOR_FF,
    VENDOR_DSP,
    VENDOR_BRAM18,
    VENDOR_CARRY,
    VENDOR_MUXF,
    VENDOR_LUTRAM,
    VENDOR_FMAX_MHZ,
    VENDOR_DYNAMIC_W,
    VENDOR_N_QUANTITIES
};

struct vendor_report {
    double value[VENDOR_N_QUANTITIES]; /* NaN: the report does not say */
};

/* instance: "" for the whole design; else an instance of Vivado's hierarchy, or a
 * module of Yosys' statistics.  toolchain: the user's word for the flow.
 * ST_NOT_FOUND; ST_PARSE for another format or a truncated file, with the line;
 * ST_RANGE for an instance or cell that is not known. */
status vendor_report_read(const char *path, const char *instance, const char *toolchain,
                          struct arena *a, struct vendor_report *out, struct err *err);

#endif
