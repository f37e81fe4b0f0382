/* test_truth_fast - the fast engine: what its tiers decide is what Arb says, with any vectors bit for bit; they decide
   nearly all; their exponentials keep the bounds that fast_exp.h derives.  (make sweep-truth: the same, millionfold.)
   SPDX-License-Identifier: MIT */
#include "fast_exp.h"
#include "random.h"
#include "truth_fast.h"

#include <criterion/criterion.h>
#include <mpfr.h>
#include <stdlib.h>

/* --- the exponentials --- */

/* |(high + low) 2^k / e^d - 1| */
static double error_of(double high, double low, int64_t k, struct pair d)
{
    mpfr_t exact, found;
    mpfr_inits2(300, exact, found, (mpfr_ptr)0);
    mpfr_set_d(exact, d.high, MPFR_RNDN);
    mpfr_add_d(exact, exact, d.low, MPFR_RNDN);
    mpfr_exp(exact, exact, MPFR_RNDN);
    mpfr_set_d(found, high, MPFR_RNDN);
    mpfr_add_d(found, found, low, MPFR_RNDN);
    mpfr_mul_2si(found, found, (long)k, MPFR_RNDN);
    mpfr_div(found, found, exact, MPFR_RNDN);
    mpfr_sub_ui(found, found, 1, MPFR_RNDN);
    double error = fabs(mpfr_get_d(found, MPFR_RNDN));
    mpfr_clears(exact, found, (mpfr_ptr)0);
    return error;
}

/* Multiples of ln2/2, where |r| is largest, and anything from 2^-60 on. */
static struct pair argument(uint64_t *seed, double least)
{
    double scale = random_below(seed, 2) ? least : exp2(-60 * random_uniform(seed)), d = scale * random_uniform(seed);
    if (random_below(seed, 2))
        d = (floor(d / 0.6931471805599453) - 0.5) * 0.6931471805599453 + 1e-9 * (random_uniform(seed) - 0.5);
    if (d < least || d > 0) d = least;
    return sum_of_ordered(d, d * 0x1p-53 * (random_uniform(seed) - 0.5));
}

Test(truth_fast, exponentials_keep_their_bounds)
{
    uint64_t seed = 1;
    for (int i = 0; i < 200000; i++) {
        struct pair d = argument(&seed, -300), wide = argument(&seed, -800);
        int64_t k;
        struct pair e = exp_of_pair(wide, &k);
        double error = error_of(exp_of(d), 0, 0, d), pair_error = error_of(e.high, e.low, k, wide);
        cr_assert(error <= 0x1p-52, "e^(%a + %a) is off by %g u", d.high, d.low, error * 0x1p53);
        cr_assert(pair_error <= 0x1p-102, "e^(%a + %a) is off by %g u^2", wide.high, wide.low, pair_error * 0x1p106);
        cr_assert(e.high >= 0.7 && e.high <= 1.42);
    }
    mpfr_free_cache();
}

/* --- rows --- */

struct row {
    const struct format *f;
    size_t n;
    uint64_t *x;
    float *value;
    unsigned char *mask;
    struct answer *arb, *found;
    uint32_t *words;
};

static void *room(size_t count, size_t size)
{
    void *array = calloc(count, size);
    cr_assert_not_null(array);
    return array;
}

static struct row row_of(size_t n)
{
    return (struct row){.n = n,
                        .x = room(n, sizeof(uint64_t)),
                        .value = room(n, sizeof(float)),
                        .mask = room(n, 1),
                        .arb = room(n, sizeof(struct answer)),
                        .found = room(n, sizeof(struct answer)),
                        .words = room(n, sizeof(uint32_t))};
}

static void row_free(struct row *r)
{
    free(r->x);
    free(r->value);
    free(r->mask);
    free(r->arb);
    free(r->found);
    free(r->words);
}

static void fill(struct row *r, double sigma, double center, double density, uint64_t *seed)
{
    for (size_t i = 0; i < r->n; i++) {
        double normal = -6;
        for (int k = 0; k < 12; k++) normal += random_uniform(seed);
        r->x[i] = word_nearest(r->f, center + sigma * normal);
        if (!word_is_finite(r->f, r->x[i])) r->x[i] = 0;
        if (random_below(seed, 50) == 0) r->x[i] = word_inf(r->f) | word_sign_bit(r->f);
        r->mask[i] = random_uniform(seed) < density;
    }
    size_t sure = random_below(seed, r->n);
    r->mask[sure] = 1;
    if (!word_is_finite(r->f, r->x[sure])) r->x[sure] = 0;
}

