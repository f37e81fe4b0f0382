/* jax_where - maximum and sum over the valid entries only, and the result selected once more: where= as JAX has it.
   Right: 0 where nothing is valid, NaN where every valid logit is -inf; the masked entries are 0 in any row.
   Seen in: jax.nn.softmax(where=) since a282d586 (January 2024).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void jax_where(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++)
        if (mask[i]) max = fmax(max, x[i]);
    for (size_t i = 0; i < n; i++) {
        p[i] = exp((mask[i] ? x[i] : (real)-INFINITY) - max);
        if (mask[i]) sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] = mask[i] ? p[i] / sum : 0;
}

IMPL(jax_where, .formula = "where(mask, e / sum(e, where=mask), 0)", .seen = "jax.nn.softmax(where=) since a282d586",
     .profile = "all-ninf=nan", .bound = "left_to_right", .max_ulp = PER_FORMAT(514, 82, 0.51, 0.51),
     .witness =
         PER_FORMAT("softmax f64 11 40637e2f9abb8afe c08106a2b0553c78",
                    "softmax f32 11111111 4187fd24 417d71c0 4181ef92 41855171 4186a658 418350e6 4184a806 c2401abb",
                    "softmax bf16 11 3f7b 3f7d", "softmax f16 11 3bd6 3be5"));
