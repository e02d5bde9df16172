/* file.c -- see file.h. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- writing ---- */

/* Devices, pipes and "-" cannot be replaced by a rename: they are written to. */
static bool is_direct(const char *path)
{
    struct stat st;
    if (strcmp(path, "-") == 0) return true;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

/* A new file beside path, named in tmp (of that size); names are tried until one
 * is free. */
static int open_beside(const char *path, char *tmp, size_t size)
{
    for (int i = 0; i < 1000; i++) {
        snprintf(tmp, size, "%s.tmp-%ld-%d", path, (long)getpid(), i);
        const int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST) return fd;
    }
    return -1;
}

/* Opens o's file; o->tmp_path has room for a name, and is freed if not needed. */
static int open_out(struct file_out *o, size_t room)
{
    if (!is_direct(o->path)) return open_beside(o->path, o->tmp_path, room);
    free(o->tmp_path);
    o->tmp_path = NULL;
    return strcmp(o->path, "-") == 0 ? dup(1) : open(o->path, O_WRONLY | O_CLOEXEC);
}

status file_out_open(const char *path, struct file_out *o, struct err *err)
{
    struct stat st;
    *o = (struct file_out){0};
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return err_set(err, ST_IO, "%s: expected a file to write, found a folder",
                       path);
    const size_t size = strlen(path) + 1, room = size + 48;
    o->path = malloc(size);
    o->tmp_path = calloc(room, 1);
    if (!o->path || !o->tmp_path) {
        file_out_abort(o);
        return err_set(err, ST_NOMEM, "%s: out of memory", path);
    }
    memcpy(o->path, path, size);
    const int fd = open_out(o, room);
    if (fd < 0) {
        const int saved = errno;
        free(o->tmp_path); /* no file of that name is ours */
        o->tmp_path = NULL;
        file_out_abort(o);
        return err_set(err, ST_IO, "%s: cannot create: %s", path, strerror(saved));
    }
    o->f = fdopen(fd, "wb");
    if (o->f) return ST_OK;
    close(fd);
    file_out_abort(o);
    return err_set(err, ST_NOMEM, "%s: out of memory", path);
}

void file_out_abort(struct file_out *o)
{
    if (o->f) fclose(o->f);
    if (o->tmp_path && o->tmp_path[0]) unlink(o->tmp_path);
    free(o->tmp_path);
    free(o->path);
    *o = (struct file_out){0};
}

/* Why an earlier write failed: its errno is gone, but another block, written to a
 * file that will not be kept, fails for the same reason. */
static int cause_of_failure(int fd)
{
    static const char block[4096];
    errno = 0;
    return write(fd, block, sizeof block) < 0 && errno ? errno : EIO;
}

status file_out_commit(struct file_out *o, struct err *err)
{
    bool ok = true;
    if (ferror(o->f)) {
        ok = false;
        errno = cause_of_failure(fileno(o->f));
    } else if (fflush(o->f) != 0) {
        ok = false;
    }
    if (ok && o->tmp_path) ok = fsync(fileno(o->f)) == 0;
    int saved = errno;
    if (fclose(o->f) != 0 && ok) {
        ok = false;
        saved = errno;
    }
    o->f = NULL;
    if (ok && o->tmp_path && rename(o->tmp_path, o->path) != 0) {
        ok = false;
        saved = errno;
    }
    if (ok) {
        free(o->tmp_path);
        o->tmp_path = NULL;
    } else {
        err_set(err, ST_IO, "%s: cannot write: %s", o->path, strerror(saved));
    }
    file_out_abort(o);
    return ok ? ST_OK : ST_IO;
}

status file_check_writable(const char *path, struct err *err)
{
    struct file_out probe;
    TRY(file_out_open(path, &probe, err));
    file_out_abort(&probe);
    return ST_OK;
}

