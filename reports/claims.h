/* claims - what the implementations say of themselves, read from `maskproof run --claims`.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_CLAIMS_H
#define MASKPROOF_CLAIMS_H

#include "diagnose.h"
#include "policy.h"

/* One implementation in one format. */
struct claim {
    char *text; /* the line the strings below point into */
    const char *impl, *profile, *witness, *formula, *seen;
    const char *bound; /* as proved.h has it; NULL: none */
    int op;
    const struct format *format;
    double max_ulp;
    bool any_length; /* max_ulp is claimed for rows beyond 4096 entries too */
    unsigned bugs;   /* 0: it claims to be right */
    struct policy policy;
};

struct claims {
    struct claim *claim;
    size_t count;
};

/* Parse the text `maskproof run --claims` printed.  False: it is not such a text. */
bool claims_parse(struct claims *claims, const char *text);

/* The bugs a row of that suite may show.  A claim is for rows of up to 4096 entries unless it says more; those of the
   suite `long` are longer, so there it may lose digits. */
unsigned claim_allows(const struct claim *c, const char *suite);

void claims_free(struct claims *claims);

#endif
