/* evidence - see evidence.h.
   SPDX-License-Identifier: MIT */
#include "evidence.h"
#include "verb.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char *path_in(const char *directory, const char *name)
{
    static char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

/* The lines of an open file as one text. */
static char *rest_of(struct source *s)
{
    char *text = NULL;
    size_t length = 0;
    FILE *all = open_memstream(&text, &length);
    if (all == NULL) abort();
    while (source_next(s)) fprintf(all, "%s\n", s->text);
    fclose(all);
    return text;
}

static void read_suites(struct evidence *e, const char *path)
{
    struct source s;
    verb_open(&s, path);
    char *text = rest_of(&s);
    e->entry_count = suites_parse(e->entries, text);
    if (e->entry_count == 0) source_fail(&s, "expected what maskproof gen --list prints");
    source_close(&s);
    free(text);
}

static void read_claims(struct evidence *e, const char *path)
{
    struct source s;
    verb_open(&s, path);
    char *text = rest_of(&s);
    if (!claims_parse(&e->claims, text)) source_fail(&s, "expected what maskproof run --claims prints");
    source_close(&s);
    free(text);
    subjects_from_claims(&e->subjects, &e->claims);
    e->errors = calloc(e->subjects.count, sizeof *e->errors);
    if (e->errors == NULL) abort();
}

static size_t suite_index(struct evidence *e, const char *name)
{
    size_t i = 0;
    while (i < e->suite_count && strcmp(name, e->suites[i]) != 0) i++;
    if (i == e->suite_count && i < MAX_SUITES) e->suites[e->suite_count++] = strdup(name);
    return i;
}

static void note_error(struct errors *errors, double ulp)
{
    if (errors->count == errors->capacity) {
        errors->capacity = errors->capacity ? 2 * errors->capacity : 256;
        errors->ulp = realloc(errors->ulp, errors->capacity * sizeof *errors->ulp);
        if (errors->ulp == NULL) abort();
    }
    errors->ulp[errors->count++] = ulp;
}

/* The columns of a verdict line this file looks at itself; tally.c reads them all. */
static void read_verdict(struct evidence *e, const struct source *s, char *line)
{
    char subject[80], suite[40], format[8], status[8], class[12];
    double ulp;
    int found = sscanf(line, "%79s %39s %*s %7s %*s %*s %7s %*s %lf %*s %*s %*s %11s", subject, suite, format, status,
                       &ulp, class);
    const struct format *f = found == 6 ? format_named(format) : NULL;
    struct subject *to = subjects_named(&e->subjects, subject);
    if (f == NULL || to == NULL) source_fail(s, "expected a verdict line of an implementation in claims.tsv");
    size_t at = suite_index(e, suite);
    if (at == MAX_SUITES) source_fail(s, "expected at most 64 suites");
    if (strcmp(status, "pass") == 0 && strcmp(class, "plain") == 0)
        note_error(&e->errors[to - e->subjects.subject][f - formats], ulp);
    if (!tally_line(&to->tally[at][f - formats], line, claim_allows(to->claim[f - formats], suite)))
        source_fail(s, "expected a verdict line");
    e->rows++;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void evidence_read(struct evidence *e, const char *directory)
{
    struct source s;
    *e = (struct evidence){0};
    read_claims(e, path_in(directory, "claims.tsv"));
    read_suites(e, path_in(directory, "suites.txt"));
    verb_open(&s, path_in(directory, "verdicts.tsv"));
    while (source_next(&s)) read_verdict(e, &s, s.text);
    if (e->rows == 0) source_fail(&s, "expected verdict lines, found none");
    source_close(&s);
    for (size_t i = 0; i < e->subjects.count; i++)
        for (int f = 0; f < FORMATS; f++)
            if (e->errors[i][f].count > 0) qsort(e->errors[i][f].ulp, e->errors[i][f].count, sizeof(double), by_value);
    tsv_read(&e->timings, path_in(directory, "timings.tsv"), 14);
    tsv_read(&e->article, path_in(directory, "article.tsv"), 8);
    tsv_read(&e->leak, path_in(directory, "leak.tsv"), 3);
    tsv_read(&e->about, path_in(directory, "about.tsv"), 2);
}

void evidence_free(struct evidence *e)
{
    for (size_t i = 0; i < e->subjects.count; i++)
        for (int f = 0; f < FORMATS; f++) free(e->errors[i][f].ulp);
    for (size_t i = 0; i < e->suite_count; i++) free(e->suites[i]);
    suites_free(e->entries, e->entry_count);
    free(e->errors);
    free(e->subjects.subject);
    claims_free(&e->claims);
    tsv_free(&e->timings);
    tsv_free(&e->article);
    tsv_free(&e->leak);
    tsv_free(&e->about);
}
