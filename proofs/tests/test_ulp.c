/* test_ulp - the metric of error, against distances between neighbouring words; and the exact sum, against MPFR with
   so many bits that it does not round.
   SPDX-License-Identifier: MIT */
#include "exact_sum.h"
#include "other_words.h"
#include "random.h"
#include "ulp.h"

#include <criterion/criterion.h>
#include <math.h>

/* --- ulp_error --- */

/* Distance from a finite word to its neighbour on the side of the exact value, away from zero if it is exact: the
   spacing of the format where the exact value lies. */
static double spacing_at(const struct format *f, const struct answer *exact)
{
    uint64_t m = word_magnitude(f, exact->word);
    int outward = word_negative(f, exact->word) ? -1 : 1;
    if (m == 0 || (exact->side != -outward && m < word_max(f))) return machine_value(f, m + 1) - machine_value(f, m);
    return machine_value(f, m) - machine_value(f, m - 1);
}

static double error_by_mpfr(const struct format *f, uint64_t got, const struct answer *exact)
{
    mpfr_t error, part;
    mpfr_inits2(2400, error, part, (mpfr_ptr)0);
    double spacing = spacing_at(f, exact);
    mpfr_set_d(error, machine_value(f, got), MPFR_RNDN);
    mpfr_sub_d(error, error, machine_value(f, exact->word), MPFR_RNDN);
    mpfr_div_d(error, error, spacing, MPFR_RNDN);
    mpfr_set_si(part, exact->side * exact->millionths, MPFR_RNDN);
    mpfr_div_ui(part, part, 1000000, MPFR_RNDN);
    mpfr_sub(error, error, part, MPFR_RNDN);
    double result = fabs(mpfr_get_d(error, MPFR_RNDN));
    mpfr_clears(error, part, (mpfr_ptr)0);
    return result;
}

static void check_error(const struct format *f, uint64_t got, const struct answer *exact)
{
    double expected = error_by_mpfr(f, got, exact), found = ulp_error(f, got, exact);
    if (isinf(machine_value(f, got) - machine_value(f, exact->word))) expected = INFINITY; /* f64: max less -max */
    cr_assert(found == expected || fabs(found - expected) <= 1e-12 * fmax(1, expected),
              "%s got %0*llx, exact %0*llx side %d .%06d: expected %.17g, found %.17g", f->name, f->digits,
              (unsigned long long)got, f->digits, (unsigned long long)exact->word, exact->side, exact->millionths,
              expected, found);
}

static struct answer random_frac(uint64_t *state, uint64_t word)
{
    struct answer a = {word, (int)random_below(state, 3) - 1, 0};
    if (a.side != 0 && random_below(state, 4) > 0) a.millionths = (int)random_below(state, 500001);
    return a;
}

Test(ulp, near_every_word_of_the_16_bit_formats)
{
    for (int i = BF16; i <= F16; i++) {
        const struct format *f = &formats[i];
        uint64_t state = 1;
        for (uint64_t w = 0; w < 1 << 16; w++) {
            if (!word_is_finite(f, w)) continue;
            struct answer exact = random_frac(&state, w);
            check_error(f, w, &exact);
            check_error(f, random_finite_word(&state, f), &exact);
            if (word_is_finite(f, w + 1)) check_error(f, w + 1, &exact); /* across borders of binades too */
            if (word_magnitude(f, w) > 0) check_error(f, w - 1, &exact);
        }
    }
}

Test(ulp, random_words_of_the_larger_formats)
{
    for (const struct format *f = formats; f <= &formats[F32]; f++) {
        uint64_t state = 2, unit = 1ull << (f->precision - 1);
        for (int i = 0; i < 20000; i++) {
            uint64_t w = random_finite_word(&state, f);
            if (i % 2 == 0) w -= w % unit; /* a power of two */
            struct answer exact = random_frac(&state, w);
            check_error(f, w, &exact);
            check_error(f, random_finite_word(&state, f), &exact);
            if (word_is_finite(f, w + 1)) check_error(f, w + 1, &exact);
            if (word_magnitude(f, w) > 0) check_error(f, w - 1, &exact);
        }
    }
}

