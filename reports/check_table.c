/* check_table - see check.h: the table, what is not as claimed, and what a command was found to do.
   SPDX-License-Identifier: MIT */
#include "check.h"
#include "profile.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool colour;
static size_t unmet;

enum paint { PLAIN_TEXT, GOOD, BUG, BAD };

/* `text` left-aligned in `width`; blue and orange stay apart for the colour-blind. */
static void print_cell(enum paint paint, int width, const char *text)
{
    static const char *const codes[] = {"", "\033[34m", "\033[33m", "\033[1;31m"};
    if (colour && paint != PLAIN_TEXT)
        printf("%s%-*s\033[0m", codes[paint], width, text);
    else
        printf("%-*s", width, text);
}

__attribute__((format(printf, 1, 2))) static void complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    unmet++;
}

static void print_repro(const struct check *check, const char *suite, const struct subject *s, int f, const char *id)
{
    char implementation[100];
    snprintf(implementation, sizeof implementation, "maskproof run %s", s->name);
    char *text = repro_case(&check->sampling, suite, s->op, formats[f].name, id,
                            check->command != NULL ? check->command : implementation);
    printf("    %s\n", text);
    free(text);
}

/* --- implementations: claims, both ways --- */

static void check_bugs(const struct check *check, const struct subject *s, const struct claim *c, int f)
{
    struct tally all = subject_in_format(s, f);
    char bugs[200];
    for (size_t i = 0; i < check->suite_count; i++) {
        const struct tally *t = &s->tally[i][f];
        if (t->unexplained == 0) continue;
        bug_spell(tally_bugs(t, all.alone) & ~c->bugs, bugs);
        complain("%s %s, suite %s: %zu rows fail beyond its claims (%s)\n", s->name, formats[f].name, check->suites[i],
                 t->unexplained, bugs);
        print_repro(check, check->suites[i], s, f, t->unexplained_id);
    }
    for (int b = 0; b < BUGS && check->whole; b++)
        if (c->bugs >> b & 1 && !(all.only_claimed >> b & 1))
            complain("%s %s: claims %s, and no row shows it\n", s->name, formats[f].name, bug_names[b]);
}

/* A policy that is declared must show: some row of the class must look so. */
static void check_policy(const struct check *check, const struct subject *s, const struct claim *c, int f)
{
    struct tally all = subject_in_format(s, f);
    for (int key = 0; key <= KEY_MASKED && check->whole; key++) {
        enum choice declared = c->policy.choice[key];
        if (declared == key_choices[key][0] || all.choices[key] >> declared & 1) continue;
        complain("%s %s: declares %s=%s, and no row shows it\n", s->name, formats[f].name, key_names[key],
                 choice_names[declared]);
    }
}

static void check_error(const struct subject *s, const struct claim *c, int f, bool whole)
{
    if (!whole || c->bugs != 0) return;
    if (c->witness == NULL)
        complain("%s %s: claims %g ulp without a witness\n", s->name, formats[f].name, c->max_ulp);
    else if (!(s->witness[f] >= 0.8 * c->max_ulp && s->witness[f] <= c->max_ulp))
        complain(
            "%s %s: claims %g ulp, its witness has %g (80 %% is asked for)\n    echo 'w %s' > w; maskproof truth w "
            "> a; maskproof run %s w | maskproof judge a\n",
            s->name, formats[f].name, c->max_ulp, s->witness[f], c->witness, s->name);
}

/* --- a command --- */

