/* line - see line.h.  One pass over the text; every array grows to what the mask says, never to what it claims.
   SPDX-License-Identifier: MIT */
#include "line.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *const op_names[OPS] = {"softmax", "log_softmax", "vjp"};
const char *const class_names[CLASSES] = {"empty", "nan", "pinf", "all-ninf", "plain"};

/* What a byte is: a hex digit's value and one, a blank, the end of the text; else 0. */
enum { BLANK = 17, END };
static const unsigned char byte_kind[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,     ['3'] = 4,      ['4'] = 5,      ['5'] = 6,    ['6'] = 7,
    ['7'] = 8,  ['8'] = 9,  ['9'] = 10,    ['a'] = 11,     ['b'] = 12,     ['c'] = 13,   ['d'] = 14,
    ['e'] = 15, ['f'] = 16, [' '] = BLANK, ['\t'] = BLANK, ['\r'] = BLANK, ['\0'] = END,
};

static unsigned kind(char c) { return byte_kind[(unsigned char)c]; }

char *line_token(char **text)
{
    char *start = *text;
    while (kind(*start) == BLANK) start++;
    if (*start == '\0') return NULL;
    char *end = start;
    while (kind(*end) < BLANK) end++;
    *text = *end == '\0' ? end : end + 1;
    *end = '\0';
    return start;
}

__attribute__((format(printf, 2, 3))) static bool expected(struct line *line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(line->error, sizeof line->error, format, args);
    va_end(args);
    return false;
}

/* The word at `text`; returns what follows it, NULL if there is none.  Words are nearly all of every file, and a table
   takes them digit by digit in one step, where to find the token's end and then compare took two. */
static const char *read_word(const struct format *f, const char *text, uint64_t *word)
{
    uint64_t w = 0;
    for (const char *end = text + f->digits; text < end; text++) {
        unsigned digit = kind(*text) - 1;
        if (digit > 15) return NULL;
        w = w << 4 | digit;
    }
    *word = w;
    return text;
}

bool word_parse(const struct format *f, const char *token, const char *stops, uint64_t *word)
{
    const char *after = read_word(f, token, word);
    return after != NULL && (*after == '\0' || strchr(stops, *after) != NULL);
}

bool line_next_word(const struct format *f, char **text, uint64_t *word)
{
    char *start = *text;
    while (kind(*start) == BLANK) start++;
    const char *after = read_word(f, start, word);
    if (after == NULL || kind(*after) < BLANK) return false;
    *text = start + f->digits;
    return true;
}

static void *grow(void *old, size_t count, size_t size)
{
    void *new = realloc(old, (count ? count : 1) * size);
    if (new == NULL) {
        fprintf(stderr, "maskproof: out of memory for %zu entries\n", count);
        exit(2);
    }
    return new;
}

static void reserve(struct line *line, size_t rows, size_t entries)
{
    if (entries > line->capacity) {
        line->capacity = entries;
        line->mask = grow(line->mask, entries, sizeof *line->mask);
        line->words = grow(line->words, entries, 2 * sizeof *line->words);
        line->answer = grow(line->answer, entries, sizeof *line->answer);
    }
    if (rows > line->row_capacity) {
        line->row_capacity = rows;
        line->class = grow(line->class, rows, sizeof *line->class);
    }
}

void line_free(struct line *line)
{
    free(line->mask);
    free(line->words);
    free(line->answer);
    free(line->class);
    *line = (struct line){0};
}

