/* proc.c -- see proc.h.
 *
 * The child gets a process group of its own, so that a limit or an interrupt can
 * end everything it has started; it dies with us (PR_SET_PDEATHSIG), so that
 * kill -9 leaves no tool running.  Everything that allocates is done before the
 * fork: a child of a threaded program may only make system calls. */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/proc_internal.h"
#include "base/progress.h"

extern char **environ;

static const double grace_s = 1.0; /* from SIGTERM to SIGKILL */

/* ---- files of the child ---- */

/* A file without a name: gone when its last descriptor is closed. */
static int open_nameless(void)
{
    const char *dir = getenv("TMPDIR");
    char path[4096];
    snprintf(path, sizeof path, "%s/bitwright-XXXXXX", dir && dir[0] ? dir : "/tmp");
    const int fd = mkstemp(path);
    if (fd >= 0) {
        unlink(path);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    return fd;
}

static status open_log(const struct proc_options *opt, int *fd, struct err *err)
{
    const char *path = opt->log_path;
    *fd = path ? open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666)
               : open_nameless();
    if (*fd >= 0) return ST_OK;
    return err_set(err, ST_IO, "%s: cannot create log: %s",
                   path ? path : "temporary folder", strerror(errno));
}

static status read_fd(int fd, struct arena *a, char **text, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_set(err, ST_IO, "cannot read a tool's output: %s", strerror(errno));
    const size_t size = (size_t)st.st_size;
    char *p = ARENA_NEW(a, char, size + 1);
    if (!p) return arena_exhausted(err);
    size_t used = 0;
    while (used < size) {
        const ssize_t n = pread(fd, p + used, size - used, (off_t)used);
        if (n < 0)
            return err_set(err, ST_IO, "cannot read a tool's output: %s",
                           strerror(errno));
        if (n == 0) break;
        used += (size_t)n;
    }
    *text = p;
    return ST_OK;
}

/* ---- start ---- */

static bool same_name(const char *a, const char *b)
{
    const size_t n = strcspn(a, "=");
    return strncmp(a, b, n) == 0 && b[n] == '=';
}

/* Our environment with the extra entries in place of those of the same name. */
static char **merge_env(struct arena *a, const char *const *extra)
{
    size_t n = 0, m = 0, k = 0;
    while (environ[n])
        n++;
    while (extra && extra[m])
        m++;
    char **env = ARENA_NEW(a, char *, n + m + 1);
    if (!env) return NULL;
    for (size_t i = 0; i < n; i++) {
        bool replaced = false;
        for (size_t j = 0; j < m; j++)
            replaced = replaced || same_name(extra[j], environ[i]);
        if (!replaced) env[k++] = environ[i];
    }
    for (size_t j = 0; j < m; j++)
        if (!(env[k++] = arena_strdup(a, extra[j]))) return NULL;
    return env;
}

struct child {
    const char *path; /* of the program                                       */
    char **argv, **env;
    const char *dir; /* NULL = ours                                          */
    int out_fd, log_fd;
    pid_t parent;
};

static void exec_child(const struct child *c)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != c->parent) _exit(127); /* it died before the prctl */
    const int null_fd = open("/dev/null", O_RDONLY);
    dup2(null_fd, 0);
    dup2(c->out_fd, 1);
    dup2(c->log_fd, 2);
    if (null_fd > 2) close(null_fd);
    if (c->dir && chdir(c->dir) != 0) _exit(127);
    execve(c->path, c->argv, c->env);
    _exit(127);
}

static status start(const char *const argv[], const struct proc_options *opt,
                    struct arena *a, int out_fd, int log_fd, pid_t *pid,
                    struct err *err)
{
    struct child c = {.dir = opt->dir, .out_fd = out_fd, .log_fd = log_fd};
    TRY(proc_find(argv[0], a, &c.path, err));
    size_t n = 0;
    while (argv[n])
        n++;
    c.argv = ARENA_NEW(a, char *, n + 1);
    c.env = merge_env(a, opt->env);
    if (!c.argv || !c.env) return arena_exhausted(err);
    for (size_t i = 0; i < n; i++)
        if (!(c.argv[i] = arena_strdup(a, argv[i]))) return arena_exhausted(err);
    c.parent = getpid();
    *pid = fork();
    if (*pid == 0) exec_child(&c);
    if (*pid < 0)
        return err_set(err, ST_TOOL, "%s: cannot start: %s", argv[0], strerror(errno));
    setpgid(*pid, *pid); /* here too: whichever of the two comes first */
    return ST_OK;
}

