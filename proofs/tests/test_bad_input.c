/* test_bad_input - what the user of maskproof typed or fed is wrong: exit code 2, one clear line on standard error that
   says file, line and what was expected, and on standard output nothing half-written.
   SPDX-License-Identifier: MIT */
#include "format.h"
#include "pipe.h"
#include "random.h"

#include <sys/stat.h>

#define COMMENT "# a comment\n"
#define GOOD "good softmax f32 101 3f800000 40000000 40400000"
#define GOOD_ANSWER GOOD " = 3df420a9+.364769 00000000 3f617beb-.170596"
#define GOOD_RESULT "good = 3df420a9 00000000 3f617beb\n"

struct damage {
    const char *what, *text, *expected; /* `expected` occurs in the message */
};

/* --- what every refusal looks like --- */

static void check_whole_lines(const struct output *o, const char *what)
{
    if (o->out_length == 0) return;
    cr_assert(o->out[o->out_length - 1] == '\n', "%s: the last line on standard output is not whole", what);
    for (char *line = o->out, *end; *line != '\0'; line = end + 1) {
        end = strchr(line, '\n');
        cr_assert(line[0] == '#' || strncmp(line, "good", 4) == 0, "%s: printed %.*s", what, (int)(end - line), line);
    }
}

static void check_refusal(struct output *o, const char *what, const char *name, int number, const char *expected)
{
    char place[300];
    snprintf(place, sizeof place, "%s:%d: expected ", name, number);
    cr_assert(o->status == 2, "%s: expected exit code 2, found %d\n%s", what, o->status, o->err);
    cr_assert(strncmp(o->err, place, strlen(place)) == 0, "%s: expected '%s...', found '%s'", what, place, o->err);
    cr_assert_not_null(strstr(o->err, expected), "%s: expected '%s' in '%s'", what, expected, o->err);
    const char *end = strchr(o->err, '\n');
    cr_assert(end != NULL && end[1] == '\0' && strlen(o->err) == o->err_length, "%s: not one line: '%s'", what, o->err);
    cr_assert(strlen(o->err) < 500, "%s: %zu bytes are not one clear line", what, strlen(o->err));
    check_whole_lines(o, what);
    output_free(o);
}

/* Bytes of a damaged line as the third of a file, to every program that reads it. */
static void refuse_case(const char *what, const char *bad, size_t length, const char *expected)
{
    static const char head[] = COMMENT GOOD "\n", tail[] = "\n" GOOD "\n";
    size_t total = sizeof head - 1 + length + sizeof tail - 1;
    char *file = malloc(total);
    memcpy(file, head, sizeof head - 1);
    memcpy(file + sizeof head - 1, bad, length);
    memcpy(file + sizeof head - 1 + length, tail, sizeof tail - 1);
    char *path = scratch_file(file, total);
    struct output truth = run_text("truth", ARGS(path), "");
    struct output run = run_bytes("run", ARGS("where"), file, total);
    check_refusal(&truth, what, path, 3, expected);
    check_refusal(&run, what, "standard input", 3, expected);
    scratch_remove(path);
    free(file);
}

static void refuse_answer(const char *what, const char *bad, size_t length, const char *expected)
{
    static const char head[] = COMMENT GOOD_ANSWER "\n", tail[] = "\n" GOOD_ANSWER "\n";
    size_t total = sizeof head - 1 + length + sizeof tail - 1;
    char *file = malloc(total);
    memcpy(file, head, sizeof head - 1);
    memcpy(file + sizeof head - 1, bad, length);
    memcpy(file + sizeof head - 1 + length, tail, sizeof tail - 1);
    char *path = scratch_file(file, total);
    struct output judge = run_text("judge", ARGS(path), GOOD_RESULT GOOD_RESULT GOOD_RESULT);
    cr_assert(judge.out_length == 0, "%s: a verdict was printed before the answers were known to be whole", what);
    check_refusal(&judge, what, path, 3, expected);
    scratch_remove(path);
    free(file);
}

/* --- damaged cases --- */

