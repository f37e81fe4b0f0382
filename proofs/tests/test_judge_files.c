/* test_judge_files - the verb judge: whatever a subject prints is a verdict, exit code 1, with a message that says
   what is wrong on which line; every row of every case gets its line; right results get exit code 0.
   SPDX-License-Identifier: MIT */
#include "format.h"
#include "pipe.h"
#include "random.h"

#define A "a softmax f16 11 3c00 3c00 = 3800 3800\n"
#define B "b softmax f16 10/01 3c00 4000 4200 4400 = 3c00 0000 / 0000 3c00\n"
#define C "c softmax f16 01 3c00 4000 = 0000 3c00\n"
#define ANSWERS "# suite hand\n# seed 7\n" A B C
#define RESULT_A "a = 3800 3800\n"
#define RESULT_B "b = 3c00 0000 0000 3c00\n"
#define RESULT_C "c = 0000 3c00\n"

/* Of the four statuses, how often each stands in column 7. */
struct verdicts {
    int pass, fail, skip, is_void, all;
};

static struct verdicts count_verdicts(const char *text)
{
    struct verdicts v = {0};
    for (const char *line = text, *end; *line != '\0'; line = end + 1) {
        end = strchr(line, '\n');
        cr_assert_not_null(end, "a verdict line is not whole: %s", line);
        const char *column = line;
        for (int i = 0; i < 6; i++) column = strchr(column, '\t') + 1;
        int tabs = 0;
        for (const char *c = line; c < end; c++) tabs += *c == '\t';
        cr_assert(tabs == 13, "a verdict has 14 columns: %.*s", (int)(end - line), line);
        v.pass += strncmp(column, "pass\t", 5) == 0;
        v.fail += strncmp(column, "fail\t", 5) == 0;
        v.skip += strncmp(column, "skip\t", 5) == 0;
        v.is_void += strncmp(column, "void\t", 5) == 0;
        v.all++;
    }
    return v;
}

static struct output judge(const char *answers, const char *const *more, const void *results, size_t length)
{
    char *path = scratch_text(answers);
    const char *args[12] = {path};
    for (int i = 0; i < 10 && more[i] != NULL; i++) args[i + 1] = more[i];
    struct output o = run_bytes("judge", args, results, length);
    scratch_remove(path);
    return o;
}

static struct output judge_text(const char *answers, const char *const *more, const char *results)
{
    return judge(answers, more, results, strlen(results));
}

/* --- right results --- */

Test(judge_files, right_results)
{
    static const struct {
        const char *what, *results;
    } right[] = {
        {"as they come", RESULT_A RESULT_B RESULT_C},
        {"comments and blank lines between", "# mine\n" RESULT_A "\n  \n" RESULT_B "#\n" RESULT_C "\n# the end\n"},
        {"CRLF", "a = 3800 3800\r\nb = 3c00 0000 0000 3c00\r\nc = 0000 3c00\r\n"},
        {"tabs and blanks", "a\t=\t3800\t3800\n  b  =  3c00 0000  0000 3c00 \nc =\t0000 3c00\n"},
        {"no end of the last line", RESULT_A RESULT_B "c = 0000 3c00"},
        {"answers as results", ANSWERS},
        {"an answer among them", RESULT_A B RESULT_C},
        {"answers with frac", "a softmax f16 11 3c00 3c00 = 3800+.123456 3800-.000000\n" B C},
    };
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        struct output o = judge_text(ANSWERS, ARGS("--max-ulp", "0.5"), right[i].results);
        struct verdicts v = count_verdicts(o.out);
        cr_assert(o.status == 0 && v.pass == 4 && v.all == 4, "%s: exit code %d\n%s%s", right[i].what, o.status, o.out,
                  o.err);
        output_free(&o);
    }
}

