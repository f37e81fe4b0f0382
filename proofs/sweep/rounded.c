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
    for (size_t i = 0; i < count; i += 2 * LANES) {
        struct dd d[2], e[2];
        vec whole[2];
        for (size_t w = 0; w < 2; w++) d[w] = (struct dd){v_load(high + i + w * LANES), v_load(low + i + w * LANES)};
        exp_parts(d, e, whole);
        for (size_t w = 0; w < 2; w++) {
            v_store(m_high + i + w * LANES, e[w].high);
            v_store(m_low + i + w * LANES, e[w].low);
            v_store(k + i + w * LANES, whole[w]);
        }
    }
}
