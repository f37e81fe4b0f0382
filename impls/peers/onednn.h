/* onednn - a softmax of oneDNN over rows of n, made once and run on any arrays; its C API of versions 2 and 3.
   SPDX-License-Identifier: MIT */
#ifndef PEERS_ONEDNN_H
#define PEERS_ONEDNN_H

#include <oneapi/dnnl/dnnl.h>
#include <oneapi/dnnl/dnnl_version.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

static dnnl_engine_t engine;
static dnnl_stream_t stream;

/* The processor as oneDNN sees it; false: there is none. */
static inline bool onednn_start(void)
{
#ifdef OPENCL_OF_SYCL /* the processor is a SYCL device in PyPI's build, and its driver lies beside the library */
    setenv("OCL_ICD_FILENAMES", OPENCL_OF_SYCL, 0);
    setenv("ONEDNN_VERBOSE", "0", 0);
#endif
    return dnnl_engine_create(&engine, dnnl_cpu, 0) == dnnl_success &&
           dnnl_stream_create(&stream, engine, dnnl_stream_default_flags) == dnnl_success;
}

typedef dnnl_memory_desc_t onednn_desc;
#if DNNL_VERSION_MAJOR >= 3
static inline bool onednn_describe(onednn_desc *d, const dnnl_dims_t dims, dnnl_data_type_t type,
                                   const dnnl_dims_t strides)
{
    return dnnl_memory_desc_create_with_strides(d, 2, dims, type, strides) == dnnl_success;
}
static inline bool onednn_plan(dnnl_primitive_desc_t *pd, dnnl_alg_kind_t kind, onednn_desc *d)
{
    return dnnl_softmax_forward_primitive_desc_create(pd, engine, dnnl_forward_inference, kind, *d, *d, 1, NULL) ==
           dnnl_success;
}
#define MEMORY_DESC(d) (d)
#define DESC_FREE(d) dnnl_memory_desc_destroy(d)
#else
static inline bool onednn_describe(onednn_desc *d, const dnnl_dims_t dims, dnnl_data_type_t type,
                                   const dnnl_dims_t strides)
{
    return dnnl_memory_desc_init_by_strides(d, 2, dims, type, strides) == dnnl_success;
}
static inline bool onednn_plan(dnnl_primitive_desc_t *pd, dnnl_alg_kind_t kind, onednn_desc *d)
{
    dnnl_softmax_v2_desc_t op;
    return dnnl_softmax_v2_forward_desc_init(&op, dnnl_forward_inference, kind, d, d, 1) == dnnl_success &&
           dnnl_primitive_desc_create(pd, &op, NULL, engine, NULL) == dnnl_success;
}
#define MEMORY_DESC(d) (&(d))
#define DESC_FREE(d) (void)(d)
#endif

struct onednn_softmax {
    dnnl_primitive_t primitive;
    dnnl_memory_t x, p;
};

static inline void onednn_free(struct onednn_softmax *s)
{
    if (s->x != NULL) dnnl_memory_destroy(s->x);
    if (s->p != NULL) dnnl_memory_destroy(s->p);
    if (s->primitive != NULL) dnnl_primitive_destroy(s->primitive);
    *s = (struct onednn_softmax){0};
}

/* False: not offered, in this type say. */
static inline bool onednn_make(struct onednn_softmax *s, dnnl_alg_kind_t kind, dnnl_data_type_t type, size_t rows,
                               size_t n)
{
    dnnl_dims_t dims = {(dnnl_dim_t)rows, (dnnl_dim_t)n}, strides = {(dnnl_dim_t)n, 1};
    onednn_desc d;
    dnnl_primitive_desc_t pd = NULL;
    *s = (struct onednn_softmax){0};
    if (type == dnnl_data_type_undef || !onednn_describe(&d, dims, type, strides)) return false;
    bool good = onednn_plan(&pd, kind, &d) && dnnl_primitive_create(&s->primitive, pd) == dnnl_success &&
                dnnl_memory_create(&s->x, MEMORY_DESC(d), engine, DNNL_MEMORY_NONE) == dnnl_success &&
                dnnl_memory_create(&s->p, MEMORY_DESC(d), engine, DNNL_MEMORY_NONE) == dnnl_success;
    if (pd != NULL) dnnl_primitive_desc_destroy(pd);
    DESC_FREE(d);
    if (!good) onednn_free(s);
    return good;
}

/* x may be p. */
static inline bool onednn_run(const struct onednn_softmax *s, void *x, void *p)
{
    dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, s->x}, {DNNL_ARG_DST, s->p}};
    return dnnl_memory_set_data_handle(s->x, x) == dnnl_success &&
           dnnl_memory_set_data_handle(s->p, p) == dnnl_success &&
           dnnl_primitive_execute(s->primitive, stream, 2, args) == dnnl_success &&
           dnnl_stream_wait(stream) == dnnl_success;
}

#endif
