/* peers_table - see peers.h: read, and printed for people: a line a formulation, its formats side by side.
   SPDX-License-Identifier: MIT */
#include "format.h"
#include "line.h"
#include "peers.h"
#include "policy.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void head_of(const char *path, const char *key, char *value, size_t size)
{
    char line[400];
    size_t length = strlen(key);
    FILE *in = fopen(path, "r");
    snprintf(value, size, "not recorded");
    while (in != NULL && fgets(line, sizeof line, in) != NULL && line[0] == '#')
        if (strncmp(line + 2, key, length) == 0 && line[2 + length] == '\t')
            snprintf(value, size, "%.*s", (int)strcspn(line + 3 + length, "\n"), line + 3 + length);
    if (in != NULL) fclose(in);
}

void peers_read(struct peers *p, const char *path)
{
    tsv_read(&p->rows, path, PEER_COLUMNS);
    head_of(path, "date", p->date, sizeof p->date);
    head_of(path, "machine", p->machine, sizeof p->machine);
}

void peers_free(struct peers *p) { tsv_free(&p->rows); }

static bool same(char *const *a, char *const *b, enum peer_column column) { return strcmp(a[column], b[column]) == 0; }

/* --- the formats of one formulation and operation --- */

struct subject_line {
    char **format[FORMATS]; /* NULL: not offered */
    char **any;             /* the first that is */
};

/* From row `first` on, which is its first; returns the row behind its last. */
static size_t gather(const struct peers *p, size_t first, struct subject_line *l)
{
    size_t r = first;
    char **any = p->rows.cell[first];
    *l = (struct subject_line){.any = any};
    for (; r < p->rows.rows; r++) {
        char **row = p->rows.cell[r];
        if (!same(row, any, PEER) || !same(row, any, FORMULATION) || !same(row, any, PEER_OP)) break;
        const struct format *f = format_named(row[PEER_FORMAT]);
        if (f != NULL && strcmp(row[PASSED], "0") + strcmp(row[FAILED], "0") != 0) l->format[f - formats] = row;
    }
    return r;
}

/* The fault that begins at *at, which goes on to the next; false: there is none. */
struct fault {
    char name[20], suite[40], id[80];
    unsigned long rows;
};
static bool next_fault(const char **at, struct fault *fault)
{
    if (sscanf(*at, "%19s %lu %39s %79[^;]", fault->name, &fault->rows, fault->suite, fault->id) != 4) return false;
    *at += strcspn(*at, ";");
    *at += strspn(*at, "; ");
    return true;
}

static bool has_fault(char *const *row, const char *name, struct fault *found)
{
    const char *at = row[FAULTS];
    while (next_fault(&at, found))
        if (strcmp(found->name, name) == 0) return true;
    return false;
}

/* What a row shows itself to choose.  Losing subnormals is no choice here: it stands among the faults. */
static struct policy chosen(char *const *row)
{
    char error[300];
    struct policy policy = policy_default();
    policy_apply(&policy, row[CHOSEN], error, sizeof error);
    policy.choice[KEY_TINY] = CHOICE_KEPT;
    return policy;
}

static const char *name_of(char *const *row)
{
    struct fault fault;
    struct policy policy = chosen(row);
    bool undecided =
        has_fault(row, "EMPTY", &fault) || has_fault(row, "HIDDEN", &fault) || has_fault(row, "POISON", &fault);
    if (strcmp(row[PROFILE], "-") == 0 && undecided) return "other"; /* its choices are not the same in all rows */
    const char *name = policy_name(&policy);
    policy.choice[KEY_TINY] = CHOICE_FTZ;
    if (name == NULL) name = policy_name(&policy);
    return name ? name : "other";
}

/* The profile, "other" where it has no name, "by format" where they differ. */
static const char *choices_of(const struct subject_line *l)
{
    char **first = NULL;
    for (int f = 0; f < FORMATS; f++) {
        if (l->format[f] == NULL) continue;
        struct policy one = chosen(l->format[f]), other = first ? chosen(first) : one;
        if (!policy_equal(&one, &other)) return "by format";
        if (first == NULL) first = l->format[f];
    }
    return first ? name_of(first) : "-";
}

