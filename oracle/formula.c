/* formula - see formula.h.  A formula is a logit for every entry, of which it then takes the softmax.
   SPDX-License-Identifier: MIT */
#include "formula.h"

#include <math.h>
#include <stdlib.h>

/* A row as formulas see it. */
struct view {
    const struct line *line;
    size_t row, n;
    const double *x;           /* the whole batch */
    double least;              /* logit of the row */
    const unsigned char *mask; /* the whole batch */
};

static double logit(const struct view *v, size_t i) { return v->x[v->row * v->n + i]; }
static bool valid(const struct view *v, size_t i) { return v->mask[v->row * v->n + i]; }

static double product(const struct view *v, size_t i) { return valid(v, i) ? logit(v, i) : 0; }
static double unmasked(const struct view *v, size_t i) { return logit(v, i); }
static double selected(const struct view *v, size_t i) { return valid(v, i) ? logit(v, i) : -INFINITY; }
static double inverted(const struct view *v, size_t i) { return valid(v, i) ? -INFINITY : logit(v, i); }
static double raised(const struct view *v, size_t i) { return logit(v, i) + valid(v, i); }
static double mask_alone(const struct view *v, size_t i) { return valid(v, i); }
static double capped(const struct view *v, size_t i) { return 50 * tanh(selected(v, i) / 50); }

static double transposed(const struct view *v, size_t i)
{
    return v->mask[i * v->n + v->row] ? logit(v, i) : -INFINITY;
}

static double bytes(const struct view *v, size_t i) { return valid(v, i) ? 200 * (logit(v, i) - v->least) : 0; }

enum then { DONE, MASK_AFTER, EXTRA_CLASS };

static const struct formula {
    unsigned bug;
    double (*logit)(const struct view *v, size_t i);
    enum then then;
    bool stored; /* it makes new logits, and rounds them */
    const char *text;
} formulas[] = {
    {BUG_LEAK, product, DONE, false, "softmax(x * m): the mask was multiplied into the logits"},
    {BUG_LEAK, unmasked, DONE, true, "softmax(x): the mask was not used"},
    {BUG_LEAK, capped, DONE, true, "softmax(50 tanh(x / 50)): the soft cap came after the mask, and lifted it"},
    {BUG_UNNORMALIZED, unmasked, MASK_AFTER, false, "softmax(x) * m: masked after the softmax, and not divided again"},
    {BUG_UNNORMALIZED, selected, EXTRA_CLASS, false,
     "exp(x) / (1 + sum exp(x)): an extra class of logit 0 takes its share"},
    {BUG_POLARITY, inverted, DONE, false, "softmax(where(m, -inf, x)): the mask is inverted"},
    {BUG_ENCODING, raised, DONE, true, "softmax(x + m): a mask of 0 and 1 was added as a bias"},
    {BUG_ENCODING, mask_alone, DONE, false, "softmax(m): the mask was taken for the logits"},
    {BUG_ENCODING, bytes, DONE, true,
     "softmax((x - min) * m), m of 0 and 200: the mask's bytes were taken for numbers"},
    {BUG_AXIS, transposed, DONE, false, "softmax(where(m.T, x, -inf)): the mask lies along the other axis"},
};
static const char column_text[] = "softmax(where(m, x, -inf), dim=0): the softmax goes down the columns";
static const char index_text[] = "p[m] = softmax(x[m]), m of integers: 0 and 1 were taken for positions";
static const char epsilon_text[] = "the formula with a small constant, added to the divisor or to every probability,";

/* The larger number, as fmax, which gcc calls: it was a tenth of the judge's work. */
static double more(double a, double b) { return a >= b || isnan(b) ? a : b; }

/* exp, without the long way round that glibc takes to an underflow. */
static double exp_or_zero(double z) { return z < -746 ? 0 : exp(z); }

