/* check - what `maskproof check` was asked and has seen, for its parts: check.c (options), check_run.c (suites, and
   implementations on them), check_command.c (somebody's command on them), check_table.c, check_json.c, check_junit.c.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_CHECK_H
#define MASKPROOF_CHECK_H

#include "outcome.h"
#include "repro.h"
#include "subjects.h"

#include <stdio.h>

struct check {
    const char *suites[MAX_SUITES];
    size_t suite_count;
    bool formats[FORMATS], ops[OPS];
    bool whole; /* all suites: bugs, policies and witnesses that do not show are then missed */
    struct subjects subjects;
    struct sampling sampling;
    const char *min_cases;
    size_t jobs;    /* implementations at once */
    bool witnesses; /* the cases of the claims, which must reach 80 % of them, are run, too */
    bool examples;  /* of every bug the smallest failing row is wanted */
    FILE *verdicts; /* where every verdict line goes; NULL: nowhere */

    const char *const *argv; /* after "--", or NULL: implementations */
    const char *command;     /* as a shell takes it */
    struct policy policy;    /* held to it; as it was typed */
    const char *policy_text, *max_ulp;
    double timeout;   /* seconds, on a suite and format; if once, altogether */
    bool once;        /* the command is started once, on all cases together */
    bool policy_seen; /* hold it to the choices that it shows, which are then in `seen` */
    char *seen[OPS];
    char *stopped[OPS]; /* why it was not asked further; NULL: it was asked everything */

    size_t unmet; /* by check_print: claims that are not met; of a command suites and formats that fail */
};

/* One line "maskproof check: WHY" on standard error, exit 2. */
_Noreturn void check_stop(const char *why);

/* Everything that was asked for: what it shows goes into check->subjects. */
void check_run(struct check *check);

/* One subject on one suite and format: cases and answers are files; `verdicts` is where the judge's go. */
struct job {
    struct subject *subject;
    size_t suite;
    int format;
    char *cases, *answers; /* paths, SCRATCH_PATH of room */
    const char *verdicts;
};

/* The command's part of it: run, with its end noted in the subject's outcome, and judged.  False: there is no verdict
   to read, for it offers nothing or is not asked any more. */
bool command_run(const struct check *check, const struct job *job);

/* Run the command on a file of cases, its output to another. */
void command_alone(struct outcome *o, const struct check *check, const char *cases, const char *results);

/* For check->once: add the cases of a job, in order; run the command on all of them; and cut out, in the same order,
   the results of one job, with how that ended. */
void once_add(const struct job *job);
void once_run(const struct check *check);
void once_rewind(void);
void once_take(struct outcome *o, const struct job *job, const char *results);

/* Once the verdicts of the job are counted: keep the judge's sentences where they belong, and decide whether the
   command is worth asking further. */
void command_hear(struct check *check, const struct job *job);

/* Print the table and every claim that is not met, with the command that shows it again; return how many.
   For a command: the table, its profile, and one failing row per bug. */
size_t check_print(struct check *check);

/* What was seen, for programs; `status`: the exit code of check.  See check_json.c for the fields. */
void check_json(const struct check *check, int status, FILE *out);
/* The same of a command as JUnit XML, for CI systems: a testsuite for each operation and format, a testcase a suite. */
void check_junit(const struct check *check, FILE *out);

#endif
