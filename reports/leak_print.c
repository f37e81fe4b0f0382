/* leak_print - see leak_print.h.  Fractions in JSON, percentages for people.

   maskproof, source, type, rows, classes
   left_out        rows by class (empty, nan, pinf, all-ninf): these have no right distribution, and are in no number
   valid, lse      min, max (and mean) over the other rows
   gap             the most that a masked logit lies above all valid ones
   law_difference  the largest, of multiply summed entry by entry, from N / (N + e^LSE)
   formulations[]  name, formula, goes_to (masked: it leaks; nowhere: it is lost; valid: it is given to other valid
   ones), rows, nan (no distribution came out), wrong: mean, max, quantiles, above (rows beyond 0.1, 1, 5 %), kl: mean,
   max; invalid_argmax: certain, possible; sample_1, sample_40: chance of a masked one among so many samples; worst[]:
   row, wrong, valid, lse.  null: what was read does not tell SPDX-License-Identifier: MIT */
#include "leak_print.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>

static size_t plain_rows(const struct leaks *leaks)
{
    size_t rows = leaks->rows;
    for (int c = 0; c < CLASSES; c++) rows -= leaks->left_out[c];
    return rows;
}

/* --- for people --- */

/* A fraction in percent, four digits of it; exactly nothing is 0. */
static const char *percent(double fraction, char room[16])
{
    double v = 100 * fraction;
    snprintf(room, 16, v == 0 ? "0" : v < 1e-4 ? "%.1e" : v < 1 ? "%.4f" : v < 10 ? "%.3f" : "%.2f", v);
    return room;
}

static bool harmless(const struct leak_tally *t) { return t->max == 0 && t->nan == 0 && t->may_win == 0; }

static void print_row(const struct leaks *leaks, int i, FILE *out)
{
    const struct leak_tally *t = &leaks->tally[i];
    const struct formulation *f = &formulations[i];
    char room[16], wins[48] = "-";
    fprintf(out, "%-15s %-7s", f->name, leak_goes_names[f->goes]);
    fprintf(out, " %8s", percent(t->mean, room));
    for (int q = 0; q < QUANTILES; q++) fprintf(out, " %7s", percent(t->quantile[q], room));
    fprintf(out, " %7s", percent(t->max, room));
    for (int l = 0; l < LEVELS; l++) fprintf(out, " %7s", percent((double)t->above[l] / (double)t->rows, room));
    if (f->goes == TO_MASKED && t->wins == t->may_win) snprintf(wins, sizeof wins, "%zu", t->wins);
    if (f->goes == TO_MASKED && t->wins < t->may_win) snprintf(wins, sizeof wins, "%zu-%zu", t->wins, t->may_win);
    fprintf(out, " %7s %7s", f->goes == TO_MASKED ? percent(t->in_40, room) : "-", wins);
    fprintf(out, " %8.2e", t->kl_mean);
    if (t->nan > 0) fprintf(out, "  NaN in %zu rows", t->nan);
    putc('\n', out);
}

static void print_names(const struct leaks *leaks, const char *what, bool known, FILE *out)
{
    const char *before = what;
    for (int i = 0; i < FORMULATIONS; i++)
        if (leaks->known[i] == known && (!known || harmless(&leaks->tally[i]))) {
            fprintf(out, "%s %s", before, formulations[i].name);
            before = "";
        }
    if (before != what) putc('\n', out);
}

void leak_print_text(const struct leaks *leaks, FILE *out)
{
    size_t plain = plain_rows(leaks);
    fprintf(out, "%s: %zu rows of %s%zu %s logits", leaks->source, leaks->rows, leaks->mixed ? "up to " : "", leaks->n,
            leaks->type);
    for (int c = 0; c < CLASSES; c++)
        if (leaks->left_out[c] > 0) fprintf(out, ", %zu left out (%s)", leaks->left_out[c], class_names[c]);
    putc('\n', out);
    if (plain == 0) return;
    fprintf(out, "valid entries %zu to %zu, mean %.1f; LSE of the valid logits %.2f to %.2f nats", leaks->least_valid,
            leaks->most_valid, leaks->valid / (double)plain, leaks->least_lse, leaks->most_lse);
    if (!isnan(leaks->above)) fprintf(out, "; masked logits up to %.2f above all valid ones", leaks->above);
    fprintf(out, "\n\n%-15s %-7s %8s %7s %7s %7s %7s %7s %7s %7s %7s %7s %7s %8s\n", "misplaced, %", "goes to", "mean",
            "50 %", "90 %", "99 %", "99.9 %", "max", ">0.1 %", ">1 %", ">5 %", "in 40", "argmax", "KL");
    for (int i = 0; i < FORMULATIONS; i++)
        if (leaks->known[i] && !harmless(&leaks->tally[i])) print_row(leaks, i, out);
    putc('\n', out);
    print_names(leaks, "0 in every row:", true, out);
    print_names(leaks, "not known from this:", false, out);
    fputs("in 40: chance of a masked one in 40 samples; argmax: rows whose largest entry is masked; KL: mean, nats\n",
          out);
    if (!isnan(leaks->law))
        fprintf(out, "the law N / (N + e^LSE) and multiply, summed entry by entry, differ by %.1e at most\n",
                leaks->law);
    const struct leak_tally *t = &leaks->tally[MULTIPLY];
    if (t->worst_count > 0) fputs("worst rows of multiply:", out);
    for (size_t i = 0; i < t->worst_count; i++) {
        char room[16];
        const struct worst *w = &t->worst[i];
        fprintf(out, "%s row %zu, %zu valid, LSE %.2f: %s %%", i > 0 ? ";" : "", w->row, w->valid, w->lse,
                percent(w->wrong, room));
    }
    if (t->worst_count > 0) putc('\n', out);
}

