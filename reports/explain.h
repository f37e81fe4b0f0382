/* explain - the pages of `maskproof explain`, one function for each kind of topic; all print to standard output.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_EXPLAIN_H
#define MASKPROOF_EXPLAIN_H

#include "catalogue.h"

/* Entries of the cases that are looked through: at first, then, and if there are no others. */
enum { EXPLAIN_SMALL = 24, EXPLAIN_LARGE = 5000, EXPLAIN_ALL = 1 << 30 };

void explain_bug(const struct catalogue *c, int bug);
void explain_impl(const struct catalogue *c, const struct subject *impl);
void explain_suite(const struct catalogue *c, const struct suite_entry *suite);
void explain_profile(const struct catalogue *c, const struct profile *profile);

/* The implementations that claim `bug` (0: to be right), with the formats if not all; "none yet" if none does. */
char *explain_who(const struct catalogue *c, unsigned bug);

/* The operation that an implementation offers, found out by asking it. */
const char *explain_op(const struct claim *claim);

/* The implementations that claim to be right in the format and pass this case, by their own policy. */
struct finding;
char *explain_who_passes(const struct catalogue *c, const struct finding *f);

#endif
