/* page - see page.h: the index.
   SPDX-License-Identifier: MIT */
#include "page.h"
#include "bounded.h"
#include "directory.h"
#include "page_matrix.h"
#include "peers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *id, *title;
} sections[] = {
    {"choose", "Which one should I use?"},
    {"article", "The article, line by line"},
    {"standings", "Who fails where"},
    {"accuracy", "How accurate"},
    {"bound", "Error beside its bound"},
    {"leak", "How much leaks"},
    {"reach", "How large logits may be"},
    {"edges", "Where mathematics has no answer"},
    {"libraries", "Libraries"},
    {"speed", "How fast"},
    {"chess", "Chess: what networks leak"},
    {"matrix", "Which suite finds which bug"},
    {"naming", "Is the bug named right"},
    {"made-of", "What this was made of"},
};

static void heading(FILE *out, const char *id)
{
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (strcmp(sections[i].id, id) == 0) fprintf(out, "<h2 id=\"%s\">%s</h2>\n\n", id, sections[i].title);
}

static void write_head(const struct evidence *e, FILE *out)
{
    size_t right = 0, suites = e->suite_count, formats_judged = 0;
    for (size_t i = 0; i < e->subjects.count; i++) right += claimed_bugs(&e->subjects.subject[i]) == 0;
    for (int f = 0; f < FORMATS; f++) formats_judged += e->format_judged[f];
    fprintf(out,
            "# Several ways to mask a softmax, judged\n\n"
            "`p_i = m_i exp(x_i) / sum_j m_j exp(x_j)`: %zu implementations, %zu of them right by what they claim, "
            "over %zu suites in %zu formats: %zu rows, each compared with the correctly rounded answer.\n\n"
            "<nav class=\"contents\" aria-label=\"contents\"><ul>\n",
            e->subjects.count, right, suites, formats_judged, e->rows);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        fprintf(out, "<li><a href=\"#%s\">%s</a></li>\n", sections[i].id, sections[i].title);
    if (access(path_in(e->directory, "proofs.md"), R_OK) == 0) fputs("<li><a href=\"#proofs\">Proofs</a></li>\n", out);
    fputs("</ul></nav>\n\n", out);
}

/* --- the article --- */

static void write_article(const struct evidence *e, FILE *out)
{
    heading(out, "article");
    fputs(
        "*Masked Softmax Layers in PyTorch* (Cognetta, 2025). \"Exact\" is of the decimals as they are printed there, "
        "to 20 digits; beside it stands the correctly rounded f32 word for the f32 logits.\n\n"
        "| claim | what | entry | the article says | we get | exact | f32 word, exact | |\n"
        "|---|---|---|---:|---:|---:|---|---|\n",
        out);
    for (size_t r = 0; r < e->article.rows; r++) {
        char **c = e->article.cell[r];
        bool again = r > 0 && strcmp(c[1], e->article.cell[r - 1][1]) == 0;
        fprintf(out, "| %s | %s | %s | %s | %s | %s | `%s` | %s |\n", again ? "" : c[0], again ? "" : c[1], c[2], c[3],
                c[4], c[5], c[6], c[7]);
    }
    fputc('\n', out);
    page_proofs_of_article(e, out);
}

/* A row of the suites in which two formulas that are equal on paper are not: `wrong` shows that bug, `right` none. */
static void write_departure(const struct evidence *e, const char *claim, const char *wrong, unsigned bug,
                            const char *right, FILE *out)
{
    const struct subject *s = subjects_named(&e->subjects, wrong);
    int b = 0;
    while (!(bug >> b & 1)) b++;
    const struct failing *f = s ? &e->failing[s - e->subjects.subject][b] : NULL;
    if (f == NULL || f->id[0] == '\0') return;
    fprintf(out,
            "%s In floating point it ends, with %s, in suite %s, %s:\n\n```\n"
            "maskproof gen %s %s --id %s | maskproof run %s | maskproof show\n"
            "maskproof gen %s %s --id %s | maskproof run %s | maskproof show\n```\n\n",
            claim, bug_names[b], e->suites[f->suite], formats[f->format].name, e->suites[f->suite],
            formats[f->format].name, f->id, wrong, e->suites[f->suite], formats[f->format].name, f->id, right);
}

