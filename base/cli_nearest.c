/* cli_nearest.c -- "did you mean": edit distance between words. */
#include <string.h>

#include "base/cli.h"

enum { WORD_MAX = 63 }; /* longer words are no typing mistakes of ours */

static int min3(int a, int b, int c)
{
    const int m = a < b ? a : b;
    return m < c ? m : c;
}

/* Insertions, deletions, substitutions and swaps of neighbours that turn s into t
 * (optimal string alignment), with three rows of the table. */
static int edit_distance(const char *s, const char *t)
{
    const int n = (int)strlen(s), m = (int)strlen(t);
    int rows[3][WORD_MAX + 1];
    for (int j = 0; j <= m; j++)
        rows[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *row = rows[i % 3];
        const int *up = rows[(i + 2) % 3], *up2 = rows[(i + 1) % 3];
        row[0] = i;
        for (int j = 1; j <= m; j++) {
            const int differ = s[i - 1] != t[j - 1];
            row[j] = min3(up[j] + 1, row[j - 1] + 1, up[j - 1] + differ);
            const int swapped =
                i > 1 && j > 1 && s[i - 1] == t[j - 2] && s[i - 2] == t[j - 1];
            if (swapped && up2[j - 2] + 1 < row[j]) row[j] = up2[j - 2] + 1;
        }
    }
    return rows[n % 3][m];
}

const char *cli_nearest(const char *word, const char *const names[])
{
    const size_t n = strlen(word);
    if (n == 0 || n > WORD_MAX) return NULL;
    const char *best = NULL;
    int best_d = n < 3 ? 1 : (int)(n + 2) / 3; /* a third of it may be wrong */
    for (; *names; names++) {
        const size_t m = strlen(*names);
        if (m == 0 || m > WORD_MAX) continue;
        int d = edit_distance(word, *names);
        /* An abbreviation of at least three letters counts as one mistake. */
        if (n >= 3 && strncmp(word, *names, n) == 0 && d > 1) d = 1;
        if (d < best_d || (d == best_d && !best)) {
            best = *names;
            best_d = d;
        }
    }
    return best;
}
