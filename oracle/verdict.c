/* verdict - see verdict.h.  Every comparison is written so that NaN loses: ok = error <= limit.
   SPDX-License-Identifier: MIT */
#include "verdict.h"
#include "exact_sum.h"
#include "ulp.h"

#include <math.h>

const char *const status_names[4] = {"pass", "fail", "skip", "void"};

/* A row as the functions below see it: n entries of everything. */
struct row {
    int op;
    const struct format *format;
    size_t n;
    const unsigned char *mask;
    const uint64_t *x, *dy, *got;
    const struct answer *answer;
    uint64_t nothing;      /* the word of an entry without weight */
    double max, sum, pull; /* vjp: max x, sum exp(x - max), sum p |dy| / 4, over the finite valid entries */
};

/* +0 and not -0, but for a gradient, where 0 * -1 makes it -0 and means the same. */
static bool is_nothing(const struct row *row, size_t i)
{
    return row->got[i] == row->nothing || (row->op == VJP && word_is_zero(row->format, row->got[i]));
}
static bool is_nan_word(const struct row *row, size_t i) { return word_is_nan(row->format, row->got[i]); }
static bool is_finite_valid(const struct row *row, size_t i)
{
    return row->mask[i] && word_is_finite(row->format, row->x[i]);
}

static void weigh_gradient(struct row *row)
{
    const struct format *f = row->format;
    row->max = -INFINITY;
    for (size_t i = 0; i < row->n; i++)
        if (is_finite_valid(row, i)) row->max = fmax(row->max, word_value(f, row->x[i]));
    for (size_t i = 0; i < row->n; i++)
        if (is_finite_valid(row, i)) row->sum += exp(word_value(f, row->x[i]) - row->max);
    for (size_t i = 0; i < row->n; i++) /* a quarter: the sum of two largest doubles is none */
        if (is_finite_valid(row, i))
            row->pull += exp(word_value(f, row->x[i]) - row->max) / row->sum * fabs(word_value(f, row->dy[i]) / 4);
}

/* --- plain rows --- */

/* The error of a valid entry.  A gradient p_i (dy_i - sum p dy) is a difference that may cancel to any degree, and no
   algorithm of fixed precision has a bound in ulps of the result: there the unit is the ulp of the terms that are
   subtracted, p_i (|dy_i| + sum p |dy|), where that is larger (N. Higham, Accuracy and Stability, 2002, ch. 3). */
static double entry_error(const struct row *row, size_t i)
{
    const struct format *f = row->format;
    if (row->op != VJP || !is_finite_valid(row, i)) return ulp_error(f, row->got[i], &row->answer[i]);
    double p = fmax(exp(word_value(f, row->x[i]) - row->max) / row->sum, ldexp(1, f->emin));
    double terms = p * (fabs(word_value(f, row->dy[i]) / 4) + row->pull);
    return ulp_error_above(f, row->got[i], &row->answer[i], ldexp(terms, 3 - f->precision));
}

static bool entry_passes(const struct row *row, size_t i, double error, double max_ulp, bool ftz)
{
    const struct format *f = row->format;
    const struct answer *exact = &row->answer[i];
    uint64_t got = row->got[i];
    if (max_ulp <= 0.5) return got == exact->word;
    if (!is_finite_valid(row, i)) return is_nothing(row, i); /* masked, or valid and -inf */
    if (word_is_zero(f, got) && ftz && word_magnitude(f, exact->word) < 1ull << (f->precision - 1)) return true;
    if (word_is_zero(f, got) && word_is_zero(f, exact->word)) return true; /* it underflowed: either zero */
    bool sign = row->op == VJP || word_is_zero(f, got) || word_negative(f, got) == (row->op == LOG_SOFTMAX);
    return error <= max_ulp && sign; /* no probability below 0, no log of one above */
}

/* What a masked entry takes: its probability, or the size of its gradient. */
static double weight_of(const struct row *row, size_t i)
{
    double v = word_value(row->format, row->got[i]);
    return row->op == LOG_SOFTMAX ? exp(v) : fabs(v);
}

static bool larger(double a, double b) { return !isnan(b) && !(a <= b); } /* NaN is larger than any number */