static const struct damage cases[] = {
    {"an id alone", "a", "an op"},
    {"no format", "a softmax", "a format"},
    {"no mask", "a softmax f32", "a mask"},
    {"no words", "a softmax f32 101", "3 words, found 0"},
    {"no words but '='", "a softmax f32 101 =", "3 words, found 0"},
    {"'=' for the id", "= softmax f32 1 3f800000", "an id"},
    {"'=' for the op", "a = 3f800000", "an op"},
    {"'=' for the mask", "a softmax f32 = 3f800000", "a mask"},
    {"a result line", GOOD_RESULT, "an op"},
    {"unknown op", "a softmin f32 1 3f800000", "softmax, log_softmax or vjp"},
    {"op in capitals", "a SOFTMAX f32 1 3f800000", "softmax, log_softmax or vjp"},
    {"op cut short", "a soft f32 1 3f800000", "softmax, log_softmax or vjp"},
    {"unknown format", "a softmax f8 1 3f800000", "f64, f32, bf16 or f16"},
    {"format in capitals", "a softmax F32 1 3f800000", "f64, f32, bf16 or f16"},
    {"format of a language", "a softmax float32 1 3f800000", "f64, f32, bf16 or f16"},
    {"op and format swapped", "a f32 softmax 1 3f800000", "softmax, log_softmax or vjp"},
    {"mask of 2", "a softmax f32 12 3f800000 3f800000", "mask entries 0 or 1"},
    {"mask of letters", "a softmax f32 10x 3f800000 3f800000 3f800000", "mask entries 0 or 1"},
    {"mask with commas", "a softmax f32 1,0 3f800000 3f800000", "mask entries 0 or 1"},
    {"mask with a minus", "a softmax f32 1-1 3f800000 3f800000", "mask entries 0 or 1"},
    {"mask in blanks", "a softmax f32 1 0 1 3f800000 3f800000 3f800000", "lower-case hex digits"},
    {"a word for the mask", "a softmax f32 3f800000 3f800000", "mask entries 0 or 1"},
    {"ragged, second row short", "a softmax f32 101/11 3f800000 3f800000 3f800000 3f800000 3f800000", "3 mask entries"},
    {"ragged, second row long", "a softmax f32 10/110 3f800000 3f800000 3f800000 3f800000 3f800000", "2 mask entries"},
    {"ragged, third row", "a softmax f16 10/11/1 3c00 3c00 3c00 3c00 3c00", "2 mask entries in row 2"},
    {"empty row between", "a softmax f16 101//110 3c00 3c00 3c00 3c00 3c00 3c00", "row 1, found an empty row"},
    {"empty row first", "a softmax f16 /101 3c00 3c00 3c00", "row 0, found an empty row"},
    {"empty row last", "a softmax f16 101/ 3c00 3c00 3c00", "row 1, found an empty row"},
    {"nothing but '/'", "a softmax f16 / 3c00", "an empty row"},
    {"a word too few", "a softmax f32 101 3f800000 40000000", "3 words, found 2"},
    {"a word too many", "a softmax f32 101 3f800000 40000000 40400000 40800000", "3 words, found one more"},
    {"words of one row of two", "a softmax f16 101/110 3c00 3c00 3c00", "6 words, found 3"},
    {"vjp without dy", "a vjp f32 101 3f800000 40000000 40400000", "6 words, found 3"},
    {"vjp one short", "a vjp f32 101 3f800000 40000000 40400000 3f800000 40000000", "6 words, found 5"},
    {"softmax with dy", "a softmax f32 1 3f800000 40000000", "1 words, found one more"},
    {"word too short", "a softmax f32 1 3f80000", "word 1 to be 8 lower-case hex digits of f32"},
    {"word too long", "a softmax f32 1 3f8000000", "word 1 to be 8 lower-case hex digits of f32"},
    {"word of f16 in f32", "a softmax f32 10 3f800000 3c00", "word 2 to be 8 lower-case hex digits of f32"},
    {"word of f32 in f16", "a softmax f16 1 3f800000", "4 lower-case hex digits of f16"},
    {"word of f32 in bf16", "a softmax bf16 1 3f800000", "4 lower-case hex digits of bf16"},
    {"word of f32 in f64", "a softmax f64 1 3f800000", "16 lower-case hex digits of f64"},
    {"capital hex", "a softmax f32 1 3F800000", "lower-case hex digits"},
    {"0x", "a softmax f32 1 0x3f800000", "lower-case hex digits"},
    {"0x in eight", "a softmax f32 1 0x3f8000", "lower-case hex digits"},
    {"a decimal", "a softmax f32 1 1.000000", "lower-case hex digits"},
    {"a negative number", "a softmax f32 1 -0000001", "lower-case hex digits"},
    {"not hex", "a softmax f32 1 3f80000g", "lower-case hex digits"},
    {"a name of a value", "a softmax f32 1 infinity", "lower-case hex digits"},
    {"words with commas", "a softmax f32 10 3f800000,40000000", "lower-case hex digits"},
    {"a comma behind a word", "a softmax f32 10 3f800000, 40000000", "lower-case hex digits"},
    {"'=' glued to a word", "a softmax f32 1 3f800000= 3f800000", "lower-case hex digits"},
    {"frac in a case", "a softmax f32 1 3f800000+.000000", "lower-case hex digits"},
    {"UTF-8", "a softmax f32 1 3f80000\xc3\xa9", "lower-case hex digits"},
    {"a byte order mark", "\xef\xbb\xbf# maskproof line 1", "softmax, log_softmax or vjp"},
    {"JSON", "{\"id\": \"a\", \"op\": \"softmax\"}", "softmax, log_softmax or vjp"},
};

