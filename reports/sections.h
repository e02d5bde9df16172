/* sections.h -- the parts of a plan's page, top to bottom.
 *
 * A section that lacks its data says which artefact would bring it; none is left
 * out in silence. */
#ifndef REPORTS_SECTIONS_H
#define REPORTS_SECTIONS_H

#include "reports/artefacts.h"
#include "reports/page.h"

/* ---- section_verdict.c ---- */
/* One sentence: budgets met or which not, bit-exact or not. In the arena, NULL on
 * exhaustion. */
const char *verdict_sentence(const struct report *r, struct arena *a);
/* Good: budgets met and bit-exact. Open: budgets met, not verified. */
enum verdict { VERDICT_GOOD, VERDICT_BAD, VERDICT_OPEN };
enum verdict verdict_of(const struct report *r);
status section_verdict(const struct page *p, const struct report *r, struct err *err);
status section_budgets(const struct page *p, const struct report *r, struct err *err);

/* ---- section_plan.c ---- */
status section_bits(const struct page *p, const struct report *r, struct err *err);
status section_tradeoff(const struct page *p, const struct report *r, struct err *err);
status section_convergence(const struct page *p, const struct report *r,
                           struct err *err);

/* ---- section_values.c ---- */
status section_values(const struct page *p, const struct report *r, struct err *err);

/* ---- section_parity.c ---- */
status section_parity(const struct page *p, const struct report *r, struct err *err);

/* The table of errors on held-out measurements; nothing if there are none. */
status parity_error_table(const struct page *p, const struct report_parity *parity,
                          struct err *err);

/* ---- section_layers.c ---- */
status section_layers(const struct page *p, const struct report *r, struct err *err);
status section_breakdown(const struct page *p, const struct report *r, struct err *err);

/* ---- section_provenance.c ---- */
/* downloads: the files themselves are in the page too. */
status section_provenance(const struct page *p, const struct report_files *files,
                          bool downloads, struct err *err);

#endif
