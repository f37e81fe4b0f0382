/* diagnose - see diagnose.h.  Plain double arithmetic: a signature is a matter of sizes, never of last bits.
   SPDX-License-Identifier: MIT */
#include "diagnose.h"
#include "formula.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LN2 0.6931471805599453

const char *const bug_names[BUGS] = {"LEAK",     "POISON",   "OVERFLOW", "STARVE",  "EMPTY",   "BATCH",
                                     "HIDDEN",   "ROUND",    "SENTINEL", "NANFILL", "EPSILON", "UNNORMALIZED",
                                     "AXIS",     "POLARITY", "ENCODING", "TAIL",    "DRIFT",   "FLUSH",
                                     "UNDERLOG", "POSLOG",   "NANGRAD"};

enum { FAR = 1000, MANY = 100, VECTOR = 8 };

/* What a row looks like; sizes are natural logarithms. */
struct row_facts {
    bool nonfinite_masked;             /* NaN or an infinity under the mask */
    bool nonfinite;                    /* anywhere */
    bool nan_got, leak_got, valid_got; /* NaN; a nonzero number on a masked entry; on a valid one */
    bool starts_masked, valid_in_tail; /* the valid entries lie among the last n mod 8 */
    size_t valid, masked;
    double lse_valid, lse_all, max_all, max_valid; /* over the finite logits */
};

/* A number as the sum of exponentials so far: exp(max) * sum. */
struct log_sum {
    double max, sum;
};

static void log_add(struct log_sum *s, double x)
{
    if (x > s->max) {
        s->sum = s->sum * exp(s->max - x) + 1;
        s->max = x;
    } else {
        s->sum += exp(x - s->max);
    }
}

static double log_value(struct log_sum s) { return s.sum > 0 ? s.max + log(s.sum) : -INFINITY; }

static struct row_facts facts_of(const struct line *line, const uint64_t *got, size_t r)
{
    const struct format *f = line->format;
    struct row_facts facts = {.max_all = -INFINITY, .max_valid = -INFINITY};
    struct log_sum all = {-INFINITY, 0}, valid = {-INFINITY, 0};
    facts.starts_masked = !line->mask[r * line->n];
    for (size_t i = r * line->n; i < (r + 1) * line->n; i++) {
        double x = word_value(f, line->x[i]);
        bool masked = !line->mask[i], zero = word_is_zero(f, got[i]), nan = word_is_nan(f, got[i]);
        facts.nan_got = facts.nan_got || nan;
        facts.leak_got = facts.leak_got || (masked && !zero && !nan);
        facts.valid_got = facts.valid_got || (!masked && !zero && !nan);
        facts.masked += masked;
        if (!isfinite(x)) {
            facts.nonfinite = true;
            facts.nonfinite_masked = facts.nonfinite_masked || masked;
            continue;
        }
        facts.max_all = fmax(facts.max_all, x);
        log_add(&all, x);
        if (masked) continue;
        facts.valid++;
        facts.max_valid = fmax(facts.max_valid, x);
        log_add(&valid, x);
    }
    facts.valid_in_tail = !memchr(line->mask + r * line->n, 1, line->n - line->n % VECTOR);
    facts.lse_all = log_value(all);
    facts.lse_valid = log_value(valid);
    return facts;
}

/* ln of the largest finite number and of the smallest normal, a little inside. */
static double log_max(const struct format *f) { return LN2 * (f->emax + 1) - 0.01; }
static double log_min_normal(const struct format *f) { return LN2 * f->emin + 0.01; }

static size_t worst_entry(const struct symptom *s) { return s->row * s->line->n + s->worst; }

