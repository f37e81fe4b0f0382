/* scratch - see scratch.h.  The names are kept in a plain array, for unlink, rmdir and kill are all that a signal
   handler may call.
   SPDX-License-Identifier: MIT */
#include "scratch.h"
#include "pipeline.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_FILES = 1024 };
static char directory[SCRATCH_PATH / 2], files[MAX_FILES][SCRATCH_PATH];
static int file_count;

static void remove_all(void)
{
    for (int i = 0; i < file_count; i++) unlink(files[i]);
    if (directory[0] != '\0') rmdir(directory);
}

static void on_signal(int number)
{
    pipeline_kill_running(); /* what still writes there */
    remove_all();
    signal(number, SIG_DFL);
    raise(number);
}

void scratch_open(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%.200s/maskproof-XXXXXX", base && base[0] ? base : "/tmp");
    if (mkdtemp(directory) == NULL) {
        fprintf(stderr, "maskproof: %s: %s\n", directory, strerror(errno));
        exit(2);
    }
    atexit(remove_all);
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

void scratch_also(const char *path)
{
    for (int i = 0; i < file_count; i++)
        if (strcmp(files[i], path) == 0) return;
    if (file_count == MAX_FILES || strlen(path) >= SCRATCH_PATH) {
        fprintf(stderr, "maskproof: too many temporary files, or too long a path: %s\n", path);
        exit(2);
    }
    strcpy(files[file_count], path);
    file_count++;
}

void scratch_path(char *path, const char *name)
{
    snprintf(path, SCRATCH_PATH, "%s/%.200s", directory, name);
    scratch_also(path);
}
