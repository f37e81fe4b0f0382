/* arb_cell - see arb_cell.h.
   SPDX-License-Identifier: MIT */
#include "arb_cell.h"

#include <math.h>

enum { CELLS = 1000000 }; /* of an ulp: a magnitude is in cell c if c <= magnitude/ulp * CELLS < c + 1 */

/* Exponent of the ulp in the binade 2^e .. 2^(e+1). */
static slong ulp_exponent(const struct format *f, slong e) { return (e > f->emin ? e : f->emin) - f->precision + 1; }

/* The answer for a magnitude inside the cell, or, if `on_edge`, at its lower edge. */
static struct answer answer_in_cell(const struct format *f, slong ulp, const fmpz_t cell, bool on_edge)
{
    fmpz_t whole;
    fmpz_init(whole);
    fmpz_fdiv_q_ui(whole, cell, CELLS);
    uint64_t units = fmpz_get_ui(whole);
    fmpz_clear(whole);
    int past = (int)fmpz_fdiv_ui(cell, CELLS); /* beyond the word below, in whole cells */
    bool tie = on_edge && past == CELLS / 2;
    bool up = tie ? units % 2 == 1 : past >= CELLS / 2;
    int before = CELLS - past - !on_edge; /* short of the word above: truncated */
    struct answer a = {
        /* `units` has the hidden bit unless subnormal: it carries into the exponent, and so does rounding up */
        .word = ((uint64_t)(ulp - format_grid(f)) << (f->precision - 1)) + units + up,
        .side = up ? -1 : !on_edge || past > 0,
        .millionths = up ? before : past,
    };
    return a.word < word_inf(f) ? a : (struct answer){.word = word_inf(f)};
}

static struct answer negated(const struct format *f, struct answer a)
{
    return (struct answer){a.word | word_sign_bit(f), -a.side, a.millionths};
}

/* (A cell that is the whole ball's is of the midpoint's binade.) */
bool cell_of_ball(const struct format *f, const arb_t value, slong bits, struct answer *out)
{
    bool negative = arb_is_negative(value);
    if (!negative && !arb_is_positive(value)) return false;
    slong ulp = ulp_exponent(f, arf_abs_bound_lt_2exp_si(arb_midref(value)) - 1);
    fmpz_t cell;
    arb_t scaled;
    fmpz_init(cell);
    arb_init(scaled);
    arb_mul_ui(scaled, value, CELLS, bits);
    arb_mul_2exp_si(scaled, scaled, -ulp);
    if (negative) arb_neg(scaled, scaled);
    arb_floor(scaled, scaled, bits);
    bool decided = arb_get_unique_fmpz(cell, scaled);
    if (decided) *out = answer_in_cell(f, ulp, cell, false);
    if (decided && negative) *out = negated(f, *out);
    arb_clear(scaled);
    fmpz_clear(cell);
    return decided;
}

/* The larger of 0 and the exponent of the ulp at num/den > 0, or, if `below`, at what lies just below it. */
static ulong ulp_of_quotient(const struct format *f, const fmpz_t num, const fmpz_t den, bool below)
{
    if (fmpz_bits(num) < fmpz_bits(den)) return 0;
    ulong e = fmpz_bits(num) - fmpz_bits(den); /* num/den is in (2^(e-1), 2^(e+1)) */
    fmpz_t power;
    fmpz_init(power);
    fmpz_mul_2exp(power, den, e);
    int order = fmpz_cmp(num, power);
    fmpz_clear(power);
    bool lower_binade = order < 0 || (order == 0 && below);
    ulong hidden = (ulong)f->precision - 1 + lower_binade;
    return e > hidden ? e - hidden : 0;
}

bool cell_of_rational(const struct format *f, const fmpz_t num, const fmpz_t den, int aside, struct answer *out)
{
    bool negative = fmpz_sgn(num) < 0 || (fmpz_is_zero(num) && aside < 0);
    int outward = negative ? -aside : aside; /* +1: the magnitude is above that of num/den, -1: below */
    fmpz_t cell, rest, divisor;
    fmpz_init(cell);
    fmpz_init(rest);
    fmpz_init(divisor);
    fmpz_abs(cell, num);
    ulong ulp = ulp_of_quotient(f, cell, den, outward < 0);
    fmpz_mul_ui(cell, cell, CELLS);
    fmpz_mul_2exp(divisor, den, ulp);
    fmpz_fdiv_qr(cell, rest, cell, divisor);
    bool on_edge = fmpz_is_zero(rest);
    if (on_edge && outward < 0) fmpz_sub_ui(cell, cell, 1);
    *out = answer_in_cell(f, (slong)ulp + format_grid(f), cell, on_edge && aside == 0);
    if (negative) *out = negated(f, *out);
    fmpz_clear(cell);
    fmpz_clear(rest);
    fmpz_clear(divisor);
    return on_edge;
}

void units_of(fmpz_t units, const struct format *f, double v)
{
    int e;
    fmpz_set_si(units, (slong)ldexp(frexp(v, &e), 53));
    e -= 53 + format_grid(f);
    if (e >= 0)
        fmpz_mul_2exp(units, units, (ulong)e);
    else
        fmpz_tdiv_q_2exp(units, units, (ulong)-e);
}
