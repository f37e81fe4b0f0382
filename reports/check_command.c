/* check_command - see check.h: somebody's command on one suite and format.  It runs alone, its output into a file;
   whatever it does, the judge then reads what it left, and how it ended is noted beside the verdicts.
   SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* asprintf */
#include "check.h"
#include "clean.h"
#include "pipeline.h"
#include "progress.h"
#include "scratch.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

const char *const ending_names[ENDINGS] = {"not-asked", "ok",       "skip",     "timeout",   "signal",
                                           "exit",      "no-start", "too-much", "unreadable"};
const char *const ending_labels[ENDINGS] = {"not asked", "ok",       "skip",  "TIMEOUT", "DIED",
                                            "DIED",      "NO START", "FLOOD", "GARBLED"};

bool ending_is_bad(enum ending ending) { return ending > ENDED_SKIP; }

__attribute__((format(printf, 2, 3))) static void say_why(struct outcome *o, const char *format, ...)
{
    char *more, *all;
    va_list args;
    va_start(args, format);
    if (vasprintf(&more, format, args) < 0) abort();
    va_end(args);
    if (asprintf(&all, "%s%s%s", o->why ? o->why : "", o->why ? "; " : "", more) < 0) abort();
    free(o->why);
    free(more);
    o->why = clean_text(all); /* for the terminal, too: it quotes what the command printed */
    free(all);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static long size_of(const char *path)
{
    struct stat file;
    return stat(path, &file) == 0 ? (long)file.st_size : 0;
}

/* --- what it says on standard error --- */

/* The last lines, which hold the reason of a crash; not the same ones again for every suite, and not for ever. */
static void pass_on(const char *errors)
{
    enum { LINES = 6, MOST_TIMES = 8 };
    static char *last;
    static int times;
    size_t length = strlen(errors), lines = 0;
    while (length > 0 && errors[length - 1] == '\n') length--;
    const char *start = errors + length;
    while (start > errors && (start[-1] != '\n' || ++lines < LINES)) start--;
    if (length == 0 || times == MOST_TIMES || (last != NULL && strcmp(last, start) == 0)) return;
    free(last);
    last = strdup(start);
    times++;
    progress_clear();
    fprintf(stderr, "%s%.*s\n%s", start > errors ? "...\n" : "", (int)(errors + length - start), start,
            times == MOST_TIMES ? "(what the command says from here on is left out)\n" : "");
}

/* The last of these lines, short, as the end of a phrase; "" if there is none. */
static char *last_words(const char *errors)
{
    enum { MOST = 160 };
    size_t end = strlen(errors), start;
    char *clean, *text;
    while (end > 0 && strchr(" \t\r\n", errors[end - 1]) != NULL) end--;
    for (start = end; start > 0 && errors[start - 1] != '\n';) start--;
    size_t length = end - start < MOST ? end - start : MOST;
    if (asprintf(&text, "%s%.*s%s", length > 0 ? ": " : "", (int)length, errors + start, length == MOST ? "..." : "") <
        0)
        abort();
    clean = clean_text(text);
    free(text);
    return clean;
}

/* --- run --- */

static void note_end(struct outcome *o, const struct check *check, const struct pipeline *run, const char *results)
{
    char text[100];
    int status = run->stage[0].status;
    o->status = status < 0 ? -status : status;
    if (run->timed_out) {
        o->ending = ENDED_TIMEOUT;
        say_why(o, "no end after %g s (--timeout), killed", check->timeout);
    } else if (run->too_much) {
        o->ending = ENDED_TOO_MUCH;
        say_why(o, "killed, for it had printed more than %ld MB", run->bytes >> 20);
    } else if (status == STAGE_NOT_STARTED) {
        o->ending = ENDED_NO_START;
        say_why(o, "cannot be started: %s", run->error);
    } else if (status == 77 && size_of(results) == 0) {
        o->ending = ENDED_SKIP;
    } else if (status != 0) {
        char *words = last_words(run->stage[0].errors);
        o->ending = status < 0 ? ENDED_SIGNAL : ENDED_EXIT;
        say_why(o, "%s%s%s", pipeline_status_text(status, text, sizeof text),
                status == 77 ? " after output (not offered is 77 and no output)" : "", words);
        free(words);
    } else {
        o->ending = ENDED_WELL;
    }
}

/* A result takes fewer bytes than its case, so four times the cases, and room for what a program may print besides. */
void command_alone(struct outcome *o, const struct check *check, const char *cases, const char *results)
{
    struct pipeline run = {.stage = {{.argv = check->argv, .keep_errors = true}},
                           .input_path = cases,
                           .output_path = results,
                           .seconds = check->timeout,
                           .bytes = 4 * size_of(cases) + (16l << 20)};
    struct timespec pause = {.tv_nsec = 100000};
    double start = now();
    if (!pipeline_start(&run)) check_stop(run.error);
    while (!pipeline_done(&run)) {
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 5000000) pause.tv_nsec *= 2;
        progress_tick();
    }
    o->seconds = now() - start;
    note_end(o, check, &run, results);
    pass_on(run.stage[0].errors);
    pipeline_free(&run);
}

