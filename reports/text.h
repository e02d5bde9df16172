/* text.h -- the report for a terminal: verdict, budgets, accuracies and bits, with
 * the same numbers as the page. */
#ifndef REPORTS_TEXT_H
#define REPORTS_TEXT_H

#include <stdio.h>

#include "reports/artefacts.h"

/* Control characters in names are shown as '?'. */
status report_text_write(const struct report *r, FILE *f, struct arena *a,
                         struct err *err);

#endif
