/* reach.c -- a scanner that knows comments, strings and identifiers is all it takes. */
#include "rtl/reach.h"

#include <ctype.h>
#include <string.h>

#include "base/file.h"

struct word {
    const char *text; /* into the file's text */
    size_t n;
};

struct module {
    struct word name;
    int file;
};

struct rtl_reach {
    int n_files, n_modules;
    const char *const *sources;
    const char **texts;     /* (n_files) */
    struct module *modules; /* (n_modules) */
    bool *names;            /* (n_files, n_modules): the file names the module */
};

static bool starts_word(char c) { return isalpha((unsigned char)c) || c == '_'; }

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$';
}

static const char *skip_string(const char *p)
{
    for (p++; *p && *p != '"'; p++)
        if (*p == '\\' && p[1]) p++;
    return *p ? p + 1 : p;
}

/* Behind a comment or string that begins at p; p itself if none does. */
static const char *skip_text(const char *p)
{
    if (*p == '"') return skip_string(p);
    if (p[0] == '/' && p[1] == '/') return p + strcspn(p, "\n");
    if (p[0] != '/' || p[1] != '*') return p;
    const char *end = strstr(p + 2, "*/");
    return end ? end + 2 : p + strlen(p);
}

/* The next identifier from *at on, which moves behind it; n = 0 at the end. */
static struct word next_word(const char **at)
{
    const char *p = *at;
    while (*p) {
        const char *behind = skip_text(p);
        if (behind != p) {
            p = behind;
            continue;
        }
        if (starts_word(*p)) break;
        /* A number such as 8'hff must not leave its letters as a word. */
        if (in_word(*p) || *p == '\'' || *p == '`')
            for (p++; in_word(*p); p++) {
            }
        else
            p++;
    }
    struct word w = {.text = p};
    while (in_word(p[w.n]))
        w.n++;
    *at = p + w.n;
    return w;
}

static bool same(struct word a, struct word b)
{
    return a.n == b.n && memcmp(a.text, b.text, a.n) == 0;
}

static bool is(struct word w, const char *text)
{
    return same(w, (struct word){.text = text, .n = strlen(text)});
}

static status load_texts(struct rtl_reach *r, struct arena *a, struct err *err)
{
    const char *home = NULL;
    TRY(file_home_dir(a, &home, err));
    while (r->sources[r->n_files])
        r->n_files++;
    r->texts = ARENA_NEW(a, const char *, (size_t)r->n_files + 1);
    if (!r->texts) return arena_exhausted(err);
    for (int f = 0; f < r->n_files; f++) {
        const char *path = file_join(a, home, r->sources[f]);
        char *text = NULL;
        size_t size = 0;
        if (!path) return arena_exhausted(err);
        TRY(file_read(path, a, &text, &size, err));
        r->texts[f] = text;
    }
    return ST_OK;
}

/* Counts the modules, and keeps them where there is room for them. */
static int find_modules(const struct rtl_reach *r, struct module *out)
{
    int n = 0;
    for (int f = 0; f < r->n_files; f++) {
        const char *at = r->texts[f];
        for (struct word w = next_word(&at); w.n; w = next_word(&at)) {
            if (!is(w, "module")) continue;
            w = next_word(&at);
            if (out) out[n] = (struct module){.name = w, .file = f};
            n++;
        }
    }
    return n;
}

static void find_names(struct rtl_reach *r)
{
    for (int f = 0; f < r->n_files; f++) {
        const char *at = r->texts[f];
        for (struct word w = next_word(&at); w.n; w = next_word(&at))
            for (int m = 0; m < r->n_modules; m++)
                if (same(w, r->modules[m].name)) r->names[f * r->n_modules + m] = true;
    }
}

status rtl_reach_load(const char *const *sources, struct arena *a,
                      struct rtl_reach **out, struct err *err)
{
    struct rtl_reach *r = ARENA_NEW(a, struct rtl_reach, 1);
    if (!r) return arena_exhausted(err);
    r->sources = sources;
    TRY(load_texts(r, a, err));
    r->n_modules = find_modules(r, NULL);
    r->modules = ARENA_NEW(a, struct module, (size_t)r->n_modules + 1);
    r->names = ARENA_NEW(a, bool, (size_t)(r->n_files * r->n_modules) + 1);
    if (!r->modules || !r->names) return arena_exhausted(err);
    find_modules(r, r->modules);
    find_names(r);
    *out = r;
    return ST_OK;
}

static bool is_without(struct word name, const char *const *without)
{
    for (int i = 0; without && without[i]; i++)
        if (is(name, without[i])) return true;
    return false;
}

status rtl_reach_files(const struct rtl_reach *r, const char *module,
                       const char *const *without, struct arena *a,
                       const char *const **out, struct err *err)
{
    bool *reached = ARENA_NEW(a, bool, (size_t)r->n_files + 1);
    const char **files = ARENA_NEW(a, const char *, (size_t)r->n_files + 1);
    if (!reached || !files) return arena_exhausted(err);
    int n = 0;
    for (int m = 0; m < r->n_modules; m++)
        if (is(r->modules[m].name, module)) {
            reached[r->modules[m].file] = true;
            n++;
        }
    if (n == 0)
        return err_set(err, ST_NOT_FOUND, "module %s is in none of the Verilog files",
                       module);
    for (bool more = true; more;) {
        more = false;
        for (int f = 0; f < r->n_files; f++)
            for (int m = 0; reached[f] && m < r->n_modules; m++) {
                const struct module *to = &r->modules[m];
                if (!r->names[f * r->n_modules + m] || reached[to->file] ||
                    is_without(to->name, without))
                    continue;
                reached[to->file] = more = true;
            }
    }
    n = 0;
    for (int f = 0; f < r->n_files; f++)
        if (reached[f]) files[n++] = r->sources[f];
    *out = files;
    return ST_OK;
}

bool rtl_reach_names(const struct rtl_reach *r, const char *const *files,
                     const char *identifier)
{
    for (int f = 0; f < r->n_files; f++) {
        bool asked = false;
        for (int i = 0; files[i]; i++)
            asked = asked || strcmp(files[i], r->sources[f]) == 0;
        const char *at = r->texts[f];
        for (struct word w = next_word(&at); asked && w.n; w = next_word(&at))
            if (is(w, identifier)) return true;
    }
    return false;
}
