/* kernels - see kernels.h: which of them to call, and by how many threads.
   SPDX-License-Identifier: MIT */
#include "kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct kernels *const all[] = {
#if defined(__x86_64__)
    &kernels_avx512, &kernels_avx2,
#elif defined(__aarch64__)
    &kernels_neon,
#endif
    &kernels_portable};

const struct kernels *kernels_best(void)
{
    const char *asked = getenv("MASKPROOF_KERNEL");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]->runs_here() && (asked == NULL || strcmp(asked, all[i]->name) == 0)) return all[i];
    fprintf(stderr, "MASKPROOF_KERNEL: expected a kernel that runs here, found '%s'\n", asked);
    exit(77);
}

#define FEW 65536 /* entries: for less it is not worth to wake another thread */

void kernels_run(kernel_f32 *kernel, size_t rows, size_t n, const float *x, const unsigned char *mask, float *p)
{
    const size_t share = n > 0 && FEW / n > 0 ? FEW / n : 1, shares = (rows + share - 1) / share;
#pragma omp parallel for schedule(static) if (shares > 1)
    for (size_t s = 0; s < shares; s++) {
        size_t first = s * share, count = rows - first < share ? rows - first : share;
        kernel(count, n, x + first * n, mask + first * n, p + first * n);
    }
}
