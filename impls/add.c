/* add - softmax(x + (1 - mask) * c) with a finite c: the additive mask.  WRONG when a masked logit is above -c or a
   valid one below c; an empty row is the softmax of the masked logits.  In f16 -1e9 is -inf, and 0 * -inf is NaN.
   Seen in: huggingface/transformers#542, #12109 (-1e4); Keras and TF before 2023, tensorflow#59657 (-1e9);
   transformers#17306, onnxscript#2654 (finfo.min); transformers#26421, NeMo Automodel#2658 (two masks: min + min).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"
#include <float.h>

#define LOWEST ((real)PER_FORMAT(-DBL_MAX, -FLT_MAX, -0x1.fep127f, -65504))

static void add(size_t n, const real *x, const unsigned char *mask, real *p, real c, int times)
{
    real max = -INFINITY, sum = 0;
    c = keep(c);
    for (size_t i = 0; i < n; i++) {
        p[i] = x[i];
        for (int t = 0; t < times; t++) p[i] = keep(p[i] + (1 - (real)mask[i]) * c);
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(p[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

static void add_1e4(size_t n, const real *x, const unsigned char *mask, real *p) { add(n, x, mask, p, (real)-1e4, 1); }

static void add_1e9(size_t n, const real *x, const unsigned char *mask, real *p) { add(n, x, mask, p, (real)-1e9, 1); }

static void add_min(size_t n, const real *x, const unsigned char *mask, real *p) { add(n, x, mask, p, LOWEST, 1); }

static void add_min_twice(size_t n, const real *x, const unsigned char *mask, real *p)
{
    add(n, x, mask, p, LOWEST, 2);
}

IMPL(add_1e4, .formula = "softmax(x + (1 - mask) * -1e4)", .seen = "transformers#542, #1935, #12109; PaddleOCR#18341",
     .bugs = "SENTINEL EMPTY POISON", .profile = "empty=unmasked,all-ninf=nan,masked=nan-rows-all-nan",
     .max_ulp = PER_FORMAT(514, 84, 3, 3));
IMPL(add_1e9, .formula = "softmax(x + (1 - mask) * -1e9)", .seen = "Keras, TF before 2023; tensorflow/tensorflow#59657",
     .bugs = PER_FORMAT("SENTINEL EMPTY POISON", "SENTINEL EMPTY POISON", "SENTINEL EMPTY POISON", "NANFILL POISON"),
     .profile = PER_FORMAT("empty=unmasked,all-ninf=nan,masked=nan-rows-all-nan",
                           "empty=uniform-all,all-ninf=nan,masked=nan-rows-all-nan",
                           "empty=uniform-all,all-ninf=nan,masked=nan-rows-all-nan", "nan"),
     .max_ulp = PER_FORMAT(514, 84, 3, 3));
IMPL(add_min, .formula = "softmax(x + (1 - mask) * finfo.min)", .seen = "transformers#17306; onnxscript#2654",
     .bugs = "SENTINEL EMPTY POISON", .profile = "empty=uniform-all,all-ninf=nan,masked=nan-rows-all-nan",
     .max_ulp = PER_FORMAT(514, 84, 3, 3));
IMPL(add_min_twice, .formula = "softmax(x + (1 - mask) * min + (1 - mask) * min)",
     .seen = "transformers#26421, #27114; NVIDIA-NeMo/Automodel#2658", .bugs = "SENTINEL EMPTY POISON",
     .profile = "nan", .max_ulp = PER_FORMAT(514, 84, 3, 3));
