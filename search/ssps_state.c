/* ssps_state.c -- the state of a search: its start, and its file.
 *
 * Checkpoint (version 1), for the machine that wrote it: a head (magic, size of the
 * state, key of the search, hash of the state), then the state as it lies in memory. */
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "search/ssps.h"

struct head {
    char magic[8];
    uint64_t size;
    char key[40], hash[40];
};
static const char magic[8] = "BWSSPS1";

void ssps_init(struct ssps_state *s, const struct space *space, uint64_t seed,
               int64_t n_steps)
{
    memset(s, 0, sizeof *s);
    s->n_layers = space->n_layers;
    s->n_steps = n_steps;
    s->rng = rng_seed(seed, 7); /* a stream that training does not use */
    for (int32_t i = 0; i < s->n_layers; i++) {
        s->leader[i] = space_leader(space, i);
        s->same_bits[i] = space_same_bits(space, i);
        if (s->leader[i] != i) continue;
        s->cell[SSPS_W][i].left = space->w_mask[i];
        s->cell[SSPS_A][i].left = s->same_bits[i] ? 0 : space->a_mask[i];
    }
}

status ssps_save(const struct ssps_state *s, const char *key, const char *path,
                 struct err *err)
{
    struct head h = {.size = sizeof *s};
    memcpy(h.magic, magic, sizeof magic);
    strncpy(h.key, key, sizeof h.key - 1);
    strncpy(h.hash, hash_of_bytes(s, sizeof *s).hex, sizeof h.hash - 1);
    struct file_out o;
    TRY(file_out_open(path, &o, err));
    if (fwrite(&h, sizeof h, 1, o.f) != 1 || fwrite(s, sizeof *s, 1, o.f) != 1) {
        file_out_abort(&o);
        return err_set(err, ST_IO, "%s: expected to write %zu bytes, the disk refused",
                       path, sizeof h + sizeof *s);
    }
    return file_out_commit(&o, err);
}

status ssps_load(struct ssps_state *s, const char *key, const char *path,
                 struct err *err)
{
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    char *bytes;
    size_t size;
    struct head h = {.size = 0};
    status st = file_read(path, a, &bytes, &size, err);
    if (st != ST_OK) goto out;
    if (size >= sizeof h) memcpy(&h, bytes, sizeof h);
    if (size != sizeof h + sizeof *s || memcmp(h.magic, magic, sizeof magic) != 0 ||
        h.size != sizeof *s ||
        strcmp(h.hash, hash_of_bytes(bytes + sizeof h, sizeof *s).hex) != 0) {
        st = err_set(err, ST_PARSE,
                     "%s: expected a whole search checkpoint of this version, found "
                     "%zu bytes that are none",
                     path, size);
    } else if (strcmp(h.key, key) != 0) {
        st =
            err_set(err, ST_RANGE,
                    "%s: expected the checkpoint of this search, found that of another "
                    "(network, data, costs, budgets or options differ)",
                    path);
    } else {
        memcpy(s, bytes + sizeof h, sizeof *s);
    }
out:
    arena_free(a);
    return st;
}
