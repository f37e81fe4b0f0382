/* random - the tests' own seeded deviates: the same on every machine, and nothing of the product in them.
   Generator: splitmix64, https://prng.di.unimi.it/splitmix64.c (public domain).
   SPDX-License-Identifier: MIT */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include "format.h"

#include <stddef.h>

static inline uint64_t random_bits(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline size_t random_below(uint64_t *state, size_t below) { return (size_t)(random_bits(state) % below); }
static inline double random_uniform(uint64_t *state) { return (double)(random_bits(state) >> 11) * 0x1p-53; }

/* Any word of the format: NaN and infinities too. */
static inline uint64_t random_word(uint64_t *state, const struct format *f)
{
    return random_bits(state) >> (64 - 4 * f->digits);
}

/* A word of magnitude below infinity, of either sign. */
static inline uint64_t random_finite_word(uint64_t *state, const struct format *f)
{
    uint64_t w;
    do w = random_word(state, f);
    while (!word_is_finite(f, w));
    return w;
}

#endif
