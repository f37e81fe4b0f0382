/* truth_arb - the second oracle: balls around every number, precision doubled until they decide.  (vjp: arb_vjp.c.)
   It shares only format.h and line.h with truth_mpfr.c, so that an error of one engine cannot hide in the other.
   Balls: F. Johansson, Arb: efficient arbitrary-precision midpoint-radius interval arithmetic, IEEE TC 66(8), 2017.
   Loop: A. Ziv, Fast evaluation of elementary functions with correctly rounded last bit, ACM TOMS 17(3), 1991.
   SPDX-License-Identifier: MIT */
#include "arb_cell.h"
#include "arb_vjp.h"
#include "truth.h"

#include <math.h>

static const double ABOVE_LN2 = 0.6931472; /* 1.9e-8 too large, far beyond the roundings of double */

/* The entries still to be answered, in the order of the row, and the ball e^(x_i - max) of each; kept between rows. */
static _Thread_local struct {
    size_t *index;
    arb_ptr term;
    size_t count, capacity;
} pending;

static void reserve_pending(size_t count)
{
    pending.count = 0;
    if (count <= pending.capacity) return;
    pending.index = flint_realloc(pending.index, count * sizeof *pending.index);
    pending.term = flint_realloc(pending.term, count * sizeof *pending.term);
    while (pending.capacity < count) arb_init(pending.term + pending.capacity++);
}

void truth_cleanup_arb(void)
{
    while (pending.capacity > 0) arb_clear(pending.term + --pending.capacity);
    flint_free(pending.index);
    flint_free(pending.term);
    pending.index = NULL;
    pending.term = NULL;
    flint_cleanup();
}

/* --- the row --- */

struct row {
    const struct format *f;
    size_t n;
    const uint64_t *x;
    const unsigned char *mask;
    struct answer *out;
    double max;                  /* of the finite valid logits */
    size_t top, computed, tails; /* how many of them equal it, enter the sum as balls, enter it as a bound */
};

static bool is_finite_valid(const struct row *r, size_t i) { return r->mask[i] && word_is_finite(r->f, r->x[i]); }

/* Sets max and top; returns how many finite valid logits lie below. */
static size_t find_max(struct row *r)
{
    size_t finite = 0;
    r->max = -INFINITY;
    for (size_t i = 0; i < r->n; i++) {
        if (!is_finite_valid(r, i)) continue;
        finite++;
        double v = word_value(r->f, r->x[i]);
        if (v > r->max) {
            r->max = v;
            r->top = 0;
        }
        r->top += v == r->max;
    }
    return finite - r->top;
}

/* e^(x - max).  Where x - max does not fit, arb_sub's ball holds it, and arb_exp carries that ball on. */
static void exp_of_difference(arb_t y, double x, const arb_t max, slong bits)
{
    arb_set_d(y, x);
    arb_sub(y, y, max, bits);
    arb_exp(y, y, bits);
}

/* The ball sum e^(x_j - max) over the entries below the max, the terms of pending ones kept; if `keep`, all become
   pending.  A term below 2^-least is not computed: it is under 2^-64 of the smallest subnormal, so its own p is word 0
   and +.000000, and in the sum it stands as the interval (0, 2^-least). */
static void sum_below(struct row *r, arb_t sum, slong bits, bool keep)
{
    slong least = (bits > -format_grid(r->f) ? bits : -format_grid(r->f)) + 64;
    double tail = -ABOVE_LN2 * (double)least;
    size_t next = 0;
    arb_t max, other;
    arb_init(max);
    arb_init(other);
    arb_set_d(max, r->max);
    arb_zero(sum);
    r->computed = r->tails = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (!is_finite_valid(r, i)) continue;
        double v = word_value(r->f, r->x[i]);
        if (v == r->max) continue;
        if (v - r->max < tail) { /* also where it overflows, to -inf */
            r->tails++;
            if (keep) r->out[i].side = 1;
            continue;
        }
        r->computed++;
        if (keep) pending.index[pending.count++] = i;
        arb_ptr term = next < pending.count && pending.index[next] == i ? pending.term + next++ : other;
        exp_of_difference(term, v, max, bits);
        arb_add(sum, sum, term, bits + 32); /* so that 2^24 roundings do not show */
    }
    if (r->tails > 0) arb_add_error_2exp_si(sum, (slong)FLINT_BIT_COUNT(r->tails) - least);
    arb_clear(max);
    arb_clear(other);
}

/* Answers what 1/S decides; the rest stays pending. */
static void answer_pending(const struct row *r, const arb_t reciprocal, slong bits)
{
    size_t left = 0;
    arb_t p;
    arb_init(p);
    for (size_t j = 0; j < pending.count; j++) {
        size_t i = pending.index[j];
        arb_mul(p, pending.term + j, reciprocal, bits);
        if (!cell_of_ball(r->f, p, bits, &r->out[i])) pending.index[left++] = i;
    }
    pending.count = left;
    arb_clear(p);
}

/* 1/k; or, if `below`, 1/(k + t) with a tail 0 < t < 2^-40 of a smallest subnormal.  Counted in cells 1/k is a multiple
   of 1/k, and the tail takes less than 2^-20/k from it: it only leaves its edge. */
