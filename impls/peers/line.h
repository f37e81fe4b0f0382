/* line - case lines in, result lines out, for peers in C: the words of a case as they lie in memory.
   SPDX-License-Identifier: MIT */
#ifndef PEERS_LINE_H
#define PEERS_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct request {
    char id[128];
    bool log;            /* log_softmax, else softmax */
    int bits;            /* 64, 32, 16 (f16), or 15 (bf16) */
    size_t rows, n;      /* entries: rows * n */
    unsigned char *mask; /* 1: valid */
    void *x, *out;       /* words of 8, 4 or 2 bytes; `out` is for the answer */
};

/* Write -inf into the masked logits: the mask of a library that has none. */
void fill(struct request *r);

struct formula {
    const char *name, *text, *ops, *formats;
    bool (*call)(struct request *r); /* false: not offered */
};

/* The program NAME, --list or --version.  `formulas` ends with a NULL name. */
int serve(int argc, char **argv, const char *version, const struct formula *formulas);

#endif
