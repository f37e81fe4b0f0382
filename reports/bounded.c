/* bounded - see bounded.h.
   SPDX-License-Identifier: MIT */
#include "bounded.h"
#include "normwise.h"
#include "proved.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct bounded *of_impl(struct bounded **all, size_t *count, const char *impl)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp((*all)[i].impl, impl) == 0) return &(*all)[i];
    *all = realloc(*all, (*count + 1) * sizeof **all);
    if (*all == NULL) abort();
    (*all)[*count] = (struct bounded){.impl = impl};
    return &(*all)[(*count)++];
}

struct bounded *bounded_read(const struct tsv *t, size_t *count)
{
    struct bounded *all = NULL;
    *count = 0;
    for (size_t r = 0; r < t->rows; r++) {
        char **c = t->cell[r];
        const struct format *f = format_named(c[NORM_FORMAT]);
        if (f == NULL || strcmp(c[NORM_BOUND], "-") == 0) continue;
        struct bounded_in *in = &of_impl(&all, count, c[NORM_IMPL])->in[f - formats];
        double error = strtod(c[NORM_ENTRY], NULL), bound = strtod(c[NORM_BOUND], NULL);
        in->above += !(strtod(c[NORM_SHARE], NULL) <= 1);
        if (in->rows++ == 0 || !(error <= in->error)) in->error = error, in->bound = bound;
    }
    return all;
}

size_t bounded_above(const struct bounded *b, size_t count)
{
    size_t above = 0;
    for (size_t i = 0; i < count; i++)
        for (int f = 0; f < FORMATS; f++) above += b[i].in[f].above;
    return above;
}

static double largest_seen(const struct tsv *t, const char *impl, const char *format)
{
    double most = NAN;
    for (size_t r = 0; r < t->rows; r++) {
        char **c = t->cell[r];
        if (strcmp(c[NORM_IMPL], impl) == 0 && strcmp(c[NORM_FORMAT], format) == 0 &&
            strtod(c[NORM_VALID], NULL) <= EXAMPLE_ENTRIES && strtod(c[NORM_RANGE], NULL) <= EXAMPLE_RANGE)
            most = fmax(most, strtod(c[NORM_ENTRY], NULL));
    }
    return most;
}

void bounded_examples(const struct tsv *t, struct bounded_example example[EXAMPLES])
{
    /* in random order a logit is above all before it some ln 1024 times */
    static const struct row_shape row = {EXAMPLE_ENTRIES, EXAMPLE_ENTRIES, 7, EXAMPLE_RANGE, EXAMPLE_RANGE};
    static const struct {
        const char *way, *impl, *bound;
    } ways[] = {{"left to right", "where", "left_to_right"},
                {"in pairs", "pairwise", "in_pairs"},
                {"online, 8 rescalings", "online", "online"}};
    for (int w = 0; w < EXAMPLES / FORMATS; w++)
        for (int f = 0; f < FORMATS; f++)
            example[w * FORMATS + f] = (struct bounded_example){ways[w].way,
                                                                ways[w].impl,
                                                                f,
                                                                proved_of(ways[w].bound, &formats[f], &row).relative,
                                                                w == 0 ? proved_by_others(&row) : NAN,
                                                                largest_seen(t, ways[w].impl, formats[f].name)};
}
