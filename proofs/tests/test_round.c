/* test_round - from an enclosure to word and frac: round_between against MPFR's own rounding, at both sides of every
   border of the 16-bit formats; round_share and round_ratio against exact rational arithmetic.
   SPDX-License-Identifier: MIT */
#include "other_words.h"
#include "random.h"
#include "round.h"

#include <criterion/criterion.h>
#include <math.h>

enum { BITS = 512, WORDS_AT_RANDOM = 20000 };

/* --- round_between --- */

struct bench {
    struct rounder rounder, shorter; /* the second as it comes, with fewer bits than the enclosures have */
    mpfr_t point, half_width, lo, hi, inside;
};

static void bench_init(struct bench *b)
{
    rounder_init(&b->rounder);
    rounder_init(&b->shorter);
    mpfr_set_prec(b->rounder.scaled, BITS + 32); /* as the oracle does: beyond the working precision */
    mpfr_inits2(BITS, b->point, b->half_width, b->lo, b->hi, b->inside, (mpfr_ptr)0);
}

static void bench_clear(struct bench *b)
{
    rounder_clear(&b->rounder);
    rounder_clear(&b->shorter);
    mpfr_clears(b->point, b->half_width, b->lo, b->hi, b->inside, (mpfr_ptr)0);
    mpfr_free_cache();
}

static void say_where(const struct bench *b, const struct format *f, const char *what, char where[200])
{
    mpfr_snprintf(where, 200, "%s, %s, %.40Ra < p < %.40Ra", f->name, what, b->lo, b->hi);
}

/* Every real in (lo, hi) has one answer, that of `inside`. */
static void check_decided(struct bench *b, const struct format *f, const char *what)
{
    struct answer expected = mpfr_answer(f, b->inside), found = {0}, roughly = expected;
    bool decided = round_between(&b->rounder, f, b->lo, b->hi, &found);
    bool guessed = round_between(&b->shorter, f, b->lo, b->hi, &roughly) && !same_answer(&expected, &roughly);
    if (decided && same_answer(&expected, &found) && !guessed) return;
    char where[200];
    say_where(b, f, what, where);
    cr_assert(decided, "%s: decidable, but refused", where);
    cr_assert_not(guessed, "%s: guessed, where the scratch number has too few bits", where);
    cr_assert_fail("%s: expected %llx side %d .%06d, found %llx side %d .%06d", where,
                   (unsigned long long)expected.word, expected.side, expected.millionths,
                   (unsigned long long)found.word, found.side, found.millionths);
}

/* (lo, hi) holds a border, so its reals have two answers; unless both are infinity. */
static void check_refused(struct bench *b, const struct format *f, const char *what)
{
    struct answer found = {0};
    if (mpfr_sgn(b->lo) <= 0 || mpfr_answer(f, b->lo).word == word_inf(f)) return;
    bool decided = round_between(&b->rounder, f, b->lo, b->hi, &found);
    if (!decided && !round_between(&b->shorter, f, b->lo, b->hi, &found)) return;
    char where[200];
    say_where(b, f, what, where);
    cr_assert_fail("%s: decided as %llx side %d .%06d", where, (unsigned long long)found.word, found.side,
                   found.millionths);
}

/* b->point is a border: the open intervals at either side of it have answers, an interval across it has none. */
static void check_border(struct bench *b, const struct format *f, int spacing, const char *what)
{
    mpfr_t tiny;
    mpfr_init2(tiny, 64);
    mpfr_set_ui_2exp(tiny, 1, spacing - 256, MPFR_RNDN);
    if (mpfr_sgn(b->point) > 0) {
        mpfr_sub(b->lo, b->point, tiny, MPFR_RNDN);
        mpfr_set(b->hi, b->point, MPFR_RNDN);
        mpfr_mul_d(tiny, tiny, 0.375, MPFR_RNDN);
        mpfr_sub(b->inside, b->point, tiny, MPFR_RNDN);
        check_decided(b, f, what);
        mpfr_add(b->hi, b->point, tiny, MPFR_RNDN);
        check_refused(b, f, what);
    }
    mpfr_add(b->hi, b->point, tiny, MPFR_RNDN);
    mpfr_div_ui(tiny, tiny, 2, MPFR_RNDN);
    mpfr_add(b->inside, b->point, tiny, MPFR_RNDN);
    mpfr_set(b->lo, mpfr_sgn(b->point) > 0 ? b->point : tiny, MPFR_RNDN);
    if (mpfr_sgn(b->point) == 0) mpfr_mul_d(b->inside, tiny, 1.5, MPFR_RNDN);
    check_decided(b, f, what);
    mpfr_clear(tiny);
}

