/* verb - what all programs behind `maskproof VERB` share: their name, --version, numbers, exit code 2.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_VERB_H
#define MASKPROOF_VERB_H

#include "line.h"

#include <argp.h>

/* argp_parse with the suite's --version and exit code 2 for wrong options. */
void verb_parse(const struct argp *argp, int argc, char **argv);

/* `text` as a whole number of [least, most], or an option error that says so. */
unsigned long verb_number(const struct argp_state *state, const char *option, const char *text, unsigned long least,
                          unsigned long most);

/* source_open, or one clear line and exit 2. */
void verb_open(struct source *s, const char *path);

#endif
