/* truth_mpfr - the oracle: a rigorous enclosure of each probability, with more bits until it rounds (Ziv's loop).
   The other operations are in truth_mpfr_log.c and truth_mpfr_vjp.c.
   Why the loop ends: by Lindemann-Weierstrass p_i is rational only if all finite valid logits are equal, and then
   it is 1/k, decided in integers; every other p_i is irrational and lies inside a cell of round.h.
   SPDX-License-Identifier: MIT */
#include "truth_mpfr.h"

#include <stdlib.h>

static _Thread_local struct work {
    struct rounder rounder;
    mpfr_t difference, sum, total, share, lo, hi;
    mpfr_t *exps; /* exp(x_i - max), one per entry that is computed */
    size_t capacity;
    bool ready;
} work;

static void work_init(struct work *w)
{
    if (w->ready) return;
    rounder_init(&w->rounder);
    mpfr_inits2(64, w->difference, w->sum, w->total, w->share, w->lo, w->hi, (mpfr_ptr)0);
    w->ready = true;
}

void truth_cleanup_mpfr(void)
{
    if (work.ready) {
        rounder_clear(&work.rounder);
        mpfr_clears(work.difference, work.sum, work.total, work.share, work.lo, work.hi, (mpfr_ptr)0);
        for (size_t i = 0; i < work.capacity; i++) mpfr_clear(work.exps[i]);
        free(work.exps);
        work = (struct work){0};
    }
    log_softmax_cleanup_mpfr();
    vjp_cleanup_mpfr();
    mpfr_free_cache();
}

static void set_precision(struct work *w, size_t entries, mpfr_prec_t bits)
{
    if (entries > w->capacity) {
        mpfr_t *more = realloc(w->exps, entries * sizeof *more);
        if (more == NULL) abort();
        for (size_t i = w->capacity; i < entries; i++) mpfr_init2(more[i], bits);
        w->exps = more;
        w->capacity = entries;
    }
    for (size_t i = 0; i < entries; i++) mpfr_set_prec(w->exps[i], bits);
    mpfr_set_prec(w->sum, bits + SPARE);
    mpfr_set_prec(w->total, bits);
    mpfr_set_prec(w->share, bits);
    mpfr_set_prec(w->lo, bits + SPARE);
    mpfr_set_prec(w->hi, bits + SPARE);
    mpfr_set_prec(w->rounder.scaled, bits + SPARE);
}

/* What the row's decision rests on: its maximum, and below which distance a term is not computed. */
struct row {
    const struct format *format;
    size_t n;
    const uint64_t *x;
    const unsigned char *mask;
    int64_t max_order;
    double max;
};

enum part { ABSENT, TOP, COMPUTED, TAIL };

static enum part part_of(const struct row *row, size_t i, double floor)
{
    const struct format *f = row->format;
    if (!row->mask[i] || !word_is_finite(f, row->x[i])) return ABSENT;
    if (word_order(f, row->x[i]) == row->max_order) return TOP;
    /* The double may be rounded or -inf, which the 1 to spare in `floor` allows for. */
    return word_value(f, row->x[i]) - row->max < floor ? TAIL : COMPUTED;
}

/* One turn of the loop at `bits` of precision.  Terms below 2^-tail are not computed: each enters the sum as an
   unknown of the open interval (0, 2^-tail), and its own answer is +0 with a positive frac. */
static bool decide(struct work *w, const struct row *row, mpfr_prec_t bits, struct answer *out)
{
    const struct format *f = row->format;
    long finest = bits > -format_grid(f) ? (long)bits : -format_grid(f);
    long tail = (finest > 112 ? finest : 112) + SPARE;     /* 2^24 tails are then below 2^-120, as round_share asks */
    double floor = -(double)tail * 0.6931471805599454 - 1; /* exp(d) < 2^-tail wherever d < floor + 1 */
    unsigned long top = 0;
    size_t computed = 0;
    bool tails = false;
    mpfr_set_zero(w->sum, 1);
    for (size_t i = 0; i < row->n; i++) {
        switch (part_of(row, i, floor)) {
        case ABSENT: break;
        case TOP: top++; break;
        case TAIL: tails = true; break;
        case COMPUTED:
            mpfr_set_d(w->difference, word_value(f, row->x[i]), MPFR_RNDN);
            mpfr_sub_d(w->difference, w->difference, row->max, MPFR_RNDN); /* exact: see span_bits */
            mpfr_exp(w->exps[computed], w->difference, MPFR_RNDN);
            mpfr_add(w->sum, w->sum, w->exps[computed++], MPFR_RNDN);
        }
    }
    mpfr_add_ui(w->sum, w->sum, top, MPFR_RNDN);
    mpfr_set(w->total, w->sum, MPFR_RNDN); /* the divisor at working precision: a shorter division */

    struct answer top_answer = {0};
    bool top_known = computed == 0;
    if (top_known) round_share(&w->rounder, f, top, tails, &top_answer);
    size_t next = 0;
    for (size_t i = 0; i < row->n; i++) {
        enum part part = part_of(row, i, floor);
        out[i] = (struct answer){.side = part == TAIL};
        if (part == TOP && top_known) out[i] = top_answer;
        if (part == ABSENT || part == TAIL || (part == TOP && top_known)) continue;
        if (part == TOP)
            mpfr_ui_div(w->share, 1, w->total, MPFR_RNDN);
        else
            mpfr_div(w->share, w->exps[next++], w->total, MPFR_RNDN);
        /* Relative errors in units of 2^-bits: exp 1; sum 1 from its terms, and 2^-8 each from at most 2^24
           additions and from the tail; its rounding 1; the quotient 1.  Together below 8 = 2^3. */
        mpfr_mul_2si(w->lo, w->share, 3 - (long)bits, MPFR_RNDU);
        mpfr_add(w->hi, w->share, w->lo, MPFR_RNDU);
        mpfr_sub(w->lo, w->share, w->lo, MPFR_RNDD);
        if (!round_between(&w->rounder, f, w->lo, w->hi, &out[i])) return false;
        if (part == TOP) {
            top_answer = out[i];
            top_known = true;
        }
    }
    return true;
}

static bool softmax_row(const struct format *f, size_t n, const uint64_t *x, const unsigned char *mask,
                        struct answer *out)
{
    struct row row = {f, n, x, mask, INT64_MIN, 0};
    struct work *w = &work;
    size_t finite = 0;
    for (size_t i = 0; i < n; i++) {
        if (!mask[i] || !word_is_finite(f, x[i])) continue;
        finite++;
        if (word_order(f, x[i]) > row.max_order) {
            row.max_order = word_order(f, x[i]);
            row.max = word_value(f, x[i]);
        }
    }
    work_init(w);
    mpfr_set_prec(w->difference, span_bits(f));
    for (mpfr_prec_t bits = first_bits(f); bits <= TRUTH_MAX_BITS; bits *= 2) {
        set_precision(w, finite, bits);
        if (decide(w, &row, bits, out)) return true;
    }
    return false;
}

bool truth_row_mpfr(int op, const struct format *f, size_t n, const uint64_t *x, const uint64_t *dy,
                    const unsigned char *mask, struct answer *out)
{
    switch (op) {
    case SOFTMAX: return softmax_row(f, n, x, mask, out);
    case LOG_SOFTMAX: return log_softmax_row_mpfr(f, n, x, mask, out);
    case VJP: return vjp_row_mpfr(f, n, x, dy, mask, out);
    default: return false;
    }
}