static void judge_plain(struct verdict *v, const struct row *row, double max_ulp, bool ftz)
{
    bool all_zero = row->op != VJP,
         due = false; /* a gradient of zeros may be right, and where not, its error says so */
    size_t worst_failing = row->n, worst_leak = row->n; /* n: none */
    double failing = -1, leak = 0;
    v->ulp = -1;
    for (size_t i = 0; i < row->n; i++) {
        double error = row->mask[i] ? entry_error(row, i) : 0;
        bool ok = entry_passes(row, i, error, max_ulp, ftz);
        all_zero = all_zero && word_is_zero(row->format, row->got[i]);
        due = due || !word_is_zero(row->format, row->answer[i].word);
        if (!ok) v->status = FAIL;
        if (row->mask[i] && larger(error, v->ulp)) {
            v->ulp = error;
            v->at = i;
        }
        if (row->mask[i] && !ok && larger(error, failing)) {
            failing = error;
            worst_failing = i;
        }
        if (!row->mask[i] && larger(weight_of(row, i), leak)) {
            leak = weight_of(row, i);
            worst_leak = i;
        }
    }
    if (worst_failing < row->n) v->at = worst_failing;
    if (worst_leak < row->n && (!isnan(leak) || worst_failing == row->n)) v->at = worst_leak;
    if (all_zero && due) v->status = FAIL;
}

/* --- rows whose answer is a policy --- */

/* Is entry i the probability p, or its log?  In double: a policy needs no more. */
static bool is_near(const struct row *row, size_t i, double p, double max_ulp)
{
    struct answer near = {.word = word_nearest(row->format, row->op == LOG_SOFTMAX ? log(p) : p)};
    return ulp_error(row->format, row->got[i], &near) <= max_ulp;
}

static bool is_unmasked_softmax(const struct row *row, double max_ulp)
{
    const struct format *f = row->format;
    double max = -INFINITY, sum = 0;
    for (size_t i = 0; i < row->n; i++) max = fmax(max, word_value(f, row->x[i]));
    for (size_t i = 0; i < row->n; i++) sum += exp(word_value(f, row->x[i]) - max);
    if (isnan(sum) || !isfinite(max)) return false;
    for (size_t i = 0; i < row->n; i++)
        if (!is_near(row, i, exp(word_value(f, row->x[i]) - max) / sum, max_ulp + 1)) return false;
    return true;
}

static bool is_share(const struct row *row, size_t i, size_t k, double max_ulp)
{
    return is_near(row, i, 1 / (double)k, fmax(max_ulp, 0.5));
}

/* A valid NaN or +inf logit; of a gradient also such a dy. */
static bool is_odd(const struct row *row, size_t i)
{
    const struct format *f = row->format;
    if (!row->mask[i]) return false;
    return word_is_nan(f, row->x[i]) || row->x[i] == word_inf(f) || (row->dy && !word_is_finite(f, row->dy[i]));
}

/* Does the row look as `choice` says?  `nan_masked`: its masked entries may be NaN where the valid ones are. */
static bool looks_like(const struct row *row, enum choice choice, bool nan_masked, bool empty, double max_ulp)
{
    size_t valid = 0, pinf = 0;
    for (size_t i = 0; i < row->n; i++) {
        valid += row->mask[i];
        pinf += row->mask[i] && row->x[i] == word_inf(row->format);
    }
    if (choice == CHOICE_UNMASKED) return row->op != VJP && is_unmasked_softmax(row, max_ulp);
    for (size_t i = 0; i < row->n; i++) {
        bool nan = is_nan_word(row, i), nothing = is_nothing(row, i), is_pinf = row->x[i] == word_inf(row->format);
        bool ok = false;
        switch (choice) {
        case CHOICE_ZERO: ok = nothing; break;
        case CHOICE_NAN: ok = row->mask[i] || empty || nan_masked ? nan : nothing; break;
        case CHOICE_LANE_NAN: ok = is_odd(row, i) ? nan : nothing; break;
        case CHOICE_LIMIT: ok = row->mask[i] && is_pinf ? is_share(row, i, pinf, max_ulp) : nothing; break;
        case CHOICE_UNIFORM_ALL: ok = is_share(row, i, row->n, max_ulp); break;
        case CHOICE_UNIFORM_VALID: ok = row->mask[i] ? is_share(row, i, valid, max_ulp) : nothing; break;
        default: break;
        }
        if (!ok) return false;
    }
    return true;
}