static void print_profile(const struct check *check, const struct tally *all)
{
    struct learned l = profile_learn(all, &check->policy);
    for (int key = 0; key <= KEY_MASKED; key++) {
        if (l.undecided[key]) printf("class %s: undecided, some rows fit no named choice\n", key_names[key]);
        if (l.several[key]) printf("class %s: more than one choice is seen\n", key_names[key]);
    }
    if (!l.seen) puts("profile: not seen, for no row without a distribution was judged");
    if (l.seen && !l.decided)
        printf("profile: no name for it; of the classes that are decided: --policy %s\n", l.policy);
    if (!l.seen || !l.decided) return;
    printf("profile: as ");
    for (size_t i = 0; i < l.names_count; i++) printf("%s%s", i > 0 ? ", " : "", l.names[i]);
    if (l.names_count == 1) printf(" (%s)", l.whose);
    if (l.names_count == 0) printf("no library in maskproof check --list");
    printf(": --policy %s\n", l.policy);
}

static void print_failures(const struct check *check, const struct subject *s)
{
    for (size_t i = 0; i < check->suite_count; i++)
        for (int f = 0; f < FORMATS; f++) {
            const struct tally *t = &s->tally[i][f];
            const struct outcome *o = &s->outcome[i][f];
            if (t->rows[FAIL] == 0 && t->rows[VOID] == 0 && !ending_is_bad(o->ending)) continue;
            complain("%s %s: %zu of %zu rows fail", check->suites[i], formats[f].name, t->rows[FAIL],
                     t->rows[FAIL] + t->rows[PASS]);
            if (t->rows[VOID] > 0) printf(", %zu void", t->rows[VOID]);
            printf("%s%s\n", o->why ? "; the command: " : "", o->why ? o->why : "");
            if (t->first_failure[0] != '\0') print_repro(check, check->suites[i], s, f, t->first_failure);
        }
    if (check->stopped[s->op] != NULL) printf("%s: %s\n", s->name, check->stopped[s->op]);
    for (int b = 0; b < BUGS; b++)
        if (s->example[b].says != NULL) printf("%s\n", s->example[b].says);
}

/* The rows with the largest errors, those that pass too: where the arithmetic is worst. */
static void print_worst(const struct check *check, const struct subject *s)
{
    for (int round = 0; round < 2; round++)
        for (int f = 0; f < FORMATS; f++) {
            size_t suite = 0;
            const struct tally *t = subject_worst(s, f, round == 1, &suite);
            if (t == NULL) continue;
            printf("largest error in %s: %.6g ulp %s\n", formats[f].name, round ? t->worst_round : t->worst,
                   round ? "fails, and shows nothing but ROUND" : "passes");
            print_repro(check, check->suites[suite], s, f, round ? t->worst_round_id : t->worst_id);
        }
}

/* --- both --- */

/* How a command ended in the formats of a suite: the first bad end; else not asked, if it was not in all. */
static enum ending suite_ending(const struct check *check, const struct subject *s, size_t suite)
{
    enum ending ending = ENDED_WELL;
    for (int f = 0; f < FORMATS && s->outcome != NULL && !ending_is_bad(ending); f++) {
        enum ending one = s->outcome[suite][f].ending;
        if (check->formats[f] && (ending_is_bad(one) || one == ENDED_NOT_ASKED)) ending = one;
    }
    return ending;
}

static void print_row(const struct check *check, const struct subject *s, size_t from, size_t to)
{
    struct tally all = subject_in_all(s);
    char text[40];
    print_cell(PLAIN_TEXT, 18, s->name);
    for (size_t i = from; i < to; i++) {
        struct tally t = subject_in_suite(s, i);
        bool explained = check->command == NULL && t.unexplained == 0;
        enum ending ending = suite_ending(check, s, i);
        spell_standing(&t, all.alone, text);
        if (ending_is_bad(ending) || (ending == ENDED_NOT_ASKED && t.rows[FAIL] == 0))
            snprintf(text, sizeof text, "%s", ending_labels[ending]);
        print_cell(t.rows[FAIL] == 0 && !ending_is_bad(ending) ? GOOD : explained ? BUG : BAD, 11, text);
    }
    putchar('\n');
}

