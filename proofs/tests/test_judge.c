/* test_judge - the comparator itself, row by row: right words pass, every wrong word fails, and a row without a
   distribution passes under the policy that it follows and under no other.
   SPDX-License-Identifier: MIT */
#include "exact_sum.h"
#include "judged.h"
#include "random.h"
#include "ulp.h"

#include <math.h>

static const double limits[] = {0.5, 1, 8, 1e300};
enum { LIMITS = sizeof limits / sizeof *limits };

/* A random plain row of 1..8 entries; the masked ones may hold anything. */
static void random_row(struct line *line, const struct format *f, uint64_t *state)
{
    char text[400];
    size_t n = 1 + random_below(state, 8), valid = random_below(state, n);
    double sigma = ldexp(1, (int)random_below(state, 8) - 2);
    int length = snprintf(text, sizeof text, "softmax %s ", f->name);
    for (size_t i = 0; i < n; i++) text[length++] = i == valid || random_below(state, 3) ? '1' : '0';
    const char *mask = text + length - n;
    for (size_t i = 0; i < n; i++) {
        uint64_t w = word_nearest(f, sigma * (random_uniform(state) + random_uniform(state) - 1));
        if (mask[i] == '0' && random_below(state, 3) == 0) w = random_word(state, f);
        length +=
            snprintf(text + length, sizeof text - (size_t)length, " %0*llx", (int)f->digits, (unsigned long long)w);
    }
    answer_text(line, text);
    cr_assert(line->class[0] == CLASS_PLAIN, "%s", text);
}

static const char *spell(const struct line *line)
{
    static char *text;
    size_t length;
    free(text);
    FILE *out = open_memstream(&text, &length);
    line_write_answer(out, line);
    fclose(out);
    return text;
}

Test(judge, right_words_pass_at_every_limit)
{
    struct line line = {0};
    struct policy policy = policy_default();
    uint64_t state = 1, got[8];
    for (int turn = 0; turn < 4000; turn++) {
        random_row(&line, &formats[turn % FORMATS], &state);
        right_words(&line, got);
        for (int i = 0; i < LIMITS; i++) {
            struct verdict v = judge_words(&line, 0, got, &policy, limits[i]);
            cr_assert(v.status == PASS && v.bugs == 0 && v.ulp <= 0.5 && v.leak == 0 && strcmp(v.choice, "-") == 0,
                      "limit %g, %s", limits[i], spell(&line));
        }
    }
    line_free(&line);
}

Test(judge, every_flipped_bit_fails_at_one_half)
{
    struct line line = {0};
    struct policy policy = policy_default();
    uint64_t state = 2, got[8];
    for (int turn = 0; turn < 1000; turn++) {
        const struct format *f = &formats[turn % FORMATS];
        random_row(&line, f, &state);
        right_words(&line, got);
        for (size_t i = 0; i < line.n; i++)
            for (unsigned bit = 0; bit < 4 * f->digits; bit++) {
                got[i] ^= 1ull << bit;
                struct verdict v = judge_words(&line, 0, got, &policy, 0.5);
                cr_assert(v.status == FAIL, "entry %zu bit %u of %s", i, bit, spell(&line));
                got[i] ^= 1ull << bit;
            }
    }
    line_free(&line);
}

