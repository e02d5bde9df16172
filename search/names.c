/* names.c -- lists of known words, for options and their error messages. */
#include "search/names.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int names_find(const char *const names[], const char *word)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], word) == 0) return i;
    return -1;
}

static void append(char *text, size_t size, const char *word, size_t len)
{
    const size_t n = strlen(text);
    snprintf(text + n, size - n, "%s%.*s", n ? ", " : "", (int)len, word);
}

void names_join(const char *const names[], char *text, size_t size)
{
    text[0] = '\0';
    for (int i = 0; names[i]; i++)
        append(text, size, names[i], strlen(names[i]));
}

void names_of_files(const char *dir, const char *ending, char *text, size_t size)
{
    text[0] = '\0';
    struct dirent **list;
    const int n = scandir(dir, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        const size_t len = strlen(list[i]->d_name), tail = strlen(ending);
        if (len > tail && strcmp(list[i]->d_name + len - tail, ending) == 0)
            append(text, size, list[i]->d_name, len - tail);
        free(list[i]);
    }
    if (n >= 0) free(list);
}
