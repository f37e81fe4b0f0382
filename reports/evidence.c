/* evidence - see evidence.h.
   SPDX-License-Identifier: MIT */
#include "evidence.h"
#include "directory.h"
#include "normwise.h"
#include "reach.h"
#include "verb.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    e->failing = calloc(e->subjects.count, sizeof *e->failing);
    if (e->errors == NULL || e->failing == NULL) abort();
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

/* `claimed`: where a row could show several bugs, those are more likely. */
static void note_failing(struct failing *failing, char *const field[VERDICT_COLUMNS], size_t suite, int format,
                         unsigned claimed)
{
    unsigned bugs, likely;
    double ulp = strtod(field[VERDICT_ULP], NULL);
    if (!bug_parse(field[VERDICT_BUG], &bugs) || bugs == 0) return;
    likely = bugs & claimed ? bugs & claimed : bugs;
    int first = 0;
    while (!(likely >> first & 1)) first++;
    struct failing *f = &failing[first];
    if (!isfinite(ulp)) ulp = INFINITY;
    if (f->id[0] != '\0' && ulp <= f->ulp) return;
    *f = (struct failing){.suite = suite, .format = format, .ulp = ulp, .leak = strtod(field[VERDICT_LEAK], NULL)};
    f->row = strtoul(field[VERDICT_ROW], NULL, 10);
    snprintf(f->id, sizeof f->id, "%s", field[VERDICT_ID]);
    snprintf(f->bugs, sizeof f->bugs, "%s", field[VERDICT_BUG]);
}

static void read_verdict(struct evidence *e, const struct source *s, char *line)
{
    char *field[VERDICT_COLUMNS];
    if (!verdict_cut(line, field)) source_fail(s, "expected a verdict line");
    const struct format *f = format_named(field[VERDICT_FORMAT]);
    struct subject *to = subjects_named(&e->subjects, field[VERDICT_SUBJECT]);
    if (f == NULL || to == NULL || to->claim[f - formats] == NULL)
        source_fail(s, "expected a verdict line of an implementation in claims.tsv");
    size_t at = suite_index(e, field[VERDICT_SUITE]), i = (size_t)(to - e->subjects.subject);
    if (at == MAX_SUITES) source_fail(s, "expected at most 64 suites");
    bool pass = strcmp(field[VERDICT_STATUS], "pass") == 0, fail = strcmp(field[VERDICT_STATUS], "fail") == 0;
    if (pass && strcmp(field[VERDICT_CLASS], "plain") == 0)
        note_error(&e->errors[i][f - formats], strtod(field[VERDICT_ULP], NULL));
    if (fail) note_failing(e->failing[i], field, at, (int)(f - formats), to->claim[f - formats]->bugs);
    if (!tally_fields(&to->tally[at][f - formats], field, claim_allows(to->claim[f - formats], e->suites[at])))
        source_fail(s, "expected a verdict line");
    e->format_judged[f - formats] = true;
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
    *e = (struct evidence){.rows = 0};
    snprintf(e->directory, sizeof e->directory, "%s", directory);
    directory = e->directory; /* path_in's rooms are used again */
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
    tsv_read(&e->reach, path_in(directory, "reach.tsv"), REACH_COLUMNS);
    tsv_read(&e->normwise, path_in(directory, "normwise.tsv"), NORM_COLUMNS);
    tsv_read(&e->about, path_in(directory, "about.tsv"), 2);
    verb_open(&s, path_in(directory, "explain.txt"));
    e->explained = rest_of(&s);
    source_close(&s);
}

void evidence_free(struct evidence *e)
{
    for (size_t i = 0; i < e->subjects.count; i++)
        for (int f = 0; f < FORMATS; f++) free(e->errors[i][f].ulp);
    for (size_t i = 0; i < e->suite_count; i++) free(e->suites[i]);
    suites_free(e->entries, e->entry_count);
    free(e->errors);
    free(e->failing);
    free(e->explained);
    free(e->subjects.subject);
    claims_free(&e->claims);
    tsv_free(&e->timings);
    tsv_free(&e->article);
    tsv_free(&e->leak);
    tsv_free(&e->reach);
    tsv_free(&e->normwise);
    tsv_free(&e->about);
}

const char *evidence_about(const struct evidence *e, const char *key)
{
    for (size_t r = 0; r < e->about.rows; r++)
        if (strcmp(e->about.cell[r][0], key) == 0) return e->about.cell[r][1];
    return "not recorded";
}

double evidence_speed(const struct evidence *e, const struct subject *s, int format)
{
    double sum = 0;
    size_t count = 0;
    for (size_t r = 0; r < e->timings.rows; r++) {
        if (strcmp(tsv_cell(&e->timings, r, "impl"), s->name) != 0) continue;
        if (strcmp(tsv_cell(&e->timings, r, "format"), formats[format].name) != 0) continue;
        if (strcmp(tsv_cell(&e->timings, r, "status"), "timed") != 0) continue;
        sum += log(strtod(tsv_cell(&e->timings, r, "ratio"), NULL));
        count++;
    }
    return count > 0 ? exp(sum / (double)count) : NAN;
}

double evidence_error(const struct subject *s, int format) { return subject_in_format(s, format).worst; }

bool evidence_right(const struct subject *s, int format)
{
    struct tally t = subject_in_format(s, format);
    return s->claim[format] != NULL && s->claim[format]->bugs == 0 && t.rows[PASS] > 0 && t.unexplained == 0;
}
