/* report_text - see report_text.h.
   SPDX-License-Identifier: MIT */
#include "report_text.h"
#include "catalogue.h"
#include "decision.h"

#include <math.h>
#include <string.h>

enum { NAME = 20, CELL = 19 };

static void print_choices(const struct evidence *e)
{
    printf("which one to use: the fastest of those that are right; largest error in ulp, time over a masked copy\n\n");
    for (const struct need *n = needs; n->what != NULL; n++) {
        printf("%s\n", n->what);
        for (int f = 0; f < FORMATS; f++) {
            const struct subject *s = e->format_judged[f] ? decision_choose(e, n, f) : NULL;
            if (!e->format_judged[f]) continue;
            if (s == NULL) {
                printf("    %-5s none\n", formats[f].name);
                continue;
            }
            double speed = evidence_speed(e, s, f);
            printf("    %-5s %-*s %7.3g ulp", formats[f].name, NAME, s->name, evidence_error(s, f));
            if (!isnan(speed)) printf(" %7.3g x", speed);
            putchar('\n');
        }
    }
}

/* "ok 82", "all below 1e+04", "LEAK POISON": what was seen in that format, in at most CELL - 1 characters. */
static void spell_standing_of(const struct evidence *e, const struct subject *s, int f, char text[CELL])
{
    char bugs[200];
    if (s->claim[f] == NULL || !e->format_judged[f]) {
        strcpy(text, "-");
    } else if (evidence_right(s, f)) {
        snprintf(text, CELL, "%.4g ulp", evidence_error(s, f));
    } else {
        catalogue_spell(tally_bugs(&(struct tally){.alone = subject_in_format(s, f).alone}, 0), bugs);
        snprintf(text, CELL, "%.15s%s", strcmp(bugs, "-") ? bugs : "fails", strlen(bugs) > 15 ? ".." : "");
    }
}

static void print_standings(const struct evidence *e)
{
    printf("\n%-*s", NAME, "implementation");
    for (int f = 0; f < FORMATS; f++) printf("%-*s", CELL, formats[f].name);
    printf("\n");
    for (size_t i = 0; i < e->subjects.count; i++) {
        const struct subject *s = &e->subjects.subject[i];
        printf("%-*s", NAME, s->name);
        for (int f = 0; f < FORMATS; f++) {
            char text[CELL];
            spell_standing_of(e, s, f, text);
            printf("%-*s", f < FORMATS - 1 ? CELL : 0, text);
        }
        printf("\n");
    }
}

static void print_article(const struct evidence *e)
{
    size_t missed = 0;
    for (size_t r = 0; r < e->article.rows; r++) missed += strcmp(e->article.cell[r][7], "MISS") == 0;
    printf("\nthe article: %zu rows, %zu missed (maskproof article prints them)\n", e->article.rows, missed);
}

void report_text(const struct evidence *e)
{
    size_t right = 0;
    for (size_t i = 0; i < e->subjects.count; i++) right += claimed_bugs(&e->subjects.subject[i]) == 0;
    printf("%zu implementations, %zu right by what they claim; %zu rows in %zu suites\n%s, maskproof %s\n\n",
           e->subjects.count, right, e->rows, e->suite_count, evidence_about(e, "processor"),
           evidence_about(e, "maskproof"));
    print_choices(e);
    print_standings(e);
    print_article(e);
}
