/* yaml_out.c -- see yaml.h: writing, as events to libyaml's emitter. */
#include <yaml.h>

#include "base/file.h"
#include "base/yaml.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32 };

struct yaml_out {
    struct file_out file;
    yaml_emitter_t emitter;
    char ends[DEPTH_MAX]; /* 'm' or 's' for each open map or sequence         */
    int depth;
    int write_errno; /* of the first write that failed, 0 = none         */
    const char *bug; /* first misuse or emitter failure, NULL = none     */
};

static int write_handler(void *arg, unsigned char *bytes, size_t n)
{
    struct yaml_out *o = arg;
    if (fwrite(bytes, 1, n, o->file.f) == n) return 1;
    o->write_errno = errno ? errno : EIO;
    return 0;
}

/* Takes the event, which libyaml deletes. */
static void emit(struct yaml_out *o, int ok, yaml_event_t *e)
{
    if (o->bug) {
        if (ok) yaml_event_delete(e);
        return;
    }
    if (!ok)
        o->bug = "out of memory";
    else if (!yaml_emitter_emit(&o->emitter, e))
        o->bug = o->emitter.problem ? o->emitter.problem : "out of memory";
}

status yaml_out_open(const char *path, struct yaml_out **out, struct err *err)
{
    struct yaml_out *o = calloc(1, sizeof *o);
    *out = NULL;
    if (!o) return arena_exhausted(err);
    status st = file_out_open(path, &o->file, err);
    if (st == ST_OK && !yaml_emitter_initialize(&o->emitter)) {
        file_out_abort(&o->file);
        st = arena_exhausted(err);
    }
    if (st != ST_OK) {
        free(o);
        return st;
    }
    yaml_emitter_set_output(&o->emitter, write_handler, o);
    yaml_emitter_set_width(&o->emitter, -1);
    yaml_emitter_set_unicode(&o->emitter, 1);
    yaml_event_t e;
    emit(o, yaml_stream_start_event_initialize(&e, YAML_UTF8_ENCODING), &e);
    emit(o, yaml_document_start_event_initialize(&e, NULL, NULL, NULL, 1), &e);
    *out = o;
    return ST_OK;
}

static void push(struct yaml_out *o, char kind)
{
    if (o->depth == DEPTH_MAX)
        o->bug = "nested too deeply";
    else
        o->ends[o->depth++] = kind;
}

void yaml_out_map(struct yaml_out *o, bool flow)
{
    yaml_event_t e;
    const yaml_mapping_style_t style =
        flow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE;
    emit(o, yaml_mapping_start_event_initialize(&e, NULL, NULL, 1, style), &e);
    push(o, 'm');
}

void yaml_out_seq(struct yaml_out *o, bool flow)
{
    yaml_event_t e;
    const yaml_sequence_style_t style =
        flow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE;
    emit(o, yaml_sequence_start_event_initialize(&e, NULL, NULL, 1, style), &e);
    push(o, 's');
}

void yaml_out_end(struct yaml_out *o)
{
    yaml_event_t e;
    if (o->depth == 0) {
        o->bug = "an end without a begin";
        return;
    }
    if (o->ends[--o->depth] == 'm')
        emit(o, yaml_mapping_end_event_initialize(&e), &e);
    else
        emit(o, yaml_sequence_end_event_initialize(&e), &e);
}

static void put_scalar(struct yaml_out *o, const char *text, bool quoted)
{
    /* libyaml only reads the bytes, but its prototype is not const. */
    union {
        const char *in;
        unsigned char *bytes;
    } v = {.in = text};
    yaml_event_t e;
    const yaml_scalar_style_t style =
        quoted ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE;
    emit(o,
         yaml_scalar_event_initialize(&e, NULL, NULL, v.bytes, (int)strlen(text), 1, 1,
                                      style),
         &e);
}

/* Text that other readers would take for a number, a truth value or nothing. */
static bool needs_quotes(const char *text)
{
    static const char *const words[] = {"true", "false", "null", "yes",  "no",
                                        "on",   "off",   "~",    ".nan", ".inf"};
    char *stop;
    if (text[0] == '\0') return true;
    strtod(text, &stop);
    if (*stop == '\0') return true;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t k = 0;
        while (words[i][k] && tolower((unsigned char)text[k]) == words[i][k])
            k++;
        if (!words[i][k] && !text[k]) return true;
    }
    return false;
}

void yaml_out_key(struct yaml_out *o, const char *key)
{
    put_scalar(o, key, needs_quotes(key));
}

void yaml_out_text(struct yaml_out *o, const char *value)
{
    put_scalar(o, value, needs_quotes(value));
}

void yaml_out_int(struct yaml_out *o, int64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    put_scalar(o, text, false);
}

void yaml_out_double(struct yaml_out *o, double value)
{
    char text[40];
    if (!isfinite(value)) {
        o->bug = "a number that is not finite";
        return;
    }
    /* At least all digits before the point: 1080.0, not 1.08e+03. */
    int digits = 1;
    for (double m = fabs(value); m >= 10 && digits < 15; m /= 10)
        digits++;
    for (; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        const double back = strtod(text, NULL);
        if (memcmp(&back, &value, sizeof value) == 0) break;
    }
    /* "3" would come back as an integer from other readers: write "3.0". */
    if (text[strcspn(text, ".e")] == '\0') strcat(text, ".0");
    put_scalar(o, text, false);
}

void yaml_out_bool(struct yaml_out *o, bool value)
{
    put_scalar(o, value ? "true" : "false", false);
}

void yaml_out_put_text(struct yaml_out *o, const char *key, const char *value)
{
    yaml_out_key(o, key);
    yaml_out_text(o, value);
}

void yaml_out_put_int(struct yaml_out *o, const char *key, int64_t value)
{
    yaml_out_key(o, key);
    yaml_out_int(o, value);
}

void yaml_out_put_double(struct yaml_out *o, const char *key, double value)
{
    yaml_out_key(o, key);
    yaml_out_double(o, value);
}

void yaml_out_put_bool(struct yaml_out *o, const char *key, bool value)
{
    yaml_out_key(o, key);
    yaml_out_bool(o, value);
}

status yaml_out_commit(struct yaml_out *o, struct err *err)
{
    yaml_event_t e;
    if (o->depth > 0 && !o->bug) o->bug = "a map or sequence without an end";
    emit(o, yaml_document_end_event_initialize(&e, 1), &e);
    emit(o, yaml_stream_end_event_initialize(&e), &e);
    status st;
    if (o->write_errno)
        st = err_set(err, ST_IO, "%s: cannot write: %s", o->file.path,
                     strerror(o->write_errno));
    else if (o->bug)
        st = err_set(err, ST_RANGE, "%s: cannot be written as YAML: %s", o->file.path,
                     o->bug);
    else
        st = file_out_commit(&o->file, err);
    yaml_out_abort(o);
    return st;
}

void yaml_out_abort(struct yaml_out *o)
{
    if (!o) return;
    yaml_emitter_delete(&o->emitter);
    file_out_abort(&o->file);
    free(o);
}
