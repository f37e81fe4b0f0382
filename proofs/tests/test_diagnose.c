/* test_diagnose - the name of the bug, for rows that were made wrong by hand in one way each.
   SPDX-License-Identifier: MIT */
#include "judged.h"
#include "pipe.h"

#include <math.h>

/* Case and result as numbers, each the nearest word of the format; judged in row `row` at 1 ulp, strict-zero. */
static const struct {
    const char *what;
    unsigned bugs;
    int format;
    const char *mask;
    double x[8], got[8];
    size_t row;
} rows[] = {
    {"softmax(x * mask), the article's numbers",
     BUG_LEAK,
     F32,
     "10110",
     {1.2355, -0.1710, -0.6606, -0.2050, -1.4690},
     {0.5080, 0.1477, 0.0763, 0.1203, 0.1477},
     0},
    {"no mask at all", BUG_LEAK, F32, "101", {1, 2, 3}, {0.09003057, 0.24472848, 0.66524094}, 0},
    {"a leak of the smallest kind", BUG_LEAK, F16, "10", {1, 2}, {1, 0x1p-24}, 0},
    {"an infinite leak", BUG_LEAK, F32, "10", {1, 2}, {1, INFINITY}, 0},
    {"all-ninf, its mass given to the masked",
     BUG_LEAK | BUG_SENTINEL | BUG_POLARITY,
     F32,
     "10",
     {-INFINITY, 3},
     {0, 1},
     0},

    {"masked NaN spreads", BUG_POISON, F32, "101", {1, NAN, 3}, {NAN, NAN, NAN}, 0},
    {"masked +inf spreads", BUG_POISON, F32, "101", {1, INFINITY, 3}, {NAN, NAN, NAN}, 0},
    {"masked -inf times 0", BUG_POISON, BF16, "101", {1, -INFINITY, 3}, {NAN, NAN, NAN}, 0},
    {"masked NaN on its own entry", BUG_POISON, F64, "10", {1, NAN}, {1, NAN}, 0},

    {"exp of 1000",
     BUG_OVERFLOW | BUG_NANFILL | BUG_POLARITY | BUG_TAIL,
     F32,
     "111",
     {1000, 1001, 1002},
     {NAN, NAN, NAN},
     0},
    {"exp of 12 in f16",
     BUG_OVERFLOW | BUG_NANFILL | BUG_POLARITY | BUG_TAIL,
     F16,
     "111",
     {12, 11, 10},
     {NAN, 0, 0},
     0},
    {"exp of -200, 0/0", BUG_OVERFLOW | BUG_NANFILL | BUG_POLARITY | BUG_TAIL, F32, "11", {-200, -201}, {NAN, NAN}, 0},
    {"exp of -100, a subnormal with few digits", BUG_OVERFLOW, F32, "11", {-100, -101}, {0.75, 0.25}, 0},
    {"the sum overflows, all zero", BUG_OVERFLOW | BUG_TAIL, F32, "111", {88.5, 88.5, 88.5}, {0, 0, 0}, 0},

    {"softmax, mask, renormalize: 0/0",
     BUG_OVERFLOW | BUG_STARVE | BUG_NANFILL | BUG_TAIL,
     F32,
     "110",
     {-5, -6, 85},
     {NAN, NAN, 0},
     0},
    {"0/0 caught, and called 0",
     BUG_STARVE | BUG_EPSILON | BUG_UNNORMALIZED | BUG_TAIL,
     F32,
     "110",
     {0, 1, 200},
     {0, 0, 0},
     0},
    {"subnormals with few digits", BUG_STARVE, F16, "110", {0, 1, 15}, {0.25, 0.75, 0}, 0},
    {"masked 200 above, and NaN: no row alone can tell",
     BUG_OVERFLOW | BUG_STARVE | BUG_NANFILL | BUG_TAIL,
     F32,
     "110",
     {0, 1, 200},
     {NAN, NAN, NAN},
     0},

    {"nothing valid: NaN", BUG_EMPTY, F32, "000", {1, 2, 3}, {NAN, NAN, NAN}, 0},
    {"nothing valid: uniform", BUG_EMPTY, F32, "0000", {1, 2, 3, 4}, {0.25, 0.25, 0.25, 0.25}, 0},
    {"nothing valid, and NaN under the mask", BUG_EMPTY | BUG_POISON, F32, "00", {1, NAN}, {NAN, NAN}, 0},
    {"all-ninf: NaN", BUG_EMPTY, F32, "110", {-INFINITY, -INFINITY, 3}, {NAN, NAN, 0}, 0},
    {"all-ninf: uniform", BUG_EMPTY, F16, "110", {-INFINITY, -INFINITY, 3}, {0.5, 0.5, 0}, 0},

    {"the mass of one for two rows, first row", BUG_BATCH, F32, "11/11", {1, 1, 2, 2}, {0.25, 0.25, 0.25, 0.25}, 0},
    {"the mass of one for two rows, second row", BUG_BATCH, F32, "11/11", {1, 1, 2, 2}, {0.25, 0.25, 0.25, 0.25}, 1},
    {"NaN from the row beside",
     BUG_BATCH | BUG_NANFILL | BUG_POLARITY | BUG_TAIL,
     F32,
     "11/11",
     {1, 2, NAN, 2},
     {NAN, NAN, NAN, NAN},
     0},
    {"NaN from an empty row beside",
     BUG_BATCH | BUG_NANFILL | BUG_POLARITY | BUG_TAIL,
     F32,
     "00/11",
     {1, 2, 1, 2},
     {0, 0, NAN, NAN},
     1},

    {"a valid NaN answered by numbers", BUG_HIDDEN, F32, "11", {1, NAN}, {1, 0}, 0},
    {"a valid +inf answered by numbers", BUG_HIDDEN, F32, "11", {1, INFINITY}, {0.25, 0.75}, 0},
    {"+inf takes all, which strict-zero does not declare", BUG_HIDDEN, F64, "11", {1, INFINITY}, {0, 1}, 0},

    {"fill -1e4 against -1e4", BUG_SENTINEL, F32, "110", {-1e4, -1e4, 5}, {0.33333334, 0.33333334, 0.33333334}, 0},
    {"x - 1e4 on the masked", BUG_SENTINEL, F32, "101", {-9998, 3, -9997}, {0.24472848, 0.09003057, 0.66524094}, 0},
    {"a fill that took a share and was zeroed",
     BUG_SENTINEL | BUG_ENCODING,
     F32,
     "110",
     {-1e9, -1e9, 5},
     {0.33333334, 0.33333334, 0},
     0},
    {"masked after the softmax, not rescaled", BUG_UNNORMALIZED, F32, "101", {1, 2, 3}, {0.09003057, 0, 0.66524094}, 0},
    {"short by a factor, where exp is small", BUG_EPSILON, F32, "11", {-30, -31}, {0.36552929, 0.13447071}, 0},
    {"short by a factor, nothing small", BUG_UNNORMALIZED, F32, "11", {1, 0}, {0.36552929, 0.13447071}, 0},
    {"the softmax of the masked entries", BUG_POLARITY, F32, "1001", {5, 1, 2, 6}, {0, 0.26894143, 0.73105858, 0}, 0},
    {"0/1 mask added", BUG_ENCODING, F32, "101", {1, 2, 3}, {0.10650698, 0.10650698, 0.78698605}, 0},
    {"softmax of the mask", BUG_ENCODING, F32, "101", {4, 2, 3}, {0.42231879, 0.15536241, 0.42231879}, 0},
    {"a subnormal flushed", BUG_FLUSH, F32, "11", {0, -90}, {1, 0}, 0},
    {"columns with mass 1", BUG_AXIS, F32, "11/11", {0, 0, 0, 0}, {0.75, 0.75, 0.25, 0.25}, 0},

    {"two ulps off", BUG_ROUND, F32, "11", {1, 1}, {0.5 + 0x1p-23, 0.5}, 0},
    {"far off", BUG_ROUND, F32, "11", {1, 1}, {0.75, 0.25}, 0},
    {"negative", BUG_ROUND, F16, "11", {1, 1}, {-0.5, 0.5}, 0},

    {"NaN for no reason", BUG_NANFILL | BUG_POLARITY | BUG_TAIL, F32, "11", {1, 2}, {NAN, NAN}, 0},
    {"zeros for no reason", BUG_TAIL, F32, "11", {1, 2}, {0, 0}, 0},
    {"right", 0, F32, "11", {1, 1}, {0.5, 0.5}, 0},
    {"right beside a masked NaN", 0, F32, "101", {1, NAN, 1}, {0.5, 0, 0.5}, 0},
    {"right beside a wrong row", 0, F32, "11/11", {1, 1, 1, 1}, {0.5, 0.5, 0.75, 0.25}, 0},
    {"a right empty row", 0, F32, "00", {1, NAN}, {0, 0}, 0},
    {"a right nan row", 0, F32, "110", {1, NAN, 2}, {NAN, NAN, 0}, 0},
};
enum { ROWS = sizeof rows / sizeof *rows, FIRST_RIGHT = ROWS - 5 };

