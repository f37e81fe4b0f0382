/* check_junit - see check.h: what a command did, as JUnit XML (the schema that Jenkins, GitLab and GitHub's actions
   read: testsuites, testsuite, testcase, failure, error, skipped).  A failure is rows that fail; an error, an end that
   is no end: a timeout, a crash, output that cannot be read; skipped: not offered, or not asked any more.
   SPDX-License-Identifier: MIT */
#include "check.h"
#include "clean.h"

#include <stdlib.h>
#include <string.h>

static void write_escaped(FILE *out, const char *text)
{
    char *clean = clean_text(text);
    for (const char *c = clean; *c != '\0'; c++) switch (*c) {
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '&': fputs("&amp;", out); break;
        case '"': fputs("&quot;", out); break;
        case '\r': fputs("&#13;", out); break;
        default: putc(*c, out);
        }
    free(clean);
}

enum mark { PASSED, FAILED, ERROR, SKIPPED, MARKS };

static enum mark mark_of(const struct subject *s, size_t suite, int f)
{
    const struct tally *t = &s->tally[suite][f];
    enum ending ending = s->outcome[suite][f].ending;
    if (ending_is_bad(ending)) return ERROR;
    if (t->rows[FAIL] + t->rows[VOID] > 0) return FAILED;
    return t->rows[PASS] > 0 ? PASSED : SKIPPED;
}

struct totals {
    size_t marks[MARKS];
    double seconds;
};

static struct totals totals_of(const struct check *check, const struct subject *s, int f)
{
    struct totals sum = {.seconds = 0};
    for (size_t i = 0; i < check->suite_count; i++) {
        sum.marks[mark_of(s, i, f)]++;
        sum.seconds += s->outcome[i][f].seconds;
    }
    return sum;
}

static void write_totals(FILE *out, const struct totals *t)
{
    fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\">\n",
            t->marks[PASSED] + t->marks[FAILED] + t->marks[ERROR] + t->marks[SKIPPED], t->marks[FAILED],
            t->marks[ERROR], t->marks[SKIPPED], t->seconds);
}

/* "LEAK, STARVE: 8 of 9 rows fail; the command: exit code 3" */
static void write_message(const struct subject *s, size_t suite, int f, unsigned known, FILE *out)
{
    const struct tally *t = &s->tally[suite][f];
    const char *why = s->outcome[suite][f].why;
    unsigned bugs = tally_bugs(t, known), written = 0;
    for (int b = 0; b < BUGS; b++)
        if (bugs >> b & 1) fprintf(out, "%s%s", written++ > 0 ? ", " : "", bug_names[b]);
    fprintf(out, "%s%zu of %zu rows fail", written > 0 ? ": " : "", t->rows[FAIL], t->rows[FAIL] + t->rows[PASS]);
    if (t->rows[VOID] > 0) fprintf(out, ", %zu void", t->rows[VOID]);
    if (why != NULL) fputs("; the command: ", out);
    if (why != NULL) write_escaped(out, why);
}

/* The judge's sentences, and the command that shows the first failure again. */
static void write_body(const struct check *check, const struct subject *s, size_t suite, int f, FILE *out)
{
    const char *said = s->outcome[suite][f].said, *id = s->tally[suite][f].first_failure;
    if (said != NULL) write_escaped(out, said);
    if (id[0] == '\0') return;
    char *repro = repro_case(&check->sampling, check->suites[suite], s->op, formats[f].name, id, check->command);
    write_escaped(out, repro);
    putc('\n', out);
    free(repro);
}

static void write_case(const struct check *check, const struct subject *s, size_t suite, int f, unsigned known,
                       FILE *out)
{
    const struct outcome *o = &s->outcome[suite][f];
    enum mark mark = mark_of(s, suite, f);
    fprintf(out, "    <testcase classname=\"%s.%s\" name=\"%s\" time=\"%.3f\"", op_names[s->op], formats[f].name,
            check->suites[suite], o->seconds);
    if (mark == PASSED) {
        fputs("/>\n", out);
        return;
    }
    fputs(">\n      ", out);
    if (mark == SKIPPED) {
        fputs("<skipped message=\"", out);
        write_escaped(out, o->ending == ENDED_NOT_ASKED && check->stopped[s->op] ? check->stopped[s->op]
                                                                                 : "the command does not offer it");
        fputs("\"/>\n", out);
    } else {
        const char *element = mark == ERROR ? "error" : "failure";
        fprintf(out, "<%s type=\"%s\" message=\"", element, mark == ERROR ? ending_names[o->ending] : "verdict");
        write_message(s, suite, f, known, out);
        fputs("\">", out);
        write_body(check, s, suite, f, out);
        fprintf(out, "</%s>\n", element);
    }
    fputs("    </testcase>\n", out);
}

static void write_suite(const struct check *check, const struct subject *s, int f, FILE *out)
{
    struct totals totals = totals_of(check, s, f);
    unsigned known = subject_in_all(s).alone;
    fprintf(out, "  <testsuite name=\"%s %s\"", op_names[s->op], formats[f].name);
    write_totals(out, &totals);
    fputs("    <properties>\n      <property name=\"command\" value=\"", out);
    write_escaped(out, check->command);
    fputs("\"/>\n      <property name=\"policy\" value=\"", out);
    write_escaped(out, check->policy_text);
    fprintf(out, "\"/>\n      <property name=\"max-ulp\" value=\"%s\"/>\n", check->max_ulp);
    fprintf(out, "      <property name=\"maskproof\" value=\"%s\"/>\n    </properties>\n", MASKPROOF_VERSION);
    for (size_t i = 0; i < check->suite_count; i++) write_case(check, s, i, f, known, out);
    fputs("  </testsuite>\n", out);
}

void check_junit(const struct check *check, FILE *out)
{
    struct totals all = {.seconds = 0};
    for (size_t i = 0; i < check->subjects.count; i++)
        for (int f = 0; f < FORMATS; f++) {
            if (!check->formats[f]) continue;
            struct totals one = totals_of(check, &check->subjects.subject[i], f);
            for (int mark = 0; mark < MARKS; mark++) all.marks[mark] += one.marks[mark];
            all.seconds += one.seconds;
        }
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"maskproof check\"", out);
    write_totals(out, &all);
    for (size_t i = 0; i < check->subjects.count; i++)
        for (int f = 0; f < FORMATS; f++)
            if (check->formats[f]) write_suite(check, &check->subjects.subject[i], f, out);
    fputs("</testsuites>\n", out);
}
