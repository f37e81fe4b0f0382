/* test_truth_mpfr - log_softmax and vjp of the MPFR engine: rows worked by hand, rows whose answer is a rational in
   integers, thousands of rows against the plain formula with thousands of bits, and gaps too wide for that.
   SPDX-License-Identifier: MIT */
#include "other_words.h"
#include "random.h"
#include "truth.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { MOST = 12 };

struct row {
    int op;
    const struct format *f;
    size_t n;
    uint64_t x[MOST], dy[MOST];
    unsigned char mask[MOST];
};

static const char *spell(const struct row *r)
{
    static char text[1200];
    int length = snprintf(text, sizeof text, "%s %s ", op_names[r->op], r->f->name);
    for (size_t i = 0; i < r->n; i++) text[length++] = (char)('0' + r->mask[i]);
    for (size_t i = 0; i < (r->op == VJP ? 2 : 1) * r->n; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, " %0*llx", (int)r->f->digits,
                           (unsigned long long)(i < r->n ? r->x[i] : r->dy[i - r->n]));
    return text;
}

static bool decide_row(const struct row *r, struct answer *found)
{
    return truth_row_mpfr(r->op, r->f, r->n, r->x, r->op == VJP ? r->dy : NULL, r->mask, found);
}

static void check_entry(const struct row *r, size_t i, const struct answer *expected, const struct answer *found)
{
    cr_assert(same_answer(expected, found), "entry %zu of %s: expected %llx side %d .%06d, found %llx side %d .%06d", i,
              spell(r), (unsigned long long)expected->word, expected->side, expected->millionths,
              (unsigned long long)found->word, found->side, found->millionths);
}

static bool has_weight(const struct row *r, size_t i) { return r->mask[i] && word_is_finite(r->f, r->x[i]); }

/* --- by hand --- */

static void check_known(const char *answer_line)
{
    struct line line = {0};
    struct answer found[32];
    char *copy = strdup(answer_line);
    cr_assert(line_parse_answer(&line, copy), "%s: %s", answer_line, line.error);
    cr_assert(line.n <= 32 && truth_row_mpfr(line.op, line.format, line.n, line.x, line.dy, line.mask, found), "%s",
              answer_line);
    for (size_t i = 0; i < line.n; i++)
        cr_assert(same_answer(&found[i], &line.answer[i]), "%s, entry %zu: found %llx side %d .%06d", answer_line, i,
                  (unsigned long long)found[i].word, found[i].side, found[i].millionths);
    line_free(&line);
    free(copy);
}

Test(truth_mpfr, log_softmax_by_hand)
{
    static const char *const known[] = {
        /* a single finite logit: exactly 0; masked and -inf entries: exactly -inf */
        "a log_softmax f32 1 ff7fffff = 00000000",
        "a log_softmax f32 101 3f800000 cb800000 ff800000 = 00000000 ff800000 ff800000",
        "a log_softmax f16 0110 7e00 fc00 8000 7c00 = fc00 fc00 0000 fc00",
        /* 1 and -16777216: -16777217 is a midpoint, and the tail of 64 million bits decides */
        "a log_softmax f32 11 3f800000 cb800000 = 80000000-.000000 cb800001+.499999",
        "a log_softmax f32 11 40400000 cb800000 = 80000000-.000000 cb800002+.499999", /* -16777219 to ...220 */
        /* the same in f64: 1 and -2^53 */
        "a log_softmax f64 11 3ff0000000000000 c340000000000000 = 8000000000000000-.000000 c340000000000001+.499999",
        /* below the smallest subnormal: -exp(-200) in f32, no longer in f64 */
        "a log_softmax f32 11 00000000 c3480000 = 80000000-.000000 c3480000-.000000",
        /* max and -max: -2 max is no number; max and 0 just one */
        "a log_softmax f32 11 7f7fffff ff7fffff = 80000000-.000000 ff800000",
        "a log_softmax f32 11 7f7fffff 00000000 = 80000000-.000000 ff7fffff-.000000",
        "a log_softmax f64 11 7fefffffffffffff ffefffffffffffff = 8000000000000000-.000000 fff0000000000000",
        "a log_softmax f16 11 7bff fbff = 8000-.000000 fc00",
        /* max and -half an ulp of max: the threshold of overflow itself; the next word inward is below it */
        "a log_softmax f16 11 7bff cc00 = 8000-.000000 fc00",
        "a log_softmax f16 11 7bff cbff = 8000-.000000 fbff-.499755",
        "a log_softmax bf16 11 7f7f fb00 = 8000-.000000 ff80",
        /* -2^k less a hair: the ulp is that of the exact value's binade, here beyond the word */
        "a log_softmax f16 11 0000 e400 = 8000-.000000 e400-.000000",
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) check_known(known[i]);
}

