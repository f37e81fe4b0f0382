/* test_explain - every bug, suite and profile has a page with numbers, every implementation a line in the list; and
   the profiles themselves: what they accept, what their names say of a command.
   SPDX-License-Identifier: MIT */
#include "bugs.h"
#include "diagnose.h"
#include "pipe.h"
#include "policy.h"

#include <ctype.h>

/* A page fits 100 columns, holds its name and a number, and no gap where something is due. */
static struct output page_of(const char *topic)
{
    struct output o = run_text("explain", ARGS(topic), "");
    bool number = false;
    cr_assert(o.status == 0, "explain %s: exit code %d, %s", topic, o.status, o.err);
    cr_expect(o.err_length == 0, "explain %s: %s", topic, o.err);
    cr_expect(strstr(o.out, topic) != NULL, "explain %s does not name it", topic);
    for (const char *c = o.out; *c != '\0' && !number; c++)
        number = c[0] == ' ' && isdigit((unsigned char)c[1]) && (c[2] == '.' || isspace((unsigned char)c[2]));
    cr_expect(number, "explain %s holds no number:\n%s", topic, o.out);
    for (const char *line = o.out; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n')
        cr_expect(strcspn(line, "\n") <= 100, "explain %s: %.*s", topic, (int)strcspn(line, "\n"), line);
    static const char *const gaps[] = {"(null)", "  nothing\n",       " -nan",
                                       "1+nan",  "not described yet", "No case of the"};
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++)
        cr_expect(strstr(o.out, gaps[i]) == NULL, "explain %s: %s\n%s", topic, gaps[i], o.out);
    return o;
}

Test(explain, every_bug_is_described)
{
    for (int b = 0; b < BUGS; b++) cr_expect(bug_text(bug_names[b]) != NULL, "%s has no text", bug_names[b]);
    for (const struct bug_text *t = bug_texts; t->name != NULL; t++)
        cr_expect(t->what && t->cause && t->effect && t->signature && t->seen && t->fix && t->mask && t->x, "%s",
                  t->name);
}

/* The judge names it, and nothing else, on the row that is shown. */
Test(explain, every_bug_has_a_worked_example)
{
    for (int b = 0; b < BUGS; b++) {
        char verdict[60];
        struct output o = page_of(bug_names[b]);
        snprintf(verdict, sizeof verdict, "fail, %s;", bug_names[b]);
        /* The sentence is broken between words. */
        for (char *c = strstr(o.out, "  the judge, "); c != NULL && *c != '\0' && strncmp(c, "\n\n", 2) != 0; c++)
            if (*c == '\n') memmove(c + 1, c + 3, strlen(c + 3) + 1), *c = ' ';
        cr_expect(strstr(o.out, verdict) != NULL, "%s\n%s", verdict, o.out);
        const char *point = strstr(o.out, "Worked example");
        while (point != NULL && (point = strchr(point + 1, '.')) != NULL && !isdigit((unsigned char)point[1])) continue;
        cr_expect(point != NULL, "%s: no number with a fraction", bug_names[b]);
        cr_expect(strstr(o.out, "    entry  mask ") != NULL && strstr(o.out, "| maskproof judge a") != NULL, "%s",
                  o.out);
        cr_expect(bug_text(bug_names[b])->op != NULL || strstr(o.out, "Right on this case") != NULL, "%s", o.out);
        output_free(&o);
    }
}

/* The commands that a page prints do show it again. */
Test(explain, the_commands_work)
{
    struct output o = page_of("LEAK");
    cr_assert_not_null(strstr(o.out, "maskproof case --slug example --mask 10110 1.2355"), "%s", o.out);
    struct output cases = run_text(
        "case", ARGS("--slug", "example", "--mask", "10110", "1.2355", "-0.1710", "-0.6606", "-0.2050", "-1.4690"), "");
    cr_expect(strstr(o.out, strtok(cases.out, " ")) != NULL, "the id of the page is that of the case");
    output_free(&o);
    output_free(&cases);
}

Test(explain, some_implementations)
{
    static const char *const impls[] = {"multiply", "mask_as_bias", "where", "keras"};
    for (size_t i = 0; i < sizeof impls / sizeof *impls; i++) {
        struct output o = page_of(impls[i]);
        cr_expect(strstr(o.out, ": pass; largest error") != NULL, "%s", o.out);
        cr_expect(strstr(o.out, "in f16 ") != NULL, "%s", o.out);
        output_free(&o);
    }
    struct output o = run_text("explain", ARGS("multiply"), "");
    cr_expect(strstr(o.out, "fail, LEAK") != NULL && strstr(o.out, "fail, POISON") != NULL, "%s", o.out);
    output_free(&o);
}

