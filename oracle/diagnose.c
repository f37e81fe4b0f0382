/* diagnose - see diagnose.h.  Plain double arithmetic: a signature is a matter of sizes, never of last bits.
   SPDX-License-Identifier: MIT */
#include "diagnose.h"

#include <math.h>
#include <string.h>

#define LN2 0.6931471805599453

const char *const bug_names[BUGS] = {"LEAK", "POISON", "OVERFLOW", "STARVE", "EMPTY", "BATCH", "HIDDEN", "ROUND"};

/* What a row looks like; sizes are natural logarithms. */
struct row_facts {
    bool nonfinite_masked; /* NaN or an infinity under the mask */
    bool nonfinite;        /* anywhere */
    bool nan_got, leak_got, number_got;
    double lse_valid, lse_all, max_all; /* over the finite logits */
};

static double log_add(double a, double b)
{
    double max = fmax(a, b);
    return max == -INFINITY ? max : max + log(exp(a - max) + exp(b - max));
}

static struct row_facts facts_of(const struct line *line, const uint64_t *got, size_t r)
{
    const struct format *f = line->format;
    struct row_facts facts = {.lse_valid = -INFINITY, .lse_all = -INFINITY, .max_all = -INFINITY};
    for (size_t i = r * line->n; i < (r + 1) * line->n; i++) {
        double x = word_value(f, line->x[i]);
        bool masked = !line->mask[i];
        if (word_is_nan(f, got[i]))
            facts.nan_got = true;
        else if (!word_is_zero(f, got[i])) {
            facts.number_got = true;
            facts.leak_got = facts.leak_got || masked;
        }
        if (!isfinite(x)) {
            facts.nonfinite = true;
            facts.nonfinite_masked = facts.nonfinite_masked || masked;
            continue;
        }
        facts.max_all = fmax(facts.max_all, x);
        facts.lse_all = log_add(facts.lse_all, x);
        if (!masked) facts.lse_valid = log_add(facts.lse_valid, x);
    }
    return facts;
}

/* ln of the largest finite number and of the smallest normal, a little inside. */
static double log_max(const struct format *f) { return LN2 * (f->emax + 1) - 0.01; }
static double log_min_normal(const struct format *f) { return LN2 * f->emin + 0.01; }

static bool overflows(const struct symptom *s, const struct row_facts *facts)
{
    const struct format *f = s->line->format;
    size_t at = s->row * s->line->n + s->worst;
    bool gone = facts->nan_got || word_is_zero(f, s->got[at]); /* what an infinite sum leaves */
    /* exp(x) below the normal range is no loss while the sum is above 1: the probability is as small itself. */
    bool lost = word_value(f, s->line->x[at]) < log_min_normal(f) && facts->lse_valid < 0;
    return lost || (gone && facts->lse_valid > log_max(f)) || (facts->nan_got && facts->max_all > log_max(f));
}

static bool starves(const struct symptom *s, const struct row_facts *facts)
{
    const struct format *f = s->line->format;
    double x = word_value(f, s->line->x[s->row * s->line->n + s->worst]);
    /* Less than a factor e between the two sums costs no more digits than any rounding. */
    return facts->lse_all > facts->lse_valid + 1 && x - facts->lse_all < log_min_normal(f);
}

struct batch_facts batch_facts(const struct line *line, const uint64_t *got)
{
    struct batch_facts facts = {false, false};
    double mass = 0;
    size_t plain = 0;
    for (size_t r = 0; r < line->rows; r++) {
        bool is_plain = line->class[r] == CLASS_PLAIN;
        plain += is_plain;
        facts.odd_rows = facts.odd_rows || !is_plain;
        for (size_t i = r * line->n; i < (r + 1) * line->n; i++) {
            if (!word_is_finite(line->format, line->x[i])) facts.odd_rows = true;
            if (is_plain) mass += word_value(line->format, got[i]);
        }
    }
    facts.shares_mass = plain > 1 && fabs(mass - 1) < 0.05;
    return facts;
}

unsigned diagnose(const struct symptom *s)
{
    struct row_facts facts = facts_of(s->line, s->got, s->row);
    enum row_class class = s->line->class[s->row];
    unsigned bugs = 0;
    bool caught_nan = s->batch.odd_rows && facts.nan_got && !facts.nonfinite && class == CLASS_PLAIN;
    if (s->batch.shares_mass || caught_nan) bugs |= BUG_BATCH;
    if (facts.nonfinite_masked && facts.nan_got) bugs |= BUG_POISON;
    if (class == CLASS_EMPTY) return bugs | BUG_EMPTY;
    if (facts.leak_got) return BUG_LEAK;
    if (class == CLASS_ALL_NINF) return bugs | BUG_EMPTY;
    if (class != CLASS_PLAIN) return bugs | (facts.number_got ? BUG_HIDDEN : 0);
    if (overflows(s, &facts)) bugs |= BUG_OVERFLOW;
    if (starves(s, &facts)) bugs |= BUG_STARVE;
    if (bugs == 0 && !facts.nan_got && facts.number_got) bugs = BUG_ROUND;
    return bugs;
}

void bug_spell(unsigned bugs, char *text)
{
    strcpy(text, bugs ? "" : "-");
    for (int b = 0; b < BUGS; b++) {
        if (!(bugs >> b & 1)) continue;
        if (text[0] != '\0') strcat(text, "|");
        strcat(text, bug_names[b]);
    }
}

bool bug_parse(const char *text, unsigned *bugs)
{
    *bugs = 0;
    if (strcmp(text, "-") == 0) return true;
    for (size_t length; *text != '\0'; text += length + (text[length] != '\0')) {
        int b = 0;
        length = strcspn(text, "| ");
        while (b < BUGS && (strncmp(text, bug_names[b], length) != 0 || bug_names[b][length] != '\0')) b++;
        if (b == BUGS) return false;
        *bugs |= 1u << b;
    }
    return true;
}
