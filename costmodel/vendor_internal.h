/* vendor_internal.h -- the readers of single formats behind vendor_report.h. */
#ifndef COSTMODEL_VENDOR_INTERNAL_H
#define COSTMODEL_VENDOR_INTERNAL_H

#include <stdbool.h>

#include "base/json.h"
#include "costmodel/vendor_report.h"

bool vendor_is_vivado(const char *text);
/* Adds to out, whose values are NaN or earlier ones. */
status vendor_read_vivado(const char *path, const char *text, const char *instance,
                          struct vendor_report *out, struct err *err);

#endif
