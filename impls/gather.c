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
     .profile = "all-ninf=nan", .bound = "left_to_right", .max_ulp = PER_FORMAT(514, 82, 0.51, 0.51),
     .witness =
         PER_FORMAT("softmax f64 11 40637e2f9abb8afe c08106a2b0553c78",
                    "softmax f32 11111111 4187fd24 417d71c0 4181ef92 41855171 4186a658 418350e6 4184a806 c2401abb",
                    "softmax bf16 11 3f7b 3f7d", "softmax f16 11 3bd6 3be5"));
