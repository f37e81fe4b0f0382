/* test_line - the grammar, read and written: every line comes back byte for byte, whatever its format and shape.
   SPDX-License-Identifier: MIT */
#include "line.h"
#include "random.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 5, MOST_N = 40, MOST = MOST_ROWS * MOST_N };

/* A random line as the test itself spells it, and what it says. */
struct spelled {
    char *text;
    int op;
    const struct format *format;
    size_t rows, n, words;
    unsigned char mask[MOST];
    uint64_t word[2 * MOST];
    struct answer answer[MOST];
};

static void spell_answers(FILE *out, struct spelled *s, uint64_t *state)
{
    const struct format *f = s->format;
    for (size_t r = 0; r < s->rows; r++) {
        fputs(r == 0 ? " =" : " /", out);
        bool valid = false, nan = false, pinf = false, finite = false;
        for (size_t i = r * s->n; i < (r + 1) * s->n; i++) {
            if (!s->mask[i]) continue;
            valid = true;
            nan =
                nan || word_is_nan(f, s->word[i]) || (s->op == VJP && !word_is_finite(f, s->word[s->rows * s->n + i]));
            pinf = pinf || s->word[i] == word_inf(f);
            finite = finite || word_is_finite(f, s->word[i]);
        }
        const char *name = !valid ? "empty" : nan ? "nan" : pinf ? "pinf" : !finite ? "all-ninf" : NULL;
        if (name != NULL) fprintf(out, " %s", name);
        for (size_t i = r * s->n; i < (r + 1) * s->n && name == NULL; i++) {
            struct answer *a = &s->answer[i];
            *a = (struct answer){random_finite_word(state, f), (int)random_below(state, 3) - 1, 0};
            uint64_t minus_inf = word_inf(f) | word_sign_bit(f);
            if (!s->mask[i]) /* no other answer is taken */
                *a = (struct answer){s->op == LOG_SOFTMAX ? minus_inf : 0, 0, 0};
            fprintf(out, " %0*llx", (int)f->digits, (unsigned long long)a->word);
            if (a->side == 0) continue;
            a->millionths = random_below(state, 5) ? (int)random_below(state, 500001) : 0;
            fprintf(out, "%c.%06d", a->side > 0 ? '+' : '-', a->millionths);
        }
    }
}

static void spell(struct spelled *s, uint64_t *state, bool answers)
{
    static const char *const ops[] = {"softmax", "log_softmax", "vjp"}, *const names[] = {"f64", "f32", "bf16", "f16"};
    size_t length;
    FILE *out = open_memstream(&s->text, &length);
    int format = (int)random_below(state, FORMATS);
    s->op = (int)random_below(state, OPS);
    s->format = &formats[format];
    s->rows = 1 + random_below(state, MOST_ROWS);
    s->n = 1 + random_below(state, MOST_N);
    s->words = s->rows * s->n * (s->op == VJP ? 2 : 1);
    fprintf(out, "slug-%llx %s %s ", (unsigned long long)random_bits(state), ops[s->op], names[format]);
    size_t density = 1 + random_below(state, 4);
    for (size_t i = 0; i < s->rows * s->n; i++) {
        s->mask[i] = random_below(state, 4) < density;
        if (i > 0 && i % s->n == 0) putc('/', out);
        putc('0' + s->mask[i], out);
    }
    uint64_t minus_inf = word_inf(s->format) | word_sign_bit(s->format);
    enum { ALL_NINF, ALL_FINITE, SOME_SPECIAL, ANYTHING, KINDS };
    size_t kind = random_below(state, KINDS);
    for (size_t i = 0; i < s->words; i++) {
        s->word[i] = kind == ANYTHING ? random_word(state, s->format) : random_finite_word(state, s->format);
        if (kind == ALL_NINF) s->word[i] = minus_inf;
        if (kind == SOME_SPECIAL && random_below(state, s->n) == 0)
            s->word[i] = random_below(state, 3) ? word_inf(s->format) : word_quiet_nan(s->format);
        fprintf(out, " %0*llx", (int)s->format->digits, (unsigned long long)s->word[i]);
    }
    if (answers) spell_answers(out, s, state);
    fclose(out);
}

