/* fused_exp - e^x to 0.64 ulp (make sweep finds 0.6), and the sum of it; who includes it has named the operations on
   LANES floats.

   e^x = 2^k 2^(j/8) e^r, 8k + j = round(8 x / ln 2), |r| < 0.0443.  The shift that keeps sums from overflowing is a
   power of two, taken off k: nothing is subtracted from the logit, so nothing of it is rounded off (64 ulp in
   softmax(x - max)).  Seen in: Tang, Table-Driven Implementation of the Exponential Function, TOMS 15(2), 1989.
   SPDX-License-Identifier: MIT */

#define MAGIC 0x1.8p23f           /* v + MAGIC rounds v to an integer, and holds it in its last bits */
#define STEPS 8                   /* of the table, from 1 to 2 */
#define STEPS_PER_E 0x1.715476p3f /* 8 / ln 2 */

/* e^x 2^-n, and 0 where not valid, for magic = MAGIC - STEPS n.  Where that is a normal float and |x| <= 2^16 + 112,
   theorem exp_fused_bound of proofs/rocq/ExpFused.v.  In units of power 2^-24 the roundings of r and of the last two
   operations before the end, the polynomial (2^-31.8) and the product of r with power_lacks, which is left out, are off
   by at most 0.034, 0.045, 0.032, 0.005 and 0.025: 0.13 ulp, for power < 1.84; the rounding at the end by half an ulp.
   Coefficients by Remez's exchange, 1 and r being given. */
static inline __attribute__((always_inline)) vec exp_where(pick valid, vec x, vec magic)
{
    vec t = v_fma(x, v_all(STEPS_PER_E), magic), r = v_minus_steps(x, v_sub(t, magic));
    vec q = v_fma(v_all(0x1.554842p-5f), r, v_all(0x1.555c76p-3f));
    q = v_fma(q, r, v_all(0.5f));
    q = v_fma(q, r, v_all(1));
    q = v_fma(q, r, v_power_lacks(t));
    vec power = v_power(t);
    return v_fma_where(valid, power, q, power);
}

/* p = e^x 2^-n where valid, else 0; the sum of it, in double. */
static inline __attribute__((always_inline)) void exp_step(sum *s, pick valid, vec x, vec magic, float *p)
{
    vec e = exp_where(valid, x, magic);
    v_store(p, e);
    *s = sum_add_stored(*s, p, e);
}

static inline void exp_step_part(sum *s, pick valid, vec x, vec magic, float *p, size_t count)
{
    vec e = exp_where(valid, x, magic);
    v_store_part(p, e, count);
    *s = sum_add(*s, e);
}

/* The products of a row with 1/sum, as an unevaluated sum of two floats: no rounding of 1/sum itself. */
struct factor {
    vec high, low;
};

static inline struct factor factor_of(double f)
{
    float high = (float)f;
    return (struct factor){v_all(high), v_all((float)(f - (double)high))};
}

static inline vec times(vec e, struct factor f) { return v_fma(e, f.high, v_mul(e, f.low)); }