/* Every valid entry is odd: such a row cannot tell nan from lane-nan. */
static bool is_odd_throughout(const struct row *row)
{
    for (size_t i = 0; i < row->n; i++)
        if (row->mask[i] && !is_odd(row, i)) return false;
    return true;
}

static enum policy_key key_of(enum row_class class)
{
    static const enum policy_key keys[] = {KEY_EMPTY, KEY_NAN, KEY_PINF, KEY_ALL_NINF};
    return keys[class];
}

static void judge_class(struct verdict *v, const struct row *row, enum row_class class, const struct policy *policy,
                        double max_ulp)
{
    enum policy_key key = key_of(class);
    enum choice declared = policy->choice[key];
    bool is_distribution = declared == CHOICE_UNIFORM_ALL || declared == CHOICE_UNIFORM_VALID ||
                           declared == CHOICE_UNMASKED || declared == CHOICE_LIMIT;
    if (row->op == VJP && is_distribution) declared = key_choices[key][0]; /* it says nothing of the gradient */
    bool nan_masked = policy->choice[KEY_MASKED] == CHOICE_NAN_ROWS_ALL_NAN, empty = class == CLASS_EMPTY;
    if (looks_like(row, declared, nan_masked, empty, max_ulp)) {
        bool lanes = key == KEY_NAN || key == KEY_PINF, is_nan = declared == CHOICE_NAN || declared == CHOICE_LANE_NAN;
        bool tells = !lanes || !is_nan || !is_odd_throughout(row);
        v->choice = tells ? choice_names[declared] : "-";
        return;
    }
    v->status = FAIL;
    v->choice = "undecided";
    for (int other_masked = 0; other_masked < 2; other_masked++)
        for (const enum choice *c = key_choices[key]; *c != CHOICES; c++)
            if (looks_like(row, *c, nan_masked != (other_masked == 1), empty, max_ulp)) {
                v->choice = choice_names[*c];
                return;
            }
}

/* --- both --- */

static void measure_mass(struct verdict *v, const struct row *row)
{
    struct exact_sum all = {0}, leak = {0};
    if (row->op == LOG_SOFTMAX) { /* of the probabilities, in double */
        v->sum = -1;
        for (size_t i = 0; i < row->n; i++) {
            v->sum += weight_of(row, i);
            if (!row->mask[i]) v->leak += weight_of(row, i);
        }
        return;
    }
    for (size_t i = 0; i < row->n; i++) {
        exact_sum_add(&all, row->format, row->got[i]);
        if (!row->mask[i]) exact_sum_add(&leak, row->format, row->got[i]);
    }
    if (row->op == SOFTMAX) exact_sum_add(&all, &formats[F64], 0xbff0000000000000); /* -1 */
    v->sum = exact_sum_value(&all);
    v->leak = exact_sum_value(&leak);
}

bool error_is_declared(const struct line *line, const struct policy *policy)
{
    for (size_t r = 0; r < line->rows; r++)
        if (line->class[r] != CLASS_PLAIN && policy->choice[key_of(line->class[r])] == CHOICE_ERROR) return true;
    return false;
}

struct verdict judge_row(const struct line *line, size_t r, const struct result *result, const struct policy *policy,
                         double max_ulp, const struct batch_facts *batch)
{
    struct verdict v = {.status = PASS, .choice = "-"};
    size_t start = r * line->n;
    enum row_class class = line->class[r];
    struct row row = {.op = line->op,
                      .format = line->format,
                      .n = line->n,
                      .mask = line->mask + start,
                      .x = line->x + start,
                      .dy = line->dy ? line->dy + start : NULL,
                      .got = result->got + start,
                      .answer = line->answer + start,
                      .nothing = line_masked_word(line)};
    if (result->reply == REPLY_SKIP) {
        v.status = SKIP;
        return v;
    }
    if (result->reply == REPLY_ERROR) {
        v.status = result->error_declared ? PASS : FAIL;
        v.choice = "error";
        return v;
    }
    if (result->row_is_class_name[r]) return v; /* the answer itself */
    measure_mass(&v, &row);
    if (line->op == VJP) weigh_gradient(&row);
    if (class == CLASS_PLAIN)
        judge_plain(&v, &row, max_ulp, policy->choice[KEY_TINY] == CHOICE_FTZ);
    else
        judge_class(&v, &row, class, policy, max_ulp);
    if (v.status == FAIL) v.bugs = diagnose(&(struct symptom){line, result->got, r, v.at, *batch});
    return v;
}
