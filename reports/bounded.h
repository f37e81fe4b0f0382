/* bounded - what normwise.tsv comes to: of every implementation that names how it adds up, in every format, the largest
   error of an entry and the bound of that row, and how many rows lie above theirs.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_BOUNDED_H
#define MASKPROOF_BOUNDED_H

#include "format.h"
#include "tsv.h"

struct bounded {
    const char *impl;
    struct bounded_in {
        size_t rows, above;  /* that have a bound; of those, above it or no number */
        double error, bound; /* of the row with the largest error of an entry, in u of the format */
    } in[FORMATS];
};

/* A table of columns as normwise.h has them; `*count` elements, which free() frees, their names in `t`. */
struct bounded *bounded_read(const struct tsv *t, size_t *count);

/* Rows above their bound, of all. */
size_t bounded_above(const struct bounded *b, size_t count);

/* The bounds of a row of 1024 entries within 20 nats: a way of adding up, the implementation that does it, what is
   proved, what Blanchard, Higham and Higham's bound is (NaN where it has none), and the largest error in rows that are
   no longer and no wider. */
struct bounded_example {
    const char *way, *impl;
    int format;
    double proved, others, seen;
};
enum { EXAMPLES = 3 * FORMATS, EXAMPLE_ENTRIES = 1024, EXAMPLE_RANGE = 20 };
void bounded_examples(const struct tsv *t, struct bounded_example example[EXAMPLES]);

#endif
