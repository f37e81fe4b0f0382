/* test_rounded - correctly_rounded: rows made to be hard to round, random rows of every kind, the classes; by every
   kernel and from every tier on, bit for bit alike, and the words of the oracle.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"
#include "random.h"
#include "truth.h"

#include <criterion/criterion.h>
#include <omp.h>
#include <stdlib.h>

extern const struct impl impl_correctly_rounded_f64, impl_correctly_rounded_f32, impl_correctly_rounded_bf16,
    impl_correctly_rounded_f16;

/* A way to compute: a kernel, and the tier that starts. */
struct way {
    const char *kernel, *tier;
};
#if defined(__x86_64__)
static const struct way kernels[] = {{"portable", "1"}, {"avx2", "1"}, {"avx512", "1"}};
static const struct way tiers[] = {{"portable", "1"}, {"avx2", "1"},   {"avx512", "1"}, {"portable", "2"},
                                   {"avx2", "2"},     {"avx512", "2"}, {"avx512", "3"}};
#else
static const struct way kernels[] = {{"portable", "1"}};
static const struct way tiers[] = {{"portable", "1"}, {"portable", "2"}, {"portable", "3"}};
#endif
enum { KERNELS = sizeof kernels / sizeof *kernels, TIERS = sizeof tiers / sizeof *tiers };

static bool runs(const struct way *w)
{
#if defined(__x86_64__)
    if (strcmp(w->kernel, "avx512") == 0)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    if (strcmp(w->kernel, "avx2") == 0) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return strcmp(w->kernel, "portable") == 0;
}

/* --- rows of words --- */

struct batch {
    const struct format *f;
    size_t rows, n;
    uint64_t *x;
    unsigned char *mask;
};

static void *room(size_t count, size_t size)
{
    void *array = calloc(count, size);
    cr_assert_not_null(array);
    return array;
}

static struct batch batch_of(const struct format *f, size_t rows, size_t n)
{
    return (struct batch){f, rows, n, room(rows * n, sizeof(uint64_t)), room(rows * n, 1)};
}

static void batch_free(struct batch *b)
{
    free(b->x);
    free(b->mask);
}

static void compute(const struct batch *b, const struct way *w, uint64_t *words)
{
    const struct impl *const impls[FORMATS] = {&impl_correctly_rounded_f64, &impl_correctly_rounded_f32,
                                               &impl_correctly_rounded_bf16, &impl_correctly_rounded_f16};
    const size_t count = b->rows * b->n;
    double *x = room(count, sizeof *x), *p = room(count, sizeof *p);
    float *narrow_x = (float *)room(count, sizeof *narrow_x), *narrow_p = (float *)room(count, sizeof *narrow_p);
    for (size_t i = 0; i < count; i++) {
        x[i] = word_value(b->f, b->x[i]);
        narrow_x[i] = (float)x[i]; /* exact but in f64, which does not look at it */
    }
    setenv("MASKPROOF_KERNEL", w->kernel, 1);
    setenv("MASKPROOF_ROUNDED", w->tier, 1);
    if (b->f == &formats[F64])
        impls[F64]->call(b->rows, b->n, x, b->mask, p);
    else
        impls[b->f - formats]->call(b->rows, b->n, narrow_x, b->mask, narrow_p);
    for (size_t i = 0; i < count; i++) {
        const double v = b->f == &formats[F64] ? p[i] : (double)narrow_p[i];
        words[i] = word_nearest(b->f, v);
        cr_assert(isnan(v) || (word_value(b->f, words[i]) == v && !signbit(v)), "%s, from tier %s on: %a is no %s",
                  w->kernel, w->tier, v, b->f->name);
    }
    free(x);
    free(p);
    free(narrow_x);
    free(narrow_p);
}

static void expect_same(const struct batch *b, const struct way *w, const uint64_t *found, const uint64_t *expected)
{
    for (size_t i = 0; i < b->rows * b->n; i++)
        cr_assert(found[i] == expected[i], "%s, from tier %s on: entry %zu of a row of %zu, %s: %llx instead of %llx",
                  w->kernel, w->tier, i % b->n, b->n, b->f->name, (unsigned long long)found[i],
                  (unsigned long long)expected[i]);
}

/* All ways agree; on the first `judged` rows with the oracle, too. */
static void check(const struct batch *b, const struct way *ways, size_t count, size_t judged)
{
    uint64_t *expected = room(b->rows * b->n, sizeof *expected), *found = room(b->rows * b->n, sizeof *found);
    struct answer *answers = room(b->n, sizeof *answers);
    compute(b, &ways[0], expected);
    for (size_t w = 1; w < count; w++) {
        if (!runs(&ways[w])) continue;
        compute(b, &ways[w], found);
        expect_same(b, &ways[w], found, expected);
    }
    for (size_t r = 0; r < judged; r++) {
        if (row_class(b->f, b->n, b->x + r * b->n, NULL, b->mask + r * b->n) != CLASS_PLAIN) continue;
        cr_assert(truth_row_mpfr(SOFTMAX, b->f, b->n, b->x + r * b->n, NULL, b->mask + r * b->n, answers));
        for (size_t i = 0; i < b->n; i++)
            cr_assert(expected[r * b->n + i] == answers[i].word, "row %zu, entry %zu of %zu, %s: %llx, the oracle %llx",
                      r, i, b->n, b->f->name, (unsigned long long)expected[r * b->n + i],
                      (unsigned long long)answers[i].word);
    }
    free(answers);
    free(expected);
    free(found);
}