/* The neighbours of a right word, and words further off: they pass from their error on, and not before. */
Test(judge, the_limit_is_the_error_by_the_metric)
{
    struct line line = {0};
    struct policy policy = policy_default();
    uint64_t state = 3, got[8];
    for (int turn = 0; turn < 4000; turn++) {
        const struct format *f = &formats[turn % FORMATS];
        random_row(&line, f, &state);
        right_words(&line, got);
        size_t i = random_below(&state, line.n);
        uint64_t off = turn % 3 == 0 ? 1 + random_below(&state, 100) : 1;
        uint64_t wrong = turn % 2 ? got[i] + off : got[i] - off;
        if (!line.mask[i] || !word_is_finite(f, wrong) || word_negative(f, wrong)) continue;
        got[i] = wrong;
        double error = ulp_error(f, wrong, &line.answer[i]), above = error * (1 + 1e-9), below = error * (1 - 1e-9);
        if (above < 0.5) above = 0.5 + 1e-9; /* at 0.5 words are compared; the metric alone would let it pass there */
        struct verdict good = judge_words(&line, 0, got, &policy, above);
        cr_assert(good.status == PASS && good.ulp >= error, "limit %.9f, entry %zu is %llx: %s", above, i,
                  (unsigned long long)wrong, spell(&line));
        for (int half = 0; half < 2; half++) {
            double limit = half ? 0.5 : fmax(0.5, below);
            struct verdict bad = judge_words(&line, 0, got, &policy, limit);
            cr_assert(bad.status == FAIL && bad.at == i && bad.ulp == error, "limit %.9f, entry %zu is %llx: %s", limit,
                      i, (unsigned long long)wrong, spell(&line));
        }
    }
    line_free(&line);
}

/* --- single rows worked by hand: case, words, and the limits from which they pass (0: at none) --- */

static const struct {
    const char *what, *text, *words;
    double passes_from;
} by_hand[] = {
    {"exact 1", "softmax f32 10 3f800000 3f800000", "3f800000 00000000", 0.5},
    {"the word below an exact 1: half an ulp off", "softmax f32 10 3f800000 3f800000", "3f7fffff 00000000", 0.6},
    {"the word above an exact 1", "softmax f32 10 3f800000 3f800000", "3f800001 00000000", 1},
    {"NaN", "softmax f32 11 3f800000 3f800000", "3f000000 7fc00000", 0},
    {"signalling NaN", "softmax f32 11 3f800000 3f800000", "3f000000 7f800001", 0},
    {"negative NaN", "softmax f32 11 3f800000 3f800000", "3f000000 ffc00000", 0},
    {"nothing but NaN", "softmax f32 11 3f800000 3f800000", "7fc00000 7fc00000", 0},
    {"NaN on a masked entry", "softmax f32 101 3f800000 7fc00000 3f800000", "3f000000 7fc00000 3f000000", 0},
    {"infinity", "softmax f32 11 3f800000 3f800000", "3f000000 7f800000", 0},
    {"-infinity", "softmax f32 11 3f800000 3f800000", "3f000000 ff800000", 0},
    {"infinity on a masked entry", "softmax f32 10 3f800000 3f800000", "3f800000 7f800000", 0},
    {"all zero", "softmax f32 11 3f800000 3f800000", "00000000 00000000", 0},
    {"all zero, both signs", "softmax f32 11 3f800000 3f800000", "00000000 80000000", 0},
    {"all zero where one is valid", "softmax f32 01 3f800000 3f800000", "00000000 00000000", 0},
    {"-0 on a masked entry", "softmax f32 10 3f800000 3f800000", "3f800000 80000000", 0},
    {"the smallest number on a masked entry", "softmax f32 10 3f800000 3f800000", "3f800000 00000001", 0},
    {"-0 for the exact 0 of a valid -inf", "softmax f32 11 3f800000 ff800000", "3f800000 80000000", 0},
    {"+0 for it", "softmax f32 11 3f800000 ff800000", "3f800000 00000000", 0.5},
    {"a negative probability", "softmax f32 11 3f800000 3f800000", "3f000000 bf000000", 0},
    {"a negative one of the smallest", "softmax f32 11 3f800000 c2cc0000", "3f800000 80000001", 0}, /* e^-103 */
    {"a negative one beside a large limit", "softmax f32 11 3f800000 c2d00000", "3f800000 80000001", 0},
    {"+0 for what underflows", "softmax f32 11 3f800000 c3480000", "3f800000 00000000", 0.5},
    {"-0 for what underflows", "softmax f32 11 3f800000 c3480000", "3f800000 80000000", 0.6},
    {"the smallest for what underflows", "softmax f32 11 3f800000 c3480000", "3f800000 00000001", 1},
    {"the rows swapped", "softmax f32 11 3f800000 40000000", "3f3b26a8 3e89b2b0", 2e7},
};