Test(bad_input, damaged_cases)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct damage *d = &cases[i];
        size_t length = strcspn(d->text, "\n");
        refuse_case(d->what, d->text, length, d->expected);
        refuse_answer(d->what, d->text, length, d->expected); /* an answer holds its case */
    }
}

Test(bad_input, a_line_cut_short)
{
    for (size_t cut = 1; cut < strlen(GOOD); cut++) refuse_case("a case cut short", GOOD, cut, "expected");
    for (size_t cut = 1; cut < strlen(GOOD_ANSWER) - 8; cut++) /* before the last frac */
        refuse_answer("an answer cut short", GOOD_ANSWER, cut, "expected");
    for (size_t cut = strlen(GOOD_ANSWER) - 7; cut < strlen(GOOD_ANSWER); cut++)
        refuse_answer("an answer cut short in its last frac", GOOD_ANSWER, cut, "frac like");
}

Test(bad_input, a_nul_byte)
{
    static const char bad[] = GOOD "\0 and more", first[] = "\0" GOOD;
    refuse_case("NUL in a case", bad, sizeof bad - 1, "NUL");
    refuse_case("NUL first", first, sizeof first - 1, "NUL");
    refuse_answer("NUL in an answer", bad, sizeof bad - 1, "NUL");
}

Test(bad_input, a_row_too_long)
{
    size_t head = strlen("a softmax f16 "), n = ((size_t)1 << 24) + 1;
    char *bad = malloc(head + n + 5);
    strcpy(bad, "a softmax f16 ");
    memset(bad + head, '1', n);
    memcpy(bad + head + n, " 3c00", 5);
    refuse_case("2^24 + 1 entries", bad, head + n + 5, "at most 16777216 entries");
    refuse_answer("2^24 + 1 entries", bad, head + n + 5, "at most 16777216 entries");
    free(bad);
}

Test(bad_input, binary_garbage)
{
    uint64_t state = 1;
    for (int turn = 0; turn < 60; turn++) {
        char bad[300];
        size_t length = 1 + random_below(&state, sizeof bad - 1);
        for (size_t i = 0; i < length; i++) {
            bad[i] = (char)random_bits(&state);
            if (bad[i] == '\n' || (turn % 2 == 0 && bad[i] == '\0')) bad[i] = 'x';
        }
        bad[0] = 'g'; /* no comment, not blank */
        char what[40];
        snprintf(what, sizeof what, "garbage number %d", turn);
        refuse_case(what, bad, length, "expected");
        refuse_answer(what, bad, length, "expected");
    }
}

