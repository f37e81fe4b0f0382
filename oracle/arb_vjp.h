/* arb_vjp - the gradient of softmax, by balls and exact sums.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_ARB_VJP_H
#define MASKPROOF_ARB_VJP_H

#include "truth.h"

/* truth_row_arb for VJP. */
bool vjp_row_arb(const struct format *f, size_t n, const uint64_t *x, const uint64_t *dy, const unsigned char *mask,
                 struct answer *out);

#endif
