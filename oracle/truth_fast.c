/* truth_fast - see truth_fast.h: words and fracs by pairs of doubles, where the error bound leaves no doubt; else Arb.
   SPDX-License-Identifier: MIT */
#include "fast_columns.h"
#include "fast_exp.h"

#include <stdlib.h>

enum truth_vectors truth_vectors = AVX512;

#define LANES 8         /* sums side by side, for vectors; always as many, for the same bits */
#define SMALLEST (-900) /* 2^-900 is nothing beside 1 */
#define FLOOR (-800.)   /* e^-800 < 2^-1154 is less than a millionth of an ulp in any format, and so is what is below */
#define CELLS 1e6       /* of an ulp */

static _Thread_local struct columns columns;

static void *grow(void *old, size_t bytes)
{
    void *new = realloc(old, bytes);
    if (new == NULL) abort();
    return new;
}

struct columns *columns_for(size_t n)
{
    struct columns *c = &columns;
    if (n > c->capacity) {
        c->at = grow(c->at, (n + MOST_LANES) * sizeof *c->at);
        c->high = grow(c->high, (n + MOST_LANES) * sizeof *c->high);
        c->low = grow(c->low, (n + MOST_LANES) * sizeof *c->low);
        c->power = grow(c->power, (n + MOST_LANES) * sizeof *c->power);
        c->word = grow(c->word, (n + MOST_LANES) * sizeof *c->word);
        c->short_word = grow(c->short_word, (n + MOST_LANES) * sizeof *c->short_word);
        c->capacity = n;
    }
    return c;
}

void truth_cleanup_fast(void)
{
    free(columns.at);
    free(columns.high);
    free(columns.low);
    free(columns.power);
    free(columns.word);
    free(columns.short_word);
    columns = (struct columns){0};
    truth_cleanup_arb();
}

/* --- the sum: three doubles, of which the first two take what the one before loses, exactly --- */

struct triple {
    double first, second, third;
};

EVERYWHERE struct triple triple_add(struct triple s, double a)
{
    struct pair first = sum_of(s.first, a), second = sum_of(s.second, first.low);
    return (struct triple){first.high, second.high, s.third + second.low};
}

/* e^(x - max) in place of each x, and their sum.  An x - max that is no double is a pair, exactly. */
EVERYWHERE struct pair exponentials(size_t count, double max, struct columns *c)
{
    struct triple sum[LANES] = {{0, 0, 0}}, total = {0, 0, 0};
    for (size_t i = 0; i < count; i += LANES)
        for (int l = 0; l < LANES; l++) {
            size_t j = i + (size_t)l;
            struct pair d = sum_of(c->high[j], -max);
            bool far = !(d.high > FLOOR); /* of -inf, also by overflow, d.low is NaN */
            d.high = far ? FLOOR : d.high;
            d.low = far ? 0 : d.low;
            int64_t k;
            struct pair e = exp_of_pair(d, &k);
            double scale = power_of_2(k > SMALLEST ? k : SMALLEST);
            c->high[j] = e.high;
            c->low[j] = e.low;
            c->power[j] = k;
            sum[l] = triple_add(triple_add(sum[l], e.high * scale), e.low * scale);
        }
    for (int l = 0; l < LANES; l++)
        total = triple_add(triple_add(triple_add(total, sum[l].first), sum[l].second), sum[l].third);
    struct pair s = sum_of_ordered(total.first, total.second);
    return sum_of_ordered(s.high, s.low + total.third);
}

/* 1/s: y = RN(1/s.high) is off by e = 1 - s y, |e| <= 2 u, and 1/s = y (1 + e + e^2 + ...). */
EVERYWHERE struct pair inverse_of(struct pair s)
{
    double y = 1 / s.high, e = fma(-s.high, y, 1) - s.low * y;
    return sum_of_ordered(y, y * (e + e * e));
}

/* --- the cells, as round.h has them: an answer is known where the whole enclosure is in one ---

   The error of p, relative, in units of u^2 = 2^-106: e^(x - max) 16, S 16 by its terms and 2 by its last two sums; 1/S
   8, for e is off by 3 u^2, its use by 4 u^2; the product 5: 47 and a little, claimed 64.  The third sum of a lane is
   rounded: after j additions the second is at most j u S, so what it loses j^2 u^2 S, and the third's roundings j^3 u^3
   S; j = n/4 and 3 LANES more, taken as (n + 128)^3/8 u^3 for all.  Entries below 2^-900 are nothing.  */
static double error_of(size_t n)
{
    double j = (double)n + 128;
    return 0x1p-100 + j * j * j * 0x1p-162;
}

