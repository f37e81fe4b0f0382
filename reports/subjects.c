/* subjects - see subjects.h.
   SPDX-License-Identifier: MIT */
#include "subjects.h"

#include <stdlib.h>
#include <string.h>

void subjects_from_claims(struct subjects *subjects, const struct claims *claims)
{
    *subjects = (struct subjects){calloc(claims->count + 1, sizeof *subjects->subject), 0};
    if (subjects->subject == NULL) abort();
    for (size_t i = 0; i < claims->count; i++) {
        const struct claim *c = &claims->claim[i];
        struct subject *s = subjects_named(subjects, c->impl);
        if (s == NULL && subjects->count == MAX_SUBJECTS) abort();
        if (s == NULL) s = &subjects->subject[subjects->count++];
        s->name = c->impl;
        s->op = c->op;
        s->claim[c->format - formats] = c;
    }
}

struct subject *subjects_named(const struct subjects *subjects, const char *name)
{
    for (size_t i = 0; i < subjects->count; i++)
        if (strcmp(subjects->subject[i].name, name) == 0) return &subjects->subject[i];
    return NULL;
}

const struct claim *any_claim(const struct subject *s)
{
    for (int f = 0; f < FORMATS; f++)
        if (s->claim[f] != NULL) return s->claim[f];
    return NULL;
}

unsigned claimed_bugs(const struct subject *s)
{
    unsigned bugs = 0;
    for (int f = 0; f < FORMATS; f++) bugs |= s->claim[f] ? s->claim[f]->bugs : 0;
    return bugs;
}

struct tally subject_in_suite(const struct subject *s, size_t suite)
{
    struct tally sum = {.worst = 0};
    for (int f = 0; f < FORMATS; f++) tally_add(&sum, &s->tally[suite][f]);
    return sum;
}

struct tally subject_in_format(const struct subject *s, int format)
{
    struct tally sum = {.worst = 0};
    for (size_t i = 0; i < MAX_SUITES; i++) tally_add(&sum, &s->tally[i][format]);
    return sum;
}

struct tally subject_in_all(const struct subject *s)
{
    struct tally sum = {.worst = 0};
    for (int f = 0; f < FORMATS; f++) {
        struct tally one = subject_in_format(s, f);
        tally_add(&sum, &one);
    }
    return sum;
}

void subject_note_example(struct subject *s, unsigned bugs, const struct example *row)
{
    bool alone = (bugs & (bugs - 1)) == 0;
    for (int b = 0; b < BUGS; b++) {
        struct example *old = &s->example[b];
        if (!(bugs >> b & 1)) continue;
        if (old->entries > 0 && (old->alone > alone || (old->alone == alone && old->entries <= row->entries))) continue;
        free(old->says);
        *old = *row;
        old->alone = alone;
        old->says = NULL;
    }
}

const struct tally *subject_worst(const struct subject *s, int format, bool round, size_t *suite)
{
    const struct tally *worst = NULL;
    double most = 0;
    for (size_t i = 0; i < MAX_SUITES; i++) {
        const struct tally *t = &s->tally[i][format];
        double ulp = round ? t->worst_round : t->worst;
        if (!(ulp > most)) continue;
        most = ulp;
        worst = t;
        *suite = i;
    }
    return worst;
}

void spell_standing(const struct tally *t, unsigned known, char *text)
{
    unsigned bugs = tally_bugs(t, known);
    if (t->rows[FAIL] == 0) {
        strcpy(text, t->rows[PASS] > 0 ? "ok" : t->rows[VOID] > 0 ? "void" : "skip");
        return;
    }
    strcpy(text, "fail");
    for (int b = BUGS - 1; b >= 0; b--)
        if (bugs >> b & 1) sprintf(text, "%.8s%s", bug_names[b], bugs & (bugs - 1) ? "+" : "");
}