static bool overflows(const struct symptom *s, const struct row_facts *facts)
{
    const struct format *f = s->line->format;
    size_t at = worst_entry(s);
    bool gone = facts->nan_got || word_is_zero(f, s->got[at]); /* what an infinite sum leaves */
    /* exp(x) below the normal range is no loss while the sum is above 1: the probability is as small itself. */
    bool vanishes = facts->lse_valid < LN2 * (format_grid(f) - 2); /* then nothing would be left, not few digits */
    bool lost =
        word_value(f, s->line->x[at]) < log_min_normal(f) && facts->lse_valid < 0 && !(vanishes && facts->valid_got);
    double above = fmax(facts->max_all, facts->max_all - facts->max_valid); /* shifted by the valid maximum, or not */
    return lost || (gone && facts->lse_valid > log_max(f)) || (facts->nan_got && above > log_max(f));
}

static bool starves(const struct symptom *s, const struct row_facts *facts)
{
    const struct format *f = s->line->format;
    double x = word_value(f, s->line->x[worst_entry(s)]);
    /* The masked entries as they are, or multiplied to 0. */
    double zeros = log((double)facts->masked), least = fmin(zeros, facts->lse_valid);
    double all =
        fmax(facts->lse_all, fmax(zeros, facts->lse_valid) + log1p(exp(least - fmax(zeros, facts->lse_valid))));
    /* Less than a factor e between the two sums costs no more digits than any rounding. */
    return all > facts->lse_valid + 1 && x - all < log_min_normal(f);
}

/* --- weight on masked entries: which logit did they have? --- */

/* Does the row, all weights, equal the softmax over its masked entries alone? */
static bool is_masked_softmax(const struct symptom *s)
{
    const struct line *line = s->line;
    const struct format *f = line->format;
    struct log_sum masked = {-INFINITY, 0};
    size_t start = s->row * line->n;
    for (size_t i = start; i < start + line->n; i++)
        if (!line->mask[i] && word_is_finite(f, line->x[i])) log_add(&masked, word_value(f, line->x[i]));
    for (size_t i = start; i < start + line->n; i++) {
        double p = line->mask[i] ? 0 : exp(word_value(f, line->x[i]) - masked.max) / masked.sum;
        if (!(fabs(word_value(f, s->got[i]) - p) <= 0.02 * p + 1e-4)) return false;
    }
    return true;
}

/* The masked logits that the weights tell, from the heaviest valid entry: their span as they are (`level`), and over
   the logits that were given (`shift`). */
struct implied {
    double level_low, level_high, shift_low, shift_high;
};

static struct implied implied_logits(const struct symptom *s)
{
    const struct line *line = s->line;
    const struct format *f = line->format;
    struct implied in = {INFINITY, -INFINITY, INFINITY, -INFINITY};
    size_t start = s->row * line->n, ref = start;
    double heaviest = 0, least = ldexp(64, format_grid(f));
    for (size_t i = start; i < start + line->n; i++) {
        double p = word_value(f, s->got[i]);
        if (!line->mask[i] || !(p > heaviest)) continue;
        heaviest = p;
        ref = i;
    }
    for (size_t i = start; i < start + line->n; i++) {
        double p = word_value(f, s->got[i]), x = word_value(f, line->x[i]);
        if (line->mask[i] || p < least || !isfinite(x)) continue;
        double level = word_value(f, line->x[ref]) + log(p / heaviest);
        in.level_low = fmin(in.level_low, level);
        in.level_high = fmax(in.level_high, level);
        double shift = word_value(f, line->x[ref]) - x + log(p / heaviest);
        in.shift_low = fmin(in.shift_low, shift);
        in.shift_high = fmax(in.shift_high, shift);
    }
    return in;
}

/* Valid weights all alike, masked ones alike and e times lighter: the mask was taken for the logits. */
static bool depends_on_mask_alone(const struct symptom *s)
{
    const struct line *line = s->line;
    double low[2] = {INFINITY, INFINITY}, high[2] = {0, 0};
    for (size_t i = s->row * line->n; i < (s->row + 1) * line->n; i++) {
        double p = word_value(line->format, s->got[i]);
        low[line->mask[i]] = fmin(low[line->mask[i]], p);
        high[line->mask[i]] = fmax(high[line->mask[i]], p);
    }
    return high[0] <= 1.02 * low[0] && high[1] <= 1.02 * low[1] && fabs(log(high[1] / high[0]) - 1) < 0.05;
}

