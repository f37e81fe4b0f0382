/* exhibit - see exhibit.h.
   SPDX-License-Identifier: MIT */
#include "exhibit.h"
#include "paper.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 18, FIRST = 6 }; /* entries that are shown: all of so many, or the first */

const char *exhibit_decimal(const struct format *f, uint64_t word, char room[EXHIBIT_ROOM])
{
    double v = word_value(f, word);
    int digits = 1, exponent = 0;
    if (isnan(v)) return strcpy(room, "NaN");
    for (; digits <= 17; digits++) {
        snprintf(room, EXHIBIT_ROOM, "%.*e", digits - 1, v);
        if (word_nearest(f, strtod(room, NULL)) == word) break;
    }
    if (strchr(room, 'e') != NULL) exponent = atoi(strchr(room, 'e') + 1);
    if (v == 0 || exponent < -5 || exponent > 6 || isinf(v))
        snprintf(room, EXHIBIT_ROOM, "%.*g", digits, v);
    else
        snprintf(room, EXHIBIT_ROOM, "%.*f", digits > exponent + 1 ? digits - 1 - exponent : 0, v);
    return room;
}

static size_t count_valid(const struct line *line, size_t row, bool only_pinf)
{
    size_t count = 0;
    for (size_t i = row * line->n; i < (row + 1) * line->n; i++)
        count += line->mask[i] && (!only_pinf || line->x[i] == word_inf(line->format));
    return count;
}

const char *exhibit_due(const struct policy *policy, const struct line *line, size_t row, size_t i,
                        char room[EXHIBIT_ROOM])
{
    static const enum policy_key keys[] = {KEY_EMPTY, KEY_NAN, KEY_PINF, KEY_ALL_NINF};
    const struct format *f = line->format;
    enum row_class class = line_row_class(line, row);
    enum choice choice = class < CLASS_PLAIN ? policy->choice[keys[class]] : CHOICE_ZERO;
    size_t at = row * line->n + i;
    bool valid = line->mask[at], pinf = line->x[at] == word_inf(f);
    bool nan_masked = class == CLASS_EMPTY || policy->choice[KEY_MASKED] == CHOICE_NAN_ROWS_ALL_NAN;
    switch (choice) {
    case CHOICE_NAN: return valid || nan_masked ? "NaN" : "0";
    case CHOICE_LANE_NAN: return valid && (pinf || word_is_nan(f, line->x[at])) ? "NaN" : "0";
    case CHOICE_UNMASKED: return "as if unmasked";
    case CHOICE_ERROR: return "refused";
    case CHOICE_UNIFORM_ALL: snprintf(room, EXHIBIT_ROOM, "1/%zu", line->n); return room;
    case CHOICE_UNIFORM_VALID: snprintf(room, EXHIBIT_ROOM, "1/%zu", count_valid(line, row, false)); break;
    case CHOICE_LIMIT: snprintf(room, EXHIBIT_ROOM, "1/%zu", count_valid(line, row, true)); break;
    default: return "0";
    }
    return valid && (choice == CHOICE_UNIFORM_VALID || pinf) ? room : "0";
}

static void print_entry(const struct finding *f, const struct line *line, size_t e, const char *got)
{
    const struct format *format = line->format;
    struct policy policy = policy_default();
    char room[EXHIBIT_ROOM], error[300];
    uint64_t word;
    size_t r = e / line->n, width = format->digits == 16 ? 24 : 16;
    policy_apply(&policy, f->policy, error, sizeof error);
    printf("    %5zu  %-7s %-*s", e % line->n, line->mask[e] ? "valid" : "masked", (int)width,
           exhibit_decimal(format, line->x[e], room));
    if (line->dy != NULL) printf("%-*s", (int)width, exhibit_decimal(format, line->dy[e], room));
    if (word_parse(format, got, " ", &word)) got = exhibit_decimal(format, word, room);
    printf("%-*s", (int)width, got);
    if (line->class[r] == CLASS_PLAIN)
        puts(exhibit_decimal(format, line->answer[e].word, room));
    else
        puts(exhibit_due(&policy, line, r, e % line->n, room));
}

