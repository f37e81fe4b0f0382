/* suite - what a file of oracle/suites/ sees: a generator to hand cases to, and the record at its foot.
   A suite is a list of named cases and seeded random families that hunt one kind of bug.  It exists in all four
   formats; deviates come from + - * / on integers and doubles only, so that the words are the same everywhere.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_SUITE_H
#define MASKPROOF_SUITE_H

#include "format.h"

#include <math.h>
#include <stddef.h>

struct gen;

struct suite {
    const char *name;
    const char *hunts; /* bug names, blank separated: some known-bad implementation shows each of them here */
    const char *about; /* one line */
    void (*make)(struct gen *g);
};

#define SUITE(suite_name, ...) const struct suite suite_##suite_name = {.name = #suite_name, __VA_ARGS__}

/* The format the cases are for. */
const struct format *gen_format(const struct gen *g);
/* Its largest finite number, its smallest normal and its smallest positive number. */
double gen_max(const struct gen *g);
double gen_min_normal(const struct gen *g);
double gen_min(const struct gen *g);
/* ln of the largest finite number (exp overflows above it), of the smallest normal (exp is subnormal below it) and
   of half the smallest positive number (exp rounds to 0 below it). */
double gen_overflow(const struct gen *g);
double gen_subnormal(const struct gen *g);
double gen_underflow(const struct gen *g);

/* A case: `mask` like "101/110" gives the shape, x its entries, each rounded to the nearest word. */
void gen_values(struct gen *g, const char *slug, const char *mask, const double *x);
#define CASE(g, slug, mask, ...) gen_values(g, slug, mask, (const double[]){__VA_ARGS__})

/* The same from arrays: rows*n entries. */
void gen_arrays(struct gen *g, const char *slug, size_t rows, size_t n, const unsigned char *mask, const double *x);

/* The same with given upstream gradients dy, which the operation vjp takes; the others leave them out.  Without, dy is
   drawn: about normal where valid, in one case of four NaN, an infinity or the maximum under the mask.
   The values are all of x, then all of dy, as the words of a line are. */
void gen_gradient(struct gen *g, const char *slug, const char *mask, const double *x_dy);
#define CASE_DY(g, slug, mask, ...) gen_gradient(g, slug, mask, (const double[]){__VA_ARGS__})
void gen_gradient_arrays(struct gen *g, const char *slug, size_t rows, size_t n, const unsigned char *mask,
                         const double *x, const double *dy);

/* Seeded deviates: uniform in [0, 1); whole in [0, below); about normal (sum of 12 uniforms, less 6; Irwin-Hall). */
double gen_uniform(struct gen *g);
size_t gen_below(struct gen *g, size_t below);
double gen_normal(struct gen *g);

/* What the user asked of the random families, or the suite's own number where nothing was asked. */
size_t gen_count(const struct gen *g, size_t suggested);
size_t gen_rows(const struct gen *g, size_t suggested);
size_t gen_cols(const struct gen *g, size_t suggested);

/* Scratch arrays of `entries`, valid until the next call. */
double *gen_logits(struct gen *g, size_t entries);
unsigned char *gen_mask(struct gen *g, size_t entries);

/* Fill rows*n entries: logits normal with deviation sigma, each entry valid with probability `density`, and at
   least one valid entry in each row. */
void gen_fill(struct gen *g, size_t rows, size_t n, double density, double sigma, unsigned char *mask, double *x);

#endif
