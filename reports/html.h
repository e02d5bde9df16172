/* html.h -- writing HTML in which text from files can never become markup.
 *
 * Templates are literals of this program; everything else goes through one of
 * these functions, which escape for the place they write to. */
#ifndef REPORTS_HTML_H
#define REPORTS_HTML_H

#include <stddef.h>
#include <stdio.h>

#include "base/json.h"
#include "base/status.h"

/* Writes a template; every %s in it is replaced by the next argument, escaped.
 * Only %s and %% are known.  Good in element content and in quoted attributes. */
void html_put(FILE *f, const char *template, ...) __attribute__((format(printf, 2, 3)));
/* Text, escaped: & < > " '; control characters other than tab and line feed become
 * the replacement character. */
void html_text(FILE *f, const char *text);
/* A value as the content of <script type="application/json">.  ST_RANGE if it
 * cannot be written as JSON. */
status html_json(FILE *f, const json_t *value, struct err *err);
/* data:MIME;base64,... for a quoted attribute; mime is a literal. */
void html_data_uri(FILE *f, const char *mime, const void *bytes, size_t n);

#endif
