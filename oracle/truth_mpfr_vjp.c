/* truth_mpfr_vjp - the gradient g_i = p_i (dy_i - sum_j p_j dy_j), as e^(v_i - v_0) N_i / S^2 (see truth_mpfr.h).
   Why the loop ends: by Lindemann-Weierstrass g_i = 0 only if all D_a = 0, and else it is rational only if all finite
   valid logits are equal; both are decided in integers, as is the lead of N_i, so that no cancellation in it is missed.
   SPDX-License-Identifier: MIT */
#include "truth_mpfr.h"

#include <stdlib.h>

/* Over some groups a, with e^(v_a - scale) for y_a: the sums of k_a y_a, of Y_a y_a, and of |Y_a| y_a. */
struct sums {
    mpfr_t weight, product, magnitude;
    bool tails; /* some groups were too small to compute */
};

static _Thread_local struct work {
    struct rounder rounder;
    struct groups groups;
    struct sums generic, special;
    mpfr_t difference, term, factor, lead, inverse, numerator, lo, hi;
    mpfr_t error; /* 64 bits suffice for what is only added up */
    mpfr_t *y;    /* e^(v_a - v_0), one per group that is computed */
    mpz_t d, unit, sum, lead_sum;
    size_t capacity;
    bool ready;
} work;

static void work_init(struct work *w)
{
    if (w->ready) return;
    rounder_init(&w->rounder);
    mpfr_inits2(64, w->difference, w->term, w->factor, w->lead, w->inverse, w->numerator, w->error, w->lo, w->hi,
                (mpfr_ptr)0);
    mpfr_inits2(64, w->generic.weight, w->generic.product, w->generic.magnitude, (mpfr_ptr)0);
    mpfr_inits2(64, w->special.weight, w->special.product, w->special.magnitude, (mpfr_ptr)0);
    mpz_inits(w->d, w->unit, w->sum, w->lead_sum, w->groups.top_sum, NULL);
    w->ready = true;
}

void vjp_cleanup_mpfr(void)
{
    struct work *w = &work;
    if (!w->ready) return;
    rounder_clear(&w->rounder);
    mpfr_clears(w->difference, w->term, w->factor, w->lead, w->inverse, w->numerator, w->error, w->lo, w->hi,
                (mpfr_ptr)0);
    mpfr_clears(w->generic.weight, w->generic.product, w->generic.magnitude, (mpfr_ptr)0);
    mpfr_clears(w->special.weight, w->special.product, w->special.magnitude, (mpfr_ptr)0);
    mpz_clears(w->d, w->unit, w->sum, w->lead_sum, w->groups.top_sum, NULL);
    for (size_t a = 0; a < w->capacity; a++) mpfr_clear(w->y[a]);
    free(w->y);
    groups_free(&w->groups);
    *w = (struct work){0};
}

static void set_precision(struct work *w, mpfr_prec_t bits)
{
    size_t count = w->groups.count;
    if (count > w->capacity) {
        mpfr_t *more = realloc(w->y, count * sizeof *more);
        if (more == NULL) abort();
        for (size_t a = w->capacity; a < count; a++) mpfr_init2(more[a], bits);
        w->y = more;
        w->capacity = count;
    }
    for (size_t a = 0; a < count; a++) mpfr_set_prec(w->y[a], bits);
    for (struct sums *s = &w->generic; s != NULL; s = s == &w->generic ? &w->special : NULL) {
        mpfr_set_prec(s->weight, bits + SPARE);
        mpfr_set_prec(s->product, bits + SPARE);
    }
    mpfr_set_prec(w->difference, span_bits(w->groups.format));
    mpfr_set_prec(w->lead, bits);
    mpfr_set_prec(w->term, bits + SPARE);
    mpfr_set_prec(w->factor, bits + SPARE);
    mpfr_set_prec(w->inverse, bits + SPARE);
    mpfr_set_prec(w->numerator, bits + SPARE);
    mpfr_set_prec(w->lo, bits + SPARE);
    mpfr_set_prec(w->hi, bits + SPARE);
    mpfr_set_prec(w->rounder.scaled, bits + SPARE);
}

