/* machine - what this is measured on, in a few words.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_MACHINE_H
#define MASKPROOF_MACHINE_H

#include <stddef.h>

/* The first "model name" of /proc/cpuinfo; "unknown processor" where there is none. */
void machine_cpu(char *text, size_t size);

/* The same with the widest vectors that it has, which decide what code a library takes: "..., avx512f". */
void machine_describe(char *text, size_t size);

#endif