Test(judge_files, the_line_of_a_verdict)
{
    struct output o = judge_text(ANSWERS, ARGS("--subject", "me", "--quiet"), "a = 3800 3801\n" RESULT_B "c = skip\n");
    cr_assert_str_eq(o.out, "me\thand\tsoftmax\tf16\ta\t0\tpass\t-\t1\t1\t0\t0.000488281\tplain\t-\n"
                            "me\thand\tsoftmax\tf16\tb\t0\tpass\t-\t0\t0\t0\t0\tplain\t-\n"
                            "me\thand\tsoftmax\tf16\tb\t1\tpass\t-\t0\t1\t0\t0\tplain\t-\n"
                            "me\thand\tsoftmax\tf16\tc\t0\tskip\t-\t0\t0\t0\t0\tplain\t-\n");
    cr_assert(o.status == 0 && o.err_length == 0, "--quiet prints no summary: %s", o.err);
    output_free(&o);
    o = judge_text(ANSWERS, ARGS("--subject", "me", "--max-ulp", "0.5"), "a = 3800 3801\n" RESULT_B RESULT_C);
    struct verdicts v = count_verdicts(o.out);
    cr_assert(o.status == 1 && v.fail == 1 && v.pass == 3, "%d %s", o.status, o.out);
    cr_assert_not_null(strstr(o.err, "3 of 4 rows pass"), "%s", o.err);
    cr_assert_not_null(strstr(o.err, "maskproof gen hand f16 --seed 7 --id a | maskproof run me"),
                       "a failure ends with the command that shows it again: %s", o.err);
    output_free(&o);
}

/* --- what a subject may do wrong --- */

static const struct {
    const char *what, *results;
    int line; /* of the results, where the message says it is */
    const char *message;
    int fails; /* rows that fail: those without a result */
} wrong[] = {
    {"nothing", "", 1, "expected the result of a, found the end", 4},
    {"a comment alone", "# nothing\n", 2, "expected the result of a, found the end", 4},
    {"the first missing", RESULT_B RESULT_C, 1, "found b; the result of a is missing", 4},
    {"one missing", RESULT_A RESULT_C, 2, "found c; the result of b is missing", 3},
    {"the last missing", RESULT_A RESULT_B, 3, "expected the result of c, found the end", 1},
    {"one repeated", RESULT_A RESULT_A RESULT_B RESULT_C, 2, "repeated id a; expected the result of b", 3},
    {"an earlier one repeated", RESULT_A RESULT_B RESULT_A RESULT_C, 3, "repeated id a; expected the result of c", 1},
    {"one repeated at the end", RESULT_A RESULT_B RESULT_C RESULT_C, 4, "expected the end after the last case", 0},
    {"an unknown one", RESULT_A "x = 3800 3800\n" RESULT_B RESULT_C, 2, "unknown id x; expected the result of b", 3},
    {"an id in capitals", "A = 3800 3800\n" RESULT_B RESULT_C, 1, "unknown id A; expected the result of a", 4},
    {"an id cut short", RESULT_A RESULT_B " = 0000 3c00\n", 3, "unknown id =; expected the result of c", 1},
    {"two swapped", RESULT_A RESULT_C RESULT_B, 2, "misplaced id c; expected b first", 3},
    {"all in reverse", RESULT_C RESULT_B RESULT_A, 1, "misplaced id c; expected a first", 4},
    {"one more line", RESULT_A RESULT_B RESULT_C "d = 3c00\n", 4, "expected the end after the last case, found 'd", 0},
    {"chatter at the end", RESULT_A RESULT_B RESULT_C "done.\n", 4, "expected the end after the last case", 0},
    {"chatter at the start", "loading...\n" RESULT_A RESULT_B RESULT_C, 1, "unknown id loading...", 4},
    {"a traceback", RESULT_A "Traceback (most recent call last):\n", 2, "unknown id Traceback", 3},
    {"an id alone", RESULT_A "b\n", 2, "expected a result line 'id = word...'", 3},
    {"no '='", RESULT_A "b 3c00 0000 0000 3c00\n", 2, "expected a result line 'id = word...'", 3},
    {"no words", RESULT_A "b =\n", 2, "expected 4 words, found 0", 3},
    {"a line cut short", RESULT_A "b = 3c00 0000 00", 2, "expected a word of 4 lower-case hex digits, found '00'", 3},
    {"a line cut between words", RESULT_A "b = 3c00 0000", 2, "expected 4 words, found 2", 3},
    {"a word too many", RESULT_A "b = 3c00 0000 0000 3c00 0000\n" RESULT_C, 2, "expected the result to end", 3},
    {"words of f32", "a = 3f000000 3f000000\n", 1, "expected a word of 4 lower-case hex digits", 4},
    {"capital hex", "a = 3800 3800\nb = 3C00 0000 0000 3C00\n", 2, "expected a word of 4 lower-case hex digits", 3},
    {"decimals", "a = 0.5 0.5\n", 1, "expected a word of 4 lower-case hex digits, found '0.5'", 4},
    {"commas", "a = 3800, 3800\n", 1, "expected a word of 4 lower-case hex digits, found '3800,'", 4},
    {"frac in a result", "a = 3800+.123456 3800\n", 1, "expected a word of 4 lower-case hex digits", 4},
    {"'/' in a result", RESULT_A "b = 3c00 0000 / 0000 3c00\n", 2, "expected a word of 4 lower-case hex digits", 3},
    {"a class name in a result", "a = empty\n", 1, "expected a word of 4 lower-case hex digits, found 'empty'", 4},
    {"half a skip", "a = skip it\n", 1, "expected a word of 4 lower-case hex digits, found 'skip'", 4},
    {"skip in capitals", "a = SKIP\n", 1, "expected a word of 4 lower-case hex digits, found 'SKIP'", 4},
    {"an answer of another class", "a softmax f16 11 3c00 3c00 = empty\n", 1, "found 'empty'", 4},
    {"an answer that says plain", "a softmax f16 11 3c00 3c00 = plain\n", 1, "found 'plain'", 4},
    {"an answer too short", "a softmax f16 11 3c00 3c00 = 3800\n", 1, "expected 2 words, found 1", 4},
    {"an answer too long", "a softmax f16 11 3c00 3c00 = 3800 3800 3800\n", 1, "expected the result to end", 4},
    {"a case", "a softmax f16 11 3c00 3c00\n", 1, "expected a result line 'id = word...'", 4},
};

