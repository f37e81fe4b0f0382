/* case_npy - see case_npy.h.
   SPDX-License-Identifier: MIT */
#include "case_npy.h"
#include "line.h"
#include "npy.h"

#include <math.h>
#include <stdlib.h>

/* A row to be printed, and room to read one into. */
struct row {
    struct line line;
    double *value;
};

static struct row row_of(const struct format *format, const struct npy *logits, size_t n)
{
    static const struct format *const floats[9] = {[2] = &formats[F16], [4] = &formats[F32], [8] = &formats[F64]};
    if (logits->kind != 'f') npy_fail(logits, "expected logits of type f2, f4 or f8, found integers or bool");
    if (n == 0 || n > LINE_MAX_N) npy_fail(logits, "expected 1 to %lu entries in a row, found %zu", LINE_MAX_N, n);
    struct row row = {.line = {.op = SOFTMAX, .format = format ? format : floats[logits->size], .rows = 1, .n = n},
                      .value = malloc(n * sizeof *row.value)};
    row.line.words = row.line.x = malloc(n * sizeof *row.line.x);
    row.line.mask = malloc(n);
    if (row.value == NULL || row.line.x == NULL || row.line.mask == NULL)
        npy_fail(logits, "out of memory for rows of %zu entries", n);
    return row;
}

static void print_row(struct row *row, const char *slug)
{
    char id[200];
    snprintf(id, sizeof id, "%s-%016llx", slug, (unsigned long long)line_hash(&row->line));
    row->line.id = id;
    line_write_case(stdout, &row->line);
    putchar('\n');
}

static void free_row(struct row *row)
{
    free(row->value);
    free(row->line.words);
    free(row->line.mask);
}

void case_npy(const char *slug, const struct format *format, const char *logits, const char *mask)
{
    struct npy x, m;
    npy_open(&x, logits);
    npy_open(&m, mask);
    if (m.rows != x.rows || m.n != x.n)
        npy_fail(&m, "expected the shape of the logits, %zu x %zu, found %zu x %zu", x.rows, x.n, m.rows, m.n);
    struct row row = row_of(format, &x, x.n);
    for (size_t r = 0; r < x.rows; r++) {
        npy_read(&x, x.n, row.value);
        for (size_t i = 0; i < x.n; i++) row.line.x[i] = word_nearest(row.line.format, row.value[i]);
        npy_mask(&m, r, x.n, row.value, row.line.mask);
        print_row(&row, slug);
    }
    npy_close(&x);
    npy_close(&m);
    free_row(&row);
}

void case_ragged(const char *slug, const struct format *format, size_t n, double masked, const char *bounds,
                 const char *logits, const char *index)
{
    struct npy ends, x, at;
    npy_open(&ends, bounds);
    npy_open(&x, logits);
    npy_open(&at, index);
    size_t all = x.rows * x.n, rows = ends.rows * ends.n, from, to;
    if (at.rows * at.n != all)
        npy_fail(&at, "expected an index for each of %zu logits, found %zu", all, at.rows * at.n);
    if (rows == 0) npy_fail(&ends, "expected row bounds: 0, then the end of each row");
    struct row row = row_of(format, &x, n);
    from = npy_count(&ends, 0, 0, 0, "a first bound");
    for (size_t r = 0; r + 1 < rows; r++, from = to) {
        to = npy_count(&ends, r + 1, from, from + n < all ? from + n : all, "a bound");
        for (size_t i = 0; i < n; i++) {
            row.line.x[i] = word_nearest(row.line.format, masked);
            row.line.mask[i] = 0;
        }
        npy_read(&x, to - from, row.value);
        for (size_t k = 0; k < to - from; k++) {
            size_t i = npy_count(&at, r, 0, n - 1, "an index");
            if (row.line.mask[i]) npy_fail(&at, "expected an index once, found %zu again in row %zu", i, r);
            row.line.mask[i] = 1;
            row.line.x[i] = word_nearest(row.line.format, row.value[k]);
        }
        print_row(&row, slug);
    }
    if (from != all) npy_fail(&ends, "expected the last bound to be %zu, the number of logits; found %zu", all, from);
    npy_close(&ends);
    npy_close(&x);
    npy_close(&at);
    free_row(&row);
}