/* point = value + millionths of a spacing: dyadic only now and then, so the border itself is kept out. */
static void check_decimal(struct bench *b, const struct format *f, double value, int spacing, unsigned long millionths)
{
    mpfr_set_ui_2exp(b->half_width, 1, spacing - 256, MPFR_RNDN);
    mpfr_set_ui_2exp(b->point, millionths, spacing, MPFR_RNDN);
    mpfr_div_ui(b->point, b->point, 1000000, MPFR_RNDN);
    mpfr_add_d(b->point, b->point, value, MPFR_RNDN);
    for (int sign = -1; sign <= 1; sign += 2) {
        mpfr_mul_si(b->inside, b->half_width, 3 * sign, MPFR_RNDN);
        mpfr_add(b->inside, b->point, b->inside, MPFR_RNDN);
        mpfr_sub(b->lo, b->inside, b->half_width, MPFR_RNDN);
        mpfr_add(b->hi, b->inside, b->half_width, MPFR_RNDN);
        check_decided(b, f, "beside a decimal");
    }
    mpfr_sub(b->lo, b->point, b->half_width, MPFR_RNDN);
    mpfr_add(b->hi, b->point, b->half_width, MPFR_RNDN);
    check_refused(b, f, "across a decimal");
}

/* point = value + (cell + 1/2) millionths: an enclosure nearly as wide as the cell is enough, a wider one is not. */
static void check_cell(struct bench *b, const struct format *f, double value, int spacing, unsigned long cell)
{
    mpfr_set_ui_2exp(b->half_width, 1, spacing, MPFR_RNDN);
    mpfr_div_ui(b->half_width, b->half_width, 1000000, MPFR_RNDN); /* one cell */
    mpfr_mul_d(b->inside, b->half_width, (double)cell + 0.5, MPFR_RNDN);
    mpfr_add_d(b->inside, b->inside, value, MPFR_RNDN);
    mpfr_mul_d(b->half_width, b->half_width, 0.499, MPFR_RNDN);
    mpfr_sub(b->lo, b->inside, b->half_width, MPFR_RNDN);
    mpfr_add(b->hi, b->inside, b->half_width, MPFR_RNDN);
    check_decided(b, f, "inside a cell");
    mpfr_mul_d(b->half_width, b->half_width, 1.01, MPFR_RNDN);
    mpfr_sub(b->lo, b->inside, b->half_width, MPFR_RNDN);
    mpfr_add(b->hi, b->inside, b->half_width, MPFR_RNDN);
    check_refused(b, f, "wider than a cell");
}

/* All borders that belong to the nonnegative word w: itself, the midpoint above it, decimals between. */
static void check_word(struct bench *b, const struct format *f, uint64_t w, uint64_t *state)
{
    static const unsigned long decimals[] = {1, 499999, 500001, 999999};
    double value = machine_value(f, w);
    uint64_t above = w == word_max(f) ? w : w + 1;
    int spacing = ilogb(machine_value(f, above) - machine_value(f, above - 1));
    mpfr_set_d(b->point, value, MPFR_RNDN);
    check_border(b, f, spacing, "at a word");
    mpfr_set_ui_2exp(b->point, 1, spacing - 1, MPFR_RNDN);
    mpfr_add_d(b->point, b->point, value, MPFR_RNDN);
    check_border(b, f, spacing, "at a midpoint");
    check_decimal(b, f, value, spacing, decimals[random_below(state, 4)]);
    check_decimal(b, f, value, spacing, 1 + random_below(state, 999999));
    check_cell(b, f, value, spacing, random_below(state, 1000000));
}

Test(round, round_between_at_every_border_of_the_16_bit_formats)
{
    struct bench b;
    uint64_t state = 1;
    bench_init(&b);
    for (int i = BF16; i <= F16; i++)
        for (uint64_t w = 0; w <= word_max(&formats[i]); w++) check_word(&b, &formats[i], w, &state);
    bench_clear(&b);
}

