/* library - see library.h.
   SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* sigabbrev_np */
#include "library.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool library_named(const char *library_symbol)
{
    const char *colon = strrchr(library_symbol, ':');
    return colon != NULL && colon != library_symbol && colon[1] != '\0';
}

void *library_symbol(const char *library_symbol)
{
    const char *colon = strrchr(library_symbol, ':');
    char *path = strndup(library_symbol, (size_t)(colon - library_symbol));
    void *handle = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL; /* stays open */
    free(path);
    return handle ? dlsym(handle, colon + 1) : NULL;
}

library_fn *library_load(const char *name)
{
    library_fn *f;
    void *symbol = library_symbol(name);
    memcpy(&f, &symbol, sizeof f); /* POSIX's way round ISO C's gap between object and function */
    return f;
}

/* --- while it is at work --- */

static const char *at_work;

static void say(const char *text) { (void)!write(STDERR_FILENO, text, strlen(text)); }

static void on_signal(int number)
{
    if (at_work == NULL) { /* it is our own fault */
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    const char *name = sigabbrev_np(number);
    say("\nmaskproof bench: ");
    say(at_work);
    say(number == SIGALRM ? ": no end, killed by SIG" : ": killed by SIG");
    say(name ? name : "?");
    say(" while it ran on the whole batch; what is printed so far holds\n");
    _exit(1);
}

static void watch(void)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM};
    static char stack[1 << 16]; /* of its own: the library may have used up the other */
    static bool watching;
    if (watching) return;
    watching = true;
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        sigaction(faults[i], &(struct sigaction){.sa_handler = on_signal, .sa_flags = SA_ONSTACK}, NULL);
}

int library_call(const char *name, library_fn *f, int format, size_t rows, size_t n, const void *x,
                 const unsigned char *mask, void *p)
{
    watch();
    at_work = name;
    alarm(LIBRARY_SECONDS);
    int status = f(0, format, rows, n, x, mask, NULL, p);
    alarm(0);
    at_work = NULL;
    return status;
}
