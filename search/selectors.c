/* selectors.c -- reading selectors, and what they say of every layer. */
#include "search/selectors.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"
#include "search/bits.h"
#include "search/names.h"

/* ---- the file ---- */

static status read_match(const struct yaml_node *n, struct selector *s, struct err *err)
{
    const char *text;
    char *end;
    TRY(yaml_text(n, &text, err));
    if (strlen(text) >= sizeof s->match || !text[0])
        return yaml_fail(n, ST_RANGE, err,
                         "expected a layer's name, a glob or an index, found %zu "
                         "characters",
                         strlen(text));
    snprintf(s->match, sizeof s->match, "%s", text);
    const long index = strtol(text, &end, 10);
    s->by_index = *end == '\0';
    if (s->by_index && (index < -4096 || index > 4096))
        return yaml_fail(n, ST_RANGE, err, "expected a layer's index, found %s", text);
    s->index = s->by_index ? (int32_t)index : 0;
    return ST_OK;
}

static status read_bits(const struct yaml_node *map, const char *key, uint32_t *mask,
                        struct err *err)
{
    const struct yaml_node *n = yaml_find(map, key);
    const char *text;
    if (!n) return ST_OK;
    TRY(yaml_text(n, &text, err));
    if (bits_parse(key, text, mask, NULL) == ST_OK) return ST_OK;
    return yaml_fail(n, ST_RANGE, err,
                     "expected bits in 1..8 such as \"2,4\" or 1-6, found %s", text);
}

static status read_item(const struct yaml_node *n, struct selector *s, struct err *err)
{
    static const char *const keys[] = {"match", "wbits",     "abits",
                                       "group", "same_bits", NULL};
    const struct yaml_node *match, *group, *same;
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_check_keys(n, keys, err));
    TRY(yaml_need(n, "match", &match, err));
    TRY(read_match(match, s, err));
    TRY(read_bits(n, "wbits", &s->w_mask, err));
    TRY(read_bits(n, "abits", &s->a_mask, err));
    if ((group = yaml_find(n, "group"))) {
        const char *text;
        TRY(yaml_text(group, &text, err));
        if (strlen(text) >= sizeof s->group || !text[0])
            return yaml_fail(group, ST_RANGE, err,
                             "expected a name of 1 to %zu characters, found %zu",
                             sizeof s->group - 1, strlen(text));
        snprintf(s->group, sizeof s->group, "%s", text);
    }
    if ((same = yaml_find(n, "same_bits"))) {
        s->says_same = true;
        TRY(yaml_bool(same, &s->same_bits, err));
    }
    if (yaml_size(n) < 2)
        return yaml_fail(n, ST_RANGE, err,
                         "expected one of wbits, abits, group, same_bits beside match");
    return ST_OK;
}

static status read_root(const struct yaml_node *root, struct arena *a,
                        struct selectors *out, struct err *err)
{
    static const char *const keys[] = {"version", "name", "layers", NULL};
    const struct yaml_node *layers;
    int64_t version;
    TRY(yaml_expect(root, YAML_MAP, err));
    TRY(yaml_check_keys(root, keys, err));
    TRY(yaml_need_int(root, "version", 1, 1, &version, err));
    TRY(yaml_need(root, "layers", &layers, err));
    TRY(yaml_expect(layers, YAML_SEQ, err));
    out->n = 0;
    out->items = ARENA_NEW(a, struct selector, yaml_size(layers) + 1);
    if (!out->items) return arena_exhausted(err);
    for (size_t i = 0; i < yaml_size(layers); i++)
        TRY(read_item(yaml_item(layers, i), &out->items[out->n++], err));
    return ST_OK;
}

status selectors_load(const char *path, struct arena *a, struct selectors *out,
                      struct err *err)
{
    struct yaml_doc *doc;
    TRY(yaml_open(path, &doc, err));
    const status st = read_root(yaml_root(doc), a, out, err);
    yaml_close(doc);
    return st;
}

/* ---- what they say ---- */

static bool selects(const struct selector *s, const char *name, int32_t i, int32_t n)
{
    if (s->by_index) return i == (s->index < 0 ? n + s->index : s->index);
    if (strcmp(s->match, name) == 0) return true;
    return i > 0 && i < n - 1 && fnmatch(s->match, name, 0) == 0;
}

static status no_layer(const struct selector *s, const char *const names[], int32_t n,
                       struct err *err)
{
    char known[160];
    names_join(names, known, sizeof known);
    return err_set(err, ST_RANGE,
                   "selector %s: no layer matches; expected one of 0..%d or %s",
                   s->match, (int)n - 1, known);
}

static status apply_one(const struct selector *s, const char *const names[], int32_t n,
                        struct selected *l, const char **group, struct err *err)
{
    bool any = false;
    for (int32_t i = 0; i < n; i++) {
        if (!selects(s, names[i], i, n)) continue;
        any = true;
        if (i == 0 && s->a_mask && s->a_mask != 1u << 8)
            return err_set(err, ST_RANGE,
                           "selector %s: layer %s reads pixels of 8 bits, expected no "
                           "other abits",
                           s->match, names[i]);
        if (s->w_mask) l->w_mask[i] = s->w_mask;
        if (s->a_mask) l->a_mask[i] = s->a_mask;
        if (s->says_same) l->same_bits[i] = s->same_bits;
        if (s->group[0]) group[i] = s->group;
    }
    return any ? ST_OK : no_layer(s, names, n, err);
}

/* Layers of one group have the candidates that all of them have. */
static status join(const char *const names[], int32_t n, const char *const *group,
                   struct selected *l, struct err *err)
{
    for (int32_t i = 0; i < n; i++) {
        int32_t k = 0;
        while (group[i] && k < i && !(group[k] && strcmp(group[k], group[i]) == 0))
            k++;
        l->leader[i] = group[i] ? k : i;
        if (l->same_bits[i]) l->w_mask[i] = l->a_mask[i] &= l->w_mask[i];
        k = l->leader[i];
        l->w_mask[k] &= l->w_mask[i];
        l->a_mask[k] &= l->a_mask[i];
        if (!l->w_mask[k] || !l->a_mask[k])
            return err_set(
                err, ST_RANGE, "layer %s: expected candidate bits in common with %s",
                names[i], k == i ? "its activations" : "the others of its group");
        if (l->same_bits[k] != l->same_bits[i])
            return err_set(err, ST_RANGE,
                           "layer %s: expected same_bits as in the others of group %s",
                           names[i], group[i]);
    }
    for (int32_t i = 0; i < n; i++) {
        l->w_mask[i] = l->w_mask[l->leader[i]];
        l->a_mask[i] = l->a_mask[l->leader[i]];
    }
    return ST_OK;
}

status selectors_apply(const struct selectors *s, const char *const names[],
                       int32_t n_layers, struct selected *layers, struct arena *a,
                       struct err *err)
{
    const char **group = ARENA_NEW(a, const char *, (size_t)n_layers + 1);
    if (!group) return arena_exhausted(err);
    for (int32_t k = 0; k < s->n; k++)
        TRY(apply_one(&s->items[k], names, n_layers, layers, group, err));
    return join(names, n_layers, group, layers, err);
}
