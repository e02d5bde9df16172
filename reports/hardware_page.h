/* hardware_page.h -- what the MAC units cost and how well the models predict it, as
 * one HTML page, and the same tables as Markdown. */
#ifndef REPORTS_HARDWARE_PAGE_H
#define REPORTS_HARDWARE_PAGE_H

#include "reports/hardware.h"
#include "reports/page.h"

/* All or nothing under `path`. */
status hardware_page_write(const struct hardware *h, const struct page_options *opt,
                           const char *path, struct arena *a, struct err *err);
status hardware_text_write(const struct hardware *h, const char *path, struct arena *a,
                           struct err *err);

#endif