Test(truth_mpfr, vjp_by_hand)
{
    static const char *const known[] = {
        /* one finite logit, equal dy, or groups of one mean: exactly 0 */
        "a vjp f32 1 3f800000 40400000 = 00000000",
        "a vjp f32 110 3f800000 ff800000 00000000 40400000 3f800000 7fc00000 = 00000000 00000000 00000000",
        "a vjp f16 111 3c00 4000 c000 4500 4500 4500 = 0000 0000 0000",
        "a vjp f16 1111 3c00 3c00 4000 4000 8000 0000 0000 8000 = 0000 0000 0000 0000",
        /* two groups, both of mean 2: zero for dy = 2 alone; here no entry of the first has it, one of the second */
        "a vjp f16 1111 5b00 5b00 db00 db00 3c00 4200 4000 4000 = b800+.000000 3800-.000000 0000 0000",
        /* equal logits: (dy_i - mean)/k.  0 and 1: -1/4, 1/4 */
        "a vjp f64 11 0000000000000000 8000000000000000 0000000000000000 3ff0000000000000 "
        "= bfd0000000000000 3fd0000000000000",
        "a vjp f16 11 0000 0000 0001 0000 = 0000+.250000 8000-.250000",  /* a quarter of the smallest */
        "a vjp f16 11 0000 0000 0002 0000 = 0000+.500000 8000-.500000",  /* a tie: to even, which is 0 */
        "a vjp f16 11 0000 0000 0006 0000 = 0002-.500000 8002+.500000",  /* 1.5: to 2 */
        "a vjp f16 11 0000 0000 000a 0000 = 0002+.500000 8002-.500000",  /* 2.5: to 2 */
        "a vjp bf16 11 0000 0000 4301 bc00 = 4201+.007812 c201-.007812", /* 129.0078125 / 4 = 32.251953125 */
        "a vjp bf16 11 0000 0000 4301 bf00 = 4202-.500000 c202+.500000", /* 129.5 / 4 = 32.375, even is 32.5 */
        "a vjp bf16 11 0000 0000 4300 bf00 = 4200+.500000 c200-.500000",
        /* this tie less or more what a far group gives, (2 D_1 - 2 D_0) / 8 times t = e^(v_1 - v_0) to the first order:
           of entry 0, D_0 = 129.5 and D_1 = 129: less; of entry 1, D_0 = -129.5 and D_1 = -0.5: more */
        "a vjp bf16 111 7f00 7f00 0000 4301 bf00 0000 = 4201+.499999 c201-.499999 8000-.000000",
        /* dy_2 = dy_1 = -0.5: for entry 0 now D_1 = D_0, and the second order is left, -D_0 t^2 / 4: less */
        "a vjp bf16 111 7f00 7f00 0000 4301 bf00 bf00 = 4201+.499999 c201-.499999 8000-.000000",
        /* a maximum alone has D_0 = 0, and e^-1000 of D_1 */
        "a vjp f32 11 00000000 c47a0000 3f800000 00000000 = 00000000+.000000 80000000-.000000",
        "a vjp f32 11 00000000 c47a0000 00000000 3f800000 = 80000000-.000000 00000000+.000000",
        /* the same with two groups below, e^-140 * 2^-15 - e^-148 < 0: what is far from the top is near the lead */
        "a vjp f16 111 0000 d860 d8a0 0000 8200 3c00 = 8000-.000000 8000-.000000 0000+.000000",
        /* D_0 = 8 units, and with t = e^-16384 what entry 0 leans by is 4 (-dy_2 t - dy_3 t^2 - dy_4 t^3) less
           8 (t + t^2 + t^3)^2: t and t^2 cancel, t^3 has 12 - 16, 20 - 16, or 0 and then t^4 has -24 */
        "a vjp f16 11111 0000 0000 f400 f800 fa00 0008 0000 0000 8002 8003 "
        "= 0002-.000000 8002+.000000 8000-.000000 8000-.000000 8000-.000000",
        "a vjp f16 11111 0000 0000 f400 f800 fa00 0008 0000 0000 8002 8005 "
        "= 0002+.000000 8002+.000000 8000-.000000 8000-.000000 8000-.000000",
        "a vjp f16 11111 0000 0000 f400 f800 fa00 0008 0000 0000 8002 8004 "
        "= 0002-.000000 8002+.000000 8000-.000000 8000-.000000 8000-.000000",
        /* max and -max of everything */
        "a vjp f16 11 7bff fbff fbff 7bff = 8000-.000000 0000+.000000",
        "a vjp f64 11 7fefffffffffffff ffefffffffffffff ffefffffffffffff 7fefffffffffffff "
        "= 8000000000000000-.000000 0000000000000000+.000000",
        "a vjp f64 11 0000000000000000 0000000000000000 ffefffffffffffff 7fefffffffffffff "
        "= ffdfffffffffffff 7fdfffffffffffff",
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) check_known(known[i]);
}

