/* peer_xnnpack - XNNPACK's softmax in f32, with -inf where masked.  This is the build that Debian has (February 2022);
   peer_litert.py runs a current one.
   SPDX-License-Identifier: MIT */
#include "line.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xnnpack.h>

static bool where(struct request *r)
{
    xnn_operator_t op = NULL;
    if (r->bits != 32 || r->log) return false;
    fill(r);
    /* It may read up to 16 bytes past the end, so it is given its own room. */
    float *x = calloc(r->rows * r->n + 16, sizeof *x), *p = calloc(r->rows * r->n + 16, sizeof *p);
    if (x == NULL || p == NULL) abort();
    memcpy(x, r->x, r->rows * r->n * sizeof *x);
    bool good = xnn_create_softmax_nc_f32(r->n, r->n, r->n, 0, &op) == xnn_status_success &&
                xnn_setup_softmax_nc_f32(op, r->rows, x, p, NULL) == xnn_status_success &&
                xnn_run_operator(op, NULL) == xnn_status_success;
    memcpy(r->out, p, r->rows * r->n * sizeof *p);
    if (op != NULL) xnn_delete_operator(op);
    free(x);
    free(p);
    return good;
}

int main(int argc, char **argv)
{
    static const struct formula formulas[] = {
        {"where", "xnn_softmax_nc_f32 of x, -inf where masked", "softmax", "f32", where}, {0}};
    if (xnn_initialize(NULL) != xnn_status_success) return 77;
    return serve(argc, argv, "XNNPACK " XNNPACK_VERSION, formulas);
}
