/* pipeline - programs joined by pipes and no shell: text or a file in, text or a file out, each program's own end.
   Input and output travel through unlinked temporary files, so that nothing can block on a reader that is busy:
   start as many pipelines as you like, wait for them in any order.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_PIPELINE_H
#define MASKPROOF_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PIPELINE_STAGES 8
#define PIPELINE_SECONDS 3600 /* the limits of a pipeline that sets none */
#define PIPELINE_BYTES (1l << 30)
#define STAGE_NOT_STARTED (-999) /* a status: there is no such program, or it may not be started */

#define ARGV(...) ((const char *[]){__VA_ARGS__, NULL})

/* One program of the pipeline. */
struct stage {
    /* Ended by NULL.  A first word maskproof-VERB is the program of that name beside this executable; any other is
       searched as execvp does. */
    const char *const *argv;
    bool keep_errors; /* collect its standard error in `errors` instead of passing it through */

    int status;   /* at the end: exit code 0..255, or -N: killed by signal N, or STAGE_NOT_STARTED */
    char *errors; /* at the end, if kept: NUL-terminated, never NULL */

    char program[160]; /* private: argv[0], which need not live until the end */
    pid_t pid;         /* 0 when it does not run */
    int errors_fd;
};

/* Zero-initialise and set the first part; the stages end at the first without argv.

       struct pipeline p = {.stage = {{.argv = ARGV("maskproof-gen", "article", "f32")},
                                      {.argv = ARGV("maskproof-run", "where")}}};
       if (!pipeline_run(&p)) fprintf(stderr, "%s\n", p.error);                         */
struct pipeline {
    struct stage stage[PIPELINE_STAGES];
    const char *input;       /* text for the first program, read before pipeline_start returns; or */
    const char *input_path;  /* a file for it; with neither, its standard input is empty */
    const char *output_path; /* a file for what the last one prints; NULL: collect it in `output` */
    double seconds;          /* from the start; then all of it is killed, with what the programs started */
    long bytes;              /* most that may be printed to each file that is kept; then all of it is killed, too */

    char *output; /* at the end, unless output_path: NUL-terminated, never NULL */
    size_t length;
    bool timed_out, too_much;
    char error[256]; /* one line: why it could not start, or which program failed and how */

    bool running; /* private */
    int output_fd;
    pid_t group;
    double deadline;
};

/* Start all programs.  False if pipe, file or process is not to be had; then nothing runs.  A program that does not
   exist is no such failure: it gets the status STAGE_NOT_STARTED. */
bool pipeline_start(struct pipeline *p);

/* True once every program has ended and the results are there; never waits.  Enforces p->seconds and p->bytes; what
   the programs started and left running is killed. */
bool pipeline_done(struct pipeline *p);

/* Wait for the end.  True if every program exited 0 in time; else p->error names the first that did not (one killed by
   SIGPIPE only if no other failed: it had lost its reader), and each status tells. */
bool pipeline_wait(struct pipeline *p);

/* Both. */
bool pipeline_run(struct pipeline *p);

/* Free the results; what still runs is killed. */
void pipeline_free(struct pipeline *p);

/* Kill what all pipelines run, with what it started, and note nothing: for a signal handler on its way out. */
void pipeline_kill_running(void);

/* A status in words: "exit code 2", "killed by signal 11 (Segmentation fault)", "cannot be started". */
const char *pipeline_status_text(int status, char *room, size_t size);

#endif