static unsigned diagnose_leak(const struct symptom *s, const struct row_facts *facts)
{
    const struct format *f = s->line->format;
    bool far_below = facts->max_valid<-FAR, far_above = facts->max_all> facts->max_valid + FAR;
    if (!facts->valid_got) { /* the masked entries took all */
        unsigned bugs = is_masked_softmax(s) ? BUG_POLARITY : 0;
        /* A masked logit of 0, or one lowered by too little, does it where the valid ones are far below. */
        if (fmin(facts->lse_valid, facts->lse_valid - facts->max_all) < log_min_normal(f) + log((double)facts->masked))
            bugs |= BUG_LEAK;
        if (facts->lse_all > facts->lse_valid + 4) bugs |= BUG_LEAK;
        if (far_below || far_above) bugs |= BUG_SENTINEL;
        return bugs ? bugs : BUG_LEAK;
    }
    bool mask_alone = facts->valid + facts->masked > 2 && depends_on_mask_alone(s);
    struct implied in = implied_logits(s);
    if (in.level_low > in.level_high) return BUG_LEAK; /* too light to tell */
    /* Twice the spacing of the format there: the lowered logit was stored. */
    double tolerance = 0.05 + ldexp(4, -f->precision) * (fabs(in.level_low) + fabs(in.shift_low));
    bool one_level = in.level_high - in.level_low < tolerance, one_shift = in.shift_high - in.shift_low < tolerance;
    if (one_level && fabs(in.level_low) < 0.5)
        return BUG_LEAK | (mask_alone ? BUG_ENCODING : 0) |
               (one_shift && in.shift_low <= -0.9 * FAR ? BUG_SENTINEL : 0);
    if (mask_alone) return BUG_ENCODING;
    if (one_shift && fabs(in.shift_low + 1) < 0.2) return BUG_ENCODING;
    if (one_shift && fabs(in.shift_low) < 0.5 * FAR) /* lowered by too little; or by what a huge logit absorbs */
        return fabs(in.level_low) < 0.9 * FAR ? BUG_LEAK : BUG_LEAK | BUG_SENTINEL;
    if (one_shift && in.shift_low <= -0.9 * FAR)
        return one_level && fabs(in.level_low) < 0.9 * FAR ? BUG_LEAK | BUG_SENTINEL : BUG_SENTINEL;
    return one_level && fabs(in.level_low) >= 0.9 * FAR ? BUG_SENTINEL : BUG_LEAK;
}

/* --- plain rows without weight on masked entries --- */

/* Zeros in the last n mod 8 entries, where something else is due, and nothing else to see. */
static bool loses_tail(const struct symptom *s)
{
    const struct line *line = s->line;
    size_t start = s->row * line->n, tail = line->n - line->n % VECTOR;
    bool due = false;
    for (size_t i = start + tail; i < start + line->n; i++) {
        if (!word_is_zero(line->format, s->got[i])) return false;
        due = due || !word_is_zero(line->format, line->answer[i].word);
    }
    return due;
}

/* A kernel that flushes does so with its own exponential, so what it drops reaches a little above the smallest normal:
   oneDNN, XNNPACK and XLA drop 1.03 * 2^-126. */
static double flushed_below(const struct format *f) { return ldexp(2, f->emin); }

/* One entry has all the mass where another is due a tenth of it, or is 0 where a normal number is due: the logits were
   multiplied before the softmax. */
static bool is_sharpened(const struct symptom *s)
{
    const struct format *f = s->line->format;
    for (size_t i = s->row * s->line->n; i < (s->row + 1) * s->line->n; i++) {
        double got = word_value(f, s->got[i]), due = word_value(f, s->line->answer[i].word);
        if (s->line->mask[i] && ((got > 0.99 && due < 0.9) || (got == 0 && due > flushed_below(f)))) return true;
    }
    return false;
}

