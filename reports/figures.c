/* figures - see figures.h.  Every figure is a pure function of the evidence.
   SPDX-License-Identifier: MIT */
#include "figures.h"
#include "pipeline.h"
#include "share.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static FILE *open_data(const char *directory, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s.dat", directory, name);
    FILE *out = fopen(path, "w");
    if (out != NULL) return out;
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    exit(2);
}

static void close_data(FILE *out)
{
    if (ferror(out) || fclose(out) != 0) {
        fprintf(stderr, "maskproof report: cannot write the data of a figure\n");
        exit(2);
    }
}

static void draw(const char *directory, const char *name)
{
    char script[PATH_MAX], data[PATH_MAX + 20], picture[PATH_MAX + 20], file[80];
    snprintf(file, sizeof file, "%s.gp", name);
    share_path(script, sizeof script, file);
    snprintf(data, sizeof data, "data='%s/%s.dat'", directory, name);
    snprintf(picture, sizeof picture, "set output '%s/%s.svg'", directory, name);
    struct pipeline gnuplot = {.stage = {{.argv = ARGV("gnuplot", "-e", data, "-e", picture, script)}}};
    if (!pipeline_run(&gnuplot)) {
        fprintf(stderr, "maskproof report: figure %s: %s\n", name, gnuplot.error);
        exit(2);
    }
    pipeline_free(&gnuplot);
}

/* implementation, then for each format the median and the largest error of the rows that pass. */
static void write_errors(const struct evidence *e, FILE *out)
{
    for (size_t i = 0; i < e->subjects.count; i++) {
        const struct subject *s = &e->subjects.subject[i];
        fprintf(out, "\"%s%s\"", s->name, s->claim[F32]->bugs ? "*" : "");
        for (int f = 0; f < FORMATS; f++) {
            const struct errors *errors = &e->errors[i][f];
            if (errors->count == 0)
                fputs(" NaN NaN", out);
            else
                fprintf(out, " %.6g %.6g", errors->ulp[errors->count / 2], errors->ulp[errors->count - 1]);
        }
        putc('\n', out);
    }
}

/* LSE - ln N, and the leak observed; see leak_law.c. */
static void write_leak(const struct evidence *e, FILE *out)
{
    for (size_t r = 0; r < e->leak.rows; r++) fprintf(out, "%s %s\n", e->leak.cell[r][1], e->leak.cell[r][2]);
}

/* One block per shape: implementation, ratio to the masked copy, its interval. */
static void write_speed(const struct evidence *e, FILE *out)
{
    const struct tsv *t = &e->timings;
    for (size_t r = 0; r < t->rows; r++) {
        char **c = t->cell[r];
        if (r > 0 && strcmp(c[0], t->cell[r - 1][0]) != 0) fputs("\n\n", out);
        if (r == 0 || strcmp(c[0], t->cell[r - 1][0]) != 0) fprintf(out, "\"%s %s x %s\"\n", c[0], c[1], c[2]);
        if (strcmp(c[6], "timed") == 0) fprintf(out, "\"%s\" %s %s %s\n", c[5], c[8], c[9], c[10]);
    }
}

void figures_draw(const struct evidence *e, const char *directory)
{
    static const struct {
        const char *name;
        void (*write)(const struct evidence *e, FILE *out);
    } figures[] = {{"errors", write_errors}, {"leak", write_leak}, {"speed", write_speed}};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        FILE *out = open_data(directory, figures[i].name);
        figures[i].write(e, out);
        close_data(out);
        draw(directory, figures[i].name);
    }
}