Test(ulp, worked_by_hand)
{
    static const struct {
        int format;
        uint64_t got;
        struct answer exact;
        double error;
        const char *what;
    } by_hand[] = {
        {F32, 0x3f800000, {0x3f800000, 0, 0}, 0, "an exact hit"},
        {F32, 0x3f800000, {0x3f800000, 1, 250000}, 0.25, "the nearest word"},
        {F32, 0x3f800001, {0x3f800000, 0, 0}, 1, "one above an exact 1"},
        {F32, 0x3f7fffff, {0x3f800000, 0, 0}, 0.5, "one below an exact 1: half as far, in ulps of 1"},
        {F32, 0x3f7fffff, {0x3f800000, -1, 0}, 1, "one below a 1 that lies just below: ulps of that side"},
        {F32, 0x3f800001, {0x3f800000, -1, 250000}, 2.25, "one above it: two of the smaller ulps and the frac"},
        {F32, 0x3f800000, {0x3f7fffff, 0, 0}, 1, "1 for the word below"},
        {F32, 0x3f800000, {0x3f7fffff, 1, 400000}, 0.6, "1 for a value nearer to the word below"},
        {F32, 0x3f800001, {0x3f7fffff, 0, 0}, 3, "across the border: its spacing is twice as wide"},
        {F32, 0x00000001, {0x00000000, 0, 0}, 1, "the smallest subnormal for zero"},
        {F32, 0x00000000, {0x00000000, 1, 300000}, 0.3, "zero for an underflow"},
        {F32, 0x80000000, {0x00000000, 1, 300000}, 0.3, "-0 for an underflow"},
        {F32, 0x80000000, {0x00000000, 0, 0}, 0, "-0 for 0 by the metric"},
        {F32, 0x00000003, {0x00000005, -1, 100000}, 1.9, "among subnormals"},
        {F32, 0x007fffff, {0x00800000, -1, 0}, 1, "the largest subnormal: no half spacing there"},
        {F32, 0x80000001, {0x00000001, 0, 0}, 2, "the wrong sign"},
        {F32, 0xbf800001, {0xbf800000, -1, 250000}, 0.75, "negative: -1 and a quarter further out"},
        {F32, 0xbf7fffff, {0xbf800000, 1, 250000}, 0.75, "negative: nearer zero, half the spacing"},
        {F32, 0x7f800000, {0x7f800000, 0, 0}, 0, "an overflow that is one"},
        {F32, 0x7f7fffff, {0x7f800000, 0, 0}, INFINITY, "the largest number for an overflow"},
        {F32, 0x7f800000, {0x7f7fffff, 0, 0}, INFINITY, "infinity for the largest number"},
        {F32, 0xff800000, {0x7f800000, 0, 0}, INFINITY, "the other infinity"},
        {F32, 0x7f7fffff, {0x3f800000, 0, 0}, 0x1.fffffep127 * 0x1p23, "huge"},
        {F16, 0x0000, {0x0001, 0, 0}, 1, "zero for the smallest f16"},
        {F16, 0x0000, {0x3c00, 0, 0}, 1024, "zero for 1 in f16"},
        {F64, 0x0000000000000000, {0x3ff0000000000000, 0, 0}, 0x1p52, "zero for 1 in f64"},
        {BF16, 0x3f81, {0x3f80, 1, 499999}, 0.500001, "bf16 just past the middle"},
    };
    for (size_t i = 0; i < sizeof by_hand / sizeof *by_hand; i++) {
        double found = ulp_error(&formats[by_hand[i].format], by_hand[i].got, &by_hand[i].exact);
        double expected = by_hand[i].error;
        cr_assert(found == expected || fabs(found - expected) <= 1e-12 * fmax(1, expected),
                  "%s: expected %.17g, found %.17g", by_hand[i].what, expected, found);
    }
}

Test(ulp, nan_loses_every_comparison)
{
    struct answer one = {machine_word(&formats[F32], 1), 0, 0};
    for (uint64_t nan = 0x7f800001; nan <= 0x7fffffff; nan += 0x1ffff)
        for (int sign = 0; sign < 2; sign++) {
            double error = ulp_error(&formats[F32], nan | (uint64_t)sign << 31, &one);
            cr_assert(!(error <= 1e300) && !(error <= (double)INFINITY), "%llx: error %g", (unsigned long long)nan,
                      error);
        }
}

