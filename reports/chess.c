/* chess - see chess.h.  The leak of softmax(x * mask) follows from the log-sum-exp of the legal logits alone, so the
   data of 119,490 positions is a column of these for each network.
   SPDX-License-Identifier: MIT */
#include "chess.h"
#include "draw.h"
#include "leak_tally.h"
#include "npy.h"
#include "scratch.h"
#include "share.h"
#include "tsv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NETS = 3, CLASSES_OF_LC0 = 1858 };
static const char *const nets[NETS] = {"1100", "1500", "1900"};

/* The positions: for each its legal moves, half-moves played, whether in check, and by network its LSE and leak. */
static struct {
    size_t count;
    double *legal, *ply, *check, *lse[NETS], *leak[NETS];
    size_t rows; /* of the sample: ragged rows of legal logits of 1500 */
    double *bounds, *logits;
} data;

/* A whole file of the shipped data; `count` entries, or as many as there are if it is 0. */
static double *column(const char *name, size_t *count)
{
    char file[80], path[SCRATCH_PATH];
    struct npy a;
    snprintf(file, sizeof file, "chess/maia1/%s.npy", name);
    share_path(path, sizeof path, file);
    npy_open(&a, path);
    size_t all = a.rows * a.n;
    if (*count != 0 && all != *count) npy_fail(&a, "expected %zu entries, found %zu", *count, all);
    double *value = malloc(all * sizeof *value + 1);
    if (value == NULL) npy_fail(&a, "out of memory for %zu entries", all);
    npy_read(&a, all, value);
    npy_close(&a);
    *count = all;
    return value;
}

/* N / (N + e^LSE). */
static double law(double masked, double lse) { return 1 / (1 + exp(lse - log(masked))); }

static void load(void)
{
    size_t bounds = 0, values = 0;
    data.legal = column("n_legal", &data.count);
    data.ply = column("ply", &data.count);
    data.check = column("in_check", &data.count);
    for (int k = 0; k < NETS; k++) {
        char name[40];
        snprintf(name, sizeof name, "lse_legal_%s", nets[k]);
        data.lse[k] = column(name, &data.count);
        data.leak[k] = malloc(data.count * sizeof *data.leak[k]);
        if (data.leak[k] == NULL) abort();
        for (size_t i = 0; i < data.count; i++) data.leak[k][i] = law(CLASSES_OF_LC0 - data.legal[i], data.lse[k][i]);
    }
    data.bounds = column("sample_offsets", &bounds);
    data.logits = column("sample_logits_1500", &values);
    data.rows = bounds - 1;
}

static void unload(void)
{
    double *all[] = {data.legal, data.ply, data.check, data.bounds, data.logits};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    for (int k = 0; k < NETS; k++) {
        free(data.lse[k]);
        free(data.leak[k]);
    }
}

/* Quantiles of one network over the positions whose `key` is in [least, most]; free it. */
static struct leak_tally tally_of(int net, const double *key, double least, double most)
{
    struct leak_tally t = {.rows = 0};
    for (size_t i = 0; i < data.count; i++) {
        if (key != NULL && !(key[i] >= least && key[i] <= most)) continue;
        double masked = CLASSES_OF_LC0 - data.legal[i], lse = data.lse[net][i], leak = data.leak[net][i];
        struct leak_row row = {.valid = (size_t)data.legal[i], .masked = (size_t)masked, .lse_valid = lse};
        struct fraction fraction = {.wrong = leak,
                                    .kl = -log1p(-leak),
                                    .masked_wins = lse < 0, /* then every legal logit is */
                                    .masked_may_win = lse - log(data.legal[i]) < 0};
        leak_tally_add(&t, &fraction, &row, i, 1);
    }
    leak_tally_close(&t, &formulations[MULTIPLY]);
    return t;
}

/* --- figures: each writes the data of one --- */

