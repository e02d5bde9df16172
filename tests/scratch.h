/* scratch.h -- a folder of a test's own, gone when the test is. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

struct scratch {
    char dir[64];
    char path[160]; /* of the last scratch_path or scratch_file */
};

/* False if no folder can be made. */
static inline int scratch_open(struct scratch *s)
{
    strcpy(s->dir, "/tmp/bitwright-test-XXXXXX");
    return mkdtemp(s->dir) != NULL;
}

static inline void scratch_close(struct scratch *s) { file_remove_tree(s->dir, NULL); }

/* The same as cmocka's set-up and tear-down of a group: *state is the folder. */
static inline int scratch_setup(void **state)
{
    struct scratch *s = calloc(1, sizeof *s);
    *state = s;
    return s && scratch_open(s) ? 0 : -1;
}

static inline int scratch_teardown(void **state)
{
    scratch_close(*state);
    free(*state);
    return 0;
}

/* dir/name; valid until the next call. */
static inline const char *scratch_path(struct scratch *s, const char *name)
{
    snprintf(s->path, sizeof s->path, "%s/%s", s->dir, name);
    return s->path;
}

/* The same, with that text in it. */
static inline const char *scratch_file(struct scratch *s, const char *name,
                                       const char *text)
{
    const char *path = scratch_path(s, name);
    FILE *f = fopen(path, "wb");
    if (!f) return NULL;
    fputs(text, f);
    fclose(f);
    return path;
}

/* Number of files in it: a test that nothing was left behind. */
static inline int scratch_count(const struct scratch *s)
{
    int n = 0;
    DIR *dir = opendir(s->dir);
    if (!dir) return -1;
    for (struct dirent *e; (e = readdir(dir));)
        n += e->d_name[0] != '.';
    closedir(dir);
    return n;
}

#endif
