/* exp_double - tier 1's e^x, in doubles; who includes it has named the operations.
   SPDX-License-Identifier: MIT */
#include "power16.h"

#define EXP_DOUBLE_BOUND 0x1p-52 /* the relative error of exp_of(x), |x| <= 450: 2 u */

/* The error, relative, in units of u = 2^-53, the most that one rounding does.  For |x| <= 450, x a float, or x - shift
   of a wide row, which is a multiple of 2^-16.
   x = k ln2/16 + r, |k| < 2^14, |r| <= a = ln2/32 + 2^-38 < 0.02167: what k's own rounding moves is less than 2^-38.
   k A is exact, and so is x - k A: where k != 0, |x| > 0.021 is a multiple of 2^-29, A is one of 2^-42, and the
   difference is below 2^-5.  So r is off by the roundings of k B (2^-82), of the difference (half a unit of
   [2^-6, 2^-5): 2^-59) and B's own (2^-83): 0.016 u.
   p = r + r^2 q = e^r - 1, |q| < 0.504, |p| < 0.0220: r^2 q is off by 3.1 u of itself, 0.001 u; the sum by 2^-59 =
   0.016 u; the polynomial by 0.105 u of e^r (Sollya's supnorm).  Against e^r > 0.978 that is 0.14 u.
   The table is off by 0.738 u, s p by 0.023 u, the last sum by 1 u.  In all 1.91 u: claimed 2 u (make sweep finds
   1.86).  No fused multiply-add is needed for it, nor does one harm.  */

/* e^x.  Sollya: fpminimax(exp(x), [|2,3,4,5,6|], [|D...|], [-log(2)/32-2^-38; log(2)/32+2^-38], relative, 1 + x) */
static inline __attribute__((always_inline)) vec exp_of(vec x)
{
    vec t = v_fma(x, v_all(SIXTEEN_BY_LN2), v_all(MAGIC)), k = v_sub(t, v_all(MAGIC));
    vec r = v_fnma(k, v_all(LN2_BY_16_REST), v_fnma(k, v_all(LN2_BY_16_A), x));
    vec q = v_fma(v_all(0x1.6c14c92f68026p-10), r, v_all(0x1.11123aae51182p-7));
    q = v_fma(q, r, v_all(0x1.55555558f9667p-5));
    q = v_fma(q, r, v_all(0x1.555555548f893p-3));
    q = v_fma(q, r, v_all(0x1.fffffffffffb9p-2));
    vec p = v_fma(v_mul(r, r), q, r), s = v_add_bits_48(v_entry_of_16(power16_less, t), t);
    return v_fma(s, p, s);
}
