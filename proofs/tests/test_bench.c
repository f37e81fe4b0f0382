/* test_bench - what bench says besides the times, which no test can hold to anything: bytes counted against those
   counted by hand; libraries and peers, compiled here, that are right, wrong, lose digits, die or lie.
   SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* strsep */
#include "pipe.h"

#include <math.h>
#include <sys/stat.h>

/* A column of the line of one implementation, from 1; the caller's to free.  NULL: there is no such line. */
static char *column(const char *tsv, const char *impl, int number)
{
    char *lines = strdup(tsv), *rest = lines, *found = NULL;
    for (char *line; found == NULL && (line = strtok_r(rest, "\n", &rest)) != NULL;) {
        char *field = line, *name = NULL, *wanted = NULL;
        for (int i = 1; field != NULL; i++) {
            char *text = strsep(&field, "\t");
            if (i == 6) name = text;
            if (i == number) wanted = text;
        }
        if (name != NULL && wanted != NULL && strcmp(name, impl) == 0) found = strdup(wanted);
    }
    free(lines);
    return found;
}
enum { STATUS = 7, NS = 8, ULP = 13, NOTE = 14, READ = 15, WRITTEN = 16, PASSES = 17 };

static void expect(const struct output *o, const char *impl, int number, const char *part)
{
    char *text = column(o->out, impl, number);
    cr_expect(text != NULL && strstr(text, part) != NULL, "%s, column %d: expected '%s', found '%s' in\n%s%s", impl,
              number, part, text ? text : "no line", o->out, o->err);
    free(text);
}

static void expect_status(const struct output *o, int status)
{
    cr_expect(o->status == status, "exit code %d, expected %d\n%s%s", o->status, status, o->out, o->err);
}

/* --- bytes --- */

static void expect_bytes(const struct output *o, const char *impl, double read, double written)
{
    const struct {
        int number;
        double expected;
    } columns[] = {{READ, read}, {WRITTEN, written}, {PASSES, (read + written) / 9}};
    for (int i = 0; i < 3; i++) {
        char *text = column(o->out, impl, columns[i].number);
        double value = text ? strtod(text, NULL) : NAN;
        cr_expect(fabs(value - columns[i].expected) <= 0.01 * columns[i].expected, "%s: %s, expected %g in\n%s%s", impl,
                  text, columns[i].expected, o->out, o->err);
        free(text);
    }
}

#ifdef __x86_64__
/* A row of 512 KiB: what a loop over it reads and writes of x (4 bytes), mask (1) and p (4), loop by loop.  In a loop
   that writes p before it reads it, the reading is of what lies near. */
Test(bench, bytes_of_long_rows_are_those_of_the_loops)
{
    struct output o = run_text("bench",
                               ARGS("where", "log_mask", "renormalize", "max_all", "unshifted", "online", "--shape",
                                    "long", "--quick", "--tsv"),
                               "");
    expect_status(&o, 0);
    expect_bytes(&o, "floor", 4 + 1, 4);
    expect_bytes(&o, "where", 4 + 1 + 4 + 4, 4 + 4 + 4);       /* fill; exp; divide */
    expect_bytes(&o, "log_mask", 4 + 1 + 4 + 4, 4 + 4 + 4);    /* add; exp; divide */
    expect_bytes(&o, "renormalize", 4 + 4 + 5 + 4, 4 + 4 + 4); /* max; exp; divide and mask; divide */
    expect_bytes(&o, "max_all", 4 + 5 + 4, 4 + 4);             /* max; exp; divide */
    expect_bytes(&o, "unshifted", 5 + 4, 4 + 4);               /* exp; divide */
    expect_bytes(&o, "online", 5 + 5, 4);                      /* max and sum; exp */
    output_free(&o);
}

/* A row of 512 bytes is still near in the next loop, so all read and write as the copy does. */
Test(bench, bytes_of_short_rows_are_those_of_the_copy)
{
    struct output o =
        run_text("bench", ARGS("where", "renormalize", "fused", "--shape", "attention", "--quick", "--tsv"), "");
    expect_status(&o, 0);
    expect_bytes(&o, "where", 5, 4);
    expect_bytes(&o, "renormalize", 5, 4);
    expect_bytes(&o, "fused", 5, 4);
    output_free(&o);
}
#endif

/* --- libraries --- */

