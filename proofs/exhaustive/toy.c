/* toy - all rows over a small alphabet, with all masks: up to three letters of an 8-bit float (not in f64, which is
   slow) and of a 6-bit float, in f16 up to four of it; with the infinities, NaN, -0, the format's largest and smallest:
   the bits of correctly_rounded, and word and frac of the fast engine, against MPFR's.  toy [PART [FAULT]]: one in PART
   of the multisets of letters, in all orders; exit 1 for a wrong bit, as FAULT (word, leak, frac, mask) must give.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"
#include "truth.h"

#include <time.h>

enum { LONGEST = 4, MASKS = 1 << LONGEST, ORDERS = 24, LETTERS = 256 };

extern const struct impl impl_correctly_rounded_f64, impl_correctly_rounded_f32, impl_correctly_rounded_bf16,
    impl_correctly_rounded_f16;

/* As IEEE 754 would lay out 8 bits, 4 of them for the exponent: up to 240.  Every fourth word has 6 bits, one of them
   of fraction. */
static const struct format eight_bits = {"e4m3", 2, 4, -6, 7};
static const struct alphabet {
    const char *name;
    uint64_t step;           /* of the words of eight_bits */
    size_t longest[FORMATS]; /* 0: not at all */
} alphabets[] = {{"e4m3", 1, {0, 3, 3, 3}}, {"e4m1", 4, {3, 3, 3, 4}}};

/* What a row must give: its class, and the answers of a plain one. */
struct known {
    enum row_class class;
    struct answer answer[LONGEST];
};

/* All rows of n letters.  What stands under a mask changes nothing, and the order only that of the answers, so that
   MPFR is asked once for each multiset of valid letters: those of fewer than n are in `known`, by their numbers + 1. */
struct space {
    const struct format *f;
    const struct impl *impl;
    size_t n, count, orders, known_count;
    uint64_t letter[LETTERS];
    unsigned char order[ORDERS][LONGEST]; /* all permutations */
    struct known *known;
};

struct batch { /* one multiset in all orders with all masks */
    size_t rows;
    uint64_t words[ORDERS * MASKS * LONGEST];
    double x[ORDERS * MASKS * LONGEST], p[ORDERS * MASKS * LONGEST];              /* as f64 takes and gives them */
    float narrow_x[ORDERS * MASKS * LONGEST], narrow_p[ORDERS * MASKS * LONGEST]; /* and the others */
    unsigned char mask[ORDERS * MASKS * LONGEST];
    struct answer exact[ORDERS * MASKS * LONGEST];
    enum row_class class[ORDERS * MASKS];
};

struct tally {
    size_t rows, expected_rows, wrong, classes, engine_rows, engine_wrong;
};

enum fault { NONE, WORD, LEAK, FRAC, MASK, FAULTS };
static const char *const fault_names[FAULTS] = {"none", "word", "leak", "frac", "mask"};

static size_t power(size_t base, size_t exponent) { return exponent == 0 ? 1 : base * power(base, exponent - 1); }

/* --- what is right --- */

static struct known ask(const struct space *s, size_t k, const uint64_t *x)
{
    static const unsigned char valid[LONGEST] = {1, 1, 1, 1};
    struct known known = {.class = k == 0 ? CLASS_EMPTY : CLASS_ALL_NINF};
    bool nan = false, pinf = false;
    for (size_t i = 0; i < k; i++) {
        const double v = word_value(s->f, x[i]);
        nan |= isnan(v);
        pinf |= v == INFINITY;
        if (isfinite(v)) known.class = CLASS_PLAIN;
    }
    if (nan || pinf) known.class = nan ? CLASS_NAN : CLASS_PINF;
    if (known.class == CLASS_PLAIN && !truth_row_mpfr(SOFTMAX, s->f, k, x, NULL, valid, known.answer)) abort();
    return known;
}

static void letters_of(const struct space *s, size_t k, const size_t *numbers, uint64_t *x)
{
    for (size_t i = 0; i < k; i++) x[i] = s->letter[numbers[i]];
}

static size_t place(const struct space *s, size_t k, const size_t *numbers)
{
    size_t at = 0;
    for (size_t i = k; i-- > 0;) at = at * (s->count + 1) + numbers[i] + 1;
    return at;
}

/* The multisets of fewer than n letters, each in rising order of its numbers. */
static void ask_all(struct space *s)
{
    s->known_count = power(s->count + 1, s->n - 1);
    s->known = calloc(s->known_count, sizeof *s->known);
    if (s->known == NULL) abort();
#pragma omp parallel
    {
#pragma omp for schedule(dynamic, 64)
        for (size_t at = 0; at < s->known_count; at++) {
            size_t numbers[LONGEST], k = 0;
            uint64_t x[LONGEST];
            bool rising = true;
            for (size_t rest = at; rest > 0; rest /= s->count + 1) {
                numbers[k] = rest % (s->count + 1) - 1;
                rising &= numbers[k] < s->count && (k == 0 || numbers[k - 1] <= numbers[k]);
                k++;
            }
            letters_of(s, k, numbers, x);
            if (rising) s->known[at] = ask(s, k, x);
        }
        truth_cleanup_mpfr();
    }
}