Test(diagnose, rows_made_wrong_by_hand)
{
    struct line line = {0};
    struct policy policy = policy_default();
    for (size_t i = 0; i < ROWS; i++) {
        const struct format *f = &formats[rows[i].format];
        uint64_t got[8];
        char expected[200], found[200];
        answer_values(&line, f, rows[i].mask, rows[i].x);
        for (size_t e = 0; e < line.rows * line.n; e++) got[e] = word_nearest(f, rows[i].got[e]);
        struct verdict v = judge_words(&line, rows[i].row, got, &policy, 1);
        bug_spell(rows[i].bugs, expected);
        bug_spell(v.bugs, found);
        cr_assert(v.status == (i < FIRST_RIGHT ? FAIL : PASS), "%s: status %s", rows[i].what, status_names[v.status]);
        cr_expect(v.bugs == rows[i].bugs, "%s: expected %s, found %s", rows[i].what, expected, found);
    }
    line_free(&line);
}

/* A choice that the target declares is no bug: the rows called EMPTY and HIDDEN pass under their own policy. */
Test(diagnose, a_declared_choice_is_no_bug)
{
    static const struct {
        const char *policy, *mask;
        double x[4], got[4];
    } declared[] = {
        {"empty=nan", "000", {1, 2, 3}, {NAN, NAN, NAN}},
        {"empty=uniform-all", "0000", {1, 2, 3, 4}, {0.25, 0.25, 0.25, 0.25}},
        {"all-ninf=nan", "110", {-INFINITY, -INFINITY, 3}, {NAN, NAN, 0}},
        {"all-ninf=uniform-valid", "110", {-INFINITY, -INFINITY, 3}, {0.5, 0.5, 0}},
        {"pinf=limit", "11", {1, INFINITY}, {0, 1}},
        {"nan=lane-nan", "11", {1, NAN}, {0, NAN}},
    };
    struct line line = {0};
    for (size_t i = 0; i < sizeof declared / sizeof *declared; i++) {
        struct policy policy = policy_default();
        char error[200];
        uint64_t got[4];
        answer_values(&line, &formats[F32], declared[i].mask, declared[i].x);
        for (size_t e = 0; e < line.n; e++) got[e] = word_nearest(&formats[F32], declared[i].got[e]);
        cr_assert(judge_words(&line, 0, got, &policy, 1).status == FAIL, "%s is not the default", declared[i].policy);
        cr_assert(policy_apply(&policy, declared[i].policy, error, sizeof error), "%s", error);
        struct verdict v = judge_words(&line, 0, got, &policy, 1);
        cr_assert(v.status == PASS && v.bugs == 0, "%s", declared[i].policy);
    }
    line_free(&line);
}

