/* pairs - all 2^32 rows of two valid logits, in bf16 and in f16: the bits of correctly_rounded, the words of the fast
   engine, and the largest error of `where` and `safe`, by the staircase of steps.h.  pairs [PART [FAULT]]: one in PART
   of the first logits with all of the second; exit 1 for a wrong bit, as FAULT (word, edge, skip) must give.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"
#include "steps.h"
#include "truth_fast.h"
#include "ulp.h"

#include <time.h>

enum { WORDS = 1 << 16, OTHERS = 2 };

enum fault { NONE, WORD, EDGE, SKIP, FAULTS };
static const char *const fault_names[FAULTS] = {"none", "word", "edge", "skip"};

#define RECORDS(f) extern const struct impl impl_correctly_rounded_##f, impl_where_##f, impl_safe_##f
RECORDS(bf16);
RECORDS(f16);
static const struct trial {
    int format;
    const struct impl *right, *others[OTHERS];
} trials[] = {{BF16, &impl_correctly_rounded_bf16, {&impl_where_bf16, &impl_safe_bf16}},
              {F16, &impl_correctly_rounded_f16, {&impl_where_f16, &impl_safe_f16}}};

/* The rows of one first logit, the second in the order below. */
struct batch {
    float x[WORDS][2], p[WORDS][2], exact[WORDS][2]; /* exact: NaN where p must be */
    unsigned char mask[WORDS][2];
};

/* All words: the finite ones by value, then -inf, +inf and the NaNs. */
struct order {
    uint64_t word[WORDS];
    size_t finite;
};

struct tally {
    size_t rows, plain, wrong, engine_wrong, by_pairs, other[OTHERS];
    double error[OTHERS];
};

