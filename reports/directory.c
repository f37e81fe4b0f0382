/* directory - see directory.h.
   SPDX-License-Identifier: MIT */
#include "directory.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Noreturn static void fail(const char *what)
{
    fprintf(stderr, "maskproof report: %s: %s\n", what, strerror(errno));
    exit(2);
}

const char *path_in(const char *directory, const char *name)
{
    static char rooms[8][PATH_MAX];
    static int next;
    char *path = rooms[next++ % 8];
    if (snprintf(path, PATH_MAX, "%s/%s", directory, name) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        fail(directory);
    }
    return path;
}

void make_directories(const char *path)
{
    char part[PATH_MAX];
    for (const char *c = path; *c != '\0'; c++) {
        snprintf(part, sizeof part, "%.*s", (int)(strcspn(c + 1, "/") + (size_t)(c + 1 - path)), path);
        if ((c == path || *c == '/') && mkdir(part, 0777) != 0 && errno != EEXIST) fail(part);
    }
}

/* Call `visit` with the path of each regular file. */
static void each_file(const char *directory, void (*visit)(const char *path, const char *name, const char *with),
                      const char *with)
{
    char *from = strdup(directory), *to = strdup(with); /* they may stand in a room of path_in */
    DIR *d = opendir(directory);
    if (d == NULL && errno != ENOENT) fail(directory);
    for (struct dirent *entry; d != NULL && (entry = readdir(d)) != NULL;) {
        struct stat file;
        const char *path = path_in(from, entry->d_name);
        if (stat(path, &file) == 0 && S_ISREG(file.st_mode)) visit(path, entry->d_name, to);
    }
    if (d != NULL) closedir(d);
    free(from);
    free(to);
}

static void remove_one(const char *path, const char *name, const char *suffix)
{
    size_t length = strlen(name), end = strlen(suffix);
    if (length >= end && strcmp(name + length - end, suffix) == 0 && unlink(path) != 0) fail(path);
}

void remove_files(const char *directory, const char *suffix) { each_file(directory, remove_one, suffix); }

bool copy_file(const char *from, const char *to)
{
    char block[1 << 16];
    FILE *in = fopen(from, "r");
    if (in == NULL && errno == ENOENT) return false;
    FILE *out = in ? fopen(to, "w") : NULL;
    if (out == NULL) fail(in ? to : from);
    for (size_t length; (length = fread(block, 1, sizeof block, in)) > 0;)
        if (fwrite(block, 1, length, out) != length) fail(to);
    if (ferror(in) || fclose(in) != 0) fail(from);
    if (fclose(out) != 0) fail(to);
    return true;
}

static void copy_one(const char *path, const char *name, const char *to) { copy_file(path, path_in(to, name)); }

void copy_files(const char *from, const char *to) { each_file(from, copy_one, to); }