Test(judge_files, wrong_output_is_a_verdict)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct output o = judge_text(ANSWERS, ARGS("--subject", "me"), wrong[i].results);
        char place[60];
        snprintf(place, sizeof place, "me: standard input:%d: ", wrong[i].line);
        cr_assert(o.status == 1, "%s: expected exit code 1, found %d\n%s", wrong[i].what, o.status, o.err);
        cr_assert(strncmp(o.err, place, strlen(place)) == 0, "%s: expected '%s...', found '%s'", wrong[i].what, place,
                  o.err);
        const char *end = strchr(o.err, '\n'), *message = strstr(o.err, wrong[i].message);
        cr_assert(message != NULL && message < end, "%s: expected '%s' in '%s'", wrong[i].what, wrong[i].message,
                  o.err);
        struct verdicts v = count_verdicts(o.out);
        cr_assert(v.all == 4 && v.fail == wrong[i].fails && v.pass == 4 - wrong[i].fails, "%s: %s", wrong[i].what,
                  o.out);
        output_free(&o);
    }
}

Test(judge_files, garbage_is_a_verdict)
{
    static const char nul[] = "a = 3800 3800\0\n" RESULT_B RESULT_C, late[] = RESULT_A RESULT_B RESULT_C "\0\n";
    static const char comment[] = "#\0\n" RESULT_A RESULT_B RESULT_C "\0";
    struct output o = judge(ANSWERS, NO_ARGS, nul, sizeof nul - 1);
    cr_assert(o.status == 1 && count_verdicts(o.out).fail == 4, "NUL in a line: exit code %d\n%s", o.status, o.err);
    output_free(&o);
    o = judge(ANSWERS, NO_ARGS, late, sizeof late - 1);
    cr_assert(o.status == 1 && count_verdicts(o.out).pass == 4, "NUL at the end: exit code %d\n%s", o.status, o.err);
    output_free(&o);
    o = judge(ANSWERS, NO_ARGS, comment, sizeof comment - 1);
    cr_assert(o.status == 1, "NUL behind the end: exit code %d\n%s", o.status, o.err);
    output_free(&o);
    uint64_t state = 1;
    for (int turn = 0; turn < 200; turn++) {
        char bytes[2000] = RESULT_A;
        size_t start = turn % 2 ? strlen(RESULT_A) : 0, length = start + random_below(&state, sizeof bytes - start);
        for (size_t i = start; i < length; i++)
            bytes[i] = turn % 3 ? (char)random_bits(&state) : "abc = /0\n#3\t\r"[random_below(&state, 14)];
        o = judge(ANSWERS, NO_ARGS, bytes, length);
        struct verdicts v = count_verdicts(o.out);
        cr_assert(o.status == 1 && v.all == 4 && v.fail >= 3, "garbage %d: exit code %d\n%s", turn, o.status, o.err);
        output_free(&o);
    }
}

