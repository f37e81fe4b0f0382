/* page_matrix - see page_matrix.h.  A blank line would end the HTML inside the Markdown: there is none in a table.
   SPDX-License-Identifier: MIT */
#include "page_matrix.h"
#include "bugs.h"
#include "html.h"
#include "matrix.h"

#include <string.h>

static void write_bugs(FILE *out, unsigned bugs)
{
    for (int b = 0; b < BUGS; b++)
        if (bugs >> b & 1) fprintf(out, " %s", bug_names[b]);
}

static void open_table(FILE *out, int op, const char *what)
{
    fprintf(out, "<table class=\"grid\">\n<caption>%s: %s</caption>\n<thead><tr><td aria-hidden=\"true\"></td>",
            op_names[op], what);
}

static void write_head(FILE *out, const char *name) { fprintf(out, "<th scope=\"col\"><span>%s</span></th>", name); }

static void open_body(FILE *out) { fputs("</tr></thead>\n<tbody>\n", out); }

static void open_row(FILE *out, const struct subject *s)
{
    fprintf(out, "<tr><th scope=\"row\"><a href=\"impl-%s.html\" title=\"", s->name);
    html_escape(out, any_claim(s)->formula);
    fprintf(out, "\">%s</a></th>", s->name);
}

static void close_table(FILE *out) { fputs("</tbody>\n</table>\n\n", out); }

/* --- implementations by suites --- */

/* The bug that most rows of this suite show, else the first that a row could show. */
static int main_bug(const struct tally *t, unsigned bugs)
{
    int first = -1;
    for (int b = 0; b < BUGS; b++)
        if (bugs >> b & 1 && (first < 0 || t->alone_rows[b] > t->alone_rows[first])) first = b;
    return first;
}

/* How a cell that fails is shown: by a bug it claims, in a way it does not, or only beyond what its claim reaches. */
static const char *kind_of(const struct subject *s, const struct tally *t, unsigned bugs)
{
    unsigned claims = claimed_bugs(s);
    return t->unexplained > 0 ? "bad" : bugs & claims ? "bug" : "beyond";
}

static void write_standing(FILE *out, const struct subject *s, const char *suite, const struct tally *t, unsigned known)
{
    unsigned bugs = tally_bugs(t, known);
    int bug = main_bug(t, bugs);
    if (t->rows[FAIL] == 0) {
        const char *word = t->rows[PASS] > 0 ? "ok" : t->rows[VOID] > 0 ? "void" : "skip";
        fprintf(out, "<td class=\"ok\" title=\"%s, %s: %zu rows\">%s</td>", s->name, suite, t->rows[PASS], word);
        return;
    }
    const char *kind = kind_of(s, t, bugs), *more = bugs & (bugs - 1) ? "+" : "";
    fprintf(out, "<td class=\"%s\" title=\"%s, %s: %zu of %zu rows fail:", kind, s->name, suite, t->rows[FAIL],
            t->rows[FAIL] + t->rows[PASS]);
    write_bugs(out, bugs);
    if (t->unexplained > 0) fprintf(out, "; %zu of them in a way it does not claim", t->unexplained);
    if (strcmp(kind, "beyond") == 0) fputs("; on rows longer than its claim reaches", out);
    fprintf(out, "\">%.4s%s</td>", bug < 0 ? "fail" : bug_names[bug], t->unexplained > 0 ? "!" : more);
}

/* Some implementation of the operation fails in that suite. */
static bool says_something(const struct evidence *e, int op, size_t suite)
{
    for (size_t i = 0; i < e->subjects.count; i++)
        if (e->subjects.subject[i].op == op && subject_in_suite(&e->subjects.subject[i], suite).rows[FAIL] > 0)
            return true;
    return false;
}

static size_t count_of(const struct evidence *e, int op)
{
    size_t count = 0;
    for (size_t i = 0; i < e->subjects.count; i++) count += e->subjects.subject[i].op == op;
    return count;
}

static void write_silent_suites(const struct evidence *e, int op, FILE *out)
{
    bool any = false;
    for (size_t i = 0; i < e->suite_count; i++) {
        if (says_something(e, op, i)) continue;
        fprintf(out, "%s%s", any ? ", " : "Left out, for nothing fails there: ", e->suites[i]);
        any = true;
    }
    if (any) fputs(".\n\n", out);
}

