/* json.h -- jansson values to and from files, all or nothing. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>

#include "base/status.h"

/* Parses a file; *out is owned (json_decref).  ST_NOT_FOUND, ST_PARSE with line
 * and column. */
status json_file_load(const char *path, json_t **out, struct err *err);
/* Writes with sorted keys and a final newline; "-" is stdout. */
status json_file_save(const char *path, const json_t *value, struct err *err);

#endif
