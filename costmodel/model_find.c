/* model_find.c -- shipped models by name. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "base/file.h"
#include "costmodel/model.h"

enum { NAMES_MAX = 64 };

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of the .yaml files of a folder, sorted; NULL-terminated. */
static void list_names(const char *dir, struct arena *a,
                       const char *names[NAMES_MAX + 1])
{
    int n = 0;
    DIR *d = opendir(dir);
    for (struct dirent *e; d && n < NAMES_MAX && (e = readdir(d));) {
        const size_t length = strlen(e->d_name);
        if (length <= 5 || strcmp(e->d_name + length - 5, ".yaml") != 0) continue;
        const char *name = arena_strndup(a, e->d_name, length - 5);
        if (name) names[n++] = name;
    }
    if (d) closedir(d);
    names[n] = NULL;
    qsort(names, (size_t)n, sizeof *names, compare_names);
}

static status not_found(const char *name, const char *dir, struct arena *a,
                        struct err *err)
{
    const char *names[NAMES_MAX + 1];
    char list[256] = "";
    size_t used = 0;
    list_names(dir, a, names);
    for (int i = 0; names[i] && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "",
                                 names[i]);
    const char *near = cli_nearest(name, names);
    return err_set(
        err, ST_NOT_FOUND,
        "cost model '%s': expected a file, or one of the shipped models (%s), "
        "found no %s/%s.yaml%s%s",
        name, list, dir, name, near ? "; nearest: " : "", near ? near : "");
}

status cost_model_find(const char *name, struct arena *a, const char **path,
                       struct err *err)
{
    const char *home;
    if (strpbrk(name, "/.")) {
        *path = arena_strdup(a, name);
        return *path ? ST_OK : arena_exhausted(err);
    }
    TRY(file_home_dir(a, &home, err));
    const char *dir = file_join(a, home, "costmodel/models");
    *path = dir ? arena_printf(a, "%s/%s.yaml", dir, name) : NULL;
    if (!*path) return arena_exhausted(err);
    return file_exists(*path) ? ST_OK : not_found(name, dir, a, err);
}
