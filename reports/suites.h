/* suites - what `maskproof gen --list` says of each suite: its name, the bugs it hunts, what it is.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_SUITES_H
#define MASKPROOF_SUITES_H

#include <stddef.h>

enum { MAX_SUITES = 64 };

struct suite_entry {
    char *name, *about;
    unsigned hunts; /* bugs */
};

/* Read the text `maskproof gen --list` printed; at most MAX_SUITES of them.  Returns how many. */
size_t suites_parse(struct suite_entry *suites, const char *text);

/* What the suite of that name hunts; 0 if there is none. */
unsigned suites_hunts(const struct suite_entry *suites, size_t count, const char *name);

void suites_free(struct suite_entry *suites, size_t count);

#endif
