/* truth_fast - the fast engine, tier by tier: doubles, for words alone; pairs of doubles, for words and fracs; then
   Arb.  A tier decides a row or says that it cannot, and decides only what its error bound proves, so that all print
   the same bytes: Ziv's loop (ACM TOMS 17(3), 1991) in three steps.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_TRUTH_FAST_H
#define MASKPROOF_TRUTH_FAST_H

#include "truth.h"

/* The words alone of a softmax in f32, bf16 or f16: a row of class plain of n logits, values of the format, n words
   out. False: some entry lies within 2^-49 of a midpoint of two words, and `words` holds nothing. */
bool truth_words(const struct format *f, size_t n, const float *x, const unsigned char *mask, uint32_t *words);

/* As truth_row, for softmax.  False: some entry lies within 2^-99 (2^-89 where n is 2^24) of where the answer changes,
   or on it. */
bool truth_row_pairs(const struct format *f, size_t n, const uint64_t *x, const unsigned char *mask,
                     struct answer *out);

/* For tests, which ask whether it changes a bit: the most to be used of the processor. */
enum truth_vectors { PLAIN_C, AVX2, AVX512 };
extern enum truth_vectors truth_vectors;

#endif