/* Compensated, so that a long sum of doubles does not drift as the subject's may (T. Neumaier, ZAMM 54, 1974). */
static double add_up(size_t n, const double *terms)
{
    double sum = 0, lost = 0;
    for (size_t i = 0; i < n; i++) {
        double next = sum + terms[i];
        lost += sum >= terms[i] ? sum - next + terms[i] : terms[i] - next + sum;
        sum = next;
    }
    return sum + lost;
}

/* Fills p[n]; returns the size of the largest finite logit. */
static double predict(const struct formula *f, const struct view *v, double *p)
{
    double max = f->then == EXTRA_CLASS ? 0 : -INFINITY, size = 0;
    for (size_t i = 0; i < v->n; i++) {
        p[i] = f->logit(v, i);
        if (isfinite(p[i])) size = more(size, fabs(p[i]));
        max = isnan(p[i]) ? NAN : more(max, p[i]);
    }
    for (size_t i = 0; i < v->n; i++) p[i] = exp_or_zero(p[i] - max);
    double sum = add_up(v->n, p) + (f->then == EXTRA_CLASS ? exp(-max) : 0);
    for (size_t i = 0; i < v->n; i++) p[i] = f->then == MASK_AFTER && !valid(v, i) ? 0 : p[i] / sum;
    return size;
}

static void predict_indexed(const struct view *v, double *p)
{
    double max = -INFINITY, sum = 0;
    for (size_t i = 0; i < v->n; i++) {
        p[i] = 0;
        max = more(max, logit(v, valid(v, i)));
    }
    for (size_t i = 0; i < v->n; i++) sum += exp(logit(v, valid(v, i)) - max);
    for (size_t i = 0; i < v->n; i++) p[valid(v, i)] = exp(logit(v, valid(v, i)) - max) / sum;
}

/* --- does the row equal it? --- */

/* What the operation makes of the probabilities p.  A gradient is compared where it is not 0 by the mask alone. */
static void apply_op(const struct symptom *s, double *p)
{
    const struct line *line = s->line;
    size_t start = s->row * line->n;
    double pull = 0;
    for (size_t i = 0; i < line->n && line->op == VJP; i++)
        if (p[i] != 0) pull += p[i] * word_value(line->format, line->dy[start + i]);
    for (size_t i = 0; i < line->n; i++) {
        if (line->op == LOG_SOFTMAX) p[i] = log(p[i]);
        if (line->op == VJP)
            p[i] = line->mask[start + i] ? p[i] * (word_value(line->format, line->dy[start + i]) - pull) : 0;
    }
}

static double largest(const double *v, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++) most = more(most, fabs(v[i]));
    return most;
}

/* What the steps may take from a result p: the exponent of an exp that is near log p, a sum of n (taken in float
   where the format is half as wide), a quotient; and the rounding of a logit of size `stored` before it all. */
static double tolerance(const struct symptom *s, double p, double most, double stored)
{
    const struct format *f = s->line->format;
    int op = s->line->op;
    double size = op == SOFTMAX ? fabs(p) : op == VJP ? most : fmax(fabs(p), 1);
    double steps = f->precision < 24 ? 4 : 16 + (double)s->line->n / 8;
    if (op == SOFTMAX && p > 0) steps += (f->precision < 24 ? 0.5 : 2) * fabs(log(p));
    return ldexp(steps + stored, -f->precision) * size + ldexp(2, format_grid(f));
}

enum match { DIFFERS, ALL_NAN, MAY_EQUAL, EQUALS };

/* NaN, zeros, ones and what is right anyhow are anybody's: some other number must be off, and off as predicted; and
   where all such numbers are the same, other causes may have made them, unless their sum is no 1. */
