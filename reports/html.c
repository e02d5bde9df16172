/* html.c -- see html.h. */
#include "reports/html.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

static void put_char(FILE *f, unsigned char c)
{
    switch (c) {
    case '&':
        fputs("&amp;", f);
        break;
    case '<':
        fputs("&lt;", f);
        break;
    case '>':
        fputs("&gt;", f);
        break;
    case '"':
        fputs("&quot;", f);
        break;
    case '\'':
        fputs("&#39;", f);
        break;
    default:
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
            fputs("&#xfffd;", f);
        else
            putc(c, f);
    }
}

void html_text(FILE *f, const char *text)
{
    for (; *text != '\0'; text++)
        put_char(f, (unsigned char)*text);
}

void html_put(FILE *f, const char *template, ...)
{
    va_list args;
    va_start(args, template);
    for (const char *p = template; *p != '\0'; p++) {
        if (*p != '%') {
            putc(*p, f);
        } else if (*++p == 's') {
            html_text(f, va_arg(args, const char *));
        } else {
            assert(*p == '%');
            putc('%', f);
        }
    }
    va_end(args);
}

status html_json(FILE *f, const json_t *value, struct err *err)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII);
    if (text == NULL)
        return err_set(err, ST_RANGE, "a chart holds a value without JSON form");
    for (const char *p = text; *p != '\0'; p++) {
        /* In JSON these stand only inside strings; escaped, no tag can begin. */
        if (*p == '<' || *p == '>' || *p == '&')
            fprintf(f, "\\u%04x", (unsigned)*p);
        else
            putc(*p, f);
    }
    free(text);
    return ST_OK;
}

void html_data_uri(FILE *f, const char *mime, const void *bytes, size_t n)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *b = bytes;
    fprintf(f, "data:%s;base64,", mime);
    for (size_t i = 0; i < n; i += 3) {
        const size_t left = n - i;
        const unsigned v = (unsigned)b[i] << 16 |
                           (left > 1 ? (unsigned)b[i + 1] << 8 : 0) |
                           (left > 2 ? (unsigned)b[i + 2] : 0);
        putc(digits[v >> 18], f);
        putc(digits[v >> 12 & 63], f);
        putc(left > 1 ? digits[v >> 6 & 63] : '=', f);
        putc(left > 2 ? digits[v & 63] : '=', f);
    }
}
