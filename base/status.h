/* status.h -- how every function of bitwright reports failure.
 *
 * A function that can fail returns a status and takes a struct err * as its
 * last argument.  Library code never exits, aborts or prints; bitwright.c turns
 * the status into the process's exit code.  Messages about a file read
 *     path:line:column: what was expected, what was found
 * on one line, without a trailing newline. */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

typedef enum {
    ST_OK = 0,
    ST_NOMEM,        /* allocation failed                                     */
    ST_IO,           /* write, sync, rename or read of an open file failed    */
    ST_NOT_FOUND,    /* an input file does not exist or cannot be opened      */
    ST_PARSE,        /* a file is not what its format promises                */
    ST_RANGE,        /* well-formed, but a value is outside its limits        */
    ST_UNSUPPORTED,  /* legal input that this build does not handle           */
    ST_USAGE,        /* wrong command line                                    */
    ST_INFEASIBLE,   /* no plan meets the budgets                             */
    ST_INTERRUPTED,  /* SIGINT; state is saved, the same command resumes      */
    ST_MISMATCH,     /* a check ran and the two sides differ                  */
    ST_TOOL,         /* an external tool ran and failed, or hung              */
    ST_MISSING_TOOL, /* an external tool is not installed; err says how to    */
    ST_COUNT_
} status;

struct err {
    status code;
    char msg[512];
};

/* Fills err (if not NULL) and returns code, so that callers write
 *     return err_set(err, ST_PARSE, "%s:%d: expected '['", path, line);      */
status err_set(struct err *err, status code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), cold));

/* Exit code of a command that ended with this status: 0 ok, 1 internal or tool
 * failure, 2 usage, 3 bad input, 4 infeasible, 5 interrupted but resumable,
 * 6 check failed, 7 missing tool. */
int status_exit_code(status code);

/* Passes a failure on to the caller. */
#define TRY(expr)                     \
    do {                              \
        status st_ = (expr);          \
        if (st_ != ST_OK) return st_; \
    } while (0)

/* The same where resources are held: `status st` and a label `out` exist. */
#define TRY_OUT(expr)              \
    do {                           \
        st = (expr);               \
        if (st != ST_OK) goto out; \
    } while (0)

#endif
