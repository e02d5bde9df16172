/* yaml.c -- see yaml.h: from libyaml's events to a tree of nodes.
 *
 * The tree lies in the document's arena.  Aliases, tags of one's own and several
 * documents in one file are refused: no format of ours needs them. */
#include <yaml.h>

#include "base/cli.h"
#include "base/file.h"
#include "base/yaml.h"
#include "base/yaml_internal.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32 };

struct yaml_doc {
    struct arena *arena;
    struct yaml_node *root;
};

/* A map or sequence whose end has not come yet. */
struct open_node {
    struct yaml_node *node;
    struct yaml_node *last; /* newest child, NULL if none                      */
    struct yaml_node *key;  /* of a map: key that waits for its value          */
};

struct builder {
    const char *path;
    struct yaml_doc *doc;
    struct open_node stack[DEPTH_MAX];
    int depth;
    struct err *err;
};

static status fail_at(const struct builder *b, yaml_mark_t at, const char *expected,
                      const char *found)
{
    return err_set(b->err, ST_PARSE, "%s:%zu:%zu: expected %s, found %s", b->path,
                   at.line + 1, at.column + 1, expected, found);
}

static struct yaml_node *node_new(struct builder *b, enum yaml_kind kind,
                                  yaml_mark_t at)
{
    struct yaml_node *n = ARENA_NEW(b->doc->arena, struct yaml_node, 1);
    if (!n) return NULL;
    n->kind = kind;
    n->path = b->path;
    n->line = at.line + 1;
    n->column = at.column + 1;
    return n;
}

/* Puts a finished child (or the root) in its place. */
static status attach(struct builder *b, struct yaml_node *n, yaml_mark_t at)
{
    if (b->depth == 0) {
        b->doc->root = n;
        return ST_OK;
    }
    struct open_node *top = &b->stack[b->depth - 1];
    if (top->node->kind == YAML_MAP) {
        if (!top->key) {
            if (n->kind != YAML_SCALAR)
                return fail_at(b, at, "a key", "a map or sequence");
            top->key = n;
            return ST_OK;
        }
        const struct yaml_node *twin = yaml_find_in_list(top->node, top->key->text);
        if (twin)
            return err_set(b->err, ST_PARSE,
                           "%s:%zu:%zu: expected each key once, found '%s' again "
                           "(first on line %zu)",
                           b->path, top->key->line, top->key->column, top->key->text,
                           twin->key_line);
        n->key = top->key->text;
        n->key_line = top->key->line;
        n->key_column = top->key->column;
        top->key = NULL;
    } else {
        n->in = top->node->key;
    }
    if (top->last)
        top->last->next = n;
    else
        top->node->first = n;
    top->last = n;
    top->node->n++;
    return ST_OK;
}

static status begin(struct builder *b, enum yaml_kind kind, const yaml_event_t *e)
{
    if (b->depth == DEPTH_MAX)
        return fail_at(b, e->start_mark, "at most 32 levels", "one more");
    struct yaml_node *n = node_new(b, kind, e->start_mark);
    if (!n) return arena_exhausted(b->err);
    TRY(attach(b, n, e->start_mark));
    b->stack[b->depth++] = (struct open_node){.node = n};
    return ST_OK;
}

/* Items get an array once their number is known. */
static status end(struct builder *b)
{
    struct yaml_node *n = b->stack[--b->depth].node;
    n->items = ARENA_NEW(b->doc->arena, struct yaml_node *, n->n);
    if (!n->items) return arena_exhausted(b->err);
    size_t i = 0;
    for (struct yaml_node *c = n->first; c; c = c->next)
        n->items[i++] = c;
    return ST_OK;
}

static status scalar(struct builder *b, const yaml_event_t *e)
{
    const char *text = (const char *)e->data.scalar.value;
    if (e->data.scalar.tag)
        return fail_at(b, e->start_mark, "a value without a tag", "a tag");
    if (strlen(text) != e->data.scalar.length)
        return fail_at(b, e->start_mark, "text", "a zero byte");
    struct yaml_node *n = node_new(b, YAML_SCALAR, e->start_mark);
    if (!n) return arena_exhausted(b->err);
    n->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    n->text = arena_strdup(b->doc->arena, text);
    return n->text ? attach(b, n, e->start_mark) : arena_exhausted(b->err);
}

static status take_event(struct builder *b, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (b->doc->root)
            return fail_at(b, e->start_mark, "one document", "a second one");
        return ST_OK;
    case YAML_ALIAS_EVENT:
        return fail_at(b, e->start_mark, "a value", "an alias (not supported)");
    case YAML_SCALAR_EVENT:
        return scalar(b, e);
    case YAML_SEQUENCE_START_EVENT:
        return begin(b, YAML_SEQ, e);
    case YAML_MAPPING_START_EVENT:
        return begin(b, YAML_MAP, e);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return end(b);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return ST_OK;
}

static status parser_failed(const struct builder *b, const yaml_parser_t *p)
{
    if (p->error == YAML_MEMORY_ERROR) return arena_exhausted(b->err);
    if (p->error == YAML_READER_ERROR)
        return err_set(b->err, ST_PARSE, "%s: expected UTF-8 text, found byte %zu: %s",
                       b->path, p->problem_offset, p->problem);
    return err_set(b->err, ST_PARSE, "%s:%zu:%zu: expected YAML, found: %s", b->path,
                   p->problem_mark.line + 1, p->problem_mark.column + 1,
                   p->problem ? p->problem : "a syntax error");
}

static status build(struct builder *b, const char *text, size_t size)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) return arena_exhausted(b->err);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
    status st = ST_OK;
    for (bool more = true; more && st == ST_OK;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            st = parser_failed(b, &parser);
            break;
        }
        more = event.type != YAML_STREAM_END_EVENT;
        st = take_event(b, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    if (st == ST_OK && !b->doc->root)
        st = err_set(b->err, ST_PARSE, "%s:1:1: expected a document, found nothing",
                     b->path);
    return st;
}

static struct yaml_doc *doc_new(void)
{
    struct yaml_doc *d = calloc(1, sizeof *d);
    if (d && !(d->arena = arena_new())) {
        free(d);
        return NULL;
    }
    return d;
}

static status doc_build(struct yaml_doc *d, const char *name, const char *text,
                        size_t size, struct err *err)
{
    struct builder b = {.doc = d, .err = err, .path = arena_strdup(d->arena, name)};
    return b.path ? build(&b, text, size) : arena_exhausted(err);
}

status yaml_open(const char *path, struct yaml_doc **out, struct err *err)
{
    char *text;
    size_t size;
    *out = NULL;
    struct yaml_doc *d = doc_new();
    if (!d) return arena_exhausted(err);
    status st = file_read(path, d->arena, &text, &size, err);
    if (st == ST_OK) st = doc_build(d, path, text, size, err);
    if (st != ST_OK) {
        yaml_close(d);
        return st;
    }
    *out = d;
    return ST_OK;
}

status yaml_open_text(const char *name, const char *text, struct yaml_doc **out,
                      struct err *err)
{
    *out = NULL;
    struct yaml_doc *d = doc_new();
    if (!d) return arena_exhausted(err);
    const status st = doc_build(d, name, text, strlen(text), err);
    if (st != ST_OK) {
        yaml_close(d);
        return st;
    }
    *out = d;
    return ST_OK;
}

void yaml_close(struct yaml_doc *d)
{
    if (!d) return;
    arena_free(d->arena);
    free(d);
}

const struct yaml_node *yaml_root(const struct yaml_doc *d) { return d->root; }
