/* check_once - see check.h: the command on all cases in one run.  What it prints is cut up by count: a suite of k cases
   gets the next k result lines, so one that is left out shows in the first suite that misses it.
   SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* getline */
#include "check.h"
#include "progress.h"
#include "scratch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static char all_cases[SCRATCH_PATH], all_results[SCRATCH_PATH];
static FILE *cases, *results;
static struct outcome end;
static size_t parts, taken; /* jobs */

static FILE *open_or_stop(const char *path, const char *mode)
{
    FILE *f = fopen(path, mode);
    if (f == NULL) check_stop(strerror(errno));
    return f;
}

/* Copy lines; '#' lines and blank ones do not count.  Returns how many there were, at most `most`. */
static size_t copy_lines(FILE *from, FILE *to, size_t most)
{
    static char *line;
    static size_t size;
    size_t count = 0;
    ssize_t length;
    while (count < most && (length = getline(&line, &size, from)) >= 0) {
        if (to != NULL && fwrite(line, 1, (size_t)length, to) != (size_t)length) check_stop(strerror(errno));
        count += line[0] != '#' && line[strspn(line, " \t\n")] != '\0';
    }
    return count;
}

void once_add(const struct job *job)
{
    if (cases == NULL) {
        scratch_path(all_cases, "all-cases");
        cases = open_or_stop(all_cases, "w");
    }
    FILE *part = open_or_stop(job->cases, "r");
    copy_lines(part, cases, SIZE_MAX);
    fclose(part);
    parts++;
}

void once_run(const struct check *check)
{
    if (cases == NULL) return;
    if (fclose(cases) != 0) check_stop(strerror(errno));
    scratch_path(all_results, "all-results");
    progress_start(1);
    progress_step("the command, on all cases");
    command_alone(&end, check, all_cases, all_results);
    progress_clear();
    once_rewind();
}

void once_rewind(void)
{
    if (results != NULL) fclose(results);
    results = open_or_stop(all_results, "r");
    taken = 0;
}

void once_take(struct outcome *o, const struct job *job, const char *path)
{
    FILE *part = open_or_stop(job->cases, "r"), *out = open_or_stop(path, "w");
    size_t due = copy_lines(part, NULL, SIZE_MAX), got = copy_lines(results, out, due);
    bool last = ++taken == parts;
    if (last) copy_lines(results, out, SIZE_MAX); /* what is too much is the last one's */
    fclose(part);
    if (fclose(out) != 0) check_stop(strerror(errno));
    o->seconds = taken == 1 ? end.seconds : 0; /* the whole run's, once */
    o->ending = ENDED_WELL;
    if (end.ending == ENDED_WELL || (got == due && !last)) return;
    o->ending = end.ending;
    o->status = end.status;
    o->why = end.why ? strdup(end.why) : NULL;
}