/* Share of positions that leak more than so much: a block for each network. */
static void write_leak(FILE *out)
{
    for (int k = 0; k < NETS; k++) {
        struct leak_tally t = tally_of(k, NULL, 0, 0);
        fprintf(out, "%s\"Maia-1 %s\"\n", k > 0 ? "\n\n" : "", nets[k]);
        for (double rank = 1; rank < (double)t.rows; rank = ceil(rank * 1.05))
            fprintf(out, "%.6g %.6g\n", t.wrong[t.rows - (size_t)rank], rank / (double)t.rows);
        leak_tally_free(&t);
    }
}

static void write_bins(FILE *out, const double *key, const double *edges, size_t bins)
{
    for (int k = 0; k < NETS; k++) {
        fprintf(out, "\"Maia-1 %s\"\n", nets[k]);
        for (size_t b = 0; b < bins; b++) {
            struct leak_tally t = tally_of(k, key, edges[b], edges[b + 1] - 1);
            if (t.rows > 0)
                fprintf(out, "%g %.6g %.6g %.6g %zu\n", (edges[b] + edges[b + 1] - 1) / 2, 100 * t.quantile[0],
                        100 * t.quantile[1], 100 * t.quantile[2], t.rows);
            leak_tally_free(&t);
        }
        fputs("\n\n", out);
    }
}

/* By half-move, then by number of legal moves: blocks 0 to 2, and 3 to 5. */
static void write_by(FILE *out)
{
    static const double plies[] = {5, 10, 20, 30, 40, 50, 60, 80, 100, 120, 140, 160, 180, 200, 250, 300};
    static const double legal[] = {1, 2, 3, 4, 6, 8, 11, 16, 21, 26, 31, 36, 41, 46, 51, 61, 81};
    write_bins(out, data.ply, plies, sizeof plies / sizeof *plies - 1);
    write_bins(out, data.legal, legal, sizeof legal / sizeof *legal - 1);
}

static const size_t heads[] = {1858, 4672, 50257, 151936};
enum { HEADS = sizeof heads / sizeof *heads };

/* Mean leak over the sample if its logits, times `scale`, stood in a head of so many entries. */
static double scaled(double scale, size_t head)
{
    double sum = 0;
    for (size_t r = 0; r < data.rows; r++) {
        size_t from = (size_t)data.bounds[r], to = (size_t)data.bounds[r + 1];
        double max = -INFINITY, odds = 0;
        for (size_t i = from; i < to; i++) max = fmax(max, scale * data.logits[i]);
        for (size_t i = from; i < to; i++) odds += exp(scale * data.logits[i] - max);
        sum += law((double)(head - (to - from)), max + log(odds));
    }
    return sum / (double)data.rows;
}

static void write_scale(FILE *out)
{
    for (size_t h = 0; h < HEADS; h++) {
        fprintf(out, "%s\"%zu entries\"\n", h > 0 ? "\n\n" : "", heads[h]);
        for (int i = 0; i <= 40; i++) fprintf(out, "%g %.6g\n", i / 10.0, 100 * scaled(i / 10.0, heads[h]));
    }
}

static void draw_figure(const char *name, void (*write)(FILE *out), const char *directory)
{
    char path[SCRATCH_PATH], svg[SCRATCH_PATH], file[80];
    snprintf(file, sizeof file, "%s.dat", name);
    scratch_path(path, file);
    FILE *out = fopen(path, "w");
    if (out == NULL || (size_t)snprintf(svg, sizeof svg, "%s/%s.svg", directory, name) >= sizeof svg) {
        fprintf(stderr, "maskproof: cannot write the data of %s\n", name);
        exit(2);
    }
    write(out);
    fclose(out);
    draw(name, path, svg);
}

/* --- the text --- */

static void write_networks(FILE *out)
{
    fputs("| network | mean | median | 90 % | 99 % | 99.9 % | worst | above 0.1 % | 1 % | 5 % | argmax masked | one of "
          "40 |\n"
          "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
          out);
    for (int k = 0; k < NETS; k++) {
        struct leak_tally t = tally_of(k, NULL, 0, 0);
        fprintf(out, "| Maia-1 %s | %.3f | %.3f | %.2f | %.2f | %.1f | %.1f |", nets[k], 100 * t.mean,
                100 * t.quantile[0], 100 * t.quantile[1], 100 * t.quantile[2], 100 * t.quantile[3], 100 * t.max);
        for (int l = 0; l < LEVELS; l++) fprintf(out, " %.2f |", 100 * (double)t.above[l] / (double)t.rows);
        fprintf(out, " %s%zu | %.1f |\n", t.wins == t.may_win ? "" : "at most ", t.may_win, 100 * t.in_40);
        leak_tally_free(&t);
    }
}

