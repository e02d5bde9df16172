/* meas_db.h -- measurements that survive: an SQLite file with one row per key.
 *
 * Table `sample` has the columns of sim/sample.h under their names, with `key` as
 * primary key and NULL for an empty cell; table `failure` the key and message of rows
 * that failed when last tried.  Rows are written in transactions that are on the disk
 * when the call returns.  Safe to use from several threads and by several processes. */
#ifndef SIM_MEAS_DB_H
#define SIM_MEAS_DB_H

#include <stdbool.h>

#include "sim/sample.h"

struct meas_db; /* opaque */

/* Opens, or makes, the file with its folders.  ST_PARSE if it is no such database, or
 * one of another version, whose rows are left as they are.  Owned. */
status meas_db_open(const char *path, struct meas_db **out, struct err *err);
void meas_db_close(struct meas_db *db); /* NULL allowed */

status meas_db_find(struct meas_db *db, const struct hash_key *key, struct sample *out,
                    bool *found, struct err *err);
/* Adds rows (n) in one transaction; a key that is there already is left as it is. */
status meas_db_put(struct meas_db *db, const struct sample *rows, int n,
                   struct err *err);
status meas_db_put_failure(struct meas_db *db, const struct sample *row,
                           const char *message, struct err *err);

#endif
