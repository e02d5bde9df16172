/* json_read.h -- reading required and optional keys of a JSON object.
 *
 * Messages read "path: expected TYPE under 'key' ..., found ...", where `where`
 * says which object it is ("" for the root, "of layer 'conv1'" for another). */
#ifndef REPORTS_JSON_READ_H
#define REPORTS_JSON_READ_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/status.h"

struct json_place {
    const char *path;  /* of the file                                        */
    const char *where; /* which object, for messages                         */
    json_t *object;
};

/* ST_PARSE if the key is missing or of another type. */
status json_need_double(const struct json_place *p, const char *key, double *out,
                        struct err *err);
status json_need_bool(const struct json_place *p, const char *key, bool *out,
                      struct err *err);
/* Copied into the arena. */
status json_need_text(const struct json_place *p, const char *key, struct arena *a,
                      const char **out, struct err *err);
/* Borrowed from the object. */
status json_need_array(const struct json_place *p, const char *key, json_t **out,
                       struct err *err);
status json_need_object(const struct json_place *p, const char *key, json_t **out,
                        struct err *err);

/* *out keeps its value if the key is missing; ST_PARSE if it has another type. */
status json_may_double(const struct json_place *p, const char *key, double *out,
                       struct err *err);
status json_may_text(const struct json_place *p, const char *key, struct arena *a,
                     const char **out, struct err *err);

/* Value of an object or array member as an object; ST_PARSE if it is not one. */
status json_expect_object(const char *path, const char *what, json_t *value,
                          struct err *err);
/* "version" must be that number. */
status json_need_version(const struct json_place *p, int version, struct err *err);

#endif