/* Call `visit` for each fault that some format has, once. */
static void each_fault(const struct subject_line *l, void (*visit)(const struct subject_line *, const char *, void *),
                       void *with)
{
    struct fault fault, before;
    for (int f = 0; f < FORMATS; f++) {
        const char *at = l->format[f] ? l->format[f][FAULTS] : "";
        while (next_fault(&at, &fault)) {
            bool again = false;
            for (int g = 0; g < f; g++) again = again || (l->format[g] && has_fault(l->format[g], fault.name, &before));
            if (!again) visit(l, fault.name, with);
        }
    }
}

/* " f64 f32" of the formats that have it; "" if all that are offered do. */
static void spell_formats(const struct subject_line *l, const char *name, const char *before, char text[40])
{
    struct fault fault;
    bool all = true;
    text[0] = '\0';
    for (int f = 0; f < FORMATS; f++) {
        if (l->format[f] == NULL) continue;
        if (!has_fault(l->format[f], name, &fault)) {
            all = false;
            continue;
        }
        strcat(strcat(text, text[0] ? "," : before), formats[f].name);
    }
    if (all) text[0] = '\0';
}

/* --- for a terminal --- */

enum { NAME = 17, PROFILE_WIDTH = 15, ULP = 9, FAULTS_AT = 2 + NAME + PROFILE_WIDTH + 4 * ULP, WIDTH = 100 };

static void print_fault(const struct subject_line *l, const char *name, void *with)
{
    int *column = with;
    char text[40];
    spell_formats(l, name, ":", text);
    int length = (int)(strlen(name) + strlen(text));
    if (*column > FAULTS_AT && *column + 1 + length > WIDTH) {
        printf("\n%*s", FAULTS_AT, "");
        *column = FAULTS_AT;
    } else if (*column > FAULTS_AT) {
        *column += printf(" ");
    }
    *column += printf("%s%s", name, text);
}

static void print_line(const struct subject_line *l)
{
    int column = FAULTS_AT;
    printf("  %-*s%-*s", NAME, l->any[FORMULATION], PROFILE_WIDTH, choices_of(l));
    for (int f = 0; f < FORMATS; f++)
        if (l->format[f] == NULL || strcmp(l->format[f][LARGEST], "-") == 0)
            printf("%-*s", ULP, ".");
        else
            printf("%-*.3g", ULP, atof(l->format[f][LARGEST]));
    each_fault(l, print_fault, &column);
    if (column == FAULTS_AT) putchar('-');
    putchar('\n');
}

static void print_op(const struct peers *p, const char *op)
{
    struct subject_line l;
    const char *library = "";
    size_t rows = 0;
    for (size_t r = 0; r < p->rows.rows; r++) rows += strcmp(p->rows.cell[r][PEER_OP], op) == 0;
    if (rows == 0) return;
    printf("%-*s%-*s%-*s%-*s%-*s%-*sfaults\n", NAME + 2, op, PROFILE_WIDTH, "chooses as", ULP, "f64", ULP, "f32", ULP,
           "bf16", ULP, "f16");
    for (size_t r = 0; r < p->rows.rows;) {
        r = gather(p, r, &l);
        if (strcmp(l.any[PEER_OP], op) != 0) continue;
        if (strcmp(library, l.any[LIBRARY]) != 0) printf("%s\n", library = l.any[LIBRARY]);
        print_line(&l);
    }
    putchar('\n');
}

struct where {
    const char *programs;
};

static void print_example(const struct subject_line *l, const char *name, void *with)
{
    const struct where *where = with;
    char text[40];
    struct fault fault;
    spell_formats(l, name, " in ", text);
    printf("%s, %s%s%s: %s%s", l->any[LIBRARY], l->any[FORMULATION], strcmp(l->any[PEER_OP], "softmax") ? ", " : "",
           strcmp(l->any[PEER_OP], "softmax") ? l->any[PEER_OP] : "", name, text);
    for (int f = 0; f < FORMATS; f++) {
        if (l->format[f] == NULL || !has_fault(l->format[f], name, &fault)) continue;
        bool plain = strcmp(l->any[PEER_OP], "softmax") == 0;
        printf(", %lu rows of %s\n    maskproof gen %s %s%s%s --id %s | %s/%s %s\n", fault.rows, formats[f].name,
               fault.suite, formats[f].name, plain ? "" : " --op ", plain ? "" : l->any[PEER_OP], fault.id,
               where->programs, l->any[PEER], l->any[FORMULATION]);
        return;
    }
}

