#include "sim/meas_db.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum {
    DB_VERSION = 2,
    BUSY_MS = 20000, /* another process's transaction takes milliseconds */
    SQL_MAX = 4096,
};

struct meas_db {
    sqlite3 *sql;
    char *path;
    pthread_mutex_t lock;
};

static status sql_error(const struct meas_db *db, struct err *err)
{
    const int code = sqlite3_errcode(db->sql) & 0xff;
    const bool format = code == SQLITE_NOTADB || code == SQLITE_CORRUPT;
    return err_set(err, format ? ST_PARSE : ST_IO, "%s: %s", db->path,
                   sqlite3_errmsg(db->sql));
}

static status sql_run(const struct meas_db *db, const char *text, struct err *err)
{
    if (sqlite3_exec(db->sql, text, NULL, NULL, NULL) == SQLITE_OK) return ST_OK;
    return sql_error(db, err);
}

static status read_version(const struct meas_db *db, int *version, struct err *err)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(db->sql, "PRAGMA user_version", -1, &s, NULL) != SQLITE_OK)
        return sql_error(db, err);
    const int rc = sqlite3_step(s);
    *version = rc == SQLITE_ROW ? sqlite3_column_int(s, 0) : 0;
    sqlite3_finalize(s);
    return rc == SQLITE_ROW ? ST_OK : sql_error(db, err);
}

/* "name TYPE, ..." or "name, ..." of all columns, appended to text. */
static void column_list(char *text, size_t size, bool with_types)
{
    static const char *const types[] = {"TEXT", "INTEGER", "INTEGER", "REAL"};
    for (int i = 0; i < SAMPLE_N_COLUMNS; i++) {
        const size_t n = strlen(text);
        const struct sample_column *c = &sample_columns[i];
        (void)snprintf(text + n, size - n, "%s%s%s%s%s", i ? ", " : "", c->name,
                       with_types ? " " : "", with_types ? types[c->type] : "",
                       with_types && i == 0 ? " PRIMARY KEY" : "");
    }
}

static status make_tables(const struct meas_db *db, struct err *err)
{
    char text[SQL_MAX] = "CREATE TABLE IF NOT EXISTS sample (";
    column_list(text, sizeof text, true);
    strcat(text, ") WITHOUT ROWID");
    TRY(sql_run(db, text, err));
    TRY(sql_run(db,
                "CREATE TABLE IF NOT EXISTS failure (key TEXT PRIMARY KEY, "
                "row TEXT, message TEXT) WITHOUT ROWID",
                err));
    (void)snprintf(text, sizeof text, "PRAGMA user_version = %d", DB_VERSION);
    return sql_run(db, text, err);
}

static status prepare_file(struct meas_db *db, struct err *err)
{
    const char *slash = strrchr(db->path, '/');
    if (slash && slash != db->path) {
        char *dir = strdup(db->path);
        if (!dir) return err_set(err, ST_NOMEM, "out of memory");
        dir[slash - db->path] = '\0';
        const status st = file_make_dirs(dir, err);
        free(dir);
        TRY(st);
    }
    if (sqlite3_open(db->path, &db->sql) != SQLITE_OK) return sql_error(db, err);
    sqlite3_busy_timeout(db->sql, BUSY_MS);
    int version = 0;
    TRY(read_version(db, &version, err));
    if (version == DB_VERSION) return ST_OK;
    if (version != 0)
        return err_set(err, ST_PARSE,
                       "%s: expected a measurement database of version %d, found %d; "
                       "nothing asks for its rows any more: remove it, or name another "
                       "one (--db)",
                       db->path, DB_VERSION, version);
    return make_tables(db, err);
}

status meas_db_open(const char *path, struct meas_db **out, struct err *err)
{
    *out = NULL;
    struct meas_db *db = calloc(1, sizeof *db);
    if (!db) return err_set(err, ST_NOMEM, "out of memory");
    pthread_mutex_init(&db->lock, NULL);
    db->path = strdup(path);
    const status st =
        db->path ? prepare_file(db, err) : err_set(err, ST_NOMEM, "out of memory");
    if (st == ST_OK)
        *out = db;
    else
        meas_db_close(db);
    return st;
}

void meas_db_close(struct meas_db *db)
{
    if (!db) return;
    sqlite3_close(db->sql);
    pthread_mutex_destroy(&db->lock);
    free(db->path);
    free(db);
}

static void read_row(sqlite3_stmt *s, struct sample *out)
{
    *out = sample_empty();
    for (int i = 0; i < SAMPLE_N_COLUMNS; i++) {
        const struct sample_column *c = &sample_columns[i];
        void *to = (char *)out + c->offset;
        if (sqlite3_column_type(s, i) == SQLITE_NULL) continue;
        switch (c->type) {
        case SAMPLE_TEXT:
            (void)snprintf(to, c->size, "%s", (const char *)sqlite3_column_text(s, i));
            break;
        case SAMPLE_I32:
            *(int32_t *)to = sqlite3_column_int(s, i);
            break;
        case SAMPLE_I64:
            *(int64_t *)to = sqlite3_column_int64(s, i);
            break;
        case SAMPLE_REAL:
            *(double *)to = sqlite3_column_double(s, i);
            break;
        }
    }
}

