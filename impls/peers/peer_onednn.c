/* peer_onednn - oneDNN's softmax_accurate and softmax_log on the processor, with -inf where masked: the version that
   Debian has (2.6.3), and built a second time, against the package of PyPI, a current one (3.x).
   SPDX-License-Identifier: MIT */
#include "line.h"

#include <oneapi/dnnl/dnnl.h>
#include <oneapi/dnnl/dnnl_version.h>
#include <stdio.h>
#include <stdlib.h>

static dnnl_engine_t engine;
static dnnl_stream_t stream;

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t desc;
static bool describe(desc *d, const dnnl_dims_t dims, dnnl_data_type_t type, const dnnl_dims_t strides)
{
    return dnnl_memory_desc_create_with_strides(d, 2, dims, type, strides) == dnnl_success;
}
static bool plan(dnnl_primitive_desc_t *pd, dnnl_alg_kind_t kind, desc *d)
{
    return dnnl_softmax_forward_primitive_desc_create(pd, engine, dnnl_forward_inference, kind, *d, *d, 1, NULL) ==
           dnnl_success;
}
#define MEMORY_DESC(d) (d)
#define DESC_FREE(d) dnnl_memory_desc_destroy(d)
#else
typedef dnnl_memory_desc_t desc;
static bool describe(desc *d, const dnnl_dims_t dims, dnnl_data_type_t type, const dnnl_dims_t strides)
{
    return dnnl_memory_desc_init_by_strides(d, 2, dims, type, strides) == dnnl_success;
}
static bool plan(dnnl_primitive_desc_t *pd, dnnl_alg_kind_t kind, desc *d)
{
    dnnl_softmax_v2_desc_t op;
    return dnnl_softmax_v2_forward_desc_init(&op, dnnl_forward_inference, kind, d, d, 1) == dnnl_success &&
           dnnl_primitive_desc_create(pd, &op, NULL, engine, NULL) == dnnl_success;
}
#define MEMORY_DESC(d) (&(d))
#define DESC_FREE(d) (void)(d)
#endif

static dnnl_data_type_t type_of(int bits)
{
    return bits == 32 ? dnnl_f32 : bits == 16 ? dnnl_f16 : bits == 15 ? dnnl_bf16 : dnnl_data_type_undef;
}

static bool where(struct request *r)
{
    dnnl_dims_t dims = {(dnnl_dim_t)r->rows, (dnnl_dim_t)r->n}, strides = {(dnnl_dim_t)r->n, 1};
    desc d;
    dnnl_primitive_desc_t pd = NULL;
    dnnl_primitive_t softmax = NULL;
    dnnl_memory_t x = NULL, p = NULL;
    if (type_of(r->bits) == dnnl_data_type_undef || !describe(&d, dims, type_of(r->bits), strides)) return false;
    fill(r);
    bool good = plan(&pd, r->log ? dnnl_softmax_log : dnnl_softmax_accurate, &d) &&
                dnnl_primitive_create(&softmax, pd) == dnnl_success &&
                dnnl_memory_create(&x, MEMORY_DESC(d), engine, r->x) == dnnl_success &&
                dnnl_memory_create(&p, MEMORY_DESC(d), engine, r->out) == dnnl_success;
    dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, p}};
    good = good && dnnl_primitive_execute(softmax, stream, 2, args) == dnnl_success &&
           dnnl_stream_wait(stream) == dnnl_success;
    if (x != NULL) dnnl_memory_destroy(x);
    if (p != NULL) dnnl_memory_destroy(p);
    if (softmax != NULL) dnnl_primitive_destroy(softmax);
    if (pd != NULL) dnnl_primitive_desc_destroy(pd);
    DESC_FREE(d);
    return good;
}

int main(int argc, char **argv)
{
    static const struct formula formulas[] = {
        {"where", "softmax_accurate of x, -inf where masked", "softmax,log_softmax", "f32,bf16,f16", where}, {0}};
#ifdef OPENCL_OF_SYCL /* the processor is a SYCL device in PyPI's build, and its driver lies beside the library */
    setenv("OCL_ICD_FILENAMES", OPENCL_OF_SYCL, 0);
    setenv("ONEDNN_VERBOSE", "0", 0);
#endif
    const dnnl_version_t *v = dnnl_version();
    char version[60];
    snprintf(version, sizeof version, "oneDNN %d.%d.%d", v->major, v->minor, v->patch);
    if (dnnl_engine_create(&engine, dnnl_cpu, 0) != dnnl_success ||
        dnnl_stream_create(&stream, engine, dnnl_stream_default_flags) != dnnl_success)
        return 77;
    return serve(argc, argv, version, formulas);
}
