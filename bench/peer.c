/* peer - see peer.h.
   SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memfd_create */
#include "peer.h"

#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS = 300, ANSWER = 600 };

static int arrays_file = -1;

void *peer_arrays(size_t bytes)
{
    arrays_file = memfd_create("arrays", 0); /* inherited */
    if (arrays_file < 0 || ftruncate(arrays_file, (off_t)bytes) != 0) return NULL;
    void *arrays = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, arrays_file, 0);
    return arrays == MAP_FAILED ? NULL : arrays;
}

/* --- one line there, one line back --- */

static bool hear(struct peer *p, char answer[ANSWER])
{
    size_t length = 0;
    while (length < ANSWER - 1 && recv(p->line, answer + length, 1, 0) == 1)
        if (answer[length++] == '\n') {
            answer[length - 1] = '\0';
            return true;
        }
    p->gone = true; /* it died, said too much, or was silent for too long */
    kill(p->process, SIGKILL);
    return false;
}

__attribute__((format(printf, 3, 4))) static bool ask(struct peer *p, char answer[ANSWER], const char *format, ...)
{
    char question[200];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(question, sizeof question, format, args);
    va_end(args);
    if (p->gone) return false;
    send(p->line, question, (size_t)length, MSG_NOSIGNAL);
    return hear(p, answer);
}

/* --- its life --- */

/* Every way that the libraries are known to be told how many threads; and, for their good, malloc gives back nothing to
   the system, so that a call does not pay for new pages. */
static void surroundings(size_t threads)
{
    static const char *const counts[] = {"OMP_NUM_THREADS",        "MKL_NUM_THREADS",        "OPENBLAS_NUM_THREADS",
                                         "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "NUMEXPR_NUM_THREADS"};
    char count[20], xla[100];
    snprintf(count, sizeof count, "%zu", threads);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) setenv(counts[i], count, 1);
    snprintf(xla, sizeof xla, "--xla_cpu_multi_thread_eigen=%s", threads > 1 ? "true" : "false");
    setenv("XLA_FLAGS", xla, 1);
    setenv("MALLOC_MMAP_MAX_", "0", 1);
    setenv("MALLOC_TRIM_THRESHOLD_", "1099511627776", 1);
}

bool peer_start(struct peer *p, const char *program, const char *name, size_t threads)
{
    int ends[2];
    char arrays[40], answer[ANSWER];
    *p = (struct peer){.line = -1};
    snprintf(p->name, sizeof p->name, "%s", name);
    snprintf(arrays, sizeof arrays, "/proc/self/fd/%d", arrays_file);
    if (access(program, X_OK) != 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return false;
    fflush(stdout);
    p->process = fork();
    if (p->process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        surroundings(threads);
        if (dup2(ends[1], STDIN_FILENO) >= 0 && dup2(ends[1], STDOUT_FILENO) >= 0)
            execl(program, program, "--time", arrays, (char *)NULL);
        _exit(77);
    }
    close(ends[1]);
    p->line = ends[0];
    setsockopt(p->line, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = SECONDS}, sizeof(struct timeval));
    char *tab = p->process > 0 && hear(p, answer) ? strchr(answer, '\t') : NULL;
    if (tab == NULL) {
        peer_stop(p);
        return false;
    }
    snprintf(p->version, sizeof p->version, "%.*s", (int)(tab - answer), answer);
    snprintf(p->formulations, sizeof p->formulations, "%s", tab + 1);
    return true;
}

void peer_stop(struct peer *p)
{
    if (p->line >= 0) close(p->line); /* its end of input */
    if (p->process > 0) waitpid(p->process, NULL, 0);
    *p = (struct peer){.line = -1, .gone = true};
}

/* --- what it is asked --- */

bool peer_load(struct peer *p, const struct format *f, size_t rows, size_t n)
{
    char answer[ANSWER];
    return ask(p, answer, "load %s %zu %zu\n", f->name, rows, n) && strcmp(answer, "ok") == 0;
}

enum peer_answer peer_run(struct peer *p, const char *formulation, char *why, size_t size)
{
    char answer[ANSWER] = "it died, or did not answer";
    if (ask(p, answer, "run %s\n", formulation) && strcmp(answer, "ok") == 0) return PEER_RAN;
    snprintf(why, size, "%s", answer);
    return strcmp(answer, "skip") == 0 ? PEER_SKIPS : PEER_FAILED;
}

double peer_time(struct peer *p, const char *formulation, size_t calls, unsigned long *print)
{
    char answer[ANSWER];
    double ns;
    if (ask(p, answer, "time %s %zu\n", formulation, calls) && sscanf(answer, "%lf %lx", &ns, print) == 2) return ns;
    return NAN;
}
