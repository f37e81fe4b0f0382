/* decimal - see decimal.h.  Rational logits, an interval for every probability, more bits until both ends print
   the same digits.
   SPDX-License-Identifier: MIT */
#include "decimal.h"

#include <gmp.h>
#include <mpfr.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BITS = 1 << 16 };

/* The exact value of "-12.5e-3".  False if it is no decimal, or beyond 1e6. */
static bool parse_decimal(mpq_t value, const char *text)
{
    char digits[200];
    size_t count = 0;
    long scale = 0;
    const char *c = text;
    bool negative = *c == '-', point = false, any = false;
    if (*c == '-' || *c == '+') c++;
    for (; (*c >= '0' && *c <= '9') || (*c == '.' && !point); c++) {
        if (*c == '.') {
            point = true;
            continue;
        }
        if (count + 1 == sizeof digits) return false;
        digits[count++] = *c;
        scale -= point;
        any = true;
    }
    if (!any) return false;
    digits[count] = '\0';
    if (*c == 'e' || *c == 'E') {
        char *end;
        long exponent = strtol(c + 1, &end, 10);
        if (end == c + 1 || exponent > 1000 || exponent < -1000) return false;
        scale += exponent;
        c = end;
    }
    if (*c != '\0') return false;
    mpz_set_str(mpq_numref(value), digits, 10);
    mpz_ui_pow_ui(mpq_denref(value), 10, (unsigned long)labs(scale));
    if (scale > 0) {
        mpz_mul(mpq_numref(value), mpq_numref(value), mpq_denref(value));
        mpz_set_ui(mpq_denref(value), 1);
    }
    mpq_canonicalize(value);
    if (negative) mpq_neg(value, value);
    return mpq_cmp_si(value, 1000000, 1) <= 0 && mpq_cmp_si(value, -1000000, 1) >= 0;
}

/* "72100" and exponent 0 as 0.72100; small values as 7.2100e-12. */
static void print_digits(const char *digits, mpfr_exp_t exponent)
{
    if (exponent > 1 || exponent < -4) {
        printf("%c.%se%ld", digits[0], digits + 1, (long)exponent - 1);
    } else if (exponent == 1) {
        printf("%c.%s", digits[0], digits + 1);
    } else {
        printf("0.%.*s%s", (int)-exponent, "0000", digits);
    }
}

struct interval {
    mpfr_t lo, hi;
};

static bool decide(size_t n, const unsigned char *mask, mpq_t *distance, struct interval *e, mpfr_prec_t bits,
                   int digits, bool print)
{
    struct interval sum, p;
    bool decided = true;
    mpfr_inits2(bits, sum.lo, sum.hi, p.lo, p.hi, (mpfr_ptr)0);
    mpfr_set_zero(sum.lo, 1);
    mpfr_set_zero(sum.hi, 1);
    for (size_t i = 0; i < n; i++) {
        if (!mask[i]) continue;
        mpfr_set_prec(e[i].lo, bits);
        mpfr_set_prec(e[i].hi, bits);
        mpfr_set_q(e[i].lo, distance[i], MPFR_RNDD);
        mpfr_exp(e[i].lo, e[i].lo, MPFR_RNDD);
        mpfr_set_q(e[i].hi, distance[i], MPFR_RNDU);
        mpfr_exp(e[i].hi, e[i].hi, MPFR_RNDU);
        mpfr_add(sum.lo, sum.lo, e[i].lo, MPFR_RNDD);
        mpfr_add(sum.hi, sum.hi, e[i].hi, MPFR_RNDU);
    }
    for (size_t i = 0; i < n && decided; i++) {
        if (print && i > 0) putchar(' ');
        if (!mask[i]) {
            if (print) putchar('0');
            continue;
        }
        mpfr_div(p.lo, e[i].lo, sum.hi, MPFR_RNDD);
        mpfr_div(p.hi, e[i].hi, sum.lo, MPFR_RNDU);
        mpfr_exp_t lo_exponent, hi_exponent;
        char *lo = mpfr_get_str(NULL, &lo_exponent, 10, (size_t)digits, p.lo, MPFR_RNDN);
        char *hi = mpfr_get_str(NULL, &hi_exponent, 10, (size_t)digits, p.hi, MPFR_RNDN);
        decided = lo_exponent == hi_exponent && strcmp(lo, hi) == 0;
        if (print) print_digits(lo, lo_exponent);
        mpfr_free_str(lo);
        mpfr_free_str(hi);
    }
    mpfr_clears(sum.lo, sum.hi, p.lo, p.hi, (mpfr_ptr)0);
    return decided;
}

static void answer_row(const struct source *s, size_t n, const unsigned char *mask, mpq_t *x, int digits)
{
    struct interval *e = malloc((n ? n : 1) * sizeof *e);
    size_t top = n;
    mpq_t max;
    mpq_init(max);
    if (e == NULL) source_fail(s, "out of memory");
    for (size_t i = 0; i < n; i++) {
        mpfr_inits2(64, e[i].lo, e[i].hi, (mpfr_ptr)0);
        if (mask[i] && (top == n || mpq_cmp(x[i], x[top]) > 0)) top = i;
    }
    if (top < n) mpq_set(max, x[top]);
    for (size_t i = 0; i < n; i++) mpq_sub(x[i], x[i], max);
    mpfr_prec_t bits = 64 + 4 * (mpfr_prec_t)digits;
    while (!decide(n, mask, x, e, bits, digits, false)) {
        bits *= 2;
        if (bits > MAX_BITS) source_fail(s, "expected digits that 65536 bits decide (a tie of decimals?)");
    }
    decide(n, mask, x, e, bits, digits, true);
    putchar('\n');
    for (size_t i = 0; i < n; i++) mpfr_clears(e[i].lo, e[i].hi, (mpfr_ptr)0);
    mpq_clear(max);
    free(e);
}

void decimal_answer_all(struct source *s, int digits)
{
    while (source_next(s)) {
        const char *mask_text = strtok(s->text, " \t\r");
        if (mask_text == NULL || mask_text[0] == '#') continue;
        size_t n = strlen(mask_text), found = 0;
        if (strspn(mask_text, "01") != n) source_fail(s, "expected a mask of 0 and 1, then decimal logits");
        unsigned char *mask = malloc(n);
        mpq_t *x = malloc(n * sizeof *x);
        if (mask == NULL || x == NULL) source_fail(s, "out of memory");
        for (size_t i = 0; i < n; i++) {
            mask[i] = mask_text[i] == '1';
            mpq_init(x[i]);
        }
        for (const char *t; (t = strtok(NULL, " \t\r")) != NULL; found++) {
            if (found == n) source_fail(s, "expected as many logits as mask entries, found more");
            if (!parse_decimal(x[found], t)) {
                char why[120];
                snprintf(why, sizeof why, "expected a decimal logit from -1e6 to 1e6, found '%.40s'", t);
                source_fail(s, why);
            }
        }
        if (found != n) source_fail(s, "expected as many logits as mask entries, found fewer");
        answer_row(s, n, mask, x, digits);
        for (size_t i = 0; i < n; i++) mpq_clear(x[i]);
        free(x);
        free(mask);
    }
    mpfr_free_cache();
}