static void parse_words(const struct line *line, const char *text, uint64_t *got)
{
    for (size_t i = 0; i < line->rows * line->n; i++, text += line->format->digits + 1)
        cr_assert(word_parse(line->format, text, " ", &got[i]), "word %zu: %s", i, text);
}

Test(judge, rows_worked_by_hand)
{
    static const double steps[] = {0.5, 0.6, 1, 8, 2e7, 1e300};
    struct line line = {0};
    struct policy policy = policy_default();
    uint64_t got[8];
    for (size_t c = 0; c < sizeof by_hand / sizeof *by_hand; c++) {
        answer_text(&line, by_hand[c].text);
        parse_words(&line, by_hand[c].words, got);
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
            bool expected = by_hand[c].passes_from > 0 && steps[i] >= by_hand[c].passes_from;
            struct verdict v = judge_words(&line, 0, got, &policy, steps[i]);
            cr_assert(v.status == (expected ? PASS : FAIL), "%s: expected to %s at %g ulp (its error is %g)",
                      by_hand[c].what, expected ? "pass" : "fail", steps[i], v.ulp);
        }
    }
    line_free(&line);
}

/* In f16 every share of a uniform row of 2^24 is the smallest number: zeros are 1 ulp off, and still no softmax.
   The answers are written by hand, as no oracle would, so that two entries are enough. */
Test(judge, zeros_within_the_limit_fail)
{
    struct line line = {0};
    struct policy policy = policy_default(), ftz = policy_default();
    char text[] = "tiny softmax f16 111 3c00 3c00 3c00 = 0001 0001 0001";
    cr_assert(line_parse_answer(&line, text), "%s", line.error);
    uint64_t right[] = {1, 1, 1}, zeros[] = {0, 0, 0}, one_zero[] = {1, 0, 1}, mixed[] = {0, 0x8000, 0};
    ftz.choice[KEY_TINY] = CHOICE_FTZ;
    cr_assert(judge_words(&line, 0, right, &policy, 0.5).status == PASS);
    cr_assert(judge_words(&line, 0, one_zero, &policy, 1).status == PASS, "one of them is 1 ulp off");
    for (int i = 0; i < LIMITS; i++) {
        cr_assert(judge_words(&line, 0, zeros, &policy, limits[i]).status == FAIL, "limit %g", limits[i]);
        cr_assert(judge_words(&line, 0, mixed, &policy, limits[i]).status == FAIL, "limit %g", limits[i]);
        cr_assert(judge_words(&line, 0, zeros, &ftz, limits[i]).status == FAIL, "limit %g, tiny=ftz", limits[i]);
    }
    line_free(&line);

    enum { N = 1 << 16 }; /* and a real one, which the oracle answers: shares of 256 smallest numbers */
    static uint64_t x[N], got[N];
    static unsigned char mask[N];
    static struct answer answers[N];
    enum row_class plain = CLASS_PLAIN;
    memset(mask, 1, sizeof mask);
    struct line uniform = {
        .format = &formats[F16], .rows = 1, .n = N, .mask = mask, .x = x, .class = &plain, .answer = answers};
    cr_assert(truth_row_arb(SOFTMAX, uniform.format, N, x, NULL, mask, answers) && answers[0].word == 0x0100);
    for (int i = 0; i < LIMITS; i++)
        cr_assert(judge_words(&uniform, 0, got, &policy, limits[i]).status == FAIL, "limit %g", limits[i]);
    for (size_t i = 0; i < N; i++) got[i] = 0x0100;
    cr_assert(judge_words(&uniform, 0, got, &policy, 0.5).status == PASS);
}

