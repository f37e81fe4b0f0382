/* test_judge_ops - the judge on log_softmax and on gradients, where they differ from softmax: the sign, zeros that are
   due, the unit of a gradient's error, mass in logs, and the policies in logs.
   SPDX-License-Identifier: MIT */
#include "judged.h"
#include "random.h"
#include "ulp.h"

#include <math.h>

static const struct policy *strict(void)
{
    static struct policy policy;
    policy = policy_default();
    return &policy;
}

/* The answer of "op format mask words" and the verdict on the words of `got` at a limit. */
static struct verdict verdict_on(const char *text, const char *got, const struct policy *policy, double max_ulp)
{
    struct line line = {0};
    uint64_t words[8];
    answer_text(&line, text);
    for (size_t i = 0; i < line.rows * line.n; i++, got += line.format->digits + 1)
        cr_assert(word_parse(line.format, got, " ", &words[i]), "%s: word %zu", text, i);
    struct verdict v = judge_words(&line, 0, words, policy, max_ulp);
    line_free(&line);
    return v;
}

/* --- rows worked by hand --- */

Test(judge_ops, rows_worked_by_hand)
{
    static const struct {
        const char *what, *text, *got;
        double passes_from; /* 0: at no limit */
    } by_hand[] = {
        {"log 1/2", "log_softmax f32 11 3f800000 3f800000", "bf317218 bf317218", 0.5},
        {"log 1/2 and the next word", "log_softmax f32 11 3f800000 3f800000", "bf317218 bf317219", 2},
        {"log 1/2 without its sign", "log_softmax f32 11 3f800000 3f800000", "bf317218 3f317218", 0},
        {"one valid entry: log 1 is 0", "log_softmax f32 10 3f800000 3f800000", "00000000 ff800000", 0.5},
        {"its zero may be either", "log_softmax f32 10 3f800000 3f800000", "80000000 ff800000", 1},
        {"alone in its row", "log_softmax f32 1 3f800000", "00000000", 0.5},
        {"alone, as -0", "log_softmax f32 1 3f800000", "80000000", 1},
        {"the smallest above 0", "log_softmax f32 10 3f800000 3f800000", "00000001 ff800000", 0},
        {"the smallest below 0", "log_softmax f32 10 3f800000 3f800000", "80000001 ff800000", 1},
        {"zero under the mask", "log_softmax f32 10 3f800000 3f800000", "00000000 00000000", 0},
        {"+inf under the mask", "log_softmax f32 10 3f800000 3f800000", "00000000 7f800000", 0},
        {"a small log under the mask", "log_softmax f32 10 3f800000 3f800000", "00000000 c7000000", 0},
        {"zero for a valid -inf", "log_softmax f32 11 3f800000 ff800000", "00000000 00000000", 0},
        {"-inf for it", "log_softmax f32 11 3f800000 ff800000", "00000000 ff800000", 0.5},
        {"zeros where logs are due", "log_softmax f32 11 3f800000 3f800000", "00000000 00000000", 0},
        {"+0 for a log that underflows", "log_softmax f16 11 4d00 0000", "0000 cd00", 1}, /* -e^-20 */
        {"-0 for it", "log_softmax f16 11 4d00 0000", "8000 cd00", 0.5},
        {"a gradient", "vjp f32 11 3f800000 3f800000 3f800000 00000000", "3e800000 be800000", 0.5},
        {"with the signs swapped", "vjp f32 11 3f800000 3f800000 3f800000 00000000", "be800000 3e800000", 1e8},
        {"zeros where a gradient is due", "vjp f32 11 3f800000 3f800000 3f800000 00000000", "00000000 00000000", 1e8},
        {"one zero", "vjp f32 11 3f800000 3f800000 3f800000 00000000", "3e800000 00000000", 1e8},
        {"a gradient of nothing", "vjp f32 11 3f800000 3f800000 3f800000 3f800000", "00000000 00000000", 0.5},
        {"of nothing, as -0", "vjp f32 11 3f800000 3f800000 3f800000 3f800000", "80000000 00000000", 1},
        {"of nothing, with rounding noise", "vjp f32 11 3f800000 3f800000 3f800000 3f800000", "33000000 b3000000", 1},
        {"of nothing, with more", "vjp f32 11 3f800000 3f800000 3f800000 3f800000", "34400000 b4400000", 2},
        {"of nothing, but NaN", "vjp f32 11 3f800000 3f800000 3f800000 3f800000", "00000000 7fc00000", 0},
        {"a gradient under the mask", "vjp f32 10 3f800000 3f800000 3f800000 3f800000", "00000000 00000001", 0},
        {"-0 under the mask", "vjp f32 10 3f800000 3f800000 3f800000 3f800000", "00000000 80000000", 1},
        {"of a valid -inf", "vjp f32 11 3f800000 ff800000 3f800000 3f800000", "00000000 00000001", 0},
        {"0 of a valid -inf", "vjp f32 11 3f800000 ff800000 3f800000 3f800000", "00000000 00000000", 0.5},
    };
    static const double limits[] = {0.5, 1, 2, 1e8, 1e300};
    for (size_t c = 0; c < sizeof by_hand / sizeof *by_hand; c++)
        for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
            bool expected = by_hand[c].passes_from > 0 && limits[i] >= by_hand[c].passes_from;
            struct verdict v = verdict_on(by_hand[c].text, by_hand[c].got, strict(), limits[i]);
            cr_assert(v.status == (expected ? PASS : FAIL), "%s: expected to %s at %g ulp (its error is %g)",
                      by_hand[c].what, expected ? "pass" : "fail", limits[i], v.ulp);
        }
}