static const char right[] =
    "    const float *a = x; float *p = out, max = -INFINITY, sum = 0;\n"
    "    if (op != 0 || format != 1) return 77;\n"
    "    for (size_t r = 0; r < rows; r++, a += n, p += n, mask += n, max = -INFINITY, sum = 0) {\n"
    "        for (size_t i = 0; i < n; i++) if (mask[i]) max = fmaxf(max, a[i]);\n"
    "        for (size_t i = 0; i < n; i++) { p[i] = mask[i] ? expf(a[i] - max) : 0; sum += p[i]; }\n"
    "        for (size_t i = 0; i < n; i++) if (mask[i]) p[i] /= sum;\n"
    "    }\n";

static char *compile(const char *options, const char *source)
{
    char *object = scratch_text(""), *text = scratch_text(source), command[9000];
    snprintf(command, sizeof command, "cc -x c -O1 %s -o '%s' '%s' -lm", options, object, text);
    cr_assert(system(command) == 0, "%s", source);
    scratch_remove(text);
    return object;
}

/* The name under which a line of the output has the library, or the peer, that was benched last. */
static char subject[100];

/* Bench of a library that first has these statements, then `right`, then those. */
static struct output bench_library(const char *before, const char *after, const char *shape, const char *sigma)
{
    char source[6000], argument[5000];
    snprintf(source, sizeof source,
             "#include <math.h>\n#include <signal.h>\n#include <stddef.h>\n#include <stdlib.h>\n"
             "__attribute__((unused)) static int deep(int i)\n"
             "{\n    volatile char much[4096];\n    much[0] = (char)i;\n    return deep(i + 1) + much[0];\n}\n"
             "int f(int op, int format, size_t rows, size_t n, const void *x, const unsigned char *mask,\n"
             "      const void *dy, void *out)\n{\n    (void)dy;\n%s%s%s    return 0;\n}\n",
             before, right, after);
    char *object = compile("-shared -fPIC", source);
    snprintf(argument, sizeof argument, "%s:f", object);
    snprintf(subject, sizeof subject, "%s.f", strrchr(object, '/') + 1);
    struct output o = run_text(
        "bench", ARGS("fused", "--so", argument, "--shape", shape, "--sigma", sigma, "--rounds", "3", "--tsv"), "");
    scratch_remove(object);
    return o;
}

Test(bench, library_is_timed_beside_ours)
{
    struct output o = bench_library("", "", "cached", "3");
    expect_status(&o, 0);
    expect(&o, subject, STATUS, "timed");
    expect(&o, "fused", STATUS, "timed");
    expect(&o, subject, NOTE, "16 rows judged");
    char *ns = column(o.out, subject, NS), *ulp = column(o.out, subject, ULP);
    cr_expect(ns != NULL && strtod(ns, NULL) > 0, "%s", o.out);
    cr_expect(ulp != NULL && strtod(ulp, NULL) > 1 && strtod(ulp, NULL) < 128, "%s", o.out);
    free(ns);
    free(ulp);
    output_free(&o);
}

/* Only what is wrong in kind is refused; what flushes is timed, and it is said.  None of it stops the others. */
Test(bench, library_is_judged_first)
{
    static const char each[] = "    for (size_t i = 0; i < rows * n; i++) { float *e = (float *)out + i; ";
    char leaks[200], flushes[200];
    snprintf(leaks, sizeof leaks, "%sif (*e == 0) *e = 1e-4f; }\n", each);
    snprintf(flushes, sizeof flushes, "%sif (*e < 0x1p-126f) *e = 0; }\n", each);
    const struct {
        const char *before, *after, *shape, *sigma, *verdict, *note;
        int status;
    } libraries[] = {
        {"", leaks, "cached", "3", "refused", "LEAK", 1},
        {"", flushes, "cached", "30", "timed", "FLUSH", 0},
        {"    return 77;\n", "", "cached", "3", "skipped", "not offered", 0},
        {"    return 5;\n", "", "cached", "3", "refused", "returned an error", 1},
        {"    if (rows > 32) return 5;\n", "", "vocab", "3", "refused", "an error on the whole batch", 1},
        {"    raise(SIGKILL);\n", "", "cached", "3", "refused", "killed by signal 9", 1},
        {"", "    p[0] = 1;\n", "cached", "3", "refused", "wrote behind the end", 1},
        {"    static int calls; calls++;\n", "    if (calls > 3) *(float *)out = 0.25f;\n", "cached", "3", "refused",
         "its output changed", 1},
    };
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        struct output o =
            bench_library(libraries[i].before, libraries[i].after, libraries[i].shape, libraries[i].sigma);
        expect_status(&o, libraries[i].status);
        expect(&o, subject, STATUS, libraries[i].verdict);
        expect(&o, subject, NOTE, libraries[i].note);
        expect(&o, "fused", STATUS, "timed");
        if (libraries[i].status == 1)
            cr_expect(strstr(o.err, "again: maskproof bench --so /") != NULL, "no command in %s", o.err);
        output_free(&o);
    }
}