Test(diagnose, sets_of_bugs_are_spelled_and_read_back)
{
    for (unsigned bugs = 0; bugs < 1u << BUGS; bugs++) {
        char text[200];
        unsigned back;
        bug_spell(bugs, text);
        cr_assert(strlen(text) < sizeof text && bug_parse(text, &back) && back == bugs, "%s", text);
    }
    unsigned bugs;
    cr_assert(bug_parse("LEAK POISON", &bugs) && bugs == (BUG_LEAK | BUG_POISON), "blanks separate them in claims");
    static const char *const wrong[] = {"LEAKY", "LEA", "leak", "LEAK|BUG", "none"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) cr_assert(!bug_parse(wrong[i], &bugs), "%s", wrong[i]);
}

/* The verb: the name stands in column 8, and the summary counts the rows that one name alone explains. */
Test(diagnose, the_names_in_the_verdicts)
{
    char *path = scratch_text("a softmax f32 110 00000000 3f800000 43480000 = 3e89b2b0 3f3b26a8 00000000\n"
                              "b softmax f32 10 3f800000 3f800000 = 3f800000 00000000\n");
    struct output o = run_text("judge", ARGS(path), "a = 7fc00000 7fc00000 7fc00000\nb = 3f000000 3f000000\n");
    cr_assert(o.status == 1, "%d %s", o.status, o.err);
    cr_assert_not_null(strstr(o.out, "\ta\t0\tfail\tOVERFLOW|STARVE|NANFILL|TAIL\tnan\t"), "%s", o.out);
    cr_assert_not_null(strstr(o.out, "\tb\t0\tfail\tLEAK\t"), "%s", o.out);
    cr_assert_not_null(strstr(o.err, "LEAK in 1"), "%s", o.err);
    cr_assert_null(strstr(o.err, "STARVE in"), "%s", o.err);
    output_free(&o);
    scratch_remove(path);
}

