/* avx512 - the vector operations of fused_rows.h on 16 floats: AVX-512 F, BW, DQ and VL.
   SPDX-License-Identifier: MIT */
#include "fused_table.h"
#include "kernels.h"

#if defined(__AVX512F__)
#include <immintrin.h>
#include <stdint.h>

#define LANES 16
#define WAYS 2
typedef __m512 vec;
typedef __mmask16 pick;

static inline vec v_all(float a) { return _mm512_set1_ps(a); }
static inline vec v_sub(vec a, vec b) { return _mm512_sub_ps(a, b); }
static inline vec v_mul(vec a, vec b) { return _mm512_mul_ps(a, b); }
static inline vec v_max(vec a, vec b) { return _mm512_max_ps(a, b); } /* b if one is NaN */
static inline vec v_fma(vec a, vec b, vec c) { return _mm512_fmadd_ps(a, b, c); }
static inline vec v_minus_steps(vec x, vec k) /* x - k ln 2 / 8 */
{
    return _mm512_fnmadd_ps(k, v_all(STEP_LOW), _mm512_fnmadd_ps(k, v_all(STEP_HIGH), x));
}

static inline pick part(size_t count) { return (pick)((1u << count) - 1); } /* 1 <= count <= LANES */
static inline vec v_load(const float *x) { return _mm512_loadu_ps(x); }
static inline vec v_load_part(const float *x, size_t count) { return _mm512_maskz_loadu_ps(part(count), x); }
static inline void v_store(float *p, vec a) { _mm512_storeu_ps(p, a); }
static inline void v_stream(float *p, vec a) { _mm512_stream_ps(p, a); } /* p a multiple of 64 */
static inline void v_stream_end(void) { _mm_sfence(); }
static inline void v_store_part(float *p, vec a, size_t count) { _mm512_mask_storeu_ps(p, part(count), a); }

static inline pick bytes(__m128i m) { return _mm_test_epi8_mask(m, m); }
static inline pick pick_valid(const unsigned char *mask) { return bytes(_mm_loadu_si128((const void *)mask)); }
static inline pick pick_valid_part(const unsigned char *mask, size_t count)
{
    return bytes(_mm_maskz_loadu_epi8(part(count), mask));
}
static inline pick pick_none(void) { return 0; }
static inline pick pick_or(pick a, pick b) { return a | b; }
static inline pick pick_beyond(vec a, vec limit) /* not |a| <= limit: NaN too */
{
    return _mm512_cmp_ps_mask(_mm512_abs_ps(a), limit, _CMP_NLE_UQ);
}
static inline int pick_any(pick a) { return a != 0; }
static inline vec v_farther(vec a, vec b) { return _mm512_range_ps(a, b, 0xb); } /* the larger magnitude */
static inline vec v_where(pick k, vec a) { return _mm512_maskz_mov_ps(k, a); }
static inline vec v_where_else(pick k, vec a, vec b) { return _mm512_mask_mov_ps(b, k, a); }

static inline vec v_fma_where(pick k, vec a, vec b, vec c) { return _mm512_maskz_fmadd_ps(k, a, b, c); }

static inline __m512i table(const void *of_8) /* twice, for an index has 4 bits */
{
    return _mm512_broadcast_i32x8(_mm256_loadu_si256(of_8));
}
static inline vec v_power(vec t)
{
    __m512i bits = _mm512_castps_si512(t);
    bits = _mm512_add_epi32(_mm512_slli_epi32(bits, 20), _mm512_permutexvar_epi32(bits, table(power_bits)));
    return _mm512_castsi512_ps(bits);
}
static inline vec v_power_lacks(vec t)
{
    return _mm512_castsi512_ps(_mm512_permutexvar_epi32(_mm512_castps_si512(t), table(power_lacks)));
}

static inline vec v_lower_96(vec a) /* a 2^-96, rounded once more where that is subnormal */
{
    __m512i normal = _mm512_sub_epi32(_mm512_castps_si512(a), _mm512_set1_epi32(96 << 23));
    __m512i grid = _mm512_cvtps_epi32(_mm512_mul_ps(a, v_all(0x1p53f))); /* in units of 2^-149 */
    __mmask16 tiny = _mm512_cmp_ps_mask(a, v_all(0x1p-30f), _CMP_LT_OQ);
    return _mm512_castsi512_ps(_mm512_mask_mov_epi32(normal, tiny, grid));
}

typedef struct {
    __m512d low, high;
} sum;
static inline sum sum_none(void) { return (sum){_mm512_setzero_pd(), _mm512_setzero_pd()}; }
static inline sum sum_add(sum s, vec a)
{
    s.low = _mm512_add_pd(s.low, _mm512_cvtps_pd(_mm512_castps512_ps256(a)));
    s.high = _mm512_add_pd(s.high, _mm512_cvtps_pd(_mm512_extractf32x8_ps(a, 1)));
    return s;
}
static inline sum sum_add_stored(sum s, const float *p, vec a) /* p holds a, and to convert it from there is cheaper */
{
    (void)a;
    __asm__ volatile("" : : : "memory"); /* or the compiler takes it from the register all the same */
    s.low = _mm512_add_pd(s.low, _mm512_cvtps_pd(_mm256_loadu_ps(p)));
    s.high = _mm512_add_pd(s.high, _mm512_cvtps_pd(_mm256_loadu_ps(p + 8)));
    return s;
}
typedef __m512d folded;
static inline folded sum_folded(sum s) { return _mm512_add_pd(s.low, s.high); }

/* Three steps add all eight: neighbours, pairs, and fours; of two sums at a time, one in the even places of what comes
   out of the first, the other one in the odd places. */
static inline __m512d add_neighbours(__m512d a, __m512d b)
{
    return _mm512_add_pd(_mm512_unpacklo_pd(a, b), _mm512_unpackhi_pd(a, b));
}
static inline __m512d add_quarters(__m512d a, __m512d b)
{
    return _mm512_add_pd(_mm512_shuffle_f64x2(a, b, 0x88), _mm512_shuffle_f64x2(a, b, 0xdd));
}
static inline void folded_totals(const folded *s, double *total) /* of eight */
{
    __m512d low = add_quarters(add_neighbours(s[0], s[1]), add_neighbours(s[2], s[3]));
    __m512d high = add_quarters(add_neighbours(s[4], s[5]), add_neighbours(s[6], s[7]));
    _mm512_storeu_pd(total, add_quarters(low, high));
}
static inline double folded_total(folded s) /* the same, in the same order */
{
    __m512d a = add_neighbours(s, s);
    a = add_quarters(a, a);
    return _mm512_cvtsd_f64(add_quarters(a, a));
}
static inline double sum_total(sum s) { return folded_total(sum_folded(s)); }
static inline float v_largest(vec a) { return _mm512_reduce_max_ps(a); }

#include "fused_rows.h"

static int runs_here(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

const struct kernels kernels_avx512 = {"avx512", runs_here, fused_rows, fused_streaming, copy_rows};
#endif