/* ---- wait ---- */

enum end { END_EXIT, END_LIMIT, END_INTERRUPT, END_LOST };

static void sleep_s(double s)
{
    const struct timespec t = {.tv_sec = (time_t)s,
                               .tv_nsec = (long)((s - (double)(time_t)s) * 1e9)};
    nanosleep(&t, NULL);
}

/* Polls: portable, and 10 ms do not matter to tools that run for seconds. */
static enum end wait_for(pid_t pid, double limit_s, int *wait_status)
{
    const double start_s = clock_now_s();
    enum end end = END_EXIT;
    double kill_s = 0, nap_s = 0.0005;
    pid_t ended;
    while ((ended = waitpid(pid, wait_status, WNOHANG)) == 0) {
        const double now = clock_now_s();
        if (end == END_EXIT) {
            if (limit_s > 0 && now - start_s > limit_s) end = END_LIMIT;
            if (interrupt_requested()) end = END_INTERRUPT;
            if (end != END_EXIT) {
                kill(-pid, SIGTERM);
                kill_s = now + grace_s;
            }
        } else if (now > kill_s) {
            kill(-pid, SIGKILL);
        }
        sleep_s(nap_s);
        if (nap_s < 0.01) nap_s *= 2;
    }
    if (end != END_EXIT) kill(-pid, SIGKILL); /* whatever it has left behind */
    return end == END_EXIT && ended < 0 ? END_LOST : end;
}

static status finish(const char *tool, const struct proc_options *opt, enum end end,
                     int wait_status, int log_fd, struct err *err)
{
    if (end == END_INTERRUPT)
        return err_set(err, ST_INTERRUPTED, "interrupted while %s ran", tool);
    if (end == END_LOST) /* reaped by the system where SIGCHLD is ignored */
        return err_set(err, ST_TOOL, "%s: its exit status is lost", tool);
    if (end == END_EXIT && WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0)
        return ST_OK;
    char how[64], why[320];
    if (end == END_LIMIT)
        snprintf(how, sizeof how, "did not end within %g s", opt->time_limit_s);
    else if (WIFSIGNALED(wait_status))
        snprintf(how, sizeof how, "was killed by signal %d", WTERMSIG(wait_status));
    else
        snprintf(how, sizeof how, "failed with exit status %d",
                 WEXITSTATUS(wait_status));
    proc_log_reason(log_fd, why, sizeof why);
    return err_set(err, ST_TOOL, "%s %s%s%s%s%s", tool, how, why[0] ? ": " : "", why,
                   opt->log_path ? "; see " : "", opt->log_path ? opt->log_path : "");
}

/* out_fd < 0: stdout goes to the log as well. */
static status run_to_end(const char *const argv[], const struct proc_options *opt,
                         int out_fd, struct err *err)
{
    static const struct proc_options no_options = {0};
    if (!opt) opt = &no_options;
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    int log_fd = -1, wait_status = 0;
    pid_t pid = 0;
    status st = open_log(opt, &log_fd, err);
    if (st == ST_OK)
        st = start(argv, opt, a, out_fd < 0 ? log_fd : out_fd,
                   out_fd >= 0 && opt->with_stderr ? out_fd : log_fd, &pid, err);
    if (st == ST_OK) {
        const enum end end = wait_for(pid, opt->time_limit_s, &wait_status);
        st = finish(argv[0], opt, end, wait_status, log_fd, err);
    }
    if (log_fd >= 0) close(log_fd);
    arena_free(a);
    return st;
}

status proc_run(const char *const argv[], const struct proc_options *opt,
                struct err *err)
{
    return run_to_end(argv, opt, -1, err);
}

status proc_capture(const char *const argv[], const struct proc_options *opt,
                    struct arena *a, char **text, struct err *err)
{
    const int fd = open_nameless();
    if (fd < 0)
        return err_set(err, ST_IO, "cannot create a temporary file: %s",
                       strerror(errno));
    status st = run_to_end(argv, opt, fd, err);
    if (st == ST_OK) st = read_fd(fd, a, text, err);
    close(fd);
    return st;
}
