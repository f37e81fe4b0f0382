/* repro - the shell command that shows a row again: gen, with what it was asked for, into whatever ran.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_REPRO_H
#define MASKPROOF_REPRO_H

/* What the random families of all suites were asked for, as typed; NULL: each suite's own. */
struct sampling {
    const char *seed, *count, *rows, *cols;
};

/* A command as a shell takes it: words with anything but plain characters in single quotes.  Free it. */
char *repro_command(const char *const *argv);

/* "maskproof gen SUITE FORMAT --id ID | RUNNER", with --op where it is not softmax.  Free it. */
char *repro_case(const struct sampling *s, const char *suite, int op, const char *format, const char *id,
                 const char *runner);

#endif
