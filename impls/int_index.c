/* int_index - p[mask] = softmax(x[mask]), with a mask of integers: 0 and 1 are then positions, they do not select.
   WRONG: x[mask] is x[0] or x[1], n times over; what is written back lands in p[0] and p[1], the rest stays 0.
   Where n is 1 an index 1 is held at the last entry, as JAX does (NumPy and torch refuse it).
   Seen in: NumPy, torch and JAX, where gather needs a bool mask (measured; F25 of our survey).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void int_index(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0;
    for (size_t j = 0; j < n; j++) {
        p[j] = 0;
        max = fmax(max, x[mask[j] < n ? mask[j] : n - 1]);
    }
    for (size_t j = 0; j < n; j++) sum += exp(x[mask[j] < n ? mask[j] : n - 1] - max);
    for (size_t j = 0; j < n; j++) {
        size_t k = mask[j] < n ? mask[j] : n - 1;
        p[k] = exp(x[k] - max) / sum;
    }
}

IMPL(int_index, .formula = "p[mask] = softmax(x[mask]), mask of integers", .seen = "NumPy, torch, JAX: measured",
     .bugs = "ENCODING LEAK EMPTY POISON UNNORMALIZED NANFILL", .profile = "empty=nan,all-ninf=nan",
     .max_ulp = PER_FORMAT(514, 84, 3, 3));