/* Logits 0, 0 and 95 groups from -500 down in steps of 8.  One of these alone has a linear coefficient for entry 0: it
   decides while it is larger than the square, which is e^-1000 times something near -1. */
Test(truth_mpfr, vjp_by_the_square_of_many_far_groups)
{
    enum { FAR = 95, N = FAR + 2 };
    const struct format *f = &formats[F16];
    uint64_t x[N] = {0}, dy[N];
    unsigned char mask[N];
    /* dy_0 = 6 grid units, dy_1 = 0: D_0/4 = 6/4, a tie of words, to even 2; just below it 1 */
    for (size_t other = 0; other < FAR; other++) {
        struct answer found[N], below = {1, 1, 499999}, above = {2, -1, 499999};
        for (size_t i = 0; i < N; i++) {
            mask[i] = 1;
            if (i >= 2) x[i] = machine_word(f, -500 - 8 * (double)(i - 2));
            dy[i] = i == 0 ? 6 : 0; /* 2 mean - dy_0 = 0: the linear coefficients of entry 0 vanish */
        }
        dy[2 + other] = 0x8001; /* but for this one: D_1 = 7 > D_0 = 6, more */
        cr_assert(truth_row_mpfr(VJP, f, N, x, dy, mask, found), "undecided with group %zu", other);
        const struct answer *expected = 500 + 8 * other < 1000 ? &above : &below;
        cr_assert(same_answer(&found[0], expected), "group %zu: found %llx side %d .%06d", other,
                  (unsigned long long)found[0].word, found[0].side, found[0].millionths);
    }
}

/* What a thread has cached is released, and made again when it is needed. */
Test(truth_mpfr, cleanup_leaves_a_usable_engine)
{
    for (int turn = 0; turn < 3; turn++) {
        check_known("a log_softmax f32 11 00000000 c3480000 = 80000000-.000000 c3480000-.000000");
        check_known("a vjp f32 11 00000000 c47a0000 3f800000 00000000 = 00000000+.000000 80000000-.000000");
        truth_cleanup_mpfr();
        truth_cleanup_mpfr();
    }
}

/* --- rationals: all logits equal --- */

