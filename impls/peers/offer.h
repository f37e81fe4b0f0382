/* offer - what a library for `maskproof bench --peer` has: functions of the fixed C signature, and the list of them.
   One named unmasked takes no notice of the mask: it is what the library could do if there were none.
   SPDX-License-Identifier: MIT */
#ifndef PEERS_OFFER_H
#define PEERS_OFFER_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { OP_SOFTMAX = 0, FORMAT_F32 = 1, NOT_OFFERED = 77, FAILED = 1 };

/* Returns 0, NOT_OFFERED or FAILED; p may be x.  See maskproof run --help. */
typedef int masked_softmax(int op, int format, size_t rows, size_t n, const void *x, const unsigned char *mask,
                           const void *dy, void *p);
masked_softmax where, unmasked;

/* The names, blanks between them. */
extern const char maskproof_offers[];

/* p = mask ? x : -inf, for a library that has no mask: on words and in blocks, which gcc makes vectors of, the widest
   that the processor has.  A branch for each entry would cost more than the softmax. */
#ifdef __x86_64__
__attribute__((target_clones("arch=skylake-avx512", "avx2", "default")))
#endif
static void
fill_f32(size_t count, const uint32_t *x, const unsigned char *mask, uint32_t *p)
{
    enum { BLOCK = 64 };
    const uint32_t masked = 0xff800000; /* -inf */
    size_t i = 0;
    for (; i + BLOCK <= count; i += BLOCK)
        for (size_t j = 0; j < BLOCK; j++)
            p[i + j] = (x[i + j] & -(uint32_t)mask[i + j]) | (masked & ((uint32_t)mask[i + j] - 1));
    for (; i < count; i++) p[i] = mask[i] ? x[i] : masked;
}

#endif
