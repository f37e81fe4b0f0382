/* portable - the vector operations of fused_rows.h on one float: for any processor with C.
   Without a fused multiply-add there is double, in which a product of floats is exact.
   SPDX-License-Identifier: MIT */
#include "fused_table.h"
#include "kernels.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define LANES 1
#define WAYS 1
typedef float vec;
typedef unsigned pick; /* 1 or 0 */

static inline vec v_all(float a) { return a; }
static inline vec v_sub(vec a, vec b) { return a - b; }
static inline vec v_mul(vec a, vec b) { return a * b; }
static inline vec v_max(vec a, vec b) { return a > b ? a : b; }
static inline vec v_farther(vec a, vec b) { return fabsf(b) > a ? fabsf(b) : a; }
static inline vec v_fma(vec a, vec b, vec c) { return (float)((double)a * (double)b + (double)c); }
static inline vec v_minus_steps(vec x, vec k) { return (float)((double)x - (double)k * STEP); }

static inline vec v_load(const float *x) { return *x; }
static inline vec v_load_part(const float *x, size_t count) { return (void)count, v_load(x); }
static inline void v_store(float *p, vec a) { *p = a; }
static inline void v_stream(float *p, vec a) { v_store(p, a); }
static inline void v_stream_end(void) {}
static inline void v_store_part(float *p, vec a, size_t count) { (void)count, v_store(p, a); }

static inline pick pick_valid(const unsigned char *mask) { return *mask; }
static inline pick pick_valid_part(const unsigned char *mask, size_t count) { return (void)count, pick_valid(mask); }
static inline pick pick_none(void) { return 0; }
static inline pick pick_or(pick a, pick b) { return a | b; }
static inline pick pick_beyond(vec a, vec limit) { return !(fabsf(a) <= limit); } /* NaN too */
static inline int pick_any(pick a) { return a != 0; }

static inline uint32_t bits_of(float a)
{
    uint32_t bits;
    memcpy(&bits, &a, sizeof bits);
    return bits;
}
static inline float with_bits(uint32_t bits)
{
    float a;
    memcpy(&a, &bits, sizeof a);
    return a;
}
/* As words, for a branch on a random mask costs more than all the rest. */
static inline vec v_where(pick k, vec a) { return with_bits(bits_of(a) & -k); }
static inline vec v_where_else(pick k, vec a, vec b) { return with_bits((bits_of(a) & -k) | (bits_of(b) & (k - 1))); }

static inline vec v_fma_where(pick k, vec a, vec b, vec c) { return v_where(k, v_fma(a, b, c)); }
static inline vec v_power(vec t) { return with_bits((bits_of(t) << 20) + power_bits[bits_of(t) % 8]); }
static inline vec v_power_lacks(vec t) { return power_lacks[bits_of(t) % 8]; }
static inline vec v_lower_96(vec a) { return a * 0x1p-96f; }

typedef double sum;
static inline sum sum_none(void) { return 0; }
static inline sum sum_add(sum s, vec a) { return s + (double)a; }
static inline sum sum_add_stored(sum s, const float *p, vec a) { return (void)p, sum_add(s, a); }
static inline double sum_total(sum s) { return s; }
typedef double folded;
static inline folded sum_folded(sum s) { return sum_total(s); }
static inline double folded_total(folded s) { return s; }
static inline void folded_totals(const folded *s, double *total)
{
    for (int i = 0; i < 8; i++) total[i] = s[i];
}
static inline float v_largest(vec a) { return a; }

#include "fused_rows.h"

static int runs_here(void) { return 1; }

const struct kernels kernels_portable = {"portable", runs_here, fused_rows, fused_streaming, copy_rows};