/* --- the unit of a gradient's error --- */

/* p_i (|dy_i| + sum p |dy|), p_i no smaller than the smallest normal number, in long double. */
static double terms_of(const struct line *line, size_t i)
{
    const struct format *f = line->format;
    long double max = -INFINITY, sum = 0, pull = 0;
    for (int pass = 0; pass < 3; pass++)
        for (size_t j = 0; j < line->n; j++) {
            long double x = (long double)word_value(f, line->x[j]);
            if (!line->mask[j] || isinf(x)) continue;
            if (pass == 0) max = fmaxl(max, x);
            if (pass == 1) sum += expl(x - max);
            if (pass == 2) pull += expl(x - max) / sum * fabsl((long double)word_value(f, line->dy[j]));
        }
    long double p = fmaxl(expl((long double)word_value(f, line->x[i]) - max) / sum, ldexpl(1, f->emin));
    return (double)(p * (fabsl((long double)word_value(f, line->dy[i])) + pull));
}

/* A random gradient with masked NaN and valid -inf in it. */
static void random_gradient(struct line *line, const struct format *f, uint64_t *state, double sigma)
{
    char text[400], mask[9] = "";
    size_t n = 2 + random_below(state, 6), valid = random_below(state, n);
    for (size_t i = 0; i < n; i++) mask[i] = i == valid || random_below(state, 4) ? '1' : '0';
    int length = snprintf(text, sizeof text, "vjp %s %s", f->name, mask);
    for (size_t i = 0; i < 2 * n; i++) {
        uint64_t w = word_nearest(f, (i < n ? sigma : 4) * (random_uniform(state) + random_uniform(state) - 1));
        if (mask[i % n] == '0' && random_below(state, 2) == 0) w = random_word(state, f);
        if (i < n && i != valid && mask[i] == '1' && random_below(state, 6) == 0) w = word_inf(f) | word_sign_bit(f);
        length +=
            snprintf(text + length, sizeof text - (size_t)length, " %0*llx", (int)f->digits, (unsigned long long)w);
    }
    answer_text(line, text);
    cr_assert(line->class[0] == CLASS_PLAIN, "%s", text);
}