static unsigned diagnose_numbers(const struct symptom *s, const struct row_facts *facts, bool lost)
{
    const struct format *f = s->line->format;
    size_t at = worst_entry(s);
    double share = facts->lse_valid - facts->lse_all, factor = valid_factor(s);
    double missing =
        facts->lse_valid + log((1 / factor - 1) / (double)facts->masked); /* as one logit per masked entry */
    if (factor < 1 && fabs(log(factor) - share) < 0.05 * fabs(share)) return BUG_UNNORMALIZED;
    if (facts->masked > 0 && factor < 0.99 && missing <= -0.9 * FAR) return BUG_SENTINEL;
    bool small = share < -2 || facts->lse_valid < -2; /* where an epsilon is not small beside it */
    bool all_short = true;
    for (size_t i = s->row * s->line->n; i < (s->row + 1) * s->line->n; i++)
        if (s->line->mask[i] && word_value(f, s->line->answer[i].word) > ldexp(64, format_grid(f)))
            all_short = all_short && word_value(f, s->got[i]) < 0.5 * word_value(f, s->line->answer[i].word);
    if (all_short && small) return BUG_EPSILON | (facts->max_valid < -FAR ? BUG_SENTINEL : 0); /* or the sum was held */
    unsigned bugs = 0;
    if (word_is_zero(f, s->got[at]) && word_value(f, s->line->answer[at].word) < flushed_below(f) && facts->valid_got &&
        !(fabs(factor - 1) > 0.01))
        bugs |= BUG_FLUSH;
    if (s->line->n > VECTOR && loses_tail(s)) bugs |= BUG_TAIL;
    /* Where digits are lost to underflow, an epsilon leaves next to nothing. */
    if (bugs == 0 && factor < (lost ? 0.5 : 1) && small) bugs |= BUG_EPSILON;
    if (bugs == 0 && facts->valid >= MANY && (factor > 1 || factor < 1)) bugs |= BUG_DRIFT;
    if (bugs == 0 && factor < 0.99 && !lost) bugs |= BUG_UNNORMALIZED;
    if (!(bugs & ~(unsigned)BUG_TAIL) && is_sharpened(s)) bugs |= BUG_ENCODING;
    return bugs;
}

static unsigned diagnose_plain(const struct symptom *s, const struct row_facts *facts)
{
    unsigned bugs = 0;
    if (overflows(s, facts)) bugs |= BUG_OVERFLOW;
    if (starves(s, facts)) bugs |= BUG_STARVE;
    if (facts->nan_got) {
        if (facts->valid_in_tail) bugs |= BUG_TAIL;
        if (facts->masked == 0) bugs |= BUG_POLARITY;               /* inverted, nothing would be valid */
        return facts->nonfinite_masked ? bugs : bugs | BUG_NANFILL; /* what makes NaN everywhere makes it here too */
    }
    if (!facts->valid_got) { /* all is 0 */
        if (facts->max_valid < -FAR || facts->max_all > facts->max_valid + FAR) bugs |= BUG_SENTINEL;
        if (facts->lse_valid - facts->lse_all < -20 || facts->lse_valid < -20) bugs |= BUG_EPSILON;
        if (bugs & BUG_STARVE || facts->lse_valid < log_min_normal(s->line->format)) bugs |= BUG_UNNORMALIZED;
        if (loses_tail(s)) bugs |= BUG_TAIL;
        return bugs;
    }
    unsigned numbers = diagnose_numbers(s, facts, bugs != 0);
    if (numbers == BUG_SENTINEL || numbers == BUG_UNNORMALIZED) return numbers;           /* the mass itself says so */
    if ((bugs | numbers) == 0) return facts->max_valid < -FAR ? BUG_SENTINEL : BUG_ROUND; /* the sum was held */
    return bugs | numbers;
}

/* --- both --- */

