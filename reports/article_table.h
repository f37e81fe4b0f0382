/* article_table - the claims of "Masked Softmax Layers in PyTorch" (Cognetta, 2025) as data: digits as printed there.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_ARTICLE_TABLE_H
#define MASKPROOF_ARTICLE_TABLE_H

#include <stdbool.h>

/* A vector the article prints: what `impl` returns for `mask` and the logits. */
struct vector_claim {
    const char *id, *title, *impl, *mask, *x;
    const char *says; /* an entry each: its digits as printed, or "-" where nothing is printed */
    bool multiplied;  /* on paper it is the unmasked softmax of x * mask, and the masked entries are all alike */
};
extern const struct vector_claim vector_claims[]; /* ends with a NULL id */

/* A case of the leak law: softmax(x * mask) gives N masked classes N / (N + e^LSE_valid) in all. */
struct leak_claim {
    const char *id, *title, *mask, *x;
    const char *says_leak;   /* its digits as printed, or "> 0.5" */
    const char *says_winner; /* "valid" or "masked": whose entry is the largest */
};
extern const struct leak_claim leak_claims[];

/* A row of suite poison on which selecting a logit and adding -inf to it part. */
struct poison_claim {
    const char *id, *title, *slug, *exact_mask, *exact_x;
};
extern const struct poison_claim poison_claims[];

/* A batch: renormalize sums each row, renormalize_batch all of them. */
struct batch_claim {
    const char *id, *title, *suite, *slug;
};
extern const struct batch_claim batch_claims[];

/* A move of chess: "a logit", "none", or its index in Maia2's own list. */
struct move_claim {
    const char *move, *says;
};
extern const struct move_claim move_claims[];

/* A leak that the article reports of Maia2 and the log-sum-exp of the legal logits that means it. */
struct maia_claim {
    const char *title, *leak, *lse;
};
extern const struct maia_claim maia_claims[];
#define MAIA_MASKED 1850 /* of 1880 moves about 30 are legal */

/* Claims that are no numbers of this table, and where they are shown. */
struct elsewhere {
    const char *id, *title, *where;
};
extern const struct elsewhere elsewhere[];

#endif