Test(judge_ops, a_gradient_is_measured_against_its_terms)
{
    struct line line = {0};
    uint64_t state = 1, got[8], in_terms = 0;
    for (int turn = 0; turn < 6000; turn++) {
        const struct format *f = &formats[turn % FORMATS];
        random_gradient(&line, f, &state, (const double[]){1, 10, 2000}[turn / FORMATS % 3]);
        right_words(&line, got);
        cr_assert(judge_words(&line, 0, got, strict(), 0.5).status == PASS);
        size_t i = random_below(&state, line.n);
        if (!line.mask[i] || !word_is_finite(f, line.x[i])) continue;
        got[i] = word_nearest(f, word_value(f, got[i]) + ldexp(terms_of(&line, i), 6 - f->precision)) + 20;
        double unit = ldexp(terms_of(&line, i), 1 - f->precision);
        const struct answer *exact = &line.answer[i];
        double ulp = ldexp(1, ulp_exponent_of(f, exact)), off = word_value(f, got[i]) - word_value(f, exact->word);
        double error = fabs(off - exact->side * exact->millionths * 1e-6 * ulp) / fmax(unit, ulp);
        in_terms += unit > ulp;
        struct verdict v = judge_words(&line, 0, got, strict(), error * (1 + 1e-6));
        cr_assert(v.status == PASS && v.at == i && fabs(v.ulp - error) <= 1e-6 * error, "turn %d: %g, not %g", turn,
                  v.ulp, error);
        v = judge_words(&line, 0, got, strict(), error * (1 - 1e-6));
        cr_assert(v.status == FAIL && v.at == i, "turn %d: %g at %zu, not %g at %zu", turn, v.ulp, v.at, error, i);
    }
    cr_assert(in_terms > 1000, "only %llu gradients that cancel", (unsigned long long)in_terms);
    line_free(&line);
}

/* Half of the largest double, from terms of the largest: the unit is 2^972, four times the ulp of the result. */
Test(judge_ops, the_largest_gradients_have_a_unit)
{
    static const char text[] = "vjp f64 11 0000000000000000 0000000000000000 7fefffffffffffff ffefffffffffffff";
    struct verdict v = verdict_on(text, "7fdfffffffffffff ffdffffffffffffe", strict(), 1);
    cr_assert(v.status == PASS && v.at == 1 && fabs(v.ulp - 0.25) < 1e-6, "%g at %zu", v.ulp, v.at);
}

/* --- mass --- */

Test(judge_ops, mass_in_logs_and_of_gradients)
{
    struct verdict v =
        verdict_on("log_softmax f32 101 3f800000 3f800000 3f800000", "bf317218 bf800000 bf317218", strict(), 1);
    cr_assert(fabs(v.sum - exp(-1)) < 1e-7 && fabs(v.leak - exp(-1)) < 1e-7 && v.at == 1 && v.status == FAIL,
              "sum %g leak %g at %zu", v.sum, v.leak, v.at);
    v = verdict_on("log_softmax f32 101 3f800000 3f800000 3f800000", "bf317218 ff800000 bf317218", strict(), 1);
    cr_assert(fabs(v.sum) < 1e-7 && v.leak == 0 && v.status == PASS && v.ulp < 0.5);
    v = verdict_on("vjp f32 101 3f800000 3f800000 3f800000 3f800000 00000000 00000000", "3e800000 be000000 be800000",
                   strict(), 1);
    cr_assert(v.sum == -0.125 && v.leak == -0.125 && v.at == 1 && v.status == FAIL, "sum %g leak %g at %zu", v.sum,
              v.leak, v.at);
}

