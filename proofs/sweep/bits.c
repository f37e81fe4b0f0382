/* bits - hold every bit of correctly_rounded to the fast engine's words, in f32: random rows of all spreads, densities
   and sizes, and rows that are hard to round.  bits [ENTRIES [SECONDS]] (2e9, no limit); exit 1 for a wrong bit.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"
#include "random.h"
#include "truth_fast.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

extern const struct impl impl_correctly_rounded_f32;

enum { LONGEST = 50257, ENTRIES = 1 << 17, MOST_REPORTED = 10 }; /* of a row; of a batch, at least */

/* What is drawn: sigma of the logits (0: near ties), and percent of the entries that are valid. */
static const struct kind {
    const char *name;
    float sigma;
    unsigned of_256;
} kinds[] = {{"sigma 1,    2 %", 1, 5},  {"sigma 1,   50 %", 1, 128},  {"sigma 1,  100 %", 1, 256},
             {"sigma 5,    2 %", 5, 5},  {"sigma 5,   50 %", 5, 128},  {"sigma 5,  100 %", 5, 256},
             {"sigma 30,   2 %", 30, 5}, {"sigma 30,  50 %", 30, 128}, {"sigma 30, 100 %", 30, 256},
             {"next to ties", 0, 256}};
enum { KINDS = sizeof kinds / sizeof *kinds };

struct batch {
    size_t rows, n;
    float x[ENTRIES + LONGEST], p[ENTRIES + LONGEST];
    unsigned char mask[ENTRIES + LONGEST];
    uint32_t words[LONGEST];
    uint64_t long_x[LONGEST];
    struct answer answer[LONGEST];
};

struct tally {
    size_t rows, entries, by_pairs, by_arb, wrong;
};

/* A normal deviate, about: the sum of four uniforms of 16 bits, and what makes the last of them one of 48. */
static float deviate(uint64_t a, uint64_t b)
{
    float sum = (float)(a & 0xffff) + (float)(a >> 16 & 0xffff) + (float)(a >> 32 & 0xffff) + (float)(a >> 48);
    return (sum - 0x1.fffep16f + (float)(b >> 32) * 0x1p-32f) * 0x1.bb67aep-16f; /* sqrt 3, and 2^-16 */
}

static void fill_random(struct batch *b, const struct kind *kind, uint64_t *seed)
{
    for (size_t i = 0; i < b->rows * b->n; i++) {
        uint64_t one = random_next(seed), two = random_next(seed);
        b->x[i] = kind->sigma * deviate(one, two);
        b->mask[i] = (two & 0xff) < kind->of_256;
    }
    for (size_t r = 0; r < b->rows; r++) b->mask[r * b->n + random_below(seed, b->n)] = 1; /* of class plain */
}

/* n entries, a power of 2, half of them d, or a quarter, the others 0: next to the midpoint 1/n (1 +- |d|/2), or just
   below 1/n (1 - d/4), for d an odd multiple of the ulp below 1 (proofs/tests/test_rounded.c). */
static void fill_near_ties(struct batch *b, uint64_t *seed)
{
    for (size_t r = 0; r < b->rows; r++) {
        float odd = 1 + 2 * floorf(exp2f(18 * (float)random_uniform(seed)) - 1), d = odd * 0x1p-23f;
        size_t zeros = random_below(seed, 2) ? b->n / 2 : b->n - b->n / 4;
        float sign = random_below(seed, 2) ? 1 : -1,
              at = random_below(seed, 4) ? 0 : (float)(int)random_below(seed, 64);
        for (size_t i = 0; i < b->n; i++) {
            b->x[r * b->n + i] = at + (i < zeros ? 0 : sign * d);
            b->mask[r * b->n + i] = 1;
        }
    }
}

/* Rows of 1 to 50257 entries, as many short as long ones by the logarithm, and one batch in eight of the longest. */
static void fill(struct batch *b, const struct kind *kind, uint64_t *seed)
{
    bool ties = kind->sigma == 0;
    b->n = ties ? (size_t)1 << (1 + random_below(seed, 10)) : (size_t)(exp2(15.618 * random_uniform(seed)));
    if (!ties && (b->n > LONGEST || random_below(seed, 8) == 0)) b->n = LONGEST;
    b->rows = (ENTRIES + b->n - 1) / b->n;
    if (ties)
        fill_near_ties(b, seed);
    else
        fill_random(b, kind, seed);
}

static uint32_t word_of(float v)
{
    uint32_t word;
    memcpy(&word, &v, sizeof word);
    return word;
}

