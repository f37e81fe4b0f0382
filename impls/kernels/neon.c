/* neon - the vector operations of fused_rows.h on 4 floats: Advanced SIMD, which every 64-bit ARM has.
   SPDX-License-Identifier: MIT */
#include "fused_table.h"
#include "kernels.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define LANES 4
#define WAYS 2
typedef float32x4_t vec;
typedef uint32x4_t pick; /* all bits of a lane, or none */

static inline vec v_all(float a) { return vdupq_n_f32(a); }
static inline vec v_sub(vec a, vec b) { return vsubq_f32(a, b); }
static inline vec v_mul(vec a, vec b) { return vmulq_f32(a, b); }
static inline vec v_max(vec a, vec b) { return vmaxnmq_f32(a, b); } /* the other one if one is NaN */
static inline vec v_farther(vec a, vec b) { return vmaxnmq_f32(a, vabsq_f32(b)); }
static inline vec v_fma(vec a, vec b, vec c) { return vfmaq_f32(c, a, b); }
static inline vec v_minus_steps(vec x, vec k) /* x - k ln 2 / 8 */
{
    return vfmsq_f32(vfmsq_f32(x, k, v_all(STEP_HIGH)), k, v_all(STEP_LOW));
}

static inline vec v_load(const float *x) { return vld1q_f32(x); }
static inline vec v_load_part(const float *x, size_t count)
{
    float whole[LANES] = {0};
    memcpy(whole, x, count * sizeof *x);
    return v_load(whole);
}
static inline void v_store(float *p, vec a) { vst1q_f32(p, a); }
static inline void v_stream(float *p, vec a) { v_store(p, a); }
static inline void v_stream_end(void) {}
static inline void v_store_part(float *p, vec a, size_t count)
{
    float whole[LANES];
    v_store(whole, a);
    memcpy(p, whole, count * sizeof *p);
}

static inline pick pick_valid_part(const unsigned char *mask, size_t count)
{
    uint32_t bytes = 0;
    memcpy(&bytes, mask, count);
    uint16x4_t wide = vget_low_u16(vmovl_u8(vcreate_u8(bytes)));
    return vtstq_u32(vmovl_u16(wide), vdupq_n_u32(1));
}
static inline pick pick_valid(const unsigned char *mask) { return pick_valid_part(mask, LANES); }
static inline pick pick_none(void) { return vdupq_n_u32(0); }
static inline pick pick_or(pick a, pick b) { return vorrq_u32(a, b); }
static inline pick pick_beyond(vec a, vec limit) { return vmvnq_u32(vcleq_f32(vabsq_f32(a), limit)); } /* NaN too */
static inline int pick_any(pick a) { return vmaxvq_u32(a) != 0; }
static inline vec v_where_else(pick k, vec a, vec b) { return vbslq_f32(k, a, b); }
static inline vec v_where(pick k, vec a) { return v_where_else(k, a, v_all(0)); }

static inline vec v_fma_where(pick k, vec a, vec b, vec c) { return v_where(k, v_fma(a, b, c)); }

static inline uint32x4_t look_up(const void *table, vec t) /* 8 words of 4 bytes, by the last 3 bits of t */
{
    const uint8x16x2_t bytes = {{vld1q_u8(table), vld1q_u8((const uint8_t *)table + 16)}};
    uint32x4_t j = vandq_u32(vreinterpretq_u32_f32(t), vdupq_n_u32(7));
    uint32x4_t at = vmlaq_n_u32(vdupq_n_u32(0x03020100), j, 0x04040404);
    return vreinterpretq_u32_u8(vqtbl2q_u8(bytes, vreinterpretq_u8_u32(at)));
}
static inline vec v_power(vec t)
{
    uint32x4_t exponent = vshlq_n_u32(vreinterpretq_u32_f32(t), 20);
    return vreinterpretq_f32_u32(vaddq_u32(exponent, look_up(power_bits, t)));
}
static inline vec v_power_lacks(vec t) { return vreinterpretq_f32_u32(look_up(power_lacks, t)); }
static inline vec v_lower_96(vec a) { return v_mul(a, v_all(0x1p-96f)); } /* no slower where that is subnormal */

typedef struct {
    float64x2_t low, high;
} sum;
static inline sum sum_none(void) { return (sum){vdupq_n_f64(0), vdupq_n_f64(0)}; }
static inline sum sum_add(sum s, vec a)
{
    s.low = vaddq_f64(s.low, vcvt_f64_f32(vget_low_f32(a)));
    s.high = vaddq_f64(s.high, vcvt_high_f64_f32(a));
    return s;
}
static inline sum sum_add_stored(sum s, const float *p, vec a) { return (void)p, sum_add(s, a); }
static inline double sum_total(sum s) { return vaddvq_f64(vaddq_f64(s.low, s.high)); }
typedef double folded;
static inline folded sum_folded(sum s) { return sum_total(s); }
static inline double folded_total(folded s) { return s; }
static inline void folded_totals(const folded *s, double *total)
{
    for (int i = 0; i < 8; i++) total[i] = s[i];
}
static inline float v_largest(vec a) { return vmaxvq_f32(a); }

#include "fused_rows.h"

static int runs_here(void) { return 1; }

const struct kernels kernels_neon = {"neon", runs_here, fused_rows, fused_streaming, copy_rows};
#endif
