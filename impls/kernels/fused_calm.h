/* fused_calm - rows whose valid logits all lie in [-22, 22]: no shift, and no look at the maximum.  What they are off
   by is bounded by theorem fused_calm_row of proofs/rocq/FusedCalm.v.

   Exponentials and their sum, then exponential / sum: two passes that share one loop.  While the exponentials of a row
   are computed, the row before is scaled, entry by entry, from the nearest cache, so that memory and arithmetic work at
   the same time.  Of short rows it is a group of rows and the group before: one vector of divisions serves them all.
   SPDX-License-Identifier: MIT */

#define CALM 22.0f  /* up to here a short row has the same bits as in wide_row, for no product is subnormal */
#define SHORT 128   /* rows of up to so many entries are done in groups */
#define GROUP 16    /* of so many rows */
#define LONG 160000 /* from here on, 13 bytes an entry, two rows are too much for a second cache of 2 MB */

/* Exponentials of a row to e, their sum, and the largest magnitude of a valid logit; a NaN need not show in it, but
   does in the sum. */
struct calm {
    sum sum;
    vec farthest;
};

static inline __attribute__((always_inline)) void calm_step(struct calm *c, const float *x, const unsigned char *mask,
                                                            float *e)
{
    pick valid = pick_valid(mask);
    vec v = v_where(valid, v_load(x));
    c->farthest = v_farther(c->farthest, v);
    exp_step(&c->sum, valid, v, v_all(MAGIC), e);
}

static inline void calm_step_part(struct calm *c, const float *x, const unsigned char *mask, float *e, size_t count)
{
    pick valid = pick_valid_part(mask, count);
    vec v = v_where(valid, v_load_part(x, count));
    c->farthest = v_farther(c->farthest, v);
    exp_step_part(&c->sum, valid, v, v_all(MAGIC), e, count);
}

/* p = e times f, of vectors and of what is left of them.  Streaming, p is aligned to a vector. */
static inline __attribute__((always_inline)) void scale_step(const float *e, float *p, struct factor f, int streaming)
{
    vec v = times(v_load(e), f);
    if (streaming)
        v_stream(p, v);
    else
        v_store(p, v);
}

static inline void scale_step_part(const float *e, float *p, struct factor f, size_t count)
{
    v_store_part(p, times(v_load_part(e, count), f), count);
}

static void scale_entries(size_t count, const float *e, float *p, struct factor f)
{
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) scale_step(e + i, p + i, f, 0);
    if (i < count) scale_step_part(e + i, p + i, f, count - i);
}

/* From the end, because of a row larger than the second cache that is what is left in it. */
static void scale_back(size_t n, float *p, struct factor f)
{
    size_t i = n - n % LANES;
    if (i < n) scale_step_part(p + i, p + i, f, n - i);
    for (; i > 0; i -= LANES) scale_step(p + i - LANES, p + i - LANES, f, 0);
}

/* Rows of exponentials e, and for each 1/sum, as a struct factor has it; what they become is p, the same memory unless
   it is to be written past the caches. */
struct pending {
    size_t rows;
    const float *e;
    float *p;
    float high[GROUP], low[GROUP];
};

static inline struct factor factor_of_row(const struct pending *b, size_t r)
{
    return (struct factor){v_all(b->high[r]), v_all(b->low[r])};
}

static void finish(size_t n, struct pending *b)
{
    for (size_t r = 0; r < b->rows; r++) scale_entries(n, b->e + r * n, b->p + r * n, factor_of_row(b, r));
    b->rows = 0;
}

/* The exponentials of a row, and meanwhile row r of those that are pending, if any is, is scaled.  The first `lead`
   entries of that one come before, so that vectors are aligned to p. */
