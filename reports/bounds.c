/* bounds - the errors of the implementations beside what is proved of them.
   SPDX-License-Identifier: MIT */
#include "bounded.h"
#include "catalogue.h"
#include "normwise.h"
#include "progress.h"
#include "proved.h"
#include "scratch.h"
#include "verb.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct {
    bool tsv, quick;
} options;

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case 't': options.tsv = true; break;
    case 'q': options.quick = true; break;
    case ARGP_KEY_ARG: argp_error(state, "expected options only, found '%s'", arg); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option rows[] = {
    {"tsv", 't', 0, 0, "every row: implementation, its shape, its errors and its bound in u", 0},
    {"quick", 'q', 0, 0, "f32 and f16 only, and no long rows", 0},
    {0},
};

static const struct argp argp = {
    .options = rows,
    .parser = parse,
    .doc =
        "The largest error of every implementation that names how it adds up, beside the bound that proofs/rocq proves "
        "for that row, over the suites plain and long.  Exit 0: all are within their bounds; 1: one is not."
        "\vExamples:\n"
        "  maskproof bounds\n"
        "  maskproof bounds --quick --tsv | sort -k11 -g | tail"};

static void measure(const struct claims *claims, FILE *out)
{
    static const char *const suites[] = {"plain", "long"};
    progress_start(options.quick ? 2 : 2 * FORMATS);
    for (int s = 0; s < (options.quick ? 1 : 2); s++)
        for (int f = 0; f < FORMATS; f++) {
            if (options.quick && f != F32 && f != F16) continue;
            char label[40];
            snprintf(label, sizeof label, "%s %s", suites[s], formats[f].name);
            progress_step(label);
            normwise_measure(claims, suites[s], &formats[f], f == F32, out);
        }
    progress_clear();
}

static const char *theorem_of(const struct claims *claims, const char *impl)
{
    for (size_t i = 0; i < claims->count; i++)
        if (strcmp(claims->claim[i].impl, impl) == 0 && claims->claim[i].bound != NULL)
            return proved_theorem(claims->claim[i].bound);
    return "-";
}

/* Four digits, or whole units. */
static void spell_number(char *text, size_t size, double v)
{
    if (isnan(v))
        snprintf(text, size, "-");
    else
        snprintf(text, size, v >= 1e4 && v < 1e7 ? "%.0f" : "%.4g", v);
}

static void print_in(const struct bounded_in *in)
{
    char text[60] = "-", error[20], bound[20];
    spell_number(error, sizeof error, in->error);
    spell_number(bound, sizeof bound, in->bound);
    if (in->rows > 0) snprintf(text, sizeof text, "%s of %s%s", error, bound, in->above > 0 ? " !" : "");
    printf(" %-18s", text);
}

static void print_table(const struct claims *claims, const struct bounded *b, size_t count)
{
    printf("largest error of an entry, of its row's bound, in units of u = 2^-53, 2^-24, 2^-8, 2^-11\n\n%-18s", "");
    for (int f = 0; f < FORMATS; f++) printf(" %-18s", formats[f].name);
    putchar('\n');
    for (size_t i = 0; i < count; i++) {
        printf("%-18s", b[i].impl);
        for (int f = 0; f < FORMATS; f++) print_in(&b[i].in[f]);
        printf("\n    %s\n", theorem_of(claims, b[i].impl));
    }
}

static void print_examples(const struct tsv *t)
{
    struct bounded_example example[EXAMPLES];
    bounded_examples(t, example);
    printf("\n%d valid entries within %d nats; seen: in rows that are no longer and no wider\n\n%-22s %-10s %-5s %9s "
           "%9s %9s\n",
           EXAMPLE_ENTRIES, EXAMPLE_RANGE, "", "", "", "proved", "others", "seen");
    for (int i = 0; i < EXAMPLES; i++) {
        const struct bounded_example *e = &example[i];
        char proved[20], others[20], seen[20];
        spell_number(proved, sizeof proved, e->proved);
        spell_number(others, sizeof others, e->others);
        spell_number(seen, sizeof seen, e->seen);
        printf("%-22s %-10s %-5s %9s %9s %9s\n", e->way, e->impl, formats[e->format].name, proved, others, seen);
    }
    printf("\nothers: n + 2 + 2 (x_max - x_min), Blanchard, Higham and Higham 2021, for all of it in the format\n");
}

int main(int argc, char **argv)
{
    char path[SCRATCH_PATH];
    struct catalogue c;
    struct tsv t;
    size_t count;
    verb_parse(&argp, argc, argv);
    scratch_open();
    scratch_path(path, "normwise.tsv");
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        fprintf(stderr, "maskproof bounds: %s: %s\n", path, strerror(errno));
        exit(2);
    }
    catalogue_read(&c);
    measure(&c.claims, out);
    if (fclose(out) != 0) abort();
    tsv_read(&t, path, NORM_COLUMNS);
    struct bounded *b = bounded_read(&t, &count);
    size_t above = bounded_above(b, count);
    if (options.tsv) {
        printf("# %s\n", t.head);
        for (size_t r = 0; r < t.rows; r++)
            for (size_t k = 0; k < NORM_COLUMNS; k++) printf("%s%c", t.cell[r][k], k + 1 < NORM_COLUMNS ? '\t' : '\n');
    } else {
        print_table(&c.claims, b, count);
        print_examples(&t);
    }
    if (above > 0) fprintf(stderr, "maskproof bounds: %zu rows above what is proved of them\n", above);
    free(b);
    tsv_free(&t);
    catalogue_free(&c);
    finish(above > 0 ? 1 : 0);
}
