/* page_against - see page.h: two runs compared.
   SPDX-License-Identifier: MIT */
#include "directory.h"
#include "page.h"

#include <stdlib.h>
#include <string.h>

static size_t suite_in(const struct evidence *e, const char *name)
{
    size_t i = 0;
    while (i < e->suite_count && strcmp(e->suites[i], name) != 0) i++;
    return i;
}

static size_t write_made_of(const struct evidence *now, const struct evidence *then, FILE *out)
{
    size_t lines = 0;
    fputs("## What they were made of\n\n| what | this run | the other |\n|---|---|---|\n", out);
    for (size_t r = 0; r < now->about.rows; r++) {
        const char *key = now->about.cell[r][0], *other = evidence_about(then, key);
        bool differs = strcmp(now->about.cell[r][1], other) != 0;
        fprintf(out, "| %s | %s | %s |\n", key, now->about.cell[r][1], differs ? other : "the same");
        lines += differs;
    }
    putc('\n', out);
    return lines;
}

static void spell_rows(const struct tally *t, char *text, size_t size)
{
    char standing[40];
    spell_standing(t, t->alone, standing);
    snprintf(text, size, "%s (%zu pass, %zu fail)", standing, t->rows[PASS], t->rows[FAIL]);
}

static size_t write_verdicts(const struct evidence *now, const struct evidence *then, FILE *out)
{
    size_t lines = 0;
    fputs("## Verdicts and errors that differ\n\n| implementation | suite | format | this run | the other "
          "|\n|---|---|---|---|---|\n",
          out);
    for (size_t i = 0; i < now->subjects.count; i++) {
        const struct subject *a = &now->subjects.subject[i], *b = subjects_named(&then->subjects, a->name);
        if (b == NULL) {
            fprintf(out, "| %s | | | is new | |\n", a->name);
            lines++;
            continue;
        }
        for (size_t s = 0; s < now->suite_count; s++)
            for (int f = 0; f < FORMATS; f++) {
                size_t other = suite_in(then, now->suites[s]);
                char here[100], there[100];
                if (!now->format_judged[f] || !then->format_judged[f] || other == then->suite_count) continue;
                const struct tally *x = &a->tally[s][f], *y = &b->tally[other][f];
                bool same = x->rows[PASS] == y->rows[PASS] && x->rows[FAIL] == y->rows[FAIL] && x->alone == y->alone;
                if (same && !(x->worst > y->worst) && !(x->worst < y->worst)) continue;
                spell_rows(x, here, sizeof here);
                spell_rows(y, there, sizeof there);
                fprintf(out, "| %s | %s | %s | %s, %.4g ulp | %s, %.4g ulp |\n", a->name, now->suites[s],
                        formats[f].name, here, x->worst, there, y->worst);
                lines++;
            }
    }
    for (size_t i = 0; i < then->subjects.count; i++)
        if (subjects_named(&now->subjects, then->subjects.subject[i].name) == NULL) {
            fprintf(out, "| %s | | | | is gone |\n", then->subjects.subject[i].name);
            lines++;
        }
    fprintf(out, "\n%s", lines == 0 ? "None.\n\n" : "");
    return lines;
}

/* The row of the same shape, format and implementation; its number, or then->timings.rows. */
static size_t same_timing(const struct evidence *now, size_t r, const struct evidence *then)
{
    static const char *const keys[] = {"shape", "rows", "format", "impl", "status"};
    for (size_t o = 0; o < then->timings.rows; o++) {
        bool same = true;
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            same = same && strcmp(tsv_cell(&now->timings, r, keys[k]), tsv_cell(&then->timings, o, keys[k])) == 0;
        if (same) return o;
    }
    return then->timings.rows;
}

static size_t write_times(const struct evidence *now, const struct evidence *then, FILE *out)
{
    size_t lines = 0;
    fputs("## Times whose intervals lie apart\n\n| implementation | shape | format | this run | the other "
          "|\n|---|---|---|---:|---:|\n",
          out);
    for (size_t r = 0; r < now->timings.rows; r++) {
        size_t o = same_timing(now, r, then);
        const struct tsv *a = &now->timings, *b = &then->timings;
        if (o == b->rows || strcmp(tsv_cell(a, r, "status"), "timed") != 0) continue;
        double low = strtod(tsv_cell(a, r, "ratio_low"), NULL), high = strtod(tsv_cell(a, r, "ratio_high"), NULL);
        double then_low = strtod(tsv_cell(b, o, "ratio_low"), NULL);
        double then_high = strtod(tsv_cell(b, o, "ratio_high"), NULL);
        if (low <= then_high && then_low <= high) continue;
        fprintf(out, "| %s | %s | %s | %s x | %s x |\n", tsv_cell(a, r, "impl"), tsv_cell(a, r, "shape"),
                tsv_cell(a, r, "format"), tsv_cell(a, r, "ratio"), tsv_cell(b, o, "ratio"));
        lines++;
    }
    fprintf(out, "\n%s", lines == 0 ? "None.\n\n" : "");
    return lines;
}

size_t page_against(const struct evidence *now, const struct evidence *then, FILE *out)
{
    fputs("# Two runs compared\n\nTimes are over that of a masked copy in the same round.\n\n", out);
    size_t lines = write_made_of(now, then, out);
    lines += write_verdicts(now, then, out);
    return lines + write_times(now, then, out);
}