/* The suites side by side, as many at a time as fit into 100 columns; the subjects of one operation. */
static void print_matrix(const struct check *check, int op)
{
    enum { ABREAST = 7 };
    size_t subjects = 0;
    for (size_t i = 0; i < check->subjects.count; i++) subjects += check->subjects.subject[i].op == op;
    if (subjects == 0) return;
    for (size_t from = 0; from < check->suite_count; from += ABREAST) {
        size_t to = from + ABREAST < check->suite_count ? from + ABREAST : check->suite_count;
        print_cell(PLAIN_TEXT, 18, op_names[op]);
        for (size_t i = from; i < to; i++) print_cell(PLAIN_TEXT, 11, check->suites[i]);
        putchar('\n');
        for (size_t i = 0; i < check->subjects.count; i++)
            if (check->subjects.subject[i].op == op) print_row(check, &check->subjects.subject[i], from, to);
        putchar('\n');
    }
}

static void print_error_row(const struct check *check, const struct subject *s)
{
    char text[60];
    print_cell(PLAIN_TEXT, 18, s->name);
    for (int f = 0; f < FORMATS; f++) {
        struct tally t = subject_in_format(s, f);
        if (!check->formats[f]) continue;
        if (s->claim[f] != NULL)
            snprintf(text, sizeof text, "%.4g of %g", t.worst, s->claim[f]->max_ulp);
        else
            snprintf(text, sizeof text, "%.4g", t.worst);
        print_cell(PLAIN_TEXT, 18, t.rows[PASS] > 0 ? text : "-");
    }
    putchar('\n');
}

/* How much was judged, and the sum of it; what is skipped is no row judged. */
static void print_sum(const struct check *check)
{
    size_t rows = 0, pairs = 0, not_asked = 0;
    for (size_t i = 0; i < check->subjects.count; i++) {
        const struct subject *s = &check->subjects.subject[i];
        struct tally all = subject_in_all(s);
        rows += all.rows[PASS] + all.rows[FAIL] + all.rows[VOID];
        for (size_t suite = 0; suite < check->suite_count && s->outcome != NULL; suite++)
            for (int f = 0; f < FORMATS; f++) {
                pairs += check->formats[f];
                not_asked += check->formats[f] && s->outcome[suite][f].ending == ENDED_NOT_ASKED;
            }
    }
    char asked[60] = "";
    if (not_asked > 0) snprintf(asked, sizeof asked, ", %zu are not asked", not_asked);
    printf("%zu rows judged; ", rows);
    if (unmet > 0 && check->command == NULL)
        printf("%zu claims are not met\n", unmet);
    else if (unmet > 0)
        printf("%zu of %zu suites and formats fail%s\n", unmet, pairs, asked);
    else if (rows == 0)
        puts("nothing is offered");
    else
        puts(check->command ? "all pass" : "every claim is met, good and bad");
}

size_t check_print(struct check *check)
{
    colour = isatty(STDOUT_FILENO);
    for (int op = 0; op < OPS; op++) print_matrix(check, op);
    printf("largest error of the rows that pass, in ulps%s\n", check->command ? "" : ", of what is claimed");
    print_cell(PLAIN_TEXT, 18, "");
    for (int f = 0; f < FORMATS; f++)
        if (check->formats[f]) print_cell(PLAIN_TEXT, 18, formats[f].name);
    putchar('\n');
    for (size_t i = 0; i < check->subjects.count; i++) print_error_row(check, &check->subjects.subject[i]);
    putchar('\n');
    for (size_t i = 0; i < check->subjects.count; i++) {
        const struct subject *s = &check->subjects.subject[i];
        struct tally all = subject_in_all(s);
        if (check->command != NULL) {
            print_failures(check, s);
            print_worst(check, s);
            print_profile(check, &all);
            continue;
        }
        for (int f = 0; f < FORMATS; f++) {
            if (!check->formats[f]) continue;
            check_bugs(check, s, s->claim[f], f);
            check_policy(check, s, s->claim[f], f);
            check_error(s, s->claim[f], f, check->whole);
        }
    }
    print_sum(check);
    check->unmet = unmet;
    return unmet;
}