/* The mask gives the shape: "101/110" is two rows of three. */
static bool parse_mask(struct line *line, const char *text)
{
    const char *slash = strchr(text, '/');
    size_t length = strlen(text), rows = 1, n = slash ? (size_t)(slash - text) : length;
    for (; slash != NULL; slash = strchr(slash + 1, '/')) rows++;
    if (n > LINE_MAX_N) return expected(line, "expected at most %lu entries in a row, found %zu", LINE_MAX_N, n);
    reserve(line, rows, length);
    size_t row = 0, column = 0, entry = 0;
    for (size_t i = 0; i <= length; i++) {
        char c = text[i];
        if (c == '0' || c == '1') {
            line->mask[entry++] = c == '1';
            column++;
        } else if (c == '/' || c == '\0') {
            if (column == 0) return expected(line, "expected a mask entry in row %zu, found an empty row", row);
            if (column != n)
                return expected(line, "expected %zu mask entries in row %zu as in row 0, found %zu", n, row, column);
            row++;
            column = 0;
        } else {
            return expected(line, "expected mask entries 0 or 1, found '%.20s' at position %zu", text + i, i);
        }
    }
    line->rows = rows;
    line->n = n;
    return true;
}

static bool parse_head(struct line *line, char **text)
{
    static const char *const fields[] = {"an id", "an op", "a format", "a mask"};
    char *field[4];
    for (int i = 0; i < 4; i++) {
        field[i] = line_token(text);
        if (field[i] == NULL || field[i][0] == '=')
            return expected(line, "expected %s, found %s (a case is: id op format mask word...)", fields[i],
                            field[i] ? "'='" : "the end of the line");
    }
    line->id = field[0];
    for (line->op = 0; line->op < OPS; line->op++)
        if (strcmp(field[1], op_names[line->op]) == 0) break;
    if (line->op == OPS) return expected(line, "expected op softmax, log_softmax or vjp, found '%.40s'", field[1]);
    line->format = format_named(field[2]);
    if (line->format == NULL) return expected(line, "expected format f64, f32, bf16 or f16, found '%.40s'", field[2]);
    return parse_mask(line, field[3]);
}

/* id, op, format, mask and words; leaves *text after the '=' if there is one. */
static bool parse_case(struct line *line, char **text, bool *equals)
{
    if (!parse_head(line, text)) return false;
    const struct format *f = line->format;
    size_t entries = line->rows * line->n, words = line->op == VJP ? 2 * entries : entries, found = 0;
    *equals = false;
    while (found < words && line_next_word(f, text, &line->words[found])) found++;
    char *t = line_token(text); /* the '=', or what is wrong */
    if (t != NULL && t[0] == '=' && t[1] == '\0')
        *equals = true;
    else if (t != NULL && found == words)
        return expected(line, "expected %zu words, found one more: '%.40s'", words, t);
    else if (t != NULL)
        return expected(line, "expected word %zu to be %u lower-case hex digits of %s, found '%.40s'", found + 1,
                        f->digits, f->name, t);
    if (found != words) return expected(line, "expected %zu words, found %zu", words, found);
    line->x = line->words;
    line->dy = line->op == VJP ? line->words + entries : NULL;
    return true;
}

bool line_parse_case(struct line *line, char *text)
{
    bool equals;
    return parse_case(line, &text, &equals);
}

/* "+.307950" after a word; a bare word is exact.  Returns what follows, NULL if it is neither. */
static const char *read_frac(const char *text, struct answer *a)
{
    a->side = 0;
    a->millionths = 0;
    if (text[0] != '+' && text[0] != '-') return text;
    if (text[1] != '.') return NULL;
    a->side = text[0] == '+' ? 1 : -1;
    for (int i = 2; i < 8; i++) {
        if (text[i] < '0' || text[i] > '9') return NULL;
        a->millionths = 10 * a->millionths + (text[i] - '0');
    }
    return a->millionths <= 500000 ? text + 8 : NULL; /* the word is the nearest one */
}

/* The word and frac that come next; returns what follows them, NULL if something else comes. */
static char *read_answer(const struct format *f, char *text, struct answer *a)
{
    while (kind(*text) == BLANK) text++;
    const char *after = read_word(f, text, &a->word);
    if (after != NULL) after = read_frac(after, a);
    bool ends = after != NULL && kind(*after) >= BLANK;
    return ends && !word_is_nan(f, a->word) ? text + (after - text) : NULL; /* no real value rounds to NaN */
}

