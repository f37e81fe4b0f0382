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
    for (size_t i = 0; i < count; i += LANES) {
        vec whole;
        struct dd e = exp_parts((struct dd){v_load(high + i), v_load(low + i)}, &whole);
        v_store(m_high + i, e.high);
        v_store(m_low + i, e.low);
        v_store(k + i, whole);
    }
}
