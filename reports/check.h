/* check - what `maskproof check` has seen, for the part that runs (check.c) and the part that prints (check_table.c).
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_CHECK_H
#define MASKPROOF_CHECK_H

#include "subjects.h"

struct check {
    const char *suites[MAX_SUITES];
    size_t suite_count;
    bool formats[FORMATS], ops[OPS];
    bool whole; /* all suites: bugs, policies and witnesses that do not show are then missed */
    struct subjects subjects;
    const char *command;  /* as typed after "--", or NULL */
    struct policy policy; /* of a command */
};

/* Print the table and every claim that is not met, with the command that shows it again; return how many.
   For a command: the table, its profile, and one failing row per bug. */
size_t check_print(const struct check *check);

#endif
