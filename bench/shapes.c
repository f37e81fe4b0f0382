/* shapes - see shapes.h.
   SPDX-License-Identifier: MIT */
#include "shapes.h"
#include "random.h"
#include "run.h"

#include <omp.h>
#include <stdio.h>

const struct shape shapes[SHAPES] = {
    {"chess", "moves of Maia2, some 2 % legal", 1024, 1880, 0.02, 3, 1, true, 0},
    {"vocab", "words of GPT-2, half allowed", 64, 50257, 0.5, 3, 1, true, 0},
    {"attention", "causal: row r sees entries 0..r%128", 4096, 128, 0, 3, 1, true, 0},
    {"small", "many rows of few entries", 65536, 32, 0.5, 3, 1, false, 0},
    {"long", "a row fills the second cache", 16, 131072, 0.5, 3, 1, false, 0},
    {"million", "a row is larger than the second cache", 4, 1048576, 0.5, 3, 1, false, 0},
    {"cached", "all of it stays in the second cache", 16, 1880, 0.5, 3, 64, false, 0},
    {"memory", "larger than most last caches", 640, 50257, 0.5, 3, 1, false, 0},
};

size_t shapes_curve(const char *of, struct shape points[CURVE_POINTS])
{
    static const double densities[] = {0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.95, 1};
    const struct shape middle = {"", "a point of a curve", 2048, 2048, 0.5, 3, 1, false, 0};
    size_t count = 0;
    if (strcmp(of, "n") == 0)
        for (size_t n = 32; n <= (size_t)1 << 22; n *= 2, count++) {
            points[count] = middle;
            points[count].n = n;
            points[count].rows = ((size_t)1 << 22) / n;
            snprintf(points[count].name, sizeof points->name, "n=%zu", n);
        }
    if (strcmp(of, "density") == 0)
        for (; count < sizeof densities / sizeof *densities; count++) {
            points[count] = middle;
            points[count].density = densities[count];
            snprintf(points[count].name, sizeof points->name, "density=%g", densities[count]);
        }
    if (strcmp(of, "rows") == 0)
        for (size_t rows = 1; rows <= 4096; rows *= 4, count++) {
            points[count] = middle;
            points[count].n = 1880;
            points[count].rows = rows;
            points[count].calls = rows < 64 ? 64 / rows : 1;
            snprintf(points[count].name, sizeof points->name, "rows=%zu", rows);
        }
    if (strcmp(of, "threads") == 0)
        for (size_t threads = 1; threads <= (size_t)omp_get_num_procs() && count < CURVE_POINTS; threads++, count++) {
            points[count] = middle;
            points[count].threads = threads;
            snprintf(points[count].name, sizeof points->name, "threads=%zu", threads);
        }
    return count;
}

size_t shape_fill(const struct shape *shape, const struct format *f, uint64_t seed, void *x, unsigned char *mask)
{
    size_t n = shape->n, valid = 0;
    for (size_t r = 0; r < shape->rows; r++) {
        unsigned char *row = mask + r * n;
        for (size_t i = 0; i < n; i++) {
            uint64_t word = word_nearest(f, shape->sigma * random_normal(&seed));
            reals_from_words(f, 1, &word, (char *)x + (r * n + i) * real_size(f));
            row[i] = shape->density > 0 ? random_uniform(&seed) < shape->density : i <= r % n;
        }
        row[shape->density > 0 ? random_below(&seed, n) : 0] = 1;
        for (size_t i = 0; i < n; i++) valid += row[i];
    }
    return valid;
}