static void check_fields(const struct line *line, const struct spelled *s)
{
    cr_assert(line->op == s->op && line->format == s->format && line->rows == s->rows && line->n == s->n, "%s",
              s->text);
    cr_assert(strncmp(line->id, s->text, strlen(line->id)) == 0 && s->text[strlen(line->id)] == ' ', "%s", s->text);
    for (size_t i = 0; i < s->rows * s->n; i++) {
        cr_assert(line->mask[i] == s->mask[i] && line->x[i] == s->word[i], "entry %zu of %s", i, s->text);
        if (s->op == VJP) cr_assert(line->dy[i] == s->word[s->rows * s->n + i], "dy of entry %zu of %s", i, s->text);
    }
    cr_assert((line->dy != NULL) == (s->op == VJP), "%s", s->text);
}

static void check_written(const struct line *line, const char *expected, void (*write)(FILE *, const struct line *))
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    write(out, line);
    fclose(out);
    cr_assert(strcmp(text, expected) == 0, "expected %s\nfound    %s", expected, text);
    free(text);
}

static void write_first_word(FILE *out, const struct line *line) { line_write_word(out, line->format, line->x[0]); }

Test(line, cases_come_back)
{
    struct line line = {0};
    uint64_t state = 1;
    for (int turn = 0; turn < 4000; turn++) {
        struct spelled s;
        spell(&s, &state, false);
        char *copy = strdup(s.text);
        cr_assert(line_parse_case(&line, copy), "%s\n%s", s.text, line.error);
        check_fields(&line, &s);
        check_written(&line, s.text, line_write_case);
        char word[20];
        snprintf(word, sizeof word, "%0*llx", (int)s.format->digits, (unsigned long long)s.word[0]);
        check_written(&line, word, write_first_word);
        free(copy);
        free(s.text);
    }
    line_free(&line);
}

Test(line, answers_come_back)
{
    struct line line = {0};
    uint64_t state = 2;
    size_t classes[CLASSES] = {0};
    for (int turn = 0; turn < 4000; turn++) {
        struct spelled s;
        spell(&s, &state, true);
        char *copy = strdup(s.text);
        cr_assert(line_parse_answer(&line, copy), "%s\n%s", s.text, line.error);
        check_fields(&line, &s);
        for (size_t r = 0; r < line.rows; r++) {
            classes[line.class[r]]++;
            cr_assert(line_row_class(&line, r) == line.class[r], "row %zu of %s", r, s.text);
            for (size_t i = r * s.n; i < (r + 1) * s.n && line.class[r] == CLASS_PLAIN; i++)
                cr_assert(memcmp(&line.answer[i], &s.answer[i], sizeof s.answer[i]) == 0, "entry %zu of %s", i, s.text);
        }
        check_written(&line, s.text, line_write_answer);
        strcpy(copy, s.text); /* the reader of cases sees the case in it, and no more */
        cr_assert(line_parse_case(&line, copy), "%s\n%s", s.text, line.error);
        check_fields(&line, &s);
        *strstr(s.text, " = ") = '\0';
        check_written(&line, s.text, line_write_case);
        free(copy);
        free(s.text);
    }
    for (int c = 0; c < CLASSES; c++) cr_assert(classes[c] > 50, "too few rows of class %s", class_names[c]);
    line_free(&line);
}

static uint64_t fnv1a(const char *text)
{
    uint64_t h = 0xcbf29ce484222325;
    for (; *text != '\0'; text++) h = (h ^ (unsigned char)*text) * 0x100000001b3;
    return h;
}

/* The two pinned numbers were computed by other means (Python); ids in stored files rest on them. */
Test(line, hash_is_fnv_1a_of_the_text_after_the_id)
{
    struct line line = {0};
    char article[] = "any-id softmax f32 10110 3f9e24dd be2f1aa0 bf291d15 be51eb85 bfbc0831";
    char batch[] = "x vjp f16 10/01 3c00 4000 4200 4400 4500 4600 4700 4800";
    cr_assert(line_parse_case(&line, article), "%s", line.error);
    cr_assert(line_hash(&line) == 0x932729e308940d32, "%llx", (unsigned long long)line_hash(&line));
    cr_assert(line_parse_case(&line, batch), "%s", line.error);
    cr_assert(line_hash(&line) == 0xa410a8aa25fada13, "%llx", (unsigned long long)line_hash(&line));
    uint64_t state = 3;
    for (int turn = 0; turn < 500; turn++) {
        struct spelled s;
        spell(&s, &state, false);
        uint64_t expected = fnv1a(strchr(s.text, ' ') + 1);
        cr_assert(line_parse_case(&line, s.text), "%s", line.error);
        cr_assert(line_hash(&line) == expected, "%s: expected %llx", line.id, (unsigned long long)expected);
        free(s.text);
    }
    line_free(&line);
}