static void write_departures(const struct evidence *e, FILE *out)
{
    write_departure(e, "**A7**: renormalizing and adding the mask's logarithm are equal, over the real numbers.",
                    "renormalize", BUG_STARVE, "log_mask", out);
    write_departure(
        e, "**A8**: `where(mask, 0, -inf)` is `mask.log()`, and adding either is selecting, for finite logits.",
        "where_add", BUG_POISON, "where", out);
    fputs("**A11**, nested and ragged tensors: [Libraries](#libraries). **A12**, fewer passes: the column of passes "
          "under "
          "[How fast](#speed).\n\n",
          out);
}

/* --- error --- */

static void write_errors(const struct evidence *e, FILE *out)
{
    heading(out, "accuracy");
    fputs(
        "Errors are measured against the exact value, in units of the last place there. In f64 and f32 the worst comes "
        "from rounding `x - max` (a distance of 64 to 128 costs up to 64 ulp in f32) and from the sum, left to right; "
        "in "
        "bf16 and f16 the arithmetic inside one operation is f32, so only the last rounding shows.\n\n"
        "FIGURE errors: The median and the largest error in ulp of the rows that pass, for each implementation and "
        "format: f64 and f32 reach tens to hundreds of ulp, bf16 and f16 stay near one half, and only the correctly "
        "rounded one never passes it.\n\n"
        "A star marks an implementation that is wrong by its own account; its failing rows are left out here.\n\n"
        "| implementation | claim, f64 / f32 / bf16 / f16 [ulp] | largest seen |\n|---|---|---|\n",
        out);
    for (size_t s = 0; s < e->subjects.count; s++) {
        const struct subject *subject = &e->subjects.subject[s];
        fprintf(out, "| [%s](impl-%s.html) |", subject->name, subject->name);
        for (int f = 0; f < FORMATS; f++) {
            if (subject->claim[f] != NULL)
                fprintf(out, " %g%s", subject->claim[f]->max_ulp, f < FORMATS - 1 ? " /" : " |");
            else
                fputs(f < FORMATS - 1 ? " - /" : " - |", out);
        }
        for (int f = 0; f < FORMATS; f++) {
            struct tally t = subject_in_format(subject, f);
            if (t.rows[PASS] > 0)
                fprintf(out, " %.4g%s", t.worst, f < FORMATS - 1 ? " /" : " |\n");
            else
                fputs(f < FORMATS - 1 ? " - /" : " - |\n", out); /* not judged, or nothing passed */
        }
    }
    fputc('\n', out);
}

/* --- leak --- */

static void write_leak(FILE *out)
{
    heading(out, "leak");
    fputs(
        "`softmax(x * mask)` gives the masked entries exactly `N / (N + e^LSE)` of the probability, whatever their "
        "logits were: `N` is how many there are, `LSE` the log-sum-exp of the valid logits. Each nat that the valid "
        "logits lose multiplies the leak by e.\n\n"
        "FIGURE leak: The leak of every row of suite plain in f32 lies on the curve of the leak law, down to where f32 "
        "underflows; the article's two figures for Maia2 are marked on it.\n\n",
        out);
}

/* --- edge cases --- */

static void write_choices(FILE *out, const struct tally *t, enum policy_key key)
{
    bool any = false;
    for (int c = 0; c < CHOICES; c++) {
        if (!(t->choices[key] >> c & 1)) continue;
        fprintf(out, "%s%s", any ? ", " : " ", choice_names[c]);
        any = true;
    }
    if (t->undecided[key]) fprintf(out, "%sneither", any ? ", " : " ");
    if (!any && !t->undecided[key]) fputs(key == KEY_MASKED ? " zero" : " -", out);
    fputs(" |", out);
}

