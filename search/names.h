/* names.h -- lists of known words, for options and their error messages. */
#ifndef SEARCH_NAMES_H
#define SEARCH_NAMES_H

#include <stddef.h>

/* Index in the NULL-terminated list, -1 if absent. */
int names_find(const char *const names[], const char *word);
/* "a, b, c", cut to fit. */
void names_join(const char *const names[], char *text, size_t size);
/* The same of the files of a folder with that ending, sorted, without it. */
void names_of_files(const char *dir, const char *ending, char *text, size_t size);

#endif