Test(bad_input, a_very_long_id_is_no_damage)
{
    size_t length = 100000;
    char *text = malloc(length + 100);
    memset(text, 'i', length);
    strcpy(text + length, " softmax f32 1 3f800000");
    struct output run = run_text("run", ARGS("where"), text), truth = run_text("truth", NO_ARGS, text);
    cr_assert(run.status == 0 && run.out_length == length + strlen(" = 3f800000\n"), "%d %s", run.status, run.err);
    cr_assert(truth.status == 0 && strcmp(truth.out + length, " softmax f32 1 3f800000 = 3f800000\n") == 0, "%d %s",
              truth.status, truth.err);
    char *path = scratch_file(truth.out, truth.out_length);
    struct output judge = run_text("judge", ARGS(path), run.out);
    cr_assert(judge.status == 0, "%d %s", judge.status, judge.err);
    scratch_remove(path);
    output_free(&run);
    output_free(&truth);
    output_free(&judge);
    strcpy(text + length, " softmin f32 1 3f800000");
    refuse_case("a long id before a wrong op", text, strlen(text), "softmax, log_softmax or vjp");
    memset(text, '1', length); /* a long everything */
    memcpy(text, "a softmax f16 1 ", 16);
    refuse_case("a long word", text, length, "lower-case hex digits");
    memset(text + 2, '1', length - 2);
    strcpy(text + length, " f16 1 3c00");
    refuse_case("a long op", text, strlen(text), "softmax, log_softmax or vjp");
    free(text);
}

/* --- damaged answers --- */

#define ONE "a softmax f32 101 3f800000 40000000 40400000 = "
#define TWO "a softmax f16 10/01 3c00 4000 4200 4400 = "
#define EMPTY "a softmax f16 00 3c00 4000 = "
#define WITH_NAN "a softmax f16 11 7e00 4000 = "
#define PINF "a softmax f16 11 7c00 4000 = "
#define ALL_NINF "a softmax f16 10 fc00 4000 = "

