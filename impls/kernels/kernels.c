/* kernels - see kernels.h: which of them to call, and by how many threads.
   SPDX-License-Identifier: MIT */
#include "kernels.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

size_t kernels_cached(void)
{
    const char *asked = getenv("MASKPROOF_CACHE");
    if (asked != NULL) return strtoul(asked, NULL, 10) / 9;
#ifdef _SC_LEVEL3_CACHE_SIZE /* glibc has it, POSIX has not */
    const long bytes = sysconf(_SC_LEVEL3_CACHE_SIZE);
    if (bytes > 0) return (size_t)bytes / 9;
#endif
    return ((size_t)32 << 20) / 9;
}

#define FEW 65536 /* entries: for less it is not worth to wake another thread */

void kernels_run(kernel_f32 *kernel, size_t rows, size_t n, const float *x, const unsigned char *mask, float *p)
{
    const size_t worth = rows * n / FEW, threads = (size_t)omp_get_max_threads();
    const size_t most = worth < rows ? worth : rows, shares = most < threads ? most : threads;
    if (shares <= 1) {
        kernel(rows, n, x, mask, p);
        return;
    }
#pragma omp parallel for schedule(static) num_threads((int)shares)
    for (size_t s = 0; s < shares; s++) { /* one run of rows each, for a kernel overlaps a row with the next */
        size_t first = rows * s / shares, count = rows * (s + 1) / shares - first;
        kernel(count, n, x + first * n, mask + first * n, p + first * n);
    }
}