Test(judge, leak_and_sum_are_exact)
{
    struct line line = {0};
    struct policy policy = policy_default();
    uint64_t state = 4, got[8];
    for (int turn = 0; turn < 2000; turn++) {
        const struct format *f = &formats[turn % FORMATS];
        random_row(&line, f, &state);
        right_words(&line, got);
        struct exact_sum sum = {0}, leak = {0};
        for (size_t i = 0; i < line.n; i++) {
            if (turn % 5 == 0) got[i] = random_word(&state, f);
            exact_sum_add(&sum, f, got[i]);
            if (!line.mask[i]) exact_sum_add(&leak, f, got[i]);
        }
        exact_sum_add(&sum, &formats[F64], 0xbff0000000000000);
        struct verdict v = judge_words(&line, 0, got, &policy, 1);
        double expected_sum = exact_sum_value(&sum), expected_leak = exact_sum_value(&leak);
        cr_assert(v.sum == expected_sum || (isnan(v.sum) && isnan(expected_sum)), "%g %s", v.sum, spell(&line));
        cr_assert(v.leak == expected_leak || (isnan(v.leak) && isnan(expected_leak)), "%g %s", v.leak, spell(&line));
    }
    /* by hand: thirds are 2^-25 too much in f32; a half under the mask is a leak of a half */
    uint64_t thirds[] = {0x3eaaaaab, 0x3eaaaaab, 0x3eaaaaab}, leaking[] = {0x3f000000, 0x3f000000, 0};
    answer_text(&line, "softmax f32 111 3f800000 3f800000 3f800000");
    cr_assert(judge_words(&line, 0, thirds, &policy, 0.5).sum == 0x1p-25);
    answer_text(&line, "softmax f32 101 3f800000 3f800000 ff800000");
    struct verdict v = judge_words(&line, 0, leaking, &policy, 1);
    cr_assert(v.sum == 0 && v.leak == 0.5 && v.at == 1 && v.status == FAIL);
    line_free(&line);
}

/* Only its own row decides: the same words in row 1 of a batch, whatever row 0 does. */
Test(judge, each_row_of_a_batch_by_itself)
{
    struct line line = {0};
    struct policy policy = policy_default();
    answer_text(&line, "softmax f16 101/110/011 3c00 3c00 3c00 3c00 3c00 3c00 3c00 3c00 3c00");
    uint64_t words[9];
    right_words(&line, words);
    for (size_t r = 0; r < 3; r++) cr_assert(judge_words(&line, r, words, &policy, 0.5).status == PASS, "row %zu", r);
    words[4] ^= 1;
    for (size_t r = 0; r < 3; r++)
        cr_assert(judge_words(&line, r, words, &policy, 0.5).status == (r == 1 ? FAIL : PASS), "row %zu", r);
    cr_assert(judge_words(&line, 1, words, &policy, 0.5).at == 1, "entries are counted in their row");
    line_free(&line);
}

/* --- rows whose answer is a policy --- */

/* What a row looks like that follows a choice; `e` is a share of 1/k, 'u' the unmasked softmax, 'n' NaN, '0' zero. */
static const struct {
    enum policy_key key;
    const char *mask;
    double x[6];
    struct {
        enum choice choice;
        const char *looks;
    } rows[5];
} policies[] = {
    {KEY_EMPTY,
     "0000",
     {1, 2, 3, 1},
     {{CHOICE_ZERO, "0000"}, {CHOICE_NAN, "nnnn"}, {CHOICE_UNIFORM_ALL, "eeee"}, {CHOICE_UNMASKED, "uuuu"}}},
    {KEY_NAN, "1101", {1, NAN, 2, 3}, {{CHOICE_NAN, "nn0n"}, {CHOICE_LANE_NAN, "0n00"}}},
    {KEY_PINF,
     "11101",
     {INFINITY, 1, INFINITY, 2, -INFINITY},
     {{CHOICE_NAN, "nnn0n"}, {CHOICE_LIMIT, "e0e00"}, {CHOICE_LANE_NAN, "n0n00"}}},
    {KEY_ALL_NINF,
     "11011",
     {-INFINITY, -INFINITY, 1, -INFINITY, -INFINITY},
     {{CHOICE_ZERO, "00000"}, {CHOICE_NAN, "nn0nn"}, {CHOICE_UNIFORM_VALID, "ee0ee"}}},
};
enum { POLICIES = sizeof policies / sizeof *policies };