/* Long ids are compared whole, and a misplaced one is still found. */
Test(judge_files, long_ids)
{
    char answers[3000] = "", swapped[3000] = "", cut[3000] = "", id[2][400];
    for (int i = 0; i < 2; i++) {
        memset(id[i], 'x', sizeof id[i] - 1);
        id[i][sizeof id[i] - 2] = (char)('0' + i); /* they differ in the last byte */
        id[i][sizeof id[i] - 1] = '\0';
    }
    snprintf(answers, sizeof answers, "%s softmax f16 1 3c00 = 3c00\n%s softmax f16 1 3c00 = 3c00\n", id[0], id[1]);
    snprintf(swapped, sizeof swapped, "%s = 3c00\n%s = 3c00\n", id[1], id[0]);
    snprintf(cut, sizeof cut, "%.100s = 3c00\n%s = 3c00\n", id[0], id[1]);
    struct output o = judge_text(answers, NO_ARGS, swapped);
    cr_assert(o.status == 1 && strstr(o.err, "misplaced id") != NULL, "%d %s", o.status, o.err);
    output_free(&o);
    o = judge_text(answers, NO_ARGS, cut);
    cr_assert(o.status == 1 && strstr(o.err, "unknown id") != NULL, "%d %s", o.status, o.err);
    output_free(&o);
}

Test(judge_files, answers_are_refused_where_they_are_to_be)
{
    struct output o = judge_text(ANSWERS, ARGS("--no-answers"), RESULT_A RESULT_B RESULT_C);
    cr_assert(o.status == 0, "%d %s", o.status, o.err);
    output_free(&o);
    o = judge_text(ANSWERS, ARGS("--no-answers"), RESULT_A B RESULT_C);
    cr_assert(o.status == 1 && strstr(o.err, ":2: expected a result line") != NULL && count_verdicts(o.out).fail == 3,
              "%d %s", o.status, o.err);
    output_free(&o);
}

/* --- replies and policies --- */

#define EMPTY "e softmax f16 00 3c00 4000 = empty\n"
#define HAS_NAN "n softmax f16 110 3c00 7e00 4000 = nan\n"

Test(judge_files, replies_and_policies)
{
    static const struct {
        const char *answers, *results, *policy;
        int status;
        const char *column; /* the end of the last verdict line */
    } replies[] = {
        {A, "a = skip\n", "strict-zero", 77, "skip\t-\t0\t0\t0\t0\tplain\t-\n"},
        {A, " a\t=\tskip \r\n", "strict-zero", 77, "skip\t-\t0\t0\t0\t0\tplain\t-\n"},
        {A, "a = error\n", "strict-zero", 1, "plain\terror\n"},
        {A, "a = error\n", "empty=error", 1, "plain\terror\n"},
        {A EMPTY, RESULT_A "e = error\n", "strict-zero", 1, "empty\terror\n"},
        {A EMPTY, RESULT_A "e = error\n", "empty=error", 0, "empty\terror\n"},
        {A EMPTY, RESULT_A "e = 0000 0000\n", "strict-zero", 0, "empty\tzero\n"},
        {A EMPTY, RESULT_A "e = 0000 0000\n", "empty=error", 1, "empty\tzero\n"},
        {A EMPTY, RESULT_A "e = 0000 0000\n", "nan", 1, "empty\tzero\n"},
        {A EMPTY, RESULT_A "e = 7e00 fe01\n", "nan", 0, "empty\tnan\n"},
        {A EMPTY, RESULT_A "e = 7e00 7e00\n", "strict-zero", 1, "empty\tnan\n"},
        {A EMPTY, RESULT_A "e = 3800 3800\n", "empty=uniform-all", 0, "empty\tuniform-all\n"},
        {A EMPTY, RESULT_A "e = 8000 0000\n", "strict-zero", 1, "empty\tundecided\n"},
        {A EMPTY, A EMPTY, "strict-zero", 0, "empty\t-\n"},
        {A HAS_NAN, RESULT_A "n = 7e00 7e00 0000\n", "strict-zero", 0, "nan\tnan\n"},
        {A HAS_NAN, RESULT_A "n = 7e00 7e00 7e00\n", "strict-zero", 1, NULL},
        {A HAS_NAN, RESULT_A "n = 7e00 7e00 7e00\n", "masked=nan-rows-all-nan", 0, "nan\tnan\n"},
        {A HAS_NAN, RESULT_A "n = 0000 7e00 0000\n", "nan=lane-nan", 0, "nan\tlane-nan\n"},
        {A HAS_NAN, RESULT_A "n = 3800 3800 0000\n", "strict-zero", 1, "nan\tundecided\n"},
        /* nothing that could have failed: void, which is no success */
        {EMPTY, "e = 0000 0000\n", "strict-zero", 1, "empty\tzero\n"},
        {EMPTY HAS_NAN, "e = 0000 0000\nn = 7e00 7e00 0000\n", "strict-zero", 1, "nan\tnan\n"},
    };
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        struct output o = judge_text(replies[i].answers, ARGS("--policy", replies[i].policy), replies[i].results);
        cr_assert(o.status == replies[i].status, "%s under %s: expected exit code %d, found %d\n%s%s",
                  replies[i].results, replies[i].policy, replies[i].status, o.status, o.out, o.err);
        size_t length = replies[i].column ? strlen(replies[i].column) : 0;
        cr_assert(
            length <= o.out_length && (length == 0 || strcmp(o.out + o.out_length - length, replies[i].column) == 0),
            "%s under %s: expected ...%s, found %s", replies[i].results, replies[i].policy, replies[i].column, o.out);
        if (strncmp(replies[i].answers, "a ", 2) != 0) {
            struct verdicts v = count_verdicts(o.out);
            cr_assert(v.is_void == v.all && strstr(o.err, "void") != NULL, "%s%s", o.out, o.err);
        }
        output_free(&o);
    }
}

