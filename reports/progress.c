/* progress - see progress.h.
   SPDX-License-Identifier: MIT */
#include "progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { BAR = 30 };
static size_t steps, step;
static char label[80];
static double started, drawn;
static bool shown;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void draw(void)
{
    static const char full[] = "##############################", rest[] = "..............................";
    int done = steps > 0 ? (int)((step - 1) * BAR / steps) : 0;
    drawn = now();
    fprintf(stderr, "\r\033[K[%.*s%.*s] %zu of %zu  %.0f s  %s", done, full, BAR - done, rest, step, steps,
            drawn - started, label);
    fflush(stderr);
}

void progress_start(size_t count)
{
    steps = count;
    step = 0;
    started = now();
    shown = isatty(STDERR_FILENO);
}

void progress_step(const char *what)
{
    step++;
    snprintf(label, sizeof label, "%s", what);
    if (shown) draw();
}

void progress_tick(void)
{
    if (shown && step > 0 && now() - drawn >= 0.2) draw();
}

void progress_clear(void)
{
    if (shown) fputs("\r\033[K", stderr);
}
