/* page.h -- one HTML file that works offline: its frame, and what its sections share.
 *
 * The page holds its style, its scripts, Vega, the chart specs and their data.
 * Its content security policy allows no connection, no eval, and only the scripts
 * that this program wrote.  The same artefacts give the same page, byte for byte. */
#ifndef REPORTS_PAGE_H
#define REPORTS_PAGE_H

#include <stdio.h>

#include "reports/source.h"

struct page_options {
    const char *assets_dir; /* the folder with charts/ and page/              */
    const char *vega_dir;   /* where libjs-vega lies                          */
};

struct page {
    FILE *f;                /* being written; its errors are seen at commit   */
    const char *charts_dir; /* reports/charts                                 */
    struct arena *arena;
};

struct page_body {
    const char *title, *subtitle;
    const struct report_files *files; /* everything that came from files      */
    const void *subject;              /* what put() shows                     */
    status (*put)(const struct page *p, const void *subject, struct err *err);
};

/* All or nothing under `path`. */
status page_write(const struct page_body *body, const struct page_options *opt,
                  const char *path, struct arena *a, struct err *err);

/* ---- for the sections ---- */
/* The figure of one chart: an empty plot, its caption, the spec NAME with the data;
 * id is unique on the page.  Takes content; id, caption and content may be NULL
 * (exhausted). */
status page_chart(const struct page *p, const char *name, const char *id,
                  const char *caption, json_t *content, struct err *err);
void page_section_open(const struct page *p, const char *id, const char *title);
void page_section_close(const struct page *p);
/* <details> around the table that says what a chart shows. */
void page_table_open(const struct page *p, const char *summary);
void page_table_close(const struct page *p);

#endif
