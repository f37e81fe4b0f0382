/* diagnose - the names of the bugs, and which of them could have made a failed row what it is, from the case and
   the outputs alone.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_DIAGNOSE_H
#define MASKPROOF_DIAGNOSE_H

#include "line.h"

/* A set of bugs, one bit each.  A row alone cannot always tell: exp(-200) and a masked logit 200 above both end
   as 0/0.  Then several bits are set, and the rows where one is set alone decide (see judge). */
enum bug {
    BUG_LEAK = 1 << 0,     /* a masked entry keeps weight.  Cause: its logit was changed (to 0, to a small number)
                              instead of removed.  Signature: a nonzero number on a masked entry. */
    BUG_POISON = 1 << 1,   /* NaN or infinity under the mask spreads.  Cause: the mask is arithmetic (x * m, x + log m),
                              not a selection.  Signature: NaN in a row that holds such a masked logit; NaN on a
                              masked entry, where the policy allows it to valid ones alone. */
    BUG_OVERFLOW = 1 << 2, /* no shift by the maximum.  Signature: wrong where exp of the valid logits themselves
                              leaves the normal range of the format (or, times the mask, that of a masked one). */
    BUG_STARVE = 1 << 3,   /* a masked maximum underflows the valid entries.  Cause: softmax first, mask after.
                              Signature: wrong where the softmax over all entries is below the normal range. */
    BUG_EMPTY = 1 << 4,    /* an empty or all-ninf row is not as the target's policy declares. */
    BUG_BATCH = 1 << 5,    /* rows are mixed.  Signature: the rows of a batch have mass 1 together instead of each,
                              or a row of finite numbers becomes NaN or 0 beside one that has a reason to. */
    BUG_HIDDEN = 1 << 6,   /* a valid NaN or +inf is answered by numbers the policy does not declare. */
    BUG_ROUND = 1 << 7,    /* none of these, every value finite: beyond the error limit. */
    BUG_SENTINEL = 1 << 8, /* a finite fill beats a valid logit.  Signature: the weights say that the masked entries
                              have one logit, or were lowered by one amount, of 1000 and more. */
    BUG_NANFILL = 1 << 9,  /* the target's own constant makes NaN (0 * -inf, inf - inf).  Signature: NaN in a row of
                              finite logits of ordinary size. */
    BUG_EPSILON = 1 << 10, /* a +eps that was to avoid 0/0 takes mass.  Signature: all valid entries short by one
                              factor, where the valid share of the softmax over all entries, or exp of the valid logits,
                              is small. */
    BUG_UNNORMALIZED = 1 << 11, /* mass is missing.  Cause: masked after the softmax, and left so.  Signature: all valid
                                   entries short by one factor. */
    BUG_AXIS = 1 << 12,         /* softmax along the wrong axis, or the mask: columns have mass 1 instead of rows. */
    BUG_POLARITY = 1 << 13,     /* the mask inverted.  Signature: the row is the softmax of its masked entries. */
    BUG_ENCODING = 1 << 14, /* the mask's bytes or numbers mistaken.  Signature: valid logits raised by 1 over masked
                               ones, or weights that depend on the mask alone. */
    BUG_TAIL = 1 << 15,     /* a vector tail or the edge of a block.  Signature: zeros in the last n mod 8 entries. */
    BUG_DRIFT = 1 << 16,    /* a long sum loses digits.  Signature: all entries wrong by one factor, many valid. */
    BUG_FLUSH = 1 << 17,    /* subnormal results are 0.  Signature: what fails is below the normal range and 0. */
    BUG_UNDERLOG = 1 << 18, /* the log of a probability that underflowed.  Signature: log p is -inf where it is due. */
    BUG_POSLOG = 1 << 19,   /* log p above 0.  Cause: the sum does not hold the very term that is subtracted. */
    BUG_NANGRAD = 1 << 20,  /* the gradient is NaN or nonzero under the mask.  Cause: the mask is applied to a result
                               whose own gradient is not finite, or rounding is left where 0 is due. */
};
enum { BUGS = 21 };
extern const char *const bug_names[BUGS];

/* What only a whole batch shows; found once per case. */
struct batch_facts {
    bool dominated;   /* some row has all the mass, so that others without prove nothing */
    bool shares_mass; /* several rows with mass, and together they have the mass of one */
    bool columns_sum; /* each column with a valid entry has mass 1, and the rows have not */
    bool odd_rows;    /* some row is not plain, or holds NaN or an infinity */
};
struct batch_facts batch_facts(const struct line *line, const uint64_t *got);

/* A failed row.  Row `row` of `line` (case and answers); got: all rows*n words of the result. */
struct symptom {
    const struct line *line;
    const uint64_t *got;
    size_t row, worst; /* worst: an entry of the row that fails, counted in the row */
    struct batch_facts batch;
};

/* The bugs that fit; 0 if none has the signature. */
unsigned diagnose(const struct symptom *s);

/* In a sentence: "LEAK: masked entry 2 holds 0x1.2e742p-3; equals softmax(x * m): ..." */
void diagnose_say(const struct symptom *s, unsigned bugs, char *text, size_t size);

/* "LEAK", "OVERFLOW|STARVE", or "-" for none, into `text` of at least 200 bytes. */
void bug_spell(unsigned bugs, char *text);
/* Read it back; false if `text` is none of that. */
bool bug_parse(const char *text, unsigned *bugs);

#endif