status file_write(const char *path, const void *bytes, size_t size, struct err *err)
{
    struct file_out o;
    TRY(file_out_open(path, &o, err));
    if (size && fwrite(bytes, 1, size, o.f) != size) {
        const int saved = errno;
        file_out_abort(&o);
        return err_set(err, ST_IO, "%s: cannot write: %s", path, strerror(saved));
    }
    return file_out_commit(&o, err);
}

/* ---- reading ---- */

/* Doubles the buffer in the arena until the stream ends: the size need not be
 * known, so pipes work too. */
static status read_all(FILE *f, const char *path, size_t guess, struct arena *a,
                       char **bytes, size_t *size, struct err *err)
{
    size_t room = guess + 2, used = 0;
    char *buf = ARENA_NEW(a, char, room);
    while (buf) {
        used += fread(buf + used, 1, room - 1 - used, f);
        if (ferror(f))
            return err_set(err, ST_IO, "%s: cannot read: %s", path, strerror(errno));
        if (used < room - 1) break;
        char *bigger = ARENA_NEW(a, char, room * 2);
        if (bigger) memcpy(bigger, buf, used);
        buf = bigger;
        room *= 2;
    }
    if (!buf) return err_set(err, ST_NOMEM, "%s: out of memory", path);
    buf[used] = '\0';
    *bytes = buf;
    *size = used;
    return ST_OK;
}

status file_read(const char *path, struct arena *a, char **bytes, size_t *size,
                 struct err *err)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return err_set(err, ST_NOT_FOUND, "%s: cannot open: %s", path, strerror(errno));
    struct stat st;
    if (fstat(fileno(f), &st) != 0) st = (struct stat){0};
    status rc;
    if (S_ISDIR(st.st_mode))
        rc = err_set(err, ST_NOT_FOUND, "%s: expected a file, found a folder", path);
    else
        rc = read_all(f, path, S_ISREG(st.st_mode) ? (size_t)st.st_size : 4096, a,
                      bytes, size, err);
    fclose(f);
    return rc;
}

bool file_exists(const char *path) { return access(path, F_OK) == 0; }

/* ---- folders ---- */

static status make_dir(const char *path, struct err *err)
{
    struct stat st;
    if (mkdir(path, 0777) == 0) return ST_OK;
    const int saved = errno;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) return ST_OK;
    return err_set(err, ST_IO, "%s: cannot make folder: %s", path, strerror(saved));
}

status file_make_dirs(const char *path, struct err *err)
{
    char *p = malloc(strlen(path) + 1);
    if (!p) return err_set(err, ST_NOMEM, "%s: out of memory", path);
    strcpy(p, path);
    status st = ST_OK;
    for (char *s = p + 1; *p && *s && st == ST_OK; s++) {
        if (*s != '/') continue;
        *s = '\0';
        st = make_dir(p, err);
        *s = '/';
    }
    if (*p && st == ST_OK) st = make_dir(p, err);
    free(p);
    return st;
}

static status remove_failed(const char *path, struct err *err)
{
    return err_set(err, ST_IO, "%s: cannot remove: %s", path, strerror(errno));
}

/* Recursion is as deep as the folders that we made ourselves. */
status file_remove_tree(const char *path, struct err *err)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return errno == ENOENT ? ST_OK : remove_failed(path, err);
    if (!S_ISDIR(st.st_mode))
        return unlink(path) == 0 ? ST_OK : remove_failed(path, err);
    DIR *dir = opendir(path);
    if (!dir) return remove_failed(path, err);
    status rc = ST_OK;
    for (struct dirent *e; rc == ST_OK && (e = readdir(dir));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        const size_t size = strlen(path) + strlen(e->d_name) + 2;
        char *child = malloc(size);
        if (!child) {
            rc = err_set(err, ST_NOMEM, "%s: out of memory", path);
            break;
        }
        snprintf(child, size, "%s/%s", path, e->d_name);
        rc = file_remove_tree(child, err);
        free(child);
    }
    closedir(dir);
    if (rc == ST_OK && rmdir(path) != 0) rc = remove_failed(path, err);
    return rc;
}
