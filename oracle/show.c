/* show - any line of the grammar in decimals and hex floats, for people.
   SPDX-License-Identifier: MIT */
#include "verb.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *path = "-";
static const struct format *format = &formats[F32];

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case 'f':
        format = format_named(arg);
        if (format == NULL) argp_error(state, "expected format f64, f32, bf16 or f16, found '%s'", arg);
        break;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0) argp_error(state, "expected at most one file, found '%s'", arg);
        path = arg;
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option rows[] = {
    {"format", 'f', "FORMAT", 0, "of the words of 4 digits in result lines: bf16 or f16 (others show by their length)",
     0},
    {0},
};

static const struct argp argp = {.options = rows,
                                 .parser = parse,
                                 .args_doc = "[FILE]",
                                 .doc =
                                     "Print case, answer and result lines in decimals and hex floats, one entry a line."
                                     "\vExamples:\n"
                                     "  maskproof gen edges f32 | maskproof show | less\n"
                                     "  maskproof gen article f32 | maskproof truth | maskproof show\n"
                                     "  maskproof gen article f16 | maskproof run where | maskproof show -f f16"};

static void print_value(const struct format *f, uint64_t word)
{
    double v = word_value(f, word);
    /* As many digits as tell every word of the format from its neighbours. */
    int digits = f->precision == 53 ? 17 : f->precision == 24 ? 9 : f->precision == 11 ? 5 : 4;
    printf("%-24.*g %-22a ", digits, v, v);
    line_write_word(stdout, f, word);
}

static void print_case(const struct line *line, bool with_answers)
{
    const struct format *f = line->format;
    printf("%s  %s %s, %zu row%s of %zu\n", line->id, op_names[line->op], f->name, line->rows,
           line->rows == 1 ? "" : "s", line->n);
    for (size_t r = 0; r < line->rows; r++) {
        enum row_class class = line_row_class(line, r);
        printf("  row %zu, class %s\n", r, class_names[class]);
        for (size_t i = r * line->n; i < (r + 1) * line->n; i++) {
            printf("    %4zu %-6s ", i - r * line->n, line->mask[i] ? "valid" : "masked");
            print_value(f, line->x[i]);
            if (line->dy != NULL) {
                printf("  dy ");
                print_value(f, line->dy[i]);
            }
            if (with_answers && class == CLASS_PLAIN) {
                const struct answer *a = &line->answer[i];
                printf("  p = ");
                print_value(f, a->word);
                if (a->side != 0) printf(" %c0.%06d ulp", a->side > 0 ? '+' : '-', a->millionths);
            }
            putchar('\n');
        }
    }
}

static void print_result(const struct source *s, char *text)
{
    const char *id = strtok(text, " \t\r"), *equals = strtok(NULL, " \t\r"), *t = strtok(NULL, " \t\r");
    if (equals == NULL || strcmp(equals, "=") != 0)
        source_fail(s, "expected a case, an answer, or a result line 'id = word...'");
    printf("%s  result\n", id);
    for (size_t i = 0; t != NULL; i++, t = strtok(NULL, " \t\r")) {
        size_t digits = strlen(t);
        const struct format *f = digits == 16 ? &formats[F64] : digits == 8 ? &formats[F32] : format;
        uint64_t word;
        if (i == 0 && (strcmp(t, "skip") == 0 || strcmp(t, "error") == 0)) {
            printf("    %s\n", t);
            continue;
        }
        if (digits == 4 && f->digits != 4) f = &formats[F16];
        if (!word_parse(f, t, "", &word)) source_fail(s, "expected words of 16, 8 or 4 lower-case hex digits");
        printf("    %4zu ", i);
        print_value(f, word);
        putchar('\n');
    }
}

int main(int argc, char **argv)
{
    struct source s;
    struct line line = {0};
    verb_parse(&argp, argc, argv);
    verb_open(&s, path);
    while (source_next(&s)) {
        if (s.text[strspn(s.text, " \t\r")] == '\0') continue;
        if (s.text[0] == '#') {
            puts(s.text);
            continue;
        }
        /* A result has its '=' second, an answer behind the words, a case has none. */
        size_t id = strcspn(s.text, " \t"), gap = strspn(s.text + id, " \t");
        bool is_answer = strstr(s.text, " = ") != NULL;
        if (s.text[id + gap] == '=') {
            print_result(&s, s.text);
            continue;
        }
        if (!(is_answer ? line_parse_answer(&line, s.text) : line_parse_case(&line, s.text)))
            source_fail(&s, line.error);
        print_case(&line, is_answer);
    }
    line_free(&line);
    source_close(&s);
    finish(0);
}
