/* figures - see figures.h.
   SPDX-License-Identifier: MIT */
#include "figures.h"
#include "directory.h"
#include "figure_bound.h"
#include "normwise.h"
#include "pipeline.h"
#include "reach.h"
#include "share.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- what is drawn of the whole --- */

/* implementation, then for each format the median and the largest error of the rows that pass. */
static size_t write_errors(const struct evidence *e, const struct subject *of, FILE *out)
{
    (void)of;
    size_t rows = 0;
    for (size_t i = e->subjects.count; i-- > 0;) { /* the first is drawn on top */
        const struct subject *s = &e->subjects.subject[i];
        fprintf(out, "\"%s%s\"", s->name, any_claim(s)->bugs ? "*" : "");
        for (int f = 0; f < FORMATS; f++) {
            const struct errors *errors = &e->errors[i][f];
            if (errors->count == 0)
                fputs(" NaN NaN", out);
            else
                fprintf(out, " %.6g %.6g", errors->ulp[errors->count / 2], errors->ulp[errors->count - 1]);
        }
        putc('\n', out);
        rows++;
    }
    return rows;
}

/* LSE - ln N, and the leak observed; see leak_law.c. */
static size_t write_leak(const struct evidence *e, const struct subject *of, FILE *out)
{
    (void)of;
    for (size_t r = 0; r < e->leak.rows; r++) fprintf(out, "%s %s\n", e->leak.cell[r][1], e->leak.cell[r][2]);
    return e->leak.rows;
}

static const char *timing(const struct evidence *e, size_t r, const char *column)
{
    return tsv_cell(&e->timings, r, column);
}

/* Those that were timed in f32, the slowest first. */
struct timed {
    const struct subject *subject;
    double speed;
};
static int slowest_first(const void *a, const void *b)
{
    double x = ((const struct timed *)a)->speed, y = ((const struct timed *)b)->speed;
    return (x < y) - (x > y);
}
static size_t find_timed(const struct evidence *e, struct timed timed[MAX_SUBJECTS])
{
    size_t count = 0;
    for (size_t i = 0; i < e->subjects.count; i++) {
        double speed = evidence_speed(e, &e->subjects.subject[i], F32);
        if (!isnan(speed)) timed[count++] = (struct timed){&e->subjects.subject[i], speed};
    }
    qsort(timed, count, sizeof *timed, slowest_first);
    return count;
}

/* A block per shape: its title, then row on the axis, implementation, ratio to the masked copy, its interval; and one
   more, the names on the axis. */
static size_t write_speed(const struct evidence *e, const struct subject *of, FILE *out)
{
    struct timed timed[MAX_SUBJECTS];
    size_t count = find_timed(e, timed);
    const char *shape = "";
    (void)of;
    for (size_t r = 0; r < e->timings.rows; r++) {
        if (strcmp(timing(e, r, "format"), "f32") != 0) continue;
        if (strcmp(shape, timing(e, r, "shape")) != 0) {
            fputs(shape[0] ? "\n\n" : "", out);
            shape = timing(e, r, "shape");
            fprintf(out, "\"%s %s x %s\"\n", shape, timing(e, r, "rows"), timing(e, r, "n"));
        }
        for (size_t k = 0; k < count; k++)
            if (strcmp(timing(e, r, "impl"), timed[k].subject->name) == 0 &&
                strcmp(timing(e, r, "status"), "timed") == 0)
                fprintf(out, "%zu \"%s\" %s %s %s\n", k, timed[k].subject->name, timing(e, r, "ratio"),
                        timing(e, r, "ratio_low"), timing(e, r, "ratio_high"));
    }
    fputs("\n\n\"names\"\n", out);
    for (size_t k = 0; k < count; k++) fprintf(out, "%zu \"%s\" 1 1 1\n", k, timed[k].subject->name);
    return count;
}

/* Name, time over that of a masked copy, largest error in f32, and how high the name stands, so that names of points
   side by side do not lie on each other. */
