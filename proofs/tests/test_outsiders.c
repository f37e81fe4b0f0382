/* test_outsiders - commands that hang, die, flood, or answer nonsense: `check -- COMMAND` says what each did, exits 1,
   and never waits longer than --timeout; what it writes for programs says the same.
   SPDX-License-Identifier: MIT */
#include "pipe.h"

#include <cjson/cJSON.h>
#include <sys/stat.h>
#include <time.h>

/* For every case as many words as its answer has: fill F64 F32 BF16 F16. */
#define FILL                                                                                                 \
    "fill() { awk -v a=\"$1\" -v b=\"$2\" -v c=\"$3\" -v d=\"$4\" 'BEGIN { w[\"f64\"] = a; w[\"f32\"] = b; " \
    "w[\"bf16\"] = c; w[\"f16\"] = d } !/^#/ { gsub(\"/\", \"\", $4); n = length($4); printf \"%s =\", $1; " \
    "for (i = 0; i < n; i++) printf \" %s\", w[$3]; print \"\" }'; }; "
#define RUN "\"$MASKPROOF_BIN\"/maskproof-run "

enum { TIMEOUT = 1 };

/* What check says of a shell script, and what it wrote for programs. */
struct report {
    struct output output;
    cJSON *json, *subject;
    double elapsed;
};

static struct report report_on(const char *script, const char *const *options)
{
    static char seconds[20];
    struct report r;
    struct timespec start, end;
    size_t length;
    char *path = scratch_text("");
    const char *args[24] = {"--json", path, "--timeout", seconds};
    int count = 4;
    snprintf(seconds, sizeof seconds, "%d", TIMEOUT);
    for (; *options != NULL; options++) args[count++] = *options;
    args[count++] = "--";
    args[count++] = "sh";
    args[count++] = "-c";
    args[count] = script;
    clock_gettime(CLOCK_MONOTONIC, &start);
    r.output = run_text("check", args, "");
    clock_gettime(CLOCK_MONOTONIC, &end);
    r.elapsed = (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file);
    char *text = read_back(file, &length);
    r.json = cJSON_ParseWithOpts(text, NULL, true);
    cr_assert_not_null(r.json, "%s: not JSON: %s\n%s%s", script, text, r.output.out, r.output.err);
    r.subject = cJSON_GetArrayItem(cJSON_GetObjectItem(r.json, "subjects"), 0);
    cr_assert_not_null(r.subject);
    free(text);
    scratch_remove(path);
    return r;
}

static void report_free(struct report *r)
{
    cJSON_Delete(r->json);
    output_free(&r->output);
}

static double number_at(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItem(object, key);
    cr_assert(cJSON_IsNumber(item), "%s is no number", key);
    return item->valuedouble;
}

static const char *text_at(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItem(object, key);
    return cJSON_IsString(item) ? item->valuestring : "";
}

static size_t rows_that_pass(const cJSON *suite)
{
    return (size_t)number_at(cJSON_GetObjectItem(suite, "rows"), "pass");
}

#define ARTICLE ARGS("--suite", "article", "--format", "f32")

/* One suite: how it ended, in a word and in a phrase, and how many of its 8 rows pass. */
static void expect_end(const char *script, const char *ended, const char *phrase, size_t pass, const char *label)
{
    struct report r = report_on(script, ARTICLE);
    const cJSON *suite = cJSON_GetArrayItem(cJSON_GetObjectItem(r.subject, "suites"), 0);
    cr_expect(r.output.status == 1, "%s: exit code %d\n%s%s", script, r.output.status, r.output.out, r.output.err);
    cr_expect(number_at(r.json, "status") == 1, "%s", script);
    cr_expect_str_eq(text_at(suite, "ended"), ended, "%s: %s", script, text_at(suite, "ended"));
    cr_expect(strstr(text_at(suite, "why"), phrase) != NULL, "%s: '%s' in '%s'", script, phrase, text_at(suite, "why"));
    cr_expect(rows_that_pass(suite) == pass, "%s: %zu rows pass", script, rows_that_pass(suite));
    cr_expect(number_at(suite, "seconds") < TIMEOUT + 2, "%s: %g s", script, number_at(suite, "seconds"));
    cr_expect(r.elapsed < TIMEOUT + 20, "%s: %g s in all", script, r.elapsed);
    cr_expect(strstr(r.output.out, phrase) != NULL && strstr(r.output.out, label) != NULL, "%s: '%s', '%s' in\n%s",
              script, phrase, label, r.output.out);
    report_free(&r);
}