Test(line, blanks_do_not_matter)
{
    static const char *const same[] = {
        "a softmax f32 10 3f800000 40000000",
        "a softmax f32 10 3f800000 40000000\r",
        "\ta\tsoftmax\tf32\t10\t3f800000\t40000000",
        "  a  softmax   f32 10 3f800000 40000000   ",
        "a softmax f32 10 3f800000 40000000 =",
        "a softmax f32 10 3f800000 40000000\t=\twhat follows / is = ignored",
        "a softmax f32 10 3f800000 40000000 = 3f800000 00000000\r",
    };
    struct line line = {0};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        char text[200];
        strcpy(text, same[i]);
        cr_assert(line_parse_case(&line, text), "'%s': %s", same[i], line.error);
        check_written(&line, same[0], line_write_case);
    }
    char answer[] =
        " a softmax\tf32 10/01 3f800000 40000000 3f800000 40000000 =  3f800000\t00000000 / 00000000 3f800000 \r";
    cr_assert(line_parse_answer(&line, answer), "%s", line.error);
    cr_assert(line.rows == 2 && line.answer[0].word == 0x3f800000 && line.answer[3].word == 0x3f800000);
    line_free(&line);
}

/* Comments, blank lines, CRLF and a last line without its end. */
Test(line, a_source_gives_the_cases_of_a_file)
{
    char file[] = "# maskproof line 1\n\n \t\r\na softmax f16 1 3c00\r\n#b softmax f16 1 3c00\n\n"
                  "c softmax f16 1 4000 = 3c00\nd softmax f16 0 0000";
    static const char *const ids[] = {"a", "c", "d"};
    static const size_t numbers[] = {4, 7, 8};
    struct source s = {.file = fmemopen(file, sizeof file - 1, "r"), .name = "test"};
    struct line line = {0};
    char *comments;
    size_t length;
    FILE *comment = open_memstream(&comments, &length);
    for (int i = 0; i < 3; i++) {
        cr_assert(source_case(&s, &line, comment), "case %d", i);
        cr_assert(strcmp(line.id, ids[i]) == 0 && s.number == numbers[i], "case %d is %s on line %zu", i, line.id,
                  s.number);
    }
    cr_assert(!source_case(&s, &line, comment));
    fclose(comment);
    cr_assert_str_eq(comments, "# maskproof line 1\n#b softmax f16 1 3c00\n");
    free(comments);
    line_free(&line);
    source_close(&s);
}

/* The bound of the grammar is n <= 2^24; a quarter and a whole million show that the reader has no other. */
Test(line, long_rows)
{
    struct line line = {0};
    for (size_t n = 250000; n <= 1000000; n *= 4) {
        char *text;
        size_t length;
        FILE *out = open_memstream(&text, &length);
        fputs("long softmax f16 ", out);
        for (size_t i = 0; i < n; i++) putc('0' + (i % 3 == 0), out);
        for (size_t i = 0; i < n; i++) fprintf(out, " %04zx", i % 0x7c00);
        fputs(" =", out);
        for (size_t i = 0; i < n; i++) fprintf(out, i % 3 == 0 ? " %04zx+.%06zu" : " 0000", i % 0x3c00, i % 500000);
        fclose(out);
        char *copy = strdup(text);
        cr_assert(line_parse_answer(&line, copy), "%s", line.error);
        cr_assert(line.rows == 1 && line.n == n, "expected 1 row of %zu, found %zu of %zu", n, line.rows, line.n);
        for (size_t i = 0; i < n; i++) {
            bool right = line.mask[i] == (i % 3 == 0) && line.x[i] == i % 0x7c00;
            struct answer expected = {i % 3 ? 0 : i % 0x3c00, i % 3 == 0, i % 3 ? 0 : (int)(i % 500000)};
            if (!right || memcmp(&line.answer[i], &expected, sizeof expected) != 0) cr_assert_fail("entry %zu", i);
        }
        check_written(&line, text, line_write_answer);
        free(copy);
        free(text);
    }
    line_free(&line);
}

