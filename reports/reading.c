/* reading - see reading.h.
   SPDX-License-Identifier: MIT */
#include "reading.h"

#include <string.h>

static const char *const first[] = {
    "multiply",       "renormalize", "log_mask",     "where_add",        "where",    "gather",
    "ragged",         "safe",        "two_pass",     "unshifted",        "fill_1e4", "fill_1e6",
    "fill_1e8",       "fill_1e9",    "fill_min",     "fill_tiny",        "add_1e4",  "add_1e9",
    "add_min",        "jax_where",   "nan_to_zero",  "uniform_fallback", "max_all",  "online",
    "block_online",   "pairwise",    "drift",        "log_where",        "log_lse",  "log_rest",
    "log_of_softmax", "vjp_where",   "vjp_log_mask", "vjp_multiply",     NULL,
};
static const char *const last[] = {"fused", "correctly_rounded", NULL};

static bool among(const char *const list[], const char *name)
{
    while (*list != NULL && strcmp(*list, name) != 0) list++;
    return *list != NULL;
}

static size_t add_named(const struct subjects *subjects, const char *const list[], const struct subject **order)
{
    size_t count = 0;
    for (; *list != NULL; list++) {
        const struct subject *s = subjects_named(subjects, *list);
        if (s != NULL) order[count++] = s;
    }
    return count;
}

void reading_order(const struct subjects *subjects, const struct subject *order[MAX_SUBJECTS])
{
    size_t count = add_named(subjects, first, order);
    for (int op = 0; op < OPS; op++)
        for (size_t i = 0; i < subjects->count; i++) {
            const struct subject *s = &subjects->subject[i];
            if (s->op == op && !among(first, s->name) && !among(last, s->name)) order[count++] = s;
        }
    add_named(subjects, last, order + count);
}