/* --- the six --- */

Test(outsiders, sleeps_for_ever)
{
    expect_end("sleep 600", "timeout", "no end after 1 s (--timeout), killed", 0, "TIMEOUT");
    expect_end("trap '' TERM INT HUP; sleep 600; sleep 600", "timeout", "no end after 1 s", 0, "TIMEOUT");
    expect_end("head -n 10 | " RUN "safe; kill -STOP $$", "timeout", "no end after 1 s", 3, "TIMEOUT");
}

Test(outsiders, dies_on_the_third_line)
{
    expect_end("head -n 9 | " RUN "safe; echo out of luck >&2; exit 3", "exit",
               "exit code 3: out of luck; line 3 of its output: expected", 2, "DIED");
    expect_end("head -n 9 | " RUN "safe; kill -SEGV $$", "signal",
               "killed by signal 11 (Segmentation fault); line 3 of its output: ", 2, "DIED");
    struct report r = report_on("echo out of luck >&2; exit 3", ARTICLE);
    cr_expect(strstr(r.output.err, "out of luck\n") != NULL, "what it says itself is not passed on: %s", r.output.err);
    report_free(&r);
}

/* Of all suites none may pass; of all rows, only those whose class says so. */
static void expect_all_fail(const char *script, const char *const *may_pass)
{
    char *verdicts = scratch_text("");
    struct report r = report_on(script, ARGS("--format", "f32,f16", "--timeout", "300", "--verdicts", verdicts));
    size_t suites = 0, rows = 0, passed = 0, length;
    const cJSON *suite;
    cJSON_ArrayForEach(suite, cJSON_GetObjectItem(r.subject, "suites"))
    {
        const char *name = text_at(suite, "suite");
        const cJSON *counts = cJSON_GetObjectItem(suite, "rows");
        suites++;
        cr_expect_str_eq(text_at(suite, "ended"), "ok", "%s: %s", name, text_at(suite, "why"));
        cr_expect(number_at(counts, "fail") + number_at(counts, "void") > 0, "%s: no row of %s fails", script, name);
    }
    cr_expect(suites >= 48 && r.output.status == 1, "%zu suites, exit code %d", suites, r.output.status);
    FILE *file = fopen(verdicts, "r");
    cr_assert_not_null(file);
    char *text = read_back(file, &length);
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char status[20], class[20];
        bool may = false;
        cr_assert(sscanf(line, "%*s %*s %*s %*s %*s %*s %19s %*s %*s %*s %*s %*s %19s", status, class) == 2, "%s",
                  line);
        for (size_t i = 0; may_pass[i] != NULL; i++) may = may || strcmp(class, may_pass[i]) == 0;
        rows++;
        passed += strcmp(status, "pass") == 0;
        cr_expect(strcmp(status, "pass") != 0 || may, "%s: passes: %s", script, line);
    }
    cr_expect(rows > 4000 && passed > 0, "%zu of %zu rows pass", passed, rows);
    free(text);
    scratch_remove(verdicts);
    report_free(&r);
}

Test(outsiders, prints_nan_for_everything)
{
    /* strict-zero: where a valid logit is NaN or +inf and nothing is masked, NaN everywhere is what is due. */
    expect_all_fail(FILL "fill 7ff8000000000000 7fc00000 7fc0 7e00", ARGS("nan", "pinf"));
}

Test(outsiders, prints_zeros_for_everything)
{
    expect_all_fail(FILL "fill 0000000000000000 00000000 0000 0000", ARGS("empty", "all-ninf"));
}

Test(outsiders, echoes_its_input)
{
    expect_end("cat", "unreadable",
               "line 8 of its output: expected a result line 'id = word...', found softmax after the id", 0, "GARBLED");
}

Test(outsiders, answers_out_of_order)
{
    expect_end(RUN "safe | tac", "unreadable", "misplaced id", 0, "GARBLED");
    expect_end(RUN "safe | awk 'NR == 5 { kept = $0; next } { print } NR == 6 { print kept }'", "unreadable",
               "misplaced id", 4, "GARBLED");
}

/* --- and more --- */