/* The largest leak is named, and with a leak and a wrong valid entry the leak; a NaN under the mask is no size. */
Test(judge_ops, the_entry_that_is_named)
{
    static const char text[] = "softmax f32 10101 3f800000 3f800000 3f800000 3f800000 ff800000";
    cr_assert(verdict_on(text, "3f000000 3c000000 3f000000 3d000000 00000000", strict(), 1).at == 3);
    cr_assert(verdict_on(text, "3f000000 3d000000 3f000000 3c000000 00000000", strict(), 1).at == 1);
    cr_assert(verdict_on(text, "3e000000 00000000 3f000000 3c000000 00000000", strict(), 1).at == 3);
    cr_assert(verdict_on(text, "3f000000 00000000 3e000000 7fc00000 00000000", strict(), 1).at == 2);
    cr_assert(verdict_on(text, "3f000000 bc000000 3f000000 3b000000 00000000", strict(), 1).at == 1);
    cr_assert(verdict_on(text, "3f000000 00000000 3f000000 00000000 7fc00000", strict(), 1).at == 4);
    cr_assert(verdict_on(text, "3f000001 00000000 3f000000 00000000 00000001", strict(), 1).at == 4, "it fails");
    cr_assert(verdict_on(text, "3f000001 00000000 3f000000 00000000 00000000", strict(), 1).at == 0);
    struct verdict v = verdict_on(text, "3f000000 00000000 7fc00000 00000000 00000000", strict(), 1);
    cr_assert(isnan(v.ulp) && v.at == 2, "NaN is the largest error, and stays it");
    v = verdict_on(text, "7fc00000 00000000 3e000000 00000000 00000000", strict(), 1);
    cr_assert(isnan(v.ulp) && v.at == 0);
    v = verdict_on("softmax f64 101 3ff0000000000000 3ff0000000000000 3ff0000000000000",
                   "3fe0000000000001 0000000000000001 3fe0000000000000", strict(), 1);
    cr_assert(v.leak > 0 && v.at == 1, "the smallest leak is one");
    v = verdict_on(text, "3f000000 00000000 3f000000 7fc00000 00000000", strict(), 1);
    cr_assert(v.status == FAIL && v.at == 3, "nothing but NaN under the mask");
    v = verdict_on("softmax f64 11 3ff0000000000000 3ff0000000000000", "3fe0000040000003 3fe0000040000001", strict(),
                   1);
    cr_assert(v.status == FAIL && v.at == 0, "two ulps more in 2^30");
    v = verdict_on("softmax f64 001 3ff0000000000000 3ff0000000000000 3ff0000000000000",
                   "3fe0000000000003 3fe0000000000001 3ff0000000000000", strict(), 1);
    cr_assert(v.status == FAIL && v.at == 0, "two ulps more of a half");
}

/* --- policies --- */

static struct policy with(const char *choices)
{
    struct policy policy = policy_default();
    char error[200];
    cr_assert(policy_apply(&policy, choices, error, sizeof error), "%s", error);
    return policy;
}

