/* status.c -- see status.h. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

status err_set(struct err *err, status code, const char *fmt, ...)
{
    if (!err) return code;
    /* Formatted aside first: an argument may be the old err->msg itself. */
    char msg[sizeof err->msg];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    err->code = code;
    size_t n = 0;
    for (; msg[n]; n++) /* one line, whatever the arguments held */
        err->msg[n] = msg[n] == '\n' || msg[n] == '\r' ? ' ' : msg[n];
    err->msg[n] = '\0';
    return code;
}

int status_exit_code(status code)
{
    switch (code) {
    case ST_OK:
        return 0;
    case ST_USAGE:
        return 2;
    case ST_NOT_FOUND:
    case ST_PARSE:
    case ST_RANGE:
    case ST_UNSUPPORTED:
        return 3;
    case ST_INFEASIBLE:
        return 4;
    case ST_INTERRUPTED:
        return 5;
    case ST_MISMATCH:
        return 6;
    case ST_MISSING_TOOL:
        return 7;
    case ST_NOMEM:
    case ST_IO:
    case ST_TOOL:
    case ST_COUNT_:
        break;
    }
    return 1;
}
