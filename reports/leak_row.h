/* leak_row - one row of logits, and how much probability each way to write a masked softmax misplaces in it.
   Everything in double from logarithms of sums (LSE), which is exact to some 1e-15: what a formulation does by its
   formula, in any format; what its roundings do on top is for `run` and `judge`.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_LEAK_ROW_H
#define MASKPROOF_LEAK_ROW_H

#include "line.h"

/* What is known of a row.  NaN: not known, since the logits are not (LSE alone, or valid logits alone). */
struct leak_row {
    size_t valid, masked;
    double lse_valid, lse_masked; /* log-sum-exp of the valid and of the masked logits, nats */
    double max_low, max_high;     /* bounds of the largest valid logit: equal where the logits are known */
    double max_masked;
    bool spoiled;    /* NaN or an infinity under the mask */
    const double *p; /* the right probabilities of the valid entries, in their order; NULL: not known */
};

/* The class of the row; if plain, `row` is what is known of it.  `mask` NULL: all of x is valid, and `masked` others
   are not known.  p: room for n entries. */
enum row_class leak_row_of(struct leak_row *row, size_t n, const double *x, const unsigned char *mask, size_t masked,
                           double *p);

/* The same from the LSE of `valid` valid logits. */
enum row_class leak_row_of_lse(struct leak_row *row, double lse, size_t valid, size_t masked);

/* What softmax(x * mask) gives to the masked entries, entry by entry as it is written: what the law is held against. */
double leak_of_multiply(size_t n, const double *x, const unsigned char *mask);

enum leak_goes { TO_MASKED, TO_NOWHERE, TO_VALID, LEAK_GOES }; /* where misplaced probability goes */
extern const char *const leak_goes_names[LEAK_GOES];

/* A way to write it.  Misplaced is in all of them some weight w = e^addend * base beside the weight S = e^LSE of the
   valid entries, so that every valid p_i becomes p_i S / (S + w). */
struct formulation {
    const char *name; /* of impls/, but for `unmasked` */
    const char *formula;
    enum leak_goes goes;
    enum { ZEROS, LOGITS, ZEROS_AND_VALID, LOGITS_AND_VALID } base; /* of which entries w is made */
    double addend; /* -inf: w is 0, the formulation is right (or wrong in roundings alone) */
};

extern const struct formulation formulations[];
enum { FORMULATIONS = 17 };
enum { MULTIPLY }; /* the first */

struct fraction {
    double wrong; /* total variation, the largest difference in the probability of any set of entries; it is the
                     probability on masked entries where that is where it goes.  NaN: no distribution comes out */
    double kl;    /* sum of p log(p / q), p right, q not, nats */
    bool masked_wins, masked_may_win; /* some masked entry is strictly above all valid ones: certain; not excluded */
};

/* Whether the row tells what this formulation does to it. */
bool leak_known(const struct leak_row *row, const struct formulation *f);
struct fraction leak_fraction(const struct leak_row *row, const struct formulation *f);

#endif
