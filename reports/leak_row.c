/* leak_row - see leak_row.h.
   SPDX-License-Identifier: MIT */
#include "leak_row.h"

#include <float.h>
#include <math.h>

const char *const leak_goes_names[LEAK_GOES] = {"masked", "nowhere", "valid"};

#define LN_1E10 -23.025850929940457 /* ln 1e-10 and ln 1e-13: the eps of ML-Agents, and of the others */
#define LN_1E13 -29.933606208922594

const struct formulation formulations[] = {
    {"multiply", "softmax(x * mask)", TO_MASKED, ZEROS, 0},
    {"fill_tiny", "softmax(where(mask, x, -1e-10))", TO_MASKED, ZEROS, -1e-10},
    {"unmasked", "softmax(x)", TO_MASKED, LOGITS, 0},
    {"mask_as_bias", "softmax(x + mask)", TO_MASKED, LOGITS, -1},
    {"post_mask", "softmax(x) * mask", TO_NOWHERE, LOGITS, 0},
    {"allennlp", "r = softmax(x * mask) * mask; r / (sum(r) + 1e-13)", TO_NOWHERE, ZEROS_AND_VALID, LN_1E13},
    {"renormalize_eps", "p = softmax(x) * mask; p / (sum(p) + 1e-13)", TO_NOWHERE, LOGITS_AND_VALID, LN_1E13},
    {"add_eps", "p = (softmax(x) + 1e-10) * mask; p / sum(p)", TO_VALID, LOGITS_AND_VALID, LN_1E10},
    {"fill_1e4", "softmax(where(mask, x, -1e4))", TO_MASKED, ZEROS, -1e4},
    {"fill_1e9", "softmax(where(mask, x, -1e9))", TO_MASKED, ZEROS, -1e9},
    {"fill_min", "softmax(where(mask, x, finfo.min))", TO_MASKED, ZEROS, -FLT_MAX},
    {"add_1e4", "softmax(x + (1 - mask) * -1e4)", TO_MASKED, LOGITS, -1e4},
    {"add_1e9", "softmax(x + (1 - mask) * -1e9)", TO_MASKED, LOGITS, -1e9},
    {"renormalize", "p = softmax(x) * mask; p / sum(p)", TO_NOWHERE, LOGITS, -INFINITY},
    {"log_mask", "softmax(x + log(mask))", TO_MASKED, LOGITS, -INFINITY},
    {"where", "softmax(where(mask, x, -inf))", TO_MASKED, ZEROS, -INFINITY},
    {"gather", "softmax(x[mask])", TO_MASKED, ZEROS, -INFINITY},
};
_Static_assert(sizeof formulations / sizeof *formulations == FORMULATIONS, "one for each");

/* The larger one, or NaN as soon as one is NaN. */
static double larger(double a, double b) { return isnan(a) || a >= b ? a : b; }

/* max + ln of a sum of exp(x - max); of no entries, and of -inf alone, -inf. */
static double lse_of(double max, double sum) { return max == -INFINITY ? max : max + log(sum); }

enum row_class leak_row_of(struct leak_row *row, size_t n, const double *x, const unsigned char *mask, size_t masked,
                           double *p)
{
    double max[2] = {-INFINITY, -INFINITY}, sum[2] = {0, 0};
    size_t count[2] = {masked, 0};
    bool spoiled = false;
    for (size_t i = 0; i < n; i++) {
        int m = mask == NULL || mask[i];
        count[m]++;
        max[m] = larger(max[m], x[i]);
        spoiled = spoiled || (m == 0 && !isfinite(x[i]));
    }
    if (count[1] == 0) return CLASS_EMPTY;
    if (isnan(max[1])) return CLASS_NAN;
    if (isinf(max[1])) return max[1] > 0 ? CLASS_PINF : CLASS_ALL_NINF;
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        int m = mask == NULL || mask[i];
        double e = exp(x[i] - max[m]); /* NaN where masked entries hold NaN or +inf, and so is their sum */
        sum[m] += e;
        if (m) p[k++] = e;
    }
    for (size_t i = 0; i < k; i++) p[i] /= sum[1];
    *row = (struct leak_row){.valid = count[1],
                             .masked = count[0],
                             .lse_valid = lse_of(max[1], sum[1]),
                             .lse_masked = mask != NULL ? lse_of(max[0], sum[0]) : NAN,
                             .max_low = max[1],
                             .max_high = max[1],
                             .max_masked = mask != NULL ? max[0] : NAN,
                             .spoiled = spoiled,
                             .p = p};
    return CLASS_PLAIN;
}

