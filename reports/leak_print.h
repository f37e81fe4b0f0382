/* leak_print - what `leak` says: a table for people, JSON for programs, a histogram.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_LEAK_PRINT_H
#define MASKPROOF_LEAK_PRINT_H

#include "leak_tally.h"

void leak_print_text(const struct leaks *leaks, FILE *out);
void leak_print_json(const struct leaks *leaks, FILE *out);

/* The data of leak_histogram.gp: one block per formulation that leaks anywhere (1e-12 or more), its rows
   in % by their leak, 10 bins a decade. */
void leak_print_histogram(const struct leaks *leaks, FILE *out);

#endif
