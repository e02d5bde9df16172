/* reach.h -- which Verilog files a module needs.
 *
 * A file reaches another if it names one of its modules outside comments and strings.
 * That is more than elaboration would find (a generate block that is not taken
 * counts too), never less.  Measurements are keyed by the text of the files reached,
 * so that a change elsewhere, or a new file, leaves them valid. */
#ifndef RTL_REACH_H
#define RTL_REACH_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"

struct rtl_reach; /* opaque: the files, and who names whom */

/* sources: paths relative to the home directory, NULL-terminated, borrowed.  In arena.
 * ST_NOT_FOUND, ST_IO. */
status rtl_reach_load(const char *const *sources, struct arena *a,
                      struct rtl_reach **out, struct err *err);

/* Files that the module reaches, its own included, in the order of the sources,
 * NULL-terminated, in arena.  without: modules (NULL-terminated, or NULL) that are
 * not followed, as those behind a generate block that is known not to be taken.
 * ST_NOT_FOUND: no file has the module. */
status rtl_reach_files(const struct rtl_reach *r, const char *module,
                       const char *const *without, struct arena *a,
                       const char *const **out, struct err *err);

/* Does one of the files use this identifier? */
bool rtl_reach_names(const struct rtl_reach *r, const char *const *files,
                     const char *identifier);

#endif