void peers_print(const struct peers *p, const char *programs)
{
    struct where where = {programs};
    struct subject_line l;
    printf("largest error in ulps of rows that are right in kind; faults, also in the choices they show themselves\n"
           "%s, %s\n\n",
           p->date, p->machine);
    for (int op = 0; op < OPS; op++) print_op(p, op_names[op]);
    puts("each fault, in its smallest row");
    for (size_t r = 0; r < p->rows.rows;) {
        r = gather(p, r, &l);
        each_fault(&l, print_example, &where);
    }
    for (size_t r = 0; r < p->rows.rows; r++) {
        char **c = p->rows.cell[r];
        if (strcmp(c[ENDED], "-") != 0)
            printf("%s, %s, %s %s: the program: %s\n", c[LIBRARY], c[FORMULATION], c[PEER_OP], c[PEER_FORMAT],
                   c[ENDED]);
    }
}

/* --- for the report --- */

static void mark_fault(const struct subject_line *l, const char *name, void *with)
{
    char text[40];
    spell_formats(l, name, " ", text);
    fprintf(with, " %s%s", name, text);
}

void peers_markdown(const struct peers *p, FILE *out)
{
    struct subject_line l;
    fprintf(
        out,
        "What other people's libraries return (%s, %s). Each is judged by the choices it shows "
        "itself, so what stands under faults is wrong by any choice. The numbers are the largest errors in ulps.\n\n"
        "| library | op | formula | faults | f64 | f32 | bf16 | f16 | chooses as |\n"
        "|---|---|---|---|---:|---:|---:|---:|---|\n",
        p->date, p->machine);
    for (size_t r = 0; r < p->rows.rows;) {
        r = gather(p, r, &l);
        fprintf(out, "| %s | %s | `%s` |", l.any[LIBRARY], l.any[PEER_OP], l.any[FORMULA]);
        each_fault(&l, mark_fault, out);
        fputs(" |", out);
        for (int f = 0; f < FORMATS; f++) {
            const char *largest = l.format[f] ? l.format[f][LARGEST] : "";
            fprintf(out, largest[0] ? " %.3g |" : " |", strtod(largest, NULL));
        }
        fprintf(out, " %s |\n", choices_of(&l));
    }
    fputc('\n', out);
}

/* What one formulation does with rows of that class, in its formats; "varies" where its own rows differ. */
static void write_choice(const struct subject_line *l, enum policy_key key, const char *fault, FILE *out)
{
    const char *before = " ", *last = NULL;
    for (int f = 0; f < FORMATS; f++) {
        struct fault found;
        if (l->format[f] == NULL) continue;
        struct policy policy = chosen(l->format[f]);
        const char *name = has_fault(l->format[f], fault, &found) ? "varies" : choice_names[policy.choice[key]];
        if (last != NULL && strcmp(name, last) == 0) continue;
        fprintf(out, "%s%s", before, name);
        if (last != NULL) fprintf(out, " in %s", formats[f].name);
        last = name;
        before = ", ";
    }
    fputs(" |", out);
}

void peers_edges_markdown(const struct peers *p, FILE *out)
{
    static const struct {
        enum policy_key key;
        const char *fault;
    } columns[] = {{KEY_EMPTY, "EMPTY"},
                   {KEY_NAN, "HIDDEN"},
                   {KEY_PINF, "HIDDEN"},
                   {KEY_ALL_NINF, "EMPTY"},
                   {KEY_MASKED, "POISON"}};
    struct subject_line l;
    fputs("The same of libraries, as they were measured; `varies`: not all rows of the class alike.\n\n"
          "| library | formulation | nothing valid | a valid NaN | a valid +inf | all valid -inf | masked, in NaN rows "
          "|\n|---|---|---|---|---|---|---|\n",
          out);
    for (size_t r = 0; r < p->rows.rows;) {
        r = gather(p, r, &l);
        if (strcmp(l.any[PEER_OP], op_names[SOFTMAX]) != 0) continue;
        fprintf(out, "| %s | %s |", l.any[LIBRARY], l.any[FORMULATION]);
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
            write_choice(&l, columns[c].key, columns[c].fault, out);
        fputc('\n', out);
    }
    fputc('\n', out);
}