Test(outsiders, prints_too_much)
{
    expect_end("yes", "too-much", "it had printed more than 16 MB", 0, "FLOOD");
    expect_end(RUN "safe; yes >&2", "too-much", "it had printed more than 16 MB", 8, "FLOOD");
    expect_end("tr -d '\\n' </dev/zero", "too-much", "it had printed more than 16 MB", 0, "FLOOD");
    expect_end(RUN "safe; echo one more", "unreadable", "expected the end after the last case", 8, "GARBLED");
}

Test(outsiders, prints_garbage)
{
    expect_end("head -c 3000000 /dev/zero", "unreadable", "line 1 of its output: ", 0, "GARBLED");
    expect_end("head -c 3000000 /dev/zero | tr '\\0' '\\377'", "unreadable", "line 1 of its output: ", 0, "GARBLED");
    expect_end("head -c 3000000 /dev/zero | tr '\\0' a", "unreadable", "line 1 of its output: ", 0, "GARBLED");
    expect_end("printf '\\033[2J\\001 = \\n'", "unreadable", "unknown id \xef\xbf\xbd[2J\xef\xbf\xbd;", 0, "GARBLED");
    expect_end(RUN "safe | sed 's/ = .*/ =/'", "unreadable", "line 1 of its output: expected 5 words, found 0", 0,
               "GARBLED");
}

Test(outsiders, prints_nothing)
{
    expect_end("true", "unreadable",
               "line 1 of its output: expected the result of article-5-932729e308940d32, found the end", 0, "GARBLED");
    expect_end("exec <&-; echo", "unreadable", "found the end", 0, "GARBLED");
}

Test(outsiders, ends_badly_though_all_rows_pass)
{
    expect_end(RUN "safe; exit 4", "exit", "exit code 4", 8, "DIED");
    expect_end(RUN "safe; exit 77", "exit", "exit code 77 after output", 8, "DIED");
}

Test(outsiders, offers_nothing)
{
    struct report r = report_on("exit 77", ARTICLE);
    cr_expect(r.output.status == 77 && number_at(r.json, "status") == 77, "exit code %d", r.output.status);
    cr_expect(strstr(r.output.out, "skip") && strstr(r.output.out, "0 rows judged; nothing is offered\n"), "%s",
              r.output.out);
    report_free(&r);
}

static bool is_running(long pid)
{
    char path[60], state = 'Z';
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) return false;
    bool read = fscanf(file, "%*d %*s %c", &state) == 1;
    fclose(file);
    return read && state != 'Z'; /* dead, and waiting for init */
}

static bool is_gone(const char *pid_file)
{
    long pid = 0;
    FILE *in = fopen(pid_file, "r");
    cr_assert(in != NULL && fscanf(in, "%ld", &pid) == 1, "no process was started");
    fclose(in);
    for (int i = 0; i < 100 && is_running(pid); i++) nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    return !is_running(pid);
}

Test(outsiders, leaves_a_child_that_holds_its_output)
{
    char *file = scratch_text(""), script[5000];
    snprintf(script, sizeof script, "sleep 600 & echo $! > '%s'; " RUN "safe", file);
    struct report r = report_on(script, ARTICLE);
    cr_expect(r.output.status == 0 && r.elapsed < TIMEOUT + 20, "exit code %d after %g s", r.output.status, r.elapsed);
    cr_expect(is_gone(file));
    report_free(&r);
    scratch_remove(file);
}

/* Ctrl-C: neither the command nor what it started, nor a file, is left. */
Test(outsiders, ends_when_check_is_interrupted)
{
    char *file = scratch_text(""), script[30000], directory[4200];
    snprintf(directory, sizeof directory, "%s.d", file);
    cr_assert(mkdir(directory, 0700) == 0);
    snprintf(script, sizeof script,
             "TMPDIR='%s' \"$MASKPROOF_BIN\"/maskproof-check --suite article --format f32 --json '%s/json' -- "
             "sh -c 'sleep 600 & echo $! > %s; wait' & check=$!\n"
             "until [ -s '%s' ]; do sleep 0.1; done; kill -TERM $check; wait $check; [ $? = 143 ] && rmdir '%s'",
             directory, directory, file, file, directory);
    cr_expect(system(script) == 0, "not ended by the signal, or something is left in %s", directory);
    cr_expect(is_gone(file));
    scratch_remove(file);
}

