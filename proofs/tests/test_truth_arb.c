/* test_truth_arb - log_softmax and vjp of the Arb engine: rows whose answer is derived by hand, rational gradients in
   GMP, and brute force, the formulas as they stand in thousands of bits of MPFR, rounded by hand here.
   SPDX-License-Identifier: MIT */
#include "other_words.h"
#include "random.h"
#include "truth.h"

#include <criterion/criterion.h>

static void check_known(const char *answer_line)
{
    struct line line = {0};
    struct answer found[8];
    char *copy = strdup(answer_line);
    cr_assert(line_parse_answer(&line, copy), "%s: %s", answer_line, line.error);
    cr_assert(line.n <= 8 && truth_row_arb(line.op, line.format, line.n, line.x, line.dy, line.mask, found), "%s",
              answer_line);
    for (size_t i = 0; i < line.n; i++)
        cr_assert(same_answer(&found[i], &line.answer[i]), "%s, entry %zu: found %llx side %d .%06d", answer_line, i,
                  (unsigned long long)found[i].word, found[i].side, found[i].millionths);
    line_free(&line);
    free(copy);
}

Test(truth_arb, log_softmax_by_hand)
{
    static const char *const known[] = {
        /* +0 for a single finite valid logit, -inf where there is none */
        "a log_softmax f32 010 3f800000 40000000 7fc00000 = ff800000 00000000 ff800000",
        "a log_softmax f16 011 7e00 3c00 fc00 = fc00 0000 fc00",
        "a log_softmax f64 1 ffefffffffffffff = 0000000000000000",
        /* log(1 + e^-200) is far below the grid, and takes the other entry below -200 */
        "a log_softmax f32 11 00000000 c3480000 = 80000000-.000000 c3480000-.000000",
        "a log_softmax bf16 11 c348 0000 = c348-.000000 8000-.000000",
        /* max and -max: overflow */
        "a log_softmax f32 11 7f7fffff ff7fffff = 80000000-.000000 ff800000",
        "a log_softmax f16 11 7bff fbff = 8000-.000000 fc00",
        "a log_softmax f64 11 ffefffffffffffff 7fefffffffffffff = fff0000000000000 8000000000000000-.000000",
        /* 65504 and -16: -65520 is the threshold, and just below it; -15.9921875 is 2^-7 short of it */
        "a log_softmax f16 11 7bff cc00 = 8000-.000000 fc00",
        "a log_softmax f16 11 7bff cbff = 8000-.000000 fbff-.499755",
        /* just below -16777217, the midpoint; just below .25 and above .75 of the ulp; just beyond 2^24 */
        "a log_softmax f32 11 3f800000 cb800000 = 80000000-.000000 cb800001+.499999",
        "a log_softmax f32 11 3f000000 cb800000 = 80000000-.000000 cb800000-.250000",
        "a log_softmax f32 11 3fc00000 cb800000 = 80000000-.000000 cb800001+.249999",
        "a log_softmax f32 11 00000000 cb800000 = 80000000-.000000 cb800000-.000000",
        /* several tails are below as one is; two maxima leave log 2 = 0.693147180559945... */
        "a log_softmax f32 111 c3480000 3f800000 cb800000 = c3490000-.000000 80000000-.000000 cb800001+.499999",
        "a log_softmax f32 111 00000000 cb800000 80000000 = bf317218+.031954 cb800000-.346573 bf317218+.031954",
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) check_known(known[i]);
}

