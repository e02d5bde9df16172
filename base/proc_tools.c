/* proc_tools.c -- where tools are, which package has them, what their logs say. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/file.h"
#include "base/proc.h"
#include "base/proc_internal.h"

static const struct {
    const char *tool, *package;
} packages[] = {
    {"gcc", "gcc"},
    {"g++", "g++"},
    {"make", "make"},
    {"pkg-config", "pkg-config"},
    {"protoc-c", "protobuf-c-compiler"},
    {"verilator", "verilator"},
    {"verilator_bin", "verilator"},
    {"yosys", "yosys"},
    {"yosys-abc", "yosys"},
    {"iverilog", "iverilog"},
    {"vvp", "iverilog"},
    {"nextpnr-ice40", "nextpnr-ice40"},
    {"icetime", "fpga-icestorm"},
    {"sta", "opensta"},
    {"cbc", "coinor-cbc"},
    {"chromium", "chromium"},
    {"clang-format", "clang-format"},
    {"cppcheck", "cppcheck"},
    {"shellcheck", "shellcheck"},
    {"curl", "curl"},
    {"ar", "binutils"},
};

const char *proc_package_of(const char *tool)
{
    for (size_t i = 0; i < sizeof packages / sizeof packages[0]; i++)
        if (strcmp(packages[i].tool, tool) == 0) return packages[i].package;
    return NULL;
}

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

static status missing(const char *tool, struct err *err)
{
    const char *package = proc_package_of(tool);
    if (package)
        return err_set(err, ST_MISSING_TOOL,
                       "%s is not installed; mend with: apt-get install %s", tool,
                       package);
    return err_set(err, ST_MISSING_TOOL, "%s: no such program", tool);
}

/* A path with a '/' is relative to our folder, not to the child's. */
static status find_by_path(const char *tool, struct arena *a, const char **path,
                           struct err *err)
{
    char cwd[4096];
    if (!is_program(tool)) return missing(tool, err);
    *path = tool[0] != '/' && getcwd(cwd, sizeof cwd) ? file_join(a, cwd, tool)
                                                      : arena_strdup(a, tool);
    return *path ? ST_OK : arena_exhausted(err);
}

status proc_find(const char *tool, struct arena *a, const char **path, struct err *err)
{
    if (strchr(tool, '/')) return find_by_path(tool, a, path, err);
    const char *dir = getenv("PATH");
    if (!dir) dir = "/usr/local/bin:/usr/bin:/bin";
    char cwd[4096];
    while (*dir) {
        const size_t n = strcspn(dir, ":");
        char *p = arena_printf(a, "%.*s/%s", (int)n, dir, tool);
        if (p && n && dir[0] != '/' && getcwd(cwd, sizeof cwd))
            p = file_join(a, cwd, p);
        if (!p) return arena_exhausted(err);
        if (n && is_program(p)) {
            *path = p;
            return ST_OK;
        }
        dir += n + (dir[n] == ':');
    }
    return missing(tool, err);
}

/* ---- logs ---- */

static bool mentions_error(const char *line, size_t n)
{
    static const char *const words[] = {"%Error", "ERROR", "error:", "Error:", "FATAL"};
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
        const size_t m = strlen(words[w]);
        for (size_t i = 0; i + m <= n; i++)
            if (memcmp(line + i, words[w], m) == 0) return true;
    }
    return false;
}

void proc_log_reason(int log_fd, char *out, size_t size)
{
    enum { TAIL = 64 * 1024 }; /* enough of a log to hold the error that ended it */
    out[0] = '\0';
    struct stat st;
    char *text = malloc(TAIL + 1);
    if (!text || fstat(log_fd, &st) != 0) {
        free(text);
        return;
    }
    const off_t from = st.st_size > TAIL ? st.st_size - TAIL : 0;
    const ssize_t got = pread(log_fd, text, TAIL, from);
    text[got > 0 ? got : 0] = '\0';
    bool found = false;
    for (char *line = text; *line && !found;) {
        const size_t n = strcspn(line, "\n");
        const bool blank = strspn(line, " \t\r\n") >= n;
        found = mentions_error(line, n);
        if (!blank) snprintf(out, size, "%.*s", (int)n, line);
        line += n + (line[n] == '\n');
    }
    free(text);
}
