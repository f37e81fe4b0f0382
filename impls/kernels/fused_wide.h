/* fused_wide - rows of any logits: the maximum first, and quotients down to the subnormal ones.

   Gradual underflow without subnormal operands, which cost a hundred cycles each: all is held 2^96 too large, and at
   the end what is below 2^-126 is rounded to a whole number of 2^-149, whose bits are the subnormal number.  A calm
   row comes out of it with the same bits: only powers of two are different.
   SPDX-License-Identifier: MIT */

#define TOP 80             /* the largest exponential is about 2^80, so that the least is normal, too */
#define DEPTH 112.0f       /* below the maximum by more than that p is less than half of 2^-149, and rounds to 0 */
#define HUGE_SHIFT 0x1p16f /* beyond, x - max is exact wherever x - max >= -DEPTH, and is the logit */

struct extent {
    vec max; /* of the valid logits; -inf if there is none */
    pick nan;
};

static inline __attribute__((always_inline)) void extent_step(struct extent *e, pick valid, vec x)
{
    vec v = v_where_else(valid, x, v_all(-INFINITY));
    e->nan = pick_or(e->nan, pick_beyond(v, v_all(INFINITY)));
    e->max = v_max(v, e->max);
}

static struct extent extent_of(size_t n, const float *x, const unsigned char *mask)
{
    struct extent e = {v_all(-INFINITY), pick_none()};
    size_t i = 0;
    for (; i + WAYS * LANES <= n; i += WAYS * LANES)
        for (size_t j = i; j < i + WAYS * LANES; j += LANES) {
            __builtin_prefetch(x + j + AHEAD);
            extent_step(&e, pick_valid(mask + j), v_load(x + j));
        }
    for (; i + LANES <= n; i += LANES) extent_step(&e, pick_valid(mask + i), v_load(x + i));
    if (i < n) extent_step(&e, pick_valid_part(mask + i, n - i), v_load_part(x + i, n - i));
    return e;
}

struct wide {
    vec shift, least, magic;
};

static inline __attribute__((always_inline)) vec wide_logit(const struct wide *w, pick valid, vec x)
{
    return v_where_else(valid, v_max(v_sub(x, w->shift), w->least), w->least);
}

static double wide_exp_row(size_t n, const float *x, const unsigned char *mask, float *p, const struct wide *w)
{
    sum s = sum_none();
    size_t i = 0;
    for (; i + WAYS * LANES <= n; i += WAYS * LANES)
        for (size_t j = i; j < i + WAYS * LANES; j += LANES) {
            pick valid = pick_valid(mask + j);
            __builtin_prefetch(p + j + AHEAD, 1);
            exp_step(&s, valid, wide_logit(w, valid, v_load(x + j)), w->magic, p + j);
        }
    for (; i + LANES <= n; i += LANES) {
        pick valid = pick_valid(mask + i);
        exp_step(&s, valid, wide_logit(w, valid, v_load(x + i)), w->magic, p + i);
    }
    if (i < n) {
        pick valid = pick_valid_part(mask + i, n - i);
        exp_step_part(&s, valid, wide_logit(w, valid, v_load_part(x + i, n - i)), w->magic, p + i, n - i);
    }
    return sum_total(s);
}

static void wide_row(size_t n, const float *x, const unsigned char *mask, float *p)
{
    const struct extent e = extent_of(n, x, mask);
    const float max = v_largest(e.max);
    if (pick_any(e.nan) || isinf(max)) { /* no distribution: NaN where valid, or all 0 */
        float where_valid = pick_any(e.nan) || max > 0 ? NAN : 0;
        for (size_t i = 0; i < n; i++) p[i] = mask[i] ? where_valid : 0;
        return;
    }
    const float shift = fabsf(max) >= HUGE_SHIFT ? max : 0, top = max - shift;
    const struct wide w = {v_all(shift), v_all(top - DEPTH),
                           v_all(MAGIC - STEPS * (rintf(top * 0x1.715476p+0f) - TOP))};
    const struct factor f = factor_of(0x1p96 / wide_exp_row(n, x, mask, p, &w));
    size_t i = 0;
    for (; i + WAYS * LANES <= n; i += WAYS * LANES)
        for (size_t j = i; j < i + WAYS * LANES; j += LANES) v_store(p + j, v_lower_96(times(v_load(p + j), f)));
    for (; i + LANES <= n; i += LANES) v_store(p + i, v_lower_96(times(v_load(p + i), f)));
    if (i < n) v_store_part(p + i, v_lower_96(times(v_load_part(p + i, n - i), f)), n - i);
}