static const struct damage answers[] = {
    {"a case without '='", GOOD, "an answer"},
    {"nothing after '='", ONE, "3 answers in row 0, found 0"},
    {"an answer too few", ONE "3df420a9 00000000", "3 answers in row 0, found 2"},
    {"an answer too many", ONE "3df420a9 00000000 3f617beb 00000000", "end after row 0, found '00000000'"},
    {"a comment behind", ONE "3df420a9 00000000 3f617beb # so", "end after row 0"},
    {"another '='", ONE "3df420a9 00000000 3f617beb = 3df420a9", "end after row 0"},
    {"'/' after the last row", ONE "3df420a9 00000000 3f617beb /", "end after row 0, found '/'"},
    {"'/' within a row", ONE "3df420a9 / 00000000 3f617beb", "answer 2 of row 0"},
    {"no '/' between rows", TWO "3c00 0000 0000 3c00", "'/' after row 0, found 0000"},
    {"the second row missing", TWO "3c00 0000", "'/' after row 0, found the end"},
    {"the second row empty", TWO "3c00 0000 /", "2 answers in row 1, found 0"},
    {"two '/'", TWO "3c00 0000 / / 0000 3c00", "answer 1 of row 1"},
    {"'/' glued to a word", TWO "3c00 0000/ 0000 3c00", "answer 2 of row 0"},
    {"a third row", TWO "3c00 0000 / 0000 3c00 / 0000 3c00", "end after row 1"},
    {"capital hex", ONE "3DF420A9 00000000 3f617beb", "answer 1 of row 0"},
    {"a word too short", ONE "3df420a 00000000 3f617beb", "answer 1 of row 0"},
    {"a word too long", ONE "3df420a90 00000000 3f617beb", "answer 1 of row 0"},
    {"a word of f16", ONE "3df420a9 0000 3f617beb", "answer 2 of row 0"},
    {"0x", ONE "0x3df420a9 00000000 3f617beb", "answer 1 of row 0"},
    {"frac of five digits", ONE "3df420a9+.12345 00000000 3f617beb", "frac like +.307950"},
    {"frac of seven digits", ONE "3df420a9+.1234567 00000000 3f617beb", "frac like +.307950"},
    {"frac with its zero", ONE "3df420a9+0.123456 00000000 3f617beb", "frac like +.307950"},
    {"frac without sign", ONE "3df420a9.123456 00000000 3f617beb", "frac like +.307950"},
    {"frac without point", ONE "3df420a9+123456 00000000 3f617beb", "frac like +.307950"},
    {"frac of letters", ONE "3df420a9+.12345a 00000000 3f617beb", "frac like +.307950"},
    {"frac of nothing", ONE "3df420a9+ 00000000 3f617beb", "frac like +.307950"},
    {"frac of a point", ONE "3df420a9+. 00000000 3f617beb", "frac like +.307950"},
    {"frac beyond one half", ONE "3df420a9+.500001 00000000 3f617beb", "frac like +.307950"},
    {"frac of nearly one", ONE "3df420a9-.999999 00000000 3f617beb", "frac like +.307950"},
    {"frac of a sign in the digits", ONE "3df420a9+.-12345 00000000 3f617beb", "frac like +.307950"},
    {"frac apart from its word", ONE "3df420a9 +.123456 00000000 3f617beb", "answer 2 of row 0"},
    {"a masked answer that is not zero", ONE "3df420a9 00000001 3f617beb", "a bare zero, for it is masked"},
    {"a masked answer that is not exact", ONE "3df420a9 00000000+.000000 3f617beb", "a bare zero, for it is masked"},
    {"a class name for a plain row", ONE "empty", "class plain, found 'empty'"},
    {"another for a plain row", ONE "nan", "class plain, found 'nan'"},
    {"the name plain", ONE "plain", "answer 1 of row 0"},
    {"a class name after a word", ONE "3df420a9 empty", "answer 2 of row 0"},
    {"NaN for an answer", ONE "3df420a9 00000000 7fc00000", "answer 3 of row 0"},
    {"skip for an answer", ONE "skip", "answer 1 of row 0"},
    {"error for an answer", ONE "error", "answer 1 of row 0"},
    {"words for an empty row", EMPTY "0000 0000", "class name empty, found '0000'"},
    {"words for a nan row", WITH_NAN "7e00 7e00", "class name nan, found '7e00'"},
    {"words for a pinf row", PINF "7e00 7e00", "class name pinf, found '7e00'"},
    {"words for an all-ninf row", ALL_NINF "0000 0000", "class name all-ninf, found '0000'"},
    {"nan for an empty row", EMPTY "nan", "class empty, found 'nan'"},
    {"empty for a nan row", WITH_NAN "empty", "class nan, found 'empty'"},
    {"nan for a pinf row", PINF "nan", "class pinf, found 'nan'"},
    {"pinf for an all-ninf row", ALL_NINF "pinf", "class all-ninf, found 'pinf'"},
    {"empty for an all-ninf row", ALL_NINF "empty", "class all-ninf, found 'empty'"},
    {"a class name in capitals", EMPTY "EMPTY", "class name empty"},
    {"a class name twice", EMPTY "empty empty", "end after row 0"},
};

Test(bad_input, damaged_answers)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        const struct damage *d = &answers[i];
        refuse_answer(d->what, d->text, strlen(d->text), d->expected);
    }
}