/* --- ulp_error_above: a gradient's unit, which may be larger --- */

Test(ulp, in_a_larger_unit_it_is_the_distance_in_that_unit)
{
    for (const struct format *f = formats; f < formats + FORMATS; f++) {
        uint64_t state = 5;
        for (int i = 0; i < 20000; i++) {
            uint64_t w = random_finite_word(&state, f), near = w + random_below(&state, 200) - 100;
            struct answer exact = random_frac(&state, w);
            uint64_t got = i % 2 && word_is_finite(f, near) ? near : random_finite_word(&state, f);
            double spacing = spacing_at(f, &exact), factor = 1 + 20 * random_uniform(&state);
            double expected = error_by_mpfr(f, got, &exact) / factor;
            double found = ulp_error_above(f, got, &exact, factor * spacing);
            if (!(factor * spacing > 0x1p-1000) || !isfinite(expected) || fabs(machine_value(f, got)) > 0x1p1000)
                continue; /* the factor is not exact there, or the difference is none */
            cr_assert(fabs(found - expected) <= 1e-9 * fmax(1, expected),
                      "%s got %llx, exact %llx side %d .%06d, unit %g ulp: expected %.17g, found %.17g", f->name,
                      (unsigned long long)got, (unsigned long long)w, exact.side, exact.millionths, factor, expected,
                      found);
        }
    }
}

Test(ulp, a_unit_of_one_ulp_or_less_changes_nothing)
{
    for (const struct format *f = formats; f < formats + FORMATS; f++) {
        uint64_t state = 6;
        for (int i = 0; i < 20000; i++) {
            uint64_t w = random_finite_word(&state, f), got = random_word(&state, f);
            if (i % 2) w &= 15 | word_sign_bit(f); /* among the smallest, where a millionth of an ulp is no double */
            if (i % 4 == 1) got = w ^ (i % 8 == 1);
            struct answer exact = random_frac(&state, w);
            double spacing = spacing_at(f, &exact), error = ulp_error(f, got, &exact);
            double same = ulp_error_above(f, got, &exact, spacing), less = ulp_error_above(f, got, &exact, spacing / 4);
            cr_assert(same == error || (isnan(same) && isnan(error)), "%s %llx: %g %g", f->name,
                      (unsigned long long)got, same, error);
            cr_assert(less == error || (isnan(less) && isnan(error)), "%s %llx: %g %g", f->name,
                      (unsigned long long)got, less, error);
        }
        struct answer one = {machine_word(f, 1), 0, 0}, infinite = {word_inf(f), 0, 0};
        cr_assert(ulp_error_above(f, word_inf(f), &one, 8) == INFINITY);
        cr_assert(ulp_error_above(f, one.word, &infinite, 8) == INFINITY);
        cr_assert(ulp_error_above(f, word_inf(f), &infinite, 8) == 0);
        cr_assert(isnan(ulp_error_above(f, word_quiet_nan(f), &one, 8)));
    }
}

/* --- exact_sum --- */

struct both {
    struct exact_sum sum;
    mpfr_t exact;
};

static void both_init(struct both *b)
{
    b->sum = (struct exact_sum){0};
    mpfr_init2(b->exact, 2400);
    mpfr_set_zero(b->exact, 1);
}

static void both_add(struct both *b, const struct format *f, uint64_t word)
{
    exact_sum_add(&b->sum, f, word);
    cr_assert(mpfr_add_d(b->exact, b->exact, machine_value(f, word), MPFR_RNDN) == 0, "2400 bits hold every sum");
}

static void both_check_and_clear(struct both *b, const char *what)
{
    double expected = mpfr_get_d(b->exact, MPFR_RNDN), found = exact_sum_value(&b->sum);
    cr_assert(found >= nextafter(expected, -INFINITY) && found <= nextafter(expected, INFINITY),
              "%s: expected %a, found %a", what, expected, found);
    if (expected == 0) cr_assert(found == 0, "%s: expected 0, found %a", what, found);
    mpfr_clear(b->exact);
}

