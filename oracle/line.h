/* line - the grammar of every case, answer and result: plain text, one a line, words in hex.

     case     id op format mask word...               mask: '0'/'1' per entry, rows separated by '/'
     answer   id op format mask word... = row [/ row] row: n tokens word[frac], or one class name
     result   id = word...                            or  id = skip,  id = error

   Lines that start with '#' and blank lines are not cases.  This file knows the text and nothing else.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_LINE_H
#define MASKPROOF_LINE_H

#include "format.h"

#include <stddef.h>
#include <stdio.h>

#define LINE_VERSION 1         /* of the grammar, not of the program */
#define LINE_MAX_N (1ul << 24) /* entries in a row */

enum { SOFTMAX, LOG_SOFTMAX, VJP, OPS }; /* the `int op` of the C signature */
extern const char *const op_names[OPS];

/* The class of a row, the first that fits (design: "The contract"). */
enum row_class { CLASS_EMPTY, CLASS_NAN, CLASS_PINF, CLASS_ALL_NINF, CLASS_PLAIN, CLASSES };
extern const char *const class_names[CLASSES];

/* The correctly rounded word, and how far the exact value lies from it on the number line:
   side -1, 0 or +1 (0: the word is exact), and |exact - word| in millionths of the ulp at the exact value,
   truncated toward zero. */
struct answer {
    uint64_t word;
    int side;
    int millionths;
};

/* One parsed line.  Zero-initialise, reuse for many lines, free once. */
struct line {
    char *id;
    int op;
    const struct format *format;
    size_t rows, n;      /* shape of the batch; row r is [r*n, (r+1)*n) of each array below */
    unsigned char *mask; /* rows*n, 1 valid, 0 masked */
    uint64_t *x;         /* rows*n logits */
    uint64_t *dy;        /* rows*n upstream gradients (vjp only, else NULL) */

    enum row_class *class; /* rows; answers only */
    struct answer *answer; /* rows*n; answers only; meaningful in plain rows */

    char error[200]; /* why the last parse failed: what was expected, what was found */
    size_t capacity, row_capacity;
    uint64_t *words; /* storage of x and dy */
};

/* Parse `text` (NUL-terminated, no newline; overwritten) as a case, ignoring everything from '=' on; or as an
   answer.  False: line->error says what was expected.  Linear in the length of the text. */
bool line_parse_case(struct line *line, char *text);
bool line_parse_answer(struct line *line, char *text);
void line_free(struct line *line);

/* The class of row r of a parsed case.  dy is NULL but for vjp, where a valid NaN or infinity in it is one of the row.
 */
enum row_class line_row_class(const struct line *line, size_t r);
enum row_class row_class(const struct format *f, size_t n, const uint64_t *x, const uint64_t *dy,
                         const unsigned char *mask);

/* What a masked entry must hold, and a valid one of exactly no weight: +0, for log_softmax -inf. */
uint64_t line_masked_word(const struct line *line);

/* Writers.  The id of a generated case is "slug-" and FNV-1a-64 of the exact text "op format mask words". */
uint64_t line_hash(const struct line *line);
void line_write_case(FILE *out, const struct line *line);   /* without newline */
void line_write_answer(FILE *out, const struct line *line); /* case, " = ", rows; without newline */
void line_write_word(FILE *out, const struct format *f, uint64_t word);
void line_write_words(FILE *out, const struct format *f, size_t count, const uint64_t *words); /* a blank before each */

/* The next blank-separated token of *text, ended by NUL in place; NULL at the end of the text. */
char *line_token(char **text);

/* If a word comes next, ended by a blank or the end: step over it.  False: *text stays, for line_token to say what is
   there. */
bool line_next_word(const struct format *f, char **text, uint64_t *word);

/* A hex word of exactly f->digits lower-case digits at `token`, ended by NUL or one of `stops`. */
bool word_parse(const struct format *f, const char *token, const char *stops, uint64_t *word);

/* Lines of a file, numbered, for messages of the form "file:12: ...". */
struct source {
    FILE *file;
    const char *name;
    size_t number;
    char *text;
    size_t capacity;
    bool from_subject; /* a NUL byte is garbage to judge, read as '?'; else it is damage, and source_fail */
};
bool source_open(struct source *s, const char *path); /* "-" is standard input; false: errno says why */
bool source_next(struct source *s);                   /* the next line, newline removed; false at the end */
void source_close(struct source *s);
_Noreturn void source_fail(const struct source *s, const char *why); /* "file:12: why" on stderr, exit 2 */

/* The next case (or answer) of a source, skipping blanks; `comment`, if not NULL, receives '#' lines.
   Bad input ends the program with source_fail. */
bool source_case(struct source *s, struct line *line, FILE *comment);
bool source_answer(struct source *s, struct line *line);

/* Flush standard output and exit with `status`; a failed write (disk full) exits 2 and says so. */
_Noreturn void finish(int status);

#endif
