/* counters - see counters.h.
   SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* syscall */
#include "counters.h"

#include <linux/perf_event.h>
#include <math.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LINE = 64 };

double count_missed(const struct way *way, const struct batch *b)
{
    struct perf_event_attr misses = {.type = PERF_TYPE_HARDWARE,
                                     .size = sizeof misses,
                                     .config = PERF_COUNT_HW_CACHE_MISSES,
                                     .disabled = 1,
                                     .exclude_kernel = 1, /* else a privilege */
                                     .exclude_hv = 1};
    int counter = (int)syscall(SYS_perf_event_open, &misses, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    uint64_t count = 0;
    if (counter < 0) return NAN;
    run_way(way, b); /* so that the caches are as a run leaves them */
    ioctl(counter, PERF_EVENT_IOC_ENABLE, 0);
    run_way(way, b);
    ioctl(counter, PERF_EVENT_IOC_DISABLE, 0);
    bool counted = read(counter, &count, sizeof count) == sizeof count;
    close(counter);
    return counted ? LINE * (double)count / (double)(b->rows * b->n) : NAN;
}
