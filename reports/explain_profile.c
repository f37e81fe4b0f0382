/* explain_profile - the page of a profile: its choice for each class, whose behaviour it is, and a small batch of rows
   with what it asks of them.
   SPDX-License-Identifier: MIT */
#include "exhibit.h"
#include "explain.h"
#include "paper.h"
#include "pipeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const key_asks[KEYS] = {
    [KEY_EMPTY] = "no valid entry",
    [KEY_NAN] = "a valid NaN",
    [KEY_PINF] = "a valid +inf",
    [KEY_ALL_NINF] = "every valid logit is -inf",
    [KEY_MASKED] = "a masked entry, beside NaN on valid ones",
    [KEY_TINY] = "a result below the smallest normal number",
    [KEY_ZERO_SIZE] = "no rows, or rows of no entries",
};

static const char *const choice_means[CHOICES] = {
    [CHOICE_ZERO] = "exactly +0",
    [CHOICE_NAN] = "NaN on every valid entry",
    [CHOICE_LANE_NAN] = "NaN on those entries alone, +0 on the others",
    [CHOICE_LIMIT] = "the mass shared among the +inf",
    [CHOICE_UNIFORM_ALL] = "1/n on every entry",
    [CHOICE_UNIFORM_VALID] = "1/k on each of the k valid entries",
    [CHOICE_UNMASKED] = "the softmax as if nothing were masked",
    [CHOICE_ERROR] = "refused, with an error",
    [CHOICE_NAN_ROWS_ALL_NAN] = "NaN as well",
    [CHOICE_KEPT] = "kept",
    [CHOICE_FTZ] = "may be 0",
    [CHOICE_SUCCESS] = "nothing written, success",
};

/* Rows of three, one of each class and one with a subnormal probability. */
static const char *const examples[][5] = {
    {"empty", "000", "1", "2", "3"},          {"nan", "110", "1", "nan", "3"}, {"pinf", "110", "1", "inf", "3"},
    {"all-ninf", "110", "-inf", "-inf", "3"}, {"plain", "101", "1", "2", "3"}, {"tiny", "101", "0", "2", "-90"},
};
enum { EXAMPLE_ROWS = sizeof examples / sizeof *examples };

static char *example_cases(void)
{
    char *all = NULL;
    size_t size;
    FILE *out = open_memstream(&all, &size);
    if (out == NULL) abort();
    for (int i = 0; i < EXAMPLE_ROWS; i++) {
        const char *const *e = examples[i];
        struct pipeline p = {
            .stage = {{.argv = ARGV("maskproof-case", "--slug", e[0], "--mask", e[1], e[2], e[3], e[4])}}};
        if (!pipeline_run(&p)) exit(2); /* case has said why */
        fputs(p.output, out);
        pipeline_free(&p);
    }
    fclose(out);
    return all;
}

static void print_due(const struct line *line, const struct policy *policy)
{
    char room[EXHIBIT_ROOM], text[4 * EXHIBIT_ROOM] = "";
    bool tiny = false;
    for (size_t i = 0; i < line->n; i++) {
        uint64_t word = line->answer[i].word;
        bool plain = line->class[0] == CLASS_PLAIN;
        tiny = tiny || (plain && word != 0 && word_value(line->format, word) < ldexp(1, line->format->emin));
        const char *due = plain ? exhibit_decimal(line->format, word, room) : exhibit_due(policy, line, 0, i, room);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i > 0 ? "  " : "", due);
    }
    if (tiny && policy->choice[KEY_TINY] == CHOICE_FTZ)
        snprintf(text + strlen(text), sizeof text - strlen(text), " (or 0)");
    printf("  %s\n", text);
}

static void print_examples(const struct trial *t, const struct policy *policy)
{
    struct line line = {0};
    char *copy = strdup(t->answers), *next = NULL, room[EXHIBIT_ROOM];
    paper_head("Rows, and what it asks of them, in f32");
    printf("  %-10s %-6s %-24s  %s\n", "class", "mask", "logits", "right");
    int i = 0;
    for (char *text = strtok_r(copy, "\n", &next); text != NULL; text = strtok_r(NULL, "\n", &next), i++) {
        char logits[4 * EXHIBIT_ROOM] = "";
        if (i >= EXAMPLE_ROWS || !line_parse_answer(&line, text)) continue;
        for (size_t e = 0; e < line.n; e++)
            snprintf(logits + strlen(logits), sizeof logits - strlen(logits), "%s%s", e > 0 ? "  " : "",
                     exhibit_decimal(line.format, line.x[e], room));
        printf("  %-10s %-6s %-24s", examples[i][0], examples[i][1], logits);
        print_due(&line, policy);
    }
    line_free(&line);
    free(copy);
}

/* Those that claim to be right in f32 and pass the rows by this profile. */
static void print_who(const struct catalogue *c, const struct trial *t, const struct profile *profile)
{
    char names[2000] = "";
    for (size_t i = 0; i < c->subjects.count; i++) {
        const struct claim *claim = c->subjects.subject[i].claim[F32];
        if (claim == NULL || claim->bugs != 0) continue;
        struct judged j = trial_run(t, claim, profile->name);
        if (judged_count(&j, FAIL) == 0 && judged_count(&j, PASS) > 0)
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", names[0] ? ", " : "", claim->impl);
        judged_free(&j);
    }
    paper_text("Run now, these implementations do so, of those that are right: %s.", names[0] ? names : "none");
}

static void print_same(const struct profile *profile, const struct policy *policy)
{
    char names[300] = "";
    for (const struct profile *p = profiles; p->name != NULL; p++) {
        struct policy other = policy_of(p);
        if (p == profile || !policy_equal(policy, &other)) continue;
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", names[0] ? ", " : "", p->name);
    }
    if (names[0] != '\0') paper_item(14, "the same as", "%s", names);
}

static void print_unsaid(void)
{
    paper_head("What no profile can say, and so never passes");
    for (const struct unsaid *u = no_profile; u->whose != NULL; u++) paper_text("%s: %s", u->whose, u->does);
}

void explain_profile(const struct catalogue *c, const struct profile *profile)
{
    struct policy policy = policy_of(profile);
    struct trial t;
    char title[300];
    snprintf(title, sizeof title, "profile %s: %.200s", profile->name, profile->whose);
    paper_title(title);
    putchar('\n');
    paper_item(14, "seen", "%s", profile->seen);
    paper_item(14, "choices", "%s", profile->choices[0] ? profile->choices : "all defaults");
    print_same(profile, &policy);
    paper_head("Its choices; + marks those that are not strict-zero's");
    for (int key = 0; key < KEYS; key++) {
        enum choice choice = policy.choice[key];
        char label[60];
        snprintf(label, sizeof label, "%c %s=%s", choice == key_choices[key][0] ? ' ' : '+', key_names[key],
                 choice_names[choice]);
        bool all = key == KEY_EMPTY && choice == CHOICE_NAN;
        paper_item(26, label, "%s: %s", key_asks[key], all ? "NaN on every entry" : choice_means[choice]);
    }
    char *cases = example_cases();
    if (trial_of_cases(&t, &formats[F32], cases)) {
        print_examples(&t, &policy);
        print_who(c, &t, profile);
        trial_free(&t);
    }
    free(cases);
    print_unsaid();
    paper_head("Commands");
    paper_command("maskproof check --profile %s -- python3 mine.py", profile->name);
    paper_command("maskproof judge answers results --profile %s", profile->name);
}