/* The answer for any rational below the format's overflow, in integers; rational_answer knows (0, 1] only. */
static struct answer any_rational(const struct format *f, mpq_srcptr p)
{
    struct answer a = {0};
    mpq_t q, whole;
    if (mpq_sgn(p) == 0) return a;
    mpq_inits(q, whole, NULL);
    mpq_abs(q, p);
    mpq_set_ui(whole, 1, 1);
    int e = 0; /* floor(log2 q) */
    for (; mpq_cmp(q, whole) < 0; e--) mpq_div_2exp(whole, whole, 1);
    for (mpq_mul_2exp(whole, whole, 1); mpq_cmp(q, whole) >= 0; e++) mpq_mul_2exp(whole, whole, 1);
    int ulp = (e < f->emin ? f->emin : e) - f->precision + 1;
    ulp < 0 ? mpq_mul_2exp(q, q, (mp_bitcnt_t)-ulp) : mpq_div_2exp(q, q, (mp_bitcnt_t)ulp);
    mpq_set_ui(whole, 0, 1);
    mpz_fdiv_q(mpq_numref(whole), mpq_numref(q), mpq_denref(q));
    mpq_sub(q, q, whole);
    int half = mpq_cmp_ui(q, 1, 2);
    a.side = mpq_sgn(q);
    if (half > 0 || (half == 0 && mpz_odd_p(mpq_numref(whole)))) {
        mpz_add_ui(mpq_numref(whole), mpq_numref(whole), 1);
        a.side = -1;
        mpq_neg(q, q);
        mpz_add(mpq_numref(q), mpq_numref(q), mpq_denref(q));
    }
    a.word = machine_word(f, ldexp((double)mpz_get_ui(mpq_numref(whole)), ulp));
    mpz_mul_ui(mpq_numref(q), mpq_numref(q), 1000000);
    mpz_fdiv_q(mpq_numref(q), mpq_numref(q), mpq_denref(q));
    a.millionths = (int)mpz_get_ui(mpq_numref(q));
    if (mpq_sgn(p) < 0) {
        a.side = -a.side;
        a.word |= word_sign_bit(f);
    }
    mpq_clears(q, whole, NULL);
    return a;
}

/* Small integers with many ties, neighbours of one word, or anything. */
static uint64_t some_dy(uint64_t *state, const struct format *f, size_t kind, uint64_t base)
{
    if (kind == 0) return machine_word(f, (double)random_below(state, 9) - 4);
    if (kind == 1) return base ^ random_below(state, 4);
    if (kind == 2) return random_below(state, 16) | (random_below(state, 2) ? word_sign_bit(f) : 0); /* subnormal */
    return random_finite_word(state, f);
}

/* (dy_i - mean dy)/k, ties to even. */
Test(truth_mpfr, vjp_of_equal_logits_is_the_rational)
{
    uint64_t state = 11;
    int ties = 0;
    mpq_t mean, g, k;
    mpq_inits(mean, g, k, NULL);
    for (int turn = 0; turn < 20000; turn++) {
        const struct format *f = &formats[turn % FORMATS];
        struct row r = {.op = VJP, .f = f, .n = 1 + random_below(&state, MOST)};
        struct answer found[MOST], none = {0};
        uint64_t x = random_finite_word(&state, f), base = random_finite_word(&state, f) & ~3ull;
        size_t kind = random_below(&state, 4);
        unsigned long count = 0;
        mpq_set_ui(mean, 0, 1);
        for (size_t i = 0; i < r.n; i++) {
            r.mask[i] = i == 0 || random_below(&state, 4) > 0;
            r.x[i] = r.mask[i] ? x : random_word(&state, f);
            r.dy[i] = r.mask[i] ? some_dy(&state, f, kind, base) : random_word(&state, f);
            if (!r.mask[i]) continue;
            count++;
            mpq_set_d(g, machine_value(f, r.dy[i]));
            mpq_add(mean, mean, g);
        }
        mpq_set_ui(k, count, 1);
        mpq_div(mean, mean, k);
        cr_assert(decide_row(&r, found), "%s", spell(&r));
        for (size_t i = 0; i < r.n; i++) {
            if (r.mask[i]) {
                mpq_set_d(g, machine_value(f, r.dy[i]));
                mpq_sub(g, g, mean);
                mpq_div(g, g, k);
            }
            struct answer expected = r.mask[i] ? any_rational(f, g) : none;
            check_entry(&r, i, &expected, &found[i]);
            ties += expected.millionths == 500000;
        }
    }
    cr_assert(ties > 500, "only %d ties", ties);
    mpq_clears(mean, g, k, NULL);
}

/* --- the plain formula with so many bits that they see everything --- */

