/* truth_arb - the second oracle of masked softmax: balls around every number, precision doubled until they decide.
   It shares only format.h and line.h with truth_mpfr.c, so that an error of one engine cannot hide in the other.
   Balls: F. Johansson, Arb: efficient arbitrary-precision midpoint-radius interval arithmetic, IEEE TC 66(8), 2017.
   Loop: A. Ziv, Fast evaluation of elementary functions with correctly rounded last bit, ACM TOMS 17(3), 1991.
   SPDX-License-Identifier: MIT */
#include "truth.h"

#include <arb.h>
#include <math.h>

enum {
    FIRST_BITS = 112, /* f->precision + 40 would do, but exp costs the same from 64 to 120 bits: two limbs */
    CELLS = 1000000   /* of an ulp: p is in cell c if c <= p/ulp * CELLS < c + 1 */
};
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

/* --- from a number to its word --- */

/* Exponent of the ulp in the binade 2^e .. 2^(e+1). */
static slong ulp_exponent(const struct format *f, slong e) { return (e > f->emin ? e : f->emin) - f->precision + 1; }

/* The answer for a p inside the cell, or, if `on_edge`, at its lower edge.  Words, midpoints of two words and ends of
   binades all are edges, so the cell says everything.  (p on an edge is 1/k: no midpoint while k <= LINE_MAX_N.) */
static struct answer answer_in_cell(const struct format *f, slong ulp, const fmpz_t cell, bool on_edge)
{
    fmpz_t whole;
    fmpz_init(whole);
    fmpz_fdiv_q_ui(whole, cell, CELLS);
    uint64_t units = fmpz_get_ui(whole);
    fmpz_clear(whole);
    int past = (int)fmpz_fdiv_ui(cell, CELLS); /* beyond the word below, in whole cells */
    bool up = past >= CELLS / 2;
    int before = CELLS - past - !on_edge; /* short of the word above: truncated */
    return (struct answer){
        /* `units` has the hidden bit unless subnormal: it carries into the exponent, and so does rounding up */
        .word = ((uint64_t)(ulp - format_grid(f)) << (f->precision - 1)) + units + up,
        .side = up ? -1 : !on_edge || past > 0,
        .millionths = up ? before : past,
    };
}

/* Answers the irrational p in the ball if the whole ball is in one cell, which is then of the midpoint's binade. */
static bool answer_in_ball(const struct format *f, const arb_t p, slong bits, struct answer *out)
{
    slong ulp = ulp_exponent(f, arf_abs_bound_lt_2exp_si(arb_midref(p)) - 1);
    fmpz_t cell;
    arb_t scaled;
    fmpz_init(cell);
    arb_init(scaled);
    arb_mul_ui(scaled, p, CELLS, bits);
    arb_mul_2exp_si(scaled, scaled, -ulp);
    arb_floor(scaled, scaled, bits);
    bool decided = arb_get_unique_fmpz(cell, scaled);
    if (decided) *out = answer_in_cell(f, ulp, cell, false);
    arb_clear(scaled);
    fmpz_clear(cell);
    return decided;
}

/* p = 1/k; or, if `below`, p = 1/(k + t) with a tail 0 < t < 2^-73.  Counted in cells, at most 2^73 * k to the unit,
   1/k is a multiple of 1/k and the tail takes less than t/k^2 * 2^73 * k < 1/k from it: it only leaves its edge. */
static struct answer answer_reciprocal(const struct format *f, ulong k, bool below)
{
    slong ulp = ulp_exponent(f, -(slong)FLINT_BIT_COUNT(below ? k : k - 1)); /* the binade of p itself */
    fmpz_t cell, rest, divisor;
    fmpz_init_set_ui(cell, CELLS);
    fmpz_init(rest);
    fmpz_init_set_ui(divisor, k);
    fmpz_mul_2exp(cell, cell, (ulong)-ulp);
    fmpz_fdiv_qr(cell, rest, cell, divisor);
    bool on_edge = fmpz_is_zero(rest);
    if (on_edge && below) fmpz_sub_ui(cell, cell, 1);
    struct answer a = answer_in_cell(f, ulp, cell, on_edge && !below);
    fmpz_clear(cell);
    fmpz_clear(rest);
    fmpz_clear(divisor);
    return a;
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

/* The ball S = sum e^(x_j - max), the terms of pending entries kept; in the first round all become pending.
   A term below 2^-least is not computed: it is under 2^-32 of the smallest subnormal, so its own p is word 0 and
   +.000000, and in the sum it stands as the interval (0, 2^-least). */
static void sum_terms(struct row *r, arb_t sum, slong bits, bool first)
{
    slong least = (bits > -format_grid(r->f) ? bits : -format_grid(r->f)) + 32;
    double tail = -ABOVE_LN2 * (double)least;
    size_t next = 0;
    arb_t max, other;
    arb_init(max);
    arb_init(other);
    arb_set_d(max, r->max);
    arb_set_ui(sum, r->top);
    r->computed = r->tails = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (!is_finite_valid(r, i)) continue;
        double v = word_value(r->f, r->x[i]);
        if (v == r->max) continue;
        if (v - r->max < tail) { /* also where it overflows, to -inf */
            r->tails++;
            if (first) r->out[i].side = 1;
            continue;
        }
        r->computed++;
        if (first) pending.index[pending.count++] = i;
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
        if (!answer_in_ball(r->f, p, bits, &r->out[i])) pending.index[left++] = i;
    }
    pending.count = left;
    arb_clear(p);
}

static bool softmax_row(const struct format *f, size_t n, const uint64_t *x, const unsigned char *mask,
                        struct answer *out)
{
    struct row r = {.f = f, .n = n, .x = x, .mask = mask, .out = out};
    for (size_t i = 0; i < n; i++) out[i] = (struct answer){0};
    reserve_pending(find_max(&r));

    struct answer top = {0}; /* of the entries at the maximum: p = 1/S */
    bool top_known = false;
    arb_t s;
    arb_init(s);
    for (slong bits = FIRST_BITS;; bits = 2 * bits < TRUTH_MAX_BITS ? 2 * bits : TRUTH_MAX_BITS) {
        sum_terms(&r, s, bits, bits == FIRST_BITS);
        if (r.computed == 0) { /* p is 1/top or just below; otherwise it is irrational, and inside some cell */
            top = answer_reciprocal(f, r.top, r.tails > 0);
            top_known = true;
            break;
        }
        arb_inv(s, s, bits);
        if (!top_known) top_known = answer_in_ball(f, s, bits, &top);
        answer_pending(&r, s, bits);
        if ((top_known && pending.count == 0) || bits == TRUTH_MAX_BITS) break;
    }
    arb_clear(s);
    if (!top_known || pending.count > 0) return false;
    for (size_t i = 0; i < n; i++)
        if (is_finite_valid(&r, i) && word_value(f, x[i]) == r.max) out[i] = top;
    return true;
}

bool truth_row_arb(int op, const struct format *f, size_t n, const uint64_t *x, const uint64_t *dy,
                   const unsigned char *mask, struct answer *out)
{
    (void)dy;
    return op == SOFTMAX && softmax_row(f, n, x, mask, out);
}
