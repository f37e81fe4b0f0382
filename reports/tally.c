/* tally - see tally.h.
   SPDX-License-Identifier: MIT */
#include "tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int index_of(const char *name, const char *const *names, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0) return i;
    return -1;
}

/* The row classes but plain are the first policy keys, in the same order. */
static const enum policy_key key_of_class[] = {KEY_EMPTY, KEY_NAN, KEY_PINF, KEY_ALL_NINF};

static void note_choice(struct tally *t, int class, const char *choice, bool nan_masked, bool failed)
{
    if (class == CLASS_PLAIN || strcmp(choice, "-") == 0) return;
    enum policy_key key = key_of_class[class];
    int c = index_of(choice, choice_names, CHOICES);
    if (c < 0) {
        t->undecided[key] = true;
        return;
    }
    t->choices[key] |= 1u << c;
    if (failed) t->failing_choices[key] |= 1u << c;
    if (nan_masked && class != CLASS_EMPTY) {
        t->choices[KEY_MASKED] |= 1u << CHOICE_NAN_ROWS_ALL_NAN;
        if (failed) t->failing_choices[KEY_MASKED] |= 1u << CHOICE_NAN_ROWS_ALL_NAN;
    }
}

static void note_several(struct tally *t, unsigned bugs)
{
    for (size_t i = 0; i < t->among_count; i++)
        if (t->among[i] == bugs) return;
    if (t->among_count < sizeof t->among / sizeof *t->among) t->among[t->among_count++] = bugs;
}

bool verdict_cut(char *line, char *field[VERDICT_COLUMNS])
{
    for (int i = 0; i < VERDICT_COLUMNS; i++) {
        field[i] = line;
        line = strchr(line, '\t');
        if ((line == NULL) != (i == VERDICT_COLUMNS - 1)) return false;
        if (line != NULL) *line++ = '\0';
    }
    return true;
}

bool tally_line(struct tally *t, char *line, unsigned allowed)
{
    char *field[VERDICT_COLUMNS];
    return verdict_cut(line, field) && tally_fields(t, field, allowed);
}

/* Keep the largest of several errors, and whose it is. */
static void note_worst(double *worst, char *worst_id, double ulp, const char *id)
{
    if (!(ulp > *worst) || isinf(ulp)) return;
    *worst = ulp;
    snprintf(worst_id, sizeof((struct tally *)0)->worst_id, "%s", id);
}

bool tally_fields(struct tally *t, char *const field[VERDICT_COLUMNS], unsigned allowed)
{
    const char *id = field[VERDICT_ID];
    unsigned bugs;
    int status = index_of(field[VERDICT_STATUS], status_names, 4);
    int class = index_of(field[VERDICT_CLASS], class_names, CLASSES);
    if (status < 0 || class < 0 || !bug_parse(field[VERDICT_BUG], &bugs)) return false;
    double ulp = strtod(field[VERDICT_ULP], NULL), leak = strtod(field[VERDICT_LEAK], NULL);
    t->rows[status]++;
    note_choice(t, class, field[VERDICT_CHOICE], isnan(leak), status == FAIL);
    if (leak > t->most_leak) t->most_leak = leak;
    if (status != FAIL) note_worst(&t->worst, t->worst_id, ulp, id);
    if (status != FAIL) return true;
    if (bugs == BUG_ROUND) note_worst(&t->worst_round, t->worst_round_id, ulp, id);
    if (t->first_failure[0] == '\0') snprintf(t->first_failure, sizeof t->first_failure, "%s", id);
    if (bugs == 0) t->unnamed++;
    bool measured = class == CLASS_PLAIN && leak == 0 && !isnan(ulp);
    for (int b = 0; b < BUGS; b++) {
        if (bugs != 1u << b) continue;
        t->alone_rows[b]++;
        t->alone_ulp[b] = fmax(t->alone_ulp[b], measured ? ulp : INFINITY);
    }
    if ((bugs & (bugs - 1)) == 0)
        t->alone |= bugs;
    else
        note_several(t, bugs);
    if (((bugs & allowed) & ((bugs & allowed) - 1)) == 0) t->only_claimed |= bugs & allowed;
    if ((bugs & allowed) == 0) {
        t->unexplained++;
        if (t->unexplained_id[0] == '\0') snprintf(t->unexplained_id, sizeof t->unexplained_id, "%s", id);
    }
    return true;
}

void tally_add(struct tally *t, const struct tally *more)
{
    for (int i = 0; i < 4; i++) t->rows[i] += more->rows[i];
    for (int k = 0; k < KEYS; k++) {
        t->choices[k] |= more->choices[k];
        t->failing_choices[k] |= more->failing_choices[k];
        t->undecided[k] = t->undecided[k] || more->undecided[k];
    }
    t->alone |= more->alone;
    t->only_claimed |= more->only_claimed;
    for (int b = 0; b < BUGS; b++) {
        t->alone_rows[b] += more->alone_rows[b];
        t->alone_ulp[b] = fmax(t->alone_ulp[b], more->alone_ulp[b]);
    }
    for (size_t i = 0; i < more->among_count; i++) note_several(t, more->among[i]);
    t->unnamed += more->unnamed;
    t->unexplained += more->unexplained;
    if (t->unexplained_id[0] == '\0') memcpy(t->unexplained_id, more->unexplained_id, sizeof t->unexplained_id);
    if (t->first_failure[0] == '\0') memcpy(t->first_failure, more->first_failure, sizeof t->first_failure);
    if (more->most_leak > t->most_leak) t->most_leak = more->most_leak;
    note_worst(&t->worst, t->worst_id, more->worst, more->worst_id);
    note_worst(&t->worst_round, t->worst_round_id, more->worst_round, more->worst_round_id);
}

unsigned tally_bugs(const struct tally *t, unsigned known)
{
    unsigned bugs = t->alone;
    known |= t->alone;
    for (size_t i = 0; i < t->among_count; i++) {
        unsigned first = t->among[i] & (~t->among[i] + 1);
        bugs |= t->among[i] & known ? t->among[i] & known : first;
    }
    return bugs;
}
