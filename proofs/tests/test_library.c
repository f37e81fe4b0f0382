/* test_library - the fixed C signature: a shared library is compiled here, right or wrong in one way, and judged by
   `run --so`: what it returns, in place, off alignment, with NaN behind the end; what it does to itself is a verdict.
   SPDX-License-Identifier: MIT */
#include "pipe.h"

static const char right[] =
    "    const float *a = x; float *p = out, max = -INFINITY, sum = 0;\n"
    "    if (op != 0 || format != 1) return 77;\n"
    "    for (size_t r = 0; r < rows; r++, a += n, p += n, mask += n, max = -INFINITY, sum = 0) {\n"
    "        for (size_t i = 0; i < n; i++) if (mask[i]) max = fmaxf(max, a[i]);\n"
    "        for (size_t i = 0; i < n; i++) { p[i] = mask[i] ? expf(a[i] - max) : 0; sum += p[i]; }\n"
    "        for (size_t i = 0; i < n; i++) if (mask[i]) p[i] /= sum;\n"
    "    }\n"
    "    return 0;\n";

/* A library of f with this body; the caller ends it with scratch_remove. */
static char *library(const char *body)
{
    char *object = scratch_text(""), command[9000], source[5000];
    snprintf(
        source, sizeof source,
        "#include <math.h>\n#include <signal.h>\n#include <stddef.h>\n#include <string.h>\n#include <unistd.h>\n"
        "int f(int op, int format, size_t rows, size_t n, const void *x, const unsigned char *mask, const void *dy,\n"
        "      void *out)\n{\n    (void)dy; (void)op; (void)format; (void)rows; (void)n; (void)x; (void)mask; "
        "(void)out;\n"
        "%s}\n",
        body);
    char *text = scratch_text(source);
    snprintf(command, sizeof command, "cc -x c -O1 -shared -fPIC -o '%s' '%s' -lm", object, text);
    cr_assert(system(command) == 0, "%s", source);
    scratch_remove(text);
    return object;
}

static struct output run_library(const char *body, const char *cases)
{
    char *object = library(body), argument[5000];
    snprintf(argument, sizeof argument, "%s:f", object);
    struct output o = run_text("run", ARGS("--so", argument), cases);
    scratch_remove(object);
    return o;
}

#define CASE "a softmax f32 101 3f800000 7fc00000 40400000\n"

Test(library, right_one_gives_its_words)
{
    const char *cases = CASE "b softmax f32 01/10 00000000 3f800000 3f800000 00000000\n";
    struct output own = run_text("run", ARGS("safe"), cases), o = run_library(right, cases); /* the same arithmetic */
    cr_expect(o.status == 0, "exit code %d: %s", o.status, o.err);
    cr_expect(own.status == 0 && strcmp(o.out, own.out) == 0, "expected\n%sfound\n%s", own.out, o.out);
    output_free(&own);
    output_free(&o);
}

Test(library, offers_what_it_says)
{
    struct output o = run_library(right, "c softmax f16 1 3c00\nd vjp f32 1 00000000 3f800000\n");
    cr_expect(o.status == 0 && strcmp(o.out, "c = skip\nd = skip\n") == 0, "exit code %d: %s%s", o.status, o.out,
              o.err);
    struct output error = run_library("    return 5;\n", CASE);
    cr_expect(error.status == 0 && strcmp(error.out, "a = error\n") == 0, "%s%s", error.out, error.err);
    output_free(&o);
    output_free(&error);
}