Test(outsiders, that_cannot_start)
{
    struct output o = run_text("check", ARGS("--format", "f32", "--", "/no/such/program"), "");
    cr_expect(o.status == 1, "exit code %d\n%s%s", o.status, o.out, o.err);
    cr_expect_not_null(strstr(o.out, "cannot be started: /no/such/program: No such file or directory"), "%s", o.out);
    cr_expect_not_null(strstr(o.out, "not asked any more after article f32: it cannot be started"), "%s", o.out);
    output_free(&o);
    struct output empty = run_text("check", ARGS("--suite", "article", "--", ""), "");
    cr_expect(empty.status == 1 && strstr(empty.out, "cannot be started") != NULL, "%d\n%s", empty.status, empty.out);
    output_free(&empty);
}

/* --- when it is not asked any more --- */

static size_t count_ended(const struct report *r, const char *ended)
{
    const cJSON *suite;
    size_t count = 0;
    cJSON_ArrayForEach(suite, cJSON_GetObjectItem(r->subject, "suites")) count +=
        strcmp(text_at(suite, "ended"), ended) == 0;
    return count;
}

static void expect_stop(const char *script, const char *ended, size_t times, const char *reason)
{
    struct report r = report_on(script, NO_ARGS);
    size_t asked = (size_t)cJSON_GetArraySize(cJSON_GetObjectItem(r.subject, "suites"));
    cr_expect(asked >= 96 && r.output.status == 1, "%s: exit code %d", script, r.output.status);
    cr_expect(count_ended(&r, ended) == times, "%s: %zu ended as %s", script, count_ended(&r, ended), ended);
    cr_expect(count_ended(&r, "not-asked") > 80, "%s: %zu not asked", script, count_ended(&r, "not-asked"));
    cr_expect(strstr(text_at(r.subject, "stopped"), reason) != NULL, "%s", text_at(r.subject, "stopped"));
    cr_expect(strstr(r.output.out, reason) != NULL && strstr(r.output.out, " are not asked\n") != NULL, "%s",
              r.output.out);
    cr_expect(r.elapsed < (double)(times * TIMEOUT) + 20, "%s: %g s", script, r.elapsed);
    report_free(&r);
}

Test(outsiders, is_not_asked_for_ever)
{
    expect_stop("sleep 600", "timeout", 1, "it ran into --timeout before it had answered anything");
    expect_stop("exit 3", "exit", 3, "three times running it ended badly");
    expect_stop("awk '/^# format f32/ { system(\"sleep 600\") } { print }' | " RUN "safe", "timeout", 3,
                "it ran into --timeout a third time");
}

/* One death between good ends is that suite's own. */
Test(outsiders, is_asked_on_after_a_single_death)
{
    struct report r =
        report_on("read a; read suite; { echo \"$a\"; cat; } | " RUN "safe; case $suite in *edges) exit 3 ;; esac",
                  ARGS("--suite", "article,edges,empty,half", "--format", "f32,f16"));
    cr_expect(count_ended(&r, "exit") == 2 && count_ended(&r, "ok") == 6, "%s", r.output.out);
    cr_expect_str_eq(text_at(r.subject, "stopped"), "");
    report_free(&r);
}

/* --- what is written for programs --- */

Test(outsiders, json_names_the_smallest_row_of_a_bug)
{
    struct report r =
        report_on(RUN "multiply", ARGS("--suite", "plain,article,edges", "--format", "f16,f32", "--timeout", "60"));
    const cJSON *bugs = cJSON_GetObjectItem(r.subject, "bugs"), *leak = cJSON_GetArrayItem(bugs, 0);
    const cJSON *row = cJSON_GetObjectItem(leak, "smallest");
    char id[100];
    cr_assert_str_eq(text_at(leak, "name"), "LEAK");
    cr_assert(number_at(row, "entries") == 2, "%g entries", number_at(row, "entries"));
    snprintf(id, sizeof id, "(%s row %g)", text_at(row, "id"), number_at(row, "row"));
    cr_expect_not_null(strstr(text_at(leak, "says"), id), "'%s' is not about %s", text_at(leak, "says"), id);
    cr_expect_not_null(strstr(text_at(row, "repro"), text_at(row, "id")));
    const cJSON *largest = cJSON_GetObjectItem(cJSON_GetObjectItem(r.subject, "largest"), "f32");
    cr_expect(number_at(cJSON_GetObjectItem(largest, "pass"), "ulp") <= 1);
    report_free(&r);
}

