/* explain_who - names of implementations, gathered for a page: who claims a bug, who gets a case right.
   SPDX-License-Identifier: MIT */
#include "explain.h"
#include "trial.h"

#include <stdlib.h>
#include <string.h>

char *explain_who(const struct catalogue *c, unsigned bug)
{
    char *text = NULL, in[60];
    size_t size, count = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) abort();
    for (size_t i = 0; i < c->subjects.count; i++) {
        const struct subject *impl = &c->subjects.subject[i];
        catalogue_formats(impl, bug, in);
        if (in[0] == '\0') continue;
        fprintf(out, "%s%s", count++ > 0 ? ", " : "", impl->name);
        if (strcmp(in, "all formats") != 0) fprintf(out, " (%s)", in);
    }
    if (count == 0) fputs("none yet", out);
    fclose(out);
    return text;
}

const char *explain_op(const struct claim *claim)
{
    for (int op = 0; op < OPS; op++) {
        char line[200];
        struct trial t;
        const char *zeros = "0000000000000000"; /* a word of 0 in any format is its first digits */
        int digits = (int)claim->format->digits;
        snprintf(line, sizeof line, "case %s %s 1 %.*s%s%.*s\n", op_names[op], claim->format->name, digits, zeros,
                 op == VJP ? " " : "", op == VJP ? digits : 0, zeros);
        if (!trial_of_cases(&t, claim->format, line)) continue;
        struct judged j = trial_run(&t, claim, NULL);
        bool offered = judged_count(&j, SKIP) == 0;
        judged_free(&j);
        trial_free(&t);
        if (offered) return op_names[op];
    }
    return op_names[SOFTMAX];
}

char *explain_who_passes(const struct catalogue *c, const struct finding *f)
{
    char *text = NULL, format[8] = "";
    size_t size, count = 0;
    struct trial t;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) abort();
    sscanf(f->answer, "%*s %*s %7s", format);
    size_t length = strlen(f->answer);
    char *line = malloc(length + 2);
    if (line == NULL) abort();
    memcpy(line, f->answer, length);
    strcpy(line + length, "\n");
    bool decided = trial_of_cases(&t, format_named(format), line);
    free(line);
    for (size_t i = 0; i < c->subjects.count && decided; i++) {
        const struct claim *claim = c->subjects.subject[i].claim[t.format - formats];
        if (claim == NULL || claim->bugs != 0) continue;
        struct judged j = trial_run(&t, claim, NULL);
        /* void: the answer has no number, so it proves little; but it is as declared */
        if (judged_count(&j, FAIL) == 0 && judged_count(&j, SKIP) == 0)
            fprintf(out, "%s%s", count++ > 0 ? ", " : "", claim->impl);
        judged_free(&j);
    }
    if (count == 0) fputs("none", out);
    fclose(out);
    trial_free(&t);
    return text;
}
