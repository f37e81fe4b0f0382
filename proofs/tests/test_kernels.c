/* test_kernels - the kernels of fused: each that runs here is right on every suite that could tell them apart, and
   neither the number of threads nor the other rows of a batch change a bit.
   SPDX-License-Identifier: MIT */
#include "pipe.h"

#include <stdbool.h>

enum { CLAIM = 3 }; /* ulps in f32, as fused.c claims */

static const char *const kernels[] = {"avx512", "avx2", "neon", "portable"};
enum { KERNELS = sizeof kernels / sizeof *kernels };

/* The cases of a suite in f32. */
static struct output cases_of(const char *suite)
{
    struct output o = run_text("gen", ARGS(suite, "f32"), "");
    cr_assert(o.status == 0, "%s", o.err);
    return o;
}

/* Whether the kernel runs here at all; a wrong name must never look as if it did. */
static bool runs(const char *kernel)
{
    setenv("MASKPROOF_KERNEL", kernel, 1);
    struct output o = run_text("run", ARGS("fused"), "a softmax f32 11 00000000 00000000\n");
    bool yes = o.status == 0;
    cr_assert(yes || (o.status == 77 && o.out_length == 0 && strstr(o.err, kernel) != NULL), "%s: %d: %s", kernel,
              o.status, o.err);
    cr_assert(!yes || strcmp(o.out, "a = 3f000000 3f000000\n") == 0, "%s: %s", kernel, o.out);
    output_free(&o);
    return yes;
}

static void judge(const char *kernel, const char *suite)
{
    struct output cases = cases_of(suite), truth = run_text("truth", NO_ARGS, cases.out);
    struct output results = run_text("run", ARGS("fused"), cases.out);
    char *answers = scratch_text(truth.out), limit[20];
    snprintf(limit, sizeof limit, "%d", CLAIM);
    struct output o = run_text("judge", ARGS(answers, "--max-ulp", limit), results.out);
    cr_expect(truth.status == 0 && results.status == 0 && o.status == 0, "%s, suite %s: %s%s", kernel, suite,
              results.err, o.err);
    scratch_remove(answers);
    output_free(&cases);
    output_free(&truth);
    output_free(&results);
    output_free(&o);
}

Test(kernels, each_is_right)
{
    static const char *const suites[] = {"edges", "empty", "huge",   "logs",      "plain", "poison",
                                         "batch", "tails", "blocks", "subnormal", "chess", "attention"};
    size_t here = 0;
    for (int k = 0; k < KERNELS; k++) {
        if (!runs(kernels[k])) continue;
        here++;
        for (size_t s = 0; s < sizeof suites / sizeof *suites; s++) judge(kernels[k], suites[s]);
    }
    cr_expect(here > 0 && !runs("odd"));
}

Test(kernels, threads_change_nothing)
{
    static const char *const counts[] = {"1", "2", "3", "7"};
    struct output cases = run_text("gen", ARGS("plain", "f32", "--rows", "300", "--cols", "900", "--count", "3"), "");
    for (int k = 0; k < KERNELS; k++) {
        struct output one = {NULL, NULL, 0, 0, 0};
        if (!runs(kernels[k])) continue;
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            setenv("OMP_NUM_THREADS", counts[c], 1);
            struct output o = run_text("run", ARGS("fused"), cases.out);
            cr_assert(o.status == 0 && o.out_length > 1000000, "%s", o.err);
            if (c == 0) {
                one = o;
                continue;
            }
            cr_expect(strcmp(one.out, o.out) == 0, "%s: %s threads change the output", kernels[k], counts[c]);
            output_free(&o);
        }
        output_free(&one);
    }
    output_free(&cases);
}