static uint32_t bits_of(float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static void order_make(struct order *s, const struct format *f)
{
    const uint64_t sign = word_sign_bit(f), inf = word_inf(f);
    size_t at = 0;
    for (uint64_t m = inf; m-- > 0;) s->word[at++] = sign | m;
    for (uint64_t m = 0; m < inf; m++) s->word[at++] = m;
    s->finite = at;
    s->word[at++] = sign | inf;
    for (uint64_t m = inf; m < sign; m++) s->word[at++] = m;
    for (uint64_t m = inf + 1; m < sign; m++) s->word[at++] = sign | m;
    if (at != WORDS) abort();
}

/* What both must be where one is not finite: the limit where the other is, or it is -inf; 0 of two -inf; else NaN. */
static void exact_special(float x, float y, float *exact)
{
    bool none = isnan(x) || isnan(y) || x == INFINITY || y == INFINITY;
    exact[0] = none ? NAN : isfinite(x) ? 1 : 0;
    exact[1] = none ? NAN : isfinite(y) ? 1 : 0;
}

static void fill(struct batch *b, const struct format *f, const struct order *order, size_t at)
{
    for (size_t i = 0; i < WORDS; i++) {
        b->x[i][0] = (float)word_value(f, order->word[at]);
        b->x[i][1] = (float)word_value(f, order->word[i]);
    }
}

/* The staircase climbed once for the second and descended for the first. */
static void exact_make(struct batch *b, const struct steps *s, const struct order *order, float first)
{
    size_t up = 0, down = s->count, i = 0;
    for (; i < order->finite && isfinite(first); i++) {
        double d = (double)b->x[i][1] - (double)first;
        while (up < s->count && s->below[up] < d) up++;
        while (down > 0 && !(s->below[down - 1] < -d)) down--;
        b->exact[i][0] = (float)word_value(s->f, down);
        b->exact[i][1] = (float)word_value(s->f, up);
    }
    for (; i < WORDS; i++) exact_special(first, b->x[i][1], b->exact[i]);
}

static size_t count_wrong(const struct batch *b)
{
    const float *p = b->p[0], *exact = b->exact[0];
    size_t wrong = 0;
    for (size_t i = 0; i < 2 * WORDS; i++)
        wrong += !((bits_of(p[i]) == bits_of(exact[i])) | ((p[i] != p[i]) & (exact[i] != exact[i])));
    return wrong;
}

static bool is_plain(const struct batch *b, size_t i)
{
    return !isnan(b->exact[i][0]) && b->exact[i][0] + b->exact[i][1] > 0;
}

static void long_words(const struct format *f, const float *x, uint64_t *words)
{
    for (int k = 0; k < 2; k++) words[k] = word_nearest(f, (double)x[k]);
}

/* From here on each two logits in one order alone, for a sum of two terms, and what it loses, does not depend on it. */
static void check_engine(const struct batch *b, const struct format *f, size_t from, struct tally *t)
{
    for (size_t i = from; i < WORDS; i++) {
        uint32_t words[2];
        if (!is_plain(b, i)) continue;
        t->plain++;
        if (!truth_words(f, 2, b->x[i], b->mask[i], words)) {
            struct answer answer[2];
            uint64_t x[2];
            long_words(f, b->x[i], x);
            if (!truth_row_fast(SOFTMAX, f, 2, x, NULL, b->mask[i], answer)) abort();
            for (int k = 0; k < 2; k++) words[k] = (uint32_t)answer[k].word;
            t->by_pairs++;
        }
        for (int k = 0; k < 2; k++) t->engine_wrong += (double)b->exact[i][k] != word_value(f, words[k]);
    }
}

/* A NaN is the largest. */
static double larger(double a, double b) { return isnan(a) || a >= b ? a : b; }

/* The largest error of another implementation, of which the caller rounds p to the format; where that gives the right
   word the error is a half or less, and not looked at. */
static void measure(const struct batch *b, const struct format *f, size_t from, size_t *differ, double *worst)
{
    for (size_t i = from; i < WORDS; i++) {
        if (memcmp(b->p[i], b->exact[i], sizeof b->p[i]) == 0 || !is_plain(b, i)) continue;
        uint64_t got[2], x[2];
        struct answer answer[2];
        long_words(f, b->p[i], got);
        const size_t wrong = (word_value(f, got[0]) != (double)b->exact[i][0]) +
                             (size_t)(word_value(f, got[1]) != (double)b->exact[i][1]);
        if (wrong == 0) continue;
        *differ += wrong;
        long_words(f, b->x[i], x);
        if (!truth_row_mpfr(SOFTMAX, f, 2, x, NULL, b->mask[i], answer)) abort();
        for (int k = 0; k < 2; k++) {
            const double error = ulp_error(f, got[k], &answer[k]);
            *worst = larger(*worst, error);
        }
    }
}

static void call(const struct impl *impl, struct batch *b, size_t from)
{
    memset(b->p, 0xff, sizeof b->p); /* NaN */
    impl->call(WORDS - from, 2, b->x[from], b->mask[from], b->p[from]);
}

/* What is done with the rows of one first logit, which is number `at` in order. */
typedef void look(struct batch *b, const struct trial *trial, size_t at, enum fault fault, struct tally *t);

static void check_bits(struct batch *b, const struct trial *trial, size_t at, enum fault fault, struct tally *t)
{
    const struct format *f = &formats[trial->format];
    float *changed = &b->p[WORDS / 4][1];
    call(trial->right, b, 0);
    if (fault == WORD && at == 0) *changed = (float)word_value(f, word_nearest(f, (double)*changed) ^ 1);
    t->wrong += count_wrong(b);
    t->rows += WORDS;
}

static void check_others(struct batch *b, const struct trial *trial, size_t at, enum fault fault, struct tally *t)
{
    const struct format *f = &formats[trial->format];
    (void)fault;
    check_engine(b, f, at, t);
    for (int o = 0; o < OTHERS; o++) {
        call(trial->others[o], b, at);
        measure(b, f, at, &t->other[o], &t->error[o]);
    }
    t->rows += WORDS - at;
}

static void add(struct tally *to, const struct tally *t)
{
    to->rows += t->rows;
    to->plain += t->plain;
    to->wrong += t->wrong;
    to->engine_wrong += t->engine_wrong;
    to->by_pairs += t->by_pairs;
    for (int o = 0; o < OTHERS; o++) {
        to->other[o] += t->other[o];
        to->error[o] = larger(to->error[o], t->error[o]);
    }
}

/* A format to be searched. */
struct space {
    const struct trial *trial;
    struct steps steps;
    struct order order;
};

static struct tally visit_all(const struct space *s, size_t part, enum fault fault, look *look_at)
{
    struct tally all = {0};
#pragma omp parallel
    {
        struct batch *b = malloc(sizeof *b);
        struct tally t = {0};
        if (b == NULL) abort();
        memset(b->mask, 1, sizeof b->mask);
#pragma omp for schedule(dynamic)
        for (size_t at = fault == SKIP ? part : 0; at < WORDS; at += part) {
            fill(b, s->steps.f, &s->order, at);
            exact_make(b, &s->steps, &s->order, b->x[0][0]);
            look_at(b, s->trial, at, fault, &t);
        }
#pragma omp critical
        add(&all, &t);
        free(b);
        truth_cleanup_fast();
        truth_cleanup_mpfr();
    }
    return all;
}

/* Of processor time. */
static double seconds_since(clock_t start) { return (double)(clock() - start) / CLOCKS_PER_SEC; }

/* Whether all bits are right. */
static bool bits_are_right(const struct space *s, size_t part, enum fault fault)
{
    const clock_t start = clock();
    const bool rounded = steps_hold_for_rounded_differences(&s->steps);
    const struct tally t = visit_all(s, part, fault, check_bits);
    printf("%-4s correctly_rounded: %zu wrong words in %zu rows; %zu edges, %s rounded difference; %.0f s\n",
           s->steps.f->name, t.wrong, t.rows, s->steps.count, rounded ? "none next to a" : "SOME NEXT TO A",
           seconds_since(start));
    fflush(stdout);
    return rounded && t.wrong == 0 && t.rows == (WORDS + part - 1) / part * WORDS;
}

/* Whether the fast engine is, and the others are as near as they claim. */
static bool others_are_right(const struct space *s, size_t part, enum fault fault)
{
    const clock_t start = clock();
    const struct tally t = visit_all(s, part, fault, check_others);
    const size_t firsts = (WORDS + part - 1) / part; /* the k-th has WORDS - k part rows */
    bool right = t.engine_wrong == 0 && t.rows == firsts * WORDS - firsts * (firsts - 1) / 2 * part;
    printf("%-4s fast engine: %zu wrong words in %zu plain rows, %zu of them not decided by doubles\n",
           s->steps.f->name, t.engine_wrong, t.plain, t.by_pairs);
    for (int o = 0; o < OTHERS; o++) {
        const struct impl *other = s->trial->others[o];
        printf("%-4s %s: %zu words not the nearest, at most %.6f ulp off, claimed %g\n", s->steps.f->name, other->name,
               t.other[o], t.error[o], other->max_ulp);
        right &= t.error[o] <= other->max_ulp;
    }
    printf("%-4s these: %zu rows, %.0f s\n", s->steps.f->name, t.rows, seconds_since(start));
    fflush(stdout);
    return right;
}

int main(int argc, char **argv)
{
    const long part = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
    enum fault fault = NONE;
    while (argc > 2 && fault < FAULTS && strcmp(argv[2], fault_names[fault]) != 0) fault++;
    if (part < 1 || part > WORDS / 2 || fault == FAULTS) {
        fprintf(stderr, "expected pairs [PART [FAULT]], PART a number from 1 to 2^15, FAULT word, edge or skip\n");
        return 2;
    }
    bool right = true;
    static struct space spaces[sizeof trials / sizeof *trials];
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
        struct space *s = &spaces[i];
        s->trial = &trials[i];
        steps_make(&s->steps, &formats[trials[i].format]);
        order_make(&s->order, s->steps.f);
        if (fault == EDGE) s->steps.below[s->steps.count - 2] = s->steps.below[s->steps.count - 1];
        right &= bits_are_right(s, (size_t)part, fault);
    }
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
        right &= others_are_right(&spaces[i], (size_t)part, fault);
        steps_free(&spaces[i].steps);
    }
    return !right;
}
