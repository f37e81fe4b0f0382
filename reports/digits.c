/* digits - see digits.h.
   SPDX-License-Identifier: MIT */
#include "digits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool digits_parse(struct digits *v, const char *text)
{
    const char *end = text + strspn(text, "0123456789."), *c;
    long exponent = 0, place;
    if (*end == 'e') {
        char *rest;
        exponent = strtol(end + 1, &rest, 10);
        if (rest == end + 1 || *rest != '\0' || labs(exponent) > DIGITS_PLACES) return false;
    } else if (*end != '\0') {
        return false;
    }
    size_t whole = strspn(text, "0123456789");
    if (whole == 0 || whole > DIGITS_PLACES) return false;
    memset(v->d, 0, sizeof v->d);
    place = 1 - (long)whole - exponent;
    for (c = text; c < end; c++) {
        if (*c == '.') {
            if (c != text + whole) return false;
            continue;
        }
        if (*c != '0' && (place < 0 || place > DIGITS_PLACES)) return false;
        if (place >= 0 && place <= DIGITS_PLACES) v->d[place] = (unsigned char)(*c - '0');
        place++;
    }
    return true;
}

bool digits_of(struct digits *v, float value)
{
    char text[DIGITS_ROOM];
    if (!(value >= 0 && value < 10)) return false;
    snprintf(text, sizeof text, "%.*f", DIGITS_PLACES, (double)value); /* the last bit of a float is place 149 */
    return digits_parse(v, text);
}

bool digits_add(struct digits *a, const struct digits *b)
{
    int carry = 0;
    for (int i = DIGITS_PLACES; i >= 0; i--) {
        int sum = a->d[i] + b->d[i] + carry;
        carry = sum > 9;
        a->d[i] = (unsigned char)(sum - 10 * carry);
    }
    return carry == 0;
}

struct digits digits_complement(const struct digits *v)
{
    struct digits c = {.d = {1}};
    int borrow = 0;
    for (int i = DIGITS_PLACES; i >= 0; i--) {
        int difference = c.d[i] - v->d[i] - borrow;
        borrow = difference < 0;
        c.d[i] = (unsigned char)(difference + 10 * borrow);
    }
    return c;
}

bool digits_zero(const struct digits *v)
{
    for (int i = 0; i <= DIGITS_PLACES; i++)
        if (v->d[i] != 0) return false;
    return true;
}

const char *digits_round(const struct digits *v, int places, char room[DIGITS_ROOM])
{
    struct digits r = *v;
    if (places < DIGITS_PLACES && r.d[places + 1] >= 5) {
        int i = places;
        while (i > 0 && r.d[i] == 9) r.d[i--] = 0;
        r.d[i]++; /* 9.99 becomes 10.0: the one whole part of two digits */
    }
    int length = snprintf(room, DIGITS_ROOM, "%d%s", r.d[0], places > 0 ? "." : "");
    for (int i = 1; i <= places && length < DIGITS_ROOM - 1; i++) room[length++] = (char)('0' + r.d[i]);
    room[length] = '\0';
    return room;
}

const char *digits_significant(const struct digits *v, int count, char room[DIGITS_ROOM])
{
    int first = 0;
    while (first < DIGITS_PLACES && v->d[first] == 0) first++;
    int places = first + count - 1;
    return digits_zero(v) ? "0" : digits_round(v, places < DIGITS_PLACES ? places : DIGITS_PLACES, room);
}

bool digits_print_as(const struct digits *v, const char *printed)
{
    char room[DIGITS_ROOM];
    const char *point = strchr(printed, '.');
    if (strcmp(printed, "0") == 0) return digits_zero(v);
    return strcmp(digits_round(v, point ? (int)strlen(point + 1) : 0, room), printed) == 0;
}