Test(round, round_between_at_binades_and_at_random_in_f32_and_f64)
{
    struct bench b;
    uint64_t state = 2;
    bench_init(&b);
    for (const struct format *f = formats; f <= &formats[F32]; f++) {
        uint64_t unit = 1ull << (f->precision - 1);
        for (uint64_t w = 0; w < word_inf(f); w += unit) { /* the borders of all binades, and their neighbours */
            check_word(&b, f, w, &state);
            check_word(&b, f, w + 1, &state);
            check_word(&b, f, w + unit - 1, &state);
        }
        for (int e = 0; e < f->precision - 1; e++) check_word(&b, f, 1ull << e, &state); /* subnormal powers of two */
        for (int i = 0; i < WORDS_AT_RANDOM; i++)
            check_word(&b, f, word_magnitude(f, random_finite_word(&state, f)), &state);
    }
    bench_clear(&b);
}

/* Worked by hand in f32: at 1/2 the spacing is 2^-24 above and 2^-25 below, and below is what counts.
   The p meant lies a hair above the number given, which from a word above it is nearer than that number. */
Test(round, the_ulp_just_below_a_power_of_two_is_half_as_large)
{
    static const struct {
        double p;
        struct answer answer;
    } by_hand[] = {
        {0.5 + 0.25 * 0x1p-24, {0x3f000000, 1, 250000}},
        {0.5 - 0.25 * 0x1p-25, {0x3f000000, -1, 249999}},
        {0.5 - 0.75 * 0x1p-25, {0x3effffff, 1, 250000}},
        {0x1p-126 - 0.25 * 0x1p-149, {0x00800000, -1, 249999}}, /* subnormals are as far apart as these normals */
        {0x1p-126 + 0.25 * 0x1p-149, {0x00800000, 1, 250000}},
        {0.25 * 0x1p-149, {0, 1, 250000}},
        {0.75 * 0x1p-149, {1, -1, 249999}},
    };
    struct bench b;
    bench_init(&b);
    for (size_t i = 0; i < sizeof by_hand / sizeof *by_hand; i++) {
        struct answer found = {0};
        mpfr_set_d(b.lo, by_hand[i].p, MPFR_RNDN);
        mpfr_mul_d(b.hi, b.lo, 1 + 0x1p-50, MPFR_RNDN);
        cr_assert(
            round_between(&b.rounder, &formats[F32], b.lo, b.hi, &found) && same_answer(&found, &by_hand[i].answer),
            "%a: found %llx side %d .%06d", by_hand[i].p, (unsigned long long)found.word, found.side, found.millionths);
    }
    bench_clear(&b);
}

/* --- round_share --- */

static void check_share(struct rounder *rounder, const struct format *f, unsigned long k)
{
    /* 1/k, then a hair below: the whole of the interval that round.h allows has one answer */
    static const unsigned hairs[] = {0, 121, 124, 1000};
    mpq_t share, hair, p;
    mpq_inits(share, hair, p, NULL);
    mpq_set_ui(share, 1, k);
    for (size_t i = 0; i < sizeof hairs / sizeof *hairs; i++) {
        struct answer found = {0};
        mpq_set_ui(hair, hairs[i] != 0, 1);
        mpq_div_2exp(hair, hair, hairs[i]);
        mpq_sub(p, share, hair);
        struct answer expected = rational_answer(f, p);
        round_share(rounder, f, k, hairs[i] != 0, &found);
        cr_assert(same_answer(&expected, &found),
                  "%s, 1/%lu less %u: expected %llx side %d .%06d, found %llx side %d .%06d", f->name, k, hairs[i],
                  (unsigned long long)expected.word, expected.side, expected.millionths, (unsigned long long)found.word,
                  found.side, found.millionths);
    }
    mpq_clears(share, hair, p, NULL);
}

Test(round, round_share_is_the_rational)
{
    struct rounder rounder;
    uint64_t state = 3;
    rounder_init(&rounder);
    for (const struct format *f = formats; f < formats + FORMATS; f++) {
        for (unsigned long k = 1; k <= 5000; k++) check_share(&rounder, f, k);
        for (int e = 13; e <= 24; e++)
            for (unsigned long k = (1ul << e) - 3; k <= (1ul << e) + 3 && k <= LINE_MAX_N; k++)
                check_share(&rounder, f, k);
        for (int i = 0; i < 2000; i++) check_share(&rounder, f, 1 + random_below(&state, LINE_MAX_N));
    }
    rounder_clear(&rounder);
}