/* What a row's decision rests on, at one precision.  An entry is special if its D_0 is 0.  All special entries have
   one dy, the mean of group 0, and so one group whose D_a is the first not to vanish: `lead`. */
struct plan {
    size_t lead;       /* g->count if there is none: then special entries have g_i = 0 */
    long tail;         /* groups below 2^-tail are not computed */
    double floor;      /* e^d < 2^-tail wherever d < floor + 1 */
    double top_floor;  /* the same beside group 0 */
    bool lead_is_tail; /* the lead is not computed beside group 0, and its sums are scaled by itself */
    bool top_is_bare;  /* all groups but 0 are below what the rounding of D_0/k_0^2 can see */
};

static size_t find_lead(struct work *w, const struct groups *g)
{
    for (size_t a = 1; a < g->count; a++) {
        group_sum(w->lead_sum, g, a);
        mpz_mul_ui(w->sum, w->lead_sum, g->group[0].count);
        mpz_mul_ui(w->unit, g->top_sum, g->group[a].count);
        if (mpz_cmp(w->sum, w->unit) != 0) return a;
    }
    return g->count;
}

static struct plan make_plan(struct work *w, const struct groups *g, mpfr_prec_t bits)
{
    struct plan p = {.lead = find_lead(w, g)};
    double top = g->group[0].value;
    /* D_0/k_0^2 differs from g_i by less than 2^(reach + 26 - t) units if the other groups are below 2^-t:
       |N_i - D_0| < 2^(reach - t), S^2/k_0^2 - 1 < 2^(25 - t), |D_0| < 2^reach. */
    long bare = g->reach + 26 + NEGLIGIBLE;
    p.tail = bare + (long)bits;
    p.floor = -(double)p.tail * LN2 - 1;
    p.top_floor = p.floor;
    p.top_is_bare = g->count > 1 && g->group[1].value - top < -(double)bare * LN2 - 1;
    if (p.lead < g->count) {
        /* Doubles may be rounded or -inf, which the 1 to spare allows for. */
        double below = g->group[p.lead].value - top;
        p.lead_is_tail = below < p.floor;
        if (!p.lead_is_tail) p.top_floor += below; /* what is not computed is a tail beside the lead, too */
    }
    return p;
}

static void sums_clear(struct sums *s)
{
    mpfr_set_zero(s->weight, 1);
    mpfr_set_zero(s->product, 1);
    mpfr_set_zero(s->magnitude, 1);
    s->tails = false;
}

/* Add groups first .. end-1, as multiples of e^scale; keep e^(v_a - scale) in y[a] if there is a `y`. */
static void add_groups(struct work *w, struct sums *s, size_t first, size_t end, double scale, double floor, mpfr_t *y)
{
    const struct groups *g = &w->groups;
    for (size_t a = end; a-- > first;) {
        const struct group *group = &g->group[a];
        if (group->value - scale < floor) {
            s->tails = true;
            continue;
        }
        mpfr_ptr exp = y ? y[a] : w->lead; /* of the working precision, and free until the lead is set */
        exact_difference(w->difference, group->value, scale);
        mpfr_exp(exp, w->difference, MPFR_RNDN);
        mpfr_mul_ui(w->term, exp, group->count, MPFR_RNDN);
        mpfr_add(s->weight, s->weight, w->term, MPFR_RNDN);
        if (group->count == 1) {
            mpfr_mul_d(w->term, exp, word_value(g->format, g->dy[g->sorted[group->first].at]), MPFR_RNDN);
        } else {
            group_sum(w->sum, g, a);
            mpfr_set_z_2exp(w->term, w->sum, format_grid(g->format), MPFR_RNDN);
            mpfr_mul(w->term, w->term, exp, MPFR_RNDN);
        }
        mpfr_add(s->product, s->product, w->term, MPFR_RNDN);
        mpfr_abs(w->term, w->term, MPFR_RNDN);
        mpfr_add(s->magnitude, s->magnitude, w->term, MPFR_RNDU);
    }
}

