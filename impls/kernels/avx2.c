/* avx2 - the vector operations of fused_rows.h on 8 floats: AVX2 and FMA.
   SPDX-License-Identifier: MIT */
#include "fused_table.h"
#include "kernels.h"

#if defined(__AVX2__)
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define LANES 8
#define WAYS 2
typedef __m256 vec;
typedef __m256 pick; /* all bits of a lane, or none */

static inline vec v_all(float a) { return _mm256_set1_ps(a); }
static inline vec v_sub(vec a, vec b) { return _mm256_sub_ps(a, b); }
static inline vec v_mul(vec a, vec b) { return _mm256_mul_ps(a, b); }
static inline vec v_max(vec a, vec b) { return _mm256_max_ps(a, b); } /* b if one is NaN */
static inline vec v_fma(vec a, vec b, vec c) { return _mm256_fmadd_ps(a, b, c); }
static inline vec v_minus_steps(vec x, vec k) /* x - k ln 2 / 8 */
{
    return _mm256_fnmadd_ps(k, v_all(STEP_LOW), _mm256_fnmadd_ps(k, v_all(STEP_HIGH), x));
}

static inline __m256i part(size_t count) /* 1 <= count <= LANES */
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static inline vec v_load(const float *x) { return _mm256_loadu_ps(x); }
static inline vec v_load_part(const float *x, size_t count) { return _mm256_maskload_ps(x, part(count)); }
static inline void v_store(float *p, vec a) { _mm256_storeu_ps(p, a); }
static inline void v_stream(float *p, vec a) { _mm256_stream_ps(p, a); } /* p a multiple of 32 */
static inline void v_stream_end(void) { _mm_sfence(); }
static inline void v_store_part(float *p, vec a, size_t count) { _mm256_maskstore_ps(p, part(count), a); }

static inline pick pick_valid(const unsigned char *mask)
{
    __m256i m = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const void *)mask));
    return _mm256_castsi256_ps(_mm256_cmpgt_epi32(m, _mm256_setzero_si256()));
}
static inline pick pick_valid_part(const unsigned char *mask, size_t count)
{
    unsigned char whole[LANES] = {0};
    memcpy(whole, mask, count);
    return pick_valid(whole);
}
static inline pick pick_none(void) { return _mm256_setzero_ps(); }
static inline pick pick_or(pick a, pick b) { return _mm256_or_ps(a, b); }
static inline pick pick_beyond(vec a, vec limit) /* not |a| <= limit: NaN too */
{
    return _mm256_cmp_ps(_mm256_andnot_ps(v_all(-0.0f), a), limit, _CMP_NLE_UQ);
}
static inline int pick_any(pick a) { return _mm256_movemask_ps(a) != 0; }
static inline vec v_farther(vec a, vec b) /* the larger magnitude; a is positive */
{
    return _mm256_max_ps(_mm256_andnot_ps(v_all(-0.0f), b), a);
}
static inline vec v_where(pick k, vec a) { return _mm256_and_ps(k, a); }
static inline vec v_where_else(pick k, vec a, vec b) { return _mm256_blendv_ps(b, a, k); }

static inline vec v_fma_where(pick k, vec a, vec b, vec c) { return v_where(k, v_fma(a, b, c)); }

static inline __m256i look_up(const void *table, vec t)
{
    return _mm256_permutevar8x32_epi32(_mm256_loadu_si256(table), _mm256_castps_si256(t));
}
static inline vec v_power(vec t)
{
    __m256i exponent = _mm256_slli_epi32(_mm256_castps_si256(t), 20);
    return _mm256_castsi256_ps(_mm256_add_epi32(exponent, look_up(power_bits, t)));
}
static inline vec v_power_lacks(vec t) { return _mm256_castsi256_ps(look_up(power_lacks, t)); }

static inline vec v_lower_96(vec a) /* a 2^-96, rounded once more where that is subnormal */
{
    __m256i normal = _mm256_sub_epi32(_mm256_castps_si256(a), _mm256_set1_epi32(96 << 23));
    __m256i grid = _mm256_cvtps_epi32(_mm256_mul_ps(a, v_all(0x1p53f))); /* in units of 2^-149 */
    return v_where_else(_mm256_cmp_ps(a, v_all(0x1p-30f), _CMP_LT_OQ), _mm256_castsi256_ps(grid),
                        _mm256_castsi256_ps(normal));
}

typedef struct {
    __m256d low, high;
} sum;
static inline sum sum_none(void) { return (sum){_mm256_setzero_pd(), _mm256_setzero_pd()}; }
static inline sum sum_add(sum s, vec a)
{
    s.low = _mm256_add_pd(s.low, _mm256_cvtps_pd(_mm256_castps256_ps128(a)));
    s.high = _mm256_add_pd(s.high, _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1)));
    return s;
}
static inline sum sum_add_stored(sum s, const float *p, vec a) /* p holds a, and to convert it from there is cheaper */
{
    (void)a;
    s.low = _mm256_add_pd(s.low, _mm256_cvtps_pd(_mm_loadu_ps(p)));
    s.high = _mm256_add_pd(s.high, _mm256_cvtps_pd(_mm_loadu_ps(p + 4)));
    return s;
}
static inline double sum_total(sum s)
{
    double d[4];
    _mm256_storeu_pd(d, _mm256_add_pd(s.low, s.high));
    return (d[0] + d[1]) + (d[2] + d[3]);
}
typedef double folded;
static inline folded sum_folded(sum s) { return sum_total(s); }
static inline double folded_total(folded s) { return s; }
static inline void folded_totals(const folded *s, double *total)
{
    for (int i = 0; i < 8; i++) total[i] = s[i];
}
static inline float v_largest(vec a)
{
    float f[LANES], max = -INFINITY;
    _mm256_storeu_ps(f, a);
    for (int i = 0; i < LANES; i++) max = f[i] > max ? f[i] : max;
    return max;
}

#include "fused_rows.h"

static int runs_here(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

const struct kernels kernels_avx2 = {"avx2", runs_here, fused_rows, fused_streaming, copy_rows};
#endif