/* Each known-bad formula is recognised from its results alone, and said in words. */
Test(diagnose, the_likely_formula)
{
    static const struct {
        const char *suite, *op, *impl, *sentence;
    } said[] = {
        {"article", "softmax", "multiply", "LEAK: masked entry 1 holds 0x1.2e742p-3, 0.1477;"},
        {"article", "softmax", "post_mask", "equals softmax(x) * m: masked after the softmax"},
        {"article", "softmax", "inverted", "equals softmax(where(m, -inf, x)): the mask is inverted"},
        {"article", "softmax", "mask_as_bias", "equals softmax(x + m)"},
        {"article", "softmax", "mask_as_logits", "equals softmax(m): the mask was taken for the logits"},
        {"article", "softmax", "quiet", "equals exp(x) / (1 + sum exp(x))"},
        {"batch", "softmax", "wrong_axis", "equals softmax(where(m, x, -inf), dim=0)"},
        {"epsilon", "softmax", "renormalize_eps", "of 1e-13"},
        {"epsilon", "softmax", "add_eps", "of 1e-10"},
        {"sentinel", "softmax", "fill_1e4", "that is the weight of a logit of -1e+04"},
        {"logs", "log_softmax", "log_of_softmax", "UNDERLOG: valid entry"},
        {"logs", "log_softmax", "log_of_softmax_eps", "of 1e-10"},
        {"plain", "log_softmax", "log_unshifted", "POSLOG: valid entry"},
        {"gradient", "vjp", "vjp_dead_branch", "NANGRAD: masked entry"},
        {"gradient", "vjp", "vjp_multiply", "equals softmax(x * m)"},
    };
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        struct output cases = run_text("gen", ARGS(said[i].suite, "f32", "--op", said[i].op), "");
        struct output answers = run_text("truth", NO_ARGS, cases.out),
                      run = run_text("run", ARGS(said[i].impl), cases.out);
        char *path = scratch_text(answers.out);
        struct output o = run_text("judge", ARGS(path, "--max-ulp", "200"), run.out);
        cr_expect(o.status == 1 && strstr(o.err, said[i].sentence) != NULL, "%s in %s: expected '%s' in\n%s",
                  said[i].impl, said[i].suite, said[i].sentence, o.err);
        scratch_remove(path);
        output_free(&cases);
        output_free(&answers);
        output_free(&run);
        output_free(&o);
    }
}
