/* liberty.h -- what we need of a Liberty file (.lib): cells with their logic function,
 * area, leakage, pin capacitances and the energy of a transition.
 *
 * Units are normalised while reading: pF, V, ns, nW, um2, pJ.  Liberty's energy unit
 * is capacitive_load_unit * voltage_unit^2.  A table is looked up bilinearly inside
 * its axes and held at their ends outside (extrapolating a foreign library's tables
 * would invent numbers).
 *
 * What is read: library units, nom_voltage, power_lut_template, cell (area, leakage,
 * ff, latch and statetable as marks), pin (direction, capacitance, or the mean of
 * rise_capacitance and fall_capacitance, or the library's default_input_pin_cap;
 * function, clock, internal_power).  Timing and everything else is skipped, but must be
 * well-formed. A file without any internal_power table is refused: its energy would be
 * a silent half of the truth.  Messages say path:line. */
#ifndef SIM_LIBERTY_H
#define SIM_LIBERTY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

enum { LIBERTY_MAX_INPUTS = 6 }; /* of a function: its truth table is 64 bits */

/* Energy of one transition against load and input slew; either axis may be missing. */
struct liberty_table {
    int32_t n_load, n_slew; /* >= 1                                            */
    const double *load_pf;  /* (n_load)                                        */
    const double *slew_ns;  /* (n_slew)                                        */
    const double *pj;       /* (n_load, n_slew), row-major                     */
};

/* One internal_power group. */
struct liberty_power {
    const char *supply;              /* related_pg_pin, "" if none            */
    struct liberty_table rise, fall; /* n_load 0: absent                      */
};

struct liberty_pin {
    const char *name;
    bool is_input, is_output, is_clock;
    bool is_tristate;
    double capacitance_pf; /* of an input; NaN if the file does not say        */
    const char *function;  /* of an output, NULL if none                       */
    int32_t function_line;
    int32_t n_powers;
    const struct liberty_power *powers; /* (n_powers)                          */
};

/* Edge-triggered storage: `ff (iq, iqn) {...}`. */
struct liberty_ff {
    const char *iq, *iqn, *next_state, *clocked_on;
    bool has_async; /* clear or preset                                         */
    int32_t line;
};

struct liberty_cell {
    const char *name;
    int32_t line;
    double area_um2, leakage_nw; /* NaN if the file has none                   */
    bool has_latch;              /* latch, statetable: storage we do not model */
    const struct liberty_ff *ff; /* NULL: none                                 */
    int32_t n_pins;
    const struct liberty_pin *pins; /* (n_pins)                                */
};

struct liberty {
    const char *path, *name;
    double voltage; /* [V] */
    int32_t n_cells;
    const struct liberty_cell *cells; /* (n_cells), sorted by name             */
};

/* All of it in arena.  ST_NOT_FOUND, ST_PARSE, ST_RANGE, ST_UNSUPPORTED (a unit that we
 * do not know, no power tables). */
status liberty_load(const char *path, struct arena *a, struct liberty *out,
                    struct err *err);
/* NULL if absent. */
const struct liberty_cell *liberty_find(const struct liberty *l, const char *cell);
const struct liberty_pin *liberty_pin(const struct liberty_cell *c, const char *pin);

/* Energy of a pin's transition, mean of rise and fall and over conditions, summed over
 * supplies [pJ]; NaN if the pin has no table. */
double liberty_pin_pj(const struct liberty_pin *p, double load_pf, double slew_ns);
double liberty_table_pj(const struct liberty_table *t, double load_pf, double slew_ns);

/* Truth table of a function over named inputs: bit i is its value where input k is bit
 * k of i.  Operators by falling precedence: ' and !; ^; & * and juxtaposition; | +.
 * where: "path:line" for messages.  ST_PARSE, ST_RANGE (an unknown name). */
status liberty_truth(const char *where, const char *function, const char *const *inputs,
                     int n_inputs, uint64_t *out, struct err *err);

#endif
