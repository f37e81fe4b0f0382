/* rounded_avx2 - the operations of rounded_rows.h and decide_row.h on 4 doubles: AVX2 and FMA.
   SPDX-License-Identifier: MIT */
#include "rounded.h"

#if defined(__AVX2__)
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define LANES 4
typedef __m256d vec;
typedef __m256d pick; /* all bits of a lane, or none */

static inline vec v_all(double a) { return _mm256_set1_pd(a); }
static inline vec v_add(vec a, vec b) { return _mm256_add_pd(a, b); }
static inline vec v_sub(vec a, vec b) { return _mm256_sub_pd(a, b); }
static inline vec v_mul(vec a, vec b) { return _mm256_mul_pd(a, b); }
static inline vec v_max(vec a, vec b) { return _mm256_max_pd(a, b); } /* b if one is NaN */
static inline vec v_fma(vec a, vec b, vec c) { return _mm256_fmadd_pd(a, b, c); }
static inline vec v_fnma(vec a, vec b, vec c) { return _mm256_fnmadd_pd(a, b, c); } /* c - a b */
static inline vec v_product_error(vec a, vec b, vec product) { return _mm256_fmsub_pd(a, b, product); }

static inline double v_total(vec a) /* by halves */
{
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(a), _mm256_extractf128_pd(a, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}
static inline vec v_load(const double *e) { return _mm256_loadu_pd(e); }
static inline void v_store(double *e, vec a) { _mm256_storeu_pd(e, a); }
static inline vec v_load_floats(const float *x) { return _mm256_cvtps_pd(_mm_loadu_ps(x)); }
static inline vec v_load_floats_part(const float *x, size_t count) /* count <= LANES */
{
    float whole[LANES] = {0};
    memcpy(whole, x, count * sizeof *x);
    return v_load_floats(whole);
}

static inline vec v_load_part(const double *e, size_t count)
{
    double whole[LANES] = {0};
    memcpy(whole, e, count * sizeof *e);
    return v_load(whole);
}
static inline void v_store_floats(float *p, vec a) { _mm_storeu_ps(p, _mm256_cvtpd_ps(a)); }
static inline void v_store_floats_part(float *p, vec a, size_t count)
{
    float whole[LANES];
    v_store_floats(whole, a);
    memcpy(p, whole, count * sizeof *p);
}

static inline pick pick_valid(const unsigned char *mask)
{
    int32_t bytes;
    memcpy(&bytes, mask, sizeof bytes);
    __m256i m = _mm256_cvtepu8_epi64(_mm_cvtsi32_si128(bytes));
    return _mm256_castsi256_pd(_mm256_cmpgt_epi64(m, _mm256_setzero_si256()));
}
static inline pick pick_valid_part(const unsigned char *mask, size_t count)
{
    unsigned char whole[LANES] = {0};
    memcpy(whole, mask, count);
    return pick_valid(whole);
}
static inline pick pick_all(void) { return _mm256_castsi256_pd(_mm256_set1_epi64x(-1)); }
static inline int pick_is_all(pick a) { return _mm256_movemask_pd(a) == 15; }
static inline pick pick_and(pick a, pick b) { return _mm256_and_pd(a, b); }
static inline pick pick_nan(vec a) { return _mm256_cmp_pd(a, a, _CMP_UNORD_Q); }
static inline pick pick_above(vec a, vec b) { return _mm256_cmp_pd(a, b, _CMP_GT_OQ); }
static inline pick pick_not_below(vec a, vec b) { return _mm256_cmp_pd(a, b, _CMP_GE_OQ); }
static inline int pick_any(pick a) { return _mm256_movemask_pd(a) != 0; }
/* a, without the lanes of which the bits and `add` have nothing in common with `mask` */
static inline pick pick_off_midpoint(pick a, vec b, uint64_t add, uint64_t mask)
{
    __m256i bits = _mm256_add_epi64(_mm256_castpd_si256(b), _mm256_set1_epi64x((long long)add));
    bits = _mm256_and_si256(bits, _mm256_set1_epi64x((long long)mask));
    return _mm256_andnot_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(bits, _mm256_setzero_si256())), a);
}
static inline vec v_farther(vec a, vec b) /* the larger magnitude; a is positive */
{
    return _mm256_max_pd(_mm256_andnot_pd(v_all(-0.0), b), a);
}
static inline vec v_farther_where(pick k, vec a, vec b) { return v_farther(a, _mm256_and_pd(k, b)); } /* else a */
static inline vec v_where(pick k, vec a) { return _mm256_and_pd(k, a); }
static inline vec v_where_else(pick k, vec a, vec b) { return _mm256_blendv_pd(b, a, k); }

static inline vec v_entry_of_16(const double table[16], vec t) /* the one that the last 4 bits of t say */
{
    __m256i place = _mm256_and_si256(_mm256_castpd_si256(t), _mm256_set1_epi64x(15));
    return _mm256_i64gather_pd(table, place, 8);
}
static inline vec v_add_bits_48(vec a, vec t) /* a and the last 16 bits of t, in its uppermost ones */
{
    return _mm256_castsi256_pd(_mm256_add_epi64(_mm256_castpd_si256(a), _mm256_slli_epi64(_mm256_castpd_si256(t), 48)));
}
static inline vec v_power_of_2_in(vec a) { return _mm256_and_pd(a, v_all(INFINITY)); } /* its exponent's bits */

#include "rounded_rows.h"

const struct rounded rounded_avx2 = {&kernels_avx2, rounded_f32, rounded_bf16,
                                     rounded_f16,   decide_rows, decide_row_f32};
#endif
