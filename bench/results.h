/* results - what was timed of one shape, and the ways to print it: a table, tab-separated lines, JSON.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_RESULTS_H
#define MASKPROOF_RESULTS_H

#include "counters.h"
#include "gate.h"
#include "passes.h"
#include "shapes.h"

#include <cjson/cJSON.h>

/* One line of the output.  The floor is the first of a shape; it is not judged. */
struct timing {
    const char *impl; /* or LIB.SYMBOL, or PEER.FORMULATION */
    struct judged judged;
    double ns, ratio, gb_per_s;     /* medians over the rounds; NaN: not timed */
    struct interval ratio_interval; /* of the median ratio, 95 % */
    struct moved moved;             /* counted in a run of its own */
    double missed;                  /* the same, by the processor's counter */
};

struct results {
    struct shape shape;
    double density;      /* of the valid entries, counted */
    double floor_spread; /* between the quartiles of the floor's times, over their median: beyond 0.25 others were at
                            work */
    const struct format *format;
    size_t rounds, count;  /* of timings: the floor, and the chosen implementations */
    struct timing *timing; /* print_table sorts it, the fastest first */
};

void print_tsv_head(void);
void print_tsv(const struct results *r);
void print_table(const struct results *r);

/* The document for --json: the machine, the rounds, the seed, and empty lists of peers and of timings. */
cJSON *new_document(size_t rounds, unsigned long seed);
/* Of a formulation PEER.NAME: whose version, once. */
void add_version(cJSON *document, const char *peer, const char *version);
void add_timings(cJSON *document, const struct results *r);

#endif
