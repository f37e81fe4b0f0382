/* test_peers - the verb peers, on peers made of our own implementations; and what it asks of check: --once, which must
   see what many runs see, and --policy seen, which must forgive a choice and nothing else.
   SPDX-License-Identifier: MIT */
#include "pipe.h"

#include <sys/stat.h>

static void expect_in(const char *text, const char *part)
{
    cr_expect(strstr(text, part), "no '%s' in:\n%s", part, text);
}

/* check of a shell command that may start with "$MASKPROOF_BIN". */
static struct output check(const char *options, const char *script)
{
    char command[2000], *out = scratch_text("");
    snprintf(command, sizeof command, "\"$MASKPROOF_BIN\"/maskproof-check %s -- sh -c '%s' > '%s' 2>&1", options,
             script, out);
    int status = system(command);
    struct output o = {.status = WEXITSTATUS(status), .err = strdup("")};
    o.out = read_back(fopen(out, "r"), &o.out_length);
    scratch_remove(out);
    return o;
}

#define RUN "exec \"$MASKPROOF_BIN\"/maskproof-run "

Test(once, sees_what_many_runs_see)
{
    const char *impls[] = {RUN "multiply", RUN "safe", RUN "online"};
    for (size_t i = 0; i < 3; i++) {
        struct output many = check("--suite edges,empty,tails --op softmax,log_softmax --format f32,f16", impls[i]);
        struct output once =
            check("--once --suite edges,empty,tails --op softmax,log_softmax --format f32,f16", impls[i]);
        cr_expect(many.status == once.status);
        cr_expect_str_eq(many.out, once.out);
        output_free(&many);
        output_free(&once);
    }
}

Test(once, starts_the_command_once)
{
    char *log = scratch_text(""), script[3000];
    size_t length;
    snprintf(script, sizeof script, "echo started >> %s; " RUN "safe", log);
    struct output o = check("--once --max-ulp 1024 --suite edges,empty --format f32,f64", script);
    char *started = read_back(fopen(log, "r"), &length);
    cr_expect(o.status == 0, "%s", o.out);
    cr_expect_str_eq(started, "started\n");
    free(started);
    scratch_remove(log);
    output_free(&o);
}

Test(once, says_what_a_command_left_out_or_printed_too_much)
{
    const char *scripts[] = {"\"$MASKPROOF_BIN\"/maskproof-run safe | sed 3d",
                             "\"$MASKPROOF_BIN\"/maskproof-run safe | sed \"\\$d\"",
                             "\"$MASKPROOF_BIN\"/maskproof-run safe | sed \"\\$p\"",
                             "\"$MASKPROOF_BIN\"/maskproof-run safe | head -40; exit 3",
                             "\"$MASKPROOF_BIN\"/maskproof-run safe; kill -9 $$"};
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        struct output o = check("--once --suite edges,empty --format f32", scripts[i]);
        cr_expect(o.status == 1, "%s: exit code %d\n%s", scripts[i], o.status, o.out);
        output_free(&o);
    }
    struct output o = check("--once --suite edges --format f32", "exit 77");
    cr_expect(o.status == 77, "exit code %d: %s", o.status, o.out);
    output_free(&o);
}

Test(seen, forgives_choices_and_nothing_else)
{
    struct output strict = check("--max-ulp 1024 --suite edges,empty --format f64", RUN "where"); /* NaN rows */
    struct output seen = check("--once --policy seen --max-ulp 1024 --suite edges,empty --format f64", RUN "where");
    struct output leak = check("--once --policy seen --max-ulp 1024 --suite edges,empty --format f64", RUN "multiply");
    cr_expect(strict.status == 1);
    cr_expect(seen.status == 0, "%s", seen.out);
    cr_expect(leak.status == 1);
    expect_in(leak.out, "LEAK: ");
    output_free(&strict);
    output_free(&seen);
    output_free(&leak);
    struct output o = check("--policy seen", RUN "where");
    cr_expect(o.status == 2);
    expect_in(o.out, "--once");
    output_free(&o);
}

/* A directory with these peers; the caller removes it. */
static char *directory_of(const char *const names[], const char *const scripts[], size_t count)
{
    char *directory = strdup("/tmp/maskproof-peers-XXXXXX"), path[400];
    cr_assert_not_null(mkdtemp(directory));
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        FILE *f = fopen(path, "w");
        fprintf(f, "#!/bin/sh\n%s\n", scripts[i]);
        fclose(f);
        chmod(path, 0755);
    }
    return directory;
}

static void remove_directory(char *directory)
{
    char command[500];
    snprintf(command, sizeof command, "rm -r '%s'", directory);
    cr_assert(system(command) == 0);
    free(directory);
}

#define PEER(version, name, ops, formats)                                                                              \
    "case $1 in --version) echo " version ";; --list) printf \"" name "\\t" ops "\\t" formats "\\tits formula\\n\";; " \
    "*) exec \"$MASKPROOF_BIN\"/maskproof-run $1;; esac"

Test(peers, prints_keeps_and_compares)
{
    const char *names[] = {"absent", "good", "leaky"},
               *scripts[] = {"exit 77", PEER("Good 1", "where", "softmax", "f32,f16"),
                             PEER("Leaky 2", "multiply", "softmax", "f32")};
    char *directory = directory_of(names, scripts, 3), kept[500];
    snprintf(kept, sizeof kept, "%s.tsv", directory);
    struct output o = run_text("peers", ARGS("--programs", directory, "--suite", "edges,empty", "--save", kept), "");
    cr_expect(o.status == 0, "exit code %d: %s", o.status, o.err);
    expect_in(o.err, "not installed here: absent");
    expect_in(o.out, "Good 1\n  where            nan ");
    expect_in(o.out, "Leaky 2\n  multiply");
    expect_in(o.out, "LEAK");
    expect_in(o.out, "maskproof gen ");
    struct output again = run_text("peers", ARGS("--from", kept, "--programs", directory), "");
    cr_expect_str_eq(o.out, again.out);
    output_free(&again);
    again = run_text("peers", ARGS("--from", kept, "--against", kept), "");
    cr_expect(again.status == 0);
    expect_in(again.out, "3 rows compared");
    output_free(&again);
    char command[1200]; /* the same version, but now its choices differ */
    snprintf(command, sizeof command, "sed -i 's/empty=nan/empty=zero/' '%s'", kept);
    cr_assert(system(command) == 0);
    again = run_text("peers", ARGS("--programs", directory, "--suite", "edges,empty", "--against", kept, "good"), "");
    cr_expect(again.status == 1);
    expect_in(again.out, "Good 1 where softmax f32 differs");
    output_free(&again);
    again = run_text("peers", ARGS("--programs", directory, "--suite", "empty", "--min-peers", "3", "good"), "");
    cr_expect(again.status == 1);
    expect_in(again.err, "expected at least 3");
    output_free(&again);
    again = run_text("peers", ARGS("--programs", directory, "absent"), "");
    cr_expect(again.status == 77);
    output_free(&again);
    output_free(&o);
    unlink(kept);
    remove_directory(directory);
}

Test(peers, refuses_what_is_no_peer)
{
    const char *names[] = {"odd"}, *scripts[] = {"echo odd"};
    char *directory = directory_of(names, scripts, 1);
    struct output o = run_text("peers", ARGS("--programs", directory), "");
    cr_expect(o.status == 2, "exit code %d: %s", o.status, o.out);
    expect_in(o.err, "expected of --list lines");
    output_free(&o);
    o = run_text("peers", ARGS("--programs", "/nowhere"), "");
    cr_expect(o.status == 2);
    output_free(&o);
    remove_directory(directory);
}
