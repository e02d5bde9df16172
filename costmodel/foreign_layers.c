/* foreign_layers.c -- `bitwright fit` on a table of layers. */
#include <stdio.h>

#include "costmodel/foreign.h"
#include "costmodel/layer_table.h"

status foreign_fit_layers(const char *path, const struct foreign_args *args,
                          struct arena *a, struct err *err)
{
    struct layer_table t;
    struct provenance p;
    struct nn_graph *g = NULL;
    struct layer_read_options o = {.unit = args->unit, .clock_mhz = args->clock_mhz};
    provenance_init(&p, "bitwright fit", 0);
    TRY(provenance_input(&p, path, err));
    if (args->network) {
        TRY(nn_graph_load(args->network, 0, a, &g, err));
        TRY(provenance_input(&p, args->network, err));
        o.graph = g;
    }
    TRY(layer_table_read(path, &o, a, &t, err));
    if (g) {
        int32_t to_table[NN_MAX_LAYERS];
        TRY(layer_table_match(&t, g, to_table, err));
    }
    TRY(layer_table_fit(&t, err));
    TRY(layer_table_save(&t, &p, args->output, err));
    if (!args->json) return layer_table_print(&t, stdout, err);
    json_t *json = layer_table_json(&t, &p);
    if (!json) return err_set(err, ST_NOMEM, "out of memory while writing JSON");
    const status st = json_file_save("-", json, err);
    json_decref(json);
    return st;
}
