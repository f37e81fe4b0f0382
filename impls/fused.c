/* fused - exponentials without subtracting the maximum: e^x = 2^k e^r, and the shift is a power of two taken off k.
   Right to 2.75 ulp at any length and spread, and fast: the floats of impls/kernels/, one file per instruction set.
   Seen in: Dukhan and Ablavatski, The Two-Pass Softmax Algorithm, 2020 (exponents kept apart); the rest is ours.
   SPDX-License-Identifier: MIT */
#include "kernels/kernels.h"
#include "masked_softmax.h"

#if FORMAT_INDEX == 0

/* The same in doubles, one by one.  ln 2 in two parts, the first of 32 bits: k of up to 21 bits times it is exact. */
static const double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;

static void fused_row(size_t n, const double *x, const unsigned char *mask, double *p)
{
    double max = -INFINITY, sum = 0, lost = 0;
    int nan = 0;
    for (size_t i = 0; i < n; i++) {
        if (mask[i] && x[i] > max) max = x[i];
        if (mask[i] && isnan(x[i])) nan = 1;
    }
    double shift = fabs(max) >= 0x1p20 ? max : 0, top = rint((max - shift) / ln2_high);
    for (size_t i = 0; i < n; i++) {
        double d = x[i] - shift; /* exact, unless it is so far below that its exponential is 0 */
        p[i] = 0;
        if (nan || max == INFINITY) p[i] = mask[i] ? NAN : 0;
        if (nan || !mask[i] || !isfinite(max) || d < max - shift - 746) continue;
        double k = rint(d / ln2_high), high = d - k * ln2_high, low = k * ln2_low, r = high - low;
        double e = exp(r);
        p[i] = ldexp(e + e * ((high - r) - low), (int)(k - top)); /* and what r lost, to first order */
        double total = sum + p[i]; /* Neumaier: what is lost of the smaller is kept apart */
        lost += sum > p[i] ? (sum - total) + p[i] : (p[i] - total) + sum;
        sum = total;
    }
    for (size_t i = 0; i < n && sum > 0; i++) {
        p[i] /= sum;
        p[i] -= p[i] * (lost / sum);
    }
}

static void fused(size_t rows, size_t n, const double *x, const unsigned char *mask, double *p)
{
    for (size_t r = 0; r < rows; r++) fused_row(n, x + r * n, mask + r * n, p + r * n);
}

#else

static void fused(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p)
{
    const struct kernels *k = kernels_best();
    kernels_run(rows * n > kernels_cached() ? k->fused_streaming : k->fused, rows, n, x, mask, p);
}

#endif

IMPL_BATCH(fused, .formula = "2^k e^r / sum, the shift taken off k", .seen = "Dukhan and Ablavatski 2020",
           .any_length = 1, .bound = PER_FORMAT(NULL, "fused", "fused", "fused"),
           .max_ulp = PER_FORMAT(3, 2.75, 0.51, 0.51),
           .witness = PER_FORMAT(
               "softmax f64 11111 c040a0d19693ba46 bff5d567116c37d0 c0339d8e388ac3fd c032d1797a24156a 403583f3b85f9bab",
               "softmax f32 11 4061a344 bfab8507", "softmax bf16 11 3f7b 3f7d", "softmax f16 11 3bd6 3be5"));