static void write_edges(const struct evidence *e, FILE *out)
{
    heading(out, "edges");
    fputs(
        "What each implementation did with rows that have no distribution. `zero`: all +0; `nan`: NaN (for `empty` in "
        "every entry, else in every valid one); `lane-nan`: NaN only where the +inf or NaN is; `neither`: some row "
        "fits "
        "no name. The last column is what masked entries hold in rows whose valid entries are NaN.\n\n"
        "| implementation | nothing valid | a valid NaN | a valid +inf | all valid -inf | masked, in NaN rows |\n"
        "|---|---|---|---|---|---|\n",
        out);
    for (size_t s = 0; s < e->subjects.count; s++) {
        struct tally all = subject_in_all(&e->subjects.subject[s]);
        fprintf(out, "| [%s](impl-%s.html) |", e->subjects.subject[s].name, e->subjects.subject[s].name);
        for (int key = KEY_EMPTY; key <= KEY_MASKED; key++) write_choices(out, &all, (enum policy_key)key);
        fputc('\n', out);
    }
    fputc('\n', out);
}

/* --- speed --- */

void page_refused(const char *note, FILE *out)
{
    fputs(" | refused: ", out);
    for (; *note != '\0'; note++) fputs(*note == '|' ? " or " : (char[]){*note, '\0'}, out); /* | ends a cell */
    fputs(" | | | |\n", out);
}

static void write_speed(const struct evidence *e, FILE *out)
{
    heading(out, "speed");
    fprintf(
        out,
        "Only what was judged right on the very arrays it is timed on is timed. The floor is a masked copy, `p = m ? "
        "x : 0`, of the same arrays in the same round; compare ratios, not nanoseconds (%s).\n\n"
        "FIGURE speed: Time over that of a masked copy, by shape, the fastest on top, with the interval of the median: "
        "the "
        "fused kernels lie next to the floor, the plain ones pay for their exponentials.\n\n"
        "<details>\n<summary>Every time that was taken</summary>\n\n"
        "| shape | rows x n | valid | implementation | ns per entry | over the copy | 95 %% sure | GB/s | passes |\n"
        "|---|---|---:|---|---:|---:|---:|---:|---:|\n",
        evidence_about(e, "processor"));
    const struct tsv *t = &e->timings;
    for (size_t r = 0; r < t->rows; r++) {
        const char *impl = tsv_cell(t, r, "impl");
        bool floor = subjects_named(&e->subjects, impl) == NULL;
        fprintf(out, "| %s | %s x %s | %.3g %% |", tsv_cell(t, r, "shape"), tsv_cell(t, r, "rows"), tsv_cell(t, r, "n"),
                100 * strtod(tsv_cell(t, r, "density"), NULL));
        fprintf(out, floor ? " %s |" : " [%s](impl-%s.html) |", impl, impl);
        if (strcmp(tsv_cell(t, r, "status"), "refused") == 0)
            page_refused(tsv_cell(t, r, "note"), out);
        else
            fprintf(out, " %s | %s | %s to %s | %s | %s |\n", tsv_cell(t, r, "ns_per_element"), tsv_cell(t, r, "ratio"),
                    tsv_cell(t, r, "ratio_low"), tsv_cell(t, r, "ratio_high"), tsv_cell(t, r, "gb_per_s"),
                    tsv_cell(t, r, "passes"));
    }
    fputs("\n</details>\n\n", out);
}

static void write_number(double v, FILE *out)
{
    if (isnan(v))
        fputs(" |", out);
    else
        fprintf(out, " %.4g |", v);
}

