/* synth_internal.h -- one instance in its folder; private to sim/synth*.c. */
#ifndef SIM_SYNTH_INTERNAL_H
#define SIM_SYNTH_INTERNAL_H

#include "sim/synth.h"

struct synth_job {
    const struct rtl_instance *inst;
    const struct synth_options *opt;
    const char *const *files; /* that the instance needs                       */
    bool memories, all_cells; /* the instance has memories; may have any cell  */
    const char *dir;
    struct arena *a;
};

/* Writes script.ys for an FPGA family, which leaves stat.json, and ports.json if Fmax
 * is asked for. */
status synth_script_write(const struct synth_job *j, struct err *err);
/* "#(.A(1), ...)" */
void synth_script_params(const struct rtl_instance *inst, FILE *f);

/* Critical path of netlist.v [ns]. */
status synth_sta_delay(const struct synth_job *j, double *out, struct err *err);
/* Median Fmax over the seeds [MHz], with registers around the instance. */
status synth_pnr_fmax(const struct synth_job *j, double *out, struct err *err);

#endif
