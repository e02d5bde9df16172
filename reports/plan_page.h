/* plan_page.h -- a plan, its verification and its cost model as one page. */
#ifndef REPORTS_PLAN_PAGE_H
#define REPORTS_PLAN_PAGE_H

#include "reports/artefacts.h"
#include "reports/page.h"

/* All or nothing under `path`. */
status plan_page_write(const struct report *r, const struct page_options *opt,
                       const char *path, struct arena *a, struct err *err);

#endif
