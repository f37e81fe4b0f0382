/* test_claims - every implementation is held to what its file says, both ways, over all suites and formats, with and
   without FMA; and `check` is shown to bite: a claim bent in any direction, or another's code behind a name, fails.
   SPDX-License-Identifier: MIT */
#include "bent.h"

#include <stdbool.h>

/* All of it, as a user runs it; the table is the message. */
static void expect_all_claims_met(const char *verdicts)
{
    struct output o = run_text("check", ARGS("--verdicts", verdicts), "");
    cr_assert(o.status == 0, "maskproof check: exit code %d\n%s%s", o.status, o.out, o.err);
    cr_assert_not_null(strstr(o.out, "every claim is met, good and bad"), "%s", o.out);
    output_free(&o);
}

/* " SUITE:BUG" for each suite and each bug that a failed row of it shows alone. */
static char *shown_alone(const char *path)
{
    char *shown = calloc(1 << 16, 1), *text = NULL;
    size_t capacity = 0;
    FILE *verdicts = fopen(path, "r");
    cr_assert(shown != NULL && verdicts != NULL);
    while (getline(&text, &capacity, verdicts) > 0) {
        char suite[40], status[8], bugs[200], pair[300];
        cr_assert(sscanf(text, "%*s %39s %*s %*s %*s %*s %7s %199s", suite, status, bugs) == 3, "%s", text);
        if (strcmp(status, "fail") != 0 || strchr(bugs, '|') != NULL) continue;
        snprintf(pair, sizeof pair, " %s:%s ", suite, bugs);
        if (strstr(shown, pair) == NULL) strcat(shown, pair);
    }
    free(text);
    fclose(verdicts);
    return shown;
}

/* A suite proves nothing that no known-bad implementation fails: each bug it says it hunts is shown there, alone. */
static void expect_suites_failed(const char *verdicts)
{
    struct output list = run_text("gen", ARGS("--list"), "");
    char *shown = shown_alone(verdicts);
    cr_assert(list.status == 0, "%s", list.err);
    for (char *line = strtok(list.out, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char suite[40], bugs[4][40], pair[100];
        int found = sscanf(line, "%39s %39s %39s %39s %39s", suite, bugs[0], bugs[1], bugs[2], bugs[3]) - 1;
        cr_expect(found > 0, "%s", line);
        for (int b = 0; b < found && strspn(bugs[b], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(bugs[b]); b++) {
            snprintf(pair, sizeof pair, " %s:%s ", suite, bugs[b]);
            cr_expect(strstr(shown, pair), "suite %s hunts %s, and no implementation shows it there", suite, bugs[b]);
        }
    }
    free(shown);
    output_free(&list);
}

Test(claims, are_met_and_suites_failed)
{
    char *verdicts = scratch_text("");
    expect_all_claims_met(verdicts);
    expect_suites_failed(verdicts);
    scratch_remove(verdicts);
}

Test(claims, are_met_without_fma) /* glibc's exp takes another path, with other last bits */
{
    char *verdicts = scratch_text("");
    setenv("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX512F", 1);
    expect_all_claims_met(verdicts);
    scratch_remove(verdicts);
}

/* --- check bites: a claim bent, or another's code behind a name --- */

static void expect_bite(const char *impl, const char *claims, const char *run, const char *expected)
{
    expect_bitten(ARGS(impl), claims, run, expected);
}

Test(check, bites_when_a_bug_is_not_claimed)
{
    expect_bite("multiply", "sed 's/LEAK POISON/POISON/'", SAME_RUN, "rows fail beyond its claims (LEAK");
}

Test(check, bites_when_a_claimed_bug_does_not_show)
{
    expect_bite("multiply", "sed 's/LEAK POISON/LEAK POISON BATCH/'", SAME_RUN, "claims BATCH, and no row shows it");
    expect_bite("multiply", "cat", "shift; exec \"$real\" where \"$@\"", "claims LEAK, and no row shows it");
}

Test(check, bites_when_the_error_is_larger_than_claimed)
{
    expect_bite("where", "awk -F'\\t' -v OFS='\\t' '$1 == \"where\" && $2 == \"f32\" { $3 = 40 } 1'", SAME_RUN,
                "where f32, suite plain: ");
}

Test(check, bites_when_the_witness_does_not_reach_the_claim)
{
    expect_bite("where", "awk -F'\\t' -v OFS='\\t' '$1 == \"where\" && $2 == \"f32\" { $3 = 100 } 1'", SAME_RUN,
                "claims 100 ulp, its witness has");
}

Test(check, bites_when_a_right_one_has_no_witness)
{
    expect_bite("where", "awk -F'\\t' -v OFS='\\t' '{ $6 = \"-\" } 1'", SAME_RUN, "without a witness");
}

Test(check, bites_when_a_policy_is_not_declared)
{
    expect_bite("where", "awk -F'\\t' -v OFS='\\t' '$1 == \"where\" { $5 = \"strict-zero\" } 1'", SAME_RUN, "EMPTY");
}

Test(check, bites_when_a_declared_policy_does_not_show)
{
    expect_bite("where", "cat", "shift; exec \"$real\" safe \"$@\"", "declares empty=nan, and no row shows it");
}

Test(check, bites_when_the_shift_is_lost)
{
    expect_bite("where", "cat", "shift; exec \"$real\" unshifted \"$@\"", "OVERFLOW");
}

/* --- somebody's command --- */

Test(command, is_judged_by_what_it_does)
{
    const char *bin = getenv("MASKPROOF_BIN");
    char run[4200];
    snprintf(run, sizeof run, "%s/maskproof-run", bin);
    static const struct {
        const char *impl, *policy, *expected;
        int status;
    } commands[] = {
        {"safe", "strict-zero", "all pass", 0},
        {"where", "strict-zero", "--policy empty=nan,all-ninf=nan,masked=nan-rows-all-nan", 1},
        {"where", "nan", "all pass", 0},
        {"multiply", "strict-zero", "LEAK", 1},
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        struct output o =
            run_text("check",
                     ARGS("--suite", "article,edges,empty,huge,plain,poison", "--format", "f32,f16", "--max-ulp", "100",
                          "--policy", commands[i].policy, "--", run, commands[i].impl),
                     "");
        cr_expect(o.status == commands[i].status, "%s: exit code %d\n%s%s", commands[i].impl, o.status, o.out, o.err);
        cr_expect(strstr(o.out, commands[i].expected) != NULL, "%s: expected '%s' in\n%s", commands[i].impl,
                  commands[i].expected, o.out);
        output_free(&o);
    }
}