static inline __attribute__((always_inline)) struct calm calm_row(size_t n, const float *x, const unsigned char *mask,
                                                                  float *e, const struct pending *b, size_t r,
                                                                  size_t lead, int streaming)
{
    const struct factor f = b != NULL ? factor_of_row(b, r) : factor_of(0);
    const float *from = b != NULL ? b->e + r * n : NULL;
    float *to = b != NULL ? b->p + r * n : NULL;
    struct calm c = {sum_none(), v_all(0)};
    size_t i = 0;
    if (lead > 0 && b != NULL) scale_step_part(from, to, f, lead);
    for (; i + lead + WAYS * LANES <= n; i += WAYS * LANES)
        for (size_t j = i; j < i + WAYS * LANES; j += LANES) {
            __builtin_prefetch(x + j + AHEAD);
            if (!streaming) __builtin_prefetch(e + j + AHEAD, 1);
            calm_step(&c, x + j, mask + j, e + j);
            if (b != NULL) scale_step(from + lead + j, to + lead + j, f, streaming);
        }
    if (b != NULL && i + lead < n) scale_entries(n - i - lead, from + i + lead, to + i + lead, f);
    for (; i + LANES <= n; i += LANES) calm_step(&c, x + i, mask + i, e + i);
    if (i < n) calm_step_part(&c, x + i, mask + i, e + i, n - i);
    return c;
}

/* As floats that add up to it, 1/sum of each row.  True if one is NaN.  Without branches, so that it is done on
   vectors: the exponent of infinity and NaN overflows into the sign, and a row of zeros is multiplied by 2^100. */
static __attribute__((noinline)) int invert(const double *restrict total, float *restrict high, float *restrict low)
{
    uint64_t bits[GROUP], strange = 0;
    memcpy(bits, total, sizeof bits);
    for (int r = 0; r < GROUP; r++) strange |= (bits[r] & ~(1ull << 63)) + (1ull << 52);
    for (int r = 0; r < GROUP; r++) {
        double f = 1 / (total[r] + 0x1p-100);
        high[r] = (float)f;
        low[r] = (float)(f - (double)high[r]);
    }
    return strange >> 63 != 0;
}

static int is_calm(size_t n, const float *x, const unsigned char *mask)
{
    pick beyond = pick_none();
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        beyond = pick_or(beyond, pick_beyond(v_where(pick_valid(mask + i), v_load(x + i)), v_all(CALM)));
    if (i < n) {
        vec v = v_where(pick_valid_part(mask + i, n - i), v_load_part(x + i, n - i));
        beyond = pick_or(beyond, pick_beyond(v, v_all(CALM)));
    }
    return !pick_any(beyond);
}

/* The exponentials of a group of rows to e, or of one row if it is not short, after which they are what is pending,
   while what was is scaled. */
static inline __attribute__((always_inline)) void calm_rows(size_t rows, size_t n, const float *x,
                                                            const unsigned char *mask, float *e, float *p,
                                                            struct pending *b, int streaming)
{
    folded sums[GROUP];
    double total[GROUP];
    vec farthest = v_all(0);
    const int with_pending = b->rows == rows;
    const size_t lead = n > SHORT ? -((uintptr_t)b->p / sizeof *p) % LANES : 0;
    if (!with_pending) finish(n, b);
    for (size_t r = 0; r < rows; r++) {
        const size_t at = r * n;
        struct calm c = with_pending ? calm_row(n, x + at, mask + at, e + at, b, r, lead, streaming)
                                     : calm_row(n, x + at, mask + at, e + at, NULL, r, 0, streaming);
        sums[r] = sum_folded(c.sum);
        farthest = v_farther(farthest, c.farthest);
    }
    int strange = pick_any(pick_beyond(farthest, v_all(CALM)));
    if (n > SHORT) { /* one row */
        double f = 1 / (folded_total(sums[0]) + 0x1p-100);
        b->high[0] = (float)f;
        b->low[0] = (float)(f - (double)b->high[0]);
        strange |= isnan(f);
    } else {
        for (size_t r = rows; r < GROUP; r++) sums[r] = sum_folded(sum_none());
        for (size_t r = 0; r < GROUP; r += 8) folded_totals(sums + r, total + r);
        strange |= invert(total, b->high, b->low);
    }
    b->rows = rows;
    b->e = e;
    b->p = p;
    if (__builtin_expect(!strange, 1)) return;
    b->rows = 0;
    for (size_t r = 0; r < rows; r++) {
        const size_t at = r * n;
        if (n > SHORT || isnan(b->high[r]) || !is_calm(n, x + at, mask + at))
            wide_row(n, x + at, mask + at, p + at);
        else
            scale_entries(n, e + at, p + at, factor_of_row(b, r));
    }
}