/* --- the rows of a multiset --- */

static void list_orders(struct space *s)
{
    for (size_t code = 0; code < power(s->n, s->n); code++) {
        unsigned char order[LONGEST] = {0};
        unsigned seen = 0;
        for (size_t i = 0, rest = code; i < s->n; i++, rest /= s->n) {
            order[i] = (unsigned char)(rest % s->n);
            seen |= 1u << order[i];
        }
        if (seen == (1u << s->n) - 1) memcpy(s->order[s->orders++], order, sizeof order);
    }
}

/* Equal letters in the order of their places, or the same row would come again. */
static bool is_first(const struct space *s, const unsigned char *order, const size_t *numbers)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = i + 1; j < s->n; j++)
            if (numbers[order[i]] == numbers[order[j]] && order[i] > order[j]) return false;
    return true;
}

/* n! / (the factorials of how often each letter is there), times the masks */
static size_t rows_of(const struct space *s, const size_t *numbers)
{
    size_t orders = 1, run = 0;
    for (size_t i = 0; i < s->n; i++) {
        run = i > 0 && numbers[i] == numbers[i - 1] ? run + 1 : 1;
        orders = orders * (i + 1) / run;
    }
    return orders << s->n;
}

static void add_row(struct batch *b, const struct space *s, const size_t *numbers, const unsigned char *order,
                    const struct known *known, unsigned mask)
{
    const size_t at = b->rows * s->n;
    size_t rank[LONGEST], valid = 0; /* among the valid */
    for (size_t i = 0; i < s->n; i++) {
        rank[i] = valid;
        valid += mask >> i & 1;
    }
    for (size_t i = 0; i < s->n; i++) {
        b->words[at + i] = s->letter[numbers[order[i]]];
        b->x[at + i] = word_value(s->f, b->words[at + i]);
        b->narrow_x[at + i] = (float)b->x[at + i];
        b->mask[at + i] = mask >> order[i] & 1;
        b->exact[at + i] = b->mask[at + i] ? known->answer[rank[order[i]]] : (struct answer){0};
    }
    b->class[b->rows++] = known->class;
}

static void fill(struct batch *b, const struct space *s, const size_t *numbers, enum fault fault)
{
    b->rows = 0;
    for (unsigned mask = fault == MASK; mask < 1u << s->n; mask++) {
        size_t valid[LONGEST], k = 0;
        uint64_t x[LONGEST];
        for (size_t i = 0; i < s->n; i++)
            if (mask >> i & 1) valid[k++] = numbers[i];
        letters_of(s, k, valid, x);
        const struct known known = k < s->n ? s->known[place(s, k, valid)] : ask(s, k, x);
        for (size_t o = 0; o < s->orders; o++)
            if (is_first(s, s->order[o], numbers)) add_row(b, s, numbers, s->order[o], &known, mask);
    }
}

/* --- the trial --- */

static bool right_bits(const struct format *f, double p, enum row_class class, bool valid, const struct answer *exact)
{
    if (valid && (class == CLASS_NAN || class == CLASS_PINF)) return isnan(p);
    return !signbit(p) && p == word_value(f, class == CLASS_PLAIN ? exact->word : 0);
}

static void check(struct batch *b, const struct space *s, enum fault fault, struct tally *t)
{
    const bool wide = s->f == &formats[F64];
    memset(b->p, 0xff, sizeof b->p); /* NaN */
    memset(b->narrow_p, 0xff, sizeof b->narrow_p);
    s->impl->call(b->rows, s->n, wide ? (void *)b->x : b->narrow_x, b->mask, wide ? (void *)b->p : b->narrow_p);
    for (size_t i = 0; i < b->rows * s->n; i++) {
        if (!wide) b->p[i] = (double)b->narrow_p[i];
        const bool leaks = fault == LEAK && !b->mask[i], errs = fault == WORD && b->exact[i].side != 0;
        if (leaks || errs) b->p[i] = word_value(s->f, b->exact[i].word ^ 1);
        t->wrong += !right_bits(s->f, b->p[i], b->class[i / s->n], b -> mask[i], &b -> exact[i]);
    }
    for (size_t r = 0; r < b->rows; r++) {
        const size_t at = r * s->n;
        struct answer answer[LONGEST];
        t->classes += row_class(s->f, s->n, b->words + at, NULL, b->mask + at) != b->class[r];
        if (b->class[r] != CLASS_PLAIN) continue;
        t->engine_rows++;
        if (!truth_row_fast(SOFTMAX, s->f, s->n, b->words + at, NULL, b->mask + at, answer)) abort();
        answer[0].millionths += fault == FRAC;
        for (size_t i = 0; i < s->n; i++) {
            const struct answer *a = &answer[i], *exact = &b->exact[at + i];
            t->engine_wrong += a->word != exact->word || a->side != exact->side || a->millionths != exact->millionths;
        }
    }
    t->rows += b->rows;
}