Test(exact_sum, of_random_words)
{
    uint64_t state = 3;
    for (int turn = 0; turn < 4000; turn++) {
        struct both b;
        both_init(&b);
        const struct format *f = &formats[turn % FORMATS];
        size_t terms = 1 + random_below(&state, 60);
        for (size_t i = 0; i < terms; i++) {
            uint64_t w = random_finite_word(&state, f);
            if (turn / 4 % 3 == 1) w |= word_sign_bit(f);                                  /* negative totals */
            if (turn / 4 % 3 == 2) w = random_below(&state, 200) | (w & word_sign_bit(f)); /* small subnormals */
            both_add(&b, f, w);
        }
        both_check_and_clear(&b, f->name);
    }
}

Test(exact_sum, of_words_that_cancel)
{
    uint64_t state = 4;
    for (int turn = 0; turn < 2000; turn++) {
        struct both b;
        both_init(&b);
        const struct format *f = &formats[turn % FORMATS];
        uint64_t words[40];
        for (int i = 0; i < 40; i++) both_add(&b, f, words[i] = random_finite_word(&state, f));
        for (int i = 0; i < 40; i++) both_add(&b, f, words[i] ^ word_sign_bit(f));      /* back to 0, exactly */
        if (turn % 2 == 1) both_add(&b, f, 1 | (turn % 4 == 1 ? 0 : word_sign_bit(f))); /* but for the smallest */
        both_check_and_clear(&b, f->name);
    }
}

Test(exact_sum, of_many_of_the_largest)
{
    struct both b;
    both_init(&b);
    for (int i = 0; i < 1000; i++) both_add(&b, &formats[F32], word_max(&formats[F32]));
    both_check_and_clear(&b, "f32 max, 1000 times");
    both_init(&b);
    for (int i = 0; i < 100000; i++) both_add(&b, &formats[F64], 0x3fefffffffffffff);
    both_check_and_clear(&b, "the word below 1, 100000 times");
    both_init(&b);
    for (int i = 0; i < 100000; i++) both_add(&b, &formats[F64], 0xbfefffffffffffff);
    both_check_and_clear(&b, "its negative");
}

Test(exact_sum, of_infinities_and_nan)
{
    const struct format *f = &formats[F32];
    const uint64_t one = 0x3f800000, inf = 0x7f800000, minus_inf = 0xff800000, nan = 0x7fc00000;
    struct exact_sum s = {0};
    exact_sum_add(&s, f, one);
    exact_sum_add(&s, f, inf);
    exact_sum_add(&s, f, one);
    cr_assert(exact_sum_value(&s) == INFINITY);
    exact_sum_add(&s, f, minus_inf);
    cr_assert(isnan(exact_sum_value(&s)));
    s = (struct exact_sum){0};
    exact_sum_add(&s, f, minus_inf);
    cr_assert(exact_sum_value(&s) == -INFINITY);
    s = (struct exact_sum){0};
    exact_sum_add(&s, f, nan);
    exact_sum_add(&s, f, one);
    cr_assert(isnan(exact_sum_value(&s)));
    exact_sum_add(&s, f, inf);
    cr_assert(isnan(exact_sum_value(&s)));
}

/* k times the word of 1/k, less 1, is a small multiple of an ulp: an integer that a double holds. */
Test(exact_sum, of_equal_shares_less_one)
{
    for (const struct format *f = formats; f < formats + FORMATS; f++)
        for (unsigned k = 1; k <= 400; k++) {
            double rounded = f->precision == 53 ? 1.0 / k : machine_value(f, word_nearest(f, 1.0 / k));
            struct exact_sum s = {0};
            for (unsigned i = 0; i < k; i++) exact_sum_add(&s, f, machine_word(f, rounded));
            exact_sum_add(&s, &formats[F64], machine_word(&formats[F64], -1));
            double expected = fma(k, rounded, -1); /* exact: few ulps of 1/k */
            cr_assert(exact_sum_value(&s) == expected, "%s 1/%u: expected %a, found %a", f->name, k, expected,
                      exact_sum_value(&s));
        }
    struct exact_sum s = {0}; /* thirds in f32: 3 * 11184811 * 2^-25 - 1 = 2^-25 */
    for (int i = 0; i < 3; i++) exact_sum_add(&s, &formats[F32], 0x3eaaaaab);
    exact_sum_add(&s, &formats[F64], 0xbff0000000000000);
    cr_assert(exact_sum_value(&s) == 0x1p-25);
}
