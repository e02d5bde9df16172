/* format.c -- see format.h. */
#include "reports/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static struct format_text dash(void) { return (struct format_text){"\u2013"}; }

struct format_text format_count(double v)
{
    struct format_text out;
    char digits[32];
    if (!isfinite(v) || fabs(v) >= 1e18) return dash();
    if (fabs(v) < 100 && fabs(v - round(v)) > 1e-9) {
        snprintf(out.s, sizeof out.s, "%.3g", v);
        return out;
    }
    const int n = snprintf(digits, sizeof digits, "%.0f", fabs(v));
    char *p = out.s;
    if (v < 0 && strcmp(digits, "0") != 0) *p++ = '-';
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0) *p++ = ',';
        *p++ = digits[i];
    }
    *p = '\0';
    return out;
}

struct format_text format_whole(double v) { return format_count(round(v)); }

static struct format_text number(const char *form, double v)
{
    struct format_text out;
    if (!isfinite(v)) return dash();
    /* form is one of the literals below */
    snprintf(out.s, sizeof out.s, form, v);
    return out;
}

struct format_text format_percent(double ratio)
{
    return number("%.2f %%", 100 * ratio);
}

struct format_text format_percent1(double ratio)
{
    return number("%.1f %%", 100 * ratio);
}

struct format_text format_error(double ratio)
{
    return number("%+.1f %%", 100 * ratio);
}

struct format_text format_points(double difference)
{
    return number("%+.2f points", 100 * difference);
}

struct format_text format_decimal(double v) { return number("%.2f", v); }

const char *format_metric(const char *name)
{
    static const struct {
        const char *name, *label;
    } known[] = {
        {"lut", "LUT"},
        {"ff", "FF"},
        {"dsp", "DSP"},
        {"bram18", "BRAM18"},
        {"cycles", "cycles per image"},
        {"energy_uj", "energy per image [uJ]"},
        {"size_bytes", "weights [byte]"},
        {"bitops", "BitOps per image"},
        {"latency_us", "latency per image [us]"},
        {"area", "cell area [\u00b5m\u00b2]"},
        {"energy", "energy per product [pJ]"},
        {"energy_zero", "energy per product without glitches [pJ]"},
        {"delay", "critical path [ns]"},
        {"fmax", "clock [MHz]"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].name, name) == 0) return known[i].label;
    return name;
}

const char *format_method(const char *name)
{
    static const struct {
        const char *name, *label;
    } acronyms[] = {
        {"ssps", "SSPS"}, {"haq", "HAQ"}, {"ompq", "OMPQ"}, {"nemo", "NEMO"}};
    for (size_t i = 0; i < sizeof acronyms / sizeof acronyms[0]; i++)
        if (strcmp(acronyms[i].name, name) == 0) return acronyms[i].label;
    return name;
}