/* Of all entries the word, and in place of `high` the signed distance in millionths, to be truncated.  Of two things
   more than the enclosure is known: p > 0; and, if `below_word`, that the p of the maximum is below the word that its
   first double is. */
EVERYWHERE bool find_cells(const struct format *f, size_t count, struct pair inverse, double error, bool below_word,
                           struct columns *c)
{
    const int64_t emin = f->emin, fraction = f->precision - 1;
    uint64_t undecided = 0;
    for (size_t i = 0; i < count; i++) {
        bool below_it = below_word && c->high[i] == 1 && c->low[i] == 0 && c->power[i] == 0;
        /* p = (high + low) 2^power; 2^ulp is the ulp of its binade, in which it may be just below high */
        struct pair p = pair_multiply((struct pair){c->high[i], c->low[i]}, inverse);
        uint64_t bits = bits_of_double(p.high);
        int64_t below = (bits << (64 - DOUBLE_FRACTION)) == 0 && p.low < 0;
        int64_t binade = (int64_t)(bits >> DOUBLE_FRACTION) - DOUBLE_BIAS + c->power[i] - below;
        binade = binade > emin ? binade : emin;
        int64_t to_ulps = c->power[i] - binade + fraction;
        double scale = power_of_2(to_ulps > SMALLEST ? to_ulps : SMALLEST); /* less is in the first cell either way */
        double high = p.high * scale, low = p.low * scale;

        /* the nearest integer; a `high` of 2^52 or more is one, with low at most a half */
        double whole = high < 0x1p52 ? (high + 0x1p52) - 0x1p52 : high, rest = (high - whole) + low;
        whole += rest > 0.5 ? 1 : rest < -0.5 ? -1 : 0;
        rest = (high - whole) + low;

        /* high - whole is exact, two roundings make the cell; the enclosure must lie between two integers, or around 0
           where the side is known */
        double cell = rest * CELLS, edge = (cell + MAGIC) - MAGIC;
        double margin = fabs(cell) * 0x1p-51 + high * (CELLS * error);
        bool decided = fabs(cell - edge) > margin || (edge == 0 && (whole == 0 || below_it));
        undecided |= !decided;

        double shifted = whole < 0x1p52 ? whole + 0x1p52 : whole;
        uint64_t units = bits_of_double(shifted) - bits_of_double(0x1p52) + (whole < 0x1p52 ? 0 : 1ull << 52);
        c->word[i] = ((uint64_t)(binade - emin) << fraction) + units; /* the hidden bit adds 1, a carry another */
        c->high[i] = edge == 0 && below_it ? -0. : cell;
    }
    return undecided == 0;
}

EVERYWHERE bool answers_of(const struct format *f, size_t count, double max, size_t top, struct columns *c)
{
    struct pair inverse = inverse_of(exponentials(count, max, c));
    /* k entries at the maximum and others: theirs is below 1/k, and where k is a power of 2 that is a word */
    bool below_word = top < count && (top & (top - 1)) == 0 && inverse.high == 1 / (double)top;
    return find_cells(f, count, inverse, error_of(count), below_word, c);
}

FOR_THIS_PROCESSOR(answers_here, answers_of,
                   (const struct format *f, size_t count, double max, size_t top, struct columns *c),
                   (f, count, max, top, c))

bool truth_row_pairs(const struct format *f, size_t n, const uint64_t *x, const unsigned char *mask, struct answer *out)
{
    struct columns *c = columns_for(n);
    double max = -INFINITY;
    size_t count = 0, top = 0; /* how many are the max */
    for (size_t i = 0; i < n; i++) {
        out[i] = (struct answer){0};
        if (!mask[i] || !word_is_finite(f, x[i])) continue;
        double v = word_value(f, x[i]);
        top = v > max ? 1 : top + (v == max);
        max = v > max ? v : max;
        c->at[count] = (uint32_t)i;
        c->high[count++] = v;
    }
    for (size_t j = 0; j < LANES; j++) c->high[count + j] = -INFINITY;
    if (!answers_here(f, count, max, top, c)) return false;
    for (size_t j = 0; j < count; j++)
        out[c->at[j]] = (struct answer){c->word[j], c->high[j] > 0 ? 1 : -1, (int)fabs(c->high[j])};
    return true;
}

bool truth_row_fast(int op, const struct format *f, size_t n, const uint64_t *x, const uint64_t *dy,
                    const unsigned char *mask, struct answer *out)
{
    return (op == SOFTMAX && truth_row_pairs(f, n, x, mask, out)) || truth_row_arb(op, f, n, x, dy, mask, out);
}
