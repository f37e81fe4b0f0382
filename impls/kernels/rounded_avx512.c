/* rounded_avx512 - the operations of rounded_rows.h and decide_row.h on 8 doubles: AVX-512 F, BW, DQ and VL.
   SPDX-License-Identifier: MIT */
#include "rounded.h"

#if defined(__AVX512F__)
#include <immintrin.h>
#include <math.h>
#include <stdint.h>

#define LANES 8
typedef __m512d vec;
typedef __mmask8 pick;

static inline vec v_all(double a) { return _mm512_set1_pd(a); }
static inline vec v_add(vec a, vec b) { return _mm512_add_pd(a, b); }
static inline vec v_sub(vec a, vec b) { return _mm512_sub_pd(a, b); }
static inline vec v_mul(vec a, vec b) { return _mm512_mul_pd(a, b); }
static inline vec v_max(vec a, vec b) { return _mm512_max_pd(a, b); } /* b if one is NaN */
static inline vec v_fma(vec a, vec b, vec c) { return _mm512_fmadd_pd(a, b, c); }
static inline vec v_fnma(vec a, vec b, vec c) { return _mm512_fnmadd_pd(a, b, c); } /* c - a b */
static inline vec v_product_error(vec a, vec b, vec product) { return _mm512_fmsub_pd(a, b, product); }

static inline double v_total(vec a) { return _mm512_reduce_add_pd(a); } /* by halves */
static inline vec v_load(const double *e) { return _mm512_loadu_pd(e); }
static inline void v_store(double *e, vec a) { _mm512_storeu_pd(e, a); }
static inline pick part(size_t count) { return (pick)((1u << count) - 1); } /* count <= LANES */
static inline vec v_load_floats(const float *x) { return _mm512_cvtps_pd(_mm256_loadu_ps(x)); }
static inline vec v_load_floats_part(const float *x, size_t count)
{
    return _mm512_cvtps_pd(_mm256_maskz_loadu_ps(part(count), x));
}

static inline vec v_load_part(const double *e, size_t count) { return _mm512_maskz_loadu_pd(part(count), e); }
static inline void v_store_floats(float *p, vec a) { _mm256_storeu_ps(p, _mm512_cvtpd_ps(a)); }
static inline void v_store_floats_part(float *p, vec a, size_t count)
{
    _mm256_mask_storeu_ps(p, part(count), _mm512_cvtpd_ps(a));
}

static inline pick pick_valid(const unsigned char *mask)
{
    __m128i m = _mm_loadl_epi64((const void *)mask);
    return (pick)_mm_test_epi8_mask(m, m);
}
static inline pick pick_valid_part(const unsigned char *mask, size_t count)
{
    __m128i m = _mm_maskz_loadu_epi8(part(count), mask);
    return (pick)_mm_test_epi8_mask(m, m);
}
static inline pick pick_all(void) { return (pick)-1; }
static inline int pick_is_all(pick a) { return a == (pick)-1; }
static inline pick pick_and(pick a, pick b) { return a & b; }
static inline pick pick_nan(vec a) { return _mm512_cmp_pd_mask(a, a, _CMP_UNORD_Q); }
static inline pick pick_above(vec a, vec b) { return _mm512_cmp_pd_mask(a, b, _CMP_GT_OQ); }
static inline pick pick_not_below(vec a, vec b) { return _mm512_cmp_pd_mask(a, b, _CMP_GE_OQ); }
static inline int pick_any(pick a) { return a != 0; }
/* a, without the lanes of which the bits and `add` have nothing in common with `mask` */
static inline pick pick_off_midpoint(pick a, vec b, uint64_t add, uint64_t mask)
{
    __m512i bits = _mm512_add_epi64(_mm512_castpd_si512(b), _mm512_set1_epi64((long long)add));
    return _mm512_mask_test_epi64_mask(a, bits, _mm512_set1_epi64((long long)mask));
}
static inline vec v_farther(vec a, vec b) { return _mm512_range_pd(a, b, 0xb); } /* the larger magnitude */
static inline vec v_farther_where(pick k, vec a, vec b) { return _mm512_mask_range_pd(a, k, a, b, 0xb); } /* else a */
static inline vec v_where(pick k, vec a) { return _mm512_maskz_mov_pd(k, a); }
static inline vec v_where_else(pick k, vec a, vec b) { return _mm512_mask_mov_pd(b, k, a); }

static inline vec v_entry_of_16(const double table[16], vec t) /* the one that the last 4 bits of t say */
{
    return _mm512_permutex2var_pd(v_load(table), _mm512_castpd_si512(t), v_load(table + 8));
}
static inline vec v_add_bits_48(vec a, vec t) /* a and the last 16 bits of t, in its uppermost ones */
{
    return _mm512_castsi512_pd(_mm512_add_epi64(_mm512_castpd_si512(a), _mm512_slli_epi64(_mm512_castpd_si512(t), 48)));
}
static inline vec v_power_of_2_in(vec a) { return _mm512_and_pd(a, v_all(INFINITY)); } /* its exponent's bits */

#include "rounded_rows.h"

const struct rounded rounded_avx512 = {&kernels_avx512, rounded_f32, rounded_bf16,
                                       rounded_f16,     decide_rows, decide_row_f32};
#endif