/* The sums of the groups below the lead, for special entries; those of all below group 0, for the others; 1/S^2. */
static void add_all(struct work *w, const struct plan *p)
{
    const struct groups *g = &w->groups;
    double top = g->group[0].value;
    size_t shared = g->count; /* from here on both sums are the same */
    sums_clear(&w->generic);
    sums_clear(&w->special);
    mpfr_set_ui(w->y[0], 1, MPFR_RNDN);
    if (p->lead < g->count) {
        if (p->lead_is_tail) {
            add_groups(w, &w->special, p->lead + 1, g->count, g->group[p->lead].value, p->floor, NULL);
        } else {
            shared = p->lead + 1;
            add_groups(w, &w->special, shared, g->count, top, p->top_floor, w->y);
            mpfr_set(w->generic.weight, w->special.weight, MPFR_RNDN);
            mpfr_set(w->generic.product, w->special.product, MPFR_RNDN);
            mpfr_set(w->generic.magnitude, w->special.magnitude, MPFR_RNDN);
            w->generic.tails = w->special.tails;
        }
    }
    add_groups(w, &w->generic, 1, shared, top, p->top_floor, w->y);
    if (p->lead < g->count && !p->lead_is_tail)
        mpfr_set(w->lead, w->y[p->lead], MPFR_RNDN);
    else
        mpfr_set_ui(w->lead, 1, MPFR_RNDN);
    mpfr_add_ui(w->inverse, w->generic.weight, g->group[0].count, MPFR_RNDN);
    mpfr_sqr(w->inverse, w->inverse, MPFR_RNDN);
    mpfr_ui_div(w->inverse, 1, w->inverse, MPFR_RNDN);
}

/* w->d = D_a of the entry whose dy is w->unit, from Y_a. */
static void coefficient(struct work *w, size_t a, mpz_srcptr sum)
{
    mpz_mul_ui(w->d, w->unit, w->groups.group[a].count);
    mpz_sub(w->d, w->d, sum);
}

/* |N_i - numerator| < error, where w->d = D_a for the leading group a (0, or the lead), and `s` sums the rest. */
static void enclose_numerator(struct work *w, const struct plan *p, double dy, bool special, mpfr_prec_t bits)
{
    const struct groups *g = &w->groups;
    const struct sums *s = special ? &w->special : &w->generic;
    mpfr_set_z_2exp(w->numerator, w->d, format_grid(g->format), MPFR_RNDN);
    if (special) mpfr_mul(w->numerator, w->numerator, w->lead, MPFR_RNDN);
    mpfr_abs(w->error, w->numerator, MPFR_RNDU);
    mpfr_mul_d(w->term, s->weight, dy, MPFR_RNDN);
    mpfr_add(w->numerator, w->numerator, w->term, MPFR_RNDN);
    mpfr_sub(w->numerator, w->numerator, s->product, MPFR_RNDN);
    mpfr_abs(w->term, w->term, MPFR_RNDN);
    mpfr_add(w->error, w->error, w->term, MPFR_RNDU);
    mpfr_add(w->error, w->error, s->magnitude, MPFR_RNDU);
    /* Of the three parts' magnitudes just added up, in units of 2^-bits: exp 1, and 2^-32 each for D or Y, for a
       product, and for at most 2^24 + 2 additions of what is no larger; together below 2, and 4 are taken. */
    mpfr_mul_2si(w->error, w->error, 2 - (long)bits, MPFR_RNDU);
    if (!s->tails) return;
    /* |D_a| of the tails sum to below 2^reach units, each times less than 2^-tail of the scale or lead. */
    mpfr_set_ui_2exp(w->term, 1, g->reach - p->tail + format_grid(g->format), MPFR_RNDU);
    if (special) mpfr_mul(w->term, w->term, w->lead, MPFR_RNDU);
    mpfr_mul_2ui(w->term, w->term, 1, MPFR_RNDU); /* the lead was rounded */
    mpfr_add(w->error, w->error, w->term, MPFR_RNDU);
}