Test(line, many_rows)
{
    enum { ROWS = 100000 };
    struct line line = {0};
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    fputs("column softmax bf16 1", out);
    for (int i = 1; i < ROWS; i++) fputs("/1", out);
    for (int i = 0; i < ROWS; i++) fputs(" 3f80", out);
    fputs(" = 3f80", out);
    for (int i = 1; i < ROWS; i++) fputs(" / 3f80", out);
    fclose(out);
    cr_assert(line_parse_answer(&line, text), "%s", line.error);
    cr_assert(line.rows == ROWS && line.n == 1);
    free(text);
    line_free(&line);
}

/* Good lines, damaged byte by byte: each is refused with the word "expected", or is another good line. */
Test(line, damage_is_named_or_makes_another_line)
{
    struct line line = {0};
    uint64_t state = 4;
    size_t refused = 0;
    for (int turn = 0; turn < 40000; turn++) {
        static const char bytes[] = "0123456789abcdef01/=+-. xg#\tA\x80";
        struct spelled s;
        spell(&s, &state, true);
        size_t length = strlen(s.text), at = random_below(&state, length);
        char *damaged = malloc(length + 2);
        strcpy(damaged, s.text);
        switch (random_below(&state, 4)) {
        case 0: damaged[at] = '\0'; break;                                           /* cut */
        case 1: memmove(damaged + at, damaged + at + 1, length - at); break;         /* one byte less */
        case 2: memmove(damaged + at + 1, damaged + at, length - at + 1); break;     /* one byte twice */
        default: damaged[at] = bytes[random_below(&state, sizeof bytes - 1)]; break; /* another byte */
        }
        char *copy = strdup(damaged);
        line.error[0] = '\0';
        if (!line_parse_answer(&line, copy)) {
            refused++;
            cr_assert(strncmp(line.error, "expected ", 9) == 0 && strlen(line.error) > 15, "%s\n%s", damaged,
                      line.error);
        } else if (strpbrk(damaged, "\t") == NULL && strstr(damaged, "  ") == NULL) {
            size_t end = strlen(damaged);
            while (damaged[end - 1] == ' ') damaged[--end] = '\0';
            check_written(&line, damaged + strspn(damaged, " "), line_write_answer);
        }
        free(copy);
        free(damaged);
        free(s.text);
    }
    cr_assert(refused > 20000, "only %zu were refused", refused);
    line_free(&line);
}

/* The prefix of an answer is never an answer with fewer rows or words. */
Test(line, every_truncation_is_noticed)
{
    const char *whole =
        "article-5 softmax f32 10110/11110 3f9e24dd be2f1aa0 bf291d15 be51eb85 bfbc0831 3f9e24dd be2f1aa0 "
        "bf291d15 be51eb85 bfbc0831 = 3f389376-.009091 00000000 3dddb79e+.307950 3e2ed659-.117607 "
        "00000000 / 3f389376-.009091 00000000 3dddb79e+.307950 3e2ed659-.117607 00000000";
    size_t length = strlen(whole), words_end = (size_t)(strstr(whole, " = ") - whole);
    struct line line = {0};
    for (size_t cut = 0; cut <= length; cut++) {
        char *text = strdup(whole);
        text[cut] = '\0';
        bool is_case = line_parse_case(&line, text);
        cr_assert(is_case == (cut >= words_end), "case cut after %zu bytes", cut);
        strcpy(text, whole);
        text[cut] = '\0';
        cr_assert(line_parse_answer(&line, text) == (cut == length), "answer cut after %zu bytes", cut);
        free(text);
    }
    line_free(&line);
}

