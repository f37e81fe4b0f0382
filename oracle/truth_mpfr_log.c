/* truth_mpfr_log - log_softmax: l_i = (x_i - max) - log(sum_j e^(x_j - max)), two parts of one sign, so that nothing
   cancels; the first is exact, the second enclosed.
   Why the loop ends: l_i is rational only for a single finite valid logit (Lindemann-Weierstrass), and then it is 0.
   SPDX-License-Identifier: MIT */
#include "truth_mpfr.h"

#include <math.h>

static _Thread_local struct work {
    struct rounder rounder;
    mpfr_t difference, exp, sum, near, far, lo, hi;
    mpz_t units;
    bool ready;
} work;

static void work_init(struct work *w)
{
    if (w->ready) return;
    rounder_init(&w->rounder);
    mpfr_inits2(64, w->difference, w->exp, w->sum, w->near, w->far, w->lo, w->hi, (mpfr_ptr)0);
    mpz_init(w->units);
    w->ready = true;
}

void log_softmax_cleanup_mpfr(void)
{
    struct work *w = &work;
    if (!w->ready) return;
    rounder_clear(&w->rounder);
    mpfr_clears(w->difference, w->exp, w->sum, w->near, w->far, w->lo, w->hi, (mpfr_ptr)0);
    mpz_clear(w->units);
    *w = (struct work){0};
}

static void set_precision(struct work *w, const struct format *f, mpfr_prec_t bits)
{
    /* |x_i - max| + near, where near is at least about 2^-70 smallest subnormals, with all its leading bits */
    mpfr_prec_t wide = span_bits(f) + NEGLIGIBLE + bits;
    mpfr_set_prec(w->difference, span_bits(f));
    mpfr_set_prec(w->exp, bits);
    mpfr_set_prec(w->sum, bits + SPARE);
    mpfr_set_prec(w->near, bits + SPARE);
    mpfr_set_prec(w->far, bits + SPARE);
    mpfr_set_prec(w->lo, wide);
    mpfr_set_prec(w->hi, wide);
    mpfr_set_prec(w->rounder.scaled, wide);
}

struct row {
    const struct format *format;
    size_t n;
    const uint64_t *x;
    const unsigned char *mask;
    double max;
    unsigned long top; /* how many entries are the maximum */
    bool others;       /* are there finite ones below it? */
};

static bool is_present(const struct row *row, size_t i)
{
    return row->mask[i] && word_is_finite(row->format, row->x[i]);
}

static void exact_distance(struct work *w, const struct row *row, size_t i)
{
    mpfr_set_d(w->difference, word_value(row->format, row->x[i]), MPFR_RNDN);
    mpfr_sub_d(w->difference, w->difference, row->max, MPFR_RNDN); /* exact: see span_bits */
}

/* near < log(sum_j e^(x_j - max)) < far, both 0 if there is one term.  Terms below 2^-tail are not computed: each is
   an unknown of the open interval (0, 2^-tail). */
static void enclose_log(struct work *w, const struct row *row, mpfr_prec_t bits, long tail)
{
    double floor = -(double)tail * LN2 - 1; /* exp(d) < 2^-tail wherever d < floor + 1 */
    bool tails = false;
    mpfr_set_zero(w->sum, 1);
    for (size_t i = 0; i < row->n; i++) {
        if (!is_present(row, i)) continue;
        /* The double may be rounded or -inf, which the 1 to spare in `floor` allows for. */
        double distance = word_value(row->format, row->x[i]) - row->max;
        if (distance == 0) continue; /* gradual underflow: equal words only */
        if (distance < floor) {
            tails = true;
            continue;
        }
        exact_distance(w, row, i);
        mpfr_exp(w->exp, w->difference, MPFR_RNDN);
        mpfr_add(w->sum, w->sum, w->exp, MPFR_RNDN);
    }
    /* Relative errors of the sum in units of 2^-bits: exp 1, and 2^-8 from at most 2^24 additions; together below 2. */
    mpfr_mul_2si(w->far, w->sum, 1 - (long)bits, MPFR_RNDU);
    mpfr_sub(w->near, w->sum, w->far, MPFR_RNDD);
    mpfr_add(w->far, w->sum, w->far, MPFR_RNDU);
    if (tails) {
        mpfr_set_ui_2exp(w->exp, 1, 24 - tail, MPFR_RNDU); /* at most 2^24 tails */
        mpfr_add(w->far, w->far, w->exp, MPFR_RNDU);
    }
    /* Both logarithms grow with their argument, and are rounded outward. */
    if (row->top == 1) {
        mpfr_log1p(w->near, w->near, MPFR_RNDD); /* keeps the relative precision of a small sum */
        mpfr_log1p(w->far, w->far, MPFR_RNDU);
    } else {
        mpfr_add_ui(w->near, w->near, row->top, MPFR_RNDD);
        mpfr_add_ui(w->far, w->far, row->top, MPFR_RNDU);
        mpfr_log(w->near, w->near, MPFR_RNDD); /* strict for the integer k too: log k is irrational */
        mpfr_log(w->far, w->far, MPFR_RNDU);
    }
}

/* One turn of the loop at `bits` of precision. */
static bool decide(struct work *w, const struct row *row, mpfr_prec_t bits, struct answer *out)
{
    const struct format *f = row->format;
    /* Where the logarithm is not negligible, the 2^24 tails are below 2^-bits of it. */
    long tail = -format_grid(f) + NEGLIGIBLE + 26 + (long)bits;
    enclose_log(w, row, bits, tail);
    bool negligible = mpfr_cmp_ui_2exp(w->far, 1, format_grid(f) - NEGLIGIBLE) < 0;
    for (size_t i = 0; i < row->n; i++) {
        out[i] = (struct answer){.word = word_inf(f) | word_sign_bit(f)};
        if (!is_present(row, i)) continue;
        exact_distance(w, row, i);
        if (negligible) { /* x_i - max, or strictly below it by what no border can lie in */
            mpfr_mul_2si(w->difference, w->difference, -format_grid(f), MPFR_RNDN);
            mpfr_get_z(w->units, w->difference, MPFR_RNDN); /* a whole number */
            round_ratio(&w->rounder, f, w->units, 1, row->others ? -1 : 0, &out[i]);
            continue;
        }
        mpfr_sub(w->lo, w->near, w->difference, MPFR_RNDD);
        mpfr_sub(w->hi, w->far, w->difference, MPFR_RNDU);
        if (!round_between(&w->rounder, f, w->lo, w->hi, &out[i])) return false;
        round_negate(f, &out[i]);
    }
    return true;
}

bool log_softmax_row_mpfr(const struct format *f, size_t n, const uint64_t *x, const unsigned char *mask,
                          struct answer *out)
{
    struct row row = {f, n, x, mask, -INFINITY, 0, false};
    struct work *w = &work;
    size_t finite = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_present(&row, i)) continue;
        double value = word_value(f, x[i]);
        if (value > row.max) {
            row.max = value;
            row.top = 0;
        }
        row.top += value == row.max;
        finite++;
    }
    row.others = finite > row.top;
    work_init(w);
    for (mpfr_prec_t bits = first_bits(f); bits <= TRUTH_MAX_BITS; bits *= 2) {
        set_precision(w, f, bits);
        if (decide(w, &row, bits, out)) return true;
    }
    return false;
}
