/* check_json - see check.h: what was seen, as JSON, for programs.  Numbers are numbers; there is no NaN and no
   Infinity, for an error that is no finite number is null.  What is not there is null, too.

   maskproof, line      versions: of the program, of the line format
   command              as a shell takes it; null: implementations
   policy, max_ulp      what a command is held to (of an implementation: what its own file claims)
   seed, count, rows_per_case, cols     what the random families were asked for; null: each suite's own
   status               0 as claimed, 1 a verdict to read, 77 offers nothing
   rows                 pass, fail, skip, void: of all subjects
   unmet                claims not met; of a command suites and formats that fail
   subjects[]           one a command and operation, or an implementation
     name, op, rows
     stopped            why it was not asked further
     profile            names[] of the known ones that fit, whose (if one), policy (as --policy takes it), decided,
                        undecided[], several[] (classes that fit no choice, or more than one); null: no such row
     bugs[]             name, alone (rows that show it and no other), ulp (the largest error in these; null: not a
   matter of error), says (one sentence on the smallest row), smallest: the failing row with the fewest entries: suite,
   format, id, row, entries, repro largest            by format: pass (of the rows that pass), round (of those that fail
   by ROUND alone), each with ulp, suite, id, repro suites[]           suite, format, rows, bugs[], unexplained (rows
   that fail, of an implementation beyond its claims), ulp and id (the largest error of a row that passes),
   first_failure: id, repro; of a command: ended (not-asked, ok, skip, timeout, signal, exit, no-start, too-much,
                        unreadable), code (exit code, or the signal's number), why, seconds (its own), ours
   SPDX-License-Identifier: MIT */
#include "check.h"
#include "clean.h"
#include "profile.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void add_text(cJSON *object, const char *key, const char *text)
{
    if (text == NULL || text[0] == '\0') {
        cJSON_AddNullToObject(object, key);
        return;
    }
    char *clean = clean_text(text);
    cJSON_AddStringToObject(object, key, clean);
    free(clean);
}

static void add_number(cJSON *object, const char *key, double value)
{
    if (isfinite(value))
        cJSON_AddNumberToObject(object, key, value);
    else
        cJSON_AddNullToObject(object, key);
}

/* A number that was typed, for which a double may have no room; as typed it may begin with 0, as JSON's may not. */
static void add_typed(cJSON *object, const char *key, const char *typed)
{
    char digits[40];
    snprintf(digits, sizeof digits, "%lu", typed ? strtoul(typed, NULL, 10) : 0);
    cJSON_AddItemToObject(object, key, typed ? cJSON_CreateRaw(digits) : cJSON_CreateNull());
}

static void add_rows(cJSON *object, const struct tally *t)
{
    cJSON *rows = cJSON_AddObjectToObject(object, "rows");
    for (int status = 0; status < 4; status++) add_number(rows, status_names[status], (double)t->rows[status]);
}

static void add_repro(cJSON *object, const struct check *check, const struct subject *s, size_t suite, int f,
                      const char *id)
{
    char runner[100];
    snprintf(runner, sizeof runner, "maskproof run %s", s->name);
    char *text = repro_case(&check->sampling, check->suites[suite], s->op, formats[f].name, id,
                            check->command ? check->command : runner);
    cJSON_AddStringToObject(object, "id", id);
    add_text(object, "repro", text);
    free(text);
}

static void add_key_names(cJSON *object, const char *name, const bool *keys)
{
    cJSON *list = cJSON_AddArrayToObject(object, name);
    for (int key = 0; key < KEYS; key++)
        if (keys[key]) cJSON_AddItemToArray(list, cJSON_CreateString(key_names[key]));
}

static void add_profile(cJSON *object, const struct check *check, const struct tally *all)
{
    struct learned l = profile_learn(all, &check->policy);
    if (!l.seen) {
        cJSON_AddNullToObject(object, "profile");
        return;
    }
    cJSON *profile = cJSON_AddObjectToObject(object, "profile");
    cJSON *names = cJSON_AddArrayToObject(profile, "names");
    for (size_t i = 0; i < l.names_count; i++) cJSON_AddItemToArray(names, cJSON_CreateString(l.names[i]));
    add_text(profile, "whose", l.whose);
    add_text(profile, "policy", l.policy);
    cJSON_AddBoolToObject(profile, "decided", l.decided);
    add_key_names(profile, "undecided", l.undecided);
    add_key_names(profile, "several", l.several);
}

static void add_bugs(cJSON *object, const struct check *check, const struct subject *s, const struct tally *all)
{
    cJSON *list = cJSON_AddArrayToObject(object, "bugs");
    unsigned bugs = tally_bugs(all, all->alone);
    for (int b = 0; b < BUGS; b++) {
        const struct example *e = &s->example[b];
        if (!(bugs >> b & 1)) continue;
        cJSON *bug = cJSON_CreateObject(), *row;
        cJSON_AddItemToArray(list, bug);
        cJSON_AddStringToObject(bug, "name", bug_names[b]);
        add_number(bug, "alone", (double)all->alone_rows[b]);
        add_number(bug, "ulp", all->alone_ulp[b]);
        add_text(bug, "says", e->says);
        row = cJSON_AddObjectToObject(bug, "smallest");
        cJSON_AddStringToObject(row, "suite", check->suites[e->suite]);
        cJSON_AddStringToObject(row, "format", formats[e->format].name);
        add_repro(row, check, s, e->suite, e->format, e->id);
        add_number(row, "row", (double)e->row);
        add_number(row, "entries", (double)e->entries);
    }
}

