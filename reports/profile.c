/* profile - see profile.h.
   SPDX-License-Identifier: MIT */
#include "profile.h"

#include <stdio.h>
#include <string.h>

/* The named profiles that agree with what was learned of the classes in `known`. */
static void find_namesakes(struct learned *l, const struct policy *policy, unsigned known)
{
    for (const struct profile *p = profiles; p->name != NULL; p++) {
        struct policy named = policy_of(p);
        bool same = true;
        for (int key = 0; key < KEYS; key++)
            same = same && (!(known >> key & 1) || named.choice[key] == policy->choice[key]);
        if (!same || l->names_count == sizeof l->names / sizeof *l->names) continue;
        l->names[l->names_count++] = p->name;
        l->whose = l->names_count == 1 ? p->whose : NULL;
    }
}

void profile_spell(const struct policy *policy, char *text, size_t size)
{
    snprintf(text, size, "strict-zero");
    for (int key = 0; key < KEYS; key++) {
        if (policy->choice[key] == key_choices[key][0]) continue;
        bool first = strcmp(text, "strict-zero") == 0;
        if (first) text[0] = '\0';
        snprintf(text + strlen(text), size - strlen(text), "%s%s=%s", first ? "" : ",", key_names[key],
                 choice_names[policy->choice[key]]);
    }
}

/* A class that shows no choice, or several, gives no name: no policy would pass it. */
struct learned profile_learn(const struct tally *all, const struct policy *held_to)
{
    struct learned l = {.decided = true};
    struct policy policy = policy_default();
    unsigned known = 1u << KEY_TINY;
    for (int key = 0; key <= KEY_MASKED; key++) {
        unsigned seen = all->choices[key];
        l.several[key] = seen & (seen - 1);
        l.undecided[key] = all->undecided[key];
        l.decided = l.decided && !l.several[key] && !l.undecided[key];
        if (seen == 0 || l.several[key] || l.undecided[key]) continue;
        int c = 0;
        while (!(seen >> c & 1)) c++;
        policy.choice[key] = (enum choice)c;
        known |= 1u << key | (key != KEY_EMPTY ? 1u << KEY_MASKED : 0);
    }
    if (held_to->choice[KEY_TINY] == CHOICE_FTZ || all->alone & BUG_FLUSH) policy.choice[KEY_TINY] = CHOICE_FTZ;
    l.seen = !l.decided || known != 1u << KEY_TINY;
    if (l.decided && l.seen) find_namesakes(&l, &policy, known);
    profile_spell(&policy, l.policy, sizeof l.policy);
    return l;
}