Test(truth_arb, vjp_by_hand)
{
    static const char *const known[] = {
        /* exact zeros: one logit; equal dy; dy the mean of every group; masked and -inf, whatever dy is there */
        "a vjp f32 1 40400000 40a00000 = 00000000",
        "a vjp bf16 111 3f80 4000 bf80 c000 c000 c000 = 0000 0000 0000",
        "a vjp f32 111 00000000 00000000 fe967699 3f800000 bf800000 80000000 "
        "= 3f000000-.000000 bf000000+.000000 00000000",
        "a vjp f16 0111 7e00 3c00 fc00 3c00 7c00 4000 7bff 4000 = 0000 0000 0000 0000",
        /* two equal logits: (1 - 2^-9)/4 is a tie and goes up to even, (1 - 3/2^9)/4 goes down */
        "a vjp bf16 11 3f80 3f80 3f80 3b00 = 3e80-.500000 be80+.500000",
        "a vjp bf16 11 3f80 3f80 3f80 3bc0 = 3e7e+.500000 be7e-.500000",
        /* 1/4, 1/2 and 3/2 of the smallest subnormal */
        "a vjp f32 11 3f800000 3f800000 00000001 00000000 = 00000000+.250000 80000000-.250000",
        "a vjp f32 11 3f800000 3f800000 00000002 80000000 = 00000000+.500000 80000000-.500000",
        "a vjp f32 11 3f800000 3f800000 00000006 00000000 = 00000002-.500000 80000002+.500000",
        "a vjp f16 111 3c00 3c00 3c00 0009 0000 0000 = 0002 8001 8001",
        /* D overflows, g does not */
        "a vjp f64 11 0000000000000000 8000000000000000 7fefffffffffffff ffefffffffffffff "
        "= 7fdfffffffffffff ffdfffffffffffff",
        /* an underflow keeps its sign, however far */
        "a vjp f32 11 7f7fffff ff7fffff 3f800000 40000000 = 80000000-.000000 00000000+.000000",
        "a vjp f64 11 7fefffffffffffff ffefffffffffffff 7fefffffffffffff ffefffffffffffff "
        "= 0000000000000000+.000000 8000000000000000-.000000",
        /* +-1/2, and a group far below: c = -4 and +4; 0, so that the square decides, and +8; +8 and +16 */
        "a vjp f32 111 00000000 00000000 fe967699 3f800000 bf800000 bf800000 "
        "= 3f000000-.000000 bf000000+.000000 80000000-.000000",
        "a vjp f32 111 00000000 00000000 fe967699 3f800000 bf800000 c0400000 "
        "= 3f000000+.000000 bf000000+.000000 80000000-.000000",
        /* the square of the second group meets the third, 2^21 below: -2 with -4 - 4 dy; at -3/2 the next term decides
         */
        "a vjp f32 1111 00000000 00000000 c9800000 ca000000 3f800000 bf800000 bf800000 c0000000 "
        "= 3f000000+.000000 bf000000+.000000 80000000-.000000 80000000-.000000",
        "a vjp f32 1111 00000000 00000000 c9800000 ca000000 3f800000 bf800000 bf800000 bfa00000 "
        "= 3f000000-.000000 bf000000+.000000 80000000-.000000 80000000-.000000",
        "a vjp f32 1111 00000000 00000000 c9800000 ca000000 3f800000 bf800000 bf800000 bfc00000 "
        "= 3f000000-.000000 bf000000+.000000 80000000-.000000 80000000-.000000",
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) check_known(known[i]);
}

/* --- rows at random --- */

enum { MOST = 16 };

struct random_case {
    const struct format *f;
    size_t n;
    uint64_t x[MOST], dy[MOST];
    unsigned char mask[MOST];
};

static bool has_weight(const struct random_case *c, size_t i) { return c->mask[i] && word_is_finite(c->f, c->x[i]); }

static double normal(uint64_t *state)
{
    double sum = -6;
    for (int k = 0; k < 12; k++) sum += random_uniform(state);
    return sum;
}

static uint64_t random_dy(uint64_t *state, const struct format *f, size_t kind, size_t i)
{
    switch (kind) {
    case 0: return random_finite_word(state, f);
    case 1: return word_nearest(f, (double)random_below(state, 5) - 2);
    case 2: return word_nearest(f, i == 1 ? -1 : 0);
    case 3: return random_below(state, 3) ? 2 * random_below(state, 4) : word_max(f) | word_sign_bit(f);
    case 4: return word_nearest(f, 1 + (double)random_below(state, 2) * ldexp(1, 1 - f->precision));
    default: return word_nearest(f, 3 * normal(state));
    }
}

/* Sigma from 0.01 to 200, a few values many times, neighbours, subnormals; -inf among the valid entries, anything under
   the mask; dy of many scales, mostly equal, or of few values. */