enum { BITS = 8000, PLAIN_TURNS = 4000, WIDEST = 1100 };

struct brute {
    mpfr_t e[MOST], sum, mean, max, value;
};

static void brute_init(struct brute *b)
{
    for (int i = 0; i < MOST; i++) mpfr_init2(b->e[i], BITS);
    mpfr_inits2(BITS, b->sum, b->mean, b->max, b->value, (mpfr_ptr)0);
}

static void brute_clear(struct brute *b)
{
    for (int i = 0; i < MOST; i++) mpfr_clear(b->e[i]);
    mpfr_clears(b->sum, b->mean, b->max, b->value, (mpfr_ptr)0);
}

/* e_i = exp(x_i - max), their sum, and the sum of e_i dy_i / sum.  False: the logits are too far apart for BITS, or
   all equal (the answers are rationals then, which are for others). */
static bool brute_prepare(struct brute *b, const struct row *r, double widest)
{
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < r->n; i++) {
        if (!has_weight(r, i)) continue;
        least = fmin(least, machine_value(r->f, r->x[i]));
        most = fmax(most, machine_value(r->f, r->x[i]));
    }
    if (most - least > widest || most == least) return false;
    mpfr_set_zero(b->sum, 1);
    mpfr_set_zero(b->mean, 1);
    mpfr_set_d(b->max, most, MPFR_RNDN);
    for (size_t i = 0; i < r->n; i++) {
        if (!has_weight(r, i)) continue;
        mpfr_d_sub(b->e[i], machine_value(r->f, r->x[i]), b->max, MPFR_RNDN);
        mpfr_exp(b->e[i], b->e[i], MPFR_RNDN);
        mpfr_add(b->sum, b->sum, b->e[i], MPFR_RNDN);
        if (r->op != VJP) continue;
        mpfr_mul_d(b->value, b->e[i], machine_value(r->f, r->dy[i]), MPFR_RNDN);
        mpfr_add(b->mean, b->mean, b->value, MPFR_RNDN);
    }
    mpfr_div(b->mean, b->mean, b->sum, MPFR_RNDN);
    return true;
}

static struct answer brute_answer(struct brute *b, const struct row *r, size_t i)
{
    struct answer none = {.word = r->op == LOG_SOFTMAX ? word_inf(r->f) | word_sign_bit(r->f) : 0};
    if (!has_weight(r, i)) return none;
    if (r->op == LOG_SOFTMAX) {
        mpfr_log(b->value, b->sum, MPFR_RNDN);
        mpfr_add(b->value, b->value, b->max, MPFR_RNDN);
        mpfr_d_sub(b->value, machine_value(r->f, r->x[i]), b->value, MPFR_RNDN);
    } else {
        mpfr_d_sub(b->value, machine_value(r->f, r->dy[i]), b->mean, MPFR_RNDN);
        mpfr_mul(b->value, b->value, b->e[i], MPFR_RNDN);
        mpfr_div(b->value, b->value, b->sum, MPFR_RNDN);
    }
    /* Below any value of such a row, above the roundings of 0: 2^-1074 e^(-2 * WIDEST) is 2^-4249,
       and e^(-4 gap) below 2^-4617. */
    if (mpfr_zero_p(b->value) || mpfr_get_exp(b->value) < -5000) return none;
    bool negative = mpfr_sgn(b->value) < 0;
    mpfr_abs(b->value, b->value, MPFR_RNDN);
    struct answer a = mpfr_answer(r->f, b->value);
    if (negative) {
        a.word |= word_sign_bit(r->f);
        a.side = -a.side;
    }
    return a;
}