static void write_standings(const struct evidence *e, int op, FILE *out)
{
    open_table(out, op, "implementations by suites");
    for (size_t i = 0; i < e->suite_count; i++)
        if (says_something(e, op, i)) write_head(out, e->suites[i]);
    open_body(out);
    for (size_t s = 0; s < e->subjects.count; s++) {
        const struct subject *subject = &e->subjects.subject[s];
        if (subject->op != op) continue;
        struct tally all = subject_in_all(subject);
        open_row(out, subject);
        for (size_t i = 0; i < e->suite_count; i++) {
            if (!says_something(e, op, i)) continue;
            struct tally t = subject_in_suite(subject, i);
            write_standing(out, subject, e->suites[i], &t, all.alone | claimed_bugs(subject));
        }
        fputs("</tr>\n", out);
    }
    close_table(out);
    write_silent_suites(e, op, out);
}

static void write_formulas(const struct evidence *e, int op, FILE *out)
{
    fprintf(out,
            "<details>\n<summary>What each computes: %s</summary>\n<table>\n<thead><tr><th>implementation</th>"
            "<th>formula</th><th>claims</th></tr></thead>\n<tbody>\n",
            op_names[op]);
    for (size_t s = 0; s < e->subjects.count; s++) {
        const struct subject *subject = &e->subjects.subject[s];
        unsigned bugs = claimed_bugs(subject);
        if (subject->op != op) continue;
        fprintf(out, "<tr><td>%s</td><td><code>", subject->name);
        html_escape(out, any_claim(subject)->formula);
        fputs("</code></td><td>", out);
        write_bugs(out, bugs);
        fprintf(out, "%s</td></tr>\n", bugs == 0 ? "right" : "");
    }
    fputs("</tbody>\n</table>\n</details>\n\n", out);
}

void page_standings(const struct evidence *e, FILE *out)
{
    fputs("<h2 id=\"standings\">Who holds, who fails, and how</h2>\n\n"
          "A cell is the bug that most of its failing rows show, all four formats together, cut to four letters "
          "(they are spelled out [below](#bugs)). `+`: and others; `!`: some rows fail in a way that is not claimed. "
          "Pale: only on rows longer than the claim reaches. Point at a cell for the numbers. Every wrong "
          "implementation is here on purpose: if it stopped failing in "
          "the way it says, the build would break.\n\n",
          out);
    for (int op = 0; op < OPS; op++) {
        if (count_of(e, op) == 0) continue;
        write_standings(e, op, out);
        write_formulas(e, op, out);
    }
}

/* --- suites by bugs --- */

/* ": multiply, soft_cap; not claimed: safe" into a title. */
static void write_who(const struct matrix *m, int op, size_t suite, int bug, FILE *out)
{
    const char *before = ": ";
    for (int claimed = 1; claimed >= 0; claimed--) {
        if (!claimed) before = "; not claimed: ";
        for (size_t i = 0; i < m->subjects->count; i++) {
            const struct subject *s = &m->subjects->subject[i];
            unsigned bugs = claimed ? matrix_shows(s, suite) : matrix_shows_unclaimed(s, suite);
            if (s->op != op || !(bugs >> bug & 1)) continue;
            fprintf(out, "%s%s", before, s->name);
            before = ", ";
        }
    }
}

static void write_suites(const struct matrix *m, int op, FILE *out)
{
    unsigned columns = matrix_columns(m, op);
    open_table(out, op, "suites by bugs");
    for (int b = 0; b < BUGS; b++)
        if (columns >> b & 1) write_head(out, bug_names[b]);
    open_body(out);
    for (size_t i = 0; i < m->suite_count; i++) {
        fprintf(out, "<tr><th scope=\"row\">%s</th>", m->suite[i]);
        for (int b = 0; b < BUGS; b++) {
            if (!(columns >> b & 1)) continue;
            size_t count = matrix_count(m, op, i, b);
            bool hunted = m->hunts[i] >> b & 1;
            fprintf(out, "<td%s title=\"%s in %s", hunted ? " class=\"own\"" : "", bug_names[b], m->suite[i]);
            write_who(m, op, i, b, out);
            if (count > 0 || hunted)
                fprintf(out, "\">%zu</td>", count);
            else
                fputs("\"></td>", out);
        }
        fputs("</tr>\n", out);
    }
    close_table(out);
}

