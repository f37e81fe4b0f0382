/* test_format - words, values, order and ulps: every word of the two 16-bit formats, and of the larger ones the
   edges and many at random, against the machine's own arithmetic and MPFR's own rounding.
   SPDX-License-Identifier: MIT */
#include "other_words.h"
#include "random.h"

#include <criterion/criterion.h>
#include <math.h>

enum { SAMPLES = 200000 };

/* Word number i of those to test: all 2^16, or every edge and then random ones.  False: no more. */
static bool word_to_test(const struct format *f, size_t i, uint64_t *state, uint64_t *w)
{
    uint64_t sign = word_sign_bit(f), unit = 1ull << (f->precision - 1), inf = word_inf(f);
    if (f->digits == 4) {
        *w = i;
        return i < 1 << 16;
    }
    const uint64_t edges[] = {0, 1, 2, unit - 1, unit, unit + 1, 2 * unit - 1, 2 * unit, inf - unit, inf - 1, inf};
    size_t count = sizeof edges / sizeof *edges;
    *w = i < count ? edges[i] : i < 2 * count ? edges[i - count] | sign : random_word(state, f);
    return i < SAMPLES;
}

static double value_of_number(const struct format *f, mpfr_t number) { return machine_value(f, mpfr_word(f, number)); }

Test(format, word_value_is_the_value_of_the_machine)
{
    for (const struct format *f = formats; f < formats + FORMATS; f++) {
        uint64_t state = 1, w;
        for (size_t i = 0; word_to_test(f, i, &state, &w); i++) {
            double v = word_value(f, w);
            if (word_is_nan(f, w)) {
                cr_assert(isnan(v), "%s %0*llx", f->name, f->digits, (unsigned long long)w);
                continue;
            }
            double expected = machine_value(f, w);
            cr_assert(v == expected && !signbit(v) == !signbit(expected), "%s %0*llx: expected %a, found %a", f->name,
                      f->digits, (unsigned long long)w, expected, v);
        }
    }
}

Test(format, known_values)
{
    static const struct {
        int format;
        uint64_t word;
        double value;
    } known[] = {
        {F16, 0x3c00, 1},
        {F16, 0x7bff, 65504},
        {F16, 0x0001, 0x1p-24},
        {F16, 0x0400, 0x1p-14},
        {F16, 0xc000, -2},
        {BF16, 0x3f80, 1},
        {BF16, 0x0001, 0x1p-133},
        {BF16, 0x7f7f, 0x1.fep127},
        {F32, 0x3f800000, 1},
        {F32, 0x7f7fffff, 0x1.fffffep127},
        {F32, 1, 0x1p-149},
        {F32, 0x00800000, 0x1p-126},
        {F64, 1, 0x1p-1074},
        {F64, 0x3ff0000000000000, 1},
        {F64, 0x7fefffffffffffff, 0x1.fffffffffffffp1023},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const struct format *f = &formats[known[i].format];
        double v = word_value(f, known[i].word);
        cr_assert(v == known[i].value, "%s %llx: expected %a, found %a", f->name, (unsigned long long)known[i].word,
                  known[i].value, v);
    }
}

Test(format, word_nearest_gives_each_word_back)
{
    for (const struct format *f = formats; f < formats + FORMATS; f++) {
        uint64_t state = 2, w;
        for (size_t i = 0; word_to_test(f, i, &state, &w); i++) {
            uint64_t back = word_nearest(f, word_value(f, w)), expected = word_is_nan(f, w) ? word_quiet_nan(f) : w;
            cr_assert(back == expected, "%s: expected %0*llx, found %0*llx", f->name, f->digits,
                      (unsigned long long)expected, f->digits, (unsigned long long)back);
        }
    }
}

static void check_rounding(const struct format *f, double v, mpfr_t number)
{
    mpfr_set_d(number, v, MPFR_RNDN);
    uint64_t expected = mpfr_word(f, number), found = word_nearest(f, v);
    cr_assert(found == expected, "%s of %a: expected %0*llx, found %0*llx", f->name, v, f->digits,
              (unsigned long long)expected, f->digits, (unsigned long long)found);
}

