/* kernels - what impls/fused.c and impls/correctly_rounded.c share with one file per instruction set.
   A kernel is compiled for its instruction set, and called only where the processor has it.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_KERNELS_H
#define MASKPROOF_KERNELS_H

#include <stddef.h>

/* rows*n logits and mask bytes (0 or 1) in, rows*n probabilities out; p is not x.  Classes as strict-zero. */
typedef void kernel_f32(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p);

struct kernels {
    const char *name; /* of the instruction set, as MASKPROOF_KERNEL asks for it */
    int (*runs_here)(void);
    kernel_f32 *fused;
    kernel_f32 *fused_streaming; /* the same bits, for batches larger than the last cache */
    kernel_f32 *copy;            /* p = mask ? x : 0, as fast as it goes: the floor that bench compares with */
};

/* From the fastest to the one that always runs. */
extern const struct kernels kernels_avx512, kernels_avx2, kernels_neon, kernels_portable;

/* The fastest that runs on this processor, or the one that the environment asks for by MASKPROOF_KERNEL=avx2, say; if
   that one does not run here, a line on standard error and exit code 77. */
const struct kernels *kernels_best(void);

/* How many entries of a batch, 9 bytes each, the last cache holds; of so many bytes, if MASKPROOF_CACHE says so. */
size_t kernels_cached(void);

/* A batch, its rows shared out to the threads of OpenMP (OMP_NUM_THREADS).  No row depends on where it is done. */
void kernels_run(kernel_f32 *kernel, size_t rows, size_t n, const float *x, const unsigned char *mask, float *p);

#endif