/* --- for programs --- */

static void add_number(cJSON *object, const char *key, double value)
{
    if (isfinite(value))
        cJSON_AddNumberToObject(object, key, value);
    else
        cJSON_AddNullToObject(object, key);
}

static void add_tally(cJSON *object, const struct leak_tally *t, const struct formulation *f)
{
    char key[40];
    add_number(object, "rows", (double)t->rows);
    add_number(object, "nan", (double)t->nan);
    cJSON *wrong = cJSON_AddObjectToObject(object, "wrong");
    add_number(wrong, "mean", t->mean);
    add_number(wrong, "max", t->max);
    cJSON *quantiles = cJSON_AddObjectToObject(wrong, "quantiles");
    for (int i = 0; i < QUANTILES; i++) {
        snprintf(key, sizeof key, "%g", leak_quantiles[i]);
        add_number(quantiles, key, t->quantile[i]);
    }
    cJSON *above = cJSON_AddObjectToObject(wrong, "above");
    for (int i = 0; i < LEVELS; i++) {
        snprintf(key, sizeof key, "%g", leak_levels[i]);
        add_number(above, key, (double)t->above[i]);
    }
    cJSON *kl = cJSON_AddObjectToObject(object, "kl");
    add_number(kl, "mean", t->kl_mean);
    add_number(kl, "max", t->kl_max);
    bool masked = f->goes == TO_MASKED;
    cJSON *argmax = cJSON_AddObjectToObject(object, "invalid_argmax");
    add_number(argmax, "certain", masked ? (double)t->wins : 0);
    add_number(argmax, "possible", masked ? (double)t->may_win : 0);
    add_number(object, "sample_1", t->once);
    add_number(object, "sample_40", t->in_40);
    cJSON *worst = cJSON_AddArrayToObject(object, "worst");
    for (size_t i = 0; i < t->worst_count; i++) {
        cJSON *w = cJSON_CreateObject();
        cJSON_AddItemToArray(worst, w);
        add_number(w, "row", (double)t->worst[i].row);
        add_number(w, "wrong", t->worst[i].wrong);
        add_number(w, "valid", (double)t->worst[i].valid);
        add_number(w, "lse", t->worst[i].lse);
    }
}

void leak_print_json(const struct leaks *leaks, FILE *out)
{
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "maskproof", MASKPROOF_VERSION);
    cJSON_AddStringToObject(document, "source", leaks->source);
    cJSON_AddStringToObject(document, "type", leaks->type);
    add_number(document, "rows", (double)leaks->rows);
    add_number(document, "classes", (double)leaks->n);
    cJSON *left_out = cJSON_AddObjectToObject(document, "left_out");
    for (int c = 0; c < CLASS_PLAIN; c++) add_number(left_out, class_names[c], (double)leaks->left_out[c]);
    size_t plain = plain_rows(leaks);
    cJSON *valid = cJSON_AddObjectToObject(document, "valid"), *lse = cJSON_AddObjectToObject(document, "lse");
    add_number(valid, "min", plain ? (double)leaks->least_valid : NAN);
    add_number(valid, "mean", leaks->valid / (double)plain);
    add_number(valid, "max", plain ? (double)leaks->most_valid : NAN);
    add_number(lse, "min", leaks->least_lse);
    add_number(lse, "max", leaks->most_lse);
    add_number(document, "gap", leaks->above);
    add_number(document, "law_difference", leaks->law);
    cJSON *list = cJSON_AddArrayToObject(document, "formulations");
    for (int i = 0; i < FORMULATIONS; i++) {
        cJSON *one = cJSON_CreateObject();
        cJSON_AddItemToArray(list, one);
        cJSON_AddStringToObject(one, "name", formulations[i].name);
        cJSON_AddStringToObject(one, "formula", formulations[i].formula);
        cJSON_AddStringToObject(one, "goes_to", leak_goes_names[formulations[i].goes]);
        cJSON_AddBoolToObject(one, "known", leaks->known[i]);
        if (leaks->known[i]) add_tally(one, &leaks->tally[i], &formulations[i]);
    }
    char *text = cJSON_Print(document);
    if (text == NULL) abort();
    fprintf(out, "%s\n", text);
    free(text);
    cJSON_Delete(document);
}

/* --- the histogram --- */

void leak_print_histogram(const struct leaks *leaks, FILE *out)
{
    enum { PER_DECADE = 10, DECADES = 12, BINS = PER_DECADE * DECADES + 1 }; /* the last: exactly 1 */
    int blocks = 0;
    for (int i = 0; i < FORMULATIONS; i++) {
        const struct leak_tally *t = &leaks->tally[i];
        size_t bins[BINS + 2] = {0}; /* from 1: an empty one on each side lets the line start and end at 0 */
        int first = BINS, last = 0;
        if (!leaks->known[i] || formulations[i].goes != TO_MASKED) continue;
        for (size_t r = 0; r < t->rows; r++) {
            double at = floor(PER_DECADE * (log10(t->wrong[r]) + DECADES));
            if (!(at >= 0 && at < BINS)) continue;
            int b = (int)at + 1;
            bins[b]++;
            if (b < first) first = b;
            if (b > last) last = b;
        }
        if (last == 0) continue;
        fprintf(out, "%s\"%s\"\n", blocks++ > 0 ? "\n\n" : "", formulations[i].name);
        for (int b = first - 1; b <= last + 1; b++)
            fprintf(out, "%g %.6g\n", pow(10, (b - 0.5) / PER_DECADE - DECADES),
                    100 * (double)bins[b] / (double)t->rows);
    }
}
