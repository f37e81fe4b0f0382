/* explain_suite - the page of a suite: its size, three of its cases in decimals, who fails it and by which bug.
   SPDX-License-Identifier: MIT */
#include "exhibit.h"
#include "explain.h"
#include "paper.h"
#include "pipeline.h"

#include <stdlib.h>
#include <string.h>

enum { EXAMPLES = 3, SHOWN_ENTRIES = 12, SHOWN_ROWS = 4 };

/* The smaller cases of a suite, as many as there are of the first of these sizes that it has; returns the size. */
static size_t take_cases(struct trial *t, const char *suite, const size_t *sizes)
{
    while (!trial_of_suite(t, suite, &formats[F32], op_names[SOFTMAX], *sizes))
        if (*sizes++ == EXPLAIN_ALL) return 0;
    return *sizes;
}

static void print_size(const char *suite, const struct format *f)
{
    struct pipeline gen = {.stage = {{.argv = ARGV("maskproof-gen", suite, f->name)}}};
    size_t cases = 0, rows = 0, entries = 0;
    if (!pipeline_run(&gen)) exit(2); /* gen has said why */
    for (const char *line = gen.output; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n') {
        const char *mask = line;
        if (line[0] == '#') continue;
        for (int field = 0; field < 3; field++) mask += strcspn(mask, " ") + 1;
        cases++;
        rows++;
        for (; *mask != ' '; mask++) {
            rows += *mask == '/';
            entries += *mask != '/';
        }
    }
    paper_item(12, f->name, "%zu cases, %zu rows, %zu entries", cases, rows, entries);
    pipeline_free(&gen);
}

/* --- three cases --- */

static void print_words(const char *label, const struct line *line, size_t r, bool right)
{
    struct policy policy = policy_default();
    char text[(SHOWN_ENTRIES + 2) * EXHIBIT_ROOM] = "", room[EXHIBIT_ROOM];
    for (size_t i = 0; i < line->n && i < SHOWN_ENTRIES; i++) {
        size_t e = r * line->n + i;
        const char *word = exhibit_decimal(line->format, right ? line->answer[e].word : line->x[e], room);
        if (right && line->class[r] != CLASS_PLAIN) word = exhibit_due(&policy, line, r, i, room);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i > 0 ? " " : "", word);
    }
    if (line->n > SHOWN_ENTRIES)
        snprintf(text + strlen(text), sizeof text - strlen(text), " ... (%zu entries)", line->n);
    paper_item(12, label, "%s", text);
}

static void print_case(const struct line *line)
{
    printf("  %s\n", line->id);
    for (size_t r = 0; r < line->rows && r < SHOWN_ROWS; r++) {
        char mask[SHOWN_ENTRIES + 1] = "";
        for (size_t i = 0; i < line->n && i < SHOWN_ENTRIES; i++) mask[i] = line->mask[r * line->n + i] ? '1' : '0';
        paper_item(12, "  mask", "%s%s", mask, line->n > SHOWN_ENTRIES ? " ..." : "");
        print_words("  logits", line, r, false);
        print_words("  right", line, r, true);
    }
    if (line->rows > SHOWN_ROWS) printf("    ... (%zu rows)\n", line->rows);
}

/* Cases of different names, and one at least whose first row has a distribution. */
static void print_cases(const char *suite)
{
    static const size_t sizes[] = {SHOWN_ENTRIES, 200, EXPLAIN_LARGE, EXPLAIN_ALL};
    struct trial t;
    struct line line = {0};
    char last[120] = "";
    int shown = 0;
    bool plain = false;
    if (take_cases(&t, suite, sizes) == 0) return;
    for (char *text = t.answers, *next; *text != '\0' && shown < EXAMPLES; text = next) {
        next = text + strcspn(text, "\n");
        if (*next == '\n') *next++ = '\0';
        if (!line_parse_answer(&line, text)) continue;
        size_t slug = strlen(line.id) - 17; /* an id is the slug, '-' and 16 hex digits */
        if (strncmp(last, line.id, slug) == 0 && last[slug] == '\0') continue;
        if (shown == EXAMPLES - 1 && !plain && line.class[0] != CLASS_PLAIN) continue;
        plain = plain || line.class[0] == CLASS_PLAIN;
        snprintf(last, sizeof last, "%.*s", (int)slug, line.id);
        print_case(&line);
        shown++;
    }
    line_free(&line);
    trial_free(&t);
}

/* --- who fails --- */

static struct tally tally_of(const struct trial *t, const struct claim *claim)
{
    struct tally tally = {.worst = 0};
    struct judged j = trial_run(t, claim, NULL);
    char *next = NULL;
    for (char *line = strtok_r(j.verdicts, "\n", &next); line != NULL; line = strtok_r(NULL, "\n", &next))
        if (!tally_line(&tally, line, claim->bugs)) exit(2);
    judged_free(&j);
    return tally;
}

static void print_failures(const struct catalogue *c, const char *suite)
{
    static const size_t sizes[] = {600, EXPLAIN_LARGE, EXPLAIN_ALL};
    struct trial t;
    char passing[3000] = "";
    size_t most = take_cases(&t, suite, sizes);
    if (most == 0) return;
    if (most < EXPLAIN_ALL) paper_text("On its cases of at most %zu entries:", most);
    for (size_t i = 0; i < c->subjects.count; i++) {
        const struct claim *claim = c->subjects.subject[i].claim[F32];
        char bugs[200];
        if (claim == NULL) continue;
        struct tally tally = tally_of(&t, claim);
        size_t right = tally.rows[PASS] + tally.rows[VOID];
        catalogue_spell(tally_bugs(&tally, claim->bugs), bugs);
        if (tally.rows[FAIL] > 0)
            paper_item(19, claim->impl, "%zu of %zu rows: %s", tally.rows[FAIL], tally.rows[FAIL] + right, bugs);
        else if (right > 0) /* else it offers another operation */
            snprintf(passing + strlen(passing), sizeof passing - strlen(passing), "%s%s", passing[0] ? ", " : "",
                     claim->impl);
    }
    paper_item(19, "no failure", "%s", passing[0] ? passing : "none");
    trial_free(&t);
}

void explain_suite(const struct catalogue *c, const struct suite_entry *suite)
{
    char title[300], bugs[200];
    snprintf(title, sizeof title, "suite %s: %.200s", suite->name, suite->about);
    paper_title(title);
    putchar('\n');
    catalogue_spell(suite->hunts, bugs);
    paper_item(12, "hunts", "%s", bugs);
    for (int f = 0; f < FORMATS; f++) print_size(suite->name, &formats[f]);
    paper_head("Some of its cases, in f32; a row without a distribution as strict-zero asks");
    print_cases(suite->name);
    paper_head("Who fails it, run now in f32, each held to its own limit and policy");
    print_failures(c, suite->name);
    paper_head("Commands");
    paper_command("maskproof gen %s f32 | maskproof show", suite->name);
    paper_command("maskproof check --suite %s", suite->name);
    paper_command("maskproof check --suite %s -- python3 mine.py", suite->name);
}
