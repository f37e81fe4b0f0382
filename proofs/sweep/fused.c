/* fused - see sweep.h: the exponential of impls/kernels/fused_rows.h.  KERNEL_FILE is one file of the kernels.
   SPDX-License-Identifier: MIT */
#ifndef KERNEL_FILE
#define KERNEL_FILE "kernels/portable.c"
#endif
#include KERNEL_FILE

#include "sweep.h"

void exp_of_fused(size_t count, const float *x, float *e)
{
    unsigned char valid[LANES];
    memset(valid, 1, sizeof valid);
    for (size_t i = 0; i < count; i += LANES) v_store(e + i, exp_where(pick_valid(valid), v_load(x + i), v_all(MAGIC)));
}

int runs_on_this_processor(void) { return runs_here(); }
