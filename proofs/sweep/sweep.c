/* sweep - hold the kernels' exponentials to the error bounds that their comments derive: tier 1 of correctly_rounded
   and fused on every float, against tier 2, which is held against MPFR.  sweep [PART]: one float in PART (default 1).
   SPDX-License-Identifier: MIT */
#include "sweep.h"

#include <math.h>
#include <mpfr.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1024 };

static float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

struct worst {
    double error;
    float at;
};
static void see(struct worst *w, double error, float x)
{
    if (!(error <= w->error)) *w = (struct worst){error, x}; /* a NaN is the worst */
}

/* |e - exact| in units of what exact - as m 2^k - is a multiple of: 2^-53 of it, or its ulp in float. */
static void compare(const float *x, struct worst *tier_1, struct worst *fused)
{
    static double high[BLOCK], low[BLOCK], m_high[BLOCK], m_low[BLOCK], k[BLOCK], e[BLOCK];
    static float f[BLOCK];
    for (int i = 0; i < BLOCK; i++) high[i] = (double)x[i];
    exp_of_tier_2(BLOCK, high, low, m_high, m_low, k);
    exp_of_tier_1(BLOCK, x, e);
    exp_of_fused(BLOCK, x, f);
    for (int i = 0; i < BLOCK; i++) {
        const double scale = ldexp(1, -(int)k[i]);
        see(tier_1, fabs((e[i] * scale - m_high[i]) - m_low[i]) / m_high[i] * 0x1p53, x[i]);
        if (fabsf(x[i]) > 87) continue; /* there e^x is no normal float */
        const double ulp = m_high[i] >= 2 ? 0x1p-22 : m_high[i] >= 1 ? 0x1p-23 : 0x1p-24;
        see(fused, fabs(((double)f[i] * scale - m_high[i]) - m_low[i]) / ulp, x[i]);
    }
}

/* Every float of magnitude 2^-60 (below, e^x is 1 in all of them) to 450, of either sign. */
static uint64_t sweep_floats(uint32_t part, struct worst *tier_1, struct worst *fused)
{
    static float x[BLOCK];
    const uint32_t from = (127u - 60) << 23, to = 0x43e10000; /* 450 */
    uint64_t count = 0;
    int filled = 0;
    for (uint32_t bits = from; bits <= to; bits += part)
        for (int sign = 0; sign < 2; sign++) {
            x[filled++] = float_of(bits | (uint32_t)sign << 31);
            count++;
            if (filled < BLOCK) continue;
            compare(x, tier_1, fused);
            filled = 0;
        }
    memset(x + filled, 0, (size_t)(BLOCK - filled) * sizeof *x);
    compare(x, tier_1, fused);
    return count;
}

/* splitmix64, https://prng.di.unimi.it/splitmix64.c (public domain) */
static double uniform(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

/* Tier 2 on so many blocks of double-doubles in [-800, 0], half of them in [-1, 0]: the largest error as log2. */
static double sweep_tier_2(int blocks)
{
    static double high[BLOCK], low[BLOCK], m_high[BLOCK], m_low[BLOCK], k[BLOCK];
    uint64_t state = 1;
    double worst = 0;
    mpfr_t exact, found;
    mpfr_init2(exact, 300);
    mpfr_init2(found, 300);
    for (int b = 0; b < blocks; b++) {
        for (int i = 0; i < BLOCK; i++) {
            high[i] = (i % 2 ? -800 : -1) * uniform(&state);
            low[i] = high[i] * 0x1p-53 * (uniform(&state) - 0.5);
        }
        exp_of_tier_2(BLOCK, high, low, m_high, m_low, k);
        for (int i = 0; i < BLOCK; i++) {
            mpfr_set_d(exact, high[i], MPFR_RNDN);
            mpfr_add_d(exact, exact, low[i], MPFR_RNDN);
            mpfr_exp(exact, exact, MPFR_RNDN);
            mpfr_set_d(found, m_high[i], MPFR_RNDN);
            mpfr_add_d(found, found, m_low[i], MPFR_RNDN);
            mpfr_mul_2si(found, found, (long)k[i], MPFR_RNDN);
            mpfr_div(found, found, exact, MPFR_RNDN);
            mpfr_sub_ui(found, found, 1, MPFR_RNDN);
            const double error = fabs(mpfr_get_d(found, MPFR_RNDN));
            if (!(error <= worst)) worst = error;
        }
    }
    mpfr_clear(exact);
    mpfr_clear(found);
    mpfr_free_cache();
    return log2(worst);
}

int main(int argc, char **argv)
{
    const long part = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
    struct worst tier_1 = {0, 0}, fused = {0, 0};
    if (part < 1 || part > 1 << 20) {
        fprintf(stderr, "expected sweep [PART], PART a number from 1 to 2^20, found '%s'\n", argv[1]);
        return 2;
    }
    if (!runs_on_this_processor()) return printf("does not run on this processor\n"), 77;
    const uint64_t count = sweep_floats((uint32_t)part, &tier_1, &fused);
    const double tier_2 = sweep_tier_2(part > 1 ? 20 : 200);
    printf("%llu floats\n", (unsigned long long)count);
    printf("correctly_rounded, tier 1: %.4f units of 2^-53, at %a; claimed 2\n", tier_1.error, (double)tier_1.at);
    printf("correctly_rounded, tier 2: 2^%.2f, on %d random arguments; claimed 2^-100\n", tier_2,
           BLOCK * (part > 1 ? 20 : 200));
    printf("fused: %.4f ulp, at %a; allowed 0.62\n", fused.error, (double)fused.at);
    return !(tier_1.error < 2 && tier_2 < -100 && fused.error < 0.62);
}
