/* page.h -- the whole report as one HTML file that works offline.
 *
 * The page holds its style, its scripts, Vega, the chart specs and the artefacts.
 * Its content security policy allows no connection, no eval, and only the scripts
 * that this program wrote. The same artefacts give the same page, byte for byte. */
#ifndef REPORTS_PAGE_H
#define REPORTS_PAGE_H

#include "reports/artefacts.h"

struct page_options {
    const char *assets_dir; /* the folder with charts/ and page/              */
    const char *vega_dir;   /* where libjs-vega lies                          */
};

/* All or nothing under `path`. */
status report_page_write(const struct report *r, const struct page_options *opt,
                         const char *path, struct arena *a, struct err *err);

#endif