static void row_that_looks(const struct line *line, const char *looks, uint64_t *got)
{
    const struct format *f = line->format;
    struct line unmasked = {0};
    double shares = 0, x[8];
    for (size_t i = 0; i < line->n; i++) shares += looks[i] == 'e';
    for (size_t i = 0; i < line->n; i++) x[i] = word_value(f, line->x[i]);
    if (looks[0] == 'u') answer_values(&unmasked, f, "1111", x);
    for (size_t i = 0; i < line->n; i++)
        got[i] = looks[i] == '0'   ? 0
                 : looks[i] == 'n' ? word_quiet_nan(f)
                 : looks[i] == 'e' ? word_nearest(f, 1 / shares)
                                   : unmasked.answer[i].word;
    line_free(&unmasked);
}

Test(judge, a_row_passes_under_its_own_policy_alone)
{
    struct line line = {0};
    uint64_t got[8];
    for (const struct format *f = formats; f < formats + FORMATS; f++)
        for (int p = 0; p < POLICIES; p++) {
            enum policy_key key = policies[p].key;
            answer_values(&line, f, policies[p].mask, policies[p].x);
            cr_assert(line.class[0] == (enum row_class)key, "%s", key_names[key]);
            for (int seen = 0; seen < 5 && policies[p].rows[seen].looks != NULL; seen++)
                for (const enum choice *c = key_choices[key]; *c != CHOICES; c++)
                    for (int i = 0; i < 3; i++) {
                        enum choice choice = policies[p].rows[seen].choice;
                        row_that_looks(&line, policies[p].rows[seen].looks, got);
                        struct policy policy = policy_default();
                        policy.choice[key] = *c;
                        struct verdict v = judge_words(&line, 0, got, &policy, limits[i]);
                        cr_assert(
                            v.status == (*c == choice ? PASS : FAIL) && strcmp(v.choice, choice_names[choice]) == 0,
                            "%s: %s=%s declared, %s given, limit %g: status %s, choice '%s'", f->name, key_names[key],
                            choice_names[*c], choice_names[choice], limits[i], status_names[v.status], v.choice);
                        got[line.n - 1] = word_nearest(f, 0.625); /* and with one wrong word under none */
                        v = judge_words(&line, 0, got, &policy, limits[i]);
                        cr_assert(v.status == FAIL && strcmp(v.choice, "undecided") == 0, "%s: %s=%s, limit %g",
                                  f->name, key_names[key], choice_names[*c], limits[i]);
                    }
        }
    line_free(&line);
}

/* masked=nan-rows-all-nan: NaN under the mask too, in rows whose valid entries are NaN by policy, and only there. */
Test(judge, nan_under_the_mask)
{
    static const struct {
        const char *what, *mask, *looks;
        double x[4];
        bool passes_strict, passes_all_nan;
    } masked[] = {
        {"nan row, masked NaN", "1101", "nnnn", {1, NAN, 2, 3}, false, true},
        {"nan row, masked zero", "1101", "nn0n", {1, NAN, 2, 3}, true, false},
        {"pinf row, masked NaN", "1101", "nnnn", {1, INFINITY, 2, 3}, false, true},
        {"nan row without masked entries", "1111", "nnnn", {1, NAN, 2, 3}, true, true},
        {"empty row", "0000", "0000", {1, NAN, 2, 3}, true, true},
        {"all-ninf row, masked NaN", "1100", "00nn", {-INFINITY, -INFINITY, NAN, 3}, false, false},
        {"plain row, masked NaN", "1100", "eenn", {1, 1, NAN, 3}, false, false},
        {"plain row, masked zero", "1100", "ee00", {1, 1, NAN, 3}, true, true},
    };
    struct line line = {0};
    struct policy strict = policy_default(), all_nan = policy_default();
    uint64_t got[8];
    all_nan.choice[KEY_MASKED] = CHOICE_NAN_ROWS_ALL_NAN;
    for (size_t i = 0; i < sizeof masked / sizeof *masked; i++)
        for (int l = 0; l < LIMITS; l++) {
            answer_values(&line, &formats[F32], masked[i].mask, masked[i].x);
            row_that_looks(&line, masked[i].looks, got);
            cr_assert((judge_words(&line, 0, got, &strict, limits[l]).status == PASS) == masked[i].passes_strict,
                      "%s, masked=zero, limit %g", masked[i].what, limits[l]);
            cr_assert((judge_words(&line, 0, got, &all_nan, limits[l]).status == PASS) == masked[i].passes_all_nan,
                      "%s, masked=nan-rows-all-nan, limit %g", masked[i].what, limits[l]);
        }
    line_free(&line);
}

