/* fused_rows - the fused masked softmax, written once; who includes it has named the operations on LANES floats.
   What a row becomes depends on it alone; how it is done, on what is likely the fastest for it.
   SPDX-License-Identifier: MIT */
#include "sparse.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define AHEAD 512        /* entries that are fetched before they are needed */
#define PEEK (4 * LANES) /* entries that are looked at before all */

#include "fused_exp.h"
/* wide rows use the exponential, */
#include "fused_wide.h"
/* calm rows the wide ones, */
#include "fused_calm.h"
/* sparse rows the calm ones */
#include "fused_sparse.h"

/* A row larger than the second cache: nothing of the row before would be left in it. */
static void long_row(size_t n, const float *x, const unsigned char *mask, float *p)
{
    struct pending b = {0};
    calm_rows(1, n, x, mask, p, p, &b, 0);
    if (b.rows > 0) scale_back(n, p, factor_of_row(&b, 0));
}

/* With room for two rows (or groups) of exponentials, results are streamed past the caches. */
static inline __attribute__((always_inline)) void batch(size_t rows, size_t n, const float *x,
                                                        const unsigned char *mask, float *p, float *room)
{
    struct gathered found[2]; /* of this row, and of the next */
    struct pending b = {0};
    const size_t most = n <= SHORT ? GROUP : 1;
    int sparse = rows > 0 && looks_sparse(n, mask) && find(&found[0], n, x, mask);
    for (size_t r = 0, count; r < rows; r += count, x += count * n, mask += count * n, p += count * n) {
        const int this_sparse = sparse;
        count = rows - r < most ? rows - r : most;
        sparse = r + count < rows && looks_sparse(n, mask + n) && find(&found[(r + 1) % 2], n, x + n, mask + n);
        if (this_sparse)
            sparse_row(&found[r % 2], n, x, p);
        else if (count * n >= PEEK && !is_calm(PEEK, x, mask)) /* a large deviation shows at once */
            for (size_t i = 0; i < count; i++) wide_row(n, x + i * n, mask + i * n, p + i * n);
        else if (n > LONG)
            long_row(n, x, mask, p);
        else if (room != NULL)
            calm_rows(count, n, x, mask, b.e == room ? room + most * n : room, p, &b, 1);
        else if (n == 32 && count == GROUP) /* so short that loops of a known length take a tenth less time */
            calm_rows(GROUP, 32, x, mask, p, p, &b, 0);
        else
            calm_rows(count, n, x, mask, p, p, &b, 0);
    }
    finish(n, &b);
}

static void fused_rows(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p)
{
    batch(rows, n, x, mask, p, NULL);
}

static void fused_streaming(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p)
{
    const int aligned = n > SHORT ? (uintptr_t)p % sizeof *p == 0 : (uintptr_t)p % 64 == 0 && n % 16 == 0;
    float *room = aligned && n <= LONG ? aligned_alloc(64, (2 * (n > SHORT ? n : GROUP * n) + 16) / 16 * 64) : NULL;
    if (room != NULL)
        batch(rows, n, x, mask, p, room);
    else
        batch(rows, n, x, mask, p, NULL);
    v_stream_end();
    free(room);
}

static void copy_rows(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p)
{
    size_t count = rows * n, i = 0;
    for (; i + LANES <= count; i += LANES) {
        __builtin_prefetch(x + i + AHEAD);
        __builtin_prefetch(p + i + AHEAD, 1);
        v_store(p + i, v_where(pick_valid(mask + i), v_load(x + i)));
    }
    if (i < count)
        v_store_part(p + i, v_where(pick_valid_part(mask + i, count - i), v_load_part(x + i, count - i)), count - i);
}
