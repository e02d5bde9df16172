/* bench_sim.c -- M MAC/s of the RTL under Verilator and under Icarus, in one run, on
 * the same module; characterised points per minute with one worker and with two.
 *
 * Times are CPU seconds, so that other work on the machine does not count, except
 * points per minute.  The Verilator figure is of mvu_run_vectors as every command uses
 * it: it includes packing, drivers and monitors.  The Icarus figure is of a generated
 * test bench that keeps the same unit busy, without checking anything. */
#include "sim/bench_sim.h"

#include <inttypes.h>

#include "base/file.h"
#include "base/progress.h"
#include "nn/quant.h"
#include "sim/bench_icarus.h"
#include "sim/characterize.h"
#include "sim/cpu_time.h"
#include "sim/mvu_run.h"
#include "sim/stimulus.h"
#include "sim/workdir.h"

enum {
    N_VEC = 1000,
    ICARUS_CYCLES = 40, /* of a 4 x 4 unit, at some cycles per second */
};

/* n x n products of 8 bits per cycle. */
static struct mvu_config unit(int32_t n)
{
    struct mvu_config c = {.name = "bench",
                           .MW = 16 * n,
                           .MH = n,
                           .PE = n,
                           .SIMD = n,
                           .n_vec = N_VEC,
                           .wbits = 8,
                           .abits = 8,
                           .wsigned = true,
                           .out_bits = 8,
                           .mul = RTL_MUL_LUT,
                           .requant_mul = RTL_MUL_DSP,
                           .weight_ram = RTL_RAM_LUT};
    c.acc_bits = quant_acc_bits(c.MW, c.wbits, c.wsigned, c.abits, c.asigned);
    c.shift = c.acc_bits;
    c.lanes = mvu_lanes(c.PE, c.MW / c.SIMD);
    return c;
}

/* ---- Verilator ---- */

static status run_verilator(const struct mvu_config *c, double seconds, struct arena *a,
                            FILE *f, double *macs_per_s, struct err *err)
{
    struct stimulus s;
    int16_t *got = ARENA_NEW(a, int16_t, (size_t)N_VEC * (size_t)c->MH);
    int16_t *want = ARENA_NEW(a, int16_t, (size_t)N_VEC * (size_t)c->MH);
    if (!got || !want) return arena_exhausted(err);
    TRY(stimulus_random(c, N_VEC, 1, a, &s, err));
    mvu_reference(c, s.weights, &s.requant, s.vectors, N_VEC, want);
    struct dut_options opt = dut_defaults();
    opt.opt_level = 3;
    struct mvu_run *r = NULL;
    TRY(mvu_run_open(c, s.weights, &s.requant, &opt, &r, err));
    status st = ST_OK;
    int64_t n = 0, n_cycles = 0;
    const double start = cpu_thread_s();
    do {
        int64_t cycles = 0;
        st = mvu_run_vectors(r, s.vectors, N_VEC, 0, 1, got, &cycles, err);
        if (st == ST_OK && n == 0) st = mvu_compare(c, got, want, N_VEC, err);
        n_cycles += cycles;
        n++;
    } while (st == ST_OK && cpu_thread_s() - start < seconds);
    const double s_run = cpu_thread_s() - start;
    mvu_run_close(r);
    TRY(st);
    *macs_per_s = (double)(n * N_VEC) * c->MW * c->MH / s_run;
    fprintf(f, "verilator, mvu of %d x %d: %.1f M MAC/s, %.0f cycles/s, bit-exact\n",
            c->PE, c->SIMD, *macs_per_s / 1e6, (double)n_cycles / s_run);
    return ST_OK;
}

/* ---- Icarus ---- */