static void make_row(struct random_case *c, uint64_t turn)
{
    uint64_t state = turn * 0x9e3779b97f4a7c15u, pool[3];
    const struct format *f = c->f = &formats[turn % FORMATS];
    size_t kind = random_below(&state, 6), dy_kind = random_below(&state, 8);
    double sigma = 0.01 * pow(20000, random_uniform(&state)), shift = random_below(&state, 2) ? 0 : 3 * sigma;
    c->n = 1 + random_below(&state, MOST);
    for (int i = 0; i < 3; i++) pool[i] = word_nearest(f, sigma * normal(&state));
    for (size_t i = 0; i < c->n; i++) {
        c->mask[i] = random_below(&state, 5) > 0;
        c->x[i] = kind == 0   ? pool[random_below(&state, 3)]
                  : kind == 1 ? pool[0] + random_below(&state, 3)
                  : kind == 2 ? random_below(&state, 4)
                              : word_nearest(f, sigma * normal(&state) + shift);
        c->dy[i] = random_dy(&state, f, dy_kind, i);
        if (kind == 5 && random_below(&state, 4) == 0) c->x[i] = word_inf(f) | word_sign_bit(f);
        if (!c->mask[i] && random_below(&state, 2) == 0) {
            c->x[i] = random_word(&state, f);
            c->dy[i] = random_word(&state, f);
        }
    }
    size_t sure = random_below(&state, c->n);
    if (!c->mask[sure]) c->dy[sure] = 0;
    if (!c->mask[sure] || !word_is_finite(f, c->x[sure])) c->x[sure] = pool[2];
    c->mask[sure] = 1;
}

/* Logits 0, -v .. -3v of v to 1500, and dy of few halves: rationals on edges and what is far below them. */
static void make_far_row(struct random_case *c, uint64_t turn)
{
    uint64_t state = turn * 0x9e3779b97f4a7c15u;
    c->f = &formats[turn % FORMATS];
    c->n = 3 + random_below(&state, 3);
    double v = ldexp(1 + (double)random_below(&state, 5) / 4, 5 + (int)random_below(&state, 6));
    for (size_t i = 0; i < c->n; i++) {
        c->mask[i] = 1;
        c->x[i] = word_nearest(c->f, i < 2 ? 0 : -v * (double)random_below(&state, 4));
        c->dy[i] = word_nearest(c->f, (double)random_below(&state, 9) / 2 - 2);
    }
}

static const char *spell(const struct random_case *c, int op)
{
    static char text[1000];
    int length = snprintf(text, sizeof text, "a %s %s ", op_names[op], c->f->name);
    for (size_t i = 0; i < c->n; i++) text[length++] = (char)('0' + c->mask[i]);
    for (size_t i = 0; i < (op == VJP ? 2 : 1) * c->n; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, " %0*llx", (int)c->f->digits,
                           (unsigned long long)(i < c->n ? c->x[i] : c->dy[i - c->n]));
    return text;
}

/* --- word and frac, rounded by hand --- */

/* `units` smallest steps 2^ulp of the exact magnitude, and the rest of it, in millionths of a step. */
static struct answer assemble(const struct format *f, bool negative, double units, int ulp, int side, int millionths)
{
    struct answer a = {.side = side, .millionths = millionths};
    double most = ldexp(ldexp(2, f->precision - 1) - 1, f->emax - f->precision + 1);
    if (ulp > f->emax - f->precision + 1 || ldexp(units, ulp) > most)
        a = (struct answer){.word = word_inf(f)};
    else
        a.word = machine_word(f, ldexp(units, ulp));
    if (!negative) return a;
    return (struct answer){a.word | word_sign_bit(f), -a.side, a.millionths};
}

static struct answer answer_of_mpfr(const struct format *f, mpfr_srcptr v)
{
    long e = mpfr_get_exp(v) - 1;
    int ulp = (int)(e < f->emin ? f->emin : e) - f->precision + 1;
    mpfr_t q, whole;
    mpfr_init2(q, mpfr_get_prec(v) + 64);
    mpfr_init2(whole, 64);
    mpfr_abs(q, v, MPFR_RNDN);
    mpfr_mul_2si(q, q, -ulp, MPFR_RNDN);
    mpfr_rint(whole, q, MPFR_RNDN); /* even where it is a tie: below 2^53 the 64 bits lose nothing */
    mpfr_sub(q, q, whole, MPFR_RNDN);
    int side = mpfr_sgn(q);
    mpfr_abs(q, q, MPFR_RNDN);
    mpfr_mul_ui(q, q, 1000000, MPFR_RNDN);
    struct answer a =
        assemble(f, mpfr_sgn(v) < 0, mpfr_get_d(whole, MPFR_RNDN), ulp, side, (int)mpfr_get_ui(q, MPFR_RNDZ));
    mpfr_clears(q, whole, (mpfr_ptr)0);
    return a;
}

