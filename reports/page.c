/* page.c -- see page.h: the frame of a page and what its sections share. */
#include "reports/page.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/provenance.h"
#include "reports/html.h"
#include "reports/vega.h"

/* ---- what the sections share ---- */

void page_section_open(const struct page *p, const char *id, const char *title)
{
    html_put(p->f, "<section id=\"%s\">\n<h2>%s</h2>\n", id, title);
}

void page_section_close(const struct page *p) { html_put(p->f, "</section>\n\n"); }

void page_table_open(const struct page *p, const char *summary)
{
    html_put(p->f, "<details><summary>%s</summary><div class=\"scroll\"><table>",
             summary);
}

void page_table_close(const struct page *p)
{
    html_put(p->f, "</table></div></details>\n");
}

status page_chart(const struct page *p, const char *name, const char *id,
                  const char *caption, json_t *content, struct err *err)
{
    json_t *spec = NULL;
    status st;
    if (content == NULL || id == NULL || caption == NULL) {
        json_decref(content);
        return arena_exhausted(err);
    }
    TRY_OUT(vega_spec_load(p->charts_dir, name, content, p->arena, &spec, err));
    html_put(p->f,
             "<figure data-chart=\"%s\"><div class=\"plot\"></div>"
             "<figcaption>%s</figcaption></figure>\n"
             "<script type=\"application/json\" id=\"spec-%s\">",
             id, caption, id);
    st = html_json(p->f, spec, err);
    html_put(p->f, "</script>\n");
out:
    json_decref(content);
    json_decref(spec);
    return st;
}

/* ---- frame ---- */

/* Only scripts that carry this word run.  It is the hash of everything that came
 * from files, so nothing in a file can contain it. */
static status nonce_of(const struct report_files *files, struct hash_key *out,
                       struct err *err)
{
    struct hash *h = hash_new();
    if (h == NULL) return arena_exhausted(err);
    for (int32_t i = 0; i < files->n; i++)
        hash_bytes(h, files->file[i].text, files->file[i].size);
    *out = hash_free_key(h);
    return ST_OK;
}

/* The text of one of our own files, raw. */
static status put_asset(FILE *f, const char *dir, const char *name, struct arena *a,
                        struct err *err)
{
    char *text;
    size_t n;
    const char *path = arena_printf(a, "%s/page/%s", dir, name);
    if (path == NULL) return arena_exhausted(err);
    TRY(file_read(path, a, &text, &n, err));
    fwrite(text, 1, n, f);
    return ST_OK;
}

static status put_head(const struct page *p, const struct page_options *opt,
                       const char *nonce, const char *title, struct err *err)
{
    html_put(
        p->f,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "script-src 'nonce-%s'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"generator\" content=\"bitwright %s\">\n"
        "<title>%s: bitwright report</title>\n<style>\n",
        nonce, BITWRIGHT_VERSION, title);
    TRY(put_asset(p->f, opt->assets_dir, "report.css", p->arena, err));
    html_put(p->f, "</style>\n</head>\n<body>\n");
    return ST_OK;
}

static status put_foot(const struct page *p, const struct page_options *opt,
                       const char *nonce, struct err *err)
{
    const char *licence;
    TRY(vega_licence(p->arena, &licence, err));
    html_put(
        p->f,
        "<footer>bitwright %s. Charts are drawn by Vega (BSD-3-Clause, University of "
        "Washington Interactive Data Lab), which this page contains.",
        BITWRIGHT_VERSION);
    if (licence[0] != '\0')
        html_put(p->f,
                 "<details><summary>Licence of Vega</summary><pre>%s</pre></details>",
                 licence);
    html_put(p->f,
             "</footer>\n<div id=\"tip\" role=\"status\" hidden></div>\n"
             "<script nonce=\"%s\">\n",
             nonce);
    TRY(put_asset(p->f, opt->assets_dir, "modules.js", p->arena, err));
    TRY(vega_put_modules(p->f, opt->vega_dir, p->arena, err));
    TRY(put_asset(p->f, opt->assets_dir, "report.js", p->arena, err));
    html_put(p->f, "</script>\n</body>\n</html>\n");
    return ST_OK;
}

static status put_page(const struct page *p, const struct page_body *body,
                       const struct page_options *opt, struct err *err)
{
    struct hash_key nonce;
    TRY(nonce_of(body->files, &nonce, err));
    TRY(put_head(p, opt, nonce.hex, body->title, err));
    html_put(p->f,
             "<header>\n<div class=\"brand\">bitwright report</div>\n<h1>%s</h1>\n"
             "<p>%s</p>\n</header>\n",
             body->title, body->subtitle);
    TRY(body->put(p, body->subject, err));
    return put_foot(p, opt, nonce.hex, err);
}

status page_write(const struct page_body *body, const struct page_options *opt,
                  const char *path, struct arena *a, struct err *err)
{
    struct file_out out;
    const char *charts = arena_printf(a, "%s/charts", opt->assets_dir);
    if (charts == NULL) return arena_exhausted(err);
    TRY(file_out_open(path, &out, err));
    const struct page p = {out.f, charts, a};
    const status st = put_page(&p, body, opt, err);
    if (st == ST_OK) return file_out_commit(&out, err);
    file_out_abort(&out);
    return st;
}
