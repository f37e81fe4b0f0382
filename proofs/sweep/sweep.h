/* sweep - the exponentials inside the kernels, taken out to be looked at one by one.  Compiled once for each kernel.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_SWEEP_H
#define MASKPROOF_SWEEP_H

#include <stddef.h>

/* count, a multiple of 16, of them */
void exp_of_fused(size_t count, const float *x, float *e);
void exp_of_tier_1(size_t count, const float *x, double *e);
void exp_of_tier_2(size_t count, const double *high, const double *low, double *m_high, double *m_low, double *k);
int runs_on_this_processor(void);

#endif
