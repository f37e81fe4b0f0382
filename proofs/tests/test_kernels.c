/* test_kernels - the kernels of fused: each that runs here is right on every suite that could tell them apart, and
   neither the number of threads nor the other rows of a batch nor a small cache change a bit.
   SPDX-License-Identifier: MIT */
#include "pipe.h"
#include "random.h"

#include <stdbool.h>

#define CLAIM "2.75" /* ulps in f32, as fused.c claims */

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
    char *answers = scratch_text(truth.out);
    struct output o = run_text("judge", ARGS(answers, "--max-ulp", CLAIM), results.out);
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

/* Rows that call for different ways of doing them - of logits near 0, far from it, or none - beside each other, dense
   or very sparse, as one case and as a case a row. */
struct neighbours {
    char *batch, *rows;
};

static void append(char **end, const char *text) { *end = stpcpy(*end, text); }

static struct neighbours neighbours_of(uint64_t *state, size_t rows, size_t n)
{
    static const double spreads[] = {3, 3, 3, 3, 3, 3, 30, 300, 3e5};
    const size_t room = rows * (10 * n + 40) + 40;
    char *words = malloc(room), *masks = malloc(room), *row = malloc(10 * n), *mask = malloc(n + 1), *at = words,
         *m = masks;
    struct neighbours both = {malloc(2 * room), malloc(2 * room)};
    char *batch = both.batch, *single = both.rows;
    cr_assert(words && masks && row && mask && both.batch && both.rows);
    for (size_t r = 0; r < rows; r++) {
        const double spread = spreads[random_below(state, sizeof spreads / sizeof *spreads)];
        const double density = random_below(state, 2) ? 0.5 : 0.02;
        char *word = row;
        for (size_t i = 0; i < n; i++) {
            float x = (float)(spread * (2 * random_uniform(state) - 1));
            uint32_t bits = random_below(state, 3000) ? 0 : 0x7f800000; /* now and then an infinity */
            if (bits == 0) memcpy(&bits, &x, sizeof bits);
            word += sprintf(word, " %08x", (unsigned)bits);
            mask[i] = random_uniform(state) < density ? '1' : '0';
        }
        mask[n] = '\0';
        append(&m, r > 0 ? "/" : "");
        append(&m, mask);
        append(&at, row);
        single += sprintf(single, "r softmax f32 %s%s\n", mask, row);
    }
    sprintf(batch, "b softmax f32 %s%s\n", masks, words);
    free(words);
    free(masks);
    free(row);
    free(mask);
    return both;
}

/* Result lines without their ids: words alone. */
static void words_only(char *text, const char *id_and_equals)
{
    char *to = text;
    for (char *from = text; *from != '\0'; to += 9, from += 9) {
        if (strncmp(from, id_and_equals, 3) == 0) from += 3;
        memmove(to, from, 9);
        to[0] = ' ';
        if (from[9] == '\n') from++;
    }
    *to = '\0';
}

Test(kernels, neighbours_change_nothing)
{
    static const size_t lengths[] = {1, 7, 16, 31, 32, 33, 64, 100, 128, 129, 300, 513, 4097};
    uint64_t state = 1;
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        struct neighbours both = neighbours_of(&state, 37, lengths[l]);
        for (int k = 0; k < KERNELS; k++) {
            if (!runs(kernels[k])) continue;
            struct output rows = run_text("run", ARGS("fused"), both.rows);
            struct output batch = run_text("run", ARGS("fused"), both.batch);
            setenv("MASKPROOF_CACHE", "1", 1);
            struct output streamed = run_text("run", ARGS("fused"), both.batch);
            unsetenv("MASKPROOF_CACHE");
            cr_assert(rows.status == 0 && batch.status == 0 && streamed.status == 0, "%s", batch.err);
            cr_expect(strcmp(batch.out, streamed.out) == 0, "%s, n = %zu: streaming changes bits", kernels[k],
                      lengths[l]);
            words_only(rows.out, "r =");
            words_only(batch.out, "b =");
            cr_expect(strlen(rows.out) == 37 * lengths[l] * 9 && strcmp(rows.out, batch.out) == 0,
                      "%s, n = %zu: the other rows change bits", kernels[k], lengths[l]);
            output_free(&rows);
            output_free(&batch);
            output_free(&streamed);
        }
        free(both.batch);
        free(both.rows);
    }
}
