/* masked_softmax - the one header of ours an implementation includes.

     p_i = m_i exp(x_i) / sum_j m_j exp(x_j)          logits x[n], mask m[n] of 0 and 1, probabilities p[n]
     l_i = log p_i                                    log_softmax; -inf where p_i is 0
     g_i = p_i (dy_i - sum_j p_j dy_j)                vjp: the gradient by x, from the gradient dy[n] by p

   An implementation file is compiled once for each format: `real` is what it computes in, and `keep` rounds a
   value to the format, as storing an intermediate tensor does.  <tgmath.h> makes exp, log and fmax follow `real`.
   SPDX-License-Identifier: MIT */
#ifndef MASKED_SOFTMAX_H
#define MASKED_SOFTMAX_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <tgmath.h>

#define CLAIM_MAX_N 4096

/* What a file says of one implementation in one format.  The tests hold it to every word, both ways. */
struct impl {
    const char *name;
    const char *formula; /* in one line */
    const char *seen;    /* where: article, library, pull request */
    const char *bugs;    /* known-bad: the bugs it must show, blank separated; NULL if it is right */
    const char *profile; /* its choices where a row has no distribution; NULL is strict-zero */
    double max_ulp;      /* the largest error, in ulps of the exact value, of rows of up to CLAIM_MAX_N entries that no
                            bug explains; sums from left to right lose more on longer ones */
    const char *witness; /* a case "softmax f32 11 word word" that reaches 80 % of max_ulp, or "SUITE ID" of a long one;
                            right ones only */
    int any_length;      /* 1: max_ulp holds for longer rows too */
    const char *bound;   /* how it adds up, which a theorem bounds: a name in reports/proved.c; NULL: none does */
    int op;              /* as in the C signature: 0 softmax, 1 log_softmax, 2 vjp */
    /* x, p: rows*n reals (f64: double, else float holding values of the format); p is all NaN before the call.
       `vjp` is called for op 2, `call` for the others. */
    void (*call)(size_t rows, size_t n, const void *x, const unsigned char *mask, void *p);
    void (*vjp)(size_t rows, size_t n, const void *x, const unsigned char *mask, const void *dy, void *g);
};

#ifdef FORMAT /* f64, f32, bf16 or f16: we are inside an implementation */

#define FORMAT_IS_f64 0
#define FORMAT_IS_f32 1
#define FORMAT_IS_bf16 2
#define FORMAT_IS_f16 3
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define FORMAT_INDEX PASTE(FORMAT_IS_, FORMAT)

#if FORMAT_INDEX == 0
typedef double real;
#else
typedef float real;
#endif

/* The one of four values that belongs to the format being compiled. */
#define PER_FORMAT(f64, f32, bf16, f16) \
    (FORMAT_INDEX == 0 ? (f64) : FORMAT_INDEX == 1 ? (f32) : FORMAT_INDEX == 2 ? (bf16) : (f16))

/* The record at the foot of a file: IMPL for a function of one row
   (size_t n, const real *x, const unsigned char *mask, real *p), IMPL_BATCH for one of a whole batch
   (size_t rows, size_t n, const real *x, const unsigned char *mask, real *p), IMPL_LOG for a log_softmax of one row,
   IMPL_VJP for a gradient of one row (size_t n, const real *x, const unsigned char *mask, const real *dy, real *g). */
#define IMPL(fn, ...)                                                                                      \
    static void fn##_call(size_t rows, size_t n, const void *x, const unsigned char *mask, void *p)        \
    {                                                                                                      \
        for (size_t r = 0; r < rows; r++) fn(n, (const real *)x + r * n, mask + r * n, (real *)p + r * n); \
    }                                                                                                      \
    const struct impl PASTE(impl_##fn##_, FORMAT) = {.name = #fn, .call = fn##_call, __VA_ARGS__}

#define IMPL_LOG(fn, ...) IMPL(fn, .op = 1, __VA_ARGS__)

#define IMPL_VJP(fn, ...)                                                                                           \
    static void fn##_call(size_t rows, size_t n, const void *x, const unsigned char *mask, const void *dy, void *g) \
    {                                                                                                               \
        for (size_t r = 0; r < rows; r++)                                                                           \
            fn(n, (const real *)x + r * n, mask + r * n, (const real *)dy + r * n, (real *)g + r * n);              \
    }                                                                                                               \
    const struct impl PASTE(impl_##fn##_, FORMAT) = {.name = #fn, .op = 2, .vjp = fn##_call, __VA_ARGS__}

#define IMPL_BATCH(fn, ...)                                                                         \
    static void fn##_call(size_t rows, size_t n, const void *x, const unsigned char *mask, void *p) \
    {                                                                                               \
        fn(rows, n, x, mask, p);                                                                    \
    }                                                                                               \
    const struct impl PASTE(impl_##fn##_, FORMAT) = {.name = #fn, .call = fn##_call, __VA_ARGS__}

/* keep(v): v rounded to the format, to nearest even; the identity in f64 and f32. */
static inline real keep(real v)
{
#if FORMAT_INDEX >= 2
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    if (isnan(v)) return v;
#if FORMAT_INDEX == 2
    bits += 0x7fff + (bits >> 16 & 1);
    bits &= 0xffff0000;
#else
    if (fabs(v) >= 65520) return copysign((real)INFINITY, v);
    if (fabs(v) < 0x1p-14f) return copysign((fabs(v) + 0.75f) - 0.75f, v); /* ulp(0.75) = 2^-24, f16's grid */
    bits += 0xfff + (bits >> 13 & 1);
    bits &= 0xffffe000;
#endif
    memcpy(&v, &bits, sizeof bits);
#endif
    return v;
}

#endif
#endif
