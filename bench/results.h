/* results - what was timed of one shape, and the ways to print it: a table, tab-separated lines, JSON.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_RESULTS_H
#define MASKPROOF_RESULTS_H

#include "gate.h"
#include "shapes.h"

#include <cjson/cJSON.h>

/* One line of the output.  The floor is the first of a shape; it is not judged. */
struct timing {
    const char *impl;
    struct judged judged;
    double ns, ratio, gb_per_s;     /* medians over the rounds; NaN: not timed */
    struct interval ratio_interval; /* of the median ratio, 95 % */
};

struct results {
    struct shape shape;
    double density; /* of the valid entries, counted */
    const struct format *format;
    size_t rounds, count;  /* of timings: the floor, and the chosen implementations */
    struct timing *timing; /* print_table sorts it, the fastest first */
};

void print_tsv_head(void);
void print_tsv(const struct results *r);
void print_table(const struct results *r);

/* The document for --json: the machine, the rounds, the seed, and an empty list of timings. */
cJSON *new_document(size_t rounds, unsigned long seed);
void add_timings(cJSON *document, const struct results *r);

#endif
