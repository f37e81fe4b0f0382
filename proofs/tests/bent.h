/* bent - copies of the programs with a maskproof-run between that bends what the real one says, to see whether check
   notices.
   SPDX-License-Identifier: MIT */
#ifndef TESTS_BENT_H
#define TESTS_BENT_H

#include "pipe.h"

#include <sys/stat.h>

#define SAME_RUN "exec \"$real\" \"$@\""

static inline void copy_program(const char *from, const char *to_directory, const char *name)
{
    char command[9000];
    snprintf(command, sizeof command, "cp '%s/maskproof-%s' '%s/maskproof-%s'", from, name, to_directory, name);
    cr_assert(system(command) == 0, "%s", command);
}

/* A directory of programs whose maskproof-run is the shell script "claims) CLAIMS ;; *) RUN"; $real is the real one. */
static inline char *bent_programs(const char *claims, const char *run)
{
    static const char *const names[] = {"check", "gen", "truth", "judge"};
    const char *bin = getenv("MASKPROOF_BIN"), *base = getenv("TMPDIR");
    char *directory = malloc(4096), path[5000];
    cr_assert(directory != NULL && bin != NULL);
    snprintf(directory, 4096, "%s/maskproof-bent-XXXXXX", base && base[0] ? base : "/tmp");
    cr_assert_not_null(mkdtemp(directory));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) copy_program(bin, directory, names[i]);
    snprintf(path, sizeof path, "%s/maskproof-run", directory);
    FILE *script = fopen(path, "w");
    cr_assert_not_null(script);
    fprintf(script,
            "#!/bin/sh\nreal='%s/maskproof-run'\ncase $1 in\n--claims) \"$real\" --claims | %s ;;\n*) %s ;;\nesac\n",
            bin, claims, run);
    cr_assert(fclose(script) == 0 && chmod(path, 0755) == 0);
    setenv("MASKPROOF_BIN", directory, 1);
    return directory;
}

/* check ARGS must exit 1 and say `expected`. */
static inline void expect_bitten(const char *const *args, const char *claims, const char *run, const char *expected)
{
    char command[5000], bin[4096];
    snprintf(bin, sizeof bin, "%s", getenv("MASKPROOF_BIN"));
    char *directory = bent_programs(claims, run);
    struct output o = run_text("check", args, "");
    cr_expect(o.status == 1, "%s with claims | %s and run %s: exit code %d\n%s%s", args[0], claims, run, o.status,
              o.out, o.err);
    cr_expect(strstr(o.out, expected) != NULL, "%s: expected '%s' in\n%s%s", args[0], expected, o.out, o.err);
    output_free(&o);
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    cr_expect(system(command) == 0);
    free(directory);
    setenv("MASKPROOF_BIN", bin, 1);
}

#endif
