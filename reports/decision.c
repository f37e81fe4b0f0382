/* decision - see decision.h.
   SPDX-License-Identifier: MIT */
#include "decision.h"
#include "reach.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double decision_breaks_at(const struct evidence *e, const struct subject *s, int format)
{
    double least = INFINITY;
    for (size_t r = 0; r < e->reach.rows; r++) {
        char **c = e->reach.cell[r];
        if (strcmp(c[REACH_IMPL], s->name) != 0 || strcmp(c[REACH_FORMAT], formats[format].name) != 0) continue;
        if (strcmp(c[REACH_STATUS], "fail") == 0) least = fmin(least, strtod(c[REACH_LEVEL], NULL));
    }
    return least;
}

/* Its mean time over that of a masked copy, in that format or, where that was not timed, in f32; NaN: not timed. */
static double speed_of(const struct evidence *e, const struct subject *s, int format)
{
    double speed = evidence_speed(e, s, format);
    return isnan(speed) ? evidence_speed(e, s, F32) : speed;
}

static bool empty_is(const struct subject *s, int format, enum choice choice)
{
    struct tally t = subject_in_format(s, format);
    return t.choices[KEY_EMPTY] == 1u << choice && !t.undecided[KEY_EMPTY];
}

static bool any_row(const struct subject *s, int format)
{
    (void)s, (void)format;
    return true;
}

static bool every_bit(const struct subject *s, int format) { return s->claim[format]->max_ulp <= 0.5; }

static bool zeros(const struct subject *s, int format) { return empty_is(s, format, CHOICE_ZERO); }

static bool nans(const struct subject *s, int format) { return empty_is(s, format, CHOICE_NAN); }

static bool any_length(const struct subject *s, int format) { return s->claim[format]->any_length; }

const struct need needs[] = {
    {"the fastest that is right", any_row},
    {"every bit right (correctly rounded)", every_bit},
    {"a row with nothing valid gives zeros", zeros},
    {"a row with nothing valid gives NaN, so that nobody overlooks it", nans},
    {"rows of more than 4096 entries, with the same error", any_length},
    {0},
};

const struct subject *decision_choose(const struct evidence *e, const struct need *need, int format)
{
    const struct subject *best = NULL;
    for (size_t i = 0; i < e->subjects.count; i++) {
        const struct subject *s = &e->subjects.subject[i];
        if (s->op != SOFTMAX || claimed_bugs(s) != 0 || !evidence_right(s, format) || !need->fits(s, format)) continue;
        if (isfinite(decision_breaks_at(e, s, format))) continue;
        double speed = speed_of(e, s, format);
        if (isnan(speed)) continue;
        if (best == NULL || speed < speed_of(e, best, format)) best = s;
    }
    return best;
}
