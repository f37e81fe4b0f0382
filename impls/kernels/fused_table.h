/* fused_table - what fused_exp.h needs of ln 2 and of 2^(j/8), as the instruction sets look it up.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_FUSED_TABLE_H
#define MASKPROOF_FUSED_TABLE_H

#include <stdint.h>

/* ln 2 / 8 = STEP_HIGH + STEP_LOW - 2^-56.3: the nearest float, and the nearest to the rest; STEP in a double. */
#define STEP_HIGH 0x1.62e43p-4f
#define STEP_LOW -0x1.05c61p-32f
#define STEP 0x1.62e42fefa39efp-4

/* The bits of the float nearest to 2^(j/8), less j << 20: 8k + j shifted by 20 and added makes it that times 2^k. */
static const uint32_t power_bits[8] = {0x3f800000, 0x3f7b95c2, 0x3f7837f0, 0x3f75fed7,
                                       0x3f7504f3, 0x3f75672a, 0x3f7744fd, 0x3f7ac0c7};

/* 2^(j/8) is that float times 1 plus this. */
static const float power_lacks[8] = {0x0p0f,          -0x1.9c0c22p-27f, 0x1.125002p-25f,  -0x1.0a3550p-25f,
                                     0x1.26055cp-26f, 0x1.67a1cap-28f,  -0x1.f9c304p-27f, -0x1.a5217cp-28f};

#endif
