/* liberty_power.c -- internal_power groups: tables over load and input slew, whichever
 * axis comes first. */
#include <stdio.h>
#include <string.h>

#include "sim/liberty_read.h"

static const struct liberty_group *find_template(const struct liberty_reader *r,
                                                 const char *name)
{
    const struct liberty_group *g = NULL;
    while ((g = liberty_next(r->library, g, "power_lut_template")) != NULL)
        if (g->n_args == 1 && strcmp(g->args[0], name) == 0) return g;
    return NULL;
}

struct axis {
    const double *v; /* (n) */
    int32_t n;
    bool is_load;
};

/* Axis i (1, 2) of a table: its own index, or that of its template. */
static status read_axis(const struct liberty_reader *r,
                        const struct liberty_group *table,
                        const struct liberty_group *template, int i, struct axis *out)
{
    char name[16];
    (void)snprintf(name, sizeof name, "variable_%d", i);
    const char *variable = liberty_text_of(template, name);
    (void)snprintf(name, sizeof name, "index_%d", i);
    const struct liberty_attr *attr = liberty_attr(table, name);
    if (!attr) attr = liberty_attr(template, name);
    *out = (struct axis){.n = 0};
    if (!variable) return ST_OK;
    if (!attr) return liberty_fail_at(r, table->line, ST_PARSE, name, "none");
    TRY(liberty_read_list(r, attr, &out->v, &out->n));
    out->is_load = strcmp(variable, "total_output_net_capacitance") == 0 ||
                   strcmp(variable, "equal_or_opposite_output_net_capacitance") == 0;
    if (!out->is_load && strcmp(variable, "input_transition_time") != 0)
        return liberty_fail_at(
            r, template->line, ST_UNSUPPORTED,
            "a table over output capacitance and input transition time", variable);
    double *scaled = ARENA_NEW(r->a, double, (size_t)(out->n ? out->n : 1));
    if (!scaled) return arena_exhausted(r->err);
    for (int32_t k = 0; k < out->n; k++) {
        scaled[k] = out->v[k] * (out->is_load ? r->pf : r->ns);
        if (k && scaled[k] <= scaled[k - 1])
            return liberty_fail_at(r, attr->line, ST_PARSE, "a rising index",
                                   attr->values[0]);
    }
    out->v = scaled;
    return out->n ? ST_OK
                  : liberty_fail_at(r, attr->line, ST_PARSE, "an index", "nothing");
}

/* Stores values (n_1, n_2) as (load, slew). */
static status place_values(const struct liberty_reader *r, const struct axis axes[2],
                           const double *v, struct liberty_table *out)
{
    static const double any[1] = {0};
    const int load = axes[0].n && axes[0].is_load   ? 0
                     : axes[1].n && axes[1].is_load ? 1
                                                    : -1;
    const int slew = axes[0].n && !axes[0].is_load   ? 0
                     : axes[1].n && !axes[1].is_load ? 1
                                                     : -1;
    out->n_load = load >= 0 ? axes[load].n : 1;
    out->n_slew = slew >= 0 ? axes[slew].n : 1;
    out->load_pf = load >= 0 ? axes[load].v : any;
    out->slew_ns = slew >= 0 ? axes[slew].v : any;
    double *pj = ARENA_NEW(r->a, double, (size_t)out->n_load *(size_t)out->n_slew);
    if (!pj) return arena_exhausted(r->err);
    for (int32_t i = 0; i < out->n_load; i++)
        for (int32_t k = 0; k < out->n_slew; k++)
            pj[i * out->n_slew + k] =
                r->pj * v[load == 1 ? k * out->n_load + i : i * out->n_slew + k];
    out->pj = pj;
    return ST_OK;
}

static status read_table(struct liberty_reader *r, const struct liberty_group *g,
                         struct liberty_table *out)
{
    *out = (struct liberty_table){.n_load = 0};
    if (!g) return ST_OK;
    const char *name = g->n_args ? g->args[0] : "";
    struct axis axes[2] = {{.n = 0}, {.n = 0}};
    if (strcmp(name, "scalar") != 0) {
        const struct liberty_group *t = find_template(r, name);
        if (!t)
            return liberty_fail_at(r, g->line, ST_PARSE,
                                   "a power_lut_template of the library or scalar",
                                   name);
        TRY(read_axis(r, g, t, 1, &axes[0]));
        TRY(read_axis(r, g, t, 2, &axes[1]));
    }
    const struct liberty_attr *attr = liberty_attr(g, "values");
    if (!attr)
        return liberty_fail_at(r, g->line, ST_PARSE, "values in the table", "none");
    const double *v;
    int32_t n, want = (axes[0].n ? axes[0].n : 1) * (axes[1].n ? axes[1].n : 1);
    TRY(liberty_read_list(r, attr, &v, &n));
    if (n != want)
        return err_set(r->err, ST_PARSE, "%s:%d: expected %d values, found %d", r->path,
                       attr->line, want, n);
    if (axes[0].n && axes[1].n && axes[0].is_load == axes[1].is_load)
        return liberty_fail_at(r, g->line, ST_UNSUPPORTED, "two different variables",
                               name);
    r->n_power_tables++;
    return place_values(r, axes, v, out);
}

status liberty_read_power(struct liberty_reader *r, const struct liberty_group *g,
                          struct liberty_power *out)
{
    const char *supply = liberty_text_of(g, "related_pg_pin");
    const struct liberty_group *both = liberty_next(g, NULL, "power");
    const struct liberty_group *rise = liberty_next(g, NULL, "rise_power");
    const struct liberty_group *fall = liberty_next(g, NULL, "fall_power");
    out->supply = supply ? supply : "";
    TRY(read_table(r, rise ? rise : both, &out->rise));
    return read_table(r, fall ? fall : both, &out->fall);
}
