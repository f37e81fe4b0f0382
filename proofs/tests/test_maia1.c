/* test_maia1 - every digit that reports/chess/maia1/README.md prints of three real networks, from the data beside it,
   by maskproof leak; and the report's section on chess.  (What the implementations do on these rows:
   proofs/maia1_runs.py.) SPDX-License-Identifier: MIT */
#include "pipe.h"

#include <cjson/cJSON.h>

#define DATA "reports/chess/maia1/"

static cJSON *leak_json(const char *const *args)
{
    struct output o = run_text("leak", args, "");
    cr_assert(o.status == 0, "exit code %d: %s", o.status, o.err);
    cJSON *seen = cJSON_Parse(o.err);
    cr_assert_not_null(seen, "no JSON: %s", o.err);
    output_free(&o);
    return seen;
}

static double number(const cJSON *seen, const char *group, const char *sub, const char *key)
{
    const cJSON *multiply = cJSON_GetObjectItem(seen, "formulations")->child,
                *at = cJSON_GetObjectItem(multiply, group);
    cr_assert_str_eq(cJSON_GetObjectItem(multiply, "name")->valuestring, "multiply");
    if (sub != NULL) at = cJSON_GetObjectItem(at, sub);
    if (key != NULL) at = cJSON_GetObjectItem(at, key);
    cr_assert(cJSON_IsNumber(at), "no number %s %s %s", group, sub ? sub : "", key ? key : "");
    return at->valuedouble;
}

/* `value` as `printed` is: to as many places, with its unit. */
static void expect_printed(const char *net, const char *what, double value, const char *printed)
{
    char text[40];
    const char *point = strchr(printed, '.'), *unit = strstr(printed, " %");
    size_t places = point ? strspn(point + 1, "0123456789") : 0;
    snprintf(text, sizeof text, "%.*f%s", (int)places, value, unit ? " %" : "");
    cr_expect_str_eq(text, printed, "%s, %s: %s is printed, %.6f is what the data says", net, what, printed, value);
}

Test(maia1, every_printed_digit_is_in_the_data)
{
    static const struct {
        const char *name, *group, *sub, *key;
        bool count;
    } columns[] = {{"mean", "wrong", "mean", NULL, false},          {"median", "wrong", "quantiles", "50", false},
                   {"90 %", "wrong", "quantiles", "90", false},     {"99 %", "wrong", "quantiles", "99", false},
                   {"99.9 %", "wrong", "quantiles", "99.9", false}, {"max", "wrong", "max", NULL, false},
                   {"> 0.1 %", "wrong", "above", "0.1", true},      {"> 1 %", "wrong", "above", "1", true},
                   {"> 5 %", "wrong", "above", "5", true}};
    FILE *page = fopen(DATA "README.md", "r");
    cr_assert_not_null(page, "run it where the Makefile is");
    char line[1000];
    size_t nets = 0;
    while (fgets(line, sizeof line, page) != NULL) {
        char *net = strtok(line, "|"), path[80];
        if (line[0] != '|' || net == NULL || strspn(net, " 0123456789") != strlen(net)) continue;
        net[strlen(net) - 1] = '\0';
        snprintf(path, sizeof path, DATA "lse_legal_%s.npy", net + 1);
        cJSON *seen = leak_json(ARGS("--lse", "--classes", "1858", "--json", "/dev/stderr", path, DATA "n_legal.npy"));
        double rows = number(seen, "rows", NULL, NULL);
        cr_expect(rows == 119490, "%s: %g rows", net, rows);
        cr_expect(number(seen, "invalid_argmax", "possible", NULL) == 0, "%s: a masked move may be the largest", net);
        for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
            char *printed = strtok(NULL, "|");
            cr_assert_not_null(printed, "%s: no column %s", net, columns[i].name);
            printed[strlen(printed) - 1] = '\0'; /* a blank on each side */
            double value = number(seen, columns[i].group, columns[i].sub, columns[i].key);
            expect_printed(net, columns[i].name, 100 * value / (columns[i].count ? rows : 1), printed + 1);
        }
        cJSON_Delete(seen);
        nets++;
    }
    fclose(page);
    cr_assert(nets == 3, "expected three networks in the table, found %zu", nets);
}

/* The 4000 ragged rows are rows of the whole: their legal logits have the stored log-sum-exp. */
Test(maia1, sample_is_of_the_whole)
{
    cJSON *seen = leak_json(ARGS("--ragged", "--classes", "1858", "--json", "/dev/stderr", "--worst", "0",
                                 DATA "sample_offsets.npy", DATA "sample_logits_1500.npy"));
    cr_expect(number(seen, "rows", NULL, NULL) == 4000);
    cr_expect(number(seen, "invalid_argmax", "possible", NULL) == 0, "with the logits, the argmax is known");
    cr_expect(number(seen, "wrong", "mean", NULL) > 0.006 && number(seen, "wrong", "mean", NULL) < 0.007);
    cJSON_Delete(seen);
}

Test(maia1, section_of_the_report_says_the_same)
{
    char directory[] = "/tmp/maskproof-chess-XXXXXX", path[100];
    cr_assert_not_null(mkdtemp(directory));
    struct output o = run_text("leak", ARGS("--chess", directory), "");
    cr_assert(o.status == 0, "exit code %d: %s", o.status, o.err);
    output_free(&o);
    static const char *const figures[] = {"chess_leak.svg", "chess_by.svg", "chess_scale.svg"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, figures[i]);
        FILE *figure = fopen(path, "r");
        size_t length = 0;
        cr_assert_not_null(figure, "no %s", figures[i]);
        while (fgetc(figure) != EOF) length++;
        cr_expect(length > 10000, "%s: %zu bytes", figures[i], length);
        fclose(figure);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/chess.md", directory);
    FILE *page = fopen(path, "r");
    cr_assert_not_null(page);
    size_t length;
    char *text = read_back(page, &length);
    static const char *const rows[] = {"| Maia-1 1100 | 0.350 | 0.221 | 0.67 | 2.64 | 7.6 | 60.7 |",
                                       "| Maia-1 1500 | 0.653 | 0.405 | 1.25 | 4.92 | 15.3 | 92.7 |",
                                       "| Maia-1 1900 | 0.373 | 0.143 | 0.65 | 4.46 | 15.7 | 69.7 |",
                                       "0.1 % is an LSE of 14.43, 5.1 % one of 10.45",
                                       "\nFIGURE chess_leak: ",
                                       "\nFIGURE chess_by: ",
                                       "\nFIGURE chess_scale: ",
                                       "| 151936 | a digit: 10 | 99.",
                                       "| multiply | f32 | 0 | 0 | 0.624 | 22.9 |"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect(strstr(text, rows[i]) != NULL, "expected '%s' in what maskproof leak --chess writes", rows[i]);
    cr_expect(strstr(text, " nan") == NULL && strstr(text, " inf ") == NULL, "a number that is none");
    free(text);
    unlink(path);
    rmdir(directory);
}