struct tally {
    size_t rows, by_words, by_pairs;
};

static const char *at_entry(const struct row *r, size_t i)
{
    static char text[100];
    snprintf(text, sizeof text, "%s, entry %zu of %zu, of logit %llx, with vectors %d", r->f->name, i, r->n,
             (unsigned long long)r->x[i], (int)truth_vectors);
    return text;
}

/* Both tiers, with all vectors; what they decide is what Arb says. */
static void check(struct row *r, struct tally *tally)
{
    bool first[2] = {false, false};
    for (size_t i = 0; i < r->n; i++)
        r->value[i] = (float)word_value(r->f, r->x[i]); /* exact but in f64, unused there */
    cr_assert(truth_row_arb(SOFTMAX, r->f, r->n, r->x, NULL, r->mask, r->arb));
    for (truth_vectors = PLAIN_C; truth_vectors <= AVX512; truth_vectors++) {
        bool pairs = truth_row_pairs(r->f, r->n, r->x, r->mask, r->found);
        bool words = r->f != &formats[F64] && truth_words(r->f, r->n, r->value, r->mask, r->words);
        for (size_t i = 0; i < r->n; i++) {
            const struct answer *a = &r->arb[i], *b = &r->found[i];
            cr_assert(!pairs || (a->word == b->word && a->side == b->side && a->millionths == b->millionths),
                      "%s: %llx side %d .%06d, Arb %llx side %d .%06d", at_entry(r, i), (unsigned long long)b->word,
                      b->side, b->millionths, (unsigned long long)a->word, a->side, a->millionths);
            cr_assert(!words || a->word == r->words[i], "%s: %x, Arb %llx", at_entry(r, i), r->words[i],
                      (unsigned long long)a->word);
        }
        if (truth_vectors == PLAIN_C) {
            first[0] = pairs;
            first[1] = words;
        }
        cr_assert(pairs == first[0] && words == first[1], "decided by some vectors only: %s", at_entry(r, 0));
    }
    truth_vectors = AVX512;
    tally->rows++;
    tally->by_pairs += first[0];
    tally->by_words += first[1];
}

Test(truth_fast, random_rows_of_every_kind)
{
    static const double sigmas[] = {0.1, 1, 5, 30, 200}, densities[] = {1, 0.5, 0.02},
                        centers[] = {0, 0, 250, -320, 1000};
    static const size_t lengths[] = {2, 3, 7, 8, 9, 15, 16, 17, 31, 64, 127, 300, 1880};
    uint64_t seed = 7;
    for (int f = 0; f < FORMATS; f++) {
        struct tally tally = {0, 0, 0};
        for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
            struct row r = row_of(lengths[l]);
            r.f = &formats[f];
            for (size_t s = 0; s < 15; s++)
                for (int turn = 0; turn < (r.n < 100 ? 20 : 1); turn++) {
                    fill(&r, sigmas[s / 3], centers[random_below(&seed, 5)], densities[s % 3], &seed);
                    check(&r, &tally);
                }
            row_free(&r);
        }
        /* a single entry, equal ones, and a maximum 65 above all the others are for Arb */
        cr_assert(tally.by_pairs > tally.rows / 2, "%s: %zu of %zu", formats[f].name, tally.by_pairs, tally.rows);
        cr_assert(f == F64 || tally.by_words > tally.rows * 9 / 10, "%s: %zu of %zu", formats[f].name, tally.by_words,
                  tally.rows);
    }
}

/* Words of any size, most of them far apart; or all of them next to nothing, so that their p are next to 1/n. */
Test(truth_fast, any_words)
{
    uint64_t seed = 3;
    for (int f = 0; f < FORMATS; f++)
        for (size_t n = 2; n <= 40; n++) {
            struct row r = row_of(n);
            struct tally tally = {0, 0, 0};
            r.f = &formats[f];
            for (int turn = 0; turn < 20; turn++) {
                for (size_t i = 0; i < n; i++) {
                    r.x[i] = random_finite_word(&seed, r.f);
                    while (turn % 2 && fabs(word_value(r.f, r.x[i])) > 0x1p-10) r.x[i] = random_finite_word(&seed, r.f);
                    r.mask[i] = i == 0 || random_below(&seed, 4) > 0;
                }
                check(&r, &tally);
            }
            row_free(&r);
        }
}

/* Half of n entries at d, the others at 0: p = 1/n (1 +- tanh(d/2)), so that for d an odd multiple of the ulp below 1 p
   is d^3/24 from a midpoint, from far below what pairs can tell on.  Equal ones are on it, or on a word or a decimal.
 */
