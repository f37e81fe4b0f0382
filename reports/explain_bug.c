/* explain_bug - the page of a bug: its text, and a row on which some implementation shows it, computed on the spot.
   SPDX-License-Identifier: MIT */
#include "bugs.h"
#include "exhibit.h"
#include "explain.h"
#include "paper.h"
#include "pipeline.h"
#include "shelf.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* "1 0*3" to "1 0 0 0"; with `joined`, masks: "1*3/0" to "111/0". */
static char *expand(const char *text, bool joined)
{
    char *copy = strdup(text), *all = NULL, *next = NULL;
    size_t size;
    FILE *out = open_memstream(&all, &size);
    if (copy == NULL || out == NULL) abort();
    for (char *word = strtok_r(copy, " ", &next); word != NULL; word = strtok_r(NULL, " ", &next)) {
        char *star = strchr(word, '*');
        long times = star ? strtol(star + 1, NULL, 10) : 1;
        if (star) *star = '\0';
        for (; times > 0; times--) fprintf(out, joined ? "%s" : "%s ", word);
    }
    fclose(out);
    free(copy);
    return all;
}

/* What maskproof-case prints for these numbers. */
static char *case_line(const char *format, const char *mask, const char *numbers)
{
    enum { WORDS = 1000 };
    static const char *argv[WORDS];
    char *copy = strdup(numbers), *next = NULL;
    size_t count = 0;
    const char *const head[] = {"maskproof-case", "--slug", "example", "--format", format, "--mask", mask};
    for (; count < sizeof head / sizeof *head; count++) argv[count] = head[count];
    for (char *w = strtok_r(copy, " ", &next); w != NULL && count < WORDS - 1; w = strtok_r(NULL, " ", &next))
        argv[count++] = w;
    argv[count] = NULL;
    struct pipeline p = {.stage = {{.argv = argv}}};
    bool made = pipeline_run(&p);
    free(copy);
    if (made) return p.output;
    pipeline_free(&p);
    return NULL;
}

/* The words of a case line, from the fifth field on. */
static const char *words_in(const char *line)
{
    for (int field = 0; field < 4; field++) line += strcspn(line, " ") + 1;
    return line;
}

static const char *format_of(const struct bug_text *text) { return text->format ? text->format : "f32"; }

/* The example as a case line, and the hand-made result for it (NULL: none); false if the text has no example. */
static bool make_example(const struct bug_text *text, char **line, char **result)
{
    const char *op = text->op ? text->op : "softmax";
    char *mask = expand(text->mask, true), *x = expand(text->x, false);
    char *of_x = case_line(format_of(text), mask, x), *of_dy = NULL, *of_got = NULL;
    if (text->dy) of_dy = case_line(format_of(text), mask, text->dy);
    if (text->got) {
        char *got = expand(text->got, false);
        of_got = case_line(format_of(text), mask, got);
        free(got);
    }
    *line = *result = NULL;
    if (of_x != NULL) {
        size_t room = strlen(of_x) + (of_dy ? strlen(of_dy) : 0) + (of_got ? strlen(of_got) : 0) + 60;
        int id = (int)strcspn(of_x, " ");
        *line = malloc(room);
        *result = malloc(room);
        if (*line == NULL || *result == NULL) abort();
        snprintf(*line, room, "%.*s %s %s %s %.*s%s%s", id, of_x, op, format_of(text), mask,
                 (int)strcspn(words_in(of_x), "\n"), words_in(of_x), of_dy ? " " : "\n", of_dy ? words_in(of_dy) : "");
        if (of_got != NULL) {
            snprintf(*result, room, "%.*s = %.*s", id, of_x, (int)strcspn(words_in(of_got), "\n"), words_in(of_got));
        } else {
            free(*result);
            *result = NULL;
        }
    }
    free(mask);
    free(x);
    free(of_x);
    free(of_dy);
    free(of_got);
    return *line != NULL;
}

/* The command that makes the example's case line. */
static char *example_command(const struct bug_text *text, const char *line)
{
    char *all = NULL;
    size_t size;
    FILE *out = open_memstream(&all, &size);
    if (out == NULL) abort();
    const char *star = strchr(text->x, '*');
    if (text->op != NULL) {
        fprintf(out, "echo %.*s", (int)strcspn(line, "\n"), line);
    } else {
        fputs("maskproof case --slug example", out);
        if (strcmp(format_of(text), "f32") != 0) fprintf(out, " --format %s", format_of(text));
        if (strchr(text->mask, '*') == NULL) fprintf(out, " --mask %s", text->mask);
        if (star)
            fprintf(out, " $(yes %.*s | head -n %s)", (int)(star - text->x), text->x, star + 1);
        else
            fprintf(out, " %s", text->x);
    }
    fclose(out);
    return all;
}

/* --- the implementation that shows it --- */

static int popcount(unsigned set)
{
    int count = 0;
    for (; set != 0; set &= set - 1) count++;
    return count;
}

/* The claims of a format with this bug: those with the fewest other bugs first, for they show it most plainly. */
static size_t claimants(const struct catalogue *c, unsigned bug, int format, const struct claim *list[])
{
    size_t count = 0;
    for (int others = 0; others < BUGS; others++)
        for (size_t i = 0; i < c->subjects.count; i++) {
            const struct claim *claim = c->subjects.subject[i].claim[format];
            if (claim != NULL && claim->bugs & bug && popcount(claim->bugs) == others + 1) list[count++] = claim;
        }
    return count;
}