/* The sample has fewer rows than the batch: what survives it and dies later takes the bench along, but says so. */
Test(bench, library_that_dies_later_is_named)
{
    static const char *const deaths[] = {"raise(SIGSEGV);", "return deep(1);"};
    for (int i = 0; i < 2; i++) {
        char before[300], expected[200];
        snprintf(before, sizeof before, "    if (rows > 32) %s\n", deaths[i]);
        struct output o = bench_library(before, "", "vocab", "3");
        snprintf(expected, sizeof expected, "%s: killed by SIGSEGV while it ran on the whole batch", subject);
        expect_status(&o, 1);
        cr_expect(strstr(o.err, expected) != NULL, "%s", o.err);
        output_free(&o);
    }
}

Test(bench, library_that_is_not_there)
{
    struct output none = run_text("bench", ARGS("fused", "--so", "/no/such.so:f", "--shape=cached"), "");
    expect_status(&none, 1);
    expect(&none, "such.f", NOTE, "cannot open shared object file");
    expect(&none, "fused", STATUS, "timed");
    output_free(&none);
}

/* --- peers, in processes of their own --- */

/* A program that answers as impls/peers/timed.py does, and at one place does something else. */
static const char peer_source[] =
    "#include <math.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
    "int main(int argc, char **argv)\n{\n"
    "    char text[200], name[50]; size_t rows = 0, n = 0;\n"
    "    if (argc != 3 || strcmp(argv[1], \"--time\") != 0) return 77;\n"
    "    setvbuf(stdout, NULL, _IOLBF, 0);\n"
    "    puts(\"Test 1.0\\tright leak unmasked skips dies lies throws\");\n"
    "    while (fgets(text, sizeof text, stdin)) {\n"
    "        int run = strncmp(text, \"run\", 3) == 0;\n"
    "        if (sscanf(text, \"load f32 %zu %zu\", &rows, &n) == 2) { puts(\"ok\"); continue; }\n"
    "        sscanf(text, \"%*s %49s\", name);\n"
    "        if (!strcmp(name, \"skips\")) { puts(\"skip\"); continue; }\n"
    "        if (!strcmp(name, \"throws\")) { puts(\"ValueError: no\"); continue; }\n"
    "        if (!run) {\n"
    "            static int calls;\n"
    "            if (!strcmp(name, \"dies\")) return 3;\n"
    "            printf(\"1000 %x\\n\", strcmp(name, \"lies\") ? 7 : calls++ + 1);\n"
    "            continue;\n"
    "        }\n"
    "        float *x = malloc(8 * rows * n), *p = x + rows * n; unsigned char *m = malloc(rows * n);\n"
    "        FILE *file = fopen(argv[2], \"r+\");\n"
    "        if (!file || fread(x, 4, rows * n, file) != rows * n || fseek(file, 8 * (long)(rows * n), SEEK_SET) ||\n"
    "            fread(m, 1, rows * n, file) != rows * n) return 2;\n"
    "        for (size_t r = 0; r < rows; r++) {\n"
    "            double sum = 0;\n"
    "            for (size_t i = r * n; i < r * n + n; i++)\n"
    "                sum += p[i] = m[i] || !strcmp(name, \"leak\") ? expf(x[i]) : 0;\n"
    "            for (size_t i = r * n; i < r * n + n; i++) p[i] /= sum;\n"
    "        }\n"
    "        fseek(file, 4 * (long)(rows * n), SEEK_SET);\n"
    "        fwrite(p, 4, rows * n, file); fclose(file); free(x); free(m); puts(\"ok\");\n"
    "    }\n    return 0;\n}\n";

