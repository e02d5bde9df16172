/* synth_fixture.h -- a small module to synthesise, and options for it. */
#ifndef TESTS_SYNTH_FIXTURE_H
#define TESTS_SYNTH_FIXTURE_H

#include "sim/synth.h"
#include "tests/cmocka_all.h"

static const char *const fixture_sources[] = {"tests/unit/sim/stream_copy.v", NULL};

static inline struct rtl_instance copy_instance(int64_t width, int64_t n)
{
    return (struct rtl_instance){
        .module = "stream_copy", .n_params = 2, .params = {{"WIDTH", width}, {"N", n}}};
}

static inline struct synth_options options(const char *toolchain)
{
    struct err err = {0};
    struct synth_options o = {.sources = fixture_sources, .time_limit_s = 60};
    assert_ok(toolchain_find(toolchain, NULL, &o.toolchain, &err), err);
    return o;
}

#endif