/* The answer for g_i = y N_i / S^2 from the enclosed numerator. */
static bool round_gradient(struct work *w, mpfr_srcptr y, mpfr_prec_t bits, struct answer *a)
{
    const struct format *f = w->groups.format;
    bool negative = mpfr_sgn(w->numerator) < 0;
    if (mpfr_cmpabs(w->numerator, w->error) <= 0) return false;
    *a = (struct answer){.side = 1};
    if (y != NULL) {
        mpfr_abs(w->numerator, w->numerator, MPFR_RNDN);
        mpfr_sub(w->lo, w->numerator, w->error, MPFR_RNDD);
        mpfr_add(w->hi, w->numerator, w->error, MPFR_RNDU);
        /* Relative errors of the factor y/S^2 in units of 2^-bits: y 1; S 1 from its terms, 2^-8 from its additions
           and 2^-60 from the tails, all twice; four roundings at 2^-32.  Together below 4; 8 are taken. */
        mpfr_mul(w->term, y, w->inverse, MPFR_RNDN);
        mpfr_mul_2si(w->error, w->term, 3 - (long)bits, MPFR_RNDU);
        mpfr_sub(w->factor, w->term, w->error, MPFR_RNDD);
        mpfr_mul(w->lo, w->lo, w->factor, MPFR_RNDD);
        mpfr_add(w->factor, w->term, w->error, MPFR_RNDU);
        mpfr_mul(w->hi, w->hi, w->factor, MPFR_RNDU);
        if (!round_between(&w->rounder, f, w->lo, w->hi, a)) return false;
    }
    if (negative) round_negate(f, a);
    return true;
}

/* An entry of group 0, beside which all other groups only lean. */
static bool round_bare(struct work *w, const struct groups *g, size_t i, mpfr_prec_t bits, struct answer *a)
{
    unsigned long k = g->group[0].count;
    struct answer above;
    round_ratio(&w->rounder, g->format, w->d, k * k, -1, a);
    round_ratio(&w->rounder, g->format, w->d, k * k, 1, &above);
    if (a->word == above.word && a->side == above.side && a->millionths == above.millionths) return true;
    int leaning = vjp_leaning(g, i, w->d, bits);
    if (leaning > 0) *a = above;
    return leaning != 0;
}

static bool decide_entry(struct work *w, const struct plan *p, size_t a, size_t i, mpfr_prec_t bits, struct answer *out)
{
    const struct groups *g = &w->groups;
    unsigned long k = g->group[0].count;
    grid_units(w->unit, g->format, g->dy[i]);
    coefficient(w, 0, g->top_sum);
    if (g->count == 1) {
        round_ratio(&w->rounder, g->format, w->d, k * k, 0, out);
        return true;
    }
    bool special = mpz_sgn(w->d) == 0;
    if (special && p->lead == g->count) {
        *out = (struct answer){0};
        return true;
    }
    if (special)
        coefficient(w, p->lead, w->lead_sum);
    else if (a == 0 && p->top_is_bare)
        return round_bare(w, g, i, bits, out);
    enclose_numerator(w, p, word_value(g->format, g->dy[i]), special, bits);
    /* A tail of either kind makes |g_i| < 2^(reach - tail), no millionth of a unit. */
    bool underflow = (special && p->lead_is_tail) || g->group[a].value - g->group[0].value < p->top_floor;
    return round_gradient(w, underflow ? NULL : w->y[a], bits, out);
}

/* One turn of the loop at `bits` of precision. */
static bool decide(struct work *w, mpfr_prec_t bits, struct answer *out)
{
    const struct groups *g = &w->groups;
    set_precision(w, bits);
    struct plan p = make_plan(w, g, bits);
    if (g->count > 1) add_all(w, &p);
    for (size_t a = 0; a < g->count; a++)
        for (size_t e = g->group[a].first; e < g->group[a].first + g->group[a].count; e++)
            if (!decide_entry(w, &p, a, g->sorted[e].at, bits, &out[g->sorted[e].at])) return false;
    return true;
}

bool vjp_row_mpfr(const struct format *f, size_t n, const uint64_t *x, const uint64_t *dy, const unsigned char *mask,
                  struct answer *out)
{
    struct work *w = &work;
    work_init(w);
    groups_make(&w->groups, f, n, x, dy, mask);
    for (size_t i = 0; i < n; i++) out[i] = (struct answer){0}; /* of no weight: masked, or -inf */
    for (mpfr_prec_t bits = first_bits(f); bits <= TRUTH_MAX_BITS; bits *= 2)
        if (decide(w, bits, out)) return true;
    return false;
}
