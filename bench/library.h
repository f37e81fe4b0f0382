/* library - a function of somebody's shared library, by the fixed C signature.
   It is called in our own process, so what it does to itself while it is timed ends us: with one line that names it.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_LIBRARY_H
#define MASKPROOF_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

/* op: 0 softmax, 1 log_softmax, 2 vjp; format: 0 f64, 1 f32, 2 bf16, 3 f16, in the format's own words; mask: 1 valid,
   0 masked.  Returns 0; 77: not offered; else an error. */
typedef int library_fn(int op, int format, size_t rows, size_t n, const void *x, const unsigned char *mask,
                       const void *dy, void *out);

/* Is it "LIB:SYMBOL"? */
bool library_named(const char *library_symbol);

/* The symbol, as a pointer to an object or function; NULL: dlerror() says why. */
void *library_symbol(const char *library_symbol);
library_fn *library_load(const char *library_symbol);

/* Call it for a softmax.  If it is killed by a signal, or takes longer than LIBRARY_SECONDS, the program ends with one
   line, that begins with `name`, and exit 1. */
enum { LIBRARY_SECONDS = 300 };
int library_call(const char *name, library_fn *f, int format, size_t rows, size_t n, const void *x,
                 const unsigned char *mask, void *p);

#endif