Test(judge_ops, policies_in_logs_and_of_gradients)
{
    static const struct {
        const char *what, *text, *got, *declared, *choice; /* choice: what is seen; passes if it is declared */
        bool passes;
    } rows[] = {
        {"empty in logs", "log_softmax f32 00 3f800000 3f800000", "ff800000 ff800000", "empty=zero", "zero", true},
        {"empty, zeros", "log_softmax f32 00 3f800000 3f800000", "00000000 00000000", "empty=zero", "undecided", false},
        {"shares in logs", "log_softmax f32 00 3f800000 40000000", "bf317218 bf317218", "empty=uniform-all",
         "uniform-all", true},
        {"shares, no logs", "log_softmax f32 00 3f800000 40000000", "3f000000 3f000000", "empty=uniform-all",
         "undecided", false},
        {"unmasked in logs", "log_softmax f32 00 3f800000 40000000", "bfa818f5 bea063d5", "empty=unmasked", "unmasked",
         true},
        {"unmasked with a large one", "softmax f32 00 00000000 447a0000", "00000000 3f800000", "empty=unmasked",
         "unmasked", true},
        {"unmasked but for the first", "softmax f32 00 3f800000 40000000", "3f000000 3f3b26a8", "empty=unmasked",
         "undecided", false},
        {"unmasked but for the last", "softmax f32 00 3f800000 40000000", "3e89b2b0 3f000000", "empty=unmasked",
         "undecided", false},
        {"the mass of one +inf", "softmax f32 101 7f800000 7f800000 00000000", "3f800000 00000000 00000000",
         "pinf=limit", "limit", true},
        {"none for a masked +inf", "softmax f32 101 7f800000 7f800000 00000000", "3f000000 3f000000 00000000",
         "pinf=limit", "undecided", false},
        {"nor beside its own", "softmax f32 101 7f800000 7f800000 00000000", "3f800000 3f800000 00000000", "pinf=limit",
         "undecided", false},
        {"of three +inf", "softmax f32 1111 7f800000 7f800000 00000000 7f800000", "3eaaaaab 3eaaaaab 00000000 3eaaaaab",
         "pinf=limit", "limit", true},
        {"a lane by dy", "vjp f32 11 3f800000 3f800000 7fc00000 00000000", "7fc00000 00000000", "nan=lane-nan",
         "lane-nan", true},
        {"the other lane", "vjp f32 11 3f800000 3f800000 7fc00000 00000000", "00000000 7fc00000", "nan=lane-nan",
         "undecided", false},
        {"a lane by an infinite dy", "vjp f32 11 3f800000 3f800000 00000000 ff800000", "00000000 7fc00000",
         "nan=lane-nan", "lane-nan", true},
        {"a masked dy makes no lane", "vjp f32 101 3f800000 3f800000 7fc00000 00000000 7fc00000 00000000",
         "00000000 7fc00000 7fc00000", "nan=lane-nan", "undecided", false},
        {"a gradient of shares is zero", "vjp f32 00 3f800000 3f800000 3f800000 00000000", "00000000 00000000",
         "empty=uniform-all", "zero", true},
        {"of the unmasked too", "vjp f32 00 3f800000 3f800000 3f800000 00000000", "00000000 00000000", "empty=unmasked",
         "zero", true},
        {"and of valid shares", "vjp f32 11 ff800000 ff800000 3f800000 00000000", "00000000 00000000",
         "all-ninf=uniform-valid", "zero", true},
        {"of a limit NaN", "vjp f32 11 7f800000 00000000 3f800000 00000000", "7fc00000 7fc00000", "pinf=limit", "nan",
         true},
        {"no shares in a gradient", "vjp f32 00 3f800000 3f800000 3f800000 00000000", "3f000000 3f000000",
         "empty=unmasked", "uniform-all", false},
        {"NaN beside NaN under the mask", "softmax f32 101 7fc00000 3f800000 3f800000", "7fc00000 7fc00000 7fc00000",
         "strict-zero", "nan", false},
        {"zero under the mask", "softmax f32 101 7fc00000 3f800000 3f800000", "7fc00000 00000000 7fc00000",
         "masked=nan-rows-all-nan", "nan", false},
        {"of two names that of the declared masking", "softmax f32 101 7fc00000 3f800000 7fc00000",
         "7fc00000 00000000 7fc00000", "masked=nan-rows-all-nan", "lane-nan", false},
        {"NaN for a row that is none by policy", "softmax f32 101 ff800000 3f800000 ff800000",
         "7fc00000 7fc00000 7fc00000", "all-ninf=nan", "nan", false},
        {"no softmax of infinities", "softmax f32 00 7f800000 3f800000", "3f800000 00000000", "empty=unmasked",
         "undecided", false},
        {"nor of NaN", "softmax f32 00 7fc00000 3f800000", "7fc00000 7fc00000", "empty=unmasked", "nan", false},
        {"nor of -inf alone", "softmax f32 00 ff800000 ff800000", "3f000000 3f000000", "empty=unmasked", "uniform-all",
         false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct policy policy = with(rows[i].declared);
        struct verdict v = verdict_on(rows[i].text, rows[i].got, &policy, 1);
        cr_assert((v.status == PASS) == rows[i].passes && strcmp(v.choice, rows[i].choice) == 0, "%s: %s, choice '%s'",
                  rows[i].what, status_names[v.status], v.choice);
    }
}

/* A share of a policy is exact to the limit, and no closer than half an ulp where the limit is that. */
Test(judge_ops, how_near_a_share_must_be)
{
    static const char text[] = "softmax f32 000 3f800000 3f800000 3f800000";
    struct policy policy = with("empty=uniform-all");
    cr_assert(verdict_on(text, "3eaaaaab 3eaaaaab 3eaaaaab", &policy, 0.5).status == PASS);
    cr_assert(verdict_on(text, "3eaaaaab 3eaaaaab 3eaaaaaa", &policy, 0.5).status == FAIL);
    cr_assert(verdict_on(text, "3eaaaaab 3eaaaaab 3eaaaaaa", &policy, 1).status == PASS);
    cr_assert(verdict_on(text, "3eaaaaab 3eaaaaab 3eaaaaad", &policy, 1).status == FAIL);
    policy = with("empty=unmasked");
    cr_assert(verdict_on(text, "3eaaaaab 3eaaaaab 3eaaaaad", &policy, 1).status == PASS, "one ulp more: in double");
    cr_assert(verdict_on(text, "3eaaaaab 3eaaaaab 3eaaaaae", &policy, 1).status == FAIL);
}

Test(judge_ops, a_log_is_judged_to_its_limit)
{
    struct line line = {0};
    uint64_t state = 2, got[8];
    for (int turn = 0; turn < 2000; turn++) {
        const struct format *f = &formats[turn % FORMATS];
        char text[200], *at = text + sprintf(text, "log_softmax %s 1101", f->name);
        for (int i = 0; i < 4; i++)
            at += sprintf(at, " %0*llx", (int)f->digits,
                          (unsigned long long)word_nearest(f, 20 * random_uniform(&state) - 10));
        answer_text(&line, text);
        right_words(&line, got);
        cr_assert(judge_words(&line, 0, got, strict(), 0.5).status == PASS);
        got[1] += 1 + random_below(&state, 3);
        double error = ulp_error(f, got[1], &line.answer[1]);
        cr_assert(judge_words(&line, 0, got, strict(), fmax(0.5, error * (1 - 1e-9))).status == FAIL);
        struct verdict v = judge_words(&line, 0, got, strict(), fmax(0.5, error) + 1e-9);
        cr_assert(v.status == PASS && v.ulp == fmax(error, v.ulp) && v.ulp >= error);
    }
    line_free(&line);
}

/* tiny=ftz ends below the smallest normal number, by the answer and not by what was given. */
Test(judge_ops, where_flushing_ends)
{
    struct line line = {0};
    struct policy ftz = with("tiny=ftz");
    for (const struct format *f = formats; f < formats + FORMATS; f++) {
        uint64_t unit = 1ull << (f->precision - 1), one = word_nearest(f, 1);
        const struct {
            uint64_t exact, got;
            bool passes;
        } rows[] = {{unit - 1, 0, true},      {unit, 0, false}, {unit + 1, 0, false},
                    {2 * unit - 1, 0, false}, {1, 0, true},     {unit - 1, 1, false}};
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            char text[200];
            snprintf(text, sizeof text, "tiny softmax %s 11 %0*llx %0*llx = %0*llx %0*llx", f->name, (int)f->digits,
                     (unsigned long long)one, (int)f->digits, (unsigned long long)one, (int)f->digits,
                     (unsigned long long)one, (int)f->digits, (unsigned long long)rows[i].exact);
            cr_assert(line_parse_answer(&line, text), "%s", line.error);
            uint64_t got[] = {one, rows[i].got};
            cr_assert((judge_words(&line, 0, got, &ftz, 1).status == PASS) == rows[i].passes, "%s row %zu", f->name, i);
        }
    }
    line_free(&line);
}

/* A row of a batch has its own dy. */
Test(judge_ops, the_second_row_of_a_gradient)
{
    struct line line = {0};
    struct policy policy = with("nan=lane-nan");
    uint64_t got[] = {0x3400, 0xb400, 0, 0x7e00};
    answer_text(&line, "vjp f16 11/11 3c00 3c00 3c00 3c00 3c00 0000 3c00 7e00");
    cr_assert(line.class[0] == CLASS_PLAIN && line.class[1] == CLASS_NAN);
    cr_assert(judge_words(&line, 0, got, &policy, 0.5).status == PASS);
    cr_assert(judge_words(&line, 1, got, &policy, 0.5).status == PASS);
    got[2] = 0x7e00;
    cr_assert(judge_words(&line, 1, got, &policy, 0.5).status == FAIL);
    line_free(&line);
}
