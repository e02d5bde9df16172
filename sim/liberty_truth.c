/* A function's truth table, by recursive descent over its operators; a value is the
 * whole table, 64 rows at once.
 *
 *   or := and {('|' | '+') and}      and := xor {['&' | '*'] xor}
 *   xor := not {'^' not}             not := '!' not | atom {"'"}
 *   atom := '(' or ')' | '0' | '1' | name */
#include <ctype.h>
#include <string.h>

#include "sim/liberty.h"

enum { MAX_DEPTH = 64 };

struct parser {
    const char *where, *text, *p;
    const char *const *inputs;
    int n_inputs, depth;
    struct err *err;
};

static status parse_or(struct parser *s, uint64_t *out);

static void skip(struct parser *s)
{
    while (isspace((unsigned char)*s->p))
        s->p++;
}

static status refuse(const struct parser *s, const char *expected)
{
    return err_set(s->err, ST_PARSE, "%s: function \"%s\": expected %s, found '%.8s'",
                   s->where, s->text, expected, *s->p ? s->p : "its end");
}

/* Table of input k: bit i is bit k of i. */
static uint64_t input_table(int k)
{
    static const uint64_t tables[LIBERTY_MAX_INPUTS] = {
        0xAAAAAAAAAAAAAAAA, 0xCCCCCCCCCCCCCCCC, 0xF0F0F0F0F0F0F0F0,
        0xFF00FF00FF00FF00, 0xFFFF0000FFFF0000, 0xFFFFFFFF00000000};
    return tables[k];
}

static status parse_name(struct parser *s, uint64_t *out)
{
    const char *from = s->p;
    while (isalnum((unsigned char)*s->p) || strchr("_[]$", *s->p)) {
        if (!*s->p) break;
        s->p++;
    }
    const size_t n = (size_t)(s->p - from);
    if (n == 0) return refuse(s, "a pin");
    for (int k = 0; k < s->n_inputs; k++)
        if (strlen(s->inputs[k]) == n && memcmp(s->inputs[k], from, n) == 0) {
            *out = input_table(k);
            return ST_OK;
        }
    return err_set(s->err, ST_RANGE,
                   "%s: function \"%s\": expected an input of the cell, found '%.*s'",
                   s->where, s->text, (int)n, from);
}

static status parse_atom(struct parser *s, uint64_t *out)
{
    skip(s);
    if (*s->p == '0' || *s->p == '1') {
        *out = *s->p++ == '1' ? ~UINT64_C(0) : 0;
        return ST_OK;
    }
    if (*s->p != '(') return parse_name(s, out);
    if (s->depth++ == MAX_DEPTH) return refuse(s, "at most 64 levels");
    s->p++;
    TRY(parse_or(s, out));
    skip(s);
    if (*s->p != ')') return refuse(s, "')'");
    s->p++;
    s->depth--;
    return ST_OK;
}

static status parse_not(struct parser *s, uint64_t *out)
{
    uint64_t invert = 0;
    for (skip(s); *s->p == '!' || *s->p == '~'; skip(s)) {
        invert = ~invert;
        s->p++;
    }
    TRY(parse_atom(s, out));
    for (skip(s); *s->p == '\''; skip(s)) {
        invert = ~invert;
        s->p++;
    }
    *out ^= invert;
    return ST_OK;
}

static status parse_xor(struct parser *s, uint64_t *out)
{
    TRY(parse_not(s, out));
    while (*s->p == '^') {
        uint64_t right;
        s->p++;
        TRY(parse_not(s, &right));
        *out ^= right;
    }
    return ST_OK;
}

static status parse_and(struct parser *s, uint64_t *out)
{
    TRY(parse_xor(s, out));
    while (*s->p && !strchr("|+)", *s->p)) {
        uint64_t right;
        if (*s->p == '&' || *s->p == '*') s->p++;
        TRY(parse_xor(s, &right));
        *out &= right;
    }
    return ST_OK;
}

static status parse_or(struct parser *s, uint64_t *out)
{
    TRY(parse_and(s, out));
    while (*s->p == '|' || *s->p == '+') {
        uint64_t right;
        s->p++;
        TRY(parse_and(s, &right));
        *out |= right;
    }
    return ST_OK;
}

status liberty_truth(const char *where, const char *function, const char *const *inputs,
                     int n_inputs, uint64_t *out, struct err *err)
{
    struct parser s = {.where = where,
                       .text = function,
                       .p = function,
                       .inputs = inputs,
                       .n_inputs = n_inputs,
                       .err = err};
    TRY(parse_or(&s, out));
    if (*s.p) return refuse(&s, "an operator");
    return ST_OK;
}
