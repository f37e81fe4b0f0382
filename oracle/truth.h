/* truth - what an oracle engine is: it takes one plain row of a case and returns, for every entry, the correctly
   rounded word and the frac of the exact value (struct answer in line.h).
   Two engines share nothing but this file and line.h: truth_mpfr.c (enclosures in MPFR) and truth_arb.c (balls), so
   that an error of one cannot hide in the other.  truth_fast.c leaves to Arb what it does not decide.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_TRUTH_H
#define MASKPROOF_TRUTH_H

#include "line.h"

/* Working precision an engine may try before it gives up on a row, never guessing.  Gradients of f64 logits a few of
   the smallest subnormals apart, and with symmetric dy, leave a rational at fourth order: near 2^-4296. */
#define TRUTH_MAX_BITS 16384

/* One row of class plain: n logits x, mask 0/1, n answers out.  Safe to call from several threads at once.
   False: TRUTH_MAX_BITS did not decide the row.

     softmax       p_i = m_i exp(x_i) / sum_j m_j exp(x_j)      masked and valid -inf: the exact +0
     log_softmax   log p_i                                      masked and valid -inf: the bare -inf
     vjp           g_i = p_i (dy_i - sum_j p_j dy_j)            masked and valid -inf: the exact +0

   dy: n upstream gradients (vjp; the valid ones are finite, the masked ones anything), else NULL. */
typedef bool truth_row(int op, const struct format *f, size_t n, const uint64_t *x, const uint64_t *dy,
                       const unsigned char *mask, struct answer *out);
truth_row truth_row_mpfr, truth_row_arb, truth_row_fast;

/* Release what the calling thread has cached. */
void truth_cleanup_mpfr(void);
void truth_cleanup_arb(void);
void truth_cleanup_fast(void);

#endif
