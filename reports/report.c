/* report - gathers what the other verbs say as text, and draws a site from it; or only draws, from what was gathered.
   SPDX-License-Identifier: MIT */
#include "directory.h"
#include "evidence.h"
#include "gather.h"
#include "report_text.h"
#include "scratch.h"
#include "site.h"
#include "verb.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    const char *out, *from, *against;
    bool quick, text;
} options = {.out = "build/report"};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case 'o': options.out = arg; break;
    case 'f': options.from = arg; break;
    case 'a': options.against = arg; break;
    case 'q': options.quick = true; break;
    case 't': options.text = true; break;
    case ARGP_KEY_ARG: argp_error(state, "expected no argument, found '%s'", arg); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option rows[] = {
    {"out", 'o', "DIRECTORY", 0, "where the pages go, and their data, in data/ (default build/report)", 0},
    {"from", 'f', "DIRECTORY", 0, "draw from the data of an earlier run there, without running anything", 0},
    {"against", 'a', "DIRECTORY", 0, "compare with the run there, on a page of its own", 0},
    {"quick", 'q', 0, 0, "f32 and f16 only, a short bench, no worked examples", 0},
    {"text", 't', 0, 0, "print the key tables instead of drawing pages", 0},
    {0},
};

static const struct argp argp = {
    .options = rows,
    .parser = parse,
    .doc = "Check every claim, time what is right, and draw a self-contained HTML site: an index, a lesson, and a page "
           "of each implementation.  A run that was interrupted goes on where it was."
           "\vExamples:\n"
           "  maskproof report\n"
           "  maskproof report --quick --out /tmp/report\n"
           "  maskproof report --from build/report --out again\n"
           "  maskproof report --from build/report --text\n"
           "  maskproof report --from new --against old --out compared"};

/* The data of a report, into `path`; the directory itself may be it. */
static const char *data_of(const char *directory, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/data", directory);
    if (access(path_in(path, "verdicts.tsv"), R_OK) != 0) snprintf(path, PATH_MAX, "%s", directory);
    return path;
}

static void bring_data(const char *from, const char *to)
{
    if (strcmp(from, to) == 0) return;
    make_directories(path_in(to, "source"));
    copy_files(from, to);
    copy_files(path_in(from, "source"), path_in(to, "source"));
}

int main(int argc, char **argv)
{
    struct evidence e, then;
    char own[PATH_MAX], from[PATH_MAX], other[PATH_MAX], figures[PATH_MAX];
    bool good = true;
    verb_parse(&argp, argc, argv);
    scratch_open();
    snprintf(own, sizeof own, "%s/data", options.out);
    snprintf(figures, sizeof figures, "%s/figures", options.out);
    const char *data = options.from ? data_of(options.from, from) : own;
    if (options.from == NULL) {
        if (access(path_in(own, "status.tsv"), F_OK) == 0) remove_files(options.out, ".html"); /* of another run */
        good = gather(data, options.quick);
    }
    evidence_read(&e, data);
    if (options.against != NULL) evidence_read(&then, data_of(options.against, other));
    if (options.text) {
        report_text(&e);
    } else {
        fprintf(stderr, "report: drawing\n");
        make_directories(figures);
        bring_data(data, own);
        site_write(&e, options.against ? &then : NULL, options.out, figures);
        if (options.from == NULL) gather_seal(own);
        printf("%s\n", path_in(options.out, "index.html"));
    }
    evidence_free(&e);
    if (options.against != NULL) evidence_free(&then);
    if (!good) fprintf(stderr, "maskproof report: not everything is as claimed: see check.txt and article.tsv there\n");
    finish(good ? 0 : 1);
}
