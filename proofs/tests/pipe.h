/* pipe - run a program of the product, feed it text, get what it prints and its exit code.
   The environment variable MASKPROOF_BIN names the directory of the programs.
   SPDX-License-Identifier: MIT */
#ifndef TESTS_PIPE_H
#define TESTS_PIPE_H

#include <criterion/criterion.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct output {
    char *out, *err; /* NUL-terminated; of which out_length and err_length bytes were printed */
    size_t out_length, err_length;
    int status; /* exit code, or the negative number of the signal that ended it */
};

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_ARGS ARGS(NULL)

static inline char *read_back(FILE *file, size_t *length)
{
    fseek(file, 0, SEEK_END);
    long end = ftell(file);
    cr_assert(end >= 0);
    char *text = malloc((size_t)end + 1);
    cr_assert_not_null(text);
    rewind(file);
    *length = fread(text, 1, (size_t)end, file);
    text[*length] = '\0';
    fclose(file);
    return text;
}

/* "maskproof-VERB ARGS < input", all three streams through files, so that no side ever waits for the other. */
static inline struct output run_bytes(const char *verb, const char *const *args, const void *input, size_t length)
{
    extern char **environ;
    char path[4096], *argv[32] = {path};
    const char *bin = getenv("MASKPROOF_BIN");
    cr_assert_not_null(bin, "MASKPROOF_BIN is to name the directory of the programs: run `make test`");
    snprintf(path, sizeof path, "%s/maskproof-%s", bin, verb);
    for (int i = 0; i < 30 && args[i] != NULL; i++) argv[i + 1] = (char *)(uintptr_t)args[i];

    FILE *files[3];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (int i = 0; i < 3; i++) {
        files[i] = tmpfile();
        cr_assert_not_null(files[i]);
        posix_spawn_file_actions_adddup2(&actions, fileno(files[i]), i);
    }
    cr_assert(fwrite(input, 1, length, files[0]) == length && fflush(files[0]) == 0);
    rewind(files[0]);
    pid_t child;
    int status;
    cr_assert(posix_spawn(&child, path, &actions, NULL, argv, environ) == 0, "cannot start %s", path);
    cr_assert(waitpid(child, &status, 0) == child);
    posix_spawn_file_actions_destroy(&actions);
    fclose(files[0]);
    struct output o = {.status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status)};
    o.out = read_back(files[1], &o.out_length);
    o.err = read_back(files[2], &o.err_length);
    return o;
}

static inline struct output run_text(const char *verb, const char *const *args, const char *input)
{
    return run_bytes(verb, args, input, strlen(input));
}

static inline void output_free(struct output *o)
{
    free(o->out);
    free(o->err);
}

/* A new file with this content; the caller ends it with scratch_remove. */
static inline char *scratch_file(const void *bytes, size_t length)
{
    const char *directory = getenv("TMPDIR");
    if (directory == NULL || directory[0] == '\0') directory = "/tmp";
    size_t size = strlen(directory) + sizeof "/maskproof-test-XXXXXX";
    char *path = malloc(size);
    cr_assert_not_null(path);
    snprintf(path, size, "%s/maskproof-test-XXXXXX", directory);
    int fd = mkstemp(path);
    cr_assert(fd >= 0, "cannot write in %s", directory);
    FILE *file = fdopen(fd, "w");
    cr_assert_not_null(file);
    cr_assert(fwrite(bytes, 1, length, file) == length);
    cr_assert(fclose(file) == 0);
    return path;
}

static inline char *scratch_text(const char *text) { return scratch_file(text, strlen(text)); }

static inline void scratch_remove(char *path)
{
    unlink(path);
    free(path);
}

#endif
