/* artefact_text.h -- the golden artefacts with one piece of text exchanged. */
#ifndef TESTS_UNIT_REPORTS_ARTEFACT_TEXT_H
#define TESTS_UNIT_REPORTS_ARTEFACT_TEXT_H

#include "base/arena.h"
#include "tests/scratch.h"

#define GOLDEN "tests/golden/report/"

/* The golden file `name` with the first `find` replaced by `replace`, in arena;
 * NULL if the file has no `find`, for then the test would test nothing. */
static inline char *artefact_text(struct arena *a, const char *name, const char *find,
                                  const char *replace)
{
    char *text;
    size_t size;
    const char *path = arena_printf(a, GOLDEN "%s", name);
    if (path == NULL || file_read(path, a, &text, &size, NULL) != ST_OK) return NULL;
    char *at = strstr(text, find);
    if (at == NULL) return NULL;
    return arena_printf(a, "%.*s%s%s", (int)(at - text), text, replace,
                        at + strlen(find));
}

#endif
