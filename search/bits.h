/* bits.h -- lists of bit widths on the command line, as masks. */
#ifndef SEARCH_BITS_H
#define SEARCH_BITS_H

#include <stdint.h>

#include "base/status.h"

/* "2,3,4" or "1-6" or "1-4,8": bit b of the mask stands for b. ST_USAGE. */
status bits_parse(const char *option, const char *text, uint32_t *mask,
                  struct err *err);
int mask_count(uint32_t mask);
int mask_lowest(uint32_t mask);  /* smallest bits of a nonempty mask             */
int mask_highest(uint32_t mask); /* largest                                      */

#endif
