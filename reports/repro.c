/* repro - see repro.h.
   SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* asprintf */
#include "repro.h"
#include "line.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char plain_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=+,-";

char *repro_command(const char *const *argv)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL) abort();
    for (size_t i = 0; argv[i] != NULL; i++) {
        bool plain = argv[i][0] != '\0' && argv[i][strspn(argv[i], plain_characters)] == '\0';
        fputs(i > 0 ? " " : "", out);
        if (!plain) putc('\'', out);
        for (const char *c = argv[i]; *c != '\0'; c++) fputs(*c == '\'' ? "'\\''" : (char[]){*c, '\0'}, out);
        if (!plain) putc('\'', out);
    }
    if (fclose(out) != 0) abort();
    return text;
}

char *repro_case(const struct sampling *s, const char *suite, int op, const char *format, const char *id,
                 const char *runner)
{
    const struct {
        const char *option, *value;
    } asked[] = {{"op", op == SOFTMAX ? NULL : op_names[op]},
                 {"seed", s->seed},
                 {"count", s->count},
                 {"rows", s->rows},
                 {"cols", s->cols},
                 {"id", id}};
    char options[400] = "", *text;
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        if (asked[i].value != NULL)
            snprintf(options + strlen(options), sizeof options - strlen(options), " --%s %s", asked[i].option,
                     asked[i].value);
    if (asprintf(&text, "maskproof gen %s %s%s | %s", suite, format, options, runner) < 0) abort();
    return text;
}
