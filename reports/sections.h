/* sections.h -- the parts of the page, top to bottom.
 *
 * A section that lacks its data says which artefact would bring it; none is left
 * out in silence. */
#ifndef REPORTS_SECTIONS_H
#define REPORTS_SECTIONS_H

#include <stdio.h>

#include "reports/artefacts.h"

struct page {
    FILE *f; /* being written; its errors are seen at commit                  */
    const struct report *r;
    const char *charts_dir; /* reports/charts                                 */
    struct arena *arena;
};

/* ---- section_verdict.c ---- */
/* One sentence: budgets met or which not, bit-exact or not. In the arena, NULL on
 * exhaustion. */
const char *verdict_sentence(const struct report *r, struct arena *a);
/* Good: budgets met and bit-exact. Open: budgets met, not verified. */
enum verdict { VERDICT_GOOD, VERDICT_BAD, VERDICT_OPEN };
enum verdict verdict_of(const struct report *r);
status section_verdict(const struct page *p, struct err *err);
status section_budgets(const struct page *p, struct err *err);

/* ---- section_plan.c ---- */
status section_bits(const struct page *p, struct err *err);
status section_tradeoff(const struct page *p, struct err *err);
status section_convergence(const struct page *p, struct err *err);

/* ---- section_values.c ---- */
status section_values(const struct page *p, struct err *err);

/* ---- section_parity.c ---- */
status section_parity(const struct page *p, struct err *err);

/* ---- section_layers.c ---- */
status section_layers(const struct page *p, struct err *err);
status section_breakdown(const struct page *p, struct err *err);

/* ---- section_provenance.c ---- */
status section_provenance(const struct page *p, struct err *err);

/* ---- shared by the sections (page.c) ---- */
/* The figure of one chart: an empty plot, its caption, its spec with the data.
 * Takes content, which may be NULL (exhausted). */
status page_chart(const struct page *p, const char *name, const char *caption,
                  json_t *content, struct err *err);
void page_section_open(const struct page *p, const char *id, const char *title);
void page_section_close(const struct page *p);
/* <details> around the table that says what a chart shows. */
void page_table_open(const struct page *p, const char *summary);
void page_table_close(const struct page *p);

#endif
