/* explain_impl - the page of an implementation: what it claims, a row it gets right, and a row for each of its bugs.
   SPDX-License-Identifier: MIT */
#include "bugs.h"
#include "exhibit.h"
#include "explain.h"
#include "paper.h"
#include "shelf.h"

#include <stdlib.h>
#include <string.h>

enum { ENOUGH = 3 }; /* entries: a case so small that no smaller one is looked for */

/* Look through the suites for the smallest case with that status, and `bugs` alone; at first through the small ones. */
static bool find_case(const struct catalogue *c, const struct claim *claim, int status, unsigned bugs,
                      struct finding *f)
{
    const char *op = explain_op(claim);
    *f = (struct finding){.subject = claim->impl, .policy = claim->profile, .max_ulp = claim->max_ulp};
    for (int large = 0; large < 2 && f->answer == NULL; large++) {
        const struct trial *t = shelf(c, (int)(claim->format - formats), op, large ? EXPLAIN_LARGE : EXPLAIN_SMALL);
        for (size_t s = 0; s < c->suite_count && !(f->answer != NULL && f->entries <= ENOUGH); s++) {
            if (t[s].answers == NULL) continue;
            struct judged j = trial_run(&t[s], claim, NULL);
            trial_search(&t[s], &j, status, bugs, f);
            judged_free(&j);
        }
    }
    return f->answer != NULL;
}

static void print_row(const struct catalogue *c, const struct claim *claim, int status, unsigned bugs)
{
    struct finding f;
    if (find_case(c, claim, status, bugs, &f)) {
        exhibit_print(&f);
        exhibit_again(&f, NULL);
    } else {
        paper_text("No case of the suites shows it alone.");
    }
    finding_free(&f);
}

/* The case that comes near the claimed error. */
static void print_witness(const struct claim *claim)
{
    struct trial t;
    char line[2000], source[2100];
    struct finding f = {.subject = claim->impl, .policy = claim->profile, .max_ulp = claim->max_ulp};
    snprintf(line, sizeof line, "witness %.1900s\n", claim->witness);
    snprintf(source, sizeof source, "echo witness %.1900s", claim->witness);
    if (!trial_of_cases(&t, claim->format, line)) return;
    struct judged j = trial_run(&t, claim, NULL);
    f.witness = true;
    trial_search(&t, &j, PASS, 0, &f);
    paper_head("Its largest error known, which its claim leaves room for");
    if (f.answer != NULL) {
        exhibit_print(&f);
        exhibit_again(&f, source);
    }
    finding_free(&f);
    judged_free(&j);
    trial_free(&t);
}

static const struct claim *first_claim(const struct subject *impl, unsigned bug)
{
    static const int order[] = {F32, F16, BF16, F64};
    for (int i = 0; i < FORMATS; i++) {
        const struct claim *claim = impl->claim[order[i]];
        if (claim != NULL && (bug == 0 || claim->bugs & bug)) return claim;
    }
    return NULL;
}

static void print_claims(const struct subject *impl)
{
    for (int f = 0; f < FORMATS; f++) {
        const struct claim *claim = impl->claim[f];
        char bugs[200], label[20];
        if (claim == NULL) continue;
        catalogue_spell(claim->bugs, bugs);
        const char *name = policy_name(&claim->policy);
        snprintf(label, sizeof label, "in %s", formats[f].name);
        bool other = name != NULL && strcmp(name, claim->profile) != 0;
        paper_item(10, label, "%s%s%s at most %g ulp; policy %s%s%s%s", claim->bugs ? "WRONG: " : "right,",
                   claim->bugs ? bugs : "", claim->bugs ? "; else" : "", claim->max_ulp, claim->profile,
                   other ? " (as " : "", other ? name : "", other ? ")" : "");
    }
}

static void print_bug(const struct catalogue *c, const struct subject *impl, int b)
{
    const struct bug_text *text = bug_text(bug_names[b]);
    char head[200], in[60];
    catalogue_formats(impl, 1u << b, in);
    snprintf(head, sizeof head, "%s (%s): %s", bug_names[b], in, text ? text->what : "");
    paper_head(head);
    print_row(c, first_claim(impl, 1u << b), FAIL, 1u << b);
    if (text != NULL) paper_item(10, "fix", "%s", text->fix);
}

void explain_impl(const struct catalogue *c, const struct subject *impl)
{
    const struct claim *claim = first_claim(impl, 0);
    char title[300];
    snprintf(title, sizeof title, "%s: %.200s", impl->name, claim->formula);
    paper_title(title);
    putchar('\n');
    paper_item(10, "seen", "%s", claim->seen);
    print_claims(impl);
    paper_head("A row it gets right");
    print_row(c, claim, PASS, 0);
    unsigned bugs = claimed_bugs(impl);
    for (int b = 0; b < BUGS; b++)
        if (bugs >> b & 1) print_bug(c, impl, b);
    if (bugs != 0) {
        char *right = explain_who(c, 0);
        paper_head("Right ones to read instead");
        paper_text("%s", right);
        free(right);
    } else if (claim->witness != NULL) {
        print_witness(claim);
    }
    paper_head("All of it");
    paper_command("maskproof check %s", impl->name);
}
