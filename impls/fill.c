/* fill - softmax(where(mask, x, c)) with a finite c.  WRONG below c: a valid logit less than c loses to the fill,
   and a row with no valid entry comes out uniform.  In f16 every c beyond -65504 is stored as -inf, which is right.
   Seen in: allennlp, hyunwoongko/transformer#40 (-1e4); d2l-ai/d2l-en#2423 (-1e6); sb3-contrib, fairseq#3575 (-1e8);
   pytorch-seq2seq#191, apex#1105 (-1e9); allennlp memory_efficient, open_spiel (finfo.min).
   And two typos: -1e-10 weighs exp(0) = 1 (LeelaChessZero/lczero-training#64); +inf makes inf - inf (fill_plus_inf).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"
#include <float.h>

static void fill(size_t n, const real *x, const unsigned char *mask, real *p, real c)
{
    real max = -INFINITY, sum = 0;
    c = keep(c);
    for (size_t i = 0; i < n; i++) {
        p[i] = mask[i] ? x[i] : c;
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(p[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

static void fill_1e4(size_t n, const real *x, const unsigned char *mask, real *p) { fill(n, x, mask, p, (real)-1e4); }

static void fill_1e6(size_t n, const real *x, const unsigned char *mask, real *p) { fill(n, x, mask, p, (real)-1e6); }

static void fill_1e8(size_t n, const real *x, const unsigned char *mask, real *p) { fill(n, x, mask, p, (real)-1e8); }

static void fill_1e9(size_t n, const real *x, const unsigned char *mask, real *p) { fill(n, x, mask, p, (real)-1e9); }

static void fill_min(size_t n, const real *x, const unsigned char *mask, real *p)
{
    fill(n, x, mask, p, (real)PER_FORMAT(-DBL_MAX, -FLT_MAX, -0x1.fep127f, -65504));
}

static void fill_tiny(size_t n, const real *x, const unsigned char *mask, real *p)
{
    fill(n, x, mask, p, (real)-1e-10);
}

static void fill_plus_inf(size_t n, const real *x, const unsigned char *mask, real *p)
{
    fill(n, x, mask, p, (real)INFINITY);
}

#define UNIFORM "empty=uniform-all,all-ninf=nan,masked=nan-rows-all-nan"

IMPL(fill_1e4, .formula = "softmax(where(mask, x, -1e4))", .seen = "hyunwoongko/transformer#40", .bugs = "SENTINEL",
     .profile = UNIFORM, .max_ulp = PER_FORMAT(514, 82, 0.51, 0.51));
IMPL(fill_1e6, .formula = "softmax(where(mask, x, -1e6))", .seen = "d2l masked_softmax; d2l-ai/d2l-en#2423",
     .bugs = PER_FORMAT("SENTINEL", "SENTINEL", "SENTINEL", NULL),
     .profile = PER_FORMAT(UNIFORM, UNIFORM, UNIFORM, "nan"), .max_ulp = PER_FORMAT(514, 82, 0.51, 0.51),
     .witness = PER_FORMAT(NULL, NULL, NULL, "softmax f16 11 3bd6 3be5"));
IMPL(fill_1e8, .formula = "softmax(where(mask, x, -1e8))", .seen = "sb3-contrib; facebookresearch/fairseq#3575",
     .bugs = PER_FORMAT("SENTINEL", "SENTINEL", "SENTINEL", NULL),
     .profile = PER_FORMAT(UNIFORM, UNIFORM, UNIFORM, "nan"), .max_ulp = PER_FORMAT(514, 82, 0.51, 0.51),
     .witness = PER_FORMAT(NULL, NULL, NULL, "softmax f16 11 3bd6 3be5"));
IMPL(fill_1e9, .formula = "softmax(where(mask, x, -1e9))", .seen = "bentrevett/pytorch-seq2seq#191; NVIDIA/apex#1105",
     .bugs = PER_FORMAT("SENTINEL", "SENTINEL", "SENTINEL", NULL),
     .profile = PER_FORMAT(UNIFORM, UNIFORM, UNIFORM, "nan"), .max_ulp = PER_FORMAT(514, 82, 0.51, 0.51),
     .witness = PER_FORMAT(NULL, NULL, NULL, "softmax f16 11 3bd6 3be5"));
IMPL(fill_min, .formula = "softmax(where(mask, x, finfo.min))", .seen = "allennlp memory_efficient; open_spiel",
     .bugs = "SENTINEL", .profile = UNIFORM, .max_ulp = PER_FORMAT(514, 82, 0.51, 0.51));
IMPL(fill_tiny, .formula = "softmax(where(mask, x, -1e-10))", .seen = "LeelaChessZero/lczero-training#64",
     .bugs = "LEAK", .profile = UNIFORM, .max_ulp = PER_FORMAT(514, 84, 3, 3));
IMPL(fill_plus_inf, .formula = "softmax(where(mask, x, inf))", .seen = "lucidrains/memory-compressed-attention#2",
     .bugs = "NANFILL POISON", .profile = "nan", .max_ulp = PER_FORMAT(514, 84, 3, 3));
