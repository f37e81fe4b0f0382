/* truth - hold the fast engine to what it promises: its exponentials to the bounds of fast_exp.h, on every float and a
   billion pairs, and its answers to those of MPFR and Arb; and print its speed.
   truth [PART]: one in PART of it all; truth speed: that alone.
   SPDX-License-Identifier: MIT */
#include "fast_columns.h"
#include "fast_exp.h"
#include "random.h"

#include <mpfr.h>
#include <stdlib.h>
#include <time.h>

enum { BLOCK = 1024 };

/* --- the exponentials --- */

/* |exp_of / exp_of_pair - 1| in units of 2^-53 */
EVERYWHERE bool compare(const double *high, const double *low, double *error)
{
    for (int i = 0; i < BLOCK; i++) {
        struct pair d = {high[i], low[i]};
        int64_t k;
        struct pair exact = exp_of_pair(d, &k);
        double e = exp_of(d) * power_of_2(-k);
        error[i] = fabs((e - exact.high) - exact.low) / exact.high * 0x1p53;
    }
    return true;
}
FOR_THIS_PROCESSOR(compare_here, compare, (const double *high, const double *low, double *error), (high, low, error))

struct worst {
    double error, high, low;
};
static void see(struct worst *w, double error, double high, double low)
{
    if (!(error <= w->error)) *w = (struct worst){error, high, low}; /* a NaN is the worst */
}

static void see_block(struct worst *w, const double *high, const double *low)
{
    double error[BLOCK];
    compare_here(high, low, error);
    for (int i = 0; i < BLOCK; i++) see(w, error[i], high[i], low[i]);
}

static void merge(struct worst *all, const struct worst *w)
{
#pragma omp critical
    see(all, w->error, w->high, w->low);
}

/* Every float of -300 to -2^-60; nearer to 0, e^x is 1 in all of them. */
static struct worst every_float(size_t part, size_t *count)
{
    const size_t from = (size_t)(127 - 60) << 23, to = 0x43960000, blocks = (to - from) / (BLOCK * part) + 1;
    struct worst all = {0, 0, 0};
#pragma omp parallel
    {
        struct worst w = {0, 0, 0};
        double high[BLOCK], low[BLOCK] = {0};
#pragma omp for
        for (size_t b = 0; b < blocks; b++) {
            for (size_t i = 0; i < BLOCK; i++) {
                size_t word = from + (b * BLOCK + i) * part;
                high[i] = -word_value(&formats[F32], word < to ? word : to);
            }
            see_block(&w, high, low);
        }
        merge(&all, &w);
    }
    *count = blocks * BLOCK;
    return all;
}

/* As many pairs: a half of all over -300 to 0, a half at odd multiples of ln2/2, where what is left of d is largest. */
static struct worst many_pairs(size_t blocks)
{
    struct worst all = {0, 0, 0};
#pragma omp parallel
    {
        struct worst w = {0, 0, 0};
        double high[BLOCK], low[BLOCK];
#pragma omp for
        for (size_t b = 0; b < blocks; b++) {
            uint64_t seed = b * BLOCK;
            for (int i = 0; i < BLOCK; i++) {
                double d = -300 * random_uniform(&seed);
                if (i % 2) d = (floor(d * 1.44) + 0.5) * 0.6931471805599453 * (1 + 1e-3 * random_uniform(&seed));
                high[i] = d < -300 || d > 0 ? -300 : d;
                low[i] = high[i] * 0x1p-53 * (random_uniform(&seed) - 0.5);
            }
            see_block(&w, high, low);
        }
        merge(&all, &w);
    }
    return all;
}

/* exp_of_pair against MPFR; in units of 2^-106. */
static struct worst pairs_by_mpfr(size_t count)
{
    struct worst w = {0, 0, 0};
    uint64_t seed = 1;
    mpfr_t exact, found;
    mpfr_inits2(300, exact, found, (mpfr_ptr)0);
    for (size_t i = 0; i < count; i++) {
        double d = (i % 3 == 0 ? -800 : i % 3 == 1 ? -1 : -0x1p-30) * random_uniform(&seed);
        struct pair x = {d, d * 0x1p-53 * (random_uniform(&seed) - 0.5)};
        int64_t k;
        struct pair e = exp_of_pair(x, &k);
        mpfr_set_d(exact, x.high, MPFR_RNDN);
        mpfr_add_d(exact, exact, x.low, MPFR_RNDN);
        mpfr_exp(exact, exact, MPFR_RNDN);
        mpfr_set_d(found, e.high, MPFR_RNDN);
        mpfr_add_d(found, found, e.low, MPFR_RNDN);
        mpfr_mul_2si(found, found, (long)k, MPFR_RNDN);
        mpfr_div(found, found, exact, MPFR_RNDN);
        mpfr_sub_ui(found, found, 1, MPFR_RNDN);
        see(&w, fabs(mpfr_get_d(found, MPFR_RNDN)) * 0x1p106, x.high, x.low);
    }
    mpfr_clears(exact, found, (mpfr_ptr)0);
    mpfr_free_cache();
    return w;
}

