/* lib_xnnpack - XNNPACK's softmax in f32 to be timed: with -inf filled in where masked, and with no mask at all.
   The operator is made once for a length; the fill goes to the output, and the softmax works there in place.
   SPDX-License-Identifier: MIT */
#include "offer.h"

#include <xnnpack.h>

const char maskproof_offers[] = "where unmasked";

static int softmax(size_t rows, size_t n, const float *x, float *p)
{
    static xnn_operator_t op;
    static size_t made_n;
    if (op == NULL && xnn_initialize(NULL) != xnn_status_success) return NOT_OFFERED;
    if (op == NULL || n != made_n) {
        if (op != NULL) xnn_delete_operator(op);
        op = NULL;
        made_n = n;
        if (xnn_create_softmax_nc_f32(n, n, n, 0, &op) != xnn_status_success) return NOT_OFFERED;
    }
    return xnn_setup_softmax_nc_f32(op, rows, x, p, NULL) == xnn_status_success &&
                   xnn_run_operator(op, NULL) == xnn_status_success
               ? 0
               : FAILED;
}

int where(int op, int format, size_t rows, size_t n, const void *x, const unsigned char *mask, const void *dy, void *p)
{
    (void)dy;
    if (op != OP_SOFTMAX || format != FORMAT_F32) return NOT_OFFERED;
    fill_f32(rows * n, x, mask, p);
    return softmax(rows, n, p, p);
}

int unmasked(int op, int format, size_t rows, size_t n, const void *x, const unsigned char *mask, const void *dy,
             void *p)
{
    (void)mask;
    (void)dy;
    return op == OP_SOFTMAX && format == FORMAT_F32 ? softmax(rows, n, x, p) : NOT_OFFERED;
}
