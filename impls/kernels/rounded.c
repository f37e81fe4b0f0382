/* rounded - see rounded.h: which kernel, and where to start.
   SPDX-License-Identifier: MIT */
#include "rounded.h"

#include <stdlib.h>

static const struct rounded *const all[] = {
#if defined(__x86_64__)
    &rounded_avx512, &rounded_avx2,
#endif
    &rounded_portable};

const struct rounded *rounded_best(void)
{
    const struct kernels *set = kernels_best();
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]->set == set) return all[i];
    return &rounded_portable;
}

int rounded_first_tier(void)
{
    const char *tier = getenv("MASKPROOF_ROUNDED");
    return tier != NULL ? atoi(tier) : 1;
}