/* The row's words, from the first tier that decides it. */
static void true_words(struct batch *b, size_t r, struct tally *t)
{
    const struct format *f = &formats[F32];
    const float *x = b->x + r * b->n;
    const unsigned char *mask = b->mask + r * b->n;
    if (truth_words(f, b->n, x, mask, b->words)) return;
    for (size_t i = 0; i < b->n; i++) b->long_x[i] = word_of(x[i]);
    if (truth_row_pairs(f, b->n, b->long_x, mask, b->answer))
        t->by_pairs++;
    else if (truth_row_arb(SOFTMAX, f, b->n, b->long_x, NULL, mask, b->answer))
        t->by_arb++;
    else
        abort(); /* 16384 bits do not decide: no such row is drawn */
    for (size_t i = 0; i < b->n; i++) b->words[i] = (uint32_t)b->answer[i].word;
}

/* The row as a case line, for `maskproof run correctly_rounded` and `maskproof truth`. */
static void report(struct batch *b, size_t r)
{
    static size_t reported;
    size_t at = r * b->n;
    for (size_t i = 0; i < b->n; i++) b->long_x[i] = word_of(b->x[at + i]);
    struct line line = {.id = "wrong", .op = SOFTMAX, .format = &formats[F32], .rows = 1, .n = b->n};
    line.mask = b->mask + at;
    line.words = line.x = b->long_x;
    if (reported++ >= MOST_REPORTED) return;
    line_write_case(stdout, &line);
    putchar('\n');
}

static struct tally check_batch(struct batch *b, size_t number)
{
    uint64_t seed = number * 0x9e3779b97f4a7c15;
    fill(b, &kinds[number % KINDS], &seed);
    impl_correctly_rounded_f32.call(b->rows, b->n, b->x, b->mask, b->p);
    struct tally t = {.rows = b->rows, .entries = b->rows * b->n};
    for (size_t r = 0; r < b->rows; r++) {
        size_t wrong = 0;
        true_words(b, r, &t);
        for (size_t i = 0; i < b->n; i++) wrong += word_of(b->p[r * b->n + i]) != b->words[i];
        t.wrong += wrong;
#pragma omp critical
        if (wrong > 0) report(b, r);
    }
    return t;
}

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void add(struct tally *to, const struct tally *t)
{
    to->rows += t->rows;
    to->entries += t->entries;
    to->by_pairs += t->by_pairs;
    to->by_arb += t->by_arb;
    to->wrong += t->wrong;
}

static void print(const char *name, const struct tally *t)
{
    printf("%-16s %12zu %10zu %12zu %12zu %8zu\n", name, t->entries, t->rows, t->by_pairs, t->by_arb, t->wrong);
}

int main(int argc, char **argv)
{
    double wanted = argc > 1 ? strtod(argv[1], NULL) : 2e9, limit = argc > 2 ? strtod(argv[2], NULL) : INFINITY;
    if (!(wanted >= 1 && wanted <= 1e15 && limit > 0)) {
        fprintf(stderr, "expected bits [ENTRIES [SECONDS]], numbers of at least 1\n");
        return 2;
    }
    const size_t batches = (size_t)(wanted / ENTRIES) + KINDS;
    const double start = seconds_now();
    double drawn = start;
    struct tally tally[KINDS] = {{0}}, all = {0};
#pragma omp parallel
    {
        struct batch *b = malloc(sizeof *b);
        if (b == NULL) abort();
#pragma omp for schedule(dynamic)
        for (size_t i = 0; i < batches; i++) {
            if (seconds_now() - start > limit) continue;
            struct tally t = check_batch(b, i);
#pragma omp critical
            {
                add(&tally[i % KINDS], &t);
                add(&all, &t);
                if (isatty(STDERR_FILENO) && seconds_now() - drawn > 0.2) {
                    drawn = seconds_now();
                    fprintf(stderr, "\r%.0f million entries, %zu wrong bits, %.0f s ", (double)all.entries * 1e-6,
                            all.wrong, drawn - start);
                }
            }
        }
        free(b);
        truth_cleanup_fast();
    }
    const double seconds = seconds_now() - start;
    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r%60s\r", "");
    printf("%-16s %12s %10s %12s %12s %8s\n", "", "entries", "rows", "by pairs", "by Arb", "wrong");
    for (int k = 0; k < KINDS; k++) print(kinds[k].name, &tally[k]);
    print("all", &all);
    printf("%.1f s, %.0f million entries a second\n", seconds, (double)all.entries / seconds * 1e-6);
    return all.wrong > 0;
}