/* Damage that no single line shows: the message comes with the end of the file. */
Test(bad_input, files_of_answers_that_are_not_whole)
{
    static const struct damage files[] = {
        {"fewer cases than the head says", "# cases 3\n" GOOD_ANSWER "\n" GOOD_ANSWER "\n",
         "expected 3 cases as the head"},
        {"an empty file", "", "expected at least 1 cases, found 0"},
        {"comments alone", "# maskproof line 1\n\n", "expected at least 1 cases, found 0"},
        {"a head alone", "# maskproof line 1\n# cases 2\n", "expected 2 cases as the head says, found 0"},
        {"another version of the grammar", "# maskproof line 2\n" GOOD_ANSWER "\n", "expected version 1"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = scratch_text(files[i].text);
        struct output judge = run_text("judge", ARGS(path), GOOD_RESULT GOOD_RESULT);
        cr_assert(judge.out_length == 0, "%s", files[i].what);
        cr_assert(strncmp(judge.err, path, strlen(path)) == 0, "%s: %s", files[i].what, judge.err);
        cr_assert(judge.status == 2, "%s: exit code %d", files[i].what, judge.status);
        cr_assert_not_null(strstr(judge.err, files[i].expected), "%s: %s", files[i].what, judge.err);
        cr_assert(strchr(judge.err, '\n') == judge.err + judge.err_length - 1, "%s: %s", files[i].what, judge.err);
        output_free(&judge);
        scratch_remove(path);
    }
    char *path = scratch_text(GOOD_ANSWER "\n");
    struct output enough = run_text("judge", ARGS(path, "--min-cases", "1"), GOOD_RESULT);
    struct output fewer = run_text("judge", ARGS(path, "--min-cases", "2"), GOOD_RESULT);
    cr_assert(enough.status == 0, "%d %s", enough.status, enough.err);
    cr_assert(fewer.status == 2 && strstr(fewer.err, "at least 2 cases, found 1") != NULL, "%d %s", fewer.status,
              fewer.err);
    output_free(&enough);
    output_free(&fewer);
    scratch_remove(path);
}

static void check_file_error(struct output *o, const char *verb, const char *path)
{
    cr_assert(o->status == 2, "%s %s: exit code %d", verb, path, o->status);
    cr_assert(o->out_length == 0 && strncmp(o->err, path, strlen(path)) == 0, "%s %s: %s", verb, path, o->err);
    cr_assert(strchr(o->err, '\n') == o->err + o->err_length - 1, "%s %s: %s", verb, path, o->err);
    output_free(o);
}

Test(bad_input, files_that_cannot_be_read)
{
    char *closed = scratch_text(GOOD_ANSWER "\n"), *answers_file = scratch_text(GOOD_ANSWER "\n");
    char directory[4096];
    cr_assert_not_null(getcwd(directory, sizeof directory));
    const char *paths[] = {"no/such/file", directory, closed};
    cr_assert(chmod(closed, 0) == 0);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (access(paths[i], R_OK) == 0 && paths[i] == closed) continue; /* the superuser reads everything */
        struct output truth = run_text("truth", ARGS(paths[i]), ""), run = run_text("run", ARGS("where", paths[i]), "");
        struct output judge = run_text("judge", ARGS(paths[i]), GOOD_RESULT);
        struct output results = run_text("judge", ARGS("--quiet", answers_file, paths[i]), "");
        check_file_error(&truth, "truth", paths[i]);
        check_file_error(&run, "run", paths[i]);
        check_file_error(&judge, "judge", paths[i]);
        check_file_error(&results, "judge ANSWERS", paths[i]);
    }
    scratch_remove(closed);
    scratch_remove(answers_file);
}

/* --- wrong options --- */

/* A run that is refused leaves neither a new file nor half of one, and an old one as it was. */
Test(bad_input, files_of_check_are_whole_or_not_there)
{
    char *kept = scratch_text("as it was"), part[5000];
    snprintf(part, sizeof part, "%s.part", kept);
    struct output o = run_text(
        "check", ARGS("--suite", "article", "--format", "f32", "--min-cases", "99", "--json", kept, "--", "cat"), "");
    cr_assert(o.status == 2 && o.out_length == 0, "exit code %d: %s%s", o.status, o.out, o.err);
    cr_expect(access(part, F_OK) != 0, "%s is left", part);
    FILE *file = fopen(kept, "r");
    size_t length;
    cr_assert_not_null(file);
    char *text = read_back(file, &length);
    cr_expect_str_eq(text, "as it was");
    free(text);
    output_free(&o);
    scratch_remove(kept);
}

/* What is no plain file is written to, not replaced; and a full disk is said. */
Test(bad_input, files_of_check_that_are_links)
{
    char *file = scratch_text(""), link[4200], full[4200], command[20000];
    snprintf(link, sizeof link, "%s.link", file);
    snprintf(full, sizeof full, "%s.full", file);
    cr_assert(symlink(file, link) == 0 && symlink("/dev/full", full) == 0);
    struct output o = run_text("check", ARGS("--suite=article", "--format=f32", "--json", link, "--", "cat"), "");
    snprintf(command, sizeof command, "[ -L '%s' ] && [ -s '%s' ]", link, file);
    cr_expect(o.status == 1 && system(command) == 0, "exit code %d: %s%s", o.status, o.out, o.err);
    struct output out = run_text("check", ARGS("--suite=article", "--format=f32", "--json", full, "--", "cat"), "");
    cr_expect(out.status == 2 && strstr(out.err, ".full: No space left on device") != NULL, "exit code %d: %s",
              out.status, out.err);
    snprintf(command, sizeof command, "[ -L '%s' ] && rm '%s' '%s'", full, full, link);
    cr_expect(system(command) == 0);
    output_free(&o);
    output_free(&out);
    scratch_remove(file);
}