static enum match compare(const struct symptom *s, const double *predicted, double stored, bool loses_mass)
{
    const struct line *line = s->line;
    const struct format *f = line->format;
    size_t start = s->row * line->n, n = line->n, numbers = 0;
    double most = largest(predicted, n), least = ldexp(64, format_grid(f));
    double low = INFINITY, high = -INFINITY, blur = 0, mass = 0; /* of the numbers that tell; of all */
    double far = ldexp(f->precision < 24 ? 12 : 64, -f->precision);
    bool tiny = most < least, hint = false;                  /* it underflows, or holds a one: it may be */
    if (ldexp(stored, -f->precision) > 0.25) return DIFFERS; /* nothing is left of its new logits */
    for (size_t i = 0; i < n; i++) {
        double got = word_value(f, s->got[start + i]), p = predicted[i];
        if (isnan(got) != isnan(p)) return DIFFERS;
        if (isnan(p)) continue;
        hint = hint || (isinf(p) && got == p);
        numbers++;
        double allowed = tolerance(s, p, most, stored), residual = got == p ? 0 : fabs(got - p);
        if (!(residual <= allowed)) return DIFFERS;
        bool number = isfinite(p) && fabs(p) >= least;
        if (line->class[s->row] == CLASS_PLAIN) {
            double due = word_value(f, line->answer[start + i].word), off = fabs(got - due);
            hint = hint || (due > ldexp(1, -f->precision - 4) && got == 0 && p < least &&
                            most > 0.01); /* it is missing as it should be */
            number = number && off > 4 * residual && off > (line->op == SOFTMAX ? far * fabs(p) : allowed);
        }
        hint = hint || number;
        number = number && (line->op != SOFTMAX || 1 - p > 2 * allowed); /* a one is anybody's */
        mass += p;
        blur = fmax(blur, 4 * allowed);
        if (number) low = fmin(low, p);
        if (number) high = fmax(high, p);
    }
    if (numbers == 0) return ALL_NAN;
    if (low > high) return hint || (tiny && (most > 0 || line->op == VJP)) ? MAY_EQUAL : DIFFERS;
    bool missing = loses_mass && line->op == SOFTMAX && fabs(mass - 1) > blur;
    return missing || high - low > fmax(blur, 0.05 * fmax(fabs(low), fabs(high))) ? EQUALS : MAY_EQUAL;
}

/* Must entry i be of another formula than one that predicts p? */
static bool is_off(const struct symptom *s, size_t i, double p)
{
    double got = word_value(s->line->format, s->got[s->row * s->line->n + i]);
    if (isnan(got) || isnan(p)) return isnan(got) != isnan(p);
    return got != p && !(fabs(got - p) <= tolerance(s, p, 0, 0));
}

/* Fills p[n]; false as soon as a probability is off: a row costs the exp of the whole batch, which for a batch of many
   rows was a third of the judge's work. */
static bool predict_columns(const struct symptom *s, const struct view *v, double *p)
{
    for (size_t i = 0; i < v->n; i++) {
        double max = -INFINITY, sum = 0;
        for (size_t k = i; k < v->line->rows * v->n; k += v->n)
            if (v->mask[k]) max = isnan(v->x[k]) || isnan(max) ? NAN : fmax(max, v->x[k]);
        for (size_t k = i; k < v->line->rows * v->n; k += v->n)
            if (v->mask[k]) sum += exp(v->x[k] - max);
        p[i] = (valid(v, i) ? exp(logit(v, i) - max) : exp(-INFINITY - max)) / sum;
        if (v->line->op == SOFTMAX && is_off(s, i, p[i])) return false;
    }
    return true;
}

/* --- an epsilon in the divisor --- */

double valid_factor(const struct symptom *s)
{
    const struct line *line = s->line;
    double low = INFINITY, high = 0, least = ldexp(64, format_grid(line->format));
    for (size_t i = s->row * line->n; i < (s->row + 1) * line->n; i++) {
        double exact = word_value(line->format, line->answer[i].word), got = word_value(line->format, s->got[i]);
        if (line->mask[i] && exact < least && got >= 2 * least) return NAN;
        if (!line->mask[i] || exact < least || (got < least && got > 0)) continue;
        low = fmin(low, got / exact);
        high = fmax(high, got / exact);
    }
    double factor = sqrt(low * high), spread = log(high / low);
    return low > 0 && high > 0 && spread < 0.03 && fabs(log(factor)) >= 2 * spread ? factor : NAN;
}

