/* libm - the C library's exp, of which Bound.v and OnlineBound.v assume that it is right to one ulp, subnormal results,
   too, and exact at 0 and -inf: expf on every float of [-104, 0], exp on a sample of [-746, 0], held against the fast
   engine's pairs of doubles (fast_exp.h).  libm [PART]: one in PART of it all.
   SPDX-License-Identifier: MIT */
#include "fast_exp.h"
#include "random.h"

#include <stdio.h>
#include <stdlib.h>

enum { BLOCK = 1024 };
#define SAMPLE 100000000

/* The largest error in units of 2 u e^x + the smallest subnormal, which are one ulp or less: at most 1 is right. */
struct worst {
    double error, at;
};
static void see(struct worst *w, double error, double x)
{
    if (!(error <= w->error)) *w = (struct worst){error, x}; /* a NaN is the worst */
}
static void merge(struct worst *all, const struct worst *w)
{
#pragma omp critical
    see(all, w->error, w->at);
}

static double error_of(double got, double x, const struct format *f)
{
    int64_t k;
    const struct pair exact = exp_of_pair((struct pair){x, 0}, &k); /* times 2^k */
    const double allowed = ldexp(exact.high, 1 - f->precision) + ldexp(1, format_grid(f) - (int)k);
    return fabs((ldexp(got, -(int)k) - exact.high) - exact.low) / allowed;
}

static struct worst every_float(size_t part, size_t *count)
{
    const size_t to = 0x42d00000, blocks = to / (BLOCK * part) + 1; /* 104 */
    struct worst all = {0, 0};
#pragma omp parallel
    {
        struct worst w = {0, 0};
#pragma omp for
        for (size_t b = 0; b < blocks; b++)
            for (size_t i = 0; i < BLOCK; i++) {
                size_t word = (b * BLOCK + i) * part;
                float x = -(float)word_value(&formats[F32], word < to ? word : to);
                see(&w, error_of((double)expf(x), (double)x, &formats[F32]), (double)x);
            }
        merge(&all, &w);
    }
    *count = blocks * BLOCK;
    return all;
}

/* Half of them over all of [-746, 0], half over [-1, 0]. */
static struct worst many_doubles(size_t blocks)
{
    struct worst all = {0, 0};
#pragma omp parallel
    {
        struct worst w = {0, 0};
#pragma omp for
        for (size_t b = 0; b < blocks; b++) {
            uint64_t seed = b * BLOCK;
            for (int i = 0; i < BLOCK; i++) {
                double x = (i % 2 ? -746 : -1) * random_uniform(&seed);
                see(&w, error_of(exp(x), x, &formats[F64]), x);
            }
        }
        merge(&all, &w);
    }
    return all;
}

int main(int argc, char **argv)
{
    const long part = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
    if (part < 1 || part > 1 << 20) {
        fprintf(stderr, "expected libm [PART], PART a number from 1 to 2^20, found '%s'\n", argv[1]);
        return 2;
    }
    size_t count, blocks = SAMPLE / BLOCK / (size_t)part + 1;
    const struct worst f = every_float((size_t)part, &count), d = many_doubles(blocks);
    printf("expf: %zu floats of [-104, 0], at most %.4f of an ulp, at %a\n", count, f.error, f.at);
    printf("exp: %zu doubles of [-746, 0], at most %.4f of an ulp, at %a\n", blocks * BLOCK, d.error, d.at);
    const int ends = expf(0) == 1 && exp(0) == 1 && expf(-INFINITY) == 0 && exp(-INFINITY) == 0;
    printf("at 0 and -inf: %s\n", ends ? "exact" : "not exact");
    return f.error <= 1 && d.error <= 1 && ends ? 0 : 1;
}
