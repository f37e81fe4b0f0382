/* ragged - a batch as offsets + values: row r keeps its valid logits in values[offset[r]] .. values[offset[r+1]].
   No padding and no mask in the softmax itself, which runs segment by segment.
   Seen in: the article's footnote 5 (nested and ragged tensors); PyTorch nested tensors, TensorFlow RaggedTensor.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void ragged(size_t rows, size_t n, const real *x, const unsigned char *mask, real *p)
{
    size_t *offset = malloc((rows + 1) * sizeof *offset), k = 0;
    real *values = p;
    if (offset == NULL) return;
    for (size_t r = 0; r < rows; r++) {
        offset[r] = k;
        for (size_t i = r * n; i < (r + 1) * n; i++)
            if (mask[i]) values[k++] = x[i];
    }
    offset[rows] = k;
    for (size_t r = 0; r < rows; r++) {
        real max = -INFINITY, sum = 0;
        for (size_t j = offset[r]; j < offset[r + 1]; j++) max = fmax(max, values[j]);
        for (size_t j = offset[r]; j < offset[r + 1]; j++) {
            values[j] = exp(values[j] - max);
            sum += values[j];
        }
        for (size_t j = offset[r]; j < offset[r + 1]; j++) values[j] /= sum;
    }
    for (size_t i = rows * n; i-- > 0;) p[i] = mask[i] ? values[--k] : 0;
    free(offset);
}

IMPL_BATCH(ragged, .formula = "softmax of each values[offset[r]..offset[r+1])",
           .seen = "the article's footnote 5; torch.nested; tf.RaggedTensor", .profile = "all-ninf=nan",
           .bound = "left_to_right", .max_ulp = PER_FORMAT(514, 82, 0.51, 0.51),
           .witness = PER_FORMAT(
               "softmax f64 11 40637e2f9abb8afe c08106a2b0553c78",
               "softmax f32 11111111 4187fd24 417d71c0 4181ef92 41855171 4186a658 418350e6 4184a806 c2401abb",
               "softmax bf16 11 3f7b 3f7d", "softmax f16 11 3bd6 3be5"));