/* --- hard to round --- */

/* n logits, a power of 2, half of them d, the others 0: p = 1/n (1 +- tanh(d/2)).  For an odd multiple |d| of what
   follows 1/2 and 1 in the format, 1/n (1 + |d|/2) is a midpoint of two words, and p is |d|^3/24 off it, relative:
   from 2^-69 in f32 and 2^-157 in f64, where tier 2 must not decide, up to what tier 1 can.  Or a quarter of them
   d > 0: the p of the others is d^2/16 below the midpoint 1/n (1 - d/4); the first of these is the last below a power
   of 2. */
static void fill_near_ties(struct batch *b)
{
    for (size_t r = 0; r < b->rows; r++) {
        const double odd =
            1 + 2 * floor(exp2((double)(b->f->precision - 5) * (double)(r / 4) * 4 / (double)b->rows) - 1);
        const double d = odd * ldexp(1, 1 - b->f->precision);
        for (size_t i = 0; i < b->n; i++) {
            const size_t zeros = r % 4 < 2 ? b->n / 2 : b->n - b->n / 4;
            b->x[r * b->n + i] = word_nearest(b->f, i < zeros ? 0 : r % 2 ? d : -d);
            b->mask[r * b->n + i] = 1;
        }
    }
}

Test(rounded, next_to_ties)
{
    for (int f = 0; f < FORMATS; f++)
        for (size_t n = 2; n <= 32768; n *= 4) { /* down to the subnormals in f16 */
            struct batch b = batch_of(&formats[f], n < 100 ? 300 : n < 1000 ? 60 : 4, n);
            fill_near_ties(&b);
            check(&b, tiers, n > 1000 ? TIERS - 1 : TIERS, n < 1000 ? b.rows : 1);
            batch_free(&b);
        }
}

/* Of two logits the smaller probability is within 2^-k of an ulp of a midpoint for one in 2^k: the nearest of many. */
Test(rounded, hardest_of_many_pairs)
{
    struct batch b = batch_of(&formats[F32], 1000, 2);
    uint64_t seed = 1;
    size_t found = 0;
    for (long tries = 0; found < b.rows && tries < 20000000; tries++) {
        const float d = (float)(-60 * random_uniform(&seed));
        const long double e = expl((long double)d), p = e / (1 + e);
        int exponent;
        const long double units = ldexpl(frexpl(p, &exponent), 24); /* of the word's last place */
        if (fabsl(fabsl(units - rintl(units)) - 0.5L) > 0x1p-13L) continue;
        b.x[2 * found] = word_nearest(b.f, (double)d);
        b.mask[2 * found] = b.mask[2 * found + 1] = 1;
        found++;
    }
    cr_assert(found == b.rows);
    check(&b, tiers, TIERS, b.rows);
    batch_free(&b);
}

/* k equal logits: 1/k; and with a tail that counts, or hardly does, or never. */
Test(rounded, one_by_k)
{
    static const double tails[] = {INFINITY, 1, 17, 50, 103, 140, 160, 700, 1e4, 1e300};
    for (int f = 0; f < FORMATS; f++)
        for (size_t t = 0; t < sizeof tails / sizeof *tails; t++) {
            struct batch b = batch_of(&formats[f], 70, 71);
            for (size_t r = 0; r < b.rows; r++)
                for (size_t i = 0; i < b.n; i++) {
                    b.x[r * b.n + i] = word_nearest(b.f, i <= r ? 0.5 : 0.5 - tails[t]);
                    b.mask[r * b.n + i] = i <= r || (i == r + 1 && tails[t] < INFINITY);
                }
            check(&b, tiers, TIERS, b.rows);
            batch_free(&b);
        }
}

/* --- random rows --- */

static double normal(uint64_t *seed) /* about: a sum of uniforms */
{
    double s = -6;
    for (int i = 0; i < 12; i++) s += random_uniform(seed);
    return s;
}

static void fill(struct batch *b, double sigma, double center, double density, uint64_t *seed)
{
    for (size_t i = 0; i < b->rows * b->n; i++) {
        b->x[i] = word_nearest(b->f, center + sigma * normal(seed));
        if (!word_is_finite(b->f, b->x[i])) b->x[i] = 0;
        b->mask[i] = random_uniform(seed) < density;
    }
}

static const double sigmas[] = {0.1, 1, 5, 30, 100, 200}, densities[] = {1, 0.5, 0.02};
static const double centers[] = {0, 0, 250, -320, 1000};