/* A wrong row is a failure in a void suite as in any other. */
Test(judge_files, a_void_suite_can_still_fail)
{
    struct output o = judge_text(EMPTY HAS_NAN, NO_ARGS, "e = 3c00 0000\nn = 7e00 7e00 0000\n");
    struct verdicts v = count_verdicts(o.out);
    cr_assert(o.status == 1 && v.fail == 1 && v.is_void == 1, "%s", o.out);
    output_free(&o);
}

/* --- the summary on standard error --- */

#define D "d softmax f16 11 3c00 3c00 = 3800 3800\n"
#define LEAKS "b = 3c00 1400 0000 3c00\n"
#define GRADIENT "g vjp f16 11 3c00 3c00 3c00 0000 = 3400 b400\n"
#define AGAIN "see it again: maskproof gen hand f16 "

/* What the diagnosis says between "LEAK: " and " (b row 0)" is its own affair: cut it out, in place. */
static void cut_sentences(char *text)
{
    char *to = text;
    for (char *line = text, *end; *line != '\0'; line = end) {
        end = line + strcspn(line, "\n");
        end += *end == '\n';
        size_t name = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        char *place = end;
        while (name > 0 && line[name] == ':' && place > line && strncmp(place, " (", 2) != 0) place--;
        size_t head = place > line && place < end ? name + 1 : 0;
        memmove(to, line, head);
        to += head;
        char *rest = head > 0 ? place : line;
        memmove(to, rest, (size_t)(end - rest));
        to += end - rest;
    }
    *to = '\0';
}

