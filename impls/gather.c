/* gather - x[mask], softmax of what is left, scatter back: masked entries take no part at all.
   The work follows the number of valid entries; positions must be restored afterwards.
   Seen in: the article; lc0 neural/wrapper.cc; maia-platform-frontend.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void gather(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0;
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (mask[i]) p[k++] = x[i];
    for (size_t j = 0; j < k; j++) max = fmax(max, p[j]);
    for (size_t j = 0; j < k; j++) {
        p[j] = exp(p[j] - max);
        sum += p[j];
    }
    for (size_t j = 0; j < k; j++) p[j] /= sum;
    for (size_t i = n; i-- > 0;) p[i] = mask[i] ? p[--k] : 0; /* backwards: entry i never lies below value k */
}

IMPL(gather, .formula = "scatter(softmax(x[mask]))", .seen = "the article; lc0; maia-platform-frontend",
     .profile = "all-ninf=nan", .max_ulp = PER_FORMAT(514, 66, 0.51, 0.51));