static size_t write_tradeoff(const struct evidence *e, const struct subject *of, FILE *out)
{
    struct timed timed[MAX_SUBJECTS];
    size_t count = find_timed(e, timed), rows = 0;
    double last_speed = INFINITY, last_error = INFINITY, height = 0;
    (void)of;
    for (size_t k = 0; k < count; k++) {
        const struct subject *s = timed[k].subject;
        double error = fmax(evidence_error(s, F32), 0.5);
        if (!evidence_right(s, F32)) continue;
        bool beside = last_speed < 3 * timed[k].speed && last_error < 2 * error && error < 2 * last_error;
        height = beside ? fmax(height, error) * 1.3 : fmax(error, 1);
        fprintf(out, "\"%s\" %.4g %.4g %.4g\n", s->name, timed[k].speed, error, height);
        last_speed = timed[k].speed;
        last_error = error;
        rows++;
    }
    return rows;
}

/* Row on the axis, name, format, and the first and last magnitude of each stretch of levels at which it fails. */
struct stretch {
    const char *first, *last, *level; /* level: that of the rows being read */
    bool fails;                       /* at that level */
};

static size_t end_level(struct stretch *s, size_t row, const char *name, int format, bool end, FILE *out)
{
    if (s->level != NULL && s->fails) {
        s->last = s->level;
        if (s->first == NULL) s->first = s->level;
    }
    bool over = s->first != NULL && (end || !s->fails);
    if (over) fprintf(out, "%zu \"%s\" %d %s %s\n", row, name, format, s->first, s->last);
    if (over) s->first = NULL;
    s->fails = false;
    return over;
}

static size_t write_stretches(const struct evidence *e, const char *name, int format, size_t row, FILE *out)
{
    struct stretch s = {.first = NULL};
    size_t count = 0;
    for (size_t r = 0; r < e->reach.rows; r++) {
        char **c = e->reach.cell[r];
        if (strcmp(c[REACH_IMPL], name) != 0 || strcmp(c[REACH_FORMAT], formats[format].name) != 0) continue;
        if (s.level == NULL || strcmp(s.level, c[REACH_LEVEL]) != 0)
            count += end_level(&s, row, name, format, false, out);
        s.level = c[REACH_LEVEL];
        s.fails = s.fails || strcmp(c[REACH_STATUS], "fail") == 0;
    }
    return count + end_level(&s, row, name, format, true, out);
}

static size_t write_reach(const struct evidence *e, const struct subject *of, FILE *out)
{
    size_t rows = 0;
    (void)of;
    for (size_t i = e->subjects.count; i-- > 0;) {
        size_t stretches = 0;
        for (int f = 0; f < FORMATS; f++) stretches += write_stretches(e, e->subjects.subject[i].name, f, rows, out);
        rows += stretches > 0;
    }
    return rows;
}

/* --- of one implementation --- */

/* A block for each format: error t in ulp, share of the rows that pass with an error above it. */
static size_t write_ulp(const struct evidence *e, const struct subject *of, FILE *out)
{
    enum { POINTS = 120 };
    size_t rows = 0;
    for (int f = 0; f < FORMATS; f++) {
        const struct errors *errors = &e->errors[of - e->subjects.subject][f];
        fprintf(out, "%s\"%s\"\n", f > 0 ? "\n\n" : "", formats[f].name);
        for (size_t p = 0, last = errors->count; p <= POINTS && errors->count > 0; p++) {
            size_t i = (errors->count - 1) * p / POINTS;
            if (i == last || errors->ulp[i] <= 0) continue;
            fprintf(out, "%.6g %.6g\n", errors->ulp[i], (double)(errors->count - 1 - i) / (double)errors->count);
            last = i;
            rows++;
        }
    }
    return rows;
}

/* --- drawing --- */

const struct figure all_figures[] = {
    {"tradeoff", "largest error against time, of those that are right", 760, 520, false, write_tradeoff},
    {"errors", "median and largest error of each implementation", 760, 0, false, write_errors},
    {"growth", "error of whole rows against the number of valid entries", 760, 480, false, figure_growth},
    {"spread", "error of whole rows against the range of the logits", 760, 480, false, figure_spread},
    {"density", "error of whole rows against the share of valid entries", 760, 480, false, figure_density},
    {"proved", "largest error of each implementation beside the bound that is proved of it", 760, 0, false,
     figure_proved},
    {"leak", "leak of softmax(x * mask) on the leak law", 760, 480, false, write_leak},
    {"reach", "how large logits may grow before an implementation breaks", 760, 0, false, write_reach},
    {"speed", "time over that of a masked copy, by shape", 760, 0, false, write_speed},
    {"ulp", "how errors are distributed", 760, 400, true, write_ulp},
    {"bound", "error of whole rows against its bound", 760, 440, true, figure_bound},
    {0},
};

