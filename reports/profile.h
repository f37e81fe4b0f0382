/* profile - what a subject was seen to choose for rows without a distribution, and whose choices these are.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_PROFILE_H
#define MASKPROOF_PROFILE_H

#include "tally.h"

struct learned {
    bool seen;             /* some row without a distribution was judged */
    bool decided;          /* each class that was seen shows one choice, the same in all its rows */
    bool undecided[KEYS];  /* a row of that class fits no named choice */
    bool several[KEYS];    /* more than one choice is seen */
    const char *names[32]; /* the named profiles that agree in every class seen */
    size_t names_count;    /* 0 too if not decided or not seen */
    const char *whose;     /* if there is exactly one: the library's name */
    char policy[300];      /* as --policy takes it: the classes that are decided */
};

/* From all rows of a subject; `held_to`: the policy it was judged by. */
struct learned profile_learn(const struct tally *all, const struct policy *held_to);

/* What is not strict-zero in a policy, as --policy takes it, into `text`. */
void profile_spell(const struct policy *policy, char *text, size_t size);

#endif
