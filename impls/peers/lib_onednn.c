/* lib_onednn - oneDNN's softmax_accurate to be timed: with -inf filled in where masked, and with no mask at all.
   The primitive is made once for a shape, so what is timed executes it; the fill goes to the output, and the softmax
   works there in place.
   SPDX-License-Identifier: MIT */
#include "offer.h"
#include "onednn.h"

const char maskproof_offers[] = "where unmasked";

/* The softmax of the shape last asked for; NULL: not offered. */
static struct onednn_softmax *softmax_of(size_t rows, size_t n)
{
    static struct onednn_softmax s;
    static size_t made_rows, made_n;
    if (engine == NULL && !onednn_start()) return NULL;
    if (s.primitive != NULL && rows == made_rows && n == made_n) return &s;
    onednn_free(&s);
    made_rows = rows;
    made_n = n;
    return onednn_make(&s, dnnl_softmax_accurate, dnnl_f32, rows, n) ? &s : NULL;
}

int where(int op, int format, size_t rows, size_t n, const void *x, const unsigned char *mask, const void *dy, void *p)
{
    struct onednn_softmax *s = op == OP_SOFTMAX && format == FORMAT_F32 ? softmax_of(rows, n) : NULL;
    (void)dy;
    if (s == NULL) return NOT_OFFERED;
    fill_f32(rows * n, x, mask, p);
    return onednn_run(s, p, p) ? 0 : FAILED;
}

int unmasked(int op, int format, size_t rows, size_t n, const void *x, const unsigned char *mask, const void *dy,
             void *p)
{
    struct onednn_softmax *s = op == OP_SOFTMAX && format == FORMAT_F32 ? softmax_of(rows, n) : NULL;
    (void)mask;
    (void)dy;
    if (s == NULL) return NOT_OFFERED;
    return onednn_run(s, (void *)(uintptr_t)x, p) ? 0 : FAILED;
}
