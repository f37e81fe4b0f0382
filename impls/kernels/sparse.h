/* sparse - a row with few valid entries: where they are, and they alone as a row of their own.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_SPARSE_H
#define MASKPROOF_SPARSE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define FEWEST 16   /* sparse: at most one entry in 16 is valid, */
#define SPARSE 4096 /* and at most so many in all */
#define BLOCK 64    /* entries that are looked at in one go */

/* The mask of 64 entries as bits. */
static inline uint64_t valid_of_64(const unsigned char *mask)
{
#if defined(__AVX512BW__)
    __m512i m = _mm512_loadu_si512(mask);
    return _mm512_test_epi8_mask(m, m);
#elif defined(__AVX2__)
    __m256i low = _mm256_loadu_si256((const void *)mask), high = _mm256_loadu_si256((const void *)(mask + 32));
    const __m256i none = _mm256_setzero_si256();
    uint32_t bits[2] = {(uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi8(low, none)),
                        (uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi8(high, none))};
    return (uint64_t)bits[1] << 32 | bits[0];
#else
    uint64_t valid = 0;
    for (int i = 0; i < BLOCK; i++) valid |= (uint64_t)mask[i] << i;
    return valid;
#endif
}

/* The places of the valid entries of a row into at[SPARSE + BLOCK]; how many, or SIZE_MAX if it is not sparse. */
static size_t list_valid(size_t n, const unsigned char *mask, uint32_t *at)
{
    const size_t most = n / FEWEST < SPARSE ? n / FEWEST : SPARSE;
    size_t count = 0;
    for (size_t i = 0; i < n; i += BLOCK) {
        unsigned char end[BLOCK] = {0};
        __builtin_prefetch(mask + i + 1024);
        if (n - i < BLOCK) memcpy(end, mask + i, n - i);
        uint64_t valid = valid_of_64(n - i < BLOCK ? end : mask + i);
        size_t found = (size_t)__builtin_popcountll(valid);
        for (size_t k = 0; k < 4; k++, valid &= valid - 1) /* some too many: a loop of varying length would branch */
            at[count + k] = (uint32_t)i + (uint32_t)__builtin_ctzll(valid | 1ull << 63);
        for (size_t k = 4; k < found; k++, valid &= valid - 1)
            at[count + k] = (uint32_t)i + (uint32_t)__builtin_ctzll(valid);
        count += found;
        if (count > most) return SIZE_MAX;
    }
    return count;
}

/* A first look, which costs a dense row nothing. */
static inline int looks_sparse(size_t n, const unsigned char *mask)
{
    int found = 0;
    if (n < 4 * BLOCK) return 0;
    for (size_t i = 0; i < 4 * BLOCK; i += BLOCK) found += __builtin_popcountll(valid_of_64(mask + i));
    return found <= 4 * BLOCK / FEWEST;
}

/* The valid entries of a very sparse row, as a row of their own. */
struct gathered {
    size_t count;
    uint32_t at[SPARSE + BLOCK]; /* their places */
    float x[SPARSE], p[SPARSE];
    unsigned char mask[SPARSE]; /* all valid */
};

/* Where they are, and the logits there on their way to the cache.  False if the row is not very sparse. */
static inline int find(struct gathered *g, size_t n, const float *x, const unsigned char *mask)
{
    g->count = list_valid(n, mask, g->at);
    if (g->count == SIZE_MAX) return 0;
    for (size_t k = 0; k < g->count; k++) __builtin_prefetch(x + g->at[k]);
    return 1;
}

static inline void gather_found(struct gathered *g, const float *x)
{
    memset(g->mask, 1, g->count);
    for (size_t k = 0; k < g->count; k++) g->x[k] = x[g->at[k]];
}

/* False, and nothing done, if the row is not very sparse.  Else p is zeroed, and the caller computes g->p. */
static inline int gather(struct gathered *g, size_t n, const float *x, const unsigned char *mask, float *p)
{
    if (!find(g, n, x, mask)) return 0;
    memset(p, 0, n * sizeof *p);
    gather_found(g, x);
    return 1;
}

static inline void scatter(const struct gathered *g, float *p)
{
    for (size_t k = 0; k < g->count; k++) p[g->at[k]] = g->p[k];
}

#endif
