/* outcome - how a command ended on one suite and format, which its rows alone do not say.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_OUTCOME_H
#define MASKPROOF_OUTCOME_H

#include <stdbool.h>

enum ending {
    ENDED_NOT_ASKED,  /* this suite and format was not run */
    ENDED_WELL,       /* exit code 0, and a result line for every case */
    ENDED_SKIP,       /* exit code 77 and nothing printed: not offered */
    ENDED_TIMEOUT,    /* killed at --timeout */
    ENDED_SIGNAL,     /* killed by a signal of its own making */
    ENDED_EXIT,       /* any other exit code */
    ENDED_NO_START,   /* there is no such program */
    ENDED_TOO_MUCH,   /* killed: it printed far more than the results could be */
    ENDED_UNREADABLE, /* exit code 0, but what it printed is not one result line a case, in order */
    ENDINGS
};
extern const char *const ending_names[ENDINGS];  /* for programs: "not-asked", "ok", "timeout", ... */
extern const char *const ending_labels[ENDINGS]; /* for the table: at most 9 characters */

struct outcome {
    enum ending ending;
    int status;           /* the exit code, or of ENDED_SIGNAL the signal's number */
    char *why;            /* what is wrong, in a phrase; NULL: nothing */
    char *said;           /* what the judge said of its rows, lines; "" if nothing, NULL if never judged */
    double seconds, ours; /* wall-clock: the command's; of gen, truth and judge */
};

/* Anything but good, not offered and not asked. */
bool ending_is_bad(enum ending ending);

#endif
