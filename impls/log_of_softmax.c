/* log_of_softmax - log(softmax(where(mask, x, -inf))): the function first, its log after.
   WRONG where a probability underflows: its log is -inf where -200 is due; and near 1 a probability has no digits left
   for its log.
   Seen in: the ONNX reference, op_log_softmax.py; probs.log() everywhere.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void log_of_softmax(size_t n, const real *x, const unsigned char *mask, real *l)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        l[i] = mask[i] ? x[i] : (real)-INFINITY;
        max = fmax(max, l[i]);
    }
    for (size_t i = 0; i < n; i++) {
        l[i] = exp(l[i] - max);
        sum += l[i];
    }
    for (size_t i = 0; i < n; i++) l[i] = log(keep(l[i] / sum));
}

IMPL_LOG(log_of_softmax, .formula = "log(softmax(where(mask, x, -inf)))", .seen = "ONNX reference op_log_softmax.py",
         .bugs = "UNDERLOG ROUND", .profile = "nan", .max_ulp = PER_FORMAT(514, 84, 3, 3));