static void add_largest(cJSON *object, const struct check *check, const struct subject *s)
{
    static const char *const kinds[] = {"pass", "round"};
    cJSON *largest = cJSON_AddObjectToObject(object, "largest");
    for (int f = 0; f < FORMATS; f++) {
        if (!check->formats[f]) continue;
        cJSON *format = cJSON_AddObjectToObject(largest, formats[f].name);
        for (int round = 0; round < 2; round++) {
            size_t suite = 0;
            const struct tally *t = subject_worst(s, f, round == 1, &suite);
            if (t == NULL) {
                cJSON_AddNullToObject(format, kinds[round]);
                continue;
            }
            cJSON *row = cJSON_AddObjectToObject(format, kinds[round]);
            add_number(row, "ulp", round ? t->worst_round : t->worst);
            cJSON_AddStringToObject(row, "suite", check->suites[suite]);
            add_repro(row, check, s, suite, f, round ? t->worst_round_id : t->worst_id);
        }
    }
}

static void add_outcome(cJSON *object, const struct outcome *o)
{
    bool coded = o->ending == ENDED_WELL || o->ending == ENDED_UNREADABLE || o->ending == ENDED_SKIP ||
                 o->ending == ENDED_EXIT || o->ending == ENDED_SIGNAL;
    cJSON_AddStringToObject(object, "ended", ending_names[o->ending]);
    add_number(object, "code", coded ? (double)o->status : NAN);
    add_text(object, "why", o->why);
    add_number(object, "seconds", round(o->seconds * 1e6) / 1e6);
    add_number(object, "ours", round(o->ours * 1e6) / 1e6);
}

static void add_suite(cJSON *list, const struct check *check, const struct subject *s, size_t i, int f, unsigned known)
{
    const struct tally *t = &s->tally[i][f];
    unsigned shown = tally_bugs(t, known);
    cJSON *suite = cJSON_CreateObject();
    cJSON_AddItemToArray(list, suite);
    cJSON_AddStringToObject(suite, "suite", check->suites[i]);
    cJSON_AddStringToObject(suite, "format", formats[f].name);
    add_rows(suite, t);
    cJSON *bugs = cJSON_AddArrayToObject(suite, "bugs");
    for (int b = 0; b < BUGS; b++)
        if (shown >> b & 1) cJSON_AddItemToArray(bugs, cJSON_CreateString(bug_names[b]));
    add_number(suite, "unexplained", (double)t->unexplained);
    add_number(suite, "ulp", t->rows[PASS] > 0 ? t->worst : NAN);
    add_text(suite, "id", t->worst_id);
    if (t->first_failure[0] != '\0')
        add_repro(cJSON_AddObjectToObject(suite, "first_failure"), check, s, i, f, t->first_failure);
    else
        cJSON_AddNullToObject(suite, "first_failure");
    if (s->outcome != NULL) add_outcome(suite, &s->outcome[i][f]);
}

static void add_subject(cJSON *list, const struct check *check, const struct subject *s)
{
    struct tally all = subject_in_all(s);
    cJSON *subject = cJSON_CreateObject(), *suites;
    cJSON_AddItemToArray(list, subject);
    cJSON_AddStringToObject(subject, "name", s->name);
    cJSON_AddStringToObject(subject, "op", op_names[s->op]);
    add_rows(subject, &all);
    add_text(subject, "stopped", s->outcome ? check->stopped[s->op] : NULL);
    add_profile(subject, check, &all);
    add_bugs(subject, check, s, &all);
    add_largest(subject, check, s);
    suites = cJSON_AddArrayToObject(subject, "suites");
    for (size_t i = 0; i < check->suite_count; i++)
        for (int f = 0; f < FORMATS; f++)
            if (check->formats[f]) add_suite(suites, check, s, i, f, all.alone);
}

void check_json(const struct check *check, int status, FILE *out)
{
    struct tally all = {.worst = 0};
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "maskproof", MASKPROOF_VERSION);
    add_number(document, "line", LINE_VERSION);
    add_text(document, "command", check->command);
    add_text(document, "policy", check->command == NULL ? NULL : check->policy_seen ? "seen" : check->policy_text);
    add_number(document, "max_ulp", check->command ? strtod(check->max_ulp, NULL) : NAN);
    add_typed(document, "seed", check->sampling.seed);
    add_typed(document, "count", check->sampling.count);
    add_typed(document, "rows_per_case", check->sampling.rows);
    add_typed(document, "cols", check->sampling.cols);
    add_number(document, "status", status);
    for (size_t i = 0; i < check->subjects.count; i++) {
        struct tally one = subject_in_all(&check->subjects.subject[i]);
        tally_add(&all, &one);
    }
    add_rows(document, &all);
    add_number(document, "unmet", (double)check->unmet);
    cJSON *subjects = cJSON_AddArrayToObject(document, "subjects");
    for (size_t i = 0; i < check->subjects.count; i++) add_subject(subjects, check, &check->subjects.subject[i]);
    char *text = cJSON_Print(document);
    if (text == NULL) abort();
    fprintf(out, "%s\n", text);
    free(text);
    cJSON_Delete(document);
}