static void write_bug_table(const struct matrix *m, FILE *out)
{
    fputs("<h3 id=\"bugs\">Each bug, and who shows it</h3>\n\n| bug | what it is | softmax | log_softmax | vjp |\n"
          "|---|---|---|---|---|\n",
          out);
    for (int b = 0; b < BUGS; b++) {
        const struct bug_text *text = bug_text(bug_names[b]);
        fprintf(out, "| **%s** | %s |", bug_names[b], text != NULL ? text->what : "");
        for (int op = 0; op < OPS; op++) {
            const char *before = " ";
            for (size_t i = 0; i < m->subjects->count; i++) {
                const struct subject *s = &m->subjects->subject[i];
                unsigned bugs = 0;
                for (size_t j = 0; j < m->suite_count; j++) bugs |= matrix_shows(s, j);
                if (s->op != op || !(bugs >> b & 1)) continue;
                fprintf(out, "%s%s", before, s->name);
                before = ", ";
            }
            fputs(" |", out);
        }
        putc('\n', out);
    }
    putc('\n', out);
}

/* --- implementations by bugs --- */

static void write_naming(const struct matrix *m, const struct subject *s, unsigned columns, FILE *out)
{
    struct naming n = matrix_naming(m, s);
    open_row(out, s);
    fprintf(out, "<td>%zu</td>", n.failing);
    for (int b = 0; b < BUGS; b++) {
        if (!(columns >> b & 1)) continue;
        bool claimed = n.claims >> b & 1, unclaimed = n.unclaimed >> b & 1;
        size_t rows = n.alone[b];
        fprintf(out, "<td%s title=\"%s, %s: %zu of %zu failing rows\">",
                unclaimed ? " class=\"bad\""
                : claimed ? " class=\"own\""
                          : "",
                s->name, bug_names[b], rows, n.failing);
        if (rows > 0 || claimed)
            fprintf(out, "%zu%s", rows > 0 ? (100 * rows + n.failing - 1) / n.failing : 0, unclaimed ? "!" : "");
        fputs("</td>", out);
    }
    fputs("</tr>\n", out);
}

static void write_confusion(const struct matrix *m, int op, FILE *out)
{
    unsigned columns = matrix_columns(m, op);
    open_table(out, op, "implementations by bugs, per cent of the failing rows");
    write_head(out, "rows failing");
    for (int b = 0; b < BUGS; b++)
        if (columns >> b & 1) write_head(out, bug_names[b]);
    open_body(out);
    for (size_t i = 0; i < m->subjects->count; i++)
        if (m->subjects->subject[i].op == op) write_naming(m, &m->subjects->subject[i], columns, out);
    close_table(out);
}

void page_matrix(const struct evidence *e, FILE *out)
{
    struct matrix m = {.subjects = &e->subjects, .suite_count = e->suite_count};
    for (size_t i = 0; i < e->suite_count; i++) {
        m.suite[i] = e->suites[i];
        m.hunts[i] = suites_hunts(e->entries, e->entry_count, e->suites[i]);
    }
    fputs("<h2 id=\"matrix\">Which suite finds which bug</h2>\n\n"
          "How many known-bad implementations show the bug there in a row that could show no other. A framed cell is "
          "what the suite is made to hunt, in one operation or another. Point at a cell for the names.\n\n",
          out);
    for (int op = 0; op < OPS; op++)
        if (count_of(e, op) > 0) write_suites(&m, op, out);
    write_bug_table(&m, out);
    struct score score = matrix_score(&m);
    fprintf(out,
            "<h2 id=\"naming\">Is the bug named right</h2>\n\n"
            "The judge sees a case and what came back, never the code. The first answer is the bug that most failing "
            "rows show alone: for %zu of the %zu known-bad implementations it is one that they claim. %zu are right in "
            "every format; %zu of all fail where they claim to be right.\n\n"
            "A cell is the share of the failing rows that show this bug alone, in per cent, rounded up; the rest of "
            "100 could show several. Framed: claimed. `!`: not claimed where it shows.\n\n",
            score.named, score.bad, score.right, score.accused);
    for (int op = 0; op < OPS; op++)
        if (count_of(e, op) > 0) write_confusion(&m, op, out);
}
