/* catalogue - see catalogue.h.
   SPDX-License-Identifier: MIT */
#include "catalogue.h"
#include "bugs.h"
#include "paper.h"
#include "pipeline.h"

#include <stdlib.h>
#include <string.h>

_Noreturn static void stop(const char *why)
{
    fprintf(stderr, "maskproof: %s\n", why);
    exit(2);
}

static char *output_of(const char *const *argv)
{
    struct pipeline p = {.stage = {{.argv = argv}}};
    if (!pipeline_run(&p)) stop(p.error);
    return p.output;
}

void catalogue_read(struct catalogue *c)
{
    *c = (struct catalogue){.suite_count = 0};
    char *text = output_of(ARGV("maskproof-run", "--claims"));
    if (!claims_parse(&c->claims, text)) stop("cannot read what maskproof run --claims printed");
    free(text);
    subjects_from_claims(&c->subjects, &c->claims);
    text = output_of(ARGV("maskproof-gen", "--list"));
    c->suite_count = suites_parse(c->suite, text);
    free(text);
}

void catalogue_free(struct catalogue *c)
{
    suites_free(c->suite, c->suite_count);
    free(c->subjects.subject);
    claims_free(&c->claims);
}

void catalogue_spell(unsigned bugs, char *text)
{
    bug_spell(bugs, text);
    for (char *c = text; *c != '\0'; c++)
        if (*c == '|') *c = ' ';
}

void catalogue_formats(const struct subject *impl, unsigned bug, char *text)
{
    int count = 0;
    text[0] = '\0';
    for (int f = 0; f < FORMATS; f++) {
        const struct claim *c = impl->claim[f];
        if (c == NULL || (bug ? !(c->bugs & bug) : c->bugs != 0)) continue;
        sprintf(text + strlen(text), "%s%s", count++ > 0 ? " " : "", formats[f].name);
    }
    if (count == FORMATS) strcpy(text, "all formats");
}

static void print_impl(const struct subject *impl)
{
    char bugs[200], formats_right[60], standing[300];
    unsigned set = claimed_bugs(impl);
    catalogue_spell(set, bugs);
    catalogue_formats(impl, 0, formats_right);
    if (set == 0)
        snprintf(standing, sizeof standing, "right, at most %g ulp in f32",
                 impl->claim[F32] ? impl->claim[F32]->max_ulp : any_claim(impl)->max_ulp);
    else
        snprintf(standing, sizeof standing, "WRONG: %s%s%s%s", bugs, formats_right[0] ? " (right in " : "",
                 formats_right, formats_right[0] ? ")" : "");
    paper_item(19, impl->name, "%s", any_claim(impl)->formula);
    paper_item(19, "", "%s", standing);
}

void catalogue_print(const struct catalogue *c)
{
    paper_title("IMPLEMENTATIONS: formula, and what each claims");
    for (size_t i = 0; i < c->subjects.count; i++) print_impl(&c->subjects.subject[i]);
    paper_head("SUITES: what they hunt");
    for (size_t i = 0; i < c->suite_count; i++) {
        char bugs[200];
        catalogue_spell(c->suite[i].hunts, bugs);
        paper_item(19, c->suite[i].name, "%s: %s", bugs, c->suite[i].about);
    }
    paper_head("BUGS");
    for (int b = 0; b < BUGS; b++) {
        const struct bug_text *text = bug_text(bug_names[b]);
        paper_item(19, bug_names[b], "%s", text ? text->what : "not described yet");
    }
    paper_head("PROFILES: what a row without a distribution gives, for --profile");
    for (const struct profile *p = profiles; p->name != NULL; p++)
        paper_item(19, p->name, "%s%s%s", p->whose, p->choices[0] ? ": " : "", p->choices);
}