/* --- the engines --- */

enum { LONGEST = 4096 };
struct row {
    const struct format *f;
    size_t n;
    uint64_t x[LONGEST];
    float value[LONGEST];
    unsigned char mask[LONGEST];
    uint32_t words[LONGEST];
    struct answer fast[LONGEST], arb[LONGEST], mpfr[LONGEST];
};

static void fill(struct row *r, double sigma, double center, double density, uint64_t *seed)
{
    for (size_t i = 0; i < r->n; i++) {
        r->x[i] = word_nearest(r->f, center + sigma * random_normal(seed));
        if (!word_is_finite(r->f, r->x[i])) r->x[i] = 0;
        r->mask[i] = random_uniform(seed) < density;
    }
    r->mask[random_below(seed, r->n)] = 1;
    for (size_t i = 0; i < r->n; i++) r->value[i] = (float)word_value(r->f, r->x[i]);
}

/* Row number `turn`: of any format, length, spread and density; one in eight of words of any size, and one of two
   values next to each other. */
static void make_row(struct row *r, size_t turn)
{
    static const double densities[] = {0.02, 0.5, 1};
    uint64_t seed = turn * 0x9e3779b97f4a7c15;
    r->f = &formats[turn % FORMATS];
    r->n = (size_t)exp2(12 * random_uniform(&seed));
    double sigma = 0.1 * pow(3000, random_uniform(&seed)), center = random_below(&seed, 2) ? 0 : 3 * sigma;
    size_t kind = random_below(&seed, 8);
    uint64_t half = 1ull << (4 * r->f->digits - 1), near = random_next(&seed) % (word_inf(r->f) - 1);
    fill(r, sigma, center, densities[random_below(&seed, 3)], &seed);
    for (size_t i = 0; i < r->n && kind < 2; i++) {
        uint64_t any = random_next(&seed);
        r->x[i] = kind == 0 ? near + any % 2 : any % word_inf(r->f) + (any >> 63) * half;
        r->value[i] = (float)word_value(r->f, r->x[i]);
    }
}

static bool same(const struct answer *a, const struct answer *b)
{
    return a->word == b->word && a->side == b->side && a->millionths == b->millionths;
}

/* Entries of a row on which the engines differ, or all where one gives up. */
static size_t wrong_entries(struct row *r, bool *words, bool *pairs)
{
    size_t wrong = 0;
    *words = r->f != &formats[F64] && truth_words(r->f, r->n, r->value, r->mask, r->words);
    *pairs = truth_row_pairs(r->f, r->n, r->x, r->mask, r->fast);
    if (!truth_row_fast(SOFTMAX, r->f, r->n, r->x, NULL, r->mask, r->fast) ||
        !truth_row_arb(SOFTMAX, r->f, r->n, r->x, NULL, r->mask, r->arb) ||
        !truth_row_mpfr(SOFTMAX, r->f, r->n, r->x, NULL, r->mask, r->mpfr))
        return r->n;
    for (size_t i = 0; i < r->n; i++)
        wrong += !same(&r->fast[i], &r->arb[i]) || !same(&r->fast[i], &r->mpfr[i]) ||
                 (*words && r->words[i] != r->arb[i].word);
    return wrong;
}

