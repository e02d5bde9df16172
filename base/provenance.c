/* provenance.c -- see provenance.h. */
#include "base/provenance.h"

#include <stdbool.h>
#include <string.h>

#include "base/proc.h"

void provenance_init(struct provenance *p, const char *command, uint64_t seed)
{
    memset(p, 0, sizeof *p);
    p->command = command;
    p->seed = seed;
}

status provenance_input(struct provenance *p, const char *path, struct err *err)
{
    if (p->n_inputs == PROVENANCE_MAX)
        return err_set(err, ST_RANGE, "%s: expected at most %d input files", path,
                       PROVENANCE_MAX);
    const size_t room = sizeof p->inputs[0].path;
    if (strlen(path) >= room)
        return err_set(err, ST_RANGE, "%s: expected a path of at most %zu bytes", path,
                       room - 1);
    TRY(hash_of_file(path, &p->inputs[p->n_inputs].key, err));
    strcpy(p->inputs[p->n_inputs].path, path);
    p->n_inputs++;
    return ST_OK;
}

/* The option that makes a tool say its version and exit. */
static const char *version_option(const char *tool)
{
    if (strcmp(tool, "yosys") == 0 || strcmp(tool, "iverilog") == 0) return "-V";
    if (strcmp(tool, "sta") == 0) return "-version";
    return "--version";
}

/* One that says it on stderr. */
static bool says_it_on_stderr(const char *tool)
{
    return strncmp(tool, "nextpnr-", strlen("nextpnr-")) == 0;
}

status provenance_tool(struct provenance *p, const char *tool, struct err *err)
{
    if (p->n_tools == PROVENANCE_MAX || strlen(tool) >= sizeof p->tools[0].name)
        return err_set(err, ST_RANGE, "%s: no room for another tool version", tool);
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    const char *const argv[] = {tool, version_option(tool), NULL};
    const struct proc_options opt = {.time_limit_s = 30,
                                     .with_stderr = says_it_on_stderr(tool)};
    char *text = NULL;
    const status st = proc_capture(argv, &opt, a, &text, err);
    if (st == ST_OK) {
        const size_t room = sizeof p->tools[0].version, line = strcspn(text, "\n");
        strcpy(p->tools[p->n_tools].name, tool);
        snprintf(p->tools[p->n_tools].version, room, "%.*s", (int)line, text);
        p->n_tools++;
    }
    arena_free(a);
    return st;
}

void provenance_yaml(const struct provenance *p, struct yaml_out *o)
{
    yaml_out_key(o, "provenance");
    yaml_out_map(o, false);
    yaml_out_key(o, "bitwright");
    yaml_out_text(o, BITWRIGHT_VERSION);
    yaml_out_key(o, "command");
    yaml_out_text(o, p->command);
    yaml_out_key(o, "seed");
    yaml_out_int(o, (int64_t)p->seed);
    yaml_out_key(o, "inputs");
    yaml_out_map(o, false);
    for (int i = 0; i < p->n_inputs; i++) {
        yaml_out_key(o, p->inputs[i].path);
        yaml_out_text(o, p->inputs[i].key.hex);
    }
    yaml_out_end(o);
    yaml_out_key(o, "tools");
    yaml_out_map(o, false);
    for (int i = 0; i < p->n_tools; i++) {
        yaml_out_key(o, p->tools[i].name);
        yaml_out_text(o, p->tools[i].version);
    }
    yaml_out_end(o);
    yaml_out_end(o);
}

void provenance_csv(const struct provenance *p, FILE *f)
{
    fprintf(f, "# bitwright: %s\n# command: %s\n# seed: %llu\n", BITWRIGHT_VERSION,
            p->command, (unsigned long long)p->seed);
    for (int i = 0; i < p->n_inputs; i++)
        fprintf(f, "# input: %s %s\n", p->inputs[i].path, p->inputs[i].key.hex);
    for (int i = 0; i < p->n_tools; i++)
        fprintf(f, "# tool: %s: %s\n", p->tools[i].name, p->tools[i].version);
}

json_t *provenance_json(const struct provenance *p)
{
    json_t *inputs = json_object(), *tools = json_object();
    int bad = 0;
    for (int i = 0; inputs && i < p->n_inputs; i++)
        bad |= json_object_set_new(inputs, p->inputs[i].path,
                                   json_string(p->inputs[i].key.hex));
    for (int i = 0; tools && i < p->n_tools; i++)
        bad |= json_object_set_new(tools, p->tools[i].name,
                                   json_string(p->tools[i].version));
    json_t *out = json_pack("{s:s, s:s, s:I, s:o, s:o}", "bitwright", BITWRIGHT_VERSION,
                            "command", p->command, "seed", (json_int_t)p->seed,
                            "inputs", inputs, "tools", tools);
    if (!bad) return out;
    json_decref(out);
    return NULL;
}