/* Logits: like numbers in use, of few values, or steps so far apart that the groups below only lean. */
static void make_row(struct row *r, int op, size_t turn)
{
    uint64_t state = turn * 0x9e3779b97f4a7c15u + (uint64_t)op;
    const struct format *f = &formats[turn % FORMATS];
    *r = (struct row){.op = op, .f = f, .n = 1 + random_below(&state, MOST)};
    size_t kind = random_below(&state, 6), dy_kind = random_below(&state, 6);
    double sigma = 0.1 * pow(1000, random_uniform(&state)), step = 64 * (double)(1 + random_below(&state, 4));
    uint64_t base = random_finite_word(&state, f) & ~3ull, hot = random_below(&state, MOST);
    for (size_t i = 0; i < r->n; i++) {
        double spread = sigma * (random_uniform(&state) + random_uniform(&state) - 1);
        r->mask[i] = i == 0 || random_below(&state, 5) > 0;
        r->x[i] = kind == 0   ? machine_word(f, -(double)random_below(&state, 3))
                  : kind == 1 ? machine_word(f, -step * (double)random_below(&state, 5))
                  : kind == 2 ? machine_word(f, -step * (double)(2 * random_below(&state, 2)))
                  : kind == 3 ? machine_word(f, random_below(&state, 3) ? -512 - (double)random_below(&state, 3) : 0)
                              : word_nearest(f, spread);
        r->dy[i] = dy_kind == 4   ? machine_word(f, i == hot)
                   : dy_kind == 5 ? word_nearest(f, random_uniform(&state) - 0.5)
                                  : some_dy(&state, f, dy_kind, base);
        if (random_below(&state, 16) == 0 && i > 0) r->x[i] = word_inf(f) | word_sign_bit(f);
        if (!r->mask[i] && random_below(&state, 2)) r->x[i] = r->dy[i] = random_word(&state, f);
    }
}

static void compare_plain(int op)
{
    struct brute b;
    int compared = 0;
    brute_init(&b);
    for (size_t turn = 0; turn < PLAIN_TURNS; turn++) {
        struct row r;
        struct answer found[MOST];
        make_row(&r, op, turn);
        cr_assert(decide_row(&r, found), "undecided: %s", spell(&r));
        if (!brute_prepare(&b, &r, WIDEST)) continue;
        compared++;
        for (size_t i = 0; i < r.n; i++) {
            struct answer expected = brute_answer(&b, &r, i);
            check_entry(&r, i, &expected, &found[i]);
        }
    }
    cr_assert(compared > PLAIN_TURNS / 2, "only %d rows were compared", compared);
    brute_clear(&b);
}

Test(truth_mpfr, log_softmax_as_the_plain_formula) { compare_plain(LOG_SOFTMAX); }
Test(truth_mpfr, vjp_as_the_plain_formula) { compare_plain(VJP); }

/* --- gaps that no precision spans --- */

/* Logits 0, -T, -2T and small dy give the same gradients for a T of 800, where what is far underflows in any format
   and the plain formula still sees it, and for a larger one: all that matters is the order of the products. */
Test(truth_mpfr, vjp_across_gaps_of_any_width)
{
    static const double widest[FORMATS] = {0x1p1021, 0x1p125, 0x1p125, 0x1p14};
    struct brute b;
    const double gap = 800;
    int leaning = 0;
    brute_init(&b);
    for (int turn = 0; turn < 3000; turn++) {
        uint64_t state = (uint64_t)turn * 0x9e3779b97f4a7c15u + 99;
        const struct format *f = &formats[turn % FORMATS];
        struct row near = {.op = VJP, .f = f, .n = 2 + random_below(&state, 6)}, far;
        struct answer found[MOST];
        for (size_t i = 0; i < near.n; i++) {
            near.mask[i] = 1;
            near.x[i] = machine_word(f, i < 2 ? 0 : -gap * (double)random_below(&state, 3));
            near.dy[i] = machine_word(f, (double)random_below(&state, 5) - 2);
        }
        far = near;
        for (size_t i = 0; i < far.n; i++)
            far.x[i] = machine_word(f, machine_value(f, near.x[i]) / gap * widest[turn % FORMATS]);
        if (!brute_prepare(&b, &near, 2 * gap)) continue;
        cr_assert(decide_row(&far, found), "undecided: %s", spell(&far));
        for (size_t i = 0; i < far.n; i++) {
            struct answer expected = brute_answer(&b, &near, i);
            check_entry(&far, i, &expected, &found[i]);
            leaning += expected.side != 0 && (expected.millionths == 0 || expected.millionths == 499999);
        }
    }
    cr_assert(leaning > 500, "only %d entries leaned", leaning);
    brute_clear(&b);
}
