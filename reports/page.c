/* page - see page.h.  Every number comes out of the evidence; what is typed here is words.
   SPDX-License-Identifier: MIT */
#include "page.h"
#include "page_matrix.h"
#include "peers.h"
#include "share.h"

#include <stdlib.h>
#include <string.h>

static const char *about(const struct evidence *e, const char *key)
{
    for (size_t r = 0; r < e->about.rows; r++)
        if (strcmp(e->about.cell[r][0], key) == 0) return e->about.cell[r][1];
    return "not recorded";
}

static void write_head(const struct evidence *e, FILE *out)
{
    size_t right = 0, suites = e->suite_count;
    for (size_t i = 0; i < e->subjects.count; i++) right += e->subjects.subject[i].claim[F32]->bugs == 0;
    fprintf(
        out,
        "# maskproof: several ways to mask a softmax, judged\n\n"
        "`p_i = m_i exp(x_i) / sum_j m_j exp(x_j)`: %zu implementations, %zu of them right by what they claim, over "
        "%zu suites in four formats: %zu rows, each compared with the correctly rounded answer.\n\n",
        e->subjects.count, right, suites, e->rows);
}

/* --- the article --- */

static void write_article(const struct evidence *e, FILE *out)
{
    fputs(
        "## The article, line by line\n\n"
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
}

/* --- error --- */

static void write_errors(const struct evidence *e, FILE *out)
{
    fputs(
        "## How accurate\n\n"
        "Errors are measured against the exact value, in units of the last place there. In f64 and f32 the worst comes "
        "from rounding `x - max` (a distance of 64 to 128 costs up to 64 ulp in f32) and from the sum, left to right; "
        "in "
        "bf16 and f16 the arithmetic inside one operation is f32, so only the last rounding shows.\n\n"
        "FIGURE errors: For each implementation and format, the median and the largest error in ulp of the rows that "
        "pass; f64 and f32 reach tens to hundreds of ulp, bf16 and f16 stay near one half.\n\n"
        "A star marks an implementation that is wrong by its own account; its failing rows are left out here.\n\n"
        "| implementation | claim, f64 / f32 / bf16 / f16 [ulp] | largest seen |\n|---|---|---|\n",
        out);
    for (size_t s = 0; s < e->subjects.count; s++) {
        const struct subject *subject = &e->subjects.subject[s];
        fprintf(out, "| %s |", subject->name);
        for (int f = 0; f < FORMATS; f++)
            fprintf(out, " %g%s", subject->claim[f]->max_ulp, f < FORMATS - 1 ? " /" : " |");
        for (int f = 0; f < FORMATS; f++) {
            struct tally t = subject_in_format(subject, f);
            fprintf(out, " %.4g%s", t.worst, f < FORMATS - 1 ? " /" : " |\n");
        }
    }
    fputc('\n', out);
}

/* --- leak --- */

static void write_leak(FILE *out)
{
    fputs("## How much leaks\n\n"
          "`softmax(x * mask)` gives the masked entries exactly `N / (N + e^LSE)` of the probability, whatever their "
          "logits were: `N` is how many there are, `LSE` the log-sum-exp of the valid logits. Each nat that the valid "
          "logits lose multiplies the leak by e.\n\n"
          "FIGURE leak: Observed leak of every row of suite plain in f32 against LSE minus ln N, on the curve of the "
          "leak "
          "law, with the article's two figures for Maia2 marked.\n\n",
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
    fputs(
        "## Where mathematics has no answer\n\n"
        "What each implementation did with rows that have no distribution. `zero`: all +0; `nan`: NaN (for `empty` in "
        "every entry, else in every valid one); `lane-nan`: NaN only where the +inf or NaN is; `neither`: some row "
        "fits "
        "no name. The last column is what masked entries hold in rows whose valid entries are NaN.\n\n"
        "| implementation | nothing valid | a valid NaN | a valid +inf | all valid -inf | masked, in NaN rows |\n"
        "|---|---|---|---|---|---|\n",
        out);
    for (size_t s = 0; s < e->subjects.count; s++) {
        struct tally all = subject_in_all(&e->subjects.subject[s]);
        fprintf(out, "| %s |", e->subjects.subject[s].name);
        for (int key = KEY_EMPTY; key <= KEY_MASKED; key++) write_choices(out, &all, (enum policy_key)key);
        fputc('\n', out);
    }
    fputc('\n', out);
}

/* --- speed --- */

static void write_speed(const struct evidence *e, FILE *out)
{
    fprintf(
        out,
        "## How fast\n\n"
        "Only what was judged right on the very arrays it is timed on is timed. The floor is a masked copy, `p = m ? "
        "x : 0`, of the same arrays in the same round; compare ratios, not nanoseconds (%s).\n\n"
        "FIGURE speed: Time of each implementation over the time of a masked copy, by shape, with the interval of the "
        "median, 95 %%.\n\n"
        "| shape | rows x n | valid | implementation | ns per entry | over the copy | 95 %% sure | GB/s |\n"
        "|---|---|---:|---|---:|---:|---:|---:|\n",
        about(e, "cpu"));
    for (size_t r = 0; r < e->timings.rows; r++) {
        char **c = e->timings.cell[r];
        if (strcmp(c[6], "refused") == 0)
            fprintf(out, "| %s | %s x %s | %.3g %% | %s | | refused: %s | | |\n", c[0], c[1], c[2], 100 * atof(c[3]),
                    c[5], c[13]);
        else
            fprintf(out, "| %s | %s x %s | %.3g %% | %s | %s | %s | %s to %s | %s |\n", c[0], c[1], c[2],
                    100 * atof(c[3]), c[5], c[7], c[8], c[9], c[10], c[11]);
    }
    fputc('\n', out);
}

/* As it was stored: no library need be installed to draw the page. */
static void write_libraries(FILE *out)
{
    char path[4096];
    struct peers peers;
    share_path(path, sizeof path, "peers.tsv");
    peers_read(&peers, path);
    peers_markdown(&peers, out);
    peers_free(&peers);
}

static void write_foot(const struct evidence *e, FILE *out)
{
    fputs("## What this was made of\n\n| what | value |\n|---|---|\n", out);
    for (size_t r = 0; r < e->about.rows; r++) fprintf(out, "| %s | %s |\n", e->about.cell[r][0], e->about.cell[r][1]);
    fputs("\nBeside this page lie the data it is drawn from: `claims.tsv`, `suites.txt`, `verdicts.tsv`, "
          "`timings.tsv`, `article.tsv`, "
          "`leak.tsv`, `about.tsv`. `maskproof report --from DIRECTORY` draws it again without running anything.\n",
          out);
}

void page_write(const struct evidence *e, FILE *out)
{
    write_head(e, out);
    page_standings(e, out);
    page_matrix(e, out);
    write_article(e, out);
    write_errors(e, out);
    write_leak(out);
    write_edges(e, out);
    write_libraries(out);
    write_speed(e, out);
    write_foot(e, out);
}