Test(outsiders, json_of_a_good_one)
{
    struct report r =
        report_on(RUN "where", ARGS("--format", "f32", "--suite", "empty,article,pairs", "--max-ulp", "70"));
    const cJSON *profile = cJSON_GetObjectItem(r.subject, "profile");
    const cJSON *names = cJSON_GetObjectItem(profile, "names"), *name;
    bool nan = false;
    cJSON_ArrayForEach(name, names) nan = nan || strcmp(name->valuestring, "nan") == 0;
    cr_expect(nan && cJSON_IsTrue(cJSON_GetObjectItem(profile, "decided")), "%s", r.output.out);
    cr_expect_str_eq(text_at(profile, "policy"), "empty=nan,all-ninf=nan,masked=nan-rows-all-nan");
    const cJSON *largest = cJSON_GetObjectItem(cJSON_GetObjectItem(r.subject, "largest"), "f32");
    const cJSON *pass = cJSON_GetObjectItem(largest, "pass");
    cr_expect(number_at(pass, "ulp") > 0.5 && text_at(pass, "repro")[0] != '\0');
    cr_expect(cJSON_IsNull(cJSON_GetObjectItem(largest, "round")));
    report_free(&r);
}

/* Several --policy are one, for the judge too. */
Test(outsiders, policies_add_up)
{
    struct report r =
        report_on(RUN "where", ARGS("--format", "f32", "--suite", "empty,article", "--max-ulp", "70", "--policy",
                                    "empty=nan", "--profile", "all-ninf=nan", "--policy", "masked=nan-rows-all-nan"));
    cr_expect(r.output.status == 0, "%s%s", r.output.out, r.output.err);
    cr_expect_str_eq(text_at(r.json, "policy"), "empty=nan,all-ninf=nan,masked=nan-rows-all-nan");
    report_free(&r);
}

Test(outsiders, junit_counts_and_escapes)
{
    char *path = scratch_text("");
    size_t length;
    struct output o =
        run_text("check",
                 ARGS("--junit", path, "--suite", "article,edges,empty", "--format", "f32", "--", "sh", "-c",
                      "read a; read suite; case $suite in *edges) printf '<&\\001\\377 = \"' && exit 3 ;; "
                      "*empty) exit 77 ;; esac; { echo \"$a\"; cat; } | " RUN "multiply"),
                 "");
    cr_assert(o.status == 1, "%s%s", o.out, o.err);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file);
    char *text = read_back(file, &length);
    static const char *const expected[] = {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites",
        "tests=\"3\" failures=\"1\" errors=\"1\" skipped=\"1\"",
        "<testcase classname=\"softmax.f32\" name=\"article\" time=\"",
        "<failure type=\"verdict\" message=\"LEAK: 7 of 8 rows fail\">LEAK: masked entry 1 holds",
        "<error type=\"exit\" message=\"",
        "exit code 3; line 1 of its output: unknown id &lt;&amp;\xef\xbf\xbd\xef\xbf\xbd; expected",
        "<skipped message=\"the command does not offer it\"/>",
        "maskproof gen article f32 --id article-5-932729e308940d32 | sh -c ",
        "</testsuites>\n"};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        cr_expect_not_null(strstr(text, expected[i]), "expected %s in\n%s", expected[i], text);
    for (const char *c = text; *c != '\0'; c++)
        cr_assert(*c == '\n' || (unsigned char)*c >= ' ', "a control character");
    free(text);
    output_free(&o);
    scratch_remove(path);
}

/* --- more random rows --- */

Test(outsiders, can_be_asked_more)
{
    struct report r = report_on(RUN "safe", ARGS("--suite", "plain", "--format", "f16", "--count", "1000", "--cols",
                                                 "5", "--rows", "2", "--seed", "9", "--timeout", "60"));
    cr_expect(r.output.status == 0, "%s", r.output.out);
    cr_expect(number_at(cJSON_GetObjectItem(r.json, "rows"), "pass") > 1900);
    cr_expect(number_at(r.json, "count") == 1000 && number_at(r.json, "seed") == 9);
    const cJSON *largest = cJSON_GetObjectItem(cJSON_GetObjectItem(r.subject, "largest"), "f16");
    const char *repro = text_at(cJSON_GetObjectItem(largest, "pass"), "repro");
    cr_expect_not_null(strstr(repro, " --seed 9 --count 1000 --rows 2 --cols 5 --id "), "%s", repro);
    report_free(&r);
}