/* A row of class `is` without a distribution is its name. */
static bool parse_class_name(struct line *line, size_t r, enum row_class is, const char *t)
{
    for (int c = 0; c < CLASS_PLAIN; c++) {
        if (strcmp(t, class_names[c]) != 0) continue;
        line->class[r] = (enum row_class)c;
        if (is == line->class[r]) return true;
        return expected(line, "expected row %zu to be of class %s, found '%s'", r, class_names[is], t);
    }
    if (is != CLASS_PLAIN)
        return expected(line, "expected row %zu to be the class name %s, found '%.40s'", r, class_names[is], t);
    return expected(line, "expected answer 1 of row %zu to be a %s word and frac like +.307950, found '%.40s'", r,
                    line->format->name, t);
}

static bool parse_answer_row(struct line *line, size_t r, char **text)
{
    const struct format *f = line->format;
    struct answer *a = line->answer + r * line->n;
    const unsigned char *mask = line->mask + r * line->n;
    uint64_t masked_word = line_masked_word(line);
    enum row_class is = line_row_class(line, r);
    line->class[r] = CLASS_PLAIN;
    for (size_t i = 0; i < line->n; i++) {
        char *after = read_answer(f, *text, &a[i]);
        bool ok = after != NULL && is == CLASS_PLAIN;
        if (ok && (mask[i] || (a[i].word == masked_word && a[i].side == 0))) {
            *text = after;
            continue;
        }
        char *t = line_token(text); /* a class name, or what is wrong */
        if (t == NULL) return expected(line, "expected %zu answers in row %zu, found %zu", line->n, r, i);
        if (ok)
            return expected(line, "expected answer %zu of row %zu to be a bare %s, for it is masked, found '%.40s'",
                            i + 1, r, line->op == LOG_SOFTMAX ? "-inf" : "zero", t);
        if (i == 0) return parse_class_name(line, r, is, t);
        return expected(line, "expected answer %zu of row %zu to be a %s word and frac like +.307950, found '%.40s'",
                        i + 1, r, f->name, t);
    }
    return true;
}

bool line_parse_answer(struct line *line, char *text)
{
    bool equals;
    if (!parse_case(line, &text, &equals)) return false;
    if (!equals) return expected(line, "expected an answer: '= ' and the words after the case");
    for (size_t r = 0; r < line->rows; r++) {
        if (!parse_answer_row(line, r, &text)) return false;
        char *t = line_token(&text);
        bool last = r + 1 == line->rows;
        if (last && t != NULL) return expected(line, "expected the line to end after row %zu, found '%.40s'", r, t);
        if (!last && (t == NULL || strcmp(t, "/") != 0))
            return expected(line, "expected '/' after row %zu, found %s%.40s", r, t ? "" : "the end of the line",
                            t ? t : "");
    }
    return true;
}

enum row_class row_class(const struct format *f, size_t n, const uint64_t *x, const uint64_t *dy,
                         const unsigned char *mask)
{
    bool valid = false, nan = false, pinf = false, above_ninf = false;
    for (size_t i = 0; i < n; i++) {
        if (!mask[i]) continue;
        valid = true;
        if (word_is_nan(f, x[i]) || (dy != NULL && !word_is_finite(f, dy[i])))
            nan = true;
        else if (x[i] == word_inf(f))
            pinf = true;
        else if (word_is_finite(f, x[i]))
            above_ninf = true;
    }
    if (!valid) return CLASS_EMPTY;
    if (nan) return CLASS_NAN;
    if (pinf) return CLASS_PINF;
    return above_ninf ? CLASS_PLAIN : CLASS_ALL_NINF;
}

enum row_class line_row_class(const struct line *line, size_t r)
{
    size_t at = r * line->n;
    return row_class(line->format, line->n, line->x + at, line->dy ? line->dy + at : NULL, line->mask + at);
}