Test(truth_fast, next_to_ties_and_on_them)
{
    for (int f = 0; f < FORMATS; f++)
        for (size_t n = 2; n <= 2048; n *= 4) {
            struct row r = row_of(n);
            struct tally tally = {0, 0, 0};
            r.f = &formats[f];
            for (int turn = 0; turn < (n < 100 ? 200 : 10); turn++) {
                double odd = 1 + 2 * floor(exp2((double)(turn / 4) * 0.9) - 1), d = odd * ldexp(1, 1 - r.f->precision);
                for (size_t i = 0; i < n; i++) {
                    bool zero = i < (turn % 4 < 2 ? n / 2 : n - n / 4);
                    r.x[i] = word_nearest(r.f, zero || d > 100 ? 0 : turn % 2 ? d : -d);
                    r.mask[i] = 1;
                }
                check(&r, &tally);
            }
            row_free(&r);
        }
}

/* Two logits so far apart in size that their difference is no double, and rounded would be off by 2^-47; the larger one
   chosen so that the p of the other comes as near to a midpoint of two words. */
Test(truth_fast, a_difference_that_is_no_double)
{
    uint64_t seed = 13;
    struct row r = row_of(2);
    struct tally tally = {0, 0, 0};
    r.f = &formats[F32];
    r.mask[0] = r.mask[1] = 1;
    for (int turn = 0; turn < 1000; turn++) {
        int exponent;
        float low = (float)(-64 - 22 * random_uniform(&seed));
        long double e = expl((long double)low), units = ldexpl(frexpl(e / (1 + e), &exponent), 24);
        float high = (float)log1pl((units - floorl(units) - 0.5L) / units);
        for (size_t steps = 1 + random_below(&seed, 3); steps > 0; steps--)
            high = nextafterf(high, turn % 2 ? 1.0f : -1.0f);
        r.x[0] = word_nearest(r.f, (double)low);
        r.x[1] = word_nearest(r.f, (double)high);
        check(&r, &tally);
    }
    cr_assert(tally.by_words > 300 && tally.by_pairs == 1000, "%zu, %zu", tally.by_words, tally.by_pairs);
    row_free(&r);
}

/* 1/k, and with a tail that counts, hardly does, or never. */
Test(truth_fast, one_by_k)
{
    static const double tails[] = {1, 17, 50, 66, 67, 103, 160, 700, 799, 801, 1e4, 1e300, INFINITY};
    for (int f = 0; f < FORMATS; f++)
        for (size_t t = 0; t < sizeof tails / sizeof *tails; t++) {
            struct row r = row_of(70);
            struct tally tally = {0, 0, 0};
            r.f = &formats[f];
            for (size_t k = 1; k < r.n; k++) {
                for (size_t i = 0; i < r.n; i++) {
                    double x = i < k ? 0.5 : 0.5 - tails[t];
                    r.x[i] = word_nearest(r.f, x);
                    r.mask[i] = i <= k;
                }
                check(&r, &tally);
            }
            row_free(&r);
        }
}

/* The promise: of rows of 1880 entries in f32 at most one in a thousand is left to the tiers behind. */
Test(truth_fast, few_rows_are_left)
{
    struct row r = row_of(1880);
    size_t words = 0, pairs = 0, rows = 0;
    uint64_t seed = 11;
    r.f = &formats[F32];
    for (; rows < 3000; rows++) {
        fill(&r, rows % 3 == 0 ? 1 : rows % 3 == 1 ? 5 : 30, 0, rows % 2 ? 1 : 0.5, &seed);
        for (size_t i = 0; i < r.n; i++) r.value[i] = (float)word_value(r.f, r.x[i]);
        words += !truth_words(r.f, r.n, r.value, r.mask, r.words);
        pairs += !truth_row_pairs(r.f, r.n, r.x, r.mask, r.found);
    }
    cr_assert(words <= 3, "%zu of %zu rows by words", words, rows);
    cr_assert(pairs <= 3, "%zu of %zu rows by pairs", pairs, rows);
    row_free(&r);
}

Test(truth_fast, cleanup_leaves_a_usable_engine)
{
    static const uint64_t x[] = {0x3f800000, 0x40000000};
    static const unsigned char mask[] = {1, 1};
    struct answer found[2];
    for (int i = 0; i < 2; i++) {
        cr_assert(truth_row_fast(SOFTMAX, &formats[F32], 2, x, NULL, mask, found) && found[0].word == 0x3e89b2b1);
        truth_cleanup_fast();
        truth_cleanup_fast();
    }
}
