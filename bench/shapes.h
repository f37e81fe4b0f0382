/* shapes - the batches that are timed, each the size and the mask of a real use.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_SHAPES_H
#define MASKPROOF_SHAPES_H

#include "format.h"

#include <stddef.h>

struct shape {
    const char *name, *about;
    size_t rows, n;
    double density; /* of valid entries, scattered at random; 0: causal, row r has the valid entries 0..r%n */
};
enum { SHAPES = 3 };
extern const struct shape shapes[SHAPES];

/* Logits about normal, deviation 3, rounded to the format; every row has a valid entry.  The number of valid ones. */
size_t shape_fill(const struct shape *shape, const struct format *f, uint64_t seed, void *x, unsigned char *mask);

#endif