uint64_t line_masked_word(const struct line *line)
{
    const struct format *f = line->format;
    return line->op == LOG_SOFTMAX ? word_inf(f) | word_sign_bit(f) : 0;
}

/* --- writing --- */

/* What is spelled, gathered until it is worth a call: an fwrite for each word was half the time of `truth`. */
struct speller {
    void (*put)(void *to, const char *bytes, size_t count);
    void *to;
    size_t used;
    char bytes[4096], spare[8];
};

static void flush(struct speller *s)
{
    s->put(s->to, s->bytes, s->used);
    s->used = 0;
}

static char *room_for(struct speller *s, size_t size)
{
    if (s->used + size > sizeof s->bytes) flush(s);
    s->used += size;
    return s->bytes + s->used - size;
}

static void spell_text(struct speller *s, const char *text)
{
    for (size_t left = strlen(text), some; left > 0; text += some, left -= some) {
        some = left < 100 ? left : 100;
        memcpy(room_for(s, some), text, some);
    }
}

/* Eight digits at a time, one to a byte; to those above 9 is added what lies between '9' and 'a'.  `text` has room for
   eight, whatever the format. */
static void spell_word(const struct format *f, uint64_t word, char *text)
{
    word <<= 64 - 4 * f->digits;
    for (unsigned left = f->digits; left > 0; left = left > 8 ? left - 8 : 0, text += 8, word <<= 32) {
        uint64_t d = word >> 32;
        d = (d | d << 16) & 0x0000ffff0000ffff;
        d = (d | d << 8) & 0x00ff00ff00ff00ff;
        d = (d | d << 4) & 0x0f0f0f0f0f0f0f0f;
        d += 0x3030303030303030 + ((d + 0x0606060606060606) >> 4 & 0x0101010101010101) * ('a' - '9' - 1);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        d = __builtin_bswap64(d); /* the first digit is the highest */
#endif
        memcpy(text, &d, sizeof d);
    }
}

static void spell_words(struct speller *s, const struct format *f, size_t count, const uint64_t *words)
{
    for (size_t i = 0; i < count; i++) {
        char *text = room_for(s, 1 + f->digits);
        text[0] = ' ';
        spell_word(f, words[i], text + 1);
    }
}

/* One place decides the bytes; `put` sees each of them, so that what is hashed is what is written. */
static void spell_case(struct speller *s, const struct line *line)
{
    const struct format *f = line->format;
    size_t entries = line->rows * line->n, words = line->op == VJP ? 2 * entries : entries;
    spell_text(s, op_names[line->op]);
    spell_text(s, " ");
    spell_text(s, f->name);
    for (size_t r = 0; r < line->rows; r++) {
        *room_for(s, 1) = r == 0 ? ' ' : '/';
        const unsigned char *mask = line->mask + r * line->n;
        for (size_t i = 0, some; i < line->n; i += some) {
            some = line->n - i < 1000 ? line->n - i : 1000;
            char *text = room_for(s, some);
            for (size_t j = 0; j < some; j++) text[j] = (char)('0' + mask[i + j]);
        }
    }
    spell_words(s, f, words, line->words);
}

static void spell_answer(struct speller *s, const struct format *f, const struct answer *a)
{
    char *text = room_for(s, 1 + f->digits + (a->side ? 8 : 0)), *frac = text + 1 + f->digits;
    text[0] = ' ';
    spell_word(f, a->word, text + 1);
    if (a->side == 0) return;
    frac[0] = a->side > 0 ? '+' : '-';
    frac[1] = '.';
    for (unsigned d = 7, m = (unsigned)a->millionths; d >= 2; d--, m /= 10) frac[d] = (char)('0' + m % 10);
}

