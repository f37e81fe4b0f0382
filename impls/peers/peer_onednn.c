/* peer_onednn - oneDNN's softmax_accurate and softmax_log on the processor, with -inf where masked: the version that
   Debian has (2.6.3), and built a second time, against the package of PyPI, a current one (3.x).
   SPDX-License-Identifier: MIT */
#include "line.h"
#include "onednn.h"

#include <stdio.h>

static dnnl_data_type_t type_of(int bits)
{
    return bits == 32 ? dnnl_f32 : bits == 16 ? dnnl_f16 : bits == 15 ? dnnl_bf16 : dnnl_data_type_undef;
}

static bool where(struct request *r)
{
    struct onednn_softmax s;
    if (!onednn_make(&s, r->log ? dnnl_softmax_log : dnnl_softmax_accurate, type_of(r->bits), r->rows, r->n))
        return false;
    fill(r);
    bool good = onednn_run(&s, r->x, r->out);
    onednn_free(&s);
    return good;
}

int main(int argc, char **argv)
{
    static const struct formula formulas[] = {
        {"where", "softmax_accurate of x, -inf where masked", "softmax,log_softmax", "f32,bf16,f16", where}, {0}};
    const dnnl_version_t *v = dnnl_version();
    char version[60];
    snprintf(version, sizeof version, "oneDNN %d.%d.%d", v->major, v->minor, v->patch);
    if (!onednn_start()) return 77;
    return serve(argc, argv, version, formulas);
}