/* Every format's rows and entries, and what was wrong and what was left to the tier behind. */
static bool compare_engines(size_t rows)
{
    size_t entries[FORMATS] = {0}, wrong[FORMATS] = {0}, by_words[FORMATS] = {0}, by_pairs[FORMATS] = {0}, all = 0;
#pragma omp parallel reduction(+ : entries[:FORMATS], wrong[:FORMATS], by_words[:FORMATS], by_pairs[:FORMATS])
    {
        struct row *r = malloc(sizeof *r);
        if (r == NULL) abort();
#pragma omp for schedule(dynamic, 16)
        for (size_t turn = 0; turn < rows; turn++) {
            bool words, pairs;
            make_row(r, turn);
            wrong[turn % FORMATS] += wrong_entries(r, &words, &pairs);
            entries[turn % FORMATS] += r->n;
            by_words[turn % FORMATS] += words;
            by_pairs[turn % FORMATS] += pairs;
        }
        free(r);
        truth_cleanup_fast();
        truth_cleanup_mpfr();
    }
    for (int f = 0; f < FORMATS; f++) {
        size_t of = rows / FORMATS;
        printf("%s: %zu entries in %zu rows, %zu differ from MPFR or Arb; rows left: %zu by pairs", formats[f].name,
               entries[f], of, wrong[f], of - by_pairs[f]);
        printf(f == F64 ? "\n" : ", %zu by doubles\n", of - by_words[f]);
        all += wrong[f];
    }
    return all == 0;
}

/* --- the speed: rows a second on one core, without text --- */

static bool words_alone(int op, const struct format *f, size_t n, const uint64_t *x, const uint64_t *dy,
                        const unsigned char *mask, struct answer *out)
{
    (void)op, (void)x, (void)dy, (void)out;
    struct row *r = (struct row *)((char *)(uintptr_t)mask - offsetof(struct row, mask));
    return truth_words(f, n, r->value, mask, r->words);
}

static double rows_a_second(truth_row *engine, struct row *rows, size_t count)
{
    struct timespec from, now;
    double seconds = 0;
    size_t done = 0;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    while (seconds < 0.5) {
        for (size_t i = 0; i < count; i++, done++)
            engine(SOFTMAX, rows[i].f, rows[i].n, rows[i].x, NULL, rows[i].mask, rows[i].fast);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
        seconds = (double)(now.tv_sec - from.tv_sec) + 1e-9 * (double)(now.tv_nsec - from.tv_nsec);
    }
    return (double)done / seconds;
}

static void print_speed(void)
{
    enum { ROWS = 32 };
    static const struct {
        const char *name;
        truth_row *row;
    } engines[] = {
        {"mpfr", truth_row_mpfr}, {"arb", truth_row_arb}, {"fast", truth_row_fast}, {"fast, words", words_alone}};
    static const double densities[] = {1, 0.5, 0.02};
    struct row *rows = malloc(ROWS * sizeof *rows);
    if (rows == NULL) abort();
    printf("f32, n = 1880, one core, rows/s:  all valid       50 %%        2 %%\n");
    for (size_t e = 0; e < sizeof engines / sizeof *engines; e++) {
        uint64_t seed = 1;
        printf("  %-30s", engines[e].name);
        for (int d = 0; d < 3; d++) {
            for (int i = 0; i < ROWS; i++) {
                rows[i].f = &formats[F32];
                rows[i].n = 1880;
                fill(&rows[i], 5, 0, densities[d], &seed);
            }
            printf(" %10.0f", rows_a_second(engines[e].row, rows, ROWS));
        }
        printf("\n");
    }
    free(rows);
    truth_cleanup_fast();
    truth_cleanup_mpfr();
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "speed") == 0) return print_speed(), 0;
    const long part = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
    if (part < 1 || part > 1 << 20) {
        fprintf(stderr, "expected truth [PART] or truth speed, PART a number from 1 to 2^20, found '%s'\n", argv[1]);
        return 2;
    }
    size_t floats, blocks = (size_t)((1000000000 / BLOCK + part) / part), some = part > 1 ? 100000 : 1000000;
    struct worst every = every_float((size_t)part, &floats);
    const double claimed = FAST_EXP_BOUND * 0x1p53, claimed_pair = FAST_PAIR_BOUND * 0x1p106;
    printf("%zu floats: %.4f units of 2^-53, at %a; claimed %g\n", floats, every.error, every.high, claimed);
    struct worst pair = many_pairs(blocks);
    printf("%zu pairs: %.4f units of 2^-53, at %a + %a; claimed %g\n", blocks * BLOCK, pair.error, pair.high, pair.low,
           claimed);
    struct worst second = pairs_by_mpfr(some);
    printf("%zu pairs by MPFR: %.4f units of 2^-106, at %a + %a; claimed %g\n", some, second.error, second.high,
           second.low, claimed_pair);
    bool right = compare_engines((size_t)(40000 / part + 1) * FORMATS);
    print_speed();
    return !(right && every.error < claimed && pair.error < claimed && second.error < claimed_pair);
}
