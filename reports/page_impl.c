/* page_impl - see page.h: the page of one implementation, and the list of all.
   SPDX-License-Identifier: MIT */
#include "bugs.h"
#include "catalogue.h"
#include "directory.h"
#include "html.h"
#include "normwise.h"
#include "page.h"
#include "pipeline.h"
#include "reading.h"
#include "source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void write_seen(const struct claim *claim, FILE *out)
{
    fputs("<dl>\n<dt>Formula</dt><dd><code>", out);
    html_escape(out, claim->formula);
    fputs("</code></dd>\n<dt>Seen in</dt><dd>", out);
    html_escape(out, claim->seen);
    fputs("</dd>\n</dl>\n\n", out);
}

/* --- claims, and what was seen of them --- */

static void write_claim(const struct evidence *e, const struct subject *s, int f, FILE *out)
{
    const struct claim *claim = s->claim[f];
    struct tally t = subject_in_format(s, f);
    char bugs[200];
    if (claim == NULL) return;
    catalogue_spell(claim->bugs, bugs);
    fprintf(out, "| %s | %s%s | %g | ", formats[f].name, claim->bugs ? "wrong: " : "right", claim->bugs ? bugs : "",
            claim->max_ulp);
    if (!e->format_judged[f])
        fputs("not judged | | |", out);
    else
        fprintf(out, "%.4g | %zu | %zu |", t.worst, t.rows[PASS], t.rows[FAIL]);
    fprintf(out, " `%s` |\n", claim->profile);
}

static void write_claims(const struct evidence *e, const struct subject *s, FILE *out)
{
    fputs("<h2 id=\"claims\">What it claims, and what was seen</h2>\n\n"
          "| format | claims to be | at most [ulp] | largest seen [ulp] | rows pass | rows fail | rows without a "
          "distribution |\n|---|---|---:|---:|---:|---:|---|\n",
          out);
    for (int f = 0; f < FORMATS; f++) write_claim(e, s, f, out);
    fputs("\nRows longer than 4096 entries may lose more than is claimed. The error is of the rows that pass.\n\n",
          out);
}

static void write_witness(const struct subject *s, FILE *out)
{
    bool any = false;
    for (int f = 0; f < FORMATS; f++) {
        const struct claim *c = s->claim[f];
        char suite[40], id[80];
        if (c == NULL || c->witness == NULL) continue;
        if (!any) fputs("A witness for each format, a row on which the error reaches 80 % of the claim:\n\n```\n", out);
        any = true;
        if (strchr(c->witness, ' ') == strrchr(c->witness, ' ') && sscanf(c->witness, "%39s %79s", suite, id) == 2)
            fprintf(out, "maskproof gen %s %s --id %s | maskproof run %s | maskproof show\n", suite, formats[f].name,
                    id, s->name);
        else
            fprintf(out, "echo witness %s | maskproof run %s | maskproof show\n", c->witness, s->name);
    }
    if (any) fputs("```\n\n", out);
}

/* --- where it fails --- */

static void write_failing(const struct evidence *e, const struct subject *s, FILE *out)
{
    const struct failing *failing = e->failing[s - e->subjects.subject];
    bool any = false;
    for (int b = 0; b < BUGS; b++) {
        const struct failing *f = &failing[b];
        const struct bug_text *text = bug_text(bug_names[b]);
        if (f->id[0] == '\0') continue;
        if (!any) fputs("<h2 id=\"fails\">Where it fails</h2>\n\nOf each bug the worst row.\n\n", out);
        any = true;
        fprintf(out, "**%s**: %s.", bug_names[b], text ? text->what : "");
        if (strcmp(f->bugs, bug_names[b]) != 0) fprintf(out, " (This row could show any of `%s`.)", f->bugs);
        if (isfinite(f->ulp))
            fprintf(out, " Error %.4g ulp", f->ulp);
        else
            fputs(" No number where there should be one, or one where there should be none", out);
        if (f->leak > 0) fprintf(out, "; masked entries hold %.4g", f->leak);
        fprintf(out,
                "; suite %s, %s, row %zu of the case.\n\n```\nmaskproof gen %s %s%s%s --id %s | maskproof run %s | "
                "maskproof show\n```\n\n",
                e->suites[f->suite], formats[f->format].name, f->row, e->suites[f->suite], formats[f->format].name,
                s->op == SOFTMAX ? "" : " --op ", s->op == SOFTMAX ? "" : op_names[s->op], f->id, s->name);
        if (text != NULL) fprintf(out, "To mend it: %s\n\n", text->fix);
    }
    if (!any) fputs("<h2 id=\"fails\">Where it fails</h2>\n\nNowhere: no row of any suite.\n\n", out);
}

/* What `maskproof explain` printed of it: from the line "NAME: formula" to the next such line, of the next name. */
static void write_explained(const struct evidence *e, const struct subject *s, FILE *out)
{
    char title[200], next[200] = "";
    snprintf(title, sizeof title, "%s: ", s->name);
    const char *at = e->explained;
    while (at != NULL && strncmp(at, title, strlen(title)) != 0) {
        at = strchr(at, '\n');
        if (at != NULL) at++;
    }
    if (at == NULL || *at == '\0') return;
    size_t after = (size_t)(s - e->subjects.subject) + 1;
    if (after < e->subjects.count) snprintf(next, sizeof next, "\n%s: ", e->subjects.subject[after].name);
    at += strcspn(at, "\n");
    const char *end = next[0] ? strstr(at, next) : NULL;
    size_t length = end ? (size_t)(end - at) : strlen(at);
    while (length > 0 && *at == '\n') at++, length--;
    const char *rows = strstr(at, "\n\n"); /* what stands before is in the tables above */
    if (rows != NULL && rows < at + length) {
        length -= (size_t)(rows - at);
        at = rows;
    }
    while (length > 0 && (at[length - 1] == '\n' || at[length - 1] == ' ')) length--;
    while (length > 0 && *at == '\n') at++, length--;
    char *text = strndup(at, length);
    if (text == NULL) abort();
    fputs("<h2 id=\"worked\">Worked out</h2>\n\n<pre><code>", out);
    html_escape(out, text);
    free(text);
    fputs("</code></pre>\n\n", out);
}

