#include "sim/sweep_operands.h"

#include <string.h>

enum { DEFAULT_IMAGES = 4, MAX_IMAGES = 64, MAX_NETWORKS = 64 };

static const char *name_of(const char *path, struct arena *a)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    return arena_printf(a, "%.*s", (int)strcspn(base, "."), base);
}

static status read_one(const struct yaml_node *node, struct arena *a,
                       struct sweep_operands *out, struct err *err)
{
    static const char *const known[] = {"network", "data", "images", NULL};
    const char *network = NULL, *data = NULL;
    int64_t n_images = DEFAULT_IMAGES;
    TRY(yaml_expect(node, YAML_MAP, err));
    TRY(yaml_check_keys(node, known, err));
    TRY(yaml_need_text(node, "network", &network, err));
    TRY(yaml_need_text(node, "data", &data, err));
    const struct yaml_node *images = yaml_find(node, "images");
    if (images) TRY(yaml_int(images, 1, MAX_IMAGES, &n_images, err));
    *out = (struct sweep_operands){.name = name_of(network, a),
                                   .network = arena_strdup(a, network),
                                   .data = arena_strdup(a, data),
                                   .n_images = (int32_t)n_images};
    return out->name && out->network && out->data ? ST_OK : arena_exhausted(err);
}

status sweep_operands_read(const struct yaml_node *node, struct arena *a,
                           const struct sweep_operands **out, int32_t *n,
                           struct err *err)
{
    *out = NULL;
    *n = 0;
    if (!node) return ST_OK;
    TRY(yaml_expect(node, YAML_SEQ, err));
    const size_t size = yaml_size(node);
    if (size == 0 || size > MAX_NETWORKS)
        return yaml_fail(node, ST_RANGE, err, "expected 1 to %d networks, found %zu",
                         MAX_NETWORKS, size);
    struct sweep_operands *list = ARENA_NEW(a, struct sweep_operands, size);
    if (!list) return arena_exhausted(err);
    for (size_t i = 0; i < size; i++) {
        TRY(read_one(yaml_item(node, i), a, &list[i], err));
        for (size_t k = 0; k < i; k++)
            if (strcmp(list[k].name, list[i].name) == 0)
                return yaml_fail(yaml_item(node, i), ST_PARSE, err,
                                 "expected networks of different file names, found %s "
                                 "again",
                                 list[i].name);
    }
    *out = list;
    *n = (int32_t)size;
    return ST_OK;
}

int32_t sweep_operands_find(const struct sweep_operands *list, int32_t n,
                            const char *stimulus, const char **layer)
{
    const char *network = stimulus + strlen(SWEEP_LAYER);
    for (int32_t i = 0; i < n; i++) {
        const size_t len = strlen(list[i].name);
        if (strncmp(network, list[i].name, len) != 0 || network[len] != '/') continue;
        *layer = network + len + 1;
        return i;
    }
    return -1;
}
