/* normwise - see normwise.h.
   SPDX-License-Identifier: MIT */
#include "normwise.h"
#include "catalogue.h"
#include "pipeline.h"
#include "scratch.h"
#include "verb.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct row {
    char id[80];
    size_t at, n, valid; /* the row's entries are exact[at .. at + n) of all; in its case they begin at `first` */
    size_t first;
    double range, largest;
};
static struct {
    struct row *row;
    double *exact;
    size_t rows, entries, row_room, entry_room;
} truth;

static void *grown(void *array, size_t used, size_t *room, size_t more, size_t size)
{
    if (used + more <= *room) return array;
    *room = 2 * (used + more);
    array = realloc(array, *room * size);
    if (array == NULL) abort();
    return array;
}

static double exact_value(const struct format *f, const struct answer *a)
{
    double ulp = ldexp(1, word_ulp_exponent(f, a->word));
    return word_value(f, a->word) + a->side * 1e-6 * a->millionths * ulp;
}

static void note_row(const struct line *l, size_t r)
{
    struct row row = {.at = truth.entries, .n = l->n, .first = r * l->n};
    double low = INFINITY, high = -INFINITY;
    snprintf(row.id, sizeof row.id, "%s", l->id);
    truth.exact = grown(truth.exact, truth.entries, &truth.entry_room, l->n, sizeof *truth.exact);
    for (size_t i = r * l->n; i < (r + 1) * l->n; i++) {
        double x = word_value(l->format, l->x[i]), p = exact_value(l->format, &l->answer[i]);
        truth.exact[truth.entries++] = p;
        row.largest = fmax(row.largest, p);
        if (!l->mask[i]) continue;
        row.valid++;
        low = fmin(low, x);
        high = fmax(high, x);
    }
    row.range = high - low;
    truth.row = grown(truth.row, truth.rows, &truth.row_room, 1, sizeof *truth.row);
    truth.row[truth.rows++] = row;
}

static void read_answers(const char *path)
{
    struct source s;
    struct line line = {0};
    truth.rows = truth.entries = 0;
    verb_open(&s, path);
    while (source_answer(&s, &line))
        for (size_t r = 0; r < line.rows; r++)
            if (line.class[r] == CLASS_PLAIN) note_row(&line, r);
    line_free(&line);
    source_close(&s);
}

/* max |got - exact| / max p of a row, in u; NaN if something else than numbers came back. */
static double error_of(const struct row *row, const double *got)
{
    double most = 0;
    for (size_t i = 0; i < row->n; i++) {
        double error = fabs(got[row->first + i] - truth.exact[row->at + i]);
        if (!isfinite(error)) return NAN;
        most = fmax(most, error);
    }
    return most / row->largest * ldexp(1, formats[F32].precision);
}

static void write_errors(const char *impl, const char *suite, const char *results, FILE *out)
{
    struct source s;
    double *got = NULL;
    size_t room = 0, r = 0;
    verb_open(&s, results);
    while (source_next(&s)) {
        char *text = s.text, *id = line_token(&text), *equals = line_token(&text);
        uint64_t word;
        size_t count = 0;
        if (id == NULL || equals == NULL) source_fail(&s, "expected a result line");
        while (line_next_word(&formats[F32], &text, &word)) {
            got = grown(got, count, &room, 1, sizeof *got);
            got[count++] = word_value(&formats[F32], word);
        }
        for (; r < truth.rows && strcmp(truth.row[r].id, id) == 0; r++) {
            const struct row *row = &truth.row[r];
            double error = row->first + row->n <= count ? error_of(row, got) : NAN;
            fprintf(out, "%s\t%s\t%s\t%zu\t%zu\t%.6g\t%.6g\n", impl, suite, id, row->n, row->valid, row->range, error);
        }
    }
    free(got);
    source_close(&s);
}

_Noreturn static void stop(const char *why)
{
    fprintf(stderr, "maskproof report: normwise.tsv: %s\n", why);
    exit(2);
}

void normwise_measure(const char *suite, FILE *out)
{
    char answers[SCRATCH_PATH], results[SCRATCH_PATH];
    struct catalogue c;
    catalogue_read(&c);
    scratch_path(answers, "answers");
    scratch_path(results, "results");
    struct pipeline gen = {.stage = {{.argv = ARGV("maskproof-gen", suite, "f32")}, {.argv = ARGV("maskproof-truth")}},
                           .output_path = answers};
    if (!pipeline_run(&gen)) stop(gen.error);
    read_answers(answers);
    fputs("# impl\tsuite\tid\tn\tvalid\trange\terror_u\n", out);
    for (size_t i = 0; i < c.claims.count; i++) {
        const struct claim *claim = &c.claims.claim[i];
        if (claim->op != SOFTMAX || claim->format != &formats[F32]) continue;
        struct pipeline run = {
            .stage = {{.argv = ARGV("maskproof-run", claim->impl)}}, .input_path = answers, .output_path = results};
        if (!pipeline_run(&run)) stop(run.error);
        pipeline_free(&run);
        write_errors(claim->impl, suite, results, out);
    }
    pipeline_free(&gen);
    catalogue_free(&c);
    free(truth.row);
    free(truth.exact);
    memset(&truth, 0, sizeof truth);
}
