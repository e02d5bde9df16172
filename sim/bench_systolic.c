/* bench_systolic.c -- M MAC/s of a systolic array under Verilator.
 *
 * The array multiplies a matrix as sim/systolic_run.h does for everybody: operands
 * packed, driven, results collected and, once, compared.  Two forms of the same array:
 * what is synthesised, and the one written for simulation. */
#include <inttypes.h>

#include "base/file.h"
#include "base/rng.h"
#include "nn/quant.h"
#include "sim/bench_icarus.h"
#include "sim/bench_sim.h"
#include "sim/cpu_time.h"
#include "sim/systolic_run.h"

enum { SIDE = 16, M = 512, K = 576, N = 64 }; /* K of a 3 x 3 x 64 convolution */
enum { ICARUS_CYCLES = 1000 };

static struct systolic_config array_of_8_bits(bool loop)
{
    return (struct systolic_config){
        .flow = SYSTOLIC_OS,
        .rows = SIDE,
        .cols = SIDE,
        .unit = {.unit = MAC_PARALLEL,
                 .SIMD = 1,
                 .wbits = 8,
                 .abits = 8,
                 .wsigned = true,
                 .acc_bits = quant_acc_bits(K, 8, true, 8, false),
                 .lanes = 1},
        .loop = loop};
}

static const uint8_t *random_codes(size_t n, struct rng *r, struct arena *a)
{
    uint8_t *codes = ARENA_NEW(a, uint8_t, n);
    for (size_t i = 0; codes && i < n; i++)
        codes[i] = (uint8_t)rng_below(r, 256);
    return codes;
}

struct rate {
    double macs_per_s, cycles_per_s;
};

static status time_run(struct systolic_run *r, const struct systolic_config *c,
                       const struct systolic_job *j, double seconds, struct arena *a,
                       struct rate *rate, struct err *err)
{
    int32_t *got = ARENA_NEW(a, int32_t, M * N), *want = ARENA_NEW(a, int32_t, M * N);
    if (!got || !want) return arena_exhausted(err);
    int64_t cycles = 0, n_cycles = 0, n = 0;
    systolic_reference(j, want);
    TRY(systolic_run_job(r, j, got, &cycles, err)); /* also warms it up */
    TRY(systolic_compare(c, j, got, want, err));
    const double start = cpu_thread_s();
    do {
        TRY(systolic_run_job(r, j, got, &cycles, err));
        n_cycles += cycles;
        n++;
    } while (cpu_thread_s() - start < seconds);
    const double s_run = cpu_thread_s() - start;
    *rate = (struct rate){(double)n * M * K * N / s_run, (double)n_cycles / s_run};
    return ST_OK;
}

static status run_form(bool loop, double seconds, struct arena *a, FILE *f,
                       double *macs_per_s, struct err *err)
{
    const struct systolic_config c = array_of_8_bits(loop);
    struct rng rng = rng_seed(1, 2);
    const struct systolic_job j = {.s = {{8, 8, true, false}, M, K, N},
                                   .a = random_codes((size_t)M * K, &rng, a),
                                   .w = random_codes((size_t)N * K, &rng, a)};
    if (!j.a || !j.w) return arena_exhausted(err);
    struct dut_options opt = dut_defaults();
    opt.opt_level = 3;
    struct systolic_run *r = NULL;
    struct rate rate = {0};
    TRY(systolic_run_open(&c, &opt, &r, err));
    const status st = time_run(r, &c, &j, seconds, a, &rate, err);
    systolic_run_close(r);
    TRY(st);
    fprintf(f,
            "verilator, %s, %d x %d units of 8 bits: %.1f M MAC/s, %.0f cycles/s, "
            "bit-exact\n",
            systolic_instance(&c).module, SIDE, SIDE, rate.macs_per_s / 1e6,
            rate.cycles_per_s);
    *macs_per_s = rate.macs_per_s;
    return ST_OK;
}

/* ---- Icarus, on the form that it runs faster ---- */

static status write_bench(const void *what, const char *path, struct err *err)
{
    const struct rtl_instance inst = systolic_instance(what);
    struct file_out o;
    TRY(file_out_open(path, &o, err));
    fprintf(o.f,
            "module bench;\n"
            "    reg clk = 0, rst = 1;\n"
            "    reg [%d:0] w, a;\n"
            "    wire [%d:0] valid;\n"
            "    integer i, k, n;\n"
            "    %s",
            SIDE * 8 - 1, SIDE - 1, inst.module);
    for (int i = 0; i < inst.n_params; i++)
        fprintf(o.f, "%s.%s(%" PRId64 ")", i ? ", " : " #(", inst.params[i].name,
                inst.params[i].value);
    fprintf(o.f,
            ") u (.clk(clk), .rst(rst), .i_en(!rst), .i_first(i %% %d == 2),\n"
            "        .i_last(i %% %d == 1), .i_ctl(6'd0), .i_w(w), .i_a(a),\n"
            "        .o_valid(valid), .o_acc());\n"
            "    initial begin\n"
            "        if (!$value$plusargs(\"n=%%d\", n)) n = 0;\n"
            "        for (i = 0; i < n + 2; i = i + 1) begin\n"
            "            rst = i < 2;\n"
            "            for (k = 0; k < %d; k = k + 8) begin\n"
            "                w[k +: 8] = $random; a[k +: 8] = $random;\n"
            "            end\n"
            "            #1 clk = 1; #1 clk = 0;\n"
            "        end\n"
            "        $finish(0);\n"
            "    end\n"
            "endmodule\n",
            K, K, SIDE * 8);
    return file_out_commit(&o, err);
}

status bench_systolic(double seconds, struct arena *a, FILE *f, struct err *err)
{
    const struct systolic_config c = array_of_8_bits(true);
    double form = 0, loops = 0, cycle_s = 0;
    TRY(run_form(false, seconds, a, f, &form, err));
    TRY(run_form(true, seconds, a, f, &loops, err));
    TRY(bench_icarus(write_bench, &c, ICARUS_CYCLES, a, &cycle_s, err));
    const double icarus = SIDE * SIDE / cycle_s;
    fprintf(f, "icarus, %s, %d x %d: %.3f M MAC/s, %.0f cycles/s\n",
            systolic_instance(&c).module, SIDE, SIDE, icarus / 1e6, 1 / cycle_s);
    fprintf(f, "verilator / icarus, %s: %.0f\n", systolic_instance(&c).module,
            loops / icarus);
    return ST_OK;
}