/* What is proved, implementation by implementation, beside what was seen. */
static void write_proved(const struct evidence *e, FILE *out)
{
    size_t count;
    struct bounded *b = bounded_read(&e->normwise, &count);
    struct bounded_example example[EXAMPLES];
    fprintf(out,
            "[What is proved](#proofs) bounds each entry: `|result - exact| <= B exact + a few half subnormals`, for "
            "every row, in any order of the sum, if the program's exp is right to one ulp (fused and correctly_rounded "
            "bring their own). No term of second order is left out. Here is the largest error that was seen of each "
            "implementation that says how it adds up, with the B of that row; %zu rows lie above theirs.\n\n"
            "FIGURE proved: Every filled mark, the largest error, lies left of its open one, the bound of that row: "
            "far left "
            "in most, for a bound has to hold for the worst of orders and signs; near it in a long row that is made to "
            "stagnate, and correctly_rounded comes up to its own.\n\n"
            "<details><summary>The numbers</summary>\n\n| implementation |",
            bounded_above(b, count));
    for (int f = 0; f < FORMATS; f++) fprintf(out, " %s: error | bound |", formats[f].name);
    fputs("\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n", out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "| [%s](impl-%s.html) |", b[i].impl, b[i].impl);
        for (int f = 0; f < FORMATS; f++) {
            write_number(b[i].in[f].rows > 0 ? b[i].in[f].error : NAN, out);
            write_number(b[i].in[f].rows > 0 ? b[i].in[f].bound : NAN, out);
        }
        putc('\n', out);
    }
    free(b);
    fprintf(
        out,
        "\n</details>\n\nFor a row of %d valid entries within %d nats, in u of the format; `others` is the bound of "
        "Blanchard, Higham and Higham for all of it in that format, `seen` the largest error in rows that are no "
        "longer and no wider:\n\n| order of the sum | format | proved | others | seen | in |\n"
        "|---|---|---:|---:|---:|---|\n",
        EXAMPLE_ENTRIES, EXAMPLE_RANGE);
    bounded_examples(&e->normwise, example);
    for (int i = 0; i < EXAMPLES; i++) {
        fprintf(out, "| %s | %s |", example[i].way, formats[example[i].format].name);
        write_number(example[i].proved, out);
        write_number(example[i].others, out);
        write_number(example[i].seen, out);
        fprintf(out, " %s |\n", example[i].impl);
    }
    putc('\n', out);
}

static void write_bounds(const struct evidence *e, FILE *out)
{
    heading(out, "bound");
    write_proved(e, out);
    fputs(
        "Blanchard, Higham and Higham (IMA J. Numer. Anal. 41(4), 2021) bound the error of a row as a whole by "
        "`(n + 2 + 2 (x_max - x_min)) u` if the maximum is subtracted first, and by `(n + 3) u` if not, over the valid "
        "entries; so it stands here beside `max |error| / max p`, in units of `u = 2^-24`. Every implementation that "
        "is right is drawn, on the suites plain and long, in f32.\n\n"
        "FIGURE growth: A sum from left to right (where) loses more the more entries it adds up, and in a row made to "
        "stagnate it comes up to the bound; a sum in pairs hardly grows.\n\n"
        "FIGURE spread: Subtracting the maximum rounds once, which costs up to half an ulp of the distance: the "
        "error of a row grows with the range of its logits as the bound says, but only where such entries weigh.\n\n"
        "FIGURE density: Masked entries cost nothing: rows with few valid entries are no worse than others, for only "
        "the valid ones are added up.\n\n",
        out);
}

/* As it was stored: no library need be installed to draw the page. */
static void write_libraries(const struct evidence *e, FILE *out)
{
    struct peers peers;
    peers_read(&peers, path_in(e->directory, "peers.tsv"));
    peers_edges_markdown(&peers, out);
    heading(out, "libraries");
    peers_markdown(&peers, out);
    peers_free(&peers);
}

static void write_foot(const struct evidence *e, FILE *out)
{
    heading(out, "made-of");
    fputs("| what | value |\n|---|---|\n", out);
    for (size_t r = 0; r < e->about.rows; r++) fprintf(out, "| %s | %s |\n", e->about.cell[r][0], e->about.cell[r][1]);
    fputs(
        "\nIn `data/` beside this page lie the data it is drawn from: `claims.tsv`, `suites.txt`, `verdicts.tsv`, "
        "`timings.tsv`, `article.tsv`, "
        "`leak.tsv`, `reach.tsv`, `normwise.tsv`, `explain.txt`, `about.tsv`, and the sources. `maskproof report "
        "--from "
        "DIRECTORY` draws it again without running anything, and `--against DIRECTORY` compares it with another run.\n",
        out);
}

void page_index(const struct evidence *e, const char *more, FILE *out)
{
    write_head(e, out);
    page_decision(e, out);
    write_article(e, out);
    write_departures(e, out);
    page_standings(e, out);
    write_errors(e, out);
    write_bounds(e, out);
    write_leak(out);
    page_reach(e, out);
    write_edges(e, out);
    write_libraries(e, out);
    write_speed(e, out);
    fputs(more, out);
    page_matrix(e, out);
    write_foot(e, out);
}
