/* article_table - see article_table.h.
   SPDX-License-Identifier: MIT */
#include "article_table.h"

#include <stddef.h>

#define ELL "1.2355 -0.1710 -0.6606 -0.2050 -1.4690"
#define MASK "10110"
#define RIGHT "0.7210 0 0.1083 0.1707 0"

/* The article works on one vector.  `...` is says, then what is out of the ordinary. */
#define OF_ELL(claim, what, by, bits, ...)                                                  \
    {                                                                                       \
        .id = claim, .title = what, .impl = by, .mask = bits, .x = ELL, .says = __VA_ARGS__ \
    }

const struct vector_claim vector_claims[] = {
    OF_ELL("A1", "softmax(ell), nothing masked", "where", "11111", "0.5886 0.1442 0.0884 0.1394 0.0394"),
    OF_ELL("A2", "the masked softmax, mask 10110", "where", MASK, RIGHT),
    OF_ELL("A2", "its first entry, as the text quotes it", "where", MASK, "0.721 - - - -"),
    OF_ELL("A3", "softmax(ell * mask) is wrong: every invalid class gets the same mass", "multiply", MASK,
           "0.5080 0.1477 0.0763 0.1203 0.1477", .multiplied = true),
    OF_ELL("A5", "softmax, mask (the invalid ones become 0), renormalize: before the last step", "where", "11111",
           "0.5886 - 0.0884 0.1394 -"),
    OF_ELL("A5", "softmax, mask, renormalize: the result is A2", "renormalize", MASK, RIGHT),
    OF_ELL("A6", "softmax(ell + mask.log()) is A2", "log_mask", MASK, RIGHT),
    OF_ELL("A8", "softmax(ell + where(mask, 0, -inf)), footnote 3, is A2", "where_add", MASK, RIGHT),
    OF_ELL("A10", "softmax(ell[mask]), put back into its positions, is A2", "gather", MASK, RIGHT),
    OF_ELL("A10", "the same with offsets and values, row by row", "ragged", MASK, RIGHT),
    {0},
};

const struct leak_claim leak_claims[] = {
    {"A4", "the leak law on the article's vector: N / (N + e^LSE), N = 2, is 0.1477 twice", MASK, ELL, "0.2954",
     "valid"},
    {"A4", "the pessimal case: -10 -11 9 9 9, mask 11000: an invalid class wins", "11000", "-10 -11 9 9 9", "> 0.5",
     "masked"},
    {"A4", "all valid logits negative: -5 -3 -4, mask 110: the one invalid class wins", "110", "-5 -3 -4", "> 0.5",
     "masked"},
    {0},
};

const struct poison_claim poison_claims[] = {
    {"A8", "NaN under the mask: softmax(where(mask, ell, -inf)) holds, the two sums do not", "nan-masked", "101",
     "1 0 3"},
    {"A8", "+inf under the mask: the same", "pinf-masked", "101", "1 0 3"},
    {0},
};

const struct batch_claim batch_claims[] = {
    {"A9", "footnote 2: sum(dim=-1, keepdim=True) (renormalize) or sum() (renormalize_batch)", "article", "pr9-batch"},
    {"A9", "the same, 1 2 3 / 0 0 0 under 101/110", "batch", "batch-2x3"},
    {0},
};

const struct move_claim move_claims[] = {
    {"c4c5", "a logit"}, {"b1c6", "none"}, {"a1b1", "20"},    {"e1g1", "112"},   {"e1c1", "115"},   {"g1f3", "169"},
    {"e2e4", "311"},     {"h8a1", "1789"}, {"a7a8q", "1792"}, {"h7h8n", "1875"}, {"h7g8n", "1879"}, {0},
};

const struct maia_claim maia_claims[] = {
    {"Maia2, most positions: a leak of 0.1 % is a log-sum-exp of 14.43", "0.001", "14.43"},
    {"Maia2, the worst position: 5.1 % is 10.45", "0.051", "10.45"},
    {0},
};

const struct elsewhere elsewhere[] = {
    {"A7", "A5 and A6 are equal", "not proved here yet; where floating point ends it: suite huge, STARVE"},
    {"A11", "nested and ragged tensors exist", "ragged is in A10; other libraries are not run here yet"},
    {"A12", "a modest speedup on GPUs", "25 bytes an entry against 29, counted and timed by maskproof bench; no GPU"},
    {"A13", "no position has more than 218 legal moves", "known to chess problemists; two that have as many are above"},
    {"A14", "how often Maia2 leaks how much", "needs its logits; of three networks before it: maskproof leak --chess"},
    {0},
};