static void add(struct tally *to, const struct tally *t)
{
    to->rows += t->rows;
    to->expected_rows += t->expected_rows;
    to->wrong += t->wrong;
    to->classes += t->classes;
    to->engine_rows += t->engine_rows;
    to->engine_wrong += t->engine_wrong;
}

/* One in `part` of the multisets; the fault in the first. */
static struct tally check_space(const struct space *s, size_t part, enum fault fault)
{
    const size_t all = power(s->count, s->n);
    struct tally total = {0};
#pragma omp parallel
    {
        struct batch *b = malloc(sizeof *b);
        struct tally t = {0};
        if (b == NULL) abort();
#pragma omp for schedule(dynamic, 256)
        for (size_t at = 0; at < all; at += part) {
            size_t numbers[LONGEST], rest = at;
            bool rising = true;
            for (size_t i = s->n; i-- > 0; rest /= s->count) numbers[i] = rest % s->count;
            for (size_t i = 1; i < s->n; i++) rising &= numbers[i - 1] <= numbers[i];
            if (!rising) continue;
            const enum fault here = at == 0 ? fault : NONE;
            t.expected_rows += rows_of(s, numbers);
            fill(b, s, numbers, here);
            check(b, s, here, &t);
        }
#pragma omp critical
        add(&total, &t);
        free(b);
        truth_cleanup_fast();
        truth_cleanup_mpfr();
    }
    return total;
}

/* The letters: all numbers of the alphabet, -0 too, the infinities, a NaN, and what the format has at its ends. */
static struct space space_of(const struct format *f, const struct impl *impl, const struct alphabet *a, size_t n)
{
    struct space s = {.f = f, .impl = impl, .n = n};
    for (uint64_t w = 0; w < 256; w += a->step)
        if (!word_is_nan(&eight_bits, w)) s.letter[s.count++] = word_nearest(f, word_value(&eight_bits, w));
    const uint64_t ends[] = {1, word_max(f), word_sign_bit(f) | 1, word_sign_bit(f) | word_max(f), word_quiet_nan(f)};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) s.letter[s.count++] = ends[i];
    list_orders(&s);
    return s;
}

static bool check_alphabet(const struct format *f, const struct impl *impl, const struct alphabet *a, size_t longest,
                           size_t part, enum fault fault)
{
    const clock_t start = clock();
    struct tally all = {0};
    size_t count = 0, product = 0;
    for (size_t n = 1; n <= longest; n++) {
        struct space s = space_of(f, impl, a, n);
        ask_all(&s);
        struct tally t = check_space(&s, n == 1 ? 1 : part, fault);
        add(&all, &t);
        count = s.count;
        product += power(s.count, n) << n;
        free(s.known);
    }
    printf("%-4s %s, %zu letters, up to %zu: %zu rows%s; wrong: %zu words, %zu classes; fast engine, %zu rows: %zu; "
           "%.0f s of processor time\n",
           f->name, a->name, count, longest, all.rows, all.rows == all.expected_rows ? "" : " (NOT ALL)", all.wrong,
           all.classes, all.engine_rows, all.engine_wrong, (double)(clock() - start) / CLOCKS_PER_SEC);
    fflush(stdout);
    return all.rows == all.expected_rows && (part > 1 || all.rows == product) && all.wrong == 0 && all.classes == 0 &&
           all.engine_wrong == 0;
}

int main(int argc, char **argv)
{
    static const struct impl *const impls[FORMATS] = {[F64] = &impl_correctly_rounded_f64,
                                                      [F32] = &impl_correctly_rounded_f32,
                                                      [BF16] = &impl_correctly_rounded_bf16,
                                                      [F16] = &impl_correctly_rounded_f16};
    const long part = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
    enum fault fault = NONE;
    while (argc > 2 && fault < FAULTS && strcmp(argv[2], fault_names[fault]) != 0) fault++;
    if (part < 1 || part > 1 << 20 || fault == FAULTS) {
        fprintf(stderr, "expected toy [PART [FAULT]], PART a number from 1 to 2^20, FAULT word, leak, frac or mask\n");
        return 2;
    }
    bool right = true;
    for (int f = 0; f < FORMATS; f++)
        for (size_t a = 0; a < sizeof alphabets / sizeof *alphabets; a++) {
            const size_t longest = alphabets[a].longest[f];
            if (longest > 0)
                right &= check_alphabet(&formats[f], impls[f], &alphabets[a], longest, (size_t)part, fault);
        }
    return !right;
}
