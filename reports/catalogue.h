/* catalogue - what there is: implementations with their claims, suites, bugs, profiles; asked of the other programs.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_CATALOGUE_H
#define MASKPROOF_CATALOGUE_H

#include "subjects.h"

struct catalogue {
    struct claims claims;
    struct subjects subjects; /* the implementations */
    struct suite_entry suite[MAX_SUITES];
    size_t suite_count;
};

/* Ask maskproof-run and maskproof-gen.  If one fails, one clear line and exit code 2. */
void catalogue_read(struct catalogue *c);
void catalogue_free(struct catalogue *c);

/* "LEAK POISON" of a set, into `text` of at least 200 bytes; "-" for none. */
void catalogue_spell(unsigned bugs, char *text);

/* The formats in which an implementation claims these bugs (0: to be right): "f32 bf16", "all formats". */
void catalogue_formats(const struct subject *impl, unsigned bug, char *text);

/* Implementations, suites, bugs and profiles, a line or two each, at most 100 columns: what `check --list` prints. */
void catalogue_print(const struct catalogue *c);

#endif