/* Those of long rows take seconds each, and their pages are made as the others are. */
static bool is_long(const char *suite)
{
    static const char *const names[] = {"plain", "long", "vocab", "chess", "attention"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(suite, names[i]) == 0) return true;
    return false;
}

Test(explain, every_suite_of_short_rows)
{
    struct output list = run_text("gen", ARGS("--list"), "");
    char *next = NULL;
    for (char *line = strtok_r(list.out, "\n", &next); line != NULL; line = strtok_r(NULL, "\n", &next)) {
        char name[40];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(line, " "), line);
        if (is_long(name)) continue;
        struct output o = page_of(name);
        cr_expect(strstr(o.out, " cases, ") != NULL && strstr(o.out, "    logits ") != NULL, "%s", o.out);
        cr_expect(strstr(o.out, " rows: ") != NULL, "no implementation fails %s:\n%s", name, o.out);
        output_free(&o);
    }
    output_free(&list);
}

Test(explain, every_profile)
{
    for (const struct profile *p = profiles; p->name != NULL; p++) {
        struct output o = page_of(p->name);
        cr_expect(strstr(o.out, p->whose) != NULL, "%s", o.out);
        cr_expect(strstr(o.out, "0.11920292  0  0.8807971") != NULL, "%s", o.out);
        output_free(&o);
    }
}

Test(explain, names_in_capitals_or_not)
{
    struct output suite = run_text("explain", ARGS("batch"), ""), bug = run_text("explain", ARGS("BATCH"), ""),
                  any = run_text("explain", ARGS("Leak"), "");
    cr_expect(strncmp(suite.out, "suite batch", 11) == 0, "%s", suite.out);
    cr_expect(strstr(suite.out, "maskproof explain BATCH") != NULL, "%s", suite.out);
    cr_expect(strncmp(bug.out, "BATCH:", 6) == 0, "%s", bug.out);
    cr_expect(strncmp(any.out, "LEAK:", 5) == 0, "%s", any.out);
    output_free(&suite);
    output_free(&bug);
    output_free(&any);
}

