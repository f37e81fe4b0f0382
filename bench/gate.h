/* gate - correct before fast: what an implementation gave is judged before it is timed.
   Rows are sampled, one from each of equal parts of the batch, and run once more as a batch of their own: that is the
   case line.  `maskproof-truth` and `maskproof-judge` decide it in processes of their own, for an implementation
   may spoil the arithmetic of its whole process.  Their files live in memory (memfd_create): nothing to clean up.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_GATE_H
#define MASKPROOF_GATE_H

#include "line.h"
#include "timing.h"

struct gate {
    size_t *row;      /* which rows of the batch are the sample */
    void *x, *p;      /* the sample's reals */
    struct line line; /* the sample as a case */
    FILE *cases;      /* that case, and no more */
    FILE *answers;    /* to it */
};

struct judged {
    bool pass;
    double max_ulp;  /* of the judged rows */
    bool as_claimed; /* passes, or fails with a bug that it is said to have */
    bool skipped;    /* it does not offer this: neither timed nor refused */
    char note[300];  /* how many rows were judged; or why it is refused, the bug's name first */
};

/* How many of `rows` rows are judged. */
size_t gate_rows(size_t rows, size_t n);
/* Room for samples of so many entries and rows.  Failures of gate_* end the program with one line and exit 2. */
void gate_open(struct gate *g, size_t entries, size_t rows);
/* Sample the rows of a batch and have their answers computed, once for all implementations. */
void gate_sample(struct gate *g, const struct batch *b, uint64_t seed);
/* Judge an implementation whose output of the whole batch is in b->p, by its claim (see limit_for in gate.c). */
struct judged gate_judge(struct gate *g, const struct batch *b, const struct impl *impl);

/* Before a library is loaded into our process: have `maskproof-run --so` survive the sample.  Passes (nothing is judged
   yet), is skipped where it offers no softmax of the format, or is refused with what run says. */
struct judged gate_library(struct gate *g, const char *library_symbol);

/* Judge other people's output of the whole batch, in b->p.  They are timed to compare with, so only what is wrong in
   kind is refused.  Where digits are lost, of small probabilities in rows that leak nothing and whose sum stays 1 to
   0.001, the note has the bugs' names.  The limit is that of `maskproof peers`, 128 ulp in f32, and grows with n. */
struct judged gate_peer(struct gate *g, const struct batch *b, const char *name);

void gate_close(struct gate *g);

#endif
