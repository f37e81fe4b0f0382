/* double_double - numbers of 107 bits as a sum of two doubles, high = RN(high + low); who includes it has named the
   operations on vec, one double or several.  Error bounds, relative, u = 2^-53: Joldes, Muller and Popescu, Tight and
   Rigorous Error Bounds for Basic Building Blocks of Double-Word Arithmetic, ACM TOMS 44(2), 2017.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_DOUBLE_DOUBLE_H
#define MASKPROOF_DOUBLE_DOUBLE_H

struct dd {
    vec high, low;
};

static inline struct dd dd_all(double high, double low) { return (struct dd){v_all(high), v_all(low)}; }

/* a + b exactly: Knuth's TwoSum, and Dekker's for |a| >= |b|, or a = 0 */
static inline struct dd exact_sum(vec a, vec b)
{
    vec s = v_add(a, b), c = v_sub(s, a);
    return (struct dd){s, v_add(v_sub(a, v_sub(s, c)), v_sub(b, c))};
}
static inline struct dd exact_sum_ordered(vec a, vec b)
{
    vec s = v_add(a, b);
    return (struct dd){s, v_sub(b, v_sub(s, a))};
}

/* to 3 u^2 + 13 u^3: their algorithm 6, AccurateDWPlusDW */
static inline struct dd dd_add(struct dd a, struct dd b)
{
    struct dd s = exact_sum(a.high, b.high), t = exact_sum(a.low, b.low);
    s = exact_sum_ordered(s.high, v_add(s.low, t.high));
    return exact_sum_ordered(s.high, v_add(t.low, s.low));
}

/* The same for |b| <= |a|/30, to 3.2 u^2: the sum of the low parts is off by u^2 (|a| + |b|), and what joins it by
   u^2 (|a + b| + |a| + |b|). */
static inline struct dd dd_add_small(struct dd a, struct dd b)
{
    struct dd s = exact_sum_ordered(a.high, b.high);
    return exact_sum_ordered(s.high, v_add(s.low, v_add(a.low, b.low)));
}

/* to 5 u^2: their algorithm 11, DWTimesDW1 */
static inline struct dd dd_mul(struct dd a, struct dd b)
{
    vec p = v_mul(a.high, b.high), lost = v_product_error(a.high, b.high, p);
    return exact_sum_ordered(p, v_add(lost, v_add(v_mul(a.high, b.low), v_mul(a.low, b.high))));
}

#endif
