/* random - our own seeded numbers, the same on every platform: splitmix64 and sums of its uniforms.
   Source: https://prng.di.unimi.it/splitmix64.c (public domain).
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_RANDOM_H
#define MASKPROOF_RANDOM_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Uniform in [0, 1). */
static inline double random_uniform(uint64_t *state) { return (double)(random_next(state) >> 11) * 0x1p-53; }

/* Whole, in [0, below). */
static inline size_t random_below(uint64_t *state, size_t below)
{
    return (size_t)(random_uniform(state) * (double)below);
}

/* About normal, deviation 1: the sum of 12 uniforms less its mean (Irwin-Hall). */
static inline double random_normal(uint64_t *state)
{
    double sum = -6;
    for (int i = 0; i < 12; i++) sum += random_uniform(state);
    return sum;
}

#endif