static struct answer answer_of_mpq(const struct format *f, mpq_srcptr v)
{
    mpq_t q, whole, power;
    mpq_inits(q, whole, power, NULL);
    mpq_abs(q, v);
    int ulp = format_grid(f); /* the finest first: up until the magnitude has fewer bits than a word */
    mpq_set_ui(power, 1, 1);
    mpq_div_2exp(power, power, (mp_bitcnt_t)-ulp);
    mpq_div(q, q, power);
    mpq_set_ui(power, 1, 1);
    mpq_mul_2exp(power, power, (mp_bitcnt_t)f->precision);
    for (; mpq_cmp(q, power) >= 0; ulp++) mpq_div_2exp(q, q, 1);
    mpz_fdiv_q(mpq_numref(whole), mpq_numref(q), mpq_denref(q));
    mpq_sub(q, q, whole);
    int half = mpq_cmp_ui(q, 1, 2);
    if (half > 0 || (half == 0 && mpz_odd_p(mpq_numref(whole)))) {
        mpz_add_ui(mpq_numref(whole), mpq_numref(whole), 1);
        mpq_set_ui(power, 1, 1);
        mpq_sub(q, q, power);
    }
    int side = mpq_sgn(q);
    mpz_mul_ui(mpq_numref(q), mpq_numref(q), 1000000);
    mpz_tdiv_q(mpq_numref(q), mpq_numref(q), mpq_denref(q));
    int millionths = (int)labs(mpz_get_si(mpq_numref(q)));
    struct answer a = assemble(f, mpq_sgn(v) < 0, mpz_get_d(mpq_numref(whole)), ulp, side, millionths);
    mpq_clears(q, whole, power, NULL);
    return a;
}

/* --- brute force --- */

struct brute {
    mpfr_t p[MOST], sum, mean, log, v;
};

static void brute_init(struct brute *b, long bits)
{
    for (int i = 0; i < MOST; i++) mpfr_init2(b->p[i], bits);
    mpfr_inits2(bits, b->sum, b->mean, b->log, b->v, (mpfr_ptr)0);
}

static void brute_clear(struct brute *b)
{
    for (int i = 0; i < MOST; i++) mpfr_clear(b->p[i]);
    mpfr_clears(b->sum, b->mean, b->log, b->v, (mpfr_ptr)0);
}

/* The shares p, log S and the mean of dy, of the entries that have weight; no max is taken. */
static void brute_row(struct brute *b, const struct random_case *c)
{
    mpfr_set_zero(b->sum, 1);
    mpfr_set_zero(b->mean, 1);
    for (size_t i = 0; i < c->n; i++) {
        if (!has_weight(c, i)) continue;
        mpfr_set_d(b->p[i], machine_value(c->f, c->x[i]), MPFR_RNDN);
        mpfr_exp(b->p[i], b->p[i], MPFR_RNDN);
        mpfr_add(b->sum, b->sum, b->p[i], MPFR_RNDN);
    }
    mpfr_log(b->log, b->sum, MPFR_RNDN);
    for (size_t i = 0; i < c->n; i++) {
        if (!has_weight(c, i)) continue;
        mpfr_div(b->p[i], b->p[i], b->sum, MPFR_RNDN);
        mpfr_mul_d(b->v, b->p[i], machine_value(c->f, c->dy[i]), MPFR_RNDN);
        mpfr_add(b->mean, b->mean, b->v, MPFR_RNDN);
    }
}

static struct answer brute_entry(struct brute *b, const struct random_case *c, int op, size_t i)
{
    if (!has_weight(c, i)) return (struct answer){.word = op == VJP ? 0 : word_inf(c->f) | word_sign_bit(c->f)};
    if (op == VJP) {
        mpfr_d_sub(b->v, machine_value(c->f, c->dy[i]), b->mean, MPFR_RNDN);
        /* where it is 0 there is only what the roundings left, of a dy below 2^1024 */
        if (mpfr_zero_p(b->v) || mpfr_get_exp(b->v) < 1100 - mpfr_get_prec(b->v)) return (struct answer){0};
        mpfr_mul(b->v, b->v, b->p[i], MPFR_RNDN);
    } else
        mpfr_d_sub(b->v, machine_value(c->f, c->x[i]), b->log, MPFR_RNDN);
    return answer_of_mpfr(c->f, b->v);
}