Test(format, word_nearest_rounds_as_mpfr)
{
    mpfr_t number;
    mpfr_init2(number, 53);
    for (const struct format *f = formats; f < formats + FORMATS; f++) {
        uint64_t state = 3, w;
        /* Words, the midpoints above them (ties) and their neighbours; past the largest word that is overflow. */
        for (size_t i = 0; f->precision < 53 && word_to_test(f, i, &state, &w); i++) {
            if (!word_is_finite(f, w)) continue;
            double v = word_value(f, w), half = ldexp(copysign(0.5, v), word_ulp_exponent(f, w));
            check_rounding(f, v + half, number);
            check_rounding(f, nextafter(v + half, INFINITY), number);
            check_rounding(f, nextafter(v + half, -INFINITY), number);
        }
        for (int i = 0; i < SAMPLES; i++) {
            /* any double, then one whose exponent lies in or near the range of the format */
            uint64_t bits = random_finite_word(&state, &formats[F64]);
            double v = machine_value(&formats[F64], bits), m = 1 + random_uniform(&state);
            check_rounding(f, v, number);
            int span = f->emax - format_grid(f) + 6;
            check_rounding(f, ldexp(m, format_grid(f) - 3 + (int)random_below(&state, (size_t)span)), number);
        }
        check_rounding(f, 0.0, number);
        check_rounding(f, -0.0, number);
        check_rounding(f, INFINITY, number);
        check_rounding(f, -INFINITY, number);
        cr_assert(word_nearest(f, NAN) == word_quiet_nan(f) && word_is_nan(f, word_quiet_nan(f)), "%s", f->name);
        cr_assert(value_of_number(f, number) == -INFINITY, "%s", f->name); /* the reference itself */
    }
    mpfr_clear(number);
}

Test(format, word_order_counts_the_words_between)
{
    for (const struct format *f = formats; f < formats + FORMATS; f++) {
        uint64_t sign = word_sign_bit(f), state = 4, w;
        cr_assert(word_order(f, 0) == 0 && word_order(f, sign) == 0, "%s: -0 and +0 are one number", f->name);
        for (size_t i = 0; word_to_test(f, i, &state, &w); i++) {
            if (word_magnitude(f, w) >= word_inf(f)) continue;
            /* the next word away from zero is the next number: one further, and nothing fits between */
            int64_t step = w & sign ? -1 : 1;
            double v = machine_value(f, w), next = machine_value(f, w + 1);
            cr_assert(word_order(f, w + 1) - word_order(f, w) == step && (step > 0 ? v < next : v > next),
                      "%s %0*llx and the next", f->name, f->digits, (unsigned long long)w);
            uint64_t other = random_finite_word(&state, f);
            double o = machine_value(f, other);
            int64_t order = word_order(f, w), other_order = word_order(f, other);
            cr_assert((v > o) == (order > other_order) && (v < o) == (order < other_order), "%s %0*llx and %0*llx",
                      f->name, f->digits, (unsigned long long)w, f->digits, (unsigned long long)other);
        }
    }
}

Test(format, word_ulp_exponent_is_the_distance_to_the_next_word)
{
    for (const struct format *f = formats; f < formats + FORMATS; f++) {
        uint64_t state = 5, w;
        for (size_t i = 0; word_to_test(f, i, &state, &w); i++) {
            uint64_t m = word_magnitude(f, w);
            if (m == 0 || m >= word_inf(f)) continue;
            /* the largest word has no finite one above: its binade has the spacing below it */
            uint64_t above = m == word_max(f) ? m : m + 1;
            double spacing = machine_value(f, above) - machine_value(f, above - 1);
            cr_assert(ldexp(1, word_ulp_exponent(f, w)) == spacing, "%s %0*llx: expected %a, found 2^%d", f->name,
                      f->digits, (unsigned long long)w, spacing, word_ulp_exponent(f, w));
        }
    }
    cr_assert(word_ulp_exponent(&formats[F32], 0x3f800000) == -23);
    cr_assert(word_ulp_exponent(&formats[F32], 1) == -149);
}

Test(format, names_and_limits)
{
    static const char *const names[] = {"f64", "f32", "bf16", "f16"};
    for (int i = 0; i < FORMATS; i++) {
        const struct format *f = &formats[i];
        cr_assert(format_named(names[i]) == f, "%s", names[i]);
        cr_assert(isinf(word_value(f, word_inf(f))) && isfinite(word_value(f, word_max(f))), "%s", names[i]);
        cr_assert(word_value(f, 1) == ldexp(1, format_grid(f)), "%s: the smallest subnormal", names[i]);
        cr_assert(word_value(f, 1ull << (f->precision - 1)) == ldexp(1, f->emin), "%s: the smallest normal", names[i]);
        cr_assert(word_value(f, word_max(f)) == ldexp(2 - ldexp(1, 1 - f->precision), f->emax), "%s: max", names[i]);
    }
    cr_assert_null(format_named("f8"));
    cr_assert_null(format_named("F32"));
    cr_assert_null(format_named(""));
}
