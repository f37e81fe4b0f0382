/* power16 - 2^(j/16) in two doubles and ln 2 / 16 in three: what both exponentials of correctly_rounded reduce with.
   Sollya: t = 2^(j/16); high = round(t, 53, RN); low = round(t - high, 53, RN).  |high/t - 1| <= 0.738 2^-53,
   |(high + low)/t - 1| <= 2^-107.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_POWER16_H
#define MASKPROOF_POWER16_H

static const double power16_high[16] = {
    0x1p0,
    0x1.0b5586cf9890fp0,
    0x1.172b83c7d517bp0,
    0x1.2387a6e756238p0,
    0x1.306fe0a31b715p0,
    0x1.3dea64c123422p0,
    0x1.4bfdad5362a27p0,
    0x1.5ab07dd485429p0,
    0x1.6a09e667f3bcdp0,
    0x1.7a11473eb0187p0,
    0x1.8ace5422aa0dbp0,
    0x1.9c49182a3f09p0,
    0x1.ae89f995ad3adp0,
    0x1.c199bdd85529cp0,
    0x1.d5818dcfba487p0,
    0x1.ea4afa2a490dap0,
};
static const double power16_low[16] = {
    0,
    0x1.8a62e4adc610bp-54,
    -0x1.19041b9d78a76p-55,
    0x1.9b07eb6c70573p-54,
    0x1.6f46ad23182e4p-55,
    0x1.ada0911f09ebcp-55,
    0x1.d4397afec42e2p-56,
    0x1.6324c054647adp-54,
    -0x1.bdd3413b26456p-54,
    -0x1.41577ee04992fp-55,
    0x1.6e9f156864b27p-54,
    0x1.c7c46b071f2bep-56,
    0x1.7a1cd345dcc81p-54,
    0x1.11065895048ddp-55,
    0x1.2ed02d75b3707p-55,
    -0x1.e9c23179c2893p-54,
};

/* power16_high with j 2^48 taken off the bits: adding k 2^48 to those of entry k mod 16 makes 2^(k/16), as in the exp
   of glibc (Szabolcs Nagy). */
static const double power16_less[16] = {
    0x1p0,
    0x1.fb5586cf9890fp-1,
    0x1.f72b83c7d517bp-1,
    0x1.f387a6e756238p-1,
    0x1.f06fe0a31b715p-1,
    0x1.edea64c123422p-1,
    0x1.ebfdad5362a27p-1,
    0x1.eab07dd485429p-1,
    0x1.ea09e667f3bcdp-1,
    0x1.ea11473eb0187p-1,
    0x1.eace5422aa0dbp-1,
    0x1.ec49182a3f09p-1,
    0x1.ee89f995ad3adp-1,
    0x1.f199bdd85529cp-1,
    0x1.f5818dcfba487p-1,
    0x1.fa4afa2a490dap-1,
};

#define SIXTEEN_BY_LN2 0x1.71547652b82fep4
/* ln 2 / 16 = A + B + C + 2^-140.  A and B have 38 bits, so that k A and k B are exact for |k| <= 2^15. */
#define LN2_BY_16_A 0x1.62e42fefap-5
#define LN2_BY_16_B 0x1.cf79abc9ep-44
#define LN2_BY_16_C 0x1.d9cc01f97b57ap-83
#define LN2_BY_16_REST 0x1.cf79abc9e3b3ap-44 /* B + C, rounded: 2^-97 off */

#define MAGIC 0x1.8p52 /* v + MAGIC rounds v to an integer, and holds it in its last bits */

#endif