/* tiny=ftz: 0 for a subnormal, on valid entries, and never for a normal number. */
Test(judge, flushed_subnormals)
{
    struct line line = {0};
    struct policy kept = policy_default(), ftz = policy_default();
    ftz.choice[KEY_TINY] = CHOICE_FTZ;
    for (const struct format *f = formats; f < formats + FORMATS; f++) {
        double edge = 0x1.62e42fefa39efp-1 * f->emin; /* ln of the smallest normal */
        answer_values(&line, f, "1111", (const double[]){0, edge - 1.5, edge + 1.5, edge - 2});
        uint64_t unit = 1ull << (f->precision - 1), got[4];
        right_words(&line, got);
        cr_assert(got[1] < unit && got[1] > 2 && got[2] > unit && got[3] < unit, "%s", f->name);
        cr_assert(judge_words(&line, 0, got, &ftz, 0.5).status == PASS, "%s: what is kept is right too", f->name);
        got[1] = 0;
        got[3] = word_sign_bit(f); /* either zero */
        cr_assert(judge_words(&line, 0, got, &kept, 1).status == FAIL, "%s", f->name);
        cr_assert(judge_words(&line, 0, got, &ftz, 1).status == PASS, "%s", f->name);
        cr_assert(judge_words(&line, 0, got, &ftz, 0.5).status == FAIL, "%s: 0.5 means the same words", f->name);
        got[2] = 0;
        cr_assert(judge_words(&line, 0, got, &ftz, 1).status == FAIL, "%s: a normal number flushed", f->name);
    }
    line_free(&line);
}

/* --- replies that are no words --- */

Test(judge, skip_error_and_class_names)
{
    struct line line = {0};
    uint64_t got[4] = {0};
    bool named[1] = {false};
    struct batch_facts batch = {.odd_rows = false};
    static const struct {
        const char *what, *mask;
        double x[2];
        int key; /* whose choice `error` permits the refusal; KEYS: none does */
    } rows[] = {{"empty", "00", {1, 2}, KEY_EMPTY},
                {"nan", "11", {1, NAN}, KEY_NAN},
                {"pinf", "11", {1, INFINITY}, KEYS},
                {"plain", "11", {1, 2}, KEYS},
                {"plain with a masked NaN", "10", {1, NAN}, KEYS}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int key = 0; key <= KEY_NAN; key++) {
            struct policy policy = policy_default();
            policy.choice[key] = CHOICE_ERROR;
            answer_values(&line, &formats[F16], rows[i].mask, rows[i].x);
            struct result error = {REPLY_ERROR, got, named, error_is_declared(&line, &policy)};
            struct verdict v = judge_row(&line, 0, &error, &policy, 1, &batch);
            cr_assert(v.status == (key == rows[i].key ? PASS : FAIL) && strcmp(v.choice, "error") == 0, "%s, %s=error",
                      rows[i].what, key_names[key]);
            struct result skip = {REPLY_SKIP, got, named, false};
            cr_assert(judge_row(&line, 0, &skip, &policy, 1, &batch).status == SKIP, "%s", rows[i].what);
        }
    /* a batch is refused as a whole, for the sake of one row */
    struct policy policy = policy_default();
    policy.choice[KEY_EMPTY] = CHOICE_ERROR;
    answer_values(&line, &formats[F16], "11/00", (const double[]){1, 2, 1, 2});
    cr_assert(error_is_declared(&line, &policy));
    answer_values(&line, &formats[F16], "11/01", (const double[]){1, 2, 1, 2});
    cr_assert(!error_is_declared(&line, &policy));
    answer_values(&line, &formats[F16], "00", (const double[]){1, 2});
    named[0] = true;
    struct result name = {REPLY_WORDS, got, named, false};
    cr_assert(judge_row(&line, 0, &name, &policy, 1, &batch).status == PASS, "an answer line is right by itself");
    line_free(&line);
}

