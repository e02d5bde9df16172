/* gate_energy.h -- energy of a MAC unit per product, from the toggles of its mapped
 * netlist.
 *
 * A unit is mapped once (gate_unit_map: the library read, Yosys) and then measured at
 * any precision and with any operands that it can run.  GATE_LANES streams each do dot
 * products of their own operands, back to back; all steps that rtl/mac_unit.h asks for
 * are clocked, so the energy of a serial unit is that of all its bit planes, and that
 * of a fusion unit the one of its mode. */
#ifndef SIM_GATE_ENERGY_H
#define SIM_GATE_ENERGY_H

#include "rtl/mac_unit.h"
#include "sim/gate_icarus.h"
#include "sim/gate_library.h"
#include "sim/operands.h"

struct gate_unit; /* opaque */

/* In arena; lib is borrowed.  ST_UNSUPPORTED: mac_packed (a DSP has no gates), a
 * library without power tables; ST_TOOL, ST_MISSING_TOOL as Yosys. */
status gate_unit_map(const struct mac_unit_config *c, const struct gate_library *lib,
                     double time_limit_s, struct arena *a, struct gate_unit **out,
                     struct err *err);
/* The same from a netlist that Yosys has mapped to lib's cells, of mac_unit.v with the
 * parameters of mac_unit_instance(c), flat: its only module. */
status gate_unit_load(const struct mac_unit_config *c, const struct gate_library *lib,
                      const char *json_path, struct arena *a, struct gate_unit **out,
                      struct err *err);
double gate_unit_area_um2(const struct gate_unit *u);
int32_t gate_unit_n_cells(const struct gate_unit *u);

/* Energies per product of p->wbits x p->abits [pJ]; the columns of sim/sample.h. */
struct gate_energy {
    double energy_pj; /* clock, settled toggles, calibrated glitches           */
    double zero_pj;   /* clock and settled toggles                             */
    double clock_pj;
    double unit_pj; /* clock and unit-delay toggles, not calibrated            */
    double leakage_nw;
    int64_t n_products, n_cycles; /* measured, over all lanes                  */
};

/* Depends on unit, precision, operands and seed only.
 * ST_RANGE: the unit cannot run p.  ST_MISMATCH: the operands are of another one. */
status gate_unit_measure(struct gate_unit *u, const struct mac_precision *p,
                         const struct operand_source *from, uint64_t seed,
                         struct gate_energy *out, struct err *err);

/* The same, one stream only, clocked in Icarus with the library's path delays: clock
 * and real glitches [pJ per product]; settled and unit-delay energy of the same stream.
 * What calibration compares. */
struct gate_check {
    double icarus_pj, zero_pj, unit_pj;
    double icarus_zero_pj; /* Icarus without delays: equals zero_pj            */
    bool zero_is_exact;    /* and not only the energy: every net's toggles     */
};
status gate_unit_check(struct gate_unit *u, const struct mac_precision *p,
                       const struct operand_source *from, uint64_t seed,
                       int32_t n_cycles, struct gate_check *out, struct err *err);

#endif