const struct figure *figure_named(const char *name)
{
    const struct figure *f = all_figures;
    while (f->name != NULL && strcmp(f->name, name) != 0) f++;
    return f->name != NULL ? f : NULL;
}

static size_t write_data(const struct figure *f, const struct evidence *e, const struct subject *of, const char *path)
{
    FILE *out = fopen(path, "w");
    size_t rows = out != NULL ? f->write(e, of, out) : 0;
    if (out != NULL && !ferror(out) && fclose(out) == 0) return rows;
    fprintf(stderr, "maskproof report: %s: %s\n", path, strerror(errno));
    exit(2);
}

static void spell_terminal(char *text, size_t size, const char *terminal, const struct figure *f, size_t rows)
{
    int height = f->height > 0 ? f->height
                 : rows < 18   ? 436
                               : 130 + 17 * (int)rows; /* the note at the edge needs room */
    if (strcmp(terminal, "dumb") == 0)
        snprintf(text, size, "set terminal dumb size 100,%d", f->height > 0 ? 32 : 12 + (int)rows);
    else if (strcmp(terminal, "svg") == 0)
        snprintf(text, size, "set terminal svg size %d,%d dynamic font 'sans-serif,14' background 'white'", f->width,
                 height);
    else if (strcmp(terminal, "pdf") == 0)
        snprintf(text, size, "set terminal pdfcairo size %g,%g font 'sans-serif,10'", f->width / 96.0, height / 96.0);
    else
        snprintf(text, size, "set terminal pngcairo size %d,%d font 'sans-serif,11' background 'white'", f->width,
                 height);
}

/* What it was drawn from, without quotes. */
static const char *note_of(const struct evidence *e)
{
    static char note[200];
    snprintf(note, sizeof note, "maskproof %.20s, %.80s, %.40s", evidence_about(e, "maskproof"),
             evidence_about(e, "processor"), evidence_about(e, "compiler"));
    for (char *c = note; *c != '\0'; c++)
        if (*c == '\'') *c = ' ';
    return note;
}

bool figure_draw(const struct figure *f, const struct evidence *e, const struct subject *of, const char *directory,
                 const char *terminal, const char *path)
{
    char script[PATH_MAX], file[160], data[PATH_MAX + 20], picture[PATH_MAX + 20], set[200], who[PATH_MAX + 400];
    snprintf(file, sizeof file, "%s%s%.80s.dat", f->name, of ? "-" : "", of ? of->name : "");
    char data_path[PATH_MAX];
    snprintf(data_path, sizeof data_path, "%s/%s", directory, file);
    size_t rows = write_data(f, e, of, data_path);
    if (rows == 0) return false;
    strcpy(file + strlen(file) - 3, "svg");
    snprintf(data, sizeof data, "data='%s'", data_path);
    snprintf(picture, sizeof picture, "set output '%s'", path ? path : path_in(directory, file));
    share_path(script, sizeof script, "palette.gp");
    snprintf(who, sizeof who, "palette='%s'; who='%.80s'; rows=%zu", script, of ? of->name : "", rows);
    spell_terminal(set, sizeof set, terminal, f, rows);
    snprintf(file, sizeof file, "%s.gp", f->name);
    share_path(script, sizeof script, file);
    if (path != NULL) /* it will stand alone */
        snprintf(who + strlen(who), sizeof who - strlen(who),
                 "; set label 99 '%s' at screen 0.99,0.5 center rotate by 90 font ',9' tc rgb '#777777'", note_of(e));
    bool shown = path != NULL && strcmp(path, "-") == 0;
    struct pipeline gnuplot = {
        .stage = {{.argv = shown ? ARGV("gnuplot", "-e", data, "-e", who, "-e", set, script)
                                 : ARGV("gnuplot", "-e", data, "-e", who, "-e", set, "-e", picture, script),
                   .keep_errors = true}}}; /* it warns where a format has no rows */
    if (!pipeline_run(&gnuplot)) {
        fprintf(stderr, "%smaskproof report: figure %s: %s\n", gnuplot.stage[0].errors ? gnuplot.stage[0].errors : "",
                f->name, gnuplot.error);
        exit(2);
    }
    if (shown) fputs(gnuplot.output, stdout);
    pipeline_free(&gnuplot);
    return true;
}
