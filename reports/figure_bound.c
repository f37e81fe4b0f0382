/* figure_bound - see figure_bound.h.
   SPDX-License-Identifier: MIT */
#include "figure_bound.h"
#include "bounded.h"
#include "normwise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum axis { GROWTH, SPREAD, DENSITY, BOUND };

static double number(const struct evidence *e, size_t r, enum normwise_column column)
{
    return strtod(e->normwise.cell[r][column], NULL);
}

static bool of_f32(const struct evidence *e, size_t r, const char *impl)
{
    char **c = e->normwise.cell[r];
    return strcmp(c[NORM_IMPL], impl) == 0 && strcmp(c[NORM_FORMAT], formats[F32].name) == 0;
}

/* With the maximum subtracted, which all but the unshifted ones do. */
static double bound_of(const struct evidence *e, size_t r)
{
    return number(e, r, NORM_VALID) + 2 + 2 * number(e, r, NORM_RANGE);
}

static double coordinate(const struct evidence *e, size_t r, enum axis axis)
{
    switch (axis) {
    case GROWTH: return number(e, r, NORM_VALID);
    case SPREAD: return fmax(number(e, r, NORM_RANGE), 0.1);
    case DENSITY: return number(e, r, NORM_VALID) / number(e, r, NORM_N);
    default: return bound_of(e, r);
    }
}

/* One point a cell of the plane, CELLS to a decade. */
enum { CELLS = 14, CELLS_X = 12 * CELLS, CELLS_Y = 20 * CELLS };
static bool cell[CELLS_X][CELLS_Y];

static size_t index_of(double value, size_t count)
{
    double at = CELLS * (log10(value) + 4);
    return at < 0 ? 0 : at >= (double)count ? count - 1 : (size_t)at;
}

static size_t write_point(double x, double y, FILE *out)
{
    bool *taken = &cell[index_of(x, CELLS_X)][index_of(y, CELLS_Y)];
    if (*taken || !isfinite(y)) return 0;
    *taken = true;
    fprintf(out, "%.5g %.5g\n", x, y);
    return 1;
}

static void open_block(const char *name, FILE *out)
{
    fprintf(out, "\"%s\"\n", name);
    memset(cell, 0, sizeof cell);
}

static const char *const shown[] = {"where", "pairwise", "fused", "correctly_rounded"};
enum { SHOWN = sizeof shown / sizeof *shown };

static bool is_shown(const char *name)
{
    for (int i = 0; i < SHOWN; i++)
        if (strcmp(shown[i], name) == 0) return true;
    return false;
}

static size_t write_rows(const struct evidence *e, enum axis axis, const char *name, FILE *out)
{
    size_t rows = 0;
    for (size_t r = 0; r < e->normwise.rows; r++)
        if (of_f32(e, r, name)) rows += write_point(coordinate(e, r, axis), fmax(number(e, r, NORM_ERROR), 1e-3), out);
    return rows;
}

static size_t write_axis(const struct evidence *e, enum axis axis, FILE *out)
{
    size_t rows = 0;
    open_block("other right ones", out);
    for (size_t i = 0; i < e->subjects.count; i++) {
        const struct subject *s = &e->subjects.subject[i];
        if (s->op == SOFTMAX && evidence_right(s, F32) && !is_shown(s->name)) rows += write_rows(e, axis, s->name, out);
    }
    for (int i = 0; i < SHOWN; i++) {
        fputs("\n\n", out);
        open_block(shown[i], out);
        rows += write_rows(e, axis, shown[i], out);
    }
    fputs("\n\n", out);
    open_block("bound of each row", out);
    for (size_t r = 0; r < e->normwise.rows; r++)
        if (of_f32(e, r, shown[0])) rows += write_point(coordinate(e, r, axis), bound_of(e, r), out);
    return rows;
}

size_t figure_growth(const struct evidence *e, const struct subject *of, FILE *out)
{
    (void)of;
    return write_axis(e, GROWTH, out);
}

size_t figure_spread(const struct evidence *e, const struct subject *of, FILE *out)
{
    (void)of;
    return write_axis(e, SPREAD, out);
}

size_t figure_density(const struct evidence *e, const struct subject *of, FILE *out)
{
    (void)of;
    return write_axis(e, DENSITY, out);
}

size_t figure_bound(const struct evidence *e, const struct subject *of, FILE *out)
{
    open_block(of->name, out);
    return write_rows(e, BOUND, of->name, out);
}

/* For each format a block: implementation, its line, the largest error, the bound of that row. */
size_t figure_proved(const struct evidence *e, const struct subject *of, FILE *out)
{
    (void)of;
    size_t count;
    struct bounded *b = bounded_read(&e->normwise, &count);
    for (int f = 0; f < FORMATS; f++) {
        fprintf(out, "%s\"%s\"\n", f > 0 ? "\n\n" : "", formats[f].name);
        for (size_t i = 0; i < count; i++)
            if (b[i].in[f].rows > 0)
                fprintf(out, "%zu %s %.6g %.6g\n", count - i, b[i].impl, fmax(b[i].in[f].error, 0.1), b[i].in[f].bound);
    }
    free(b);
    return count;
}
