/* shapes - the batches that are timed, each the size and the mask of a real use.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_SHAPES_H
#define MASKPROOF_SHAPES_H

#include "format.h"

#include <stdbool.h>
#include <stddef.h>

struct shape {
    const char *name, *about;
    size_t rows, n;
    double density; /* of valid entries, scattered at random; 0: causal, row r has the valid entries 0..r%n */
    double sigma;   /* deviation of the logits: 3 is calm, with 30 most probabilities are tiny and many subnormal */
    size_t calls;   /* timed together: where one is too short, or the arrays are to stay in the nearest cache */
    bool usual;     /* timed unless others are asked for */
};
enum { SHAPES = 8 };
extern const struct shape shapes[SHAPES];

/* Logits about normal, rounded to the format; every row has a valid entry.  The number of valid ones. */
size_t shape_fill(const struct shape *shape, const struct format *f, uint64_t seed, void *x, unsigned char *mask);

#endif