Test(judge_files, the_summary)
{
    static const struct {
        const char *what, *answers, *results, *limit, *summary;
    } rows[] = {
        {"all right", ANSWERS, RESULT_A RESULT_B RESULT_C, "1", "me, hand f16: 4 of 4 rows pass\n"},
        {"the worst of those that pass", ANSWERS D, "a = 3800 3801\n" RESULT_B RESULT_C "d = 3802 3800\n", "3",
         "me, hand f16: 5 of 5 rows pass; worst error 2 ulp in d\n"},
        {"the first of two as bad", ANSWERS D, "a = 3800 3801\n" RESULT_B RESULT_C "d = 3801 3800\n", "3",
         "me, hand f16: 5 of 5 rows pass; worst error 1 ulp in a\n"},
        {"NaN is the worst and stays it", ANSWERS D, "a = 3800 7e00\n" RESULT_B RESULT_C "d = 3801 3800\n", "3",
         "me, hand f16: 4 of 5 rows pass; worst error nan ulp in a\n" AGAIN "--seed 7 --id a | maskproof run me\n"},
        {"two bugs and a skip", ANSWERS D, "a = 3800 3802\n" LEAKS "c = 2000 3800\nd = skip\n", "1",
         "me, hand f16: 1 of 4 rows pass, 1 skipped; LEAK in 2; ROUND in 1; worst error 512 ulp in c\n"
         "LEAK: (c row 0)\n"
         "ROUND: (a row 0)\n" AGAIN "--seed 7 --id a | maskproof run me\n"},
        {"the first of two as small", ANSWERS D, "a = 3800 3802\n" RESULT_B RESULT_C "d = 3802 3800\n", "1",
         "me, hand f16: 3 of 5 rows pass; ROUND in 2; worst error 2 ulp in a\n"
         "ROUND: (a row 0)\n" AGAIN "--seed 7 --id a | maskproof run me\n"},
        {"one bug twice", ANSWERS D, RESULT_A LEAKS "c = 2000 3800\n" D, "1",
         "me, hand f16: 3 of 5 rows pass; LEAK in 2; worst error 512 ulp in c\n"
         "LEAK: (c row 0)\n" AGAIN "--seed 7 --id b | maskproof run me\n"},
        {"void", "# suite hand\n" EMPTY, "e = 0000 0000\n", "1",
         "me, hand f16: 0 of 1 rows pass, 1 void (all expected words are 0 or NaN)\n"},
        {"another operation", "# suite hand\n" GRADIENT, "g = 3800 3800\n", "3",
         "me, hand f16: 0 of 1 rows pass; ROUND in 1; worst error 3072 ulp in g\n"
         "ROUND: (g row 0)\n" AGAIN "--op vjp --seed 1 --id g | maskproof run me\n"},
        {"no suite, so no command", GRADIENT, "g = 3800 3800\n", "3",
         "me, - f16: 0 of 1 rows pass; ROUND in 1; worst error 3072 ulp in g\n"
         "ROUND: (g row 0)\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *const *args = ARGS("--subject", "me", "--policy", "strict-zero", "--max-ulp", rows[i].limit);
        struct output o = judge_text(rows[i].answers, args, rows[i].results);
        cut_sentences(o.err);
        cr_assert_str_eq(o.err, rows[i].summary, "%s: expected\n%sfound\n%s", rows[i].what, rows[i].summary, o.err);
        output_free(&o);
    }
}

/* A failure without a signature is counted as such; a case without a result fails in each of its rows. */
Test(judge_files, failures_without_a_name)
{
    struct output o = judge_text(ANSWERS, ARGS("--subject", "me"), RESULT_A);
    cr_assert_not_null(strstr(o.err, "me, hand f16: 1 of 4 rows pass; 3 fail without a known signature; worst error"),
                       "%s", o.err);
    cr_assert_not_null(strstr(o.err, "--id b |"), "the first failure, not the last: %s", o.err);
    cr_assert_not_null(strstr(o.out, "\tb\t1\tfail\t-\tnan\t0\tnan\tnan\tplain\tno-result\n"), "%s", o.out);
    output_free(&o);
}

/* One entry that can fail is enough, wherever it stands; and log_softmax has no words that prove nothing. */
Test(judge_files, a_suite_that_can_fail)
{
    static const struct {
        const char *answers, *results;
        int status;
    } rows[] = {
        {C, RESULT_C, 0},
        {"e softmax f16 00/01 3c00 3c00 3c00 3c00 = empty / 0000 3c00\n", "e = 0000 0000 0000 3c00\n", 0},
        {"e softmax f16 01/00 3c00 3c00 3c00 3c00 = 0000 3c00 / empty\n", "e = 0000 3c00 0000 0000\n", 0},
        {EMPTY C, "e = 0000 0000\n" RESULT_C, 0},
        {C EMPTY, RESULT_C "e = 0000 0000\n", 0},
        {"l log_softmax f16 01 3c00 3c00 = fc00 0000\n", "l = fc00 0000\n", 0},
        {"l log_softmax f16 00 3c00 3c00 = empty\n", "l = fc00 fc00\n", 1},
        {"g vjp f16 11 3c00 3c00 3c00 3c00 = 0000 0000\n", "g = 0000 0000\n", 1},
        {GRADIENT, "g = 3400 b400\n", 0},
        {C C, RESULT_C "c = skip\n", 0},
        {C EMPTY, "c = skip\ne = skip\n", 77},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct output o = judge_text(rows[i].answers, NO_ARGS, rows[i].results);
        cr_assert(o.status == rows[i].status, "%s: expected exit code %d, found %d\n%s", rows[i].answers,
                  rows[i].status, o.status, o.out);
        output_free(&o);
    }
}

/* More ids than any array of them starts with: each is still found. */
Test(judge_files, many_ids)
{
    enum { CASES = 700 };
    static char answers[CASES * 40], results[CASES * 20];
    char *a = answers, *r = results;
    for (int i = 0; i < CASES; i++) a += sprintf(a, "id%d softmax f16 1 3c00 = 3c00\n", i);
    for (int i = 0; i < CASES; i++) r += sprintf(r, "id%d = 3c00\n", i < CASES - 2 ? i : 2 * CASES - 3 - i);
    struct output o = judge_text(answers, NO_ARGS, results);
    cr_assert(o.status == 1 && strstr(o.err, ":699: misplaced id id699; expected id698 first") != NULL, "%d %s",
              o.status, o.err);
    cr_assert(count_verdicts(o.out).pass == CASES - 2);
    output_free(&o);
    sprintf(r, "id300 = 3c00\n");
    memmove(results, strstr(results, "id699"), strlen(strstr(results, "id699")) + 1); /* only 699, 698 and 300 */
    o = judge_text(answers, NO_ARGS, results);
    cr_assert(o.status == 1 && strstr(o.err, ":1: found id699; the result of id0 is missing") != NULL, "%s", o.err);
    output_free(&o);
}

/* What one case was does not colour the next. */
Test(judge_files, one_case_after_another)
{
    static const struct {
        const char *what, *results;
        int pass, fail, skip;
    } rows[] = {
        {"wrong words after a skip", "a = skip\n" LEAKS RESULT_C, 2, 1, 1},
        {"a refusal after words", RESULT_A RESULT_B "c = error\n", 3, 1, 0},
        {"wrong words after an answer", "a = skip\n" B "c = 0000 0000\n", 2, 1, 1},
        {"wrong words after a class name", EMPTY "a = 3800 3802\n", 1, 1, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct output o = judge_text(*rows[i].results == 'e' ? EMPTY A : ANSWERS, NO_ARGS, rows[i].results);
        struct verdicts v = count_verdicts(o.out);
        cr_assert(v.pass == rows[i].pass && v.fail == rows[i].fail && v.skip == rows[i].skip, "%s: %s", rows[i].what,
                  o.out);
        output_free(&o);
    }
}

/* What only the whole batch shows is asked of it; and the last of the bugs is counted as the first. */
Test(judge_files, the_bugs_of_a_batch_and_the_last_bug)
{
    struct output o = judge_text("b softmax f16 11/11 3c00 3c00 3c00 3c00 = 3800 3800 / 3800 3800\n", NO_ARGS,
                                 "b = 3400 3400 3400 3400\n");
    cr_assert(strstr(o.out, "\tfail\tBATCH\t") != NULL && strstr(o.err, "; BATCH in 2") != NULL, "%s%s", o.out, o.err);
    output_free(&o);
    o = judge_text("g vjp f16 101 3c00 3c00 3c00 3c00 3c00 0000 = 3400 0000 b400\n", NO_ARGS, "g = 3400 3c00 b400\n");
    cr_assert(strstr(o.out, "\tfail\tNANGRAD\t") != NULL && strstr(o.err, "; NANGRAD in 1") != NULL, "%s%s", o.out,
              o.err);
    output_free(&o);
}

/* A message quotes what can be printed, from the first such byte to the last, and nothing else. */
Test(judge_files, what_a_message_quotes)
{
    struct output o = judge_text("a ~!\x7f\x1f\xc3 f16 1 3c00 = 3c00\n", NO_ARGS, RESULT_A);
    const char *found = strstr(o.err, "found '~!");
    cr_assert(o.status == 2 && found != NULL && strspn(found + strlen("found '~!"), "?") == 3, "%s", o.err);
    output_free(&o);
}

/* A verdict that cannot be written is no verdict. */
Test(judge_files, a_full_disk)
{
    char *path = scratch_text(ANSWERS), command[9000], said[200] = "";
    snprintf(command, sizeof command, "%s/maskproof-judge --quiet %s %s 2>&1 > /dev/full", getenv("MASKPROOF_BIN"),
             path, path);
    FILE *err = popen(command, "r");
    cr_assert(err != NULL && fgets(said, sizeof said, err) != NULL);
    int status = pclose(err);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 2, "%d", WEXITSTATUS(status));
    cr_assert(strncmp(said, "standard output: ", 17) == 0, "%s", said);
    scratch_remove(path);
}
