/* peer - a library in a process of its own, a program of build/peers, which times itself: one call when it is asked.
   It has its own copies of the arrays; before a timed call it makes the same call untimed, so that these, and the
   memory that it uses again, are as near as they are for those in our process.  See impls/peers/timed.py.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_PEER_H
#define MASKPROOF_PEER_H

#include "format.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct peer {
    char name[40], version[80];
    char formulations[400]; /* names, blanks between them */
    pid_t process;
    int line; /* both ways */
    bool gone;
};

/* Arrays to hand over: x, then p, then the mask, of at most `bytes` bytes together.  NULL: no memory. */
void *peer_arrays(size_t bytes);

/* Start PROGRAM on `threads` threads; false: not installed here, or it does not time itself. */
bool peer_start(struct peer *p, const char *program, const char *name, size_t threads);

/* Have it copy the arrays. */
bool peer_load(struct peer *p, const struct format *f, size_t rows, size_t n);

enum peer_answer { PEER_RAN, PEER_SKIPS, PEER_FAILED };
/* Have it write p by one of its formulations, or say in a line why it does not. */
enum peer_answer peer_run(struct peer *p, const char *formulation, char *why, size_t size);

/* Nanoseconds of one of `calls` calls, and a number that two outputs hardly share; NaN: it failed. */
double peer_time(struct peer *p, const char *formulation, size_t calls, unsigned long *print);

void peer_stop(struct peer *p);

#endif