/* Where all logits are equal the gradient is rational, and one logit alone has log p = 0: no case for brute force. */
static bool is_irrational(const struct random_case *c)
{
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < c->n; i++) {
        if (!has_weight(c, i)) continue;
        least = fmin(least, machine_value(c->f, c->x[i]));
        most = fmax(most, machine_value(c->f, c->x[i]));
    }
    return least < most;
}

static void compare_with_brute_force(void make(struct random_case *, uint64_t), long bits, int turns)
{
    struct brute b;
    brute_init(&b, bits);
    int compared = 0, zeros = 0;
    for (int turn = 0; turn < turns; turn++) {
        struct random_case c;
        make(&c, (uint64_t)turn);
        if (!is_irrational(&c)) continue;
        brute_row(&b, &c);
        for (int op = LOG_SOFTMAX; op <= VJP; op++) {
            struct answer found[MOST];
            cr_assert(truth_row_arb(op, c.f, c.n, c.x, op == VJP ? c.dy : NULL, c.mask, found), "%s", spell(&c, op));
            for (size_t i = 0; i < c.n; i++) {
                struct answer expected = brute_entry(&b, &c, op, i);
                cr_assert(same_answer(&expected, &found[i]),
                          "entry %zu of %s: expected %llx side %d .%06d, found %llx side %d .%06d", i, spell(&c, op),
                          (unsigned long long)expected.word, expected.side, expected.millionths,
                          (unsigned long long)found[i].word, found[i].side, found[i].millionths);
                compared++;
                zeros += op == VJP && has_weight(&c, i) && expected.side == 0;
            }
        }
    }
    cr_assert(compared > 4 * turns && zeros > turns / 60, "%d entries compared, %d exact zeros", compared, zeros);
    brute_clear(&b);
}

Test(truth_arb, as_by_brute_force) { compare_with_brute_force(make_row, 8000, 4000); }

Test(truth_arb, as_by_brute_force_far_below) { compare_with_brute_force(make_far_row, 40000, 300); }

/* All logits equal: g = (dy_i - mean dy)/k, ties and frac digits included. */
Test(truth_arb, rational_gradients)
{
    int ties = 0;
    mpq_t g, mean, dy;
    mpq_inits(g, mean, dy, NULL);
    for (uint64_t turn = 0; turn < 6000; turn++) {
        struct random_case c;
        struct answer found[MOST];
        make_row(&c, turn);
        uint64_t state = turn, x = random_finite_word(&state, c.f);
        unsigned long k = 0;
        mpq_set_ui(mean, 0, 1);
        for (size_t i = 0; i < c.n; i++) {
            if (!has_weight(&c, i)) continue;
            c.x[i] = x;
            k++;
            mpq_set_d(dy, machine_value(c.f, c.dy[i]));
            mpq_add(mean, mean, dy);
        }
        mpq_set_ui(g, 1, k);
        mpq_mul(mean, mean, g);
        cr_assert(truth_row_arb(VJP, c.f, c.n, c.x, c.dy, c.mask, found), "%s", spell(&c, VJP));
        for (size_t i = 0; i < c.n; i++) {
            struct answer expected = {0};
            if (has_weight(&c, i)) {
                mpq_set_d(dy, machine_value(c.f, c.dy[i]));
                mpq_sub(dy, dy, mean);
                mpq_set_ui(g, 1, k);
                mpq_mul(g, g, dy);
                expected = answer_of_mpq(c.f, g);
            }
            cr_assert(same_answer(&expected, &found[i]),
                      "entry %zu of %s: expected %llx side %d .%06d, found %llx side %d .%06d", i, spell(&c, VJP),
                      (unsigned long long)expected.word, expected.side, expected.millionths,
                      (unsigned long long)found[i].word, found[i].side, found[i].millionths);
            ties += expected.millionths == 500000;
        }
    }
    cr_assert(ties > 100, "only %d ties", ties);
    mpq_clears(g, mean, dy, NULL);
}