struct batch_facts batch_facts(const struct line *line, const uint64_t *got)
{
    struct batch_facts facts = {.columns_sum = line->n > 1};
    double mass = 0, most = 0;
    size_t plain = 0;
    bool rows_sum = true; /* each plain row has mass 1, as it should */
    for (size_t r = 0; r < line->rows; r++) {
        bool is_plain = line->class[r] == CLASS_PLAIN;
        double row = 0;
        plain += is_plain;
        facts.odd_rows = facts.odd_rows || !is_plain;
        for (size_t i = r * line->n; i < (r + 1) * line->n; i++) {
            if (!word_is_finite(line->format, line->x[i])) facts.odd_rows = true;
            row += word_value(line->format, got[i]);
        }
        if (is_plain) mass += row;
        if (is_plain) most = fmax(most, row);
        if (is_plain && !(fabs(row - 1) < 0.05)) rows_sum = false;
    }
    for (size_t i = 0; i < line->n; i++) {
        double column = 0;
        bool any = false;
        for (size_t r = 0; r < line->rows; r++) {
            column += word_value(line->format, got[r * line->n + i]);
            any = any || line->mask[r * line->n + i];
        }
        if (any && !(fabs(column - 1) < 0.05)) facts.columns_sum = false;
    }
    facts.dominated = most > 0.95;
    facts.shares_mass = plain > 1 && fabs(mass - 1) < 0.05;
    facts.columns_sum = facts.columns_sum && !facts.shares_mass && plain > 0 && !rows_sum;
    return facts;
}

/* A row of probabilities. */
static unsigned diagnose_softmax(const struct symptom *s)
{
    struct row_facts facts = facts_of(s->line, s->got, s->row);
    enum row_class class = s->line->class[s->row];
    struct likely likely = likely_formula(s);
    unsigned bugs = likely.bugs;
    if (!facts.leak_got && bugs & BUG_LEAK) /* it is in the valid ones alone */
        bugs ^= BUG_LEAK | (facts.valid < MANY ? BUG_ROUND : 0);
    bool nothing = !facts.valid_got && !facts.leak_got;
    if (s->batch.shares_mass) bugs |= BUG_BATCH;
    if (facts.leak_got && class == CLASS_PLAIN) { /* a fill may do the same where it meets a logit */
        unsigned leak = diagnose_leak(s, &facts);
        if (bugs == BUG_POLARITY && facts.lse_all > facts.lse_valid + 4)
            bugs |= BUG_LEAK; /* they outweigh all anyway */
        if (likely.certain) return bugs | (leak & (facts.valid_got ? BUG_SENTINEL : ~0u));
        return leak | (bugs & BUG_AXIS);
    }
    /* Where few bits are left and the formats are short, an epsilon of some size always fits. */
    if (bugs == BUG_EPSILON && s->line->format->precision < 24 && starves(s, &facts)) bugs |= BUG_STARVE;
    if (bugs != 0 && likely.certain && (facts.valid_got || class != CLASS_PLAIN)) return bugs;
    if (s->batch.odd_rows && nothing && !facts.nonfinite && class == CLASS_PLAIN) bugs |= BUG_BATCH;
    if (facts.nonfinite_masked && facts.nan_got) bugs |= BUG_POISON;
    if (class == CLASS_EMPTY) return bugs | BUG_EMPTY;
    if (class == CLASS_PLAIN && s->batch.columns_sum) return BUG_AXIS;
    /* Against valid logits of -inf anything wins that is not removed: 0, a fill, the masked logit itself. */
    if (facts.leak_got) return BUG_LEAK | BUG_SENTINEL | BUG_POLARITY;
    if (class == CLASS_ALL_NINF) return bugs | BUG_EMPTY;
    if (class != CLASS_PLAIN) return bugs | (facts.valid_got || !facts.nan_got ? BUG_HIDDEN : BUG_POISON);
    if (bugs == BUG_BATCH && s->batch.shares_mass && !s->batch.dominated && facts.valid_got) return bugs;
    unsigned own = diagnose_plain(s, &facts);
    return bugs & BUG_POISON ? bugs | (own & (BUG_OVERFLOW | BUG_STARVE)) | (facts.starts_masked ? BUG_NANFILL : 0)
                             : bugs | own;
}

/* What only logs have. */
struct log_facts {
    bool leak, above, lost,
        finite;       /* a masked entry is finite; a valid one above 0; -inf where it is not due; finite */
    double off, due;  /* the largest error of a valid entry, and what was due there */
    double low, high; /* of the finite masked ones */
    double size;      /* of the largest finite logit */
};

