/* maskproof - the front command: `maskproof VERB ...` starts the program maskproof-VERB beside it, and no more.
   SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name, *flow, *about;
} verbs[] = {
    {"gen", "SUITE FORMAT", "the cases of a suite, one a line"},
    {"case", "--mask 101 1 2 3", "decimals to a case line"},
    {"show", "[FILE]", "any line to decimals, hex floats and classes, for people"},
    {"truth", "[FILE]", "case lines to answer lines: the correctly rounded words"},
    {"run", "IMPL [FILE]", "case lines to result lines (--list shows the implementations)"},
    {"judge", "ANSWERS [RESULTS]", "result lines to verdict lines"},
    {"check", "[IMPL... | -- COMMAND]", "all of it: every claim over every suite and format"},
    {"article", "", "the article's claims: it says, we get, exact"},
    {"leak", "LOGITS.npy MASK.npy", "how much probability each formulation misplaces in your logits"},
    {"bench", "[IMPL...]", "time those that are right"},
    {"report", "", "verdicts and timings to an HTML site, or (--text) to the terminal"},
    {"plot", "[FIGURE [IMPL]]", "one figure of a report: SVG, PNG, PDF or characters"},
    {"peers", "[PEER...]", "what other people's libraries return: versions, errors, faults"},
    {"bounds", "", "the largest errors beside the bounds that are proved of them"},
    {"explain", "[NAME...]", "a bug, implementation, suite or profile, with a worked example"},
};
enum { VERBS = sizeof verbs / sizeof *verbs };

static void print_help(FILE *out)
{
    fputs("Usage: maskproof VERB [ARGUMENTS]\n\n"
          "What a masked softmax must return, and who returns it.  Verbs:\n\n",
          out);
    for (int i = 0; i < VERBS; i++) fprintf(out, "  %-8s %-23s %s\n", verbs[i].name, verbs[i].flow, verbs[i].about);
    fputs("\nExamples:\n"
          "  maskproof check\n"
          "  maskproof gen article f32 | maskproof run where\n"
          "  maskproof check -- python3 mine.py\n"
          "\n`maskproof help VERB` or `maskproof VERB --help` says more.  A file named - is standard input.\n"
          "Exit codes: 0 as claimed, 1 a verdict to read, 2 wrong input or options, 77 not installed here.\n",
          out);
}

/* Replace this process by the verb's program. */
static int start(const char *verb, char **argv)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length < 0) {
        perror("maskproof: /proc/self/exe");
        return 2;
    }
    path[length] = '\0';
    size_t room = sizeof path - (size_t)length;
    if ((size_t)snprintf(path + length, room, "-%s", verb) >= room) {
        fprintf(stderr, "maskproof: the path of the program is too long\n");
        return 2;
    }
    argv[0] = path;
    execv(path, argv);
    fprintf(stderr, "maskproof: %s: %s\n", path, strerror(errno));
    return 2;
}

int main(int argc, char **argv)
{
    bool help = argc > 1 && strcmp(argv[1], "help") == 0;
    const char *verb = help ? argv[2] : argv[1];
    if (argc < 2 || (help && argc == 2) || strcmp(verb, "--help") == 0) {
        print_help(argc < 2 ? stderr : stdout);
        return argc < 2 ? 2 : 0;
    }
    if (strcmp(verb, "--version") == 0) {
        puts("maskproof " MASKPROOF_VERSION);
        return 0;
    }
    for (int i = 0; i < VERBS; i++) {
        if (strcmp(verb, verbs[i].name) != 0) continue;
        static char option[] = "--help";
        char *help_argv[] = {NULL, option, NULL};
        return start(verb, help ? help_argv : argv + 1);
    }
    fprintf(stderr, "maskproof: expected a verb (maskproof help lists them), found '%s'\n", verb);
    return 2;
}