static struct answer answer_reciprocal(const struct format *f, ulong k, bool below)
{
    struct answer a;
    fmpz_t one, divisor;
    fmpz_init(one);
    fmpz_init_set_ui(divisor, k);
    units_of(one, f, 1);
    cell_of_rational(f, one, divisor, below ? -1 : 0, &a);
    fmpz_clear(one);
    fmpz_clear(divisor);
    return a;
}

static bool softmax_row(struct row *r)
{
    for (size_t i = 0; i < r->n; i++) r->out[i] = (struct answer){0};
    reserve_pending(find_max(r));

    struct answer top = {0}; /* of the entries at the maximum: p = 1/S */
    bool top_known = false;
    arb_t s;
    arb_init(s);
    for (slong bits = FIRST_BITS;; bits = more_bits(bits)) {
        sum_below(r, s, bits, bits == FIRST_BITS);
        if (r->computed == 0) { /* p is 1/top or just below; otherwise it is irrational, and inside some cell */
            top = answer_reciprocal(r->f, r->top, r->tails > 0);
            top_known = true;
            break;
        }
        arb_add_ui(s, s, r->top, bits + 32);
        arb_inv(s, s, bits);
        if (!top_known) top_known = cell_of_ball(r->f, s, bits, &top);
        answer_pending(r, s, bits);
        if ((top_known && pending.count == 0) || bits == TRUTH_MAX_BITS) break;
    }
    arb_clear(s);
    if (!top_known || pending.count > 0) return false;
    for (size_t i = 0; i < r->n; i++)
        if (is_finite_valid(r, i) && word_value(r->f, r->x[i]) == r->max) r->out[i] = top;
    return true;
}

/* --- log_softmax --- */

/* x - max, or, if `below`, that less a tail under 2^-40 of a smallest subnormal: it does not reach the next edge, from
   which x - max, a multiple of the smallest subnormal, is at least a millionth of it away. */
static struct answer answer_difference(const struct row *r, size_t i, bool below)
{
    struct answer a;
    fmpz_t difference, max;
    fmpz_init(difference);
    fmpz_init(max);
    units_of(difference, r->f, word_value(r->f, r->x[i]));
    units_of(max, r->f, r->max);
    fmpz_sub(difference, difference, max);
    fmpz_one(max);
    cell_of_rational(r->f, difference, max, below ? -1 : 0, &a);
    fmpz_clear(difference);
    fmpz_clear(max);
    return a;
}

enum { PENDING = -1 }; /* millionths of an answer still to be found */

/* Answers what the ball log S decides of x_i - max - log S; returns how many entries stay pending. */
static size_t answer_logs(const struct row *r, const arb_t log, slong bits)
{
    size_t left = 0;
    arb_t value, max;
    arb_init(value);
    arb_init(max);
    arb_set_d(max, r->max);
    for (size_t i = 0; i < r->n; i++) {
        if (r->out[i].millionths != PENDING) continue;
        arb_set_d(value, word_value(r->f, r->x[i]));
        arb_sub(value, value, max, bits);
        arb_sub(value, value, log, bits);
        left += !cell_of_ball(r->f, value, bits, &r->out[i]);
    }
    arb_clear(value);
    arb_clear(max);
    return left;
}

/* A single maximum with nothing or only tails below leaves the rational x - max, or just less; otherwise log S is
   irrational, and what it decides is inside some cell. */
static bool log_softmax_row(struct row *r)
{
    const struct answer none = {.word = word_inf(r->f) | word_sign_bit(r->f)}, unknown = {.millionths = PENDING};
    for (size_t i = 0; i < r->n; i++) r->out[i] = is_finite_valid(r, i) ? unknown : none;
    find_max(r);
    pending.count = 0; /* no term is kept */
    bool decided = false;
    arb_t s;
    arb_init(s);
    for (slong bits = FIRST_BITS; !decided; bits = more_bits(bits)) {
        sum_below(r, s, bits, false);
        if (r->top == 1 && r->computed == 0) {
            for (size_t i = 0; i < r->n; i++)
                if (is_finite_valid(r, i)) r->out[i] = answer_difference(r, i, r->tails > 0);
            decided = true;
            break;
        }
        arb_add_ui(s, s, r->top - 1, bits + 32);
        arb_log1p(s, s, bits); /* S - 1 may be far below the last bit of 1 */
        decided = answer_logs(r, s, bits) == 0;
        if (bits == TRUTH_MAX_BITS) break;
    }
    arb_clear(s);
    return decided;
}

bool truth_row_arb(int op, const struct format *f, size_t n, const uint64_t *x, const uint64_t *dy,
                   const unsigned char *mask, struct answer *out)
{
    struct row r = {.f = f, .n = n, .x = x, .mask = mask, .out = out};
    switch (op) {
    case SOFTMAX: return softmax_row(&r);
    case LOG_SOFTMAX: return log_softmax_row(&r);
    case VJP: return vjp_row_arb(f, n, x, dy, mask, out);
    default: return false;
    }
}