static struct log_facts log_facts_of(const struct symptom *s)
{
    const struct line *line = s->line;
    const struct format *f = line->format;
    struct log_facts facts = {.off = 0};
    for (size_t i = s->row * line->n; i < (s->row + 1) * line->n; i++) {
        double got = word_value(f, s->got[i]), due = word_value(f, line->answer[i].word), x = word_value(f, line->x[i]);
        if (isfinite(x)) facts.size = fmax(facts.size, fabs(x));
        if (!line->mask[i]) {
            facts.leak = facts.leak || isfinite(got);
            continue;
        }
        facts.above = facts.above || got > 0;
        facts.finite = facts.finite || isfinite(got);
        facts.lost = facts.lost || (got == -INFINITY && isfinite(due));
        if (!(fabs(got - due) > facts.off)) continue;
        facts.off = fabs(got - due);
        facts.due = due;
    }
    return facts;
}

/* The names that the exps of the row have. */
static unsigned diagnose_exp(const struct symptom *s)
{
    const struct line *line = s->line;
    const struct format *f = line->format;
    size_t start = s->row * line->n;
    struct line as_exp = *line;
    struct symptom shadow = {.line = &as_exp, .row = s->row, .worst = s->worst, .batch = s->batch};
    uint64_t *got = calloc(line->rows * line->n, sizeof *got);
    struct answer *answer = calloc(line->rows * line->n, sizeof *answer);
    if (got == NULL || answer == NULL) abort();
    for (size_t i = start; i < start + line->n; i++) {
        got[i] = word_nearest(f, exp(word_value(f, s->got[i])));
        if (line->class[s->row] == CLASS_PLAIN)
            answer[i].word = word_nearest(f, exp(word_value(f, line->answer[i].word)));
    }
    as_exp.op = SOFTMAX;
    as_exp.answer = answer;
    shadow.got = got;
    unsigned bugs = diagnose_softmax(&shadow);
    free(got);
    free(answer);
    return bugs;
}

/* A row of logs: what only logs have, else what its exp has. */
static unsigned diagnose_log(const struct symptom *s)
{
    const struct format *f = s->line->format;
    struct log_facts facts = log_facts_of(s);
    struct row_facts row = facts_of(s->line, s->got, s->row);
    if (s->line->class[s->row] != CLASS_PLAIN) return diagnose_exp(s);
    struct likely likely = likely_formula(s);
    if (!facts.leak) likely.bugs &= ~(unsigned)BUG_LEAK;
    if (likely.certain && likely.bugs != 0) return likely.bugs;
    if (facts.above) return BUG_POSLOG;
    if (facts.leak) /* too light, maybe, for its exp to show */
        return BUG_LEAK | (likely.bugs & BUG_EPSILON) |
               (diagnose_exp(s) & (BUG_SENTINEL | BUG_POLARITY | BUG_ENCODING));
    if (row.nan_got) return diagnose_exp(s);
    if (facts.lost && facts.finite) return BUG_UNDERLOG;
    if (facts.off <= ldexp(8 * fmax(facts.size, 1), -f->precision)) return BUG_ROUND; /* of the logits themselves */
    if (facts.due < log_min_normal(f)) return BUG_UNDERLOG;
    return likely.bugs ? likely.bugs : diagnose_exp(s);
}

