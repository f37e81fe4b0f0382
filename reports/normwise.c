/* normwise - see normwise.h.
   SPDX-License-Identifier: MIT */
#include "normwise.h"
#include "pipeline.h"
#include "proved.h"
#include "scratch.h"
#include "ulp.h"
#include "verb.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct row {
    char id[80];
    size_t at, n, first; /* the row's entries are exact[at .. at + n) of all; in its case they begin at `first` */
    double largest;
    struct row_shape shape;
};
struct exact {
    double word, rest; /* the correctly rounded value, and what it lacks */
};
static struct {
    struct row *row;
    struct exact *exact;
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

static struct exact exact_value(const struct format *f, const struct answer *a)
{
    return (struct exact){word_value(f, a->word), ldexp(a->side * 1e-6 * a->millionths, ulp_exponent_of(f, a))};
}

static void note_row(const struct line *l, size_t r)
{
    struct row row = {.at = truth.entries, .n = l->n, .first = r * l->n, .shape.entries = l->n};
    double low = INFINITY, high = -INFINITY, top = -INFINITY; /* of the valid ones, and of all */
    snprintf(row.id, sizeof row.id, "%s", l->id);
    truth.exact = grown(truth.exact, truth.entries, &truth.entry_room, l->n, sizeof *truth.exact);
    for (size_t i = r * l->n; i < (r + 1) * l->n; i++) {
        double x = word_value(l->format, l->x[i]);
        struct exact p = exact_value(l->format, &l->answer[i]);
        truth.exact[truth.entries++] = p;
        row.largest = fmax(row.largest, p.word);
        top = isnan(x) || x > top ? x : top; /* a NaN stays */
        if (!l->mask[i] || !isfinite(x)) continue;
        row.shape.growths += row.shape.valid > 0 && x > high;
        row.shape.valid++;
        low = fmin(low, x);
        high = fmax(high, x);
    }
    row.shape.range = high - low;
    row.shape.drop = top - low;
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

/* Of a row the largest error, in u of the largest probability; the largest of an entry that is no subnormal number, in
   u of itself; and the largest share of what is allowed. */
struct errors {
    double whole, entry, share;
};

/* NaN if something else than numbers came back. */
static struct errors errors_of(const struct row *row, const double *got, const struct format *f,
                               const struct proved *bound)
{
    struct errors most = {0, 0, 0};
    const double u = ldexp(1, -f->precision), normal = ldexp(1, f->emin);
    for (size_t i = 0; i < row->n; i++) {
        const struct exact *p = &truth.exact[row->at + i];
        if (!isfinite(got[row->first + i])) return (struct errors){NAN, NAN, NAN};
        const long double error = fabsl((long double)(got[row->first + i] - p->word) - p->rest);
        const long double exact = (long double)p->word + p->rest;
        most.whole = fmax(most.whole, (double)(error / (row->largest * u)));
        if (exact >= normal) most.entry = fmax(most.entry, (double)(error / (exact * u)));
        if (error > 0) most.share = fmax(most.share, (double)(error / (bound->relative * u * exact + bound->absolute)));
    }
    return most;
}

static void write_errors(const struct claim *c, const char *suite, const char *results, FILE *out)
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
        while (line_next_word(c->format, &text, &word)) {
            got = grown(got, count, &room, 1, sizeof *got);
            got[count++] = word_value(c->format, word);
        }
        for (; r < truth.rows && strcmp(truth.row[r].id, id) == 0; r++) {
            const struct row *row = &truth.row[r];
            struct proved bound = {INFINITY, 0};
            if (c->bound != NULL) bound = proved_of(c->bound, c->format, &row->shape);
            struct errors e = {NAN, NAN, NAN};
            if (row->first + row->n <= count) e = errors_of(row, got, c->format, &bound);
            fprintf(out, "%s\t%s\t%s\t%s\t%zu\t%zu\t%.6g\t%.6g\t", c->impl, c->format->name, suite, id, row->n,
                    row->shape.valid, row->shape.range, e.whole);
            if (isinf(bound.relative))
                fprintf(out, "%.6g\t-\t-\n", e.entry);
            else
                fprintf(out, "%.6g\t%.6g\t%.6g\n", e.entry, bound.relative, e.share);
        }
    }
    free(got);
    source_close(&s);
}

_Noreturn static void stop(const char *why)
{
    fprintf(stderr, "maskproof bounds: %s\n", why);
    exit(2);
}

void normwise_measure(const struct claims *claims, const char *suite, const struct format *f, bool all, FILE *out)
{
    char answers[SCRATCH_PATH], results[SCRATCH_PATH];
    scratch_path(answers, "answers");
    scratch_path(results, "results");
    struct pipeline gen = {
        .stage = {{.argv = ARGV("maskproof-gen", suite, f->name)}, {.argv = ARGV("maskproof-truth")}},
        .output_path = answers};
    if (!pipeline_run(&gen)) stop(gen.error);
    read_answers(answers);
    fputs("# impl\tformat\tsuite\tid\tn\tvalid\trange\terror_u\tentry_u\tbound_u\tshare\n", out);
    for (size_t i = 0; i < claims->count; i++) {
        const struct claim *claim = &claims->claim[i];
        if (claim->op != SOFTMAX || claim->format != f || (claim->bound == NULL && !all)) continue;
        if (claim->bound != NULL && proved_theorem(claim->bound) == NULL) stop(claim->bound);
        struct pipeline run = {
            .stage = {{.argv = ARGV("maskproof-run", claim->impl)}}, .input_path = answers, .output_path = results};
        if (!pipeline_run(&run)) stop(run.error);
        pipeline_free(&run);
        write_errors(claim, suite, results, out);
    }
    pipeline_free(&gen);
    free(truth.row);
    free(truth.exact);
    memset(&truth, 0, sizeof truth);
}
