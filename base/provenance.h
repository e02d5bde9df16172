/* provenance.h -- what every artefact says first: where it came from.
 *
 * bitwright version, command line, seed, content hashes of the input files and
 * versions of the external tools. */
#ifndef BASE_PROVENANCE_H
#define BASE_PROVENANCE_H

#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/status.h"
#include "base/yaml.h"

#define BITWRIGHT_VERSION "0.1.0"

enum { PROVENANCE_MAX = 16 };

struct provenance {
    const char *command; /* e.g. "bitwright fit"; borrowed                    */
    uint64_t seed;       /* 0 where nothing random is involved                */
    int n_inputs, n_tools;
    struct {
        char path[256];
        struct hash_key key;
    } inputs[PROVENANCE_MAX];
    struct {
        char name[24];
        char version[96];
    } tools[PROVENANCE_MAX];
};

void provenance_init(struct provenance *p, const char *command, uint64_t seed);
/* Adds a file with its hash.  ST_NOT_FOUND, ST_IO, ST_RANGE if full. */
status provenance_input(struct provenance *p, const char *path, struct err *err);
/* Asks a tool (verilator, yosys, ...) for its version.  ST_MISSING_TOOL. */
status provenance_tool(struct provenance *p, const char *tool, struct err *err);

/* As a map under the key `provenance` of the map being written. */
void provenance_yaml(const struct provenance *p, struct yaml_out *o);
/* As '#' lines before a CSV header. */
void provenance_csv(const struct provenance *p, FILE *f);
/* As an object; owned by the caller, NULL on exhaustion. */
json_t *provenance_json(const struct provenance *p);

#endif