/* A row of gradients. */
static unsigned diagnose_vjp(const struct symptom *s)
{
    const struct line *line = s->line;
    struct row_facts facts = facts_of(line, s->got, s->row);
    enum row_class class = line->class[s->row];
    bool valid_nan = false, masked_nan = false, masked_dy = false, inf = false;
    double pull = 0, huge = ldexp(0.5, line->format->emax); /* or NaN: what makes inf or NaN of a difference */
    for (size_t i = s->row * line->n; i < (s->row + 1) * line->n; i++) {
        bool nan = word_is_nan(line->format, s->got[i]);
        inf = inf || word_magnitude(line->format, s->got[i]) == word_inf(line->format);
        valid_nan = valid_nan || (nan && line->mask[i]);
        masked_nan = masked_nan || (nan && !line->mask[i]);
        masked_dy = masked_dy || (!line->mask[i] && !(fabs(word_value(line->format, line->dy[i])) < huge));
        if (line->mask[i]) pull = fmax(pull, fabs(word_value(line->format, line->dy[i])));
    }
    bool poisoned = (facts.nan_got || inf) && (facts.nonfinite_masked || masked_dy);
    if (class == CLASS_EMPTY || class == CLASS_ALL_NINF) return BUG_EMPTY | (poisoned ? BUG_POISON : 0);
    if (class != CLASS_PLAIN) return facts.valid_got || !facts.nan_got ? BUG_HIDDEN : BUG_POISON;
    if (poisoned) return BUG_POISON;
    if (facts.leak_got || (masked_nan && !valid_nan)) return BUG_NANGRAD;
    struct likely likely = likely_formula(s);
    unsigned bugs = likely.bugs;
    if (likely.certain) return bugs;
    if (log(pull) > log_max(line->format) - 2) bugs |= BUG_OVERFLOW;
    if (overflows(s, &facts)) bugs |= BUG_OVERFLOW;
    if (starves(s, &facts)) bugs |= BUG_STARVE;
    if (bugs & BUG_STARVE && facts.max_all > facts.max_valid + FAR) bugs |= BUG_SENTINEL;
    if (facts.nan_got) bugs |= BUG_NANFILL;
    return bugs ? bugs : BUG_ROUND;
}

unsigned diagnose(const struct symptom *s)
{
    static unsigned (*const by_op[OPS])(const struct symptom *) = {diagnose_softmax, diagnose_log, diagnose_vjp};
    return by_op[s->line->op](s);
}

/* Exactly and for people; what is no number, and 0, is spelled the same both ways. */
static void say_value(FILE *out, const char *before, double value)
{
    if (isnan(value))
        fprintf(out, "%snan", before); /* its sign says nothing */
    else if (isinf(value) || value == 0)
        fprintf(out, "%s%g", before, value);
    else
        fprintf(out, "%s%a, %.4g", before, value, value);
}

/* The numbers behind a name. */
static void say_numbers(FILE *out, const struct symptom *s, unsigned bugs)
{
    const struct line *line = s->line;
    size_t at = worst_entry(s);
    double got = word_value(line->format, s->got[at]);
    enum row_class class = line->class[s->row];
    if (class != CLASS_PLAIN)
        fprintf(out, "a row of class %s, entry %zu", class_names[class], s->worst);
    else
        fprintf(out, "%s entry %zu", line->mask[at] ? "valid" : "masked", s->worst);
    say_value(out, " holds ", got);
    if (class == CLASS_PLAIN && line->mask[at])
        say_value(out, "; right is ", word_value(line->format, line->answer[at].word));
    if (class != CLASS_PLAIN || !(bugs & (BUG_SENTINEL | BUG_LEAK)) || line->op != SOFTMAX || line->mask[at]) return;
    struct implied in = implied_logits(s);
    if (in.level_high - in.level_low < 1)
        fprintf(out, "; that is the weight of a logit of %.4g", in.level_low);
    else if (in.shift_high - in.shift_low < 1)
        fprintf(out, "; that is its logit and %.4g", in.shift_low);
}

void diagnose_say(const struct symptom *s, unsigned bugs, char *text, size_t size)
{
    char names[200];
    FILE *out = fmemopen(text, size, "w");
    if (out == NULL) abort();
    bug_spell(bugs, names);
    fprintf(out, "%s: ", names);
    say_numbers(out, s, bugs);
    struct likely likely = likely_formula(s);
    if (likely.text != NULL && likely.bugs & bugs) fprintf(out, "; equals %s", likely.text);
    if (likely.text != NULL && !isnan(likely.constant)) fprintf(out, " of %g", likely.constant);
    fclose(out);
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
