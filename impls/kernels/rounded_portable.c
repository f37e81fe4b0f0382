/* rounded_portable - the operations of rounded_rows.h and decide_row.h on one double: any processor with C.
   SPDX-License-Identifier: MIT */
#include "one_double.h"
#include "rounded.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t pick; /* all bits, or none */

static inline uint64_t bits_of(double a)
{
    uint64_t bits;
    memcpy(&bits, &a, sizeof bits);
    return bits;
}
static inline double with_bits(uint64_t bits)
{
    double a;
    memcpy(&a, &bits, sizeof a);
    return a;
}

static inline vec v_max(vec a, vec b) { return a > b ? a : b; }
static inline double v_total(vec a) { return a; }
static inline vec v_load(const double *e) { return *e; }
static inline void v_store(double *e, vec a) { *e = a; }
static inline vec v_load_floats(const float *x) { return (double)*x; }
static inline vec v_load_floats_part(const float *x, size_t count) { return (void)count, v_load_floats(x); }

static inline vec v_load_part(const double *e, size_t count) { return count > 0 ? v_load(e) : 0; }
static inline void v_store_floats(float *p, vec a) { *p = (float)a; }
static inline void v_store_floats_part(float *p, vec a, size_t count) { (void)count, v_store_floats(p, a); }

static inline pick pick_valid(const unsigned char *mask) { return -(uint64_t)*mask; }
static inline pick pick_valid_part(const unsigned char *mask, size_t count) /* count <= LANES */
{
    return count > 0 ? pick_valid(mask) : 0;
}
static inline pick pick_all(void) { return -(uint64_t)1; }
static inline int pick_is_all(pick a) { return a == pick_all(); }
static inline pick pick_and(pick a, pick b) { return a & b; }
static inline pick pick_nan(vec a) { return -(uint64_t)(a != a); }
static inline pick pick_above(vec a, vec b) { return -(uint64_t)(a > b); }
static inline pick pick_not_below(vec a, vec b) { return -(uint64_t)(a >= b); }
static inline int pick_any(pick a) { return a != 0; }
/* a, unless the bits and `add` have nothing in common with `mask` */
static inline pick pick_off_midpoint(pick a, vec b, uint64_t add, uint64_t mask)
{
    return a & -(uint64_t)(((bits_of(b) + add) & mask) != 0);
}
static inline vec v_farther(vec a, vec b) { return fabs(b) > a ? fabs(b) : a; }
/* As words, for a branch on a random mask costs more than all the rest. */
static inline vec v_where(pick k, vec a) { return with_bits(bits_of(a) & k); }
static inline vec v_where_else(pick k, vec a, vec b) { return with_bits((bits_of(a) & k) | (bits_of(b) & ~k)); }

static inline vec v_entry_of_16(const double table[16], vec t) { return table[bits_of(t) & 15]; }
static inline vec v_add_bits_48(vec a, vec t) /* a and the last 16 bits of t, in its uppermost ones */
{
    return with_bits(bits_of(a) + (bits_of(t) << 48));
}
static inline vec v_farther_where(pick k, vec a, vec b) { return v_farther(a, v_where(k, b)); } /* else a */
static inline vec v_power_of_2_in(vec a) { return with_bits(bits_of(a) & 0x7ffull << 52); }

#include "rounded_rows.h"

const struct rounded rounded_portable = {&kernels_portable, rounded_f32, rounded_bf16,
                                         rounded_f16,       decide_rows, decide_row_f32};
