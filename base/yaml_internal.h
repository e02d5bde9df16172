/* yaml_internal.h -- the node that yaml.c builds and yaml_get.c reads. */
#ifndef BASE_YAML_INTERNAL_H
#define BASE_YAML_INTERNAL_H

#include "base/yaml.h"

struct yaml_node {
    enum yaml_kind kind;
    bool plain;          /* scalar without quotes                             */
    const char *path;    /* of the file                                       */
    size_t line, column; /* 1-based                                           */
    const char *key;     /* whose value this is; NULL for items and the root  */
    size_t key_line, key_column;
    const char *in;           /* item of a sequence: key of the sequence, or NULL  */
    const char *text;         /* scalar                                            */
    size_t n;                 /* children: items, or values of a map               */
    struct yaml_node **items; /* (n)                                */
    struct yaml_node *first, *next; /* children and siblings as a list    */
};

/* Like yaml_find, for a map whose items array is not made yet. */
const struct yaml_node *yaml_find_in_list(const struct yaml_node *map, const char *key);

#endif