static status find(const struct meas_db *db, const struct hash_key *key,
                   struct sample *out, bool *found, struct err *err)
{
    char text[SQL_MAX] = "SELECT ";
    column_list(text, sizeof text, false);
    strcat(text, " FROM sample WHERE key = ?");
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(db->sql, text, -1, &s, NULL) != SQLITE_OK)
        return sql_error(db, err);
    sqlite3_bind_text(s, 1, key->hex, -1, SQLITE_STATIC);
    const int rc = sqlite3_step(s);
    *found = rc == SQLITE_ROW;
    if (*found) read_row(s, out);
    sqlite3_finalize(s);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? ST_OK : sql_error(db, err);
}

status meas_db_find(struct meas_db *db, const struct hash_key *key, struct sample *out,
                    bool *found, struct err *err)
{
    pthread_mutex_lock(&db->lock);
    const status st = find(db, key, out, found, err);
    pthread_mutex_unlock(&db->lock);
    return st;
}

static void bind_row(sqlite3_stmt *s, const struct sample *row)
{
    for (int i = 0; i < SAMPLE_N_COLUMNS; i++) {
        const struct sample_column *c = &sample_columns[i];
        const void *from = (const char *)row + c->offset;
        if (sample_is_none(row, c)) {
            sqlite3_bind_null(s, i + 1);
            continue;
        }
        switch (c->type) {
        case SAMPLE_TEXT:
            sqlite3_bind_text(s, i + 1, from, -1, SQLITE_STATIC);
            break;
        case SAMPLE_I32:
            sqlite3_bind_int(s, i + 1, *(const int32_t *)from);
            break;
        case SAMPLE_I64:
            sqlite3_bind_int64(s, i + 1, *(const int64_t *)from);
            break;
        case SAMPLE_REAL:
            sqlite3_bind_double(s, i + 1, *(const double *)from);
            break;
        }
    }
}

static status insert_rows(const struct meas_db *db, const struct sample *rows, int n,
                          struct err *err)
{
    char text[SQL_MAX] = "INSERT OR IGNORE INTO sample (";
    column_list(text, sizeof text, false);
    strcat(text, ") VALUES (?");
    for (int i = 1; i < SAMPLE_N_COLUMNS; i++)
        strcat(text, ", ?");
    strcat(text, ")");
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(db->sql, text, -1, &s, NULL) != SQLITE_OK)
        return sql_error(db, err);
    status st = ST_OK;
    for (int i = 0; i < n && st == ST_OK; i++) {
        bind_row(s, &rows[i]);
        if (sqlite3_step(s) != SQLITE_DONE) st = sql_error(db, err);
        sqlite3_reset(s);
    }
    sqlite3_finalize(s);
    return st;
}

static status bind_and_run(const struct meas_db *db, const char *text, int n,
                           const char *const values[], struct err *err)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(db->sql, text, -1, &s, NULL) != SQLITE_OK)
        return sql_error(db, err);
    for (int i = 0; i < n; i++)
        sqlite3_bind_text(s, i + 1, values[i], -1, SQLITE_STATIC);
    const int rc = sqlite3_step(s);
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? ST_OK : sql_error(db, err);
}

static status put(const struct meas_db *db, const struct sample *rows, int n,
                  struct err *err)
{
    TRY(sql_run(db, "BEGIN IMMEDIATE", err));
    status st = insert_rows(db, rows, n, err);
    for (int i = 0; i < n && st == ST_OK; i++) {
        const char *const key[] = {rows[i].key.hex};
        st = bind_and_run(db, "DELETE FROM failure WHERE key = ?", 1, key, err);
    }
    if (st == ST_OK) st = sql_run(db, "COMMIT", err);
    if (st != ST_OK) (void)sql_run(db, "ROLLBACK", NULL);
    return st;
}

status meas_db_put(struct meas_db *db, const struct sample *rows, int n,
                   struct err *err)
{
    if (n == 0) return ST_OK;
    pthread_mutex_lock(&db->lock);
    const status st = put(db, rows, n, err);
    pthread_mutex_unlock(&db->lock);
    return st;
}

status meas_db_put_failure(struct meas_db *db, const struct sample *row,
                           const char *message, struct err *err)
{
    char text[256];
    const char *const values[] = {row->key.hex, sample_describe(row, text, sizeof text),
                                  message};
    pthread_mutex_lock(&db->lock);
    const status st = bind_and_run(
        db, "INSERT OR REPLACE INTO failure VALUES (?, ?, ?)", 3, values, err);
    pthread_mutex_unlock(&db->lock);
    return st;
}
