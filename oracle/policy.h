/* policy - what a target may choose where mathematics gives no answer, and the name of each choice.
   The first choice of every key is the default; all defaults together are the profile "strict-zero".
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_POLICY_H
#define MASKPROOF_POLICY_H

#include <stdbool.h>
#include <stddef.h>

enum policy_key { KEY_EMPTY, KEY_NAN, KEY_PINF, KEY_ALL_NINF, KEY_MASKED, KEY_TINY, KEY_ZERO_SIZE, KEYS };

enum choice {
    CHOICE_ZERO,             /* empty, all-ninf, masked: exactly +0 */
    CHOICE_NAN,              /* empty: every entry; nan, pinf, all-ninf: every valid entry */
    CHOICE_LANE_NAN,         /* nan, pinf: NaN in those entries alone, +0 elsewhere */
    CHOICE_LIMIT,            /* pinf: the mass shared among the +inf */
    CHOICE_UNIFORM_ALL,      /* empty: 1/n everywhere */
    CHOICE_UNIFORM_VALID,    /* all-ninf: 1/k on the k valid entries */
    CHOICE_UNMASKED,         /* empty: the softmax of the row as if nothing were masked */
    CHOICE_ERROR,            /* empty, nan, zero-size: the target refuses the case */
    CHOICE_NAN_ROWS_ALL_NAN, /* masked: NaN too in a row whose valid entries are NaN */
    CHOICE_KEPT,             /* tiny: subnormal results are kept */
    CHOICE_FTZ,              /* tiny: a result below the smallest normal may be 0 */
    CHOICE_SUCCESS,          /* zero-size: nothing written, success */
    CHOICES
};

extern const char *const key_names[KEYS];
extern const char *const choice_names[CHOICES];
/* The choices of a key, its default first; ended by CHOICES. */
extern const enum choice key_choices[KEYS][6];

struct policy {
    enum choice choice[KEYS];
};

/* Apply "profile" or "key=choice", comma-separated, from left to right, to *policy.
   False: `error` says what was expected. */
bool policy_apply(struct policy *policy, const char *text, char *error, size_t error_size);

/* strict-zero */
struct policy policy_default(void);

/* A named set of choices: the house default, and what libraries were seen to do. */
struct profile {
    const char *name, *choices; /* as policy_apply takes them; "" is strict-zero */
    const char *whose;          /* short: the library */
    const char *seen;           /* which version, and how it is known: measured, read in source, a thread */
};
extern const struct profile profiles[]; /* ends with a NULL name */

/* Behaviour that no set of choices can say, so that it is never passed: library and what it does. */
struct unsaid {
    const char *whose, *does;
};
extern const struct unsaid no_profile[]; /* ends with a NULL whose */

/* The choices of a profile. */
struct policy policy_of(const struct profile *profile);

/* Whether two agree in every key. */
bool policy_equal(const struct policy *a, const struct policy *b);

/* The first profile with these choices, or NULL.  Several libraries may share them. */
const char *policy_name(const struct policy *policy);

#endif