/* The longest row is no error, one more is; and what a message counts is counted from where it says. */
Test(line, messages_to_the_byte)
{
    static const struct {
        const char *what, *text, *error;
    } rows[] = {
        {"no words", "a softmax f16 11", "expected 2 words, found 0"},
        {"a word too many", "a softmax f16 11 3c00 3c00 3c01", "expected 2 words, found one more: '3c01'"},
        {"a bad word", "a softmax f16 11 3c00 3c0",
         "expected word 2 to be 4 lower-case hex digits of f16, found '3c0'"},
        {"an empty row", "a softmax f16 11//11 3c00", "expected a mask entry in row 1, found an empty row"},
        {"a short row", "a softmax f16 11/1/11 3c00", "expected 2 mask entries in row 1 as in row 0, found 1"},
        {"no mask", "a softmax f16 1x1 3c00", "expected mask entries 0 or 1, found 'x1' at position 1"},
        {"too few answers", "a softmax f16 11/11 3c00 3c00 3c00 3c00 = 3800 3800 / 3800",
         "expected 2 answers in row 1, found 1"},
        {"a bad answer", "a softmax f16 11 3c00 3c00 = 3800 380",
         "expected answer 2 of row 0 to be a f16 word and frac like +.307950, found '380'"},
        {"a frac too large", "a softmax f16 11 3c00 3c00 = 3800+.500001 3800",
         "expected answer 1 of row 0 to be a f16 word and frac like +.307950, found '3800+.500001'"},
        {"weight under the mask", "a softmax f16 101 3c00 3c00 3c00 = 3800 0001 3800",
         "expected answer 2 of row 0 to be a bare zero, for it is masked, found '0001'"},
        {"a frac under the mask", "a log_softmax f16 10 3c00 3c00 = 0000 fc00-.100000",
         "expected answer 2 of row 0 to be a bare -inf, for it is masked, found 'fc00-.100000'"},
        {"another class", "a softmax f16 00 3c00 3c00 = nan", "expected row 0 to be of class empty, found 'nan'"},
        {"no class", "a softmax f16 00 3c00 3c00 = 0000 0000",
         "expected row 0 to be the class name empty, found '0000'"},
        {"a class of a plain row", "a softmax f16 11 3c00 3c00 = all-ninf",
         "expected row 0 to be of class plain, found 'all-ninf'"},
        {"no end", "a softmax f16 11 3c00 3c00 = 3800 3800 / 3800", "expected the line to end after row 0, found '/'"},
        {"no second row", "a softmax f16 1/1 3c00 3c00 = 3c00", "expected '/' after row 0, found the end of the line"},
        {"no '/'", "a softmax f16 1/1 3c00 3c00 = 3c00 3c00", "expected '/' after row 0, found 3c00"},
    };
    struct line line = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[200];
        snprintf(text, sizeof text, "%s", rows[i].text);
        cr_assert(!line_parse_answer(&line, text), "%s", rows[i].what);
        cr_assert_str_eq(line.error, rows[i].error, "%s: expected \"%s\", found \"%s\"", rows[i].what, rows[i].error,
                         line.error);
    }
    size_t length = LINE_MAX_N + 30;
    for (size_t n = LINE_MAX_N; n <= LINE_MAX_N + 1; n++) {
        char *text = malloc(length), *mask = text + snprintf(text, length, "long softmax f16 ");
        memset(mask, '1', n);
        mask[n] = '\0';
        cr_assert(!line_parse_case(&line, text));
        cr_assert_str_eq(line.error, n == LINE_MAX_N ? "expected 16777216 words, found 0"
                                                     : "expected at most 16777216 entries in a row, found 16777217");
        free(text);
    }
    line_free(&line);
}

Test(line, a_frac_of_one_half_is_the_largest)
{
    struct line line = {0};
    char text[] = "a softmax f16 11 3c00 3c00 = 3800+.500000 3800-.500000";
    cr_assert(line_parse_answer(&line, text), "%s", line.error);
    cr_assert(line.answer[0].millionths == 500000 && line.answer[1].side == -1);
    line_free(&line);
}

/* A damaged line read from a file is never handed on. */
static void read_one(const char *text, bool answer)
{
    struct source s = {.file = tmpfile(), .name = "damaged"};
    struct line line = {0};
    fputs(text, s.file);
    rewind(s.file);
    cr_redirect_stderr();
    bool more = answer ? source_answer(&s, &line) : source_case(&s, &line, NULL);
    _Exit(more ? 3 : 4);
}
Test(line, a_damaged_answer_ends_the_program, .exit_code = 2) { read_one("a softmax f16 1 3c00 = 3c0\n", true); }
Test(line, a_damaged_case_ends_the_program, .exit_code = 2) { read_one("a softmax f16 1 3c0\n", false); }