enum row_class leak_row_of_lse(struct leak_row *row, double lse, size_t valid, size_t masked)
{
    if (valid == 0) return CLASS_EMPTY;
    if (isnan(lse)) return CLASS_NAN;
    if (isinf(lse)) return lse > 0 ? CLASS_PINF : CLASS_ALL_NINF;
    *row = (struct leak_row){.valid = valid,
                             .masked = masked,
                             .lse_valid = lse,
                             .lse_masked = NAN,
                             .max_low = lse - log((double)valid), /* all of them equal */
                             .max_high = lse,                     /* one of them alone */
                             .max_masked = NAN};
    return CLASS_PLAIN;
}

double leak_of_multiply(size_t n, const double *x, const unsigned char *mask)
{
    double max = -INFINITY, sum = 0, leak = 0;
    for (size_t i = 0; i < n; i++) max = larger(max, x[i] * mask[i]);
    for (size_t i = 0; i < n; i++) {
        double e = exp(x[i] * mask[i] - max);
        sum += e;
        leak += mask[i] ? 0 : e;
    }
    return leak / sum;
}

static bool reads_masked(const struct formulation *f) { return f->base == LOGITS || f->base == LOGITS_AND_VALID; }

bool leak_known(const struct leak_row *row, const struct formulation *f)
{
    bool masked = !reads_masked(f) || f->addend == -INFINITY || !isnan(row->lse_masked) || row->spoiled;
    return masked && (f->goes != TO_VALID || row->p != NULL);
}

/* 0 * x is NaN for NaN and for both infinities; the maximum, or x - inf, for NaN and +inf. */
static bool spoils(const struct leak_row *row, const struct formulation *f)
{
    bool multiplies = f == &formulations[MULTIPLY] || f->base == ZEROS_AND_VALID;
    return row->spoiled && (multiplies || (reads_masked(f) && isnan(row->lse_masked)));
}

/* ln(w / S). */
static double log_odds(const struct leak_row *row, const struct formulation *f)
{
    if (f->addend == -INFINITY) return f->addend;
    double base = reads_masked(f) ? row->lse_masked : log((double)row->masked); /* of N zeros; ln 0 is -inf */
    if (f->base == ZEROS_AND_VALID || f->base == LOGITS_AND_VALID) {
        double high = fmax(base, row->lse_valid), low = fmin(base, row->lse_valid);
        base = high + log1p(exp(low - high));
    }
    return base + f->addend - row->lse_valid;
}

/* Every valid entry gets delta more, before all are divided by their sum. */
static struct fraction spread(const struct leak_row *row, double delta)
{
    double moved = 0, kl = log1p((double)row->valid * delta);
    for (size_t i = 0; i < row->valid; i++) {
        moved += fabs(1 - (double)row->valid * row->p[i]);
        if (row->p[i] > 0) kl -= row->p[i] * log1p(delta / row->p[i]);
    }
    return (struct fraction){.wrong = moved / 2 / (1 / delta + (double)row->valid), .kl = kl < 0 ? 0 : kl};
}

struct fraction leak_fraction(const struct leak_row *row, const struct formulation *f)
{
    if (spoils(row, f)) return (struct fraction){.wrong = NAN, .kl = NAN};
    double odds = log_odds(row, f);
    if (f->goes == TO_VALID) return spread(row, exp(fmin(odds, 700))); /* at e^700 all are equal, and have room */
    struct fraction fraction = {.wrong = 1 / (1 + exp(-odds)), .kl = odds > 40 ? odds : log1p(exp(odds))};
    if (f->goes == TO_MASKED && row->masked > 0) {
        double top = (reads_masked(f) ? row->max_masked : 0) + f->addend;
        fraction.masked_wins = top > row->max_high;
        fraction.masked_may_win = top > row->max_low;
    }
    return fraction;
}