static double log_sum(const struct view *v, double (*z)(const struct view *, size_t))
{
    double max = -INFINITY, sum = 0;
    for (size_t i = 0; i < v->n; i++) max = fmax(max, z(v, i));
    for (size_t i = 0; i < v->n; i++) sum += exp(z(v, i) - max);
    return isfinite(max) ? max + log(sum) : -INFINITY;
}

/* The epsilon somebody added to every probability before masking and dividing again. */
static double recover_added(const struct symptom *s, const struct view *v, double *p, bool *certain)
{
    static const struct formula all = {0, unmasked, DONE, false, NULL};
    double *softmax = malloc(v->n * sizeof *softmax), found = NAN; /* the same for every epsilon */
    if (softmax == NULL) abort();
    predict(&all, v, softmax);
    for (int power = -4; power >= -16 && isnan(found); power--) {
        double sum = 0, epsilon = pow(10, power);
        for (size_t i = 0; i < v->n; i++) sum += p[i] = valid(v, i) ? softmax[i] + epsilon : 0;
        for (size_t i = 0; i < v->n; i++) p[i] /= sum;
        if (compare(s, p, 0, false) < MAY_EQUAL) continue;
        double least = INFINITY;
        for (size_t i = 0; i < v->n; i++)
            if (valid(v, i)) least = fmin(least, p[i]);
        *certain = largest(p, v->n) > 1.5 * least; /* all alike, they may have other causes */
        found = epsilon;
    }
    free(softmax);
    return found;
}

/* The epsilon in log(p + epsilon). */
static double recover_logged(const struct symptom *s, const struct view *v, double *p, bool *certain)
{
    static const struct formula right = {0, selected, DONE, false, NULL};
    for (int power = -4; power >= -16; power--) {
        predict(&right, v, p);
        for (size_t i = 0; i < v->n; i++) p[i] = log(p[i] + pow(10, power));
        enum match match = compare(s, p, 0, false);
        if (match < MAY_EQUAL) continue;
        bool differ = false; /* the logits of the masked entries */
        double x = NAN;
        const uint64_t *got = s->got + v->row * v->n, *one = NULL;
        for (size_t i = 0; i < v->n; i++) {
            if (valid(v, i)) continue;
            if (one != NULL && *one != got[i]) return NAN; /* the same log in all */
            differ = differ || (one != NULL && logit(v, i) != x);
            one = &got[i];
            x = logit(v, i);
        }
        *certain = match == EQUALS || differ; /* one logit may make any number */
        return pow(10, power);
    }
    return NAN;
}

/* The epsilon that makes w / (w + epsilon) of the factor, if it is the power of ten that somebody would write. */
static double epsilon_of(double w, double factor, double noise)
{
    double epsilon = w * (1 / factor - 1), power = round(log10(epsilon));
    bool written = fabs(log10(epsilon) - power) < 0.01 + noise && power <= -4 && power >= -30;
    return written ? pow(10, power) : NAN;
}

/* Valid entries all short by one factor, masked ones 0: by which epsilon?  The divisor is the valid share of a softmax
   over x or over x * m, or the unshifted sum. */
static double recover_epsilon(const struct symptom *s, const struct view *v)
{
    const struct format *f = s->line->format;
    double factor = valid_factor(s);
    double noise = ldexp(8 + (double)v->n / 8, -f->precision) / (1 - factor);
    if (!(factor < 1) || !(noise < 0.06)) return NAN;
    for (size_t i = 0; i < v->n; i++)
        if (!valid(v, i) && !word_is_zero(f, s->got[s->row * v->n + i])) return NAN;
    double kept = log_sum(v, selected), before[] = {log_sum(v, unmasked), log_sum(v, product), 0};
    for (size_t k = 0; k < sizeof before / sizeof *before; k++) {
        if (kept - before[k] < log(ldexp(1, f->emin))) continue; /* few digits, and any factor */
        double epsilon = epsilon_of(exp(kept - before[k]), factor, noise);
        if (!isnan(epsilon)) return epsilon;
    }
    return NAN;
}