/* What the judge said: "command: RESULTS:12: expected ..." of output that cannot be read, and the sentences. */
static void note_said(struct outcome *o, const char *errors, const char *results)
{
    char prefix[SCRATCH_PATH + 40];
    size_t length = (size_t)snprintf(prefix, sizeof prefix, "command: %s:", results), end;
    char *kept = calloc(1, strlen(errors) + 1);
    if (kept == NULL) abort();
    for (; *errors != '\0'; errors += end + (errors[end] == '\n')) {
        end = strcspn(errors, "\n");
        if (strncmp(errors, prefix, length) != 0) {
            strncat(kept, errors, end + (errors[end] == '\n'));
            continue;
        }
        size_t number = strcspn(errors + length, ":");
        say_why(o, "line %.*s of its output%.*s", (int)number, errors + length, (int)(end - length - number),
                errors + length + number);
        if (o->ending == ENDED_WELL) o->ending = ENDED_UNREADABLE;
    }
    o->said = kept;
}

/* The answers are ours and whole, so what the judge refuses is an option: "ANSWERS:12: expected at least ... cases". */
_Noreturn static void stop_judging(const struct check *check, const struct job *job, const struct pipeline *judge)
{
    const char *line = judge->stage[0].errors, *colon = NULL;
    char why[600];
    if (judge->stage[0].status == 2 && strncmp(line, job->answers, strlen(job->answers)) == 0)
        colon = strstr(line + strlen(job->answers), ": ");
    if (colon == NULL) check_stop(judge->error);
    snprintf(why, sizeof why, "%s %s%.*s", check->suites[job->suite], formats[job->format].name,
             (int)strcspn(colon, "\n"), colon);
    check_stop(why);
}

static void judge(struct outcome *o, const struct check *check, const struct job *job, const char *results)
{
    const char *seen = check->seen[job->subject->op], *policy = seen ? seen : check->policy_text;
    struct pipeline judge = {.stage = {{.keep_errors = true,
                                        .argv = ARGV("maskproof-judge", job->answers, results, "--no-answers", "--bugs",
                                                     "--subject", "command", "--max-ulp", check->max_ulp, "--policy",
                                                     policy, "--min-cases", check->min_cases)}},
                             .output_path = job->verdicts};
    bool judged = pipeline_run(&judge);
    int status = judge.stage[0].status;
    if (!judged && status != 1 && status != 77) stop_judging(check, job, &judge);
    note_said(o, judge.stage[0].errors, results);
    pipeline_free(&judge);
}

/* --- when to stop asking --- */

/* A command that hangs or dies everywhere would else take 24 suites, 4 formats and a timeout for each, which is 8
   hours.  Counted by operation, for a command may offer one and die of another. */
enum { MOST_TIMEOUTS = 3, MOST_DEATHS = 3 };
static struct patience {
    int timeouts; /* so far */
    int deaths;   /* running: runs that ended badly without a row that passes */
    bool answered;
} patience[OPS];

static void lose_patience(struct check *check, const struct job *job, const struct outcome *o)
{
    int op = job->subject->op;
    struct patience *p = &patience[op];
    bool dead = ending_is_bad(o->ending) && job->subject->tally[job->suite][job->format].rows[PASS] == 0;
    const char *reason = NULL;
    p->answered = p->answered || !dead;
    p->timeouts += o->ending == ENDED_TIMEOUT;
    p->deaths = dead ? p->deaths + 1 : 0;
    if (o->ending == ENDED_NO_START)
        reason = "it cannot be started";
    else if (o->ending == ENDED_TIMEOUT && !p->answered)
        reason = "it ran into --timeout before it had answered anything";
    else if (p->timeouts == MOST_TIMEOUTS)
        reason = "it ran into --timeout a third time";
    else if (p->deaths == MOST_DEATHS)
        reason = "three times running it ended badly, with no row that passes";
    if (reason != NULL && asprintf(&check->stopped[op], "not asked any more after %s %s: %s", check->suites[job->suite],
                                   formats[job->format].name, reason) < 0)
        abort();
}

/* --- the parts that check_run calls --- */

bool command_run(const struct check *check, const struct job *job)
{
    struct outcome *o = &job->subject->outcome[job->suite][job->format];
    char results[SCRATCH_PATH];
    scratch_path(results, "results");
    if (check->once)
        once_take(o, job, results);
    else
        command_alone(o, check, job->cases, results);
    if (o->ending == ENDED_SKIP) {
        job->subject->tally[job->suite][job->format].rows[SKIP]++;
        patience[job->subject->op].answered = true;
        return false;
    }
    judge(o, check, job, results);
    return true;
}

void command_hear(struct check *check, const struct job *job)
{
    struct subject *s = job->subject;
    const struct outcome *o = &s->outcome[job->suite][job->format];
    for (const char *line = o->said; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n') {
        char name[40] = "";
        unsigned bugs = 0;
        if (sscanf(line, "%39[A-Z]: ", name) != 1 || !bug_parse(name, &bugs) || bugs == 0) continue;
        int b = 0;
        while (bugs >> b != 1) b++;
        struct example *e = &s->example[b];
        if (e->suite != job->suite || e->format != job->format || !e->alone || e->says != NULL) continue;
        e->says = strndup(line, strcspn(line, "\n"));
    }
    lose_patience(check, job, o);
}
