/* rounded - see sweep.h: the exponentials of impls/kernels/rounded_rows.h and exp_double_double.h.
   SPDX-License-Identifier: MIT */
#ifndef ROUNDED_FILE
#define ROUNDED_FILE "kernels/rounded_portable.c"
#endif
#include ROUNDED_FILE

#include "sweep.h"

void exp_of_tier_1(size_t count, const float *x, double *e)
{
    for (size_t i = 0; i < count; i += LANES) v_store(e + i, exp_of(v_load_floats(x + i)));
}

void exp_of_tier_2(size_t count, const double *high, const double *low, double *m_high, double *m_low, double *k)
{
    exp_double_double(count, high, low, m_high, m_low, k);
}