Test(library, fault_is_a_verdict)
{
    static const struct {
        const char *body, *expected;
    } faults[] = {
        {"    return kill(getpid(), SIGKILL);\n", "case a: killed by signal 9"},
        {"    _exit(3);\n", ""},
        {"    memset((void *)(size_t)x, 0, 4); return 0;\n", "wrote into its input x"},
        {"    memset((void *)(size_t)mask, 0, 1); return 0;\n", "wrote into its mask"},
        {"    memset(out, 0, 4 * (rows * n + 1)); return 0;\n", "wrote behind the end of out"},
        {"    memset(out, 0, 4 * n); if (out == x) memset(out, 1, 4); return 0;\n", "differs when out is x"},
        {"    memset(out, (size_t)x % 16 != 0, 4 * n); return 0;\n", "not aligned"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct output o = run_library(faults[i].body, CASE);
        cr_expect(o.status != 0 && o.status != 2, "%s: exit code %d", faults[i].body, o.status);
        cr_expect(strstr(o.err, faults[i].expected) != NULL, "%s: expected '%s' in %s", faults[i].body,
                  faults[i].expected, o.err);
        output_free(&o);
    }
}

Test(library, reading_behind_the_end_shows)
{
    /* One entry too many: the NaN that lies there, marked valid, reaches the sum. */
    struct output o = run_library("    const float *a = x; float *p = out, sum = 0;\n"
                                  "    for (size_t i = 0; i <= n; i++) sum += mask[i] ? expf(a[i]) : 0;\n"
                                  "    for (size_t i = 0; i < n; i++) p[i] = mask[i] ? expf(a[i]) / sum : 0;\n"
                                  "    return 0;\n",
                                  CASE);
    cr_expect(strcmp(o.out, "a = 7fc00000 00000000 7fc00000\n") == 0 || o.status == 1, "%d %s", o.status, o.out);
    output_free(&o);
}

/* What a user types: check -- maskproof run --so LIB:SYMBOL. */
Test(library, is_checked_as_a_command)
{
    static char crash[1000], hang[1000], beyond[1000];
    /* the third case is the first with a masked first entry: what was answered before it counts */
    snprintf(crash, sizeof crash, "    if (!mask[0]) raise(SIGABRT);\n%s", right);
    snprintf(hang, sizeof hang, "    if (!mask[0]) for (;;) sleep(60);\n%s", right);
    snprintf(beyond, sizeof beyond, "    ((float *)out)[rows * n] = 1;\n%s", right);
    const struct {
        const char *body, *label, *expected;
        int status;
    } libraries[] = {
        {right, "ok", "all pass", 0},
        {crash, "6 of 8 rows fail", "case pr9-row0-single-a6ce003494e376aa: killed by signal 6", 1},
        {hang, "6 of 8 rows fail", "no end after 1 s (--timeout), killed", 1},
        {beyond, "DIED", "wrote behind the end of out", 1},
        {"    return 77;\n", "skip", "", 77},
    };
    char run[4200], argument[5000];
    snprintf(run, sizeof run, "%s/maskproof-run", getenv("MASKPROOF_BIN"));
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        char *object = library(libraries[i].body);
        snprintf(argument, sizeof argument, "%s:f", object);
        struct output o = run_text("check",
                                   ARGS("--suite", "article", "--format", "f32", "--max-ulp", "4", "--timeout", "1",
                                        "--", run, "--so", argument),
                                   "");
        cr_expect(o.status == libraries[i].status, "%s: exit code %d\n%s%s", libraries[i].body, o.status, o.out, o.err);
        cr_expect(strstr(o.out, libraries[i].label) && strstr(o.out, libraries[i].expected), "%s: '%s', '%s' in\n%s%s",
                  libraries[i].body, libraries[i].label, libraries[i].expected, o.out, o.err);
        output_free(&o);
        scratch_remove(object);
    }
}

Test(library, that_is_not_there)
{
    struct output none = run_text("run", ARGS("--so", "/no/such.so:f"), CASE);
    cr_expect(none.status == 1 && none.err_length > 0, "exit code %d", none.status);
    struct output odd = run_text("run", ARGS("--so", "nocolon"), CASE);
    cr_expect(odd.status == 2 && strstr(odd.err, "LIB:SYMBOL") != NULL, "exit code %d: %s", odd.status, odd.err);
    output_free(&none);
    output_free(&odd);
}