/* 1/3 is 11184810.666... * 2^-25, the f32 word 3eaaaaab is 11184811 * 2^-25: a third of an ulp too large. */
Test(round, shares_worked_by_hand)
{
    static const struct {
        int format;
        unsigned long k;
        bool below;
        struct answer answer;
    } by_hand[] = {
        {F32, 1, false, {0x3f800000, 0, 0}},      {F32, 1, true, {0x3f800000, -1, 0}},
        {F32, 2, false, {0x3f000000, 0, 0}},      {F32, 3, false, {0x3eaaaaab, -1, 333333}},
        {F32, 3, true, {0x3eaaaaab, -1, 333333}}, {F16, 1 << 24, false, {0x0001, 0, 0}},
        {F16, 1 << 24, true, {0x0001, -1, 0}},    {F16, 3, false, {0x3555, 1, 333333}},
        {BF16, 3, false, {0x3eab, -1, 333333}},   {F64, 3, false, {0x3fd5555555555555, 1, 333333}},
    };
    struct rounder rounder;
    rounder_init(&rounder);
    for (size_t i = 0; i < sizeof by_hand / sizeof *by_hand; i++) {
        struct answer found = {0};
        const struct format *f = &formats[by_hand[i].format];
        round_share(&rounder, f, by_hand[i].k, by_hand[i].below, &found);
        cr_assert(same_answer(&found, &by_hand[i].answer), "%s 1/%lu%s: found %llx side %d .%06d", f->name,
                  by_hand[i].k, by_hand[i].below ? " below" : "", (unsigned long long)found.word, found.side,
                  found.millionths);
    }
    rounder_clear(&rounder);
}

/* --- round_ratio --- */

/* The answer for p smallest subnormals, by long division; a p that overflows is infinity. */
static struct answer units_by_definition(const struct format *f, mpq_srcptr p)
{
    struct answer a = {0};
    mpz_t whole, rest;
    mpz_inits(whole, rest, NULL);
    mpz_abs(rest, mpq_numref(p));
    long ulp = 0; /* the number of halvings until less than 2^precision is left */
    mpz_set_ui(whole, 1);
    mpz_mul_2exp(whole, whole, (mp_bitcnt_t)f->precision);
    mpz_mul(whole, whole, mpq_denref(p));
    for (; mpz_cmp(rest, whole) >= 0; ulp++) mpz_mul_2exp(whole, whole, 1);
    mpz_mul_2exp(whole, mpq_denref(p), (mp_bitcnt_t)ulp); /* so many are one ulp */
    mpz_t divisor;
    mpz_init_set(divisor, whole);
    mpz_fdiv_qr(whole, rest, rest, divisor);
    mpz_mul_2exp(rest, rest, 1);
    int half = mpz_cmp(rest, divisor);
    a.side = mpz_sgn(rest);
    mpz_fdiv_q_2exp(rest, rest, 1);
    if (half > 0 || (half == 0 && mpz_odd_p(whole))) {
        mpz_add_ui(whole, whole, 1);
        mpz_sub(rest, divisor, rest);
        a.side = -1;
    }
    mpz_mul_ui(rest, rest, 1000000);
    mpz_fdiv_q(rest, rest, divisor);
    a.millionths = (int)mpz_get_ui(rest);
    /* words are in the order of their values: from one binade to the next there are 2^(precision - 1) */
    a.word = mpz_get_ui(whole) + ((uint64_t)ulp << (f->precision - 1));
    if (a.word >= word_inf(f)) a = (struct answer){.word = word_inf(f)};
    mpz_clears(whole, rest, divisor, NULL);
    if (mpq_sgn(p) < 0) {
        a.word |= word_sign_bit(f);
        a.side = -a.side;
    }
    return a;
}

