/* test_report - the report is drawn from data alone: the site of a small run is whole, names what fails, and draws
   again the same; damaged data, figures and options that are not there end with one clear line.
   SPDX-License-Identifier: MIT */
#include "pipe.h"

#include <stdbool.h>
#include <sys/stat.h>

/* A run of three implementations, one suite and format: what gather.c would have left, made by the same verbs. */
static char data[4096];

static void write_file(const char *name, const char *text)
{
    char path[5000];
    snprintf(path, sizeof path, "%s/%s", data, name);
    FILE *out = fopen(path, "w");
    cr_assert(out != NULL && fputs(text, out) >= 0 && fclose(out) == 0, "%s", path);
}

static void keep(const char *name, const char *verb, const char *const *args)
{
    struct output o = run_text(verb, args, "");
    cr_assert(o.status == 0, "%s: exit code %d\n%s", verb, o.status, o.err);
    write_file(name, o.out);
    output_free(&o);
}

static void make_data(void)
{
    char verdicts[4200];
    const char *base = getenv("TMPDIR");
    snprintf(data, sizeof data, "%s/maskproof-report-XXXXXX", base && base[0] ? base : "/tmp");
    cr_assert_not_null(mkdtemp(data));
    snprintf(verdicts, sizeof verdicts, "%s/verdicts.tsv", data);
    keep("claims.tsv", "run", ARGS("--claims"));
    keep("suites.txt", "gen", ARGS("--list"));
    keep("check.txt", "check",
         ARGS("where", "multiply", "safe", "--suite", "plain,sentinel", "--format", "f32", "--verdicts", verdicts));
    keep("article.tsv", "article", ARGS("--tsv"));
    keep("explain.txt", "explain", ARGS("multiply"));
    write_file("about.tsv", "maskproof\ttest\nprocessor\tnone\n");
    write_file("leak.tsv", "a\t1\t0.25\nb\t2\t0.1\n");
    write_file("reach.tsv", "multiply\tf32\tlow\t10\tfail\tLEAK\nwhere\tf32\tlow\t10\tpass\t-\n");
    write_file("normwise.tsv", "where\tf32\tplain\ta\t4\t3\t2\t0.5\t0.5\t15\t0.03\n"
                               "multiply\tf32\tplain\ta\t4\t3\t2\t9999\t9999\t-\t-\n");
    write_file(
        "timings.tsv",
        "# shape\trows\tn\tdensity\tformat\timpl\tstatus\tns_per_element\tratio\tratio_low\tratio_high\tgb_per_s\t"
        "max_ulp\tnote\tpasses\n"
        "chess\t1\t2\t1\tf32\twhere\ttimed\t1\t3.25\t3\t4\t9\t1\t-\t3\n"
        "chess\t1\t2\t1\tf32\tsafe\ttimed\t1\t2.75\t2\t3\t9\t1\t-\t2\n");
    struct stat file;
    char peers[5000], *text = NULL;
    size_t length = 0;
    snprintf(peers, sizeof peers, "%s/../share/maskproof/peers.tsv", getenv("MASKPROOF_BIN"));
    cr_assert(stat(peers, &file) == 0, "%s", peers);
    FILE *in = fopen(peers, "r");
    cr_assert_not_null(in);
    text = read_back(in, &length);
    write_file("peers.tsv", text);
    free(text);
}

static void remove_data(void)
{
    char command[4300];
    snprintf(command, sizeof command, "rm -rf '%s'", data);
    cr_expect(system(command) == 0);
}

static char *page(const char *directory, const char *name)
{
    char path[5000];
    size_t length;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *in = fopen(path, "r");
    cr_assert(in != NULL, "%s is not there", path);
    return read_back(in, &length);
}

static void expect_in(const char *where, const char *text, const char *what)
{
    cr_expect(strstr(text, what) != NULL, "%s: '%s' is not there", where, what);
}

Test(report, is_a_function_of_the_data)
{
    char once[4200], twice[4200];
    make_data();
    snprintf(once, sizeof once, "%s/once", data);
    snprintf(twice, sizeof twice, "%s/twice", data);
    struct output a = run_text("report", ARGS("--from", data, "--out", once), "");
    cr_assert(a.status == 0, "exit code %d\n%s", a.status, a.err);
    struct output b = run_text("report", ARGS("--from", once, "--out", twice, "--against", once), "");
    cr_assert(b.status == 0, "exit code %d\n%s", b.status, b.err);
    char *bad = page(once, "impl-multiply.html"), *right = page(once, "impl-where.html"),
         *index = page(once, "index.html");
    char *again = page(twice, "impl-multiply.html"), *against = page(twice, "against.html");
    cr_expect_str_eq(bad, again);
    expect_in("impl-multiply", bad, "Wrong on purpose: LEAK");
    expect_in("impl-multiply", bad, "<strong>LEAK</strong>");
    expect_in("impl-multiply", bad, "| maskproof run multiply | maskproof show");
    expect_in("impl-multiply", bad, "1 of 1 rows lie above it");
    expect_in("impl-where", right, "0 of 1 rows lie above it");
    expect_in("impl-where", right, "3.25");
    expect_in("index", index, "href=\"impl-safe.html\">safe</a>");
    expect_in("index", index, "<svg role=\"img\" aria-label=");
    expect_in("against", against, "None.");
    cr_expect(strstr(index, "<script") == NULL && strstr(index, "http-equiv") == NULL);
    free(bad), free(right), free(index), free(again), free(against);
    output_free(&a);
    output_free(&b);
    remove_data();
}

Test(report, prints_the_key_tables)
{
    make_data();
    struct output o = run_text("report", ARGS("--from", data, "--text"), "");
    cr_expect(o.status == 0, "exit code %d\n%s", o.status, o.err);
    expect_in("--text", o.out, "f32   safe");
    expect_in("--text", o.out, "the article: ");
    output_free(&o);
    remove_data();
}

Test(report, draws_one_figure)
{
    make_data();
    struct output o = run_text("plot", ARGS("leak", "--from", data), "");
    cr_expect(o.status == 0 && strstr(o.out, "the law") != NULL, "exit code %d\n%s", o.status, o.err);
    output_free(&o);
    o = run_text("plot", ARGS("nothing", "--from", data), "");
    cr_expect(o.status == 2 && strstr(o.err, "expected a figure") != NULL, "exit code %d\n%s", o.status, o.err);
    output_free(&o);
    o = run_text("plot", ARGS("leak", "--from", data, "--out", "x.bmp"), "");
    cr_expect(o.status == 2 && strstr(o.err, "expected --out") != NULL, "exit code %d\n%s", o.status, o.err);
    output_free(&o);
    remove_data();
}

Test(report, refuses_damaged_data)
{
    make_data();
    write_file("reach.tsv", "multiply\tf32\n");
    struct output o = run_text("report", ARGS("--from", data, "--text"), "");
    cr_expect(o.status == 2 && strstr(o.err, "reach.tsv:1: expected 6 tab-separated fields") != NULL,
              "exit code %d\n%s", o.status, o.err);
    output_free(&o);
    remove_data();
}