static void put_hash(void *to, const char *bytes, size_t count)
{
    uint64_t h = *(uint64_t *)to; /* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
    for (size_t i = 0; i < count; i++) h = (h ^ (unsigned char)bytes[i]) * 0x100000001b3u;
    *(uint64_t *)to = h;
}

static void put_file(void *to, const char *bytes, size_t count) { fwrite(bytes, 1, count, to); }

uint64_t line_hash(const struct line *line)
{
    uint64_t h = 0xcbf29ce484222325u;
    struct speller s = {.put = put_hash, .to = &h};
    spell_case(&s, line);
    flush(&s);
    return h;
}

void line_write_case(FILE *out, const struct line *line)
{
    struct speller s = {.put = put_file, .to = out};
    spell_text(&s, line->id);
    spell_text(&s, " ");
    spell_case(&s, line);
    flush(&s);
}

void line_write_word(FILE *out, const struct format *f, uint64_t word)
{
    char text[16];
    spell_word(f, word, text);
    fwrite(text, 1, f->digits, out);
}

void line_write_words(FILE *out, const struct format *f, size_t count, const uint64_t *words)
{
    struct speller s = {.put = put_file, .to = out};
    spell_words(&s, f, count, words);
    flush(&s);
}

void line_write_answer(FILE *out, const struct line *line)
{
    struct speller s = {.put = put_file, .to = out};
    line_write_case(out, line);
    for (size_t r = 0; r < line->rows; r++) {
        spell_text(&s, r == 0 ? " =" : " /");
        if (line->class[r] != CLASS_PLAIN) {
            spell_text(&s, " ");
            spell_text(&s, class_names[line->class[r]]);
            continue;
        }
        for (size_t i = r * line->n; i < (r + 1) * line->n; i++) spell_answer(&s, line->format, &line->answer[i]);
    }
    flush(&s);
}

/* --- files of lines --- */

bool source_open(struct source *s, const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    *s = (struct source){.file = standard ? stdin : fopen(path, "r"), .name = standard ? "standard input" : path};
    return s->file != NULL;
}

void source_close(struct source *s)
{
    free(s->text);
    if (s->file != NULL && s->file != stdin) fclose(s->file);
    *s = (struct source){0};
}

_Noreturn void source_fail(const struct source *s, const char *why)
{
    fflush(stdout);
    fprintf(stderr, "%s:%zu: ", s->name, s->number);
    for (const char *c = why; *c != '\0'; c++) putc(*c < ' ' || *c > '~' ? '?' : *c, stderr); /* it may quote garbage */
    putc('\n', stderr);
    exit(2);
}

bool source_next(struct source *s)
{
    ssize_t length = getline(&s->text, &s->capacity, s->file);
    s->number++;
    if (length < 0) {
        if (ferror(s->file)) source_fail(s, strerror(errno));
        return false;
    }
    if (length > 0 && s->text[length - 1] == '\n') s->text[--length] = '\0';
    if (strlen(s->text) != (size_t)length && !s->from_subject) source_fail(s, "expected text, found a NUL byte");
    for (char *nul = s->text; (nul += strlen(nul)) < s->text + length;) *nul = '?';
    unsigned long version;
    if (!s->from_subject && sscanf(s->text, "# maskproof line %lu", &version) == 1 && version != LINE_VERSION)
        source_fail(s, "expected version 1 of the line format");
    return true;
}

static bool next_line(struct source *s, FILE *comment)
{
    while (source_next(s)) {
        if (s->text[strspn(s->text, " \t\r")] == '\0') continue;
        if (s->text[0] != '#') return true;
        if (comment != NULL) fprintf(comment, "%s\n", s->text);
    }
    return false;
}

bool source_case(struct source *s, struct line *line, FILE *comment)
{
    if (!next_line(s, comment)) return false;
    if (!line_parse_case(line, s->text)) source_fail(s, line->error);
    return true;
}

bool source_answer(struct source *s, struct line *line)
{
    if (!next_line(s, NULL)) return false;
    if (!line_parse_answer(line, s->text)) source_fail(s, line->error);
    return true;
}

_Noreturn void finish(int status)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "standard output: %s\n", strerror(errno));
        exit(2);
    }
    exit(status);
}
