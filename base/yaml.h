/* yaml.h -- strict reading and plain writing of YAML, on libyaml.
 *
 * Reading keeps line and column, so that every error says
 *     path:line:column: what was expected, what was found
 * An unknown or repeated key is an error that names the nearest known key.
 * Writing goes through file_out (temporary file, fsync, rename). */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

struct yaml_doc;  /* one parsed file                                         */
struct yaml_node; /* one node in it; borrowed, valid until yaml_close        */

enum yaml_kind { YAML_SCALAR, YAML_SEQ, YAML_MAP };

/* ---- read ---- */
status yaml_open(const char *path, struct yaml_doc **out, struct err *err);
/* The same from memory; `name` stands for the path in messages. */
status yaml_open_text(const char *name, const char *text, struct yaml_doc **out,
                      struct err *err);
void yaml_close(struct yaml_doc *d); /* NULL allowed */
const struct yaml_node *yaml_root(const struct yaml_doc *d);

enum yaml_kind yaml_kind_of(const struct yaml_node *n);
/* Number of items (sequence), pairs (map); 0 for a scalar. */
size_t yaml_size(const struct yaml_node *n);
const struct yaml_node *yaml_item(const struct yaml_node *seq, size_t i);
const char *yaml_pair_key(const struct yaml_node *map, size_t i); /* borrowed */
const struct yaml_node *yaml_pair_value(const struct yaml_node *map, size_t i);

/* ST_PARSE unless n is of that kind. */
status yaml_expect(const struct yaml_node *n, enum yaml_kind kind, struct err *err);
/* ST_PARSE unless n is a map whose every key is in known[] (NULL-terminated). */
status yaml_check_keys(const struct yaml_node *n, const char *const known[],
                       struct err *err);
/* Value of a key, NULL if absent. */
const struct yaml_node *yaml_find(const struct yaml_node *map, const char *key);
/* Value of a required key; ST_PARSE names the missing key. */
status yaml_need(const struct yaml_node *map, const char *key,
                 const struct yaml_node **out, struct err *err);

/* Scalars.  Bounds are inclusive; ST_PARSE if not a number, ST_RANGE outside. */
status yaml_int(const struct yaml_node *n, int64_t lo, int64_t hi, int64_t *out,
                struct err *err);
status yaml_double(const struct yaml_node *n, double lo, double hi, double *out,
                   struct err *err);
status yaml_bool(const struct yaml_node *n, bool *out, struct err *err);
/* Text of a scalar, borrowed from the document. */
status yaml_text(const struct yaml_node *n, const char **out, struct err *err);
/* Index of the scalar in names[] (NULL-terminated); the error lists them. */
status yaml_enum(const struct yaml_node *n, const char *const names[], int *out,
                 struct err *err);

/* Required keys of a map, read in one call each. */
status yaml_need_int(const struct yaml_node *map, const char *key, int64_t lo,
                     int64_t hi, int64_t *out, struct err *err);
/* The same for the many int32_t fields of configurations. */
status yaml_need_i32(const struct yaml_node *map, const char *key, int32_t lo,
                     int32_t hi, int32_t *out, struct err *err);
status yaml_need_double(const struct yaml_node *map, const char *key, double lo,
                        double hi, double *out, struct err *err);
status yaml_need_text(const struct yaml_node *map, const char *key, const char **out,
                      struct err *err);
/* The same into the caller's buffer; ST_RANGE if it does not fit. */
status yaml_need_copy(const struct yaml_node *map, const char *key, char *out,
                      size_t size, struct err *err);
status yaml_need_bool(const struct yaml_node *map, const char *key, bool *out,
                      struct err *err);
status yaml_need_enum(const struct yaml_node *map, const char *key,
                      const char *const names[], int *out, struct err *err);

/* An error of the caller's own at this node's position. */
status yaml_fail(const struct yaml_node *n, status code, struct err *err,
                 const char *fmt, ...) __attribute__((format(printf, 4, 5), cold));

/* ---- write ---- */
struct yaml_out;
/* Errors are kept and reported by yaml_out_commit, so the calls between need no
 * checks.  In a map, every value call is preceded by yaml_out_key. */
status yaml_out_open(const char *path, struct yaml_out **out, struct err *err);
void yaml_out_map(struct yaml_out *o, bool flow); /* begin; flow = one line   */
void yaml_out_seq(struct yaml_out *o, bool flow);
void yaml_out_end(struct yaml_out *o); /* ends the innermost map or sequence  */
void yaml_out_key(struct yaml_out *o, const char *key);
void yaml_out_text(struct yaml_out *o, const char *value);
void yaml_out_int(struct yaml_out *o, int64_t value);
void yaml_out_double(struct yaml_out *o, double value); /* shortest that reads
                                                           back to the same bits */
void yaml_out_bool(struct yaml_out *o, bool value);
/* Key and value in one call. */
void yaml_out_put_text(struct yaml_out *o, const char *key, const char *value);
void yaml_out_put_int(struct yaml_out *o, const char *key, int64_t value);
void yaml_out_put_double(struct yaml_out *o, const char *key, double value);
void yaml_out_put_bool(struct yaml_out *o, const char *key, bool value);
/* Finishes the file under its final name and frees o, also on failure. */
status yaml_out_commit(struct yaml_out *o, struct err *err);
void yaml_out_abort(struct yaml_out *o); /* leaves nothing behind; NULL allowed */

#endif