Test(explain, unknown_topics_name_the_nearest)
{
    static const char *const wrong[][2] = {
        {"leek", "LEAK"}, {"wher", "where"}, {"jaxx", "jax"}, {"sentinell", "sentinel"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct output o = run_text("explain", ARGS("LEAK", wrong[i][0]), "");
        cr_expect(o.status == 2 && o.out_length == 0, "exit code %d, %s", o.status, o.out);
        cr_expect(strchr(o.err, '\n') == o.err + o.err_length - 1, "one line: %s", o.err);
        cr_expect(strstr(o.err, wrong[i][1]) != NULL, "%s: %s", wrong[i][0], o.err);
        output_free(&o);
    }
}

Test(explain, the_list_has_everything)
{
    struct output list = run_text("check", ARGS("--list"), ""), topics = run_text("explain", NO_ARGS, ""),
                  claims = run_text("run", ARGS("--claims"), "");
    cr_assert(list.status == 0 && topics.status == 0);
    cr_expect(strncmp(list.out, topics.out, list.out_length) == 0, "both print the same list");
    for (const char *line = list.out; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n')
        cr_expect(strcspn(line, "\n") <= 100, "%.*s", (int)strcspn(line, "\n"), line);
    for (int b = 0; b < BUGS; b++) cr_expect(strstr(list.out, bug_names[b]) != NULL, "%s", bug_names[b]);
    for (const struct profile *p = profiles; p->name != NULL; p++)
        cr_expect(strstr(list.out, p->name) != NULL, "%s", p->name);
    char *next = NULL;
    for (char *line = strtok_r(claims.out, "\n", &next); line != NULL; line = strtok_r(NULL, "\n", &next)) {
        char name[60];
        snprintf(name, sizeof name, "\n  %.*s ", (int)strcspn(line, "\t"), line);
        cr_expect(line[0] == '#' || strstr(list.out, name) != NULL, "%s is not in the list", name);
    }
    output_free(&list);
    output_free(&topics);
    output_free(&claims);
}

/* --- profiles --- */

Test(profile, every_name_is_taken_and_found_again)
{
    for (const struct profile *p = profiles; p->name != NULL; p++) {
        struct policy by_name = policy_default(), by_choices = policy_of(p);
        char error[300];
        cr_assert(policy_apply(&by_name, p->name, error, sizeof error), "%s", error);
        cr_expect(policy_equal(&by_name, &by_choices), "%s", p->name);
        const char *name = policy_name(&by_name);
        struct policy again = policy_default();
        cr_assert(name != NULL && policy_apply(&again, name, error, sizeof error), "%s", p->name);
        cr_expect(policy_equal(&again, &by_name), "%s is called %s", p->name, name);
    }
    struct policy nobody = policy_default();
    char error[300];
    cr_assert(policy_apply(&nobody, "empty=uniform-all,pinf=limit", error, sizeof error));
    cr_expect(policy_name(&nobody) == NULL);
}

Test(profile, the_message_lists_them_all)
{
    struct policy policy = policy_default();
    char error[200];
    cr_assert(!policy_apply(&policy, "numpy", error, sizeof error));
    for (const struct profile *p = profiles; p->name != NULL; p++)
        cr_expect(strstr(error, p->name) != NULL, "%s is not in: %s", p->name, error);
    cr_expect(strstr(error, "found 'numpy'") != NULL, "%s", error);
}

/* The choices by hand, so that a slip in the table shows. */
Test(profile, what_the_libraries_choose)
{
    static const struct {
        const char *name, *choices;
    } table[] = {
        {"jax", "empty=zero,nan=nan,pinf=nan,all-ninf=nan,masked=zero,tiny=kept"},
        {"pytorch", "empty=nan,nan=nan,pinf=nan,all-ninf=nan,masked=nan-rows-all-nan,tiny=kept"},
        {"pytorch-sdpa", "empty=zero,nan=nan,pinf=nan,all-ninf=zero,masked=nan-rows-all-nan"},
        {"onnxruntime", "empty=nan,nan=nan,pinf=nan,all-ninf=nan,masked=nan-rows-all-nan,tiny=ftz"},
        {"onednn", "empty=nan,nan=lane-nan,pinf=lane-nan,all-ninf=nan,masked=nan-rows-all-nan,tiny=ftz"},
        {"scipy", "empty=nan,all-ninf=nan,masked=nan-rows-all-nan,zero-size=error"},
        {"maia2", "empty=error,all-ninf=nan,masked=nan-rows-all-nan"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct policy a = policy_default(), b = policy_default();
        char error[300];
        cr_assert(policy_apply(&a, table[i].name, error, sizeof error), "%s", error);
        cr_assert(policy_apply(&b, table[i].choices, error, sizeof error), "%s", error);
        cr_expect(policy_equal(&a, &b), "%s", table[i].name);
    }
}

/* A command is told whose choices it has made; one that makes none, or two, gets no name and does not pass. */
Test(profile, a_command_learns_its_name)
{
    static const struct {
        const char *impl, *profile, *expected;
        int status;
    } commands[] = {
        {"jax_where", "jax", "profile: as jax (JAX nn.softmax(where=)): --policy all-ninf=nan\n", 0},
        {"where", "pytorch", "profile: as nan, pytorch, scipy: --policy empty=nan,", 0},
        {"safe", "strict-zero", "profile: as strict-zero (maskproof's default): --policy strict-zero\n", 0},
        {"nan_to_zero", "strict-zero", "class nan: undecided, some rows fit no named choice\n", 1},
        {"nan_to_zero", "nan", "profile: no name for it;", 1},
        {"keras", "jax", "class all-ninf: more than one choice is seen\n", 1},
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/maskproof-run", getenv("MASKPROOF_BIN"));
        struct output o = run_text("check",
                                   ARGS("--suite", "empty,poison,edges", "--format", "f32", "--max-ulp", "84",
                                        "--profile", commands[i].profile, "--", path, commands[i].impl),
                                   "");
        cr_expect(o.status == commands[i].status, "%s: exit code %d\n%s", commands[i].impl, o.status, o.out);
        cr_expect(strstr(o.out, commands[i].expected) != NULL, "%s: expected %s in\n%s", commands[i].impl,
                  commands[i].expected, o.out);
        output_free(&o);
    }
}
