/* run - what the programs that run implementations share: the table of them, and words to reals and back.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_RUN_H
#define MASKPROOF_RUN_H

#include "format.h"
#include "masked_softmax.h"

/* Every implementation of impls/, in alphabetical order, one record per format. */
struct impl_formats {
    const struct impl *format[FORMATS];
};
extern const struct impl_formats all_impls[];
extern const size_t all_impls_count;
const struct impl_formats *impl_named(const char *name);

/* Bytes of a `real` of the format: what `call` of struct impl reads and writes. */
size_t real_size(const struct format *f);
void reals_from_words(const struct format *f, size_t count, const uint64_t *words, void *reals);
void words_from_reals(const struct format *f, size_t count, const void *reals, uint64_t *words);

#endif
