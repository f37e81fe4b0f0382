/* invariance - what must not change the answer: the order of the entries, a constant added to all (multiples of 1/8
   that stay exact in every format), masked entries behind the row, other rows in the batch.  The slug names the
   relation to the case "base", whose row comes back in each of them.
   SPDX-License-Identifier: MIT */
#include "suite.h"

#include <stdio.h>

enum { N = 11, PADS = 64, PLACES = 4 };

static double base_logit(size_t i) { return (double)(i * 5 % N) / 8; }
static unsigned char base_mask(size_t i) { return i % 4 != 2; }

/* Entry i of the row is entry i * turn + start (mod n, a prime) of the base, raised by `shift`; `pad` masked entries
   follow. */
static void related(struct gen *g, const char *slug, size_t turn, size_t start, double shift, size_t pad)
{
    double *x = gen_logits(g, N + pad);
    unsigned char *mask = gen_mask(g, N + pad);
    for (size_t i = 0; i < N + pad; i++) {
        size_t from = (i * turn + start) % N;
        x[i] = i < N ? base_logit(from) + shift : 2 + (double)(i % 3);
        mask[i] = i < N && base_mask(from);
    }
    gen_arrays(g, slug, 1, N + pad, mask, x);
}

/* The base as row `place` of a batch of others. */
static void placed(struct gen *g, const char *slug, size_t place)
{
    double *x = gen_logits(g, PLACES * N);
    unsigned char *mask = gen_mask(g, PLACES * N);
    for (size_t j = 0; j < PLACES * N; j++) {
        size_t r = j / N, i = j % N;
        x[j] = r == place ? base_logit(i) : (double)(j * 7 % 23) / 2 - 5;
        mask[j] = r == place ? base_mask(i) : r % 2 == 0 && i % 3 != 0; /* the odd ones have nothing valid */
    }
    gen_arrays(g, slug, PLACES, N, mask, x);
}

static void make(struct gen *g)
{
    static const int shifts[] = {1, 2, 4, 8, 16, 24, -1, -2, -4, -8, -16, -24};
    char slug[40];
    related(g, "base", 1, 0, 0, 0);
    for (size_t s = 0; s < sizeof shifts / sizeof *shifts; s++) {
        snprintf(slug, sizeof slug, "shift-%s%d", shifts[s] < 0 ? "minus-" : "",
                 shifts[s] < 0 ? -shifts[s] : shifts[s]);
        related(g, slug, 1, 0, shifts[s], 0);
    }
    for (size_t p = 1; p < N; p++) {
        snprintf(slug, sizeof slug, "permuted-%zu", p);
        related(g, slug, p, p == 1 ? 3 : p / 2, 0, 0);
    }
    for (size_t pad = 1; pad <= PADS; pad++) { /* pad-0 is the base */
        snprintf(slug, sizeof slug, "pad-%zu", pad);
        related(g, slug, 1, 0, 0, pad);
    }
    for (size_t place = 0; place < PLACES; place++) {
        snprintf(slug, sizeof slug, "place-%zu", place);
        placed(g, slug, place);
    }

    size_t count = gen_count(g, 12);
    for (size_t i = 0; i < count; i++) {
        static const size_t sizes[] = {16, 40, 100, 1000};
        size_t rows = gen_rows(g, 1), n = gen_cols(g, sizes[i % 4]), entries = rows * n;
        double *x = gen_logits(g, entries);
        unsigned char *mask = gen_mask(g, entries);
        gen_fill(g, rows, n, 0.6, 1, mask, x);
        for (size_t j = 0; j < entries; j++) x[j] = (double)gen_below(g, 64) / 8 - 4;
        gen_arrays(g, "random", rows, n, mask, x);
        for (size_t j = 0; j < entries; j++) x[j] += 8;
        gen_arrays(g, "random-shifted", rows, n, mask, x);
        for (size_t r = 0; r < rows; r++) /* reversed */
            for (size_t a = r * n, b = (r + 1) * n - 1; a < b; a++, b--) {
                double value = x[a];
                unsigned char valid = mask[a];
                x[a] = x[b];
                mask[a] = mask[b];
                x[b] = value;
                mask[b] = valid;
            }
        gen_arrays(g, "random-reversed", rows, n, mask, x);
    }
}

SUITE(invariance, .hunts = "LEAK BATCH", .about = "one row permuted, shifted, padded and placed in a batch",
      .make = make);