static status write_bench(const struct mvu_config *c, const char *path, struct err *err)
{
    const struct rtl_instance inst = mvu_instance(c);
    struct file_out o;
    TRY(file_out_open(path, &o, err));
    fprintf(o.f,
            "module bench;\n"
            "    reg clk = 0, rst = 1, wen = 0;\n"
            "    reg [31:0] waddr = 0;\n"
            "    reg [%d:0] wdata;\n"
            "    reg [%d:0] data;\n"
            "    wire ready;\n"
            "    integer i, k, n, words;\n"
            "    mvu",
            c->PE * c->SIMD * c->wbits - 1, c->SIMD * c->abits - 1);
    for (int i = 0; i < inst.n_params; i++)
        fprintf(o.f, "%s.%s(%" PRId64 ")", i ? ", " : " #(", inst.params[i].name,
                inst.params[i].value);
    fprintf(o.f,
            ") u_mvu (.clk(clk), .rst(rst), .i_wload_en(wen), .i_wload_addr(waddr),\n"
            "        .i_wload_data(wdata), .i_rload_en(1'b0), .i_rload_addr(0),\n"
            "        .i_rload_data(0), .s_data(data), .s_valid(!rst && !wen),\n"
            "        .s_ready(ready), .m_data(), .m_valid(), .m_ready(1'b1));\n"
            "    initial begin\n"
            "        words = 0;\n"
            "        if (!$value$plusargs(\"n=%%d\", n)) n = 0;\n"
            "        for (i = 0; i < %d + 4; i = i + 1) begin\n"
            "            rst = i < 2; wen = i >= 2 && i < %d + 2; waddr = i - 2;\n"
            "            for (k = 0; k < %d; k = k + 8) wdata[k +: 8] = $random;\n"
            "            #1 clk = 1; #1 clk = 0;\n"
            "        end\n"
            "        for (i = 0; i < n; i = i + 1) begin\n"
            "            for (k = 0; k < %d; k = k + 8) data[k +: 8] = $random;\n"
            "            if (ready) words = words + 1;\n"
            "            #1 clk = 1; #1 clk = 0;\n"
            "        end\n"
            "        if (words < n / 2) $stop(0);\n"
            "        $finish(0);\n"
            "    end\n"
            "endmodule\n",
            c->MW / c->SIMD, c->MW / c->SIMD, c->PE * c->SIMD * c->wbits,
            c->SIMD * c->abits);
    return file_out_commit(&o, err);
}

static status write_mvu_bench(const void *what, const char *path, struct err *err)
{
    return write_bench(what, path, err);
}

static status run_icarus(const struct mvu_config *c, struct arena *a, FILE *f,
                         double *macs_per_s, struct err *err)
{
    double each = 0;
    TRY(bench_icarus(write_mvu_bench, c, ICARUS_CYCLES, a, &each, err));
    *macs_per_s = c->PE * c->SIMD / each;
    fprintf(f, "icarus, mvu of %d x %d: %.5f M MAC/s, %.2f cycles/s\n", c->PE, c->SIMD,
            *macs_per_s / 1e6, 1 / each);
    return ST_OK;
}

/* ---- characterisation ---- */

static status measure_points(const char *sweep_path, const char *db_path, int n_workers,
                             struct arena *a, double *per_minute, struct err *err)
{
    struct sweep s;
    struct meas_db *db = NULL;
    struct characterize_result r;
    struct characterize_options opt = characterize_defaults();
    opt.n_workers = n_workers;
    opt.quiet = true;
    TRY(sweep_load(sweep_path, a, &s, err));
    TRY(meas_db_open(db_path, &db, err));
    status st = characterize_look_up(&s, db, a, &r, err);
    const double start = clock_now_s();
    if (st == ST_OK) st = characterize_run(&s, db, &opt, a, &r, err);
    const double s_run = clock_now_s() - start;
    meas_db_close(db);
    TRY(st);
    if (r.n_measured != s.n_points)
        return err_set(err, ST_TOOL, "%s: %d of %d points failed", sweep_path,
                       r.n_failed, s.n_points);
    *per_minute = 60 * r.n_measured / s_run;
    return ST_OK;
}

static status run_points(struct arena *a, FILE *f, struct err *err)
{
    const char *home = NULL, *dir = NULL;
    TRY(file_home_dir(a, &home, err));
    const char *sweep = file_join(a, home, "configs/sweep/bench.yaml");
    if (!sweep) return arena_exhausted(err);
    TRY(workdir_new(a, &dir, err));
    status st = ST_OK;
    for (int n = 1; n <= 2 && st == ST_OK; n++) {
        double per_minute = 0;
        const char *db = arena_printf(a, "%s/%d.db", dir, n);
        st = db ? measure_points(sweep, db, n, a, &per_minute, err)
                : arena_exhausted(err);
        if (st == ST_OK)
            fprintf(f, "characterize: %.1f points/min with %d worker%s\n", per_minute,
                    n, n > 1 ? "s" : "");
    }
    workdir_remove(dir);
    return st;
}

static status run_all(double seconds, struct arena *a, FILE *f, struct err *err)
{
    const struct mvu_config large = unit(16), small = unit(4);
    double verilator = 0, icarus = 0;
    TRY(run_verilator(&large, seconds, a, f, &verilator, err));
    TRY(run_verilator(&small, seconds, a, f, &verilator, err));
    TRY(run_icarus(&small, a, f, &icarus, err));
    fprintf(f, "verilator / icarus, mvu of 4 x 4: %.0f\n", verilator / icarus);
    TRY(bench_systolic(seconds, a, f, err));
    return run_points(a, f, err);
}

static status run(double seconds, FILE *f, struct err *err)
{
    struct arena *a = arena_new();
    const status st = a ? run_all(seconds, a, f, err) : arena_exhausted(err);
    arena_free(a);
    return st;
}

const struct bench_figure sim_figure = {
    "sim", "RTL simulation of units of 8 bits; points measured per minute", run};
