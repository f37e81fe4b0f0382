/* fast_columns - what both tiers of the fast engine work on: the valid entries of a row, moved together into columns,
   and loops over them in plain C, compiled for each instruction set that the processor may have.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_FAST_COLUMNS_H
#define MASKPROOF_FAST_COLUMNS_H

#include "truth_fast.h"

/* Room for n entries and up to MOST_LANES of no weight behind them, -INFINITY, so that loops over LANES at a time need
   no end of their own.  One per thread, kept between rows. */
struct columns {
    uint32_t *at;       /* where the entry is in the row */
    double *high, *low; /* its logit; then e^(logit - max), (high + low) 2^power in the second tier */
    int64_t *power;
    uint64_t *word;
    uint32_t *short_word; /* in the first tier */
    size_t capacity;
};
enum { MOST_LANES = 16 };
struct columns *columns_for(size_t n);

/* Defines name(parameters), which is `body` for this processor. */
#if defined(__x86_64__)
#define FOR_THIS_PROCESSOR(name, body, parameters, arguments)                                                      \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))) static bool name##_avx512 parameters         \
    {                                                                                                              \
        return body arguments;                                                                                     \
    }                                                                                                              \
    __attribute__((target("avx2,fma"))) static bool name##_avx2 parameters { return body arguments; }              \
    static bool name##_plain_c parameters { return body arguments; }                                               \
    static bool name parameters                                                                                    \
    {                                                                                                              \
        if (truth_vectors >= AVX512 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && \
            __builtin_cpu_supports("avx512vl"))                                                                    \
            return name##_avx512 arguments;                                                                        \
        if (truth_vectors >= AVX2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))              \
            return name##_avx2 arguments;                                                                          \
        return name##_plain_c arguments;                                                                           \
    }
#else
#define FOR_THIS_PROCESSOR(name, body, parameters, arguments) \
    static bool name parameters { return body arguments; }
#endif

#endif