/* --- the names of choices --- */

Test(judge, policies_are_applied_from_left_to_right)
{
    struct policy policy = policy_default();
    char error[200];
    for (int key = 0; key < KEYS; key++)
        for (const enum choice *c = key_choices[key]; *c != CHOICES; c++) {
            char text[80];
            snprintf(text, sizeof text, "%s=%s", key_names[key], choice_names[*c]);
            cr_assert(policy_apply(&policy, text, error, sizeof error), "%s: %s", text, error);
            cr_assert(policy.choice[key] == *c, "%s", text);
        }
    cr_assert(policy_apply(&policy, "strict-zero", error, sizeof error), "%s", error);
    for (int key = 0; key < KEYS; key++) cr_assert(policy.choice[key] == key_choices[key][0], "%s", key_names[key]);
    cr_assert(policy_apply(&policy, "empty=uniform-all,nan,pinf=limit,tiny=ftz,tiny=kept", error, sizeof error), "%s",
              error);
    cr_assert(policy.choice[KEY_EMPTY] == CHOICE_NAN && policy.choice[KEY_ALL_NINF] == CHOICE_NAN &&
              policy.choice[KEY_MASKED] == CHOICE_NAN_ROWS_ALL_NAN && policy.choice[KEY_PINF] == CHOICE_LIMIT &&
              policy.choice[KEY_TINY] == CHOICE_KEPT);
    static const char *const wrong[] = {"full=nan", "empty=limit", "empty=", "=nan",       "e=nan",
                                        "empty",    "tiny=ftz,x",  "NAN",    "empty=nan2", "empty==nan"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        error[0] = '\0';
        cr_assert(!policy_apply(&policy, wrong[i], error, sizeof error), "%s", wrong[i]);
        cr_assert(strncmp(error, "expected ", 9) == 0, "%s: %s", wrong[i], error);
    }
}

Test(judge, profiles_are_found_again_by_their_choices)
{
    struct policy policy;
    char error[300], list[300] = "expected a profile (";
    for (const struct profile *p = profiles; p->name != NULL; p++) {
        policy = policy_of(p);
        const char *name = policy_name(&policy);
        cr_assert_not_null(name, "%s", p->name);
        const struct profile *same = profiles;
        while (strcmp(same->name, name) != 0) same++;
        struct policy again = policy_of(same), applied = policy_default();
        cr_assert(same <= p && policy_equal(&policy, &again), "%s is found as %s", p->name, name);
        cr_assert(policy_apply(&applied, p->name, error, sizeof error) && policy_equal(&policy, &applied), "%s", error);
        for (int key = 0; key < KEYS; key++)
            for (const enum choice *c = key_choices[key]; *c != CHOICES; c++) {
                struct policy other = policy;
                other.choice[key] = *c;
                cr_assert(policy_equal(&policy, &other) == (*c == policy.choice[key]), "%s, %s=%s", p->name,
                          key_names[key], choice_names[*c]);
            }
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", p == profiles ? "" : ", ", p->name);
    }
    policy = policy_default();
    cr_assert_str_eq(policy_name(&policy), "strict-zero");
    policy.choice[KEY_EMPTY] = CHOICE_UNMASKED;
    policy.choice[KEY_TINY] = CHOICE_FTZ;
    cr_assert_null(policy_name(&policy), "nobody's choices have no name");

    /* what is expected is named in full */
    cr_assert(!policy_apply(&policy, "mine", error, sizeof error));
    cr_assert(strncmp(error, list, strlen(list)) == 0 && strstr(error, ") or class=choice, found 'mine'") != NULL, "%s",
              error);
    cr_assert(!policy_apply(&policy, "jax,empty=limit", error, sizeof error));
    cr_assert_str_eq(error, "expected empty=zero, nan, uniform-all, unmasked, error, found 'empty=limit'");
    cr_assert(!policy_apply(&policy, "full=nan", error, sizeof error));
    cr_assert_str_eq(error, "expected a class (empty, nan, pinf, all-ninf, masked, tiny), found 'full=nan'");
}