static void check_ratio(struct rounder *rounder, const struct format *f, mpz_srcptr num, unsigned long den)
{
    mpq_t p, hair;
    mpq_inits(p, hair, NULL);
    for (int lean = -1; lean <= 1; lean++)
        for (unsigned bits = 70; bits <= 1000; bits += 930) {
            struct answer found = {0};
            mpz_set(mpq_numref(p), num);
            mpz_set_ui(mpq_denref(p), den);
            mpq_canonicalize(p);
            mpq_set_si(hair, lean, 1);
            mpq_div_2exp(hair, hair, bits + 1);
            mpq_add(p, p, hair);
            struct answer expected = units_by_definition(f, p);
            round_ratio(rounder, f, num, den, lean, &found);
            if (same_answer(&expected, &found)) continue;
            char where[800];
            gmp_snprintf(where, sizeof where, "%s, %Zd/%lu %+d 2^-%u", f->name, num, den, lean, bits + 1);
            cr_assert_fail("%s: expected %llx side %d .%06d, found %llx side %d .%06d", where,
                           (unsigned long long)expected.word, expected.side, expected.millionths,
                           (unsigned long long)found.word, found.side, found.millionths);
        }
    mpq_clears(p, hair, NULL);
}

/* Words, midpoints and decimals, over any denominator; either sign. */
Test(round, round_ratio_is_the_rational)
{
    struct rounder rounder;
    mpz_t num;
    uint64_t state = 4;
    rounder_init(&rounder);
    mpz_init(num);
    for (const struct format *f = formats; f < formats + FORMATS; f++)
        for (int i = 0; i < 20000; i++) {
            unsigned long k = 1 + random_below(&state, i % 2 ? 12 : LINE_MAX_N), den = k * k;
            size_t shift = random_below(&state, (size_t)(f->emax - format_grid(f) - f->precision) + 4);
            mpz_set_ui(num, random_bits(&state) >> (64 - 1 - random_below(&state, (size_t)f->precision + 1)));
            mpz_mul_2exp(num, num, shift);
            switch (random_below(&state, 4)) {
            case 0: mpz_mul_ui(num, num, den); break; /* a word or a midpoint */
            case 1:                                   /* some millionth of an ulp, or near one */
                mpz_mul_ui(num, num, 1000000);
                mpz_add_ui(num, num, random_below(&state, 1000000));
                den = 1000000;
                break;
            case 2: /* 2^e, and beside it */
                mpz_set_ui(num, den);
                mpz_mul_2exp(num, num, shift);
                mpz_add_ui(num, num, random_below(&state, 3));
                mpz_sub_ui(num, num, 1);
            }
            if (random_below(&state, 2)) mpz_neg(num, num);
            check_ratio(&rounder, f, num, den);
        }
    mpz_clear(num);
    rounder_clear(&rounder);
}

/* In f32, whose smallest subnormal is the unit. */
Test(round, ratios_worked_by_hand)
{
    static const struct {
        long num;
        unsigned long den;
        int lean;
        struct answer answer;
    } by_hand[] = {
        {0, 1, 0, {0, 0, 0}},
        {0, 1, 1, {0, 1, 0}},
        {0, 1, -1, {0x80000000, -1, 0}},
        {-1, 1, 0, {0x80000001, 0, 0}},
        {-1, 1, 1, {0x80000001, 1, 0}},
        {1, 2, 0, {0, 1, 500000}}, /* ties to even */
        {3, 2, 0, {2, -1, 500000}},
        {-3, 2, 0, {0x80000002, 1, 500000}},
        {-3, 2, 1, {0x80000001, -1, 499999}}, /* beside a tie, on the number line */
        {-3, 2, -1, {0x80000002, 1, 499999}},
        {1l << 25, 1, -1, {0x01800000, -1, 0}}, /* below 2^25 the ulp is 2, above 4 */
        {(1l << 25) - 1, 1, 0, {0x01800000, -1, 500000}},
        {(1l << 25) + 1, 1, 0, {0x01800000, 1, 250000}},
    };
    struct rounder rounder;
    mpz_t num;
    rounder_init(&rounder);
    mpz_init(num);
    for (size_t i = 0; i < sizeof by_hand / sizeof *by_hand; i++) {
        struct answer found = {0};
        mpz_set_si(num, by_hand[i].num);
        round_ratio(&rounder, &formats[F32], num, by_hand[i].den, by_hand[i].lean, &found);
        cr_assert(same_answer(&found, &by_hand[i].answer), "%ld/%lu %+d: found %llx side %d .%06d", by_hand[i].num,
                  by_hand[i].den, by_hand[i].lean, (unsigned long long)found.word, found.side, found.millionths);
    }
    mpz_clear(num);
    rounder_clear(&rounder);
}
