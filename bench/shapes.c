/* shapes - see shapes.h.
   SPDX-License-Identifier: MIT */
#include "shapes.h"
#include "random.h"
#include "run.h"

const struct shape shapes[SHAPES] = {
    {"chess", "moves of Maia2, some 2 % legal", 1024, 1880, 0.02, 3, 1, true},
    {"vocab", "words of GPT-2, half allowed", 64, 50257, 0.5, 3, 1, true},
    {"attention", "causal: row r sees entries 0..r%128", 4096, 128, 0, 3, 1, true},
    {"small", "many rows of few entries", 65536, 32, 0.5, 3, 1, false},
    {"long", "a row fills the second cache", 16, 131072, 0.5, 3, 1, false},
    {"million", "a row is larger than the second cache", 4, 1048576, 0.5, 3, 1, false},
    {"cached", "all of it stays in the second cache", 16, 1880, 0.5, 3, 64, false},
    {"memory", "larger than most last caches", 640, 50257, 0.5, 3, 1, false},
};

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