Test(bad_input, wrong_options)
{
    char *path = scratch_text(GOOD_ANSWER "\n");
    const struct {
        const char *verb, *expected, *args[6];
    } wrong[] = {
        {"gen", "expected SUITE FORMAT", {NULL}},
        {"gen", "expected SUITE FORMAT", {"plain"}},
        {"gen", "expected a suite", {"plane", "f32"}},
        {"gen", "expected format f64, f32, bf16 or f16", {"plain", "f8"}},
        {"gen", "expected a suite", {"f32", "plain"}},
        {"gen", "one more argument", {"plain", "f32", "f16"}},
        {"gen", "expected --seed", {"plain", "f32", "--seed", "one"}},
        {"gen", "expected --seed", {"plain", "f32", "--seed", "-1"}},
        {"gen", "expected --seed", {"plain", "f32", "--seed", "18446744073709551616"}},
        {"gen", "expected --count", {"plain", "f32", "--count", "0"}},
        {"gen", "expected --count", {"plain", "f32", "--count", "3x"}},
        {"gen", "expected --rows", {"plain", "f32", "--rows", "0"}},
        {"gen", "expected --cols", {"plain", "f32", "--cols", "0"}},
        {"gen", "expected --cols", {"plain", "f32", "--cols", "16777217"}},
        {"gen", "expected --cols", {"plain", "f32", "--cols", ""}},
        {"gen", "expected --op", {"plain", "f32", "--op", "softmin"}},
        {"gen", "expected an id", {"plain", "f32", "--id", "no-such-id"}},
        {"gen", "nonsense", {"plain", "f32", "--nonsense"}},
        {"truth", "expected --engine fast, arb or mpfr", {"--engine", "gmp"}},
        {"truth", "expected --jobs", {"--jobs", "0"}},
        {"truth", "expected --jobs", {"--jobs", "many"}},
        {"truth", "expected --decimal", {"--decimal=0"}},
        {"truth", "expected --decimal", {"--decimal=x"}},
        {"truth", "expected at most one file", {"a", "b"}},
        {"truth", "nonsense", {"--nonsense"}},
        {"run", "expected IMPL", {NULL}},
        {"run", "expected an implementation", {"no_such_implementation"}},
        {"run", "expected at most one file", {"where", "a", "b"}},
        {"run", "nonsense", {"where", "--nonsense"}},
        {"judge", "expected ANSWERS", {NULL}},
        {"judge", "expected ANSWERS to be a file", {"-"}},
        {"judge", "one more argument", {path, "-", "-"}},
        {"judge", "expected --max-ulp", {path, "--max-ulp", "0.4"}},
        {"judge", "expected --max-ulp", {path, "--max-ulp", "nan"}},
        {"judge", "expected --max-ulp", {path, "--max-ulp", "inf"}},
        {"judge", "expected --max-ulp", {path, "--max-ulp", "-1"}},
        {"judge", "expected --max-ulp", {path, "--max-ulp", "two"}},
        {"judge", "expected --max-ulp", {path, "--max-ulp", "1ulp"}},
        {"judge", "expected --max-ulp", {path, "--max-ulp", ""}},
        {"judge", "expected a class", {path, "--policy", "full=zero"}},
        {"judge", "expected empty=", {path, "--policy", "empty=one"}},
        {"judge", "expected pinf=", {path, "--policy", "empty=nan,pinf=zero"}},
        {"judge", "expected tiny=", {path, "--policy", "tiny=zero"}},
        {"judge", "expected a profile", {path, "--profile", "numpy"}},
        {"judge", "expected --min-cases", {path, "--min-cases", "few"}},
        {"judge", "nonsense", {path, "--nonsense"}},
        {"check", "expected a suite (maskproof gen --list), found 'plane'", {"--suite", "article,plane"}},
        {"check", "expected --suite", {"--suite", ","}},
        {"check", "expected --format", {"--format", "f8"}},
        {"check", "expected --format", {"--format", ""}},
        {"check", "expected --op", {"--op", "softmin"}},
        {"check", "expected --op", {"--op", ","}},
        {"check", "expected --max-ulp", {"--max-ulp", "0.4"}},
        {"check", "expected --max-ulp", {"--max-ulp", "inf"}},
        {"check", "expected --timeout", {"--timeout", "0"}},
        {"check", "expected --timeout", {"--timeout", "-1"}},
        {"check", "expected --min-cases", {"--min-cases", "few"}},
        {"check", "expected --count", {"--count", "0"}},
        {"check", "expected --cols", {"--cols", "16777217"}},
        {"check", "expected --seed", {"--seed", "-1"}},
        {"check", "expected a profile", {"--policy", "numpy"}},
        {"check", "to be different files", {"--json", "a", "--junit", "a", "--", "cat"}},
        {"check", "to be different files", {"--json", "a", "--verdicts", "a", "--", "cat"}},
        {"check", "expected --json once", {"--json", "a", "--json", "b"}},
        {"check", "expected --junit with a command", {"--junit", path}},
        {"check", "/no/such/directory/a: No such file", {"--json", "/no/such/directory/a", "--", "cat"}},
        {"check", "/no/such/directory/a: No such file", {"--junit", "/no/such/directory/a", "--", "cat"}},
        {"check", "/: Is a directory", {"--json", "/", "--", "cat"}},
        {"check", "'': No such file", {"--json", "", "--", "cat"}},
        {"check", "expected either implementations or -- COMMAND", {"--"}},
        {"check", "expected either implementations or -- COMMAND", {"where", "--", "cat"}},
        {"check", "expected --matrix without a command", {"--matrix", "--", "cat"}},
        {"check", "expected an implementation", {"no_such_implementation"}},
        {"check",
         "maskproof check: article f32: expected at least 99 cases, found 6",
         {"--suite=article", "--format=f32", "--min-cases=99", "--", "cat"}},
        {"check", "nonsense", {"--nonsense"}},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct output o = run_text(wrong[i].verb, wrong[i].args, GOOD_RESULT);
        char command[300] = "";
        for (int a = 0; a < 6 && wrong[i].args[a] != NULL; a++)
            snprintf(command + strlen(command), sizeof command - strlen(command), " %s", wrong[i].args[a]);
        cr_assert(o.status == 2, "%s%s: expected exit code 2, found %d\n%s", wrong[i].verb, command, o.status, o.err);
        cr_assert(o.out_length == 0, "%s%s printed %s", wrong[i].verb, command, o.out);
        cr_assert_not_null(strstr(o.err, wrong[i].expected), "%s%s: expected '%s' in '%s'", wrong[i].verb, command,
                           wrong[i].expected, o.err);
        output_free(&o);
    }
    scratch_remove(path);
}

/* The good lines of this file are good: what was refused above was refused for its damage. */
Test(bad_input, without_damage_all_is_well)
{
    struct output truth = run_text("truth", NO_ARGS, COMMENT "\n" GOOD "\n" GOOD);
    cr_assert(truth.status == 0 && truth.err_length == 0, "%d %s", truth.status, truth.err);
    cr_assert_str_eq(truth.out, COMMENT GOOD_ANSWER "\n" GOOD_ANSWER "\n");
    struct output run = run_text("run", ARGS("where"), truth.out);
    cr_assert(run.status == 0 && run.err_length == 0, "%d %s", run.status, run.err);
    char *path = scratch_file(truth.out, truth.out_length);
    struct output judge = run_text("judge", ARGS(path, "--max-ulp", "0.5"), GOOD_RESULT GOOD_RESULT);
    cr_assert(judge.status == 0, "%d %s", judge.status, judge.err);
    scratch_remove(path);
    output_free(&truth);
    output_free(&run);
    output_free(&judge);
}