static void write_bound(const struct evidence *e, const struct subject *s, FILE *out)
{
    size_t rows = 0, above = 0, bounded = 0, broken = 0;
    for (size_t r = 0; r < e->normwise.rows; r++) {
        char **c = e->normwise.cell[r];
        if (strcmp(c[NORM_IMPL], s->name) != 0) continue;
        bounded += strcmp(c[NORM_BOUND], "-") != 0;
        broken += strcmp(c[NORM_BOUND], "-") != 0 && !(strtod(c[NORM_SHARE], NULL) <= 1);
        if (strcmp(c[NORM_FORMAT], formats[F32].name) != 0) continue;
        rows++;
        double bound = strtod(c[NORM_VALID], NULL) + 2 + 2 * strtod(c[NORM_RANGE], NULL);
        above += !(strtod(c[NORM_ERROR], NULL) <= bound);
    }
    fprintf(out,
            "FIGURE bound-%s: Each dot is a row, its error as a whole against what theory allows the rounding of a "
            "softmax with the maximum subtracted; %zu of %zu rows lie above it or are no numbers.\n\n",
            s->name, above, rows);
    if (bounded > 0)
        fprintf(out,
                "Of it a bound is [proved](index.html#bound) for each entry: of %zu rows in all formats %zu lie above "
                "theirs.\n\n",
                bounded, broken);
}

/* --- its speed --- */

static void write_speed(const struct evidence *e, const struct subject *s, FILE *out)
{
    const struct tsv *t = &e->timings;
    bool any = false;
    for (size_t r = 0; r < t->rows; r++) {
        if (strcmp(tsv_cell(t, r, "impl"), s->name) != 0) continue;
        if (!any)
            fputs("<h2 id=\"speed\">How fast</h2>\n\n| shape | rows x n | format | ns per entry | over a masked copy | "
                  "95 % sure | GB/s | passes |\n|---|---|---|---:|---:|---:|---:|---:|\n",
                  out);
        any = true;
        fprintf(out, "| %s | %s x %s | %s |", tsv_cell(t, r, "shape"), tsv_cell(t, r, "rows"), tsv_cell(t, r, "n"),
                tsv_cell(t, r, "format"));
        if (strcmp(tsv_cell(t, r, "status"), "timed") != 0)
            page_refused(tsv_cell(t, r, "note"), out);
        else
            fprintf(out, " %s | %s | %s to %s | %s | %s |\n", tsv_cell(t, r, "ns_per_element"), tsv_cell(t, r, "ratio"),
                    tsv_cell(t, r, "ratio_low"), tsv_cell(t, r, "ratio_high"), tsv_cell(t, r, "gb_per_s"),
                    tsv_cell(t, r, "passes"));
    }
    putc('\n', out);
}

void page_impl(const struct evidence *e, const struct subject *s, bool ulp, bool bound, FILE *out)
{
    unsigned bugs = claimed_bugs(s);
    char spelled[200];
    catalogue_spell(bugs, spelled);
    fprintf(out, "# %s\n\n<p class=\"stand %s\">%s%s; %s</p>\n\n", s->name, bugs ? "bug" : "ok",
            bugs ? "Wrong on purpose: " : "Right", bugs ? spelled : "", op_names[s->op]);
    write_seen(any_claim(s), out);
    fputs("<h2 id=\"source\">The code</h2>\n\n", out);
    source_write(e->directory, s->name, out);
    write_claims(e, s, out);
    write_witness(s, out);
    write_failing(e, s, out);
    write_explained(e, s, out);
    if (ulp)
        fprintf(out,
                "<h2 id=\"errors\">How its errors are distributed</h2>\n\nFIGURE ulp-%s: For each error t the share of "
                "the rows that pass with more than that: a line that ends left of 0.5 is correctly rounded.\n\n",
                s->name);
    if (bound) write_bound(e, s, out);
    write_speed(e, s, out);
    page_proofs_of(e, s, out);
}

void page_impls(const struct evidence *e, FILE *out)
{
    const struct subject *order[MAX_SUBJECTS];
    reading_order(&e->subjects, order);
    fputs("# Implementations, in reading order\n\n"
          "Read from top to bottom they are a course: the article's first, then what the field does, then logs and "
          "gradients, and last those that are fast, and right in every bit.\n\n"
          "| implementation | formula | operation | claims |\n|---|---|---|---|\n",
          out);
    for (size_t i = 0; i < e->subjects.count; i++) {
        char bugs[200];
        catalogue_spell(claimed_bugs(order[i]), bugs);
        fprintf(out, "| [%s](impl-%s.html) | <code>", order[i]->name, order[i]->name);
        for (const char *c = any_claim(order[i])->formula; *c != '\0'; c++) {
            char one[2] = {*c, '\0'};
            if (strchr("|*_<>[]`\\~", *c) != NULL) putc('\\', out);
            fputs(*c == '&' ? "&amp;" : one, out);
        }
        fprintf(out, "</code> | %s | %s |\n", op_names[order[i]->op], claimed_bugs(order[i]) ? bugs : "right");
    }
}