/* --- all of them --- */

/* Keep the bug of a formula that the row equals; one that it equals for certain outweighs those it may. */
static void note(struct likely *found, enum match match, unsigned bug, const char *text)
{
    bool certain = match == EQUALS;
    if (match == DIFFERS || (match == ALL_NAN && bug != BUG_AXIS) || (found->certain && !certain)) return;
    if (certain && !found->certain) *found = (struct likely){.certain = true, .constant = NAN};
    if (found->text == NULL) found->text = text;
    found->bugs |= bug;
}

/* Where no answer is due, only what puts numbers or NaN where nobody else does is told by its values. */
static bool is_told_by(int op, enum row_class class, unsigned bug)
{
    if (op == VJP && bug != BUG_LEAK) return false; /* a gradient tells which p it was made with, and little more */
    if (class == CLASS_PLAIN || bug == BUG_AXIS) return true;
    return bug == BUG_ENCODING && (class == CLASS_NAN || class == CLASS_PINF);
}

struct likely likely_formula(const struct symptom *s)
{
    const struct line *line = s->line;
    struct likely found = {.constant = NAN};
    size_t entries = line->rows * line->n;
    enum row_class class = line->class[s->row];
    double *x = malloc(entries * sizeof *x), *p = malloc(line->n * sizeof *p);
    if (x == NULL || p == NULL) abort();
    for (size_t i = 0; i < entries; i++) x[i] = word_value(line->format, line->x[i]);
    struct view v = {line, s->row, line->n, x, INFINITY, line->mask};
    for (size_t i = 0; i < v.n; i++) v.least = fmin(v.least, logit(&v, i));
    for (size_t k = 0; k < sizeof formulas / sizeof *formulas; k++) {
        if (line->op == VJP && formulas[k].logit == capped) continue;
        if (!is_told_by(line->op, class, formulas[k].bug) || (formulas[k].logit == transposed && line->rows != line->n))
            continue;
        double size = predict(&formulas[k], &v, p);
        apply_op(s, p);
        note(&found, compare(s, p, formulas[k].stored ? size : 0, formulas[k].then != DONE), formulas[k].bug,
             formulas[k].text);
    }
    if (line->rows > 1 && line->op != VJP && predict_columns(s, &v, p)) {
        apply_op(s, p);
        note(&found, compare(s, p, 0, false), BUG_AXIS, column_text);
    }
    if (line->n > 1 && is_told_by(line->op, class, BUG_ENCODING)) {
        predict_indexed(&v, p);
        apply_op(s, p);
        enum match match = compare(s, p, 0, false);
        note(&found, match == ALL_NAN ? MAY_EQUAL : match, BUG_ENCODING, index_text);
    }
    if (class == CLASS_PLAIN && line->op == LOG_SOFTMAX && !found.certain) {
        bool certain = true;
        double epsilon = recover_logged(s, &v, p, &certain);
        if (!isnan(epsilon)) found = (struct likely){found.bugs | BUG_EPSILON, epsilon_text, certain, epsilon};
    }
    if (class == CLASS_PLAIN && line->op == SOFTMAX && !found.certain) {
        double epsilon = recover_epsilon(s, &v);
        bool certain = true;
        if (isnan(epsilon)) epsilon = recover_added(s, &v, p, &certain);
        if (!isnan(epsilon)) found = (struct likely){found.bugs | BUG_EPSILON, epsilon_text, certain, epsilon};
    }
    free(x);
    free(p);
    return found;
}
