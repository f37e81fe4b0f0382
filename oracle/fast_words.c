/* fast_words - truth_words (truth_fast.h): the words of a row by doubles, where the error bound leaves no doubt.
   SPDX-License-Identifier: MIT */
#include "fast_columns.h"
#include "fast_exp.h"

#define LANES MOST_LANES /* sums side by side, for vectors; always as many, for the same bits */
#define FLOOR (-150.)    /* e^-150 < 2^-216: no word, whatever it is divided by */

/* Where eight entries are alike, no branch on one of them: so a mask of 2 % or of all is many times faster, and one of
   half of them no slower. */
EVERYWHERE size_t gather(size_t n, const float *x, const unsigned char *mask, struct columns *c)
{
    const uint64_t all = 0x0101010101010101;
    double *value = c->high;
    uint32_t *at = c->at;
    size_t count = 0, i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t eight;
        memcpy(&eight, mask + i, sizeof eight);
        if (eight == 0) continue;
        if (eight == all) {
            for (size_t j = 0; j < 8; j++) value[count + j] = (double)x[i + j];
            for (size_t j = 0; j < 8; j++) at[count + j] = (uint32_t)(i + j);
            count += 8;
            continue;
        }
        for (size_t j = i; j < i + 8; j++) {
            value[count] = (double)x[j];
            at[count] = (uint32_t)j;
            count += mask[j];
        }
    }
    for (; i < n; i++) {
        value[count] = (double)x[i];
        at[count] = (uint32_t)i;
        count += mask[i];
    }
    for (size_t j = 0; j < LANES; j++) value[count + j] = -INFINITY;
    return count;
}

EVERYWHERE double max_of(size_t count, const double *value)
{
    double most[LANES], max = -INFINITY;
    for (int l = 0; l < LANES; l++) most[l] = -INFINITY;
    for (size_t i = 0; i < count; i += LANES)
        for (int l = 0; l < LANES; l++) most[l] = value[i + (size_t)l] > most[l] ? value[i + (size_t)l] : most[l];
    for (int l = 0; l < LANES; l++) max = most[l] > max ? most[l] : max;
    return max;
}

/* e^(x - max) in place of each x, and their sum.  x - max is a pair, exactly: one double would lose up to 2^-46. */
EVERYWHERE double exponentials(size_t count, double *value, double max)
{
    double sum[LANES] = {0}, lost[LANES] = {0};
    for (size_t i = 0; i < count; i += LANES)
        for (int l = 0; l < LANES; l++) {
            struct pair d = sum_of(value[i + (size_t)l], -max);
            bool far = !(d.high > FLOOR); /* of -inf, d.low is NaN */
            d.high = far ? FLOOR : d.high;
            d.low = far ? 0 : d.low;
            double e = exp_of(d);
            struct pair s = sum_of(sum[l], e);
            value[i + (size_t)l] = e;
            sum[l] = s.high;
            lost[l] += s.low;
        }
    struct pair total = {0, 0};
    for (int l = 0; l < LANES; l++) {
        struct pair s = sum_of(total.high, sum[l]);
        total = (struct pair){s.high, total.low + (s.low + lost[l])};
    }
    return total.high + total.low;
}

/* The error of p = e/S, relative, in units of u = 2^-53: e 2, S 2 by its terms; what the sums lost is kept, but for
   (n u)^2 and for the last addition, 1; entries below FLOOR add at most 2^24 2^-216 to an S >= 1; 1/S and the product 1
   each: 7 and a little.  LOWER p and UPPER p, rounded once more themselves, are below and above the exact value by 2 u.
   Proved in proofs/rocq/FastRow.v.

   Both are rounded to the format by adding 1.5 2^(52+q), where 2^q is the ulp in p's binade, or the smallest subnormal
   below all: what that leaves in the last bits counts ulps, to nearest even.  (If one of both is in the next binade,
   its own ulp is another, but then both round to the power of 2 between, or are told apart.) */
#define LOWER (1 - 10 * 0x1p-53)
#define UPPER (1 + 10 * 0x1p-53)

EVERYWHERE bool round_all(const struct format *f, size_t count, const double *e, double inverse, uint32_t *word)
{
    const double least = power_of_2(f->emin), magic = 0x1.8p52 * power_of_2(1 - f->precision);
    const uint64_t least_exponent = bits_of_double(least) >> DOUBLE_FRACTION;
    const int fraction = f->precision - 1;
    uint64_t differ = 0;
    for (size_t i = 0; i < count; i++) {
        double p = e[i] * inverse, binade = double_of_bits(bits_of_double(p) >> DOUBLE_FRACTION << DOUBLE_FRACTION);
        binade = binade > least ? binade : least;
        double ulps = binade * magic;
        uint64_t below = bits_of_double(p * LOWER + ulps), above = bits_of_double(p * UPPER + ulps);
        uint64_t exponent = (bits_of_double(binade) >> DOUBLE_FRACTION) - least_exponent;
        differ |= below ^ above;
        word[i] = (uint32_t)((exponent << fraction) + (below - bits_of_double(ulps))); /* the hidden bit adds 1 */
    }
    return differ == 0;
}

EVERYWHERE bool words_of(const struct format *f, size_t n, const float *x, const unsigned char *mask, struct columns *c,
                         uint32_t *words)
{
    size_t count = gather(n, x, mask, c);
    double max = max_of(count, c->high), sum = exponentials(count, c->high, max);
    if (count == n) return round_all(f, n, c->high, 1 / sum, words);
    if (!round_all(f, count, c->high, 1 / sum, c->short_word)) return false;
    memset(words, 0, n * sizeof *words);
    for (size_t i = 0; i < count; i++) words[c->at[i]] = c->short_word[i];
    return true;
}

FOR_THIS_PROCESSOR(words_here, words_of,
                   (const struct format *f, size_t n, const float *x, const unsigned char *mask, struct columns *c,
                    uint32_t *words),
                   (f, n, x, mask, c, words))

bool truth_words(const struct format *f, size_t n, const float *x, const unsigned char *mask, uint32_t *words)
{
    return words_here(f, n, x, mask, columns_for(n), words);
}
