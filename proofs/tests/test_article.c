/* test_article - the numbers of the article, and the words of its row: what anybody who knows it will look for.
   SPDX-License-Identifier: MIT */
#include "pipe.h"

static void expect_line(const struct output *o, const char *line, const char *who)
{
    cr_expect(strstr(o->out, line) != NULL, "%s: expected\n%s\nin\n%s%s", who, line, o->out, o->err);
}

static struct output article_cases(void)
{
    struct output o = run_text("gen", ARGS("article", "f32"), "");
    cr_assert(o.status == 0, "%s", o.err);
    return o;
}

Test(article, row_gives_the_words_we_publish)
{
    static const struct {
        const char *impl, *words;
    } runs[] = {
        {"multiply", "= 3f020f0b 3e173a10 3d9c3ad3 3df6649d 3e173a10\n"},
        {"where", "= 3f389376 00000000 3dddb79e 3e2ed658 00000000\n"},
        {"gather", "= 3f389376 00000000 3dddb79e 3e2ed658 00000000\n"},
    };
    struct output cases = article_cases();
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        struct output o = run_text("run", ARGS(runs[i].impl), cases.out);
        expect_line(&o, runs[i].words, runs[i].impl);
        output_free(&o);
    }
    static const char *const engines[] = {"mpfr", "arb", "fast"};
    for (size_t i = 0; i < sizeof engines / sizeof *engines; i++) {
        struct output o = run_text("truth", ARGS("--engine", engines[i]), cases.out);
        expect_line(&o, "= 3f389376-.009091 00000000 3dddb79e+.307950 3e2ed659-.117607 00000000\n", engines[i]);
        output_free(&o);
    }
    output_free(&cases);
}

Test(article, every_printed_digit_is_met)
{
    struct output o = run_text("article", ARGS("--tsv"), "");
    size_t rows = 0;
    cr_assert(o.status == 0, "exit code %d\n%s%s", o.status, o.out, o.err);
    cr_expect(strstr(o.out, "MISS") == NULL, "%s", o.out);
    for (const char *c = o.out; (c = strstr(c, "\tok\n")) != NULL; c++) rows++;
    cr_expect(rows >= 90, "expected at least 90 entries, found %zu\n%s", rows, o.out);
    static const char *const claims[] = {"A1", "A2", "A3", "A4", "A5", "A6", "A8", "A9", "A10", "A13", "A14"};
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        char start[8];
        snprintf(start, sizeof start, "\n%s\t", claims[i]);
        expect_line(&o, start, claims[i]);
    }
    output_free(&o);
}

/* 20 digits, from a computation outside this project (mpmath, 60 digits): the decimals, not the f32 words. */
Test(article, exact_values_are_of_the_decimals)
{
    struct output o = run_text("truth", ARGS("--decimal"),
                               "10110 1.2355 -0.1710 -0.6606 -0.2050 -1.4690\n"
                               "11 0 0\n0 1\n11 0 -100\n");
    cr_assert(o.status == 0, "%s", o.err);
    expect_line(&o, "0.72100007891716182434 0 0.10826037949215767402 0.17073954159068050164 0\n", "the article's row");
    expect_line(&o, "0.50000000000000000000 0.50000000000000000000\n", "two equal");
    expect_line(&o, "\n0\n", "nothing valid");
    expect_line(&o, " 3.7200759760208359630e-44\n", "exp(-100)");
    output_free(&o);
}

Test(decimal, bad_input_is_refused)
{
    static const struct {
        const char *text, *expected;
    } lines[] = {
        {"101 1 2\n", "standard input:1: expected as many logits"},
        {"10 1 2 3\n", "found more"},
        {"102 1 2 3\n", "a mask of 0 and 1"},
        {"11 1 x\n", "found 'x'"},
        {"11 1 1e7\n", "from -1e6 to 1e6"},
        {"11 1 1e99999\n", "found '1e99999'"},
        {"11 1 nan\n", "found 'nan'"},
        {"11 1 1.2.3\n", "found '1.2.3'"},
        {"11 1 -\n", "found '-'"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct output o = run_text("truth", ARGS("--decimal"), lines[i].text);
        cr_expect(o.status == 2 && strstr(o.err, lines[i].expected) != NULL, "%s: exit code %d, %s", lines[i].text,
                  o.status, o.err);
        output_free(&o);
    }
}
