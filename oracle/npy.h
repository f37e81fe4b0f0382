/* npy - NumPy's .npy files, streamed: little-endian bool, integers and floats, in C order, versions 1.0 to 3.0
   (numpy.lib.format).  Everything else is refused: one clear line, exit 2, never a number that is not in the file.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_NPY_H
#define MASKPROOF_NPY_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* An open file.  The last dimension is a row; those before it are counted together. */
struct npy {
    const char *name;
    FILE *file;
    char kind;      /* 'b' bool, 'u' and 'i' integers, 'f' floats */
    size_t size;    /* bytes per entry: 1, 2, 4, 8 */
    size_t rows, n; /* entries in all: rows * n; one dimension is one row */
    size_t next;    /* entries read so far */
    unsigned char *bytes;
    size_t capacity;
};

/* Open and check the header, and the length where the file has one.  "-" is standard input. */
void npy_open(struct npy *a, const char *path);

/* The next `count` entries as doubles (exact but for integers beyond 2^53).  A file that ends before them ends the
   program. */
void npy_read(struct npy *a, size_t count, double *value);

/* The same of a mask, each entry 0 or 1 whatever its type; `row` for the message, `value` room for as many doubles. */
void npy_mask(struct npy *a, size_t row, size_t count, double *value, unsigned char *mask);

/* The next entry, a whole number of [least, most]; `what` and `row` for the message. */
size_t npy_count(struct npy *a, size_t row, size_t least, size_t most, const char *what);

/* After the last entry: nothing may follow. */
void npy_close(struct npy *a);

/* "FILE: why" on stderr, exit 2; `why` is a printf format: expected what, found what. */
_Noreturn void npy_fail(const struct npy *a, const char *why, ...) __attribute__((format(printf, 2, 3)));

#endif
