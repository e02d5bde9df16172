/* section_provenance.c -- where every number came from, and the files themselves
 * to download. */
#include <string.h>

#include "reports/html.h"
#include "reports/sections.h"

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static const char *mime_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    if (dot != NULL && strcmp(dot, ".json") == 0) return "application/json";
    return "text/yaml";
}

static void put_artefact(FILE *f, const struct report_file *a)
{
    html_put(
        f, "<div class=\"artefact\"><strong>%s</strong> <span class=\"mono\">%s</span>",
        a->role, file_name(a->path));
    html_put(f, "<dl>");
    if (a->n_pairs == 0)
        html_put(f, "<dt>origin</dt><dd>the file has no provenance</dd>");
    for (int32_t i = 0; i < a->n_pairs; i++)
        html_put(f, "<dt>%s</dt><dd class=\"mono\">%s</dd>", a->pairs[i].key,
                 a->pairs[i].value);
    html_put(f, "</dl></div>\n");
}

static void put_downloads(FILE *f, const struct report_files *files)
{
    html_put(f, "<ul class=\"downloads\">\n");
    for (int32_t i = 0; i < files->n; i++) {
        const struct report_file *a = &files->file[i];
        html_put(f, "<li><a download=\"%s\" href=\"", file_name(a->path));
        html_data_uri(f, mime_of(a->path), a->text, a->size);
        html_put(f, "\">\u2193 %s</a></li>\n", file_name(a->path));
    }
    html_put(f, "</ul>\n");
}

status section_provenance(const struct page *p, const struct report_files *files,
                          bool downloads, struct err *err)
{
    FILE *f = p->f;
    (void)err;
    page_section_open(p, "provenance", "Provenance and data");
    html_put(f,
             "<p>Every number above is in one of these files; each says what made it, "
             "from which inputs and with which tools.</p>\n");
    for (int32_t i = 0; i < files->n; i++)
        put_artefact(f, &files->file[i]);
    if (downloads) put_downloads(f, files);
    page_section_close(p);
    return ST_OK;
}
