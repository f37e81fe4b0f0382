/* plot - one figure of a report, as SVG, PNG, PDF, or in characters on the terminal.
   SPDX-License-Identifier: MIT */
#include "directory.h"
#include "evidence.h"
#include "figures.h"
#include "verb.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    const char *name, *impl, *from, *out;
} options = {.from = "build/report"};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case 'f': options.from = arg; break;
    case 'o': options.out = arg; break;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1) argp_error(state, "expected a figure and an implementation, found '%s' too", arg);
        *(state->arg_num == 0 ? &options.name : &options.impl) = arg;
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option rows[] = {
    {"from", 'f', "DIRECTORY", 0, "the report whose data are drawn (default build/report)", 0},
    {"out", 'o', "FILE", 0, "a file that ends in .svg, .png or .pdf (default: characters on standard output)", 0},
    {0},
};

static const struct argp argp = {.options = rows,
                                 .parser = parse,
                                 .args_doc = "[FIGURE [IMPL]]",
                                 .doc = "Draw one figure from the data of a report.  Without a name: the list of them."
                                        "\vExamples:\n"
                                        "  maskproof plot leak\n"
                                        "  maskproof plot ulp where --out where.png\n"
                                        "  maskproof plot speed --from old --out speed.svg"};

_Noreturn static void stop(const char *why, const char *what)
{
    fprintf(stderr, "maskproof plot: %s '%s'\n", why, what);
    exit(2);
}

static void list_figures(void)
{
    for (const struct figure *f = all_figures; f->name != NULL; f++)
        printf("%-10s %s%s\n", f->name, f->shows, f->one_each ? " (of one implementation)" : "");
}

static const char *terminal(void)
{
    static const char *const endings[] = {"svg", "png", "pdf"};
    if (options.out == NULL) return "dumb";
    const char *dot = strrchr(options.out, '.');
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (dot != NULL && strcmp(dot + 1, endings[i]) == 0) return endings[i];
    stop("expected --out FILE.svg, .png or .pdf, found", options.out);
}

int main(int argc, char **argv)
{
    struct evidence e;
    const struct subject *of = NULL;
    verb_parse(&argp, argc, argv);
    if (options.name == NULL) {
        list_figures();
        finish(0);
    }
    const struct figure *figure = figure_named(options.name);
    const char *kind = terminal();
    if (figure == NULL) stop("expected a figure (maskproof plot lists them), found", options.name);
    if (figure->one_each && options.impl == NULL) stop("expected an implementation behind", options.name);
    if (!figure->one_each && options.impl != NULL)
        stop("expected no implementation behind this figure, found", options.impl);
    const char *data = path_in(options.from, "data");
    evidence_read(&e, access(path_in(data, "verdicts.tsv"), R_OK) == 0 ? data : options.from);
    if (options.impl != NULL) {
        of = subjects_named(&e.subjects, options.impl);
        if (of == NULL) stop("expected an implementation of that report, found", options.impl);
    }
    char directory[] = "/tmp/maskproof-plot-XXXXXX";
    if (mkdtemp(directory) == NULL) stop("cannot make", directory);
    bool drawn = figure_draw(figure, &e, of, directory, kind, options.out ? options.out : "-");
    remove_files(directory, "");
    rmdir(directory);
    evidence_free(&e);
    if (!drawn) stop("there is nothing to draw in", options.name);
    finish(0);
}
