/* shapes - the batches that are timed, each the size and the mask of a real use.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_SHAPES_H
#define MASKPROOF_SHAPES_H

#include "format.h"

#include <stdbool.h>
#include <stddef.h>

struct shape {
    char name[30];
    const char *about;
    size_t rows, n;
    double density; /* of valid entries, scattered at random; 0: causal, row r has the valid entries 0..r%n */
    double sigma;   /* deviation of the logits: 3 is calm, with 30 most probabilities are tiny and many subnormal */
    size_t calls;   /* timed together: where one is too short, or the arrays are to stay in the nearest cache */
    bool usual;     /* timed unless others are asked for */
    size_t threads; /* 0: as the user says */
};
enum { SHAPES = 8 };
extern const struct shape shapes[SHAPES];

/* A cost curve: shapes that differ in one number, of about 4 million entries (rows: 1880 in a row).
   `of`: n, density, rows or threads.  How many; 0: there is no such curve. */
enum { CURVE_POINTS = 24 };
size_t shapes_curve(const char *of, struct shape points[CURVE_POINTS]);

/* Logits about normal, rounded to the format; every row has a valid entry.  The number of valid ones. */
size_t shape_fill(const struct shape *shape, const struct format *f, uint64_t seed, void *x, unsigned char *mask);

#endif
