/* report - runs check, article and bench, keeps what they say as text, and draws one page from it.
   SPDX-License-Identifier: MIT */
#include "evidence.h"
#include "figures.h"
#include "html.h"
#include "leak_law.h"
#include "machine.h"
#include "page.h"
#include "pipeline.h"
#include "scratch.h"
#include "verb.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

static struct {
    const char *out, *from;
    bool quick;
} options = {.out = "build/report"};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case 'o': options.out = arg; break;
    case 'f': options.from = arg; break;
    case 'q': options.quick = true; break;
    case ARGP_KEY_ARG: argp_error(state, "expected no argument, found '%s'", arg); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option rows[] = {
    {"out", 'o', "DIRECTORY", 0, "where the page and its data go (default build/report)", 0},
    {"from", 'f', "DIRECTORY", 0, "draw from the data of an earlier run there, without running anything", 0},
    {"quick", 'q', 0, 0, "fewer rounds in the bench", 0},
    {0},
};

static const struct argp argp = {.options = rows,
                                 .parser = parse,
                                 .doc = "Check every claim, time what is right, and draw one self-contained HTML page."
                                        "\vExamples:\n"
                                        "  maskproof report\n"
                                        "  maskproof report --quick --out /tmp/report\n"
                                        "  maskproof report --from build/report --out again"};

static const char *path_in(const char *directory, const char *name)
{
    static char paths[4][PATH_MAX];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, PATH_MAX, "%s/%s", directory, name);
    return path;
}

_Noreturn static void fail(const char *what, const char *why)
{
    fprintf(stderr, "maskproof report: %s: %s\n", what, why);
    exit(2);
}

static void make_directories(const char *path)
{
    char part[PATH_MAX];
    for (const char *c = path; *c != '\0'; c++) {
        snprintf(part, sizeof part, "%.*s", (int)(strcspn(c + 1, "/") + (size_t)(c + 1 - path)), path);
        if ((c == path || *c == '/') && mkdir(part, 0777) != 0 && errno != EEXIST) fail(part, strerror(errno));
    }
}

static void say(const char *what)
{
    if (isatty(STDERR_FILENO)) fprintf(stderr, "report: %s\n", what);
}

/* Run one verb and keep what it prints as DIRECTORY/NAME.  `worst`: the exit code that is still a result to show. */
static bool keep(const char *name, int worst, const char *const *argv)
{
    char part[PATH_MAX];
    snprintf(part, sizeof part, "%s.part", path_in(options.out, name));
    scratch_also(part);
    struct pipeline p = {.stage = {{.argv = argv}}, .output_path = part};
    pipeline_run(&p);
    int status = p.stage[0].status;
    if (status < 0 || status > worst) fail(name, p.error);
    if (rename(part, path_in(options.out, name)) != 0) fail(name, strerror(errno));
    pipeline_free(&p);
    return status == 0;
}

static void write_about(void)
{
    char model[200];
    struct utsname system = {0};
    FILE *out = fopen(path_in(options.out, "about.tsv"), "w");
    if (out == NULL) fail("about.tsv", strerror(errno));
    machine_cpu(model, sizeof model);
    uname(&system);
    fprintf(out, "maskproof\t%s\nline format\t%d\nseed\t1\ncompiler\t%s\ncpu\t%s\nsystem\t%s %s\n", MASKPROOF_VERSION,
            LINE_VERSION, __VERSION__, model, system.sysname, system.machine);
    if (fclose(out) != 0) fail("about.tsv", strerror(errno));
}

/* The rows of multiply are judged already; only where they lie on the axis is still to be had from their cases. */
static void keep_leak(void)
{
    char cases[SCRATCH_PATH];
    scratch_path(cases, "cases");
    struct pipeline gen = {.stage = {{.argv = ARGV("maskproof-gen", "plain", "f32")}}, .output_path = cases};
    if (!pipeline_run(&gen)) fail("leak.tsv", gen.error);
    FILE *out = fopen(path_in(options.out, "leak.tsv"), "w");
    if (out == NULL) fail("leak.tsv", strerror(errno));
    leak_law_points(cases, path_in(options.out, "verdicts.tsv"), "multiply", "plain", "f32", out);
    if (fclose(out) != 0) fail("leak.tsv", strerror(errno));
}

int main(int argc, char **argv)
{
    struct evidence e;
    bool good = true;
    verb_parse(&argp, argc, argv);
    scratch_open();
    make_directories(options.out);
    if (options.from == NULL) {
        say("checking every claim");
        keep("claims.tsv", 0, ARGV("maskproof-run", "--claims"));
        keep("suites.txt", 0, ARGV("maskproof-gen", "--list"));
        good = keep("check.txt", 1, ARGV("maskproof-check", "--verdicts", path_in(options.out, "verdicts.tsv")));
        say("the article's table");
        good = keep("article.tsv", 1, ARGV("maskproof-article", "--tsv")) && good;
        keep_leak();
        say("timing what is right");
        keep("timings.tsv", 0,
             options.quick ? ARGV("maskproof-bench", "--tsv", "--quick") : ARGV("maskproof-bench", "--tsv"));
        write_about();
    }
    say("drawing");
    evidence_read(&e, options.from ? options.from : options.out);
    figures_draw(&e, options.out);
    FILE *out = fopen(path_in(options.out, "index.md"), "w");
    if (out == NULL) fail("index.md", strerror(errno));
    page_write(&e, out);
    if (fclose(out) != 0) fail("index.md", strerror(errno));
    html_write(options.out);
    evidence_free(&e);
    printf("%s\n", path_in(options.out, "index.html"));
    if (!good) fprintf(stderr, "maskproof report: not everything is as claimed: see check.txt and article.tsv there\n");
    finish(good ? 0 : 1);
}