static void check_random(const struct format *f, size_t entries, const struct way *ways, size_t count, size_t judged)
{
    static const size_t lengths[] = {1, 2, 3, 7, 8, 9, 31, 33, 64, 127, 300, 1025, 5000};
    uint64_t seed = 7;
    for (size_t s = 0; s < 6; s++)
        for (size_t d = 0; d < 3; d++)
            for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
                const size_t n = lengths[l];
                struct batch b = batch_of(f, entries / n + 1, n);
                fill(&b, sigmas[s], centers[random_below(&seed, 5)], densities[d], &seed);
                check(&b, ways, count, judged / n + (judged > 0));
                batch_free(&b);
            }
}

Test(rounded, kernels_agree_on_millions_in_f32) { check_random(&formats[F32], 20000, kernels, KERNELS, 300); }
Test(rounded, kernels_agree_in_bf16) { check_random(&formats[BF16], 8000, kernels, KERNELS, 300); }
Test(rounded, kernels_agree_in_f16) { check_random(&formats[F16], 8000, kernels, KERNELS, 300); }
Test(rounded, kernels_agree_in_f64) { check_random(&formats[F64], 1000, kernels, KERNELS, 300); }
Test(rounded, tiers_agree)
{
    for (int f = 0; f < FORMATS; f++) check_random(&formats[f], 100, tiers, TIERS, 100);
}

/* Any words at all: most rows are of class nan or pinf, or have logits of 1e38 in them. */
Test(rounded, any_words)
{
    uint64_t seed = 3;
    for (int f = 0; f < FORMATS; f++)
        for (size_t n = 1; n <= 40; n += 3) {
            struct batch b = batch_of(&formats[f], 100, n);
            for (size_t i = 0; i < b.rows * n; i++) {
                b.x[i] = i / n % 2 ? random_finite_word(&seed, b.f) : random_word(&seed, b.f);
                b.mask[i] = random_below(&seed, 3) > 0;
            }
            check(&b, tiers, TIERS, b.rows);
            batch_free(&b);
        }
}

/* Neither the number of threads nor the order of the rows changes a bit. */
Test(rounded, threads_and_order)
{
    enum { ROWS = 400, N = 700 };
    const struct way *w = &kernels[0];
    uint64_t seed = 5;
    for (int f = 0; f < FORMATS; f++) {
        struct batch b = batch_of(&formats[f], ROWS, N), turned = batch_of(&formats[f], ROWS, N);
        uint64_t *expected = room(ROWS * N, sizeof *expected), *found = room(ROWS * N, sizeof *found);
        fill(&b, 5, 0, 0.5, &seed);
        for (size_t i = 0; i < ROWS * N; i++) {
            turned.x[i] = b.x[(ROWS - 1 - i / N) * N + i % N];
            turned.mask[i] = b.mask[(ROWS - 1 - i / N) * N + i % N];
        }
        omp_set_num_threads(1);
        compute(&b, w, expected);
        omp_set_num_threads(3);
        compute(&b, w, found);
        expect_same(&b, w, found, expected);
        compute(&turned, w, found);
        for (size_t i = 0; i < ROWS * N; i++) cr_assert(found[i] == expected[(ROWS - 1 - i / N) * N + i % N]);
        batch_free(&b);
        batch_free(&turned);
        free(expected);
        free(found);
    }
}

/* --- the classes --- */

static void expect_row(const struct format *f, size_t n, const double *x, const unsigned char *mask, const double *p)
{
    struct batch b = batch_of(f, 1, n);
    uint64_t found[40];
    for (size_t i = 0; i < n; i++) {
        b.x[i] = word_nearest(f, x[i]);
        b.mask[i] = mask[i];
    }
    for (int w = 0; w < TIERS; w++) {
        if (!runs(&tiers[w])) continue;
        compute(&b, &tiers[w], found);
        for (size_t i = 0; i < n; i++)
            cr_assert(isnan(p[i]) ? word_is_nan(f, found[i]) : found[i] == word_nearest(f, p[i]),
                      "%s, from tier %s on, %s: entry %zu is %llx", tiers[w].kernel, tiers[w].tier, f->name, i,
                      (unsigned long long)found[i]);
    }
    batch_free(&b);
}

Test(rounded, classes)
{
    const double inf = INFINITY;
    for (int f = 0; f < FORMATS; f++) {
        const struct format *of = &formats[f];
        expect_row(of, 3, (double[]){1, NAN, inf}, (unsigned char[]){0, 0, 0}, (double[]){0, 0, 0});
        expect_row(of, 3, (double[]){1, NAN, inf}, (unsigned char[]){1, 0, 0}, (double[]){1, 0, 0});
        expect_row(of, 3, (double[]){1, NAN, 2}, (unsigned char[]){1, 1, 0}, (double[]){NAN, NAN, 0});
        expect_row(of, 3, (double[]){-inf, inf, 2}, (unsigned char[]){1, 1, 0}, (double[]){NAN, NAN, 0});
        expect_row(of, 3, (double[]){-inf, -inf, 2}, (unsigned char[]){1, 1, 0}, (double[]){0, 0, 0});
        expect_row(of, 3, (double[]){-inf, 5, 5}, (unsigned char[]){1, 1, 1}, (double[]){0, 0.5, 0.5});
        expect_row(of, 3, (double[]){-60000, 60000, 60000}, (unsigned char[]){1, 1, 1}, (double[]){0, 0.5, 0.5});
    }
}
