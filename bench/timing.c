/* timing - see timing.h.
   SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* sched_getcpu, sched_setaffinity */
#include "timing.h"
#include "kernels/kernels.h"
#include "random.h"

#include <math.h>
#include <sched.h>
#include <time.h>

/* On words and in blocks of a known length, so that gcc -O2 makes vectors of it: with `?:` it branches on each entry,
   and on a random mask that branch costs thirty times the copy. */
enum { BLOCK = 16 };
typedef uint64_t __attribute__((may_alias)) word64;
typedef uint32_t __attribute__((may_alias)) word32;
#define FLOOR(name, word)                                                                             \
    static void name##_copy(size_t count, const word *restrict x, const unsigned char *restrict mask, \
                            word *restrict p)                                                         \
    {                                                                                                 \
        size_t i = 0;                                                                                 \
        for (; i + BLOCK <= count; i += BLOCK)                                                        \
            for (size_t j = 0; j < BLOCK; j++) p[i + j] = x[i + j] & -(word)mask[i + j];              \
        for (; i < count; i++) p[i] = x[i] & -(word)mask[i];                                          \
    }                                                                                                 \
    static void name(size_t rows, size_t n, const void *x, const unsigned char *mask, void *p)        \
    {                                                                                                 \
        name##_copy(rows *n, x, mask, p);                                                             \
    }
FLOOR(floor_f64, word64)
FLOOR(floor_f32, word32)

static void floor_vectors(size_t rows, size_t n, const void *x, const unsigned char *mask, void *p)
{
    kernels_best()->copy(rows, n, x, mask, p);
}

uint64_t fingerprint(const struct batch *b)
{
    size_t bytes = b->rows * b->n * real_size(b->format);
    uint64_t h = 0xcbf29ce484222325u, w = 0; /* FNV-1a, eight bytes at a time */
    for (size_t i = 0; i < bytes; i += sizeof w) {
        memcpy(&w, (const char *)b->p + i, bytes - i < sizeof w ? bytes - i : sizeof w);
        h = (h ^ w) * 0x100000001b3u;
        h ^= h >> 32;
    }
    return h;
}

static cpu_set_t all_cores;

bool pin(void)
{
    static int core = -1;
    cpu_set_t one;
    if (core < 0) core = sched_getcpu();
    if (core < 0 || sched_getaffinity(0, sizeof all_cores, &all_cores) != 0) return false;
    CPU_ZERO(&one);
    CPU_SET((size_t)core, &one);
    return sched_setaffinity(0, sizeof one, &one) == 0;
}

void unpin(void) { sched_setaffinity(0, sizeof all_cores, &all_cores); }

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

int run_way(const struct way *way, const struct batch *b)
{
    if (way->library != NULL)
        return library_call(way->name, way->library, (int)(b->format - formats), b->rows, b->n, b->x, b->mask, b->p);
    way->call(b->rows, b->n, b->x, b->mask, b->p);
    return 0;
}

static bool is_timed(const struct candidate *c)
{
    return c->way.call != NULL || c->way.library != NULL || c->way.peer != NULL;
}

static double time_peer(const struct batch *b, struct candidate *c)
{
    unsigned long print = 0;
    double ns = peer_time(c->way.peer, c->way.name, b->calls > 0 ? b->calls : 1, &print);
    if (c->print == 0) c->print = print; /* the warm-up */
    if (isnan(ns)) c->fault = "it failed while it was timed";
    if (c->print != print && c->fault == NULL) c->fault = "its output changed while it was timed";
    return isnan(ns) ? 0 : ns;
}

static double time_call(const struct batch *b, struct candidate *c, const struct candidate *copy)
{
    if (c->way.peer != NULL) return time_peer(b, c);
    run_way(&copy->way, b);
    size_t calls = b->calls > 0 ? b->calls : 1;
    int status = 0;
    double start = now();
    for (size_t i = 0; i < calls; i++) status |= run_way(&c->way, b);
    double ns = (now() - start) / (double)calls;
    if (status != 0) c->fault = "it returned an error while it was timed";
    if (fingerprint(b) != c->print && c->fault == NULL) c->fault = "its output changed while it was timed";
    return ns;
}

floor_copy *fastest_floor(const struct batch *b)
{
    enum { TRIES = 7 };
    static floor_copy *const ways[] = {floor_f32, floor_vectors};
    floor_copy *fastest = b->format == &formats[F64] ? floor_f64 : ways[0];
    double least = INFINITY, ns[TRIES];
    for (size_t w = 0; b->format != &formats[F64] && w < sizeof ways / sizeof *ways; w++) {
        struct candidate way = {.way = {.call = ways[w]}};
        for (size_t i = 0; i < TRIES; i++) ns[i] = time_call(b, &way, &way);
        double median = quantile(ns, TRIES, 0.5);
        if (median >= least) continue;
        least = median;
        fastest = ways[w];
    }
    return fastest;
}

#define TO_RUN (-1.0) /* in place of a time */

void time_rounds(const struct batch *b, struct candidate *candidates, size_t count, size_t rounds, uint64_t seed,
                 void (*step)(size_t round))
{
    for (size_t c = 0; c < count; c++) /* warm-up */
        if (is_timed(&candidates[c])) time_call(b, &candidates[c], &candidates[0]);
    for (size_t round = 0; round < rounds; round++) {
        size_t left = 0;
        step(round);
        for (size_t c = 0; c < count; c++) {
            candidates[c].ns[round] = is_timed(&candidates[c]) ? TO_RUN : 0;
            left += is_timed(&candidates[c]);
        }
        for (; left > 0; left--) {
            size_t skip = random_below(&seed, left), c = 0;
            while (candidates[c].ns[round] != TO_RUN || skip-- > 0) c++;
            candidates[c].ns[round] = time_call(b, &candidates[c], &candidates[0]);
        }
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double quantile(double *values, size_t count, double q)
{
    double at = q * (double)(count - 1);
    size_t below = (size_t)at, above = below + (below + 1 < count);
    qsort(values, count, sizeof *values, ascending);
    return values[below] + (at - (double)below) * (values[above] - values[below]);
}

struct interval median_interval(double *values, size_t count)
{
    double half = (double)count / 2, reach = 0.98 * sqrt((double)count); /* 1.96 deviations of the binomial */
    size_t below = reach < half ? (size_t)(half - reach) : 0;
    qsort(values, count, sizeof *values, ascending);
    return (struct interval){values[below], values[count - 1 - below]};
}
