/* passes - see passes.h.
   SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* REG_ERR */
#include "passes.h"

#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __x86_64__ /* whose page faults say whether they were to write */

#include <ucontext.h>
enum { WRITE_FAULT = 2 }; /* bit of the error code */

enum { ARRAYS = 3, OPEN = 8 };

struct watched {
    char *start;
    size_t bytes;     /* whole pages */
    char *open[OPEN]; /* first in, first out */
    size_t next;      /* which of them is closed next */
    size_t in, out;   /* pages read and written */
};
static struct watched array[ARRAYS];
static size_t page;
static struct sigaction before;

static void allow(char *start, size_t bytes, int protection)
{
    if (mprotect(start, bytes, protection) != 0) _exit(2);
}

/* The first touch of a page opens it, for reading or for both; a write to one open for reading opens it for both. */
static void on_fault(int number, siginfo_t *info, void *context)
{
    bool write = ((ucontext_t *)context)->uc_mcontext.gregs[REG_ERR] & WRITE_FAULT;
    (void)number;
    for (struct watched *a = array; a < array + ARRAYS; a++) {
        char *at = info->si_addr;
        if (at < a->start || at >= a->start + a->bytes) continue;
        at -= (size_t)(at - a->start) % page;
        bool is_open = false;
        for (size_t i = 0; i < OPEN; i++) is_open = is_open || a->open[i] == at;
        if (!is_open) {
            if (a->open[a->next] != NULL) allow(a->open[a->next], page, PROT_NONE);
            a->open[a->next] = at;
            a->next = (a->next + 1) % OPEN;
        }
        a->in += !write;
        a->out += write;
        allow(at, page, write ? PROT_READ | PROT_WRITE : PROT_READ);
        return;
    }
    sigaction(SIGSEGV, &before, NULL); /* no page of ours: it happens again, and is not ours to handle */
}

static struct watched watch(const void *bytes, size_t count)
{
    struct watched a = {.bytes = (count + page - 1) / page * page};
    /* and a page behind, for those that read a vector too far */
    a.start = mmap(NULL, a.bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (a.start == MAP_FAILED) {
        fprintf(stderr, "maskproof bench: out of memory for %zu bytes\n", a.bytes);
        exit(2);
    }
    if (bytes != NULL) memcpy(a.start, bytes, count);
    allow(a.start, a.bytes, PROT_NONE);
    return a;
}

struct moved count_moved(const struct way *way, const struct batch *b)
{
    size_t entries = b->rows * b->n, size = real_size(b->format), in = 0, out = 0;
    page = (size_t)sysconf(_SC_PAGESIZE);
    array[0] = watch(b->x, entries * size);
    array[1] = watch(b->mask, entries);
    array[2] = watch(NULL, entries * size);
    struct batch copy = *b;
    copy.x = array[0].start;
    copy.mask = (unsigned char *)array[1].start;
    copy.p = array[2].start;
    sigaction(SIGSEGV, &(struct sigaction){.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO}, &before);
    run_way(way, &copy);
    sigaction(SIGSEGV, &before, NULL);
    for (struct watched *a = array; a < array + ARRAYS; a++) {
        in += a->in;
        out += a->out;
        munmap(a->start, a->bytes + page);
    }
    double each = (double)page / (double)entries, once = 2 * (double)size + 1;
    return (struct moved){(double)in * each, (double)out * each, (double)(in + out) * each / once};
}

#else

struct moved count_moved(const struct way *way, const struct batch *b)
{
    (void)way;
    (void)b;
    return (struct moved){NAN, NAN, NAN};
}

#endif
