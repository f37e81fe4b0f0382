/* check_table - see check.h: the table, what is not as claimed, and what a command was found to do.
   SPDX-License-Identifier: MIT */
#include "check.h"

#include <math.h>
#include <stdarg.h>
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

static void print_repro(const char *suite, int op, const char *format, const char *id, const char *runner)
{
    printf("    maskproof gen %s %s%s%s --id %s | %s\n", suite, format, op == SOFTMAX ? "" : " --op ",
           op == SOFTMAX ? "" : op_names[op], id, runner);
}

/* --- implementations: claims, both ways --- */

static void check_bugs(const struct check *check, const struct subject *s, const struct claim *c, int f)
{
    struct tally all = subject_in_format(s, f);
    char runner[100], bugs[200];
    snprintf(runner, sizeof runner, "maskproof run %s", s->name);
    for (size_t i = 0; i < check->suite_count; i++) {
        const struct tally *t = &s->tally[i][f];
        if (t->unexplained == 0) continue;
        bug_spell(tally_bugs(t, all.alone) & ~c->bugs, bugs);
        complain("%s %s, suite %s: %zu rows fail beyond its claims (%s)\n", s->name, formats[f].name, check->suites[i],
                 t->unexplained, bugs);
        print_repro(check->suites[i], s->op, formats[f].name, t->unexplained_id, runner);
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

/* The named profiles that agree with what was learned of the classes in `known`, into `text`: one with its library. */
static void spell_namesakes(const struct policy *learned, unsigned known, char *text, size_t size)
{
    const struct profile *first = NULL;
    size_t count = 0;
    text[0] = '\0';
    for (const struct profile *p = profiles; p->name != NULL; p++) {
        struct policy policy = policy_of(p);
        bool same = true;
        for (int key = 0; key < KEYS; key++)
            same = same && (!(known >> key & 1) || policy.choice[key] == learned->choice[key]);
        if (!same) continue;
        if (count++ == 0) first = p;
        snprintf(text + strlen(text), size - strlen(text), "%s%s", count > 1 ? ", " : "", p->name);
    }
    if (count == 1) snprintf(text, size, "%s (%s)", first->name, first->whose);
    if (count == 0) snprintf(text, size, "no library in maskproof check --list");
}

/* What is not strict-zero in it, as --policy takes it. */
static void spell_policy(const struct policy *learned, char *text, size_t size)
{
    snprintf(text, size, "strict-zero");
    for (int key = 0; key < KEYS; key++) {
        if (learned->choice[key] == key_choices[key][0]) continue;
        bool first = strcmp(text, "strict-zero") == 0;
        if (first) text[0] = '\0';
        snprintf(text + strlen(text), size - strlen(text), "%s%s=%s", first ? "" : ",", key_names[key],
                 choice_names[learned->choice[key]]);
    }
}

/* A class that shows no choice, or several, is said to, and gives no name: no policy would pass it. */
static void print_profile(const struct check *check, const struct tally *all)
{
    char policy[300], names[300];
    struct policy learned = policy_default();
    unsigned known = 1u << KEY_TINY;
    bool decided = true;
    for (int key = 0; key <= KEY_MASKED; key++) {
        unsigned seen = all->choices[key];
        bool several = seen & (seen - 1);
        if (all->undecided[key]) printf("class %s: undecided, some rows fit no named choice\n", key_names[key]);
        if (several) printf("class %s: more than one choice is seen\n", key_names[key]);
        decided = decided && !several && !all->undecided[key];
        if (seen == 0 || several || all->undecided[key]) continue;
        int c = 0;
        while (!(seen >> c & 1)) c++;
        learned.choice[key] = (enum choice)c;
        known |= 1u << key | (key != KEY_EMPTY ? 1u << KEY_MASKED : 0);
    }
    if (check->policy.choice[KEY_TINY] == CHOICE_FTZ || all->alone & BUG_FLUSH) learned.choice[KEY_TINY] = CHOICE_FTZ;
    spell_policy(&learned, policy, sizeof policy);
    spell_namesakes(&learned, known, names, sizeof names);
    if (decided && known == 1u << KEY_TINY)
        puts("profile: not seen, for no row without a distribution was judged");
    else if (decided)
        printf("profile: as %s: --policy %s\n", names, policy);
    else
        printf("profile: no name for it; of the classes that are decided: --policy %s\n", policy);
}

static void print_failures(const struct check *check, const struct subject *s)
{
    for (size_t i = 0; i < check->suite_count; i++)
        for (int f = 0; f < FORMATS; f++) {
            const struct tally *t = &s->tally[i][f];
            if (t->rows[FAIL] == 0 && t->rows[VOID] == 0 && t->unexplained == 0) continue;
            complain("%s %s: %zu of %zu rows fail\n", check->suites[i], formats[f].name, t->rows[FAIL],
                     t->rows[FAIL] + t->rows[PASS]);
            if (t->first_failure[0] != '\0')
                print_repro(check->suites[i], s->op, formats[f].name, t->first_failure, check->command);
        }
    for (int b = 0; b < BUGS; b++)
        if (s->said[b] != NULL) printf("%s\n", s->said[b]);
}

/* --- both --- */

static void print_row(const struct check *check, const struct subject *s, size_t from, size_t to)
{
    struct tally all = subject_in_all(s);
    char text[40];
    print_cell(PLAIN_TEXT, 18, s->name);
    for (size_t i = from; i < to; i++) {
        struct tally t = subject_in_suite(s, i);
        bool explained = check->command == NULL && t.unexplained == 0;
        spell_standing(&t, all.alone, text);
        print_cell(t.rows[FAIL] == 0 ? GOOD : explained ? BUG : BAD, 11, text);
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

size_t check_print(const struct check *check)
{
    size_t rows = 0;
    colour = isatty(STDOUT_FILENO);
    for (int op = 0; op < OPS; op++) print_matrix(check, op);
    for (size_t i = 0; i < check->subjects.count; i++) {
        struct tally all = subject_in_all(&check->subjects.subject[i]);
        for (int status = 0; status < 4; status++) rows += all.rows[status];
    }
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
    if (unmet > 0)
        printf("%zu rows judged; %zu %s\n", rows, unmet, check->command ? "suites fail" : "claims are not met");
    else
        printf("%zu rows judged; %s\n", rows, check->command ? "all pass" : "every claim is met, good and bad");
    return unmet;
}
