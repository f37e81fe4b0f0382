/* timing - how long calls take, against a floor measured in the same round.
   In each round every candidate runs once, in a fresh random order on the same arrays, and before each timed call
   an untimed copy runs over these arrays, so that all start from the same cache state.  Nanoseconds drift by a
   factor of two with what the neighbours do; ratios within a round do not.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_TIMING_H
#define MASKPROOF_TIMING_H

#include "library.h"
#include "peer.h"
#include "run.h"

struct batch {
    const struct format *format;
    size_t rows, n;
    const void *x;
    const unsigned char *mask;
    void *p;
    size_t calls; /* timed together; 0 is 1 */
};

/* How a batch is done: by a function of ours, of a library (then p are the format's words, which in f32 and f64 the
   reals are), or by a peer in its own process, on its copies of the arrays.  None of them: not at all. */
struct way {
    void (*call)(size_t rows, size_t n, const void *x, const unsigned char *mask, void *p);
    library_fn *library;
    struct peer *peer;
    const char *name; /* of the library's symbol for messages, or of the peer's formulation */
};

struct candidate {
    struct way way;
    uint64_t print;    /* fingerprint of the output that was judged */
    const char *fault; /* NULL, or what is wrong with a timed call, that its output changed say */
    double *ns;        /* one per round */
};

/* Run it once, on b.  Returns what the library does: 0, 77 (not offered), or an error.  Not for a peer. */
int run_way(const struct way *way, const struct batch *b);

/* The floor: p = mask ? x : 0, which reads and writes what every masked softmax must, and computes nothing; of several
   ways to copy (plain C, vectors with prefetch) the one that is fastest on these arrays. */
typedef void floor_copy(size_t rows, size_t n, const void *x, const unsigned char *mask, void *p);
floor_copy *fastest_floor(const struct batch *b);

/* A number that two different outputs hardly share. */
uint64_t fingerprint(const struct batch *b);

/* Stay on the core we are on, until unpin.  False: errno says why. */
bool pin(void); /* the core is the same each time */
void unpin(void);

/* Fill ns of all candidates, of which the first is the floor; `step` is called before each round, from 0. */
void time_rounds(const struct batch *b, struct candidate *candidates, size_t count, size_t rounds, uint64_t seed,
                 void (*step)(size_t round));

/* The quantile q of the values, which are sorted on return. */
double quantile(double *values, size_t count, double q);

/* Where the median of what they are a sample of lies, 95 % sure, whatever its distribution: two of the values, by the
   binomial distribution of how many lie below (for fewer than 6 the least and the largest).  Sorts them. */
struct interval {
    double low, high;
};
struct interval median_interval(double *values, size_t count);

#endif