/* The formulations, commas between and behind them. */
static struct output bench_peer(const char *formulations)
{
    char *program = compile("", peer_source), *name = strrchr(program, '/') + 1, peers[600] = "", directory[4096];
    cr_assert(chmod(program, 0700) == 0);
    snprintf(subject, sizeof subject, "%s", name);
    snprintf(directory, sizeof directory, "%.*s", (int)(name - program), program);
    for (const char *one = formulations; *one != '\0'; one += strcspn(one, ",") + 1)
        snprintf(peers + strlen(peers), sizeof peers - strlen(peers), "%s.%.*s,", name, (int)strcspn(one, ","), one);
    struct output o = run_text(
        "bench",
        ARGS("fused", "--programs", directory, "--peer", peers, "--shape", "cached,attention", "--quick", "--tsv"), "");
    scratch_remove(program);
    return o;
}

static void expect_peer(const struct output *o, const char *formulation, const char *status, const char *note)
{
    char name[200];
    snprintf(name, sizeof name, "%s.%s", subject, formulation);
    expect(o, name, STATUS, status);
    expect(o, name, NOTE, note);
}

Test(bench, peer_is_timed_and_judged)
{
    struct output o = bench_peer("right,leak,unmasked,skips,throws,lies,");
    expect_status(&o, 1);
    expect_peer(&o, "right", "timed", "rows judged; Test 1.0");
    expect_peer(&o, "leak", "refused", "LEAK");
    expect_peer(&o, "unmasked", "timed", "no mask, so not judged");
    expect_peer(&o, "skips", "skipped", "not offered");
    expect_peer(&o, "throws", "refused", "ValueError: no");
    expect_peer(&o, "lies", "refused", "its output changed");
    expect(&o, "fused", STATUS, "timed");
    output_free(&o);
    struct output good = bench_peer("right,leak,unmasked,skips,"); /* a peer claims nothing */
    expect_status(&good, 0);
    output_free(&good);
}

Test(bench, peer_that_dies_is_refused)
{
    struct output o = bench_peer("dies,right,");
    expect_status(&o, 1);
    expect_peer(&o, "dies", "refused", "it failed while it was timed");
    expect(&o, "fused", STATUS, "timed");
    output_free(&o);
}

Test(bench, peer_that_is_not_installed_is_left_out)
{
    struct output o =
        run_text("bench", ARGS("fused", "--programs", "/no/such", "--peer", "torch,numpy.where", "--shape=cached"), "");
    expect_status(&o, 0);
    expect(&o, "fused", STATUS, "timed");
    cr_expect(strstr(o.err, "without /no/such/torch") && strstr(o.err, "without /no/such/numpy"), "%s", o.err);
    output_free(&o);
    struct output other = bench_peer("nothing,");
    expect_status(&other, 0);
    cr_expect(strstr(other.err, "nothing: of ") != NULL, "%s", other.err);
    output_free(&other);
}

/* --- options --- */

Test(bench, wrong_options)
{
    static const struct {
        const char *expected, *args[5];
    } wrong[] = {
        {"expected --so LIB:SYMBOL, found 'libmine.so'", {"--so", "libmine.so"}},
        {"expected --so LIB:SYMBOL, found 'libmine.so:'", {"--so", "libmine.so:"}},
        {"expected --format f32 or f64 with --so or --peer", {"--peer", "torch", "--format", "f16"}},
        {"expected --format f32 or f64 with --so or --peer", {"--so", "libmine.so:f", "--format", "bf16"}},
        {"expected --curve threads without --peer", {"--peer", "torch", "--curve", "threads"}},
        {"expected a shape", {"--shape", "chess,round"}},
        {"expected --curve n, density, rows or threads", {"--curve", "m"}},
        {"expected --sigma of 0 to 10000, found 'nan'", {"--sigma", "nan"}},
        {"expected --density of 0 to 1, found '2'", {"--density", "2"}},
        {"expected --rounds", {"--rounds", "0"}},
        {"expected an implementation of softmax", {"log_lse"}},
        {"nonsense", {"--nonsense"}},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct output o = run_text("bench", wrong[i].args, "");
        expect_status(&o, 2);
        cr_expect(o.out_length == 0 && strstr(o.err, wrong[i].expected) != NULL, "expected '%s' in %s%s",
                  wrong[i].expected, o.out, o.err);
        output_free(&o);
    }
}
