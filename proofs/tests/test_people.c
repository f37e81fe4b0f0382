/* test_people - what a person types: case and show, help and version on every verb, the front command.
   SPDX-License-Identifier: MIT */
#include "pipe.h"

static const char *const verbs[] = {"gen",   "case",    "show", "truth", "run",    "judge",
                                    "check", "article", "leak", "bench", "report", "explain"};
enum { VERBS = sizeof verbs / sizeof *verbs };

Test(people, find_help_and_version_on_every_verb)
{
    for (size_t i = 0; i < VERBS; i++) {
        char usage[40];
        struct output help = run_text(verbs[i], ARGS("--help"), ""),
                      version = run_text(verbs[i], ARGS("--version"), "");
        snprintf(usage, sizeof usage, "Usage: maskproof %s ", verbs[i]);
        cr_expect(help.status == 0 && strncmp(help.out, usage, strlen(usage)) == 0, "%s: %s", verbs[i], help.out);
        cr_expect(strstr(help.out, "Examples:\n") != NULL, "%s --help shows no example", verbs[i]);
        cr_expect(version.status == 0 && strncmp(version.out, "maskproof ", 10) == 0, "%s: %s", verbs[i], version.out);
        struct output wrong = run_text(verbs[i], ARGS("--no-such-option"), "");
        cr_expect(wrong.status == 2 && wrong.err_length > 0 && wrong.out_length == 0, "%s: exit code %d", verbs[i],
                  wrong.status);
        output_free(&help);
        output_free(&version);
        output_free(&wrong);
    }
}

Test(people, make_a_case_in_decimals)
{
    static const struct {
        const char *args[10], *expected;
        int status;
    } cases[] = {
        {{"--mask", "10110", "1.2355", "-0.1710", "-0.6606", "-0.2050", "-1.4690"},
         "case-932729e308940d32 softmax f32 10110 3f9e24dd be2f1aa0 bf291d15 be51eb85 bfbc0831\n",
         0},
        {{"-f", "f16", "-s", "mine", "1", "-inf", "nan"}, " softmax f16 111 3c00 fc00 7e00\n", 0},
        /* 1 + 2^-11 + 2^-60 lies above the midpoint of two f16 words; by way of a double it would be a tie */
        {{"-f", "f16", "0x1.002000000000001p0"}, " softmax f16 1 3c01\n", 0},
        {{"-f", "f16", "0x1.002p0"}, " softmax f16 1 3c00\n", 0},
        {{"-f", "f16", "0x1p-24", "0x1.8p-25", "0x1p-25", "65519.99", "65520"}, " 0001 0001 0000 7bff 7c00\n", 0},
        {{"--mask", "10/01", "1", "2", "3", "4"}, " softmax f32 10/01 3f800000 40000000 40400000 40800000\n", 0},
        {{"--mask", "10", "1"}, "expected 2 words, found 1", 2},
        {{"--mask", "12", "1", "2"}, "expected mask entries 0 or 1", 2},
        {{"one"}, "expected a number", 2},
        {{"1e"}, "expected a number", 2},
        {{"-f", "f8", "1"}, "expected format", 2},
        {{"-s", "Bad Slug", "1"}, "expected a slug", 2},
        {{NULL}, "expected logits", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct output o = run_text("case", cases[i].args, "");
        cr_expect(o.status == cases[i].status, "case %zu: exit code %d, %s", i, o.status, o.err);
        cr_expect(strstr(o.status == 0 ? o.out : o.err, cases[i].expected) != NULL, "case %zu: expected %s in\n%s%s", i,
                  cases[i].expected, o.out, o.err);
        output_free(&o);
    }
}

Test(people, read_every_kind_of_line)
{
    static const struct {
        const char *line, *expected;
        int status;
    } lines[] = {
        {"# a comment\n", "# a comment\n", 0},
        {"a softmax f32 10 3f800000 7f800000\n", "row 0, class plain", 0},
        {"a softmax f32 00 3f800000 7f800000\n", "row 0, class empty", 0},
        {"a softmax f32 10 3f800000 7f800000\n", "0 valid  1                        0x1p+0", 0},
        {"a softmax f32 11 00000000 00000000 = 3f000000 3f000000\n", "p = 0.5 ", 0},
        {"a softmax f32 11 00000000 be000000 = 3f08000a+.250000 3eefffeb-.500000\n", "-0.500000 ulp", 0},
        {"a vjp f16 11 3c00 3c00 3c00 4000\n", "dy 2 ", 0},
        {"a = 3f800000 00000000\n", "1                        0x1p+0", 0},
        {"a = 3ff0000000000000\n", "0x1p+0", 0},
        {"a = skip\n", "skip", 0},
        {"a = zz\n", "standard input:1: expected words", 2},
        {"a softmax f32 10 3f800000\n", "standard input:1: expected 2 words, found 1", 2},
        {"a\n", "standard input:1: expected", 2},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct output o = run_text("show", NO_ARGS, lines[i].line);
        cr_expect(o.status == lines[i].status, "%s: exit code %d, %s", lines[i].line, o.status, o.err);
        cr_expect(strstr(o.status == 0 ? o.out : o.err, lines[i].expected) != NULL, "%s: expected %s in\n%s%s",
                  lines[i].line, lines[i].expected, o.out, o.err);
        output_free(&o);
    }
}

Test(people, use_the_front_command)
{
    static const struct {
        const char *arguments, *expected;
        int status;
    } commands[] = {
        {"", "Usage: maskproof VERB", 2},
        {"--help", "Usage: maskproof VERB", 0},
        {"help", "Usage: maskproof VERB", 0},
        {"help gen", "maskproof gen", 0},
        {"--version", "maskproof ", 0},
        {"gen --list", "article", 0},
        {"nonsense", "expected a verb", 2},
        {"help nonsense", "expected a verb", 2},
        {"gen nonsense f32", "expected a suite", 2},
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char line[5000], text[4000];
        snprintf(line, sizeof line, "'%s/maskproof' %s 2>&1", getenv("MASKPROOF_BIN"), commands[i].arguments);
        FILE *out = popen(line, "r");
        cr_assert_not_null(out);
        size_t length = fread(text, 1, sizeof text - 1, out);
        text[length] = '\0';
        while (fgetc(out) != EOF) continue;
        int status = pclose(out);
        cr_expect(WEXITSTATUS(status) == commands[i].status, "maskproof %s: exit code %d", commands[i].arguments,
                  WEXITSTATUS(status));
        cr_expect(strstr(text, commands[i].expected) != NULL, "maskproof %s: %s", commands[i].arguments, text);
    }
}