static void print_table(const struct finding *f, const struct line *line, char *result)
{
    int width = line->format->digits == 16 ? 24 : 16;
    char *got = strchr(result, '='), *next = NULL;
    got = got ? strtok_r(got + 1, " ", &next) : NULL;
    printf("    entry  mask    %-*s", width, "logit");
    if (line->dy != NULL) printf("%-*s", width, "dy");
    printf("%-*sright\n", width, "returns");
    for (size_t e = 0; e < line->rows * line->n; e++, got = strtok_r(NULL, " ", &next)) {
        if (e == FIRST && line->rows * line->n > MOST) {
            printf("    ... and %zu more\n", line->rows * line->n - e);
            break;
        }
        if (line->rows > 1 && e % line->n == 0) printf("    row %zu\n", e / line->n);
        print_entry(f, line, e, got ? got : "nothing");
        if (got == NULL) break;
    }
}

static void print_sentence(const struct finding *f, int op)
{
    char text[600], bugs[200];
    bug_spell(f->bugs, bugs);
    int used = snprintf(text, sizeof text, "the judge, row %zu of class %s, limit %g ulp, policy %s: %s", f->row,
                        f->class, f->max_ulp, f->policy, status_names[f->status]);
#define ADD(...) used += snprintf(text + used, sizeof text - (size_t)used, __VA_ARGS__)
    if (f->status == FAIL) ADD(", %s", f->bugs ? bugs : "without a known signature");
    if (isnan(f->ulp) || isnan(f->sum))
        ADD("; an entry is NaN");
    else if (strcmp(f->class, "plain") == 0)
        ADD("; largest error %.4g ulp, in entry %zu", f->ulp, f->at);
    if (op != LOG_SOFTMAX && f->leak != 0 && !isnan(f->leak)) ADD("; masked entries hold %.4g", f->leak);
    if (op == SOFTMAX && f->sum == -1)
        ADD("; the sum is 0");
    else if (op == SOFTMAX && !isnan(f->sum))
        ADD("; the sum is 1%+.3g", f->sum);
#undef ADD
    paper_text("%s", text);
}

void exhibit_print(const struct finding *f)
{
    struct line line = {0};
    char *answer = strdup(f->answer), *result = strdup(f->result ? f->result : "");
    if (answer == NULL || result == NULL) abort();
    if (line_parse_answer(&line, answer)) {
        paper_text("%s, %s %s: what %s returns", line.id, op_names[line.op], line.format->name,
                   f->subject ? f->subject : "such a program");
        print_table(f, &line, result);
        print_sentence(f, line.op);
    }
    line_free(&line);
    free(answer);
    free(result);
}

/* A result line as a command: many equal words are not written out. */
static void print_result_command(const char *result)
{
    const char *words = strchr(result, '=') + 2, *w = words;
    size_t length = strcspn(words, " "), count = 0;
    while (strncmp(w, words, length) == 0 && w[length] == ' ') {
        w += length + 1;
        count++;
    }
    if (count > FIRST && strncmp(w, words, length) == 0)
        paper_command("echo %.*s $(yes %.*s | head -n %zu) | maskproof judge a", (int)(words - 1 - result), result,
                      (int)length, words, count + 1);
    else
        paper_command("echo %s | maskproof judge a", result);
}

void exhibit_again(const struct finding *f, const char *source)
{
    char made[300], id[120] = "", format[8] = "", op[16] = "";
    sscanf(f->answer, "%119s %15s %7s", id, op, format);
    if (source == NULL) {
        bool plain = strcmp(op, "softmax") == 0;
        snprintf(made, sizeof made, "maskproof gen %s %s%s%s --id %s", f->suite, format, plain ? "" : " --op ",
                 plain ? "" : op, id);
        source = made;
    }
    paper_command("%s | maskproof truth > a", source);
    if (f->subject != NULL)
        paper_command("maskproof run %s a | maskproof judge a --max-ulp %g --policy %s", f->subject, f->max_ulp,
                      f->policy);
    else
        print_result_command(f->result);
}
