/* sparse - where the few valid entries of a row are; who includes it has named valid_of_64.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_SPARSE_H
#define MASKPROOF_SPARSE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FEWEST 16   /* sparse: at most one entry in 16 is valid, */
#define SPARSE 4096 /* and at most so many in all */
#define BLOCK 64    /* entries that are looked at in one go */

/* The places of the valid entries of a row into at[SPARSE + BLOCK]; how many, or SIZE_MAX if it is not sparse. */
static size_t list_valid(size_t n, const unsigned char *mask, uint32_t *at)
{
    const size_t most = n / FEWEST < SPARSE ? n / FEWEST : SPARSE;
    size_t count = 0;
    for (size_t i = 0; i < n; i += BLOCK) {
        unsigned char end[BLOCK] = {0};
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

#endif
