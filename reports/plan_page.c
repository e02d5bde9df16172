/* plan_page.c -- the page of a plan: its title and the order of its sections. */
#include "reports/plan_page.h"

#include <string.h>

#include "reports/format.h"
#include "reports/sections.h"

/* "c" from "a:/b/c" */
static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL || slash[1] == '\0' ? path : slash + 1;
}

/* "resnet8-fmnist" from "configs/networks/resnet8-fmnist.onnx". */
static const char *network_name(const struct report *r, struct arena *a)
{
    const char *name = last_part(r->network);
    const char *dot = strrchr(name, '.');
    return arena_strndup(a, name, dot == NULL ? strlen(name) : (size_t)(dot - name));
}

static const char *subtitle_of(const struct report *r, struct arena *a)
{
    if (report_by_table(r))
        return arena_printf(a, "%s on %s, hardware by a table of its layers, seed %s",
                            format_method(r->method), last_part(r->dataset),
                            format_count((double)r->seed).s);
    return arena_printf(a, "%s on %s, %s at %s MHz, at least %s images/s, seed %s",
                        format_method(r->method), last_part(r->dataset), r->target,
                        format_count(r->clock_mhz).s, format_count(r->fps).s,
                        format_count((double)r->seed).s);
}

static status put_sections(const struct page *p, const void *subject, struct err *err)
{
    const struct report *r = subject;
    TRY(section_verdict(p, r, err));
    TRY(section_budgets(p, r, err));
    TRY(section_bits(p, r, err));
    TRY(section_tradeoff(p, r, err));
    TRY(section_convergence(p, r, err));
    TRY(section_values(p, r, err));
    TRY(section_parity(p, r, err));
    TRY(section_layers(p, r, err));
    TRY(section_breakdown(p, r, err));
    return section_provenance(p, &r->files, true, err);
}

status plan_page_write(const struct report *r, const struct page_options *opt,
                       const char *path, struct arena *a, struct err *err)
{
    const struct page_body body = {.title = network_name(r, a),
                                   .subtitle = subtitle_of(r, a),
                                   .files = &r->files,
                                   .subject = r,
                                   .put = put_sections};
    if (body.title == NULL || body.subtitle == NULL) return arena_exhausted(err);
    return page_write(&body, opt, path, a, err);
}
