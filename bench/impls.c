/* impls - see run.h.  impls.inc is made by the Makefile from the IMPL records of impls/ (*.c).
   SPDX-License-Identifier: MIT */
#include "run.h"

#define X(name) extern const struct impl impl_##name##_f64, impl_##name##_f32, impl_##name##_bf16, impl_##name##_f16;
#include "impls.inc"
#undef X

#define X(name) {{&impl_##name##_f64, &impl_##name##_f32, &impl_##name##_bf16, &impl_##name##_f16}},
const struct impl_formats all_impls[] = {
#include "impls.inc"
};
const size_t all_impls_count = sizeof all_impls / sizeof *all_impls;

const struct impl_formats *impl_named(const char *name)
{
    for (size_t i = 0; i < all_impls_count; i++)
        if (strcmp(name, all_impls[i].format[0]->name) == 0) return &all_impls[i];
    return NULL;
}

size_t real_size(const struct format *f) { return f == &formats[F64] ? sizeof(double) : sizeof(float); }

void reals_from_words(const struct format *f, size_t count, const uint64_t *words, void *reals)
{
    for (size_t i = 0; i < count; i++) {
        if (f == &formats[F64])
            memcpy((double *)reals + i, &words[i], sizeof(double));
        else
            ((float *)reals)[i] = (float)word_value(f, words[i]); /* exact */
    }
}

void words_from_reals(const struct format *f, size_t count, const void *reals, uint64_t *words)
{
    for (size_t i = 0; i < count; i++) {
        if (f == &formats[F64])
            memcpy(&words[i], (const double *)reals + i, sizeof(double));
        else
            words[i] = word_nearest(f, (double)((const float *)reals)[i]);
    }
}
