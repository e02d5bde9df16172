/* synth_sta.c -- the critical path of a netlist of library cells, by OpenSTA.
 *
 * One ideal clock, no wires, outputs without load; inputs arrive at the clock edge, as
 * from registers that take no time.  delay = period - worst slack, so it holds the
 * flip-flop's own delay and setup where the path has them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "sim/gate_synth.h"
#include "sim/synth_internal.h"
#include "sim/workdir.h"

#define PERIOD_NS 100.0 /* single precision inside: the slack is good to 1e-5 ns    */

static const char script[] = "read_liberty library.lib\n"
                             "read_verilog " GATE_SYNTH_VERILOG "\n"
                             "link_design " GATE_SYNTH_MODULE "\n"
                             "create_clock -name clk -period 100 [get_ports clk]\n"
                             "set_input_delay 0 -clock clk [all_inputs]\n"
                             "set_output_delay 0 -clock clk [all_outputs]\n"
                             "report_checks -path_delay max -digits 6\n";

/* The number before the last "slack (". */
static status read_slack(const char *log, double *out, struct err *err)
{
    const char *at = NULL;
    for (const char *p = strstr(log, "slack ("); p; p = strstr(p + 1, "slack ("))
        at = p;
    const char *line = at;
    while (line && line > log && line[-1] != '\n')
        line--;
    char *end = NULL;
    *out = line ? strtod(line, &end) : 0;
    if (line && end != line) return ST_OK;
    const char *why = strstr(log, "Error");
    const size_t n = why ? strcspn(why, "\n") : 0;
    return err_set(err, ST_TOOL,
                   "OpenSTA: expected a path with its slack, found none%s%.*s",
                   why ? ": " : "", (int)(n < 200 ? n : 200), why ? why : "");
}

status synth_sta_delay(const struct synth_job *j, double *out, struct err *err)
{
    static const char *const argv[] = {"sta", "-no_splash", "-exit", "sta.tcl", NULL};
    const char *path = file_join(j->a, j->dir, "sta.tcl");
    const char *log = file_join(j->a, j->dir, "log");
    char *text = NULL;
    size_t size = 0;
    double slack_ns = 0;
    if (!path || !log) return arena_exhausted(err);
    TRY(file_write(path, script, strlen(script), err));
    TRY(workdir_run(j->dir, argv, j->opt->time_limit_s, err));
    TRY(file_read(log, j->a, &text, &size, err));
    TRY(read_slack(text, &slack_ns, err));
    *out = PERIOD_NS - slack_ns;
    return ST_OK;
}
