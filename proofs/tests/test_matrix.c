/* test_matrix - the bug that the judge names first is one that the known-bad implementation claims, of all of them; a
   right one is given none; and --matrix says so when it is not.  A few suites in f32, each bug in at least one.
   SPDX-License-Identifier: MIT */
#include "bent.h"

#include <stdbool.h>

static const char suites[] = "edges,plain,huge,empty,sentinel,batch,starve,epsilon,poison,attention";

/* The same options for each test, and what more it asks. */
#define MATRIX(...) ARGS("--matrix", "--suite", suites, "--format", "f32", __VA_ARGS__)

Test(matrix, names_a_claimed_bug_first)
{
    size_t named = 0, bad = 0, accused = 1, all = 0;
    struct output o = run_text("check", MATRIX("--op", "softmax,log_softmax,vjp"), "");
    const char *score = strstr(o.out, " known-bad implementations:"), *end = score;
    cr_assert(score != NULL, "exit code %d\n%s%s", o.status, o.out, o.err);
    while (score > o.out && score[-1] != '\n') score--;
    cr_assert(sscanf(score, "%zu of %zu", &named, &bad) == 2, "%s", score);
    cr_assert(sscanf(strchr(end, '\n') + 1, "%zu of %zu", &accused, &all) == 2, "%s", score);
    cr_expect(bad >= 50 && all > bad, "%s", score);
    cr_expect(named == bad && accused == 0 && o.status == 0, "exit code %d\n%s", o.status, score);
    output_free(&o);
}

Test(matrix, fits_into_100_columns)
{
    struct output o = run_text("check", MATRIX("--op", "softmax"), "");
    for (const char *line = o.out; *line != '\0'; line += strcspn(line, "\n") + 1) {
        int length = (int)strcspn(line, "\n");
        bool sentence = strchr(line, ':') != NULL && strchr(line, ':') < line + length; /* about one implementation */
        cr_expect(sentence || length <= 100, "%.*s", length, line);
        cr_expect(length == 0 || line[length - 1] != ' ', "trailing blank: '%.*s'", length, line);
    }
    output_free(&o);
}

/* One implementation, one suite: the number, and the mark of what the suite hunts. */
Test(matrix, counts_who_shows_what)
{
    struct output o = run_text("check", ARGS("--matrix", "--suite", "sentinel", "--format", "f32", "multiply"), "");
    cr_expect(o.status == 0, "exit code %d\n%s%s", o.status, o.out, o.err);
    cr_expect(strstr(o.out, "\nsentinel            1*  .\n") != NULL, "%s", o.out);
    cr_expect(strstr(o.out, "\n  LEAK          multiply\n") != NULL, "%s", o.out);
    cr_expect(strstr(o.out, "\n1 of 1 known-bad implementations") != NULL, "%s", o.out);
    output_free(&o);
}

Test(matrix, bites_when_the_first_answer_is_another_bug)
{
    expect_bitten(MATRIX("multiply"), "cat", "shift; exec \"$real\" renormalize \"$@\"", "the first answer is ");
}

Test(matrix, bites_when_a_right_one_fails)
{
    expect_bitten(MATRIX("safe"), "cat", "shift; exec \"$real\" multiply \"$@\"", "fail in formats where it claims");
}

Test(matrix, bites_when_no_suite_shows_a_bug)
{
    expect_bitten(ARGS("--matrix", "--suite", "sentinel"), "awk -F'\\t' '/^#/ || $1 == \"safe\" || $1 == \"multiply\"'",
                  SAME_RUN, "suite sentinel hunts SENTINEL, and no implementation");
}

Test(matrix, is_of_implementations)
{
    struct output o = run_text("check", ARGS("--matrix", "--", "cat"), "");
    cr_expect(o.status == 2 && strstr(o.err, "--matrix") != NULL, "exit code %d\n%s", o.status, o.err);
    output_free(&o);
}
