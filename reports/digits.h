/* digits - decimal numbers from 0 to below 10, exact to 160 places, so that a printed digit is compared with a digit
   and never with somebody's rounding.  160 places hold every f32 of that range and every answer of truth --decimal.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_DIGITS_H
#define MASKPROOF_DIGITS_H

#include <stdbool.h>

#define DIGITS_PLACES 160
#define DIGITS_ROOM (DIGITS_PLACES + 3) /* characters of any of them as text */

struct digits {
    unsigned char d[1 + DIGITS_PLACES]; /* d[0] before the point; memcmp orders the values */
};

/* "0.7210", "5.5671e-6", "1".  False if it is none of these, or not in the range. */
bool digits_parse(struct digits *v, const char *text);

/* The exact value of a float.  False if it is not in the range (NaN is not). */
bool digits_of(struct digits *v, float value);

/* a += b, exactly.  False if the sum reaches 10. */
bool digits_add(struct digits *a, const struct digits *b);

/* 1 - v, exactly, for v at most 1. */
struct digits digits_complement(const struct digits *v);

bool digits_zero(const struct digits *v);

/* As text: rounded once, half up, to `places` after the point; or to `count` significant digits. */
const char *digits_round(const struct digits *v, int places, char room[DIGITS_ROOM]);
const char *digits_significant(const struct digits *v, int count, char room[DIGITS_ROOM]);

/* Whether v, rounded to as many places as `printed` has, is `printed`, character by character.  A printed "0" asks for
   an exact zero. */
bool digits_print_as(const struct digits *v, const char *printed);

#endif