static void write_check(FILE *out)
{
    fputs("| network | in check: median | 99 % | worst | not in check: median | 99 % | worst |\n"
          "|---|--:|--:|--:|--:|--:|--:|\n",
          out);
    for (int k = 0; k < NETS; k++) {
        fprintf(out, "| Maia-1 %s |", nets[k]);
        for (int check = 1; check >= 0; check--) {
            struct leak_tally t = tally_of(k, data.check, check, check);
            fprintf(out, " %.3f | %.2f | %.1f |", 100 * t.quantile[0], 100 * t.quantile[2], 100 * t.max);
            leak_tally_free(&t);
        }
        putc('\n', out);
    }
}

/* The LSE at which so much leaks. */
static double lse_of(double masked, double leak) { return log(masked * (1 - leak) / leak); }

/* The normal quantile, for 0 < p < 1/2, by halving. */
static double normal_quantile(double p)
{
    double low = -40, high = 0;
    for (int i = 0; i < 100; i++) {
        double middle = (low + high) / 2;
        if (erfc(-middle / sqrt(2)) / 2 < p)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* A normal LSE whose lowest 10 % and lowest one in 100,000 leak what the article says, N = 1850. */
static void write_ensemble(FILE *out)
{
    enum { MASKED = 1850 };
    double typical = lse_of(MASKED, 0.001), worst = lse_of(MASKED, 0.051);
    double z = normal_quantile(0.1), far = normal_quantile(1e-5);
    double deviation = (typical - worst) / (z - far), mean = typical - z * deviation;
    fprintf(out,
            "The article's two figures are two points of such a curve: 0.1 %% is an LSE of %.2f, 5.1 %% one of %.2f. "
            "If \"most\" is 90 %% "
            "of the positions, and the LSE were normal, its mean would be %.2f nats and its deviation %.2f (the dashed "
            "line, an "
            "ensemble calibrated to these two points and nothing more). The networks measured here have",
            typical, worst, mean, deviation);
    for (int k = 0; k < NETS; k++) {
        double sum = 0, squares = 0, n = (double)data.count;
        for (size_t i = 0; i < data.count; i++) sum += data.lse[k][i];
        for (size_t i = 0; i < data.count; i++) squares += pow(data.lse[k][i] - sum / n, 2);
        fprintf(out, "%s %.2f and %.2f (%s)", k > 0 ? "," : "", sum / n, sqrt(squares / n), nets[k]);
    }
    fputs("; each nat less leaks 2.7 times as much.\n", out);
}

static void write_heads(FILE *out)
{
    static const double leaks[] = {0.001, 0.01, 0.5};
    fputs("| entries | LSE for 0.1 % | for 1 % | for 50 % | mean leak of the 4,000 positions, logits x 0.5 | x 1 | x 2 "
          "|\n"
          "|--:|--:|--:|--:|--:|--:|--:|\n",
          out);
    for (size_t h = 0; h < HEADS; h++) {
        fprintf(out, "| %zu |", heads[h]);
        for (int i = 0; i < 3; i++) fprintf(out, " %.2f |", lse_of((double)heads[h] - 30, leaks[i]));
        for (int i = 0; i < 3; i++) fprintf(out, " %.3g %% |", 100 * scaled(0.5 * (1 << i), heads[h]));
        putc('\n', out);
    }
}

/* The same implementation's row in f32, which comes before all others; NULL if this is it. */
static char **in_f32(const struct tsv *runs, char **row)
{
    for (size_t r = 0; r < runs->rows; r++)
        if (strcmp(runs->cell[r][0], row[0]) == 0) return runs->cell[r] == row ? NULL : runs->cell[r];
    return NULL;
}

/* What the implementations made of the 4,000 rows: those that fail in f32, and those that fail in f16 alone. */
static void write_runs(FILE *out)
{
    enum { NAME, FORMAT, ALL, PASSED, NO_NUMBER, BUG, MEAN, WORST, COLUMNS };
    struct tsv runs;
    char path[SCRATCH_PATH];
    size_t right = 0, all = 0;
    share_path(path, sizeof path, "chess/maia1/runs.tsv");
    tsv_read(&runs, path, COLUMNS);
    for (size_t r = 0; r < runs.rows; r++) {
        all++;
        right += strcmp(runs.cell[r][ALL], runs.cell[r][PASSED]) == 0;
    }
    fprintf(out,
            "\nEvery implementation of `impls/` ran on 4,000 of these positions with the logits of 1500, in f32 and in "
            "f16; %zu of %zu "
            "such runs are right in every row. The others (in f16 those alone that hold in f32):\n\n"
            "| implementation | format | rows right | rows of NaN | mean leak, %% | worst "
            "|\n|---|---|--:|--:|--:|--:|\n",
            right, all);
    for (size_t r = 0; r < runs.rows; r++) {
        char **c = runs.cell[r], **f32 = in_f32(&runs, c);
        if (strcmp(c[ALL], c[PASSED]) == 0 || (f32 != NULL && strcmp(f32[ALL], f32[PASSED]) != 0)) continue;
        double mean = strtod(c[MEAN], NULL), worst = strtod(c[WORST], NULL);
        fprintf(out, "| %s | %s | %s | %s |", c[NAME], c[FORMAT], c[PASSED], c[NO_NUMBER]);
        if (isnan(mean))
            fputs(" - | - |\n", out);
        else
            fprintf(out, " %.3g | %.3g |\n", 100 * mean, 100 * worst);
    }
    tsv_free(&runs);
}

void chess_markdown(const char *directory, FILE *out)
{
    load();
    draw_figure("chess_leak", write_leak, directory);
    draw_figure("chess_by", write_by, directory);
    draw_figure("chess_scale", write_scale, directory);
    fprintf(out,
            "`softmax(x * mask)` gives `N / (N + e^LSE)` of every row to its N masked entries, LSE the log-sum-exp of "
            "the valid "
            "logits. Measured on %zu positions, with the three Maia-1 networks, all of lc0's 1858 moves, those that "
            "are not legal "
            "masked; percent of probability on illegal moves:\n\n",
            data.count);
    write_networks(out);
    fputs("\nNo illegal move is ever the likeliest, and so nobody notices; but of 40 moves sampled at random positions "
          "one is "
          "illegal with the chance in the last column. Maia-1 is not Maia2, of which the article speaks, and these are "
          "not its "
          "positions: compare shapes.\n\nFIGURE chess_leak: The share of positions that leak more than so much: three "
          "networks measured, the article's two figures of Maia2, and a normal LSE through these.\n\n",
          out);
    write_ensemble(out);
    fputs("\nIt leaks more in endgames. Where few moves are legal the median is lowest, for a network sees most checks "
          "and captures "
          "coming, and the tail is heaviest: the worst rows are forced moves that it did not foresee, so that their "
          "logits are "
          "low.\n\nFIGURE chess_by: Leak by half-moves played, and by number of legal moves: median (thick), 99 % "
          "quantile (thin).\n\n",
          out);
    write_check(out);
    write_runs(out);
    fputs("\nThe leak is a matter of scale: a larger head leaks more in proportion, until it leaks nearly everything; "
          "larger logits "
          "(a lower temperature, applied before the mask) leak less, exponentially:\n\n"
          "FIGURE chess_scale: Mean leak of one network's logits times a scale, if they stood in heads of four "
          "sizes.\n\n",
          out);
    write_heads(out);
    fputs(
        "\nA formulation that is right leaks nothing, whatever the scale; `maskproof leak` says so of your own logits. "
        "The data, and how it was made: `reports/chess/maia1/README.md`.\n",
        out);
    unload();
}