static bool shows(const struct trial *t, const struct claim *claim, unsigned bug, struct finding *f)
{
    struct judged j = trial_run(t, claim, NULL);
    size_t before = f->answer ? f->entries : (size_t)-1;
    f->subject = claim->impl;
    f->policy = claim->profile;
    f->max_ulp = claim->max_ulp;
    trial_search(t, &j, FAIL, bug, f);
    judged_free(&j);
    return f->answer != NULL && f->entries < before;
}

static bool search_suites(const struct catalogue *c, unsigned bug, int format, const char *op, size_t most,
                          struct finding *f)
{
    const struct claim **list = calloc(c->subjects.count + 1, sizeof *list);
    if (list == NULL) abort();
    size_t count = claimants(c, bug, format, list);
    const struct trial *t = count > 0 ? shelf(c, format, op, most) : NULL;
    for (size_t i = 0; i < count && f->answer == NULL; i++)
        for (size_t s = 0; s < c->suite_count; s++)
            if (t[s].answers != NULL) shows(&t[s], list[i], bug, f);
    free(list);
    return f->answer != NULL;
}

static bool try_example(const struct catalogue *c, unsigned bug, const struct format *format, const char *line,
                        struct finding *f)
{
    const struct claim **list = calloc(c->subjects.count + 1, sizeof *list);
    struct trial t;
    if (list == NULL) abort();
    size_t count = claimants(c, bug, (int)(format - formats), list);
    if (count > 0 && trial_of_cases(&t, format, line)) {
        for (size_t i = 0; i < count && f->answer == NULL; i++) shows(&t, list[i], bug, f);
        trial_free(&t);
    }
    free(list);
    return f->answer != NULL;
}

static bool by_hand(unsigned bug, const struct format *format, const char *line, const char *result, struct finding *f)
{
    struct trial t;
    if (result == NULL || !trial_of_cases(&t, format, line)) return false;
    f->subject = NULL;
    f->policy = "strict-zero";
    f->max_ulp = 1;
    struct judged j = trial_judge(&t, result, f->policy, f->max_ulp);
    trial_search(&t, &j, FAIL, bug, f);
    judged_free(&j);
    trial_free(&t);
    return f->answer != NULL;
}

/* A row on which the bug shows alone: the text's own example if it does there, else the smallest of a suite, else what
   is written by hand.  `source`: the command that makes the example, or NULL. */
static bool find_row(const struct catalogue *c, int b, const struct bug_text *text, struct finding *f, char **source)
{
    static const int order[] = {F32, F16, BF16, F64};
    const struct format *format = format_named(format_of(text));
    char *line = NULL, *result = NULL;
    unsigned bug = 1u << b;
    bool has = make_example(text, &line, &result);
    bool found = has && try_example(c, bug, format, line, f);
    *source = found ? example_command(text, line) : NULL;
    for (int large = 0; large < 2; large++)
        for (int op = 0; op < OPS; op++)
            for (int i = 0; i < FORMATS && !found; i++)
                found = search_suites(c, bug, order[i], op_names[op], large ? EXPLAIN_LARGE : EXPLAIN_SMALL, f);
    if (!found && has) {
        found = by_hand(bug, format, line, result, f);
        *source = found ? example_command(text, line) : NULL;
    }
    free(line);
    free(result);
    return found;
}

/* --- the page --- */

static void print_worked(const struct catalogue *c, int b, const struct bug_text *text)
{
    struct finding f = {.answer = NULL};
    char *source;
    paper_head("Worked example, computed now");
    if (!find_row(c, b, text, &f, &source)) {
        paper_text("No implementation here shows it, and no case of the suites does.");
        return;
    }
    if (f.subject != NULL) {
        const struct subject *impl = subjects_named(&c->subjects, f.subject);
        paper_text("%s is %s", f.subject, impl->claim[F32] ? impl->claim[F32]->formula : "");
    } else {
        paper_text("No implementation here shows it yet; the result is written by hand, the verdict is not.");
    }
    exhibit_print(&f);
    char *right = explain_who_passes(c, &f);
    paper_head("See it again");
    exhibit_again(&f, source);
    paper_head("How to fix it");
    paper_text("%s", text->fix);
    if (strcmp(right, "none") == 0)
        paper_text("No implementation here claims to be right there.");
    else
        paper_text("Right on this case, each by the policy it declares: %s.", right);
    free(right);
    free(source);
    finding_free(&f);
}

/* A suite that has the bug's name tries it too, though the policies of the implementations may forgive it. */
static void print_suites(const struct catalogue *c, int bug)
{
    char names[600] = "", lower[40] = "";
    for (size_t i = 0; bug_names[bug][i] != '\0'; i++) lower[i] = (char)tolower((unsigned char)bug_names[bug][i]);
    for (size_t s = 0; s < c->suite_count; s++)
        if (c->suite[s].hunts >> bug & 1 || strcmp(c->suite[s].name, lower) == 0)
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", names[0] ? ", " : "",
                     c->suite[s].name);
    paper_item(14, "hunted by", "%s", names[0] ? names : "no suite of its own");
}

void explain_bug(const struct catalogue *c, int bug)
{
    const struct bug_text *text = bug_text(bug_names[bug]);
    char title[200];
    snprintf(title, sizeof title, "%s: %s", bug_names[bug], text ? text->what : "a bug that is not described yet");
    paper_title(title);
    putchar('\n');
    if (text != NULL) {
        paper_item(14, "cause", "%s", text->cause);
        paper_item(14, "effect", "%s", text->effect);
        paper_item(14, "signature", "%s", text->signature);
        paper_item(14, "seen", "%s", text->seen);
    }
    char *who = explain_who(c, 1u << bug);
    paper_item(14, "shown by", "%s", who);
    free(who);
    print_suites(c, bug);
    if (text != NULL) print_worked(c, bug, text);
}
