/* matrix_text - see matrix.h: the tables for a terminal.
   SPDX-License-Identifier: MIT */
#include "matrix.h"
#include "paper.h"

#include <stdlib.h>
#include <string.h>

enum { LABEL = 18, ABREAST = 18 }; /* 18 bugs of 4 characters, and the name of the last, fit into 100 columns */

/* The next ABREAST of *bugs, taken out of it; into `column`.  Returns how many. */
static int take_columns(unsigned *bugs, int *column)
{
    int count = 0;
    for (int b = 0; b < BUGS && count < ABREAST; b++)
        if (*bugs >> b & 1) {
            column[count++] = b;
            *bugs &= ~(1u << b);
        }
    return count;
}

/* The names of the columns come down like stairs, each onto its numbers. */
static void print_heads(const char *label, const int *column, int count)
{
    for (int k = 0; k < count; k++) {
        printf("%-*s", LABEL, k == count - 1 ? label : "");
        for (int j = 0; j < k; j++) printf("  | ");
        printf("  %s\n", bug_names[column[k]]);
    }
}

static void print_row(const char *label, char (*cells)[8], int count)
{
    printf("%-*s", LABEL, label);
    cells[count - 1][strcspn(cells[count - 1], " ")] = '\0';
    for (int k = 0; k < count; k++) printf("%*s", k < count - 1 || strpbrk(cells[k], "*!") ? 4 : 3, cells[k]);
    putchar('\n');
}

static void print_suites(const struct matrix *m, int op)
{
    unsigned bugs = matrix_columns(m, op);
    int column[BUGS], count;
    while ((count = take_columns(&bugs, column)) > 0) {
        char cells[BUGS][8];
        print_heads(op_names[op], column, count);
        for (size_t i = 0; i < m->suite_count; i++) {
            for (int k = 0; k < count; k++) {
                size_t shown = matrix_count(m, op, i, column[k]);
                bool hunted = m->hunts[i] >> column[k] & 1;
                snprintf(cells[k], sizeof *cells, shown > 0 || hunted ? "%zu%c" : ". ", shown % 1000,
                         hunted ? '*' : ' ');
            }
            print_row(m->suite[i], cells, count);
        }
        putchar('\n');
    }
}

/* The names of those that claim and show a bug, by operation. */
static char *who_shows(const struct matrix *m, int bug)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) abort();
    for (int op = 0; op < OPS; op++) {
        if (matrix_count(m, op, MAX_SUITES, bug) == 0) continue;
        if (op != SOFTMAX) fprintf(out, "%s: ", op_names[op]);
        for (size_t i = 0; i < m->subjects->count; i++) {
            const struct subject *s = &m->subjects->subject[i];
            unsigned bugs = 0;
            for (size_t j = 0; j < m->suite_count; j++) bugs |= matrix_shows(s, j);
            if (s->op == op && (bugs >> bug & 1)) fprintf(out, "%s ", s->name);
        }
    }
    if (fclose(out) != 0) abort();
    return text;
}

/* Cells are the share of the failing rows, in per cent and rounded up. */
static void print_confusion(const struct matrix *m, int op)
{
    unsigned bugs = matrix_columns(m, op);
    int column[BUGS], count;
    while ((count = take_columns(&bugs, column)) > 0) {
        char cells[BUGS][8];
        print_heads(op_names[op], column, count);
        for (size_t i = 0; i < m->subjects->count; i++) {
            const struct subject *s = &m->subjects->subject[i];
            struct naming n = matrix_naming(m, s);
            if (s->op != op || n.judged == 0) continue;
            for (int k = 0; k < count; k++) {
                size_t rows = n.alone[column[k]], share = rows > 0 ? (100 * rows + n.failing - 1) / n.failing : 0;
                bool any = rows > 0 || (n.claims >> column[k] & 1);
                snprintf(cells[k], sizeof *cells, any ? "%zu%c" : ". ", share % 1000,
                         n.unclaimed >> column[k] & 1 ? '!' : ' ');
            }
            print_row(s->name, cells, count);
        }
        putchar('\n');
    }
}

static size_t print_faults(const struct matrix *m)
{
    size_t faults = 0;
    char bugs[200];
    for (size_t i = 0; i < m->subjects->count; i++) {
        const struct subject *s = &m->subjects->subject[i];
        struct naming n = matrix_naming(m, s);
        if (n.wrongly_named > 0 && ++faults)
            printf("%s: %zu rows fail in formats where it claims to be right\n", s->name, n.wrongly_named);
        if (n.claims == 0 || n.failing == 0 || (n.first >= 0 && (n.claims >> n.first & 1))) continue;
        faults++;
        bug_spell(n.claims, bugs);
        if (n.first < 0)
            printf("%s: claims %s, and none of its %zu failing rows shows one bug alone\n", s->name, bugs, n.failing);
        else
            printf("%s: claims %s, and the first answer is %s (%zu of %zu failing rows)\n", s->name, bugs,
                   bug_names[n.first], n.alone[n.first], n.failing);
    }
    return faults;
}

/* A suite that nobody fails in the way it hunts proves nothing. */
static size_t print_unfailed(const struct matrix *m, int bug)
{
    size_t unfailed = 0;
    for (size_t i = 0; i < m->suite_count; i++) {
        size_t shown = 0;
        for (int op = 0; op < OPS; op++) shown += matrix_count(m, op, i, bug);
        if (shown > 0 || !(m->hunts[i] >> bug & 1)) continue;
        unfailed++;
        printf("suite %s hunts %s, and no implementation that claims it shows it there\n", m->suite[i], bug_names[bug]);
    }
    return unfailed;
}

/* A bug that nobody shows is only a word. */
static size_t print_unshown(const struct matrix *m, int bug)
{
    for (int op = 0; op < OPS; op++)
        if (matrix_count(m, op, MAX_SUITES, bug) > 0) return 0;
    printf("%s: no implementation that claims it shows it alone\n", bug_names[bug]);
    return 1;
}

size_t matrix_print(const struct matrix *m, bool everyone, bool everywhere)
{
    paper_title("SUITES: how many known-bad implementations show the bug there, alone (* the suite hunts it)");
    for (int op = 0; op < OPS; op++) print_suites(m, op);
    paper_title("BUGS: the implementations that claim and show it");
    for (int b = 0; b < BUGS; b++) {
        char *names = who_shows(m, b);
        if (names[0] != '\0') paper_item(14, bug_names[b], "%s", names);
        free(names);
    }
    paper_head("IMPLEMENTATIONS: of the rows that fail, per cent that show the bug alone (! it is not claimed)");
    for (int op = 0; op < OPS; op++) print_confusion(m, op);
    struct score score = matrix_score(m);
    printf("%zu of %zu known-bad implementations: the first answer is a bug they claim\n", score.named, score.bad);
    printf("%zu of %zu implementations fail where they claim to be right, %zu of them right in every format\n",
           score.accused, score.bad + score.right, score.right);
    size_t faults = print_faults(m);
    for (int b = 0; b < BUGS && everyone; b++) {
        faults += print_unfailed(m, b);
        if (everywhere) faults += print_unshown(m, b);
    }
    return faults;
}
