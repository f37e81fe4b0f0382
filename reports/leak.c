/* leak - how much probability each way to write a masked softmax puts on masked entries, for logits that people have:
   .npy files of NumPy, streamed.  The only verb of this room that computes: the fractions are of the formulas, in
   double (leak_row.h), and there is no word to round and no verdict to give. SPDX-License-Identifier: MIT */
#include "chess.h"
#include "clean.h"
#include "constrained.h"
#include "draw.h"
#include "leak_print.h"
#include "npy.h"
#include "part.h"
#include "verb.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LSE = 1, RAGGED, CASES };

static struct {
    int from; /* 0: logits and mask, LSE, RAGGED, CASES */
    size_t classes, worst;
    const char *file[2], *json, *svg, *chess;
    size_t files;
} options = {.worst = 3};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case 'l': options.from = LSE; break;
    case 'r': options.from = RAGGED; break;
    case 't': options.from = CASES; break;
    case 'n': options.classes = verb_number(state, "--classes", arg, 1, LINE_MAX_N); break;
    case 'w': options.worst = verb_number(state, "--worst", arg, 0, LEAK_WORST); break;
    case 'j': options.json = arg; break;
    case 's': options.svg = arg; break;
    case 'c': options.chess = arg; break;
    case ARGP_KEY_ARG:
        if (options.files == 2) argp_error(state, "expected two files, found one more argument '%s'", arg);
        options.file[options.files++] = arg;
        break;
    case ARGP_KEY_END:
        if (options.chess != NULL) break;
        if (options.from == CASES && options.files != 1) argp_error(state, "expected one file of case lines");
        if (options.from != CASES && options.files < 2) argp_error(state, "expected two .npy files");
        if ((options.from == LSE || options.from == RAGGED) && options.classes == 0)
            argp_error(state, "expected --classes: how many entries, valid and masked, a row has");
        if ((options.from == 0 || options.from == CASES) && options.classes != 0)
            argp_error(state, "--classes is for --lse and --ragged");
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option rows[] = {
    {"lse", 'l', 0, 0, "the files are the log-sum-exp of each row's valid logits, and how many these are", 0},
    {"ragged", 'r', 0, 0, "the files are row bounds (rows + 1 of them), and the valid logits alone", 0},
    {"cases", 't', 0, 0, "there is one file, of case lines", 0},
    {"classes", 'n', "N", 0, "entries of a row, with --lse or --ragged", 0},
    {"worst", 'w', "K", 0, "show the K rows that leak most (default 3)", 0},
    {"json", 'j', "FILE", 0, "for programs: all of it, as fractions", 0},
    {"svg", 's', "FILE", 0, "draw a histogram", 0},
    {"chess", 'c', "DIRECTORY", 0,
     "no files: write chess.md and its figures there, what three chess networks and a constrained decoder leak", 0},
    {0},
};

static const struct argp argp = {
    .options = rows,
    .parser = parse,
    .args_doc = "LOGITS.npy MASK.npy",
    .doc =
        "Say how much probability each formulation puts on masked entries (or loses, or gives to the wrong valid "
        "ones), "
        "over all rows of a file of logits [rows, n] and one of 0/1 masks of the same shape: .npy, little-endian, C "
        "order; the logits f2, f4 or f8, the mask bool, an integer type or floats.  Rows without a right distribution "
        "are counted and left out."
        "\vExamples:\n"
        "  maskproof leak logits.npy mask.npy\n"
        "  maskproof leak logits.npy mask.npy --json leak.json --svg leak.svg\n"
        "  maskproof leak --lse lse.npy legal_moves.npy --classes 1880\n"
        "  maskproof gen vocab f32 | maskproof leak --cases -"};

/* --- rows to fractions --- */

static struct leaks leaks = {.least_lse = INFINITY, .most_lse = -INFINITY, .above = NAN, .law = NAN};

static void *room(size_t count, size_t size)
{
    void *new = malloc(count * size + 1);
    if (new == NULL) {
        fprintf(stderr, "maskproof leak: out of memory for rows of %zu entries\n", count);
        exit(2);
    }
    return new;
}

static void take_row(enum row_class class, const struct leak_row *row)
{
    size_t number = leaks.rows++;
    if (class != CLASS_PLAIN) {
        leaks.left_out[class]++;
        return;
    }
    if (leaks.valid == 0 || row->valid < leaks.least_valid) leaks.least_valid = row->valid;
    if (row->valid > leaks.most_valid) leaks.most_valid = row->valid;
    leaks.valid += (double)row->valid;
    leaks.least_lse = fmin(leaks.least_lse, row->lse_valid);
    leaks.most_lse = fmax(leaks.most_lse, row->lse_valid);
    leaks.above = fmax(leaks.above, row->max_masked - row->max_high);
    for (int i = 0; i < FORMULATIONS; i++) {
        if (!leak_known(row, &formulations[i])) continue;
        struct fraction fraction = leak_fraction(row, &formulations[i]);
        leaks.known[i] = true;
        leak_tally_add(&leaks.tally[i], &fraction, row, number, options.worst);
    }
}

/* A row of logits and mask, all of it known; p: room for n. */
static void take_dense(size_t n, const double *x, const unsigned char *mask, double *p)
{
    struct leak_row row;
    enum row_class class = leak_row_of(&row, n, x, mask, 0, p);
    take_row(class, &row);
    if (class == CLASS_PLAIN && !row.spoiled)
        leaks.law =
            fmax(leaks.law, fabs(leak_of_multiply(n, x, mask) - leak_fraction(&row, &formulations[MULTIPLY]).wrong));
}

static void read_logits_and_mask(struct npy *logits, struct npy *masks)
{
    size_t n = logits->n;
    if (logits->kind != 'f') npy_fail(logits, "expected logits of type f2, f4 or f8, found integers or bool");
    if (masks->rows != logits->rows || masks->n != n)
        npy_fail(masks, "expected the shape of the logits, %zu x %zu, found %zu x %zu", logits->rows, n, masks->rows,
                 masks->n);
    if (n > LINE_MAX_N) npy_fail(logits, "expected at most %lu entries in a row, found %zu", LINE_MAX_N, n);
    double *x = room(n, sizeof *x), *p = room(n, sizeof *p);
    unsigned char *mask = room(n, 1);
    leaks.n = n;
    for (size_t r = 0; r < logits->rows; r++) {
        npy_mask(masks, r, n, x, mask);
        npy_read(logits, n, x);
        take_dense(n, x, mask, p);
    }
    free(x);
    free(p);
    free(mask);
}

static void read_lse(struct npy *lse, struct npy *counts)
{
    if (lse->kind != 'f') npy_fail(lse, "expected log-sum-exps of type f2, f4 or f8, found integers or bool");
    if (counts->rows * counts->n != lse->rows * lse->n)
        npy_fail(counts, "expected a count for each of %zu rows, found %zu", lse->rows * lse->n,
                 counts->rows * counts->n);
    for (size_t r = 0; r < lse->rows * lse->n; r++) {
        double value;
        struct leak_row row;
        size_t valid = npy_count(counts, r, 0, leaks.n, "a count of valid entries");
        npy_read(lse, 1, &value);
        take_row(leak_row_of_lse(&row, value, valid, leaks.n - valid), &row);
    }
}

static void read_ragged(struct npy *bounds, struct npy *values)
{
    size_t all = values->rows * values->n, count = bounds->rows * bounds->n, from, to;
    if (values->kind != 'f') npy_fail(values, "expected logits of type f2, f4 or f8, found integers or bool");
    if (count == 0) npy_fail(bounds, "expected row bounds: 0, the end of each row");
    double *x = room(leaks.n, sizeof *x), *p = room(leaks.n, sizeof *p);
    from = npy_count(bounds, 0, 0, 0, "a first bound");
    for (size_t r = 0; r + 1 < count; r++, from = to) {
        struct leak_row row;
        to = npy_count(bounds, r + 1, from, from + leaks.n < all ? from + leaks.n : all, "a bound");
        npy_read(values, to - from, x);
        take_row(leak_row_of(&row, to - from, x, NULL, leaks.n - (to - from), p), &row);
    }
    if (from != all) npy_fail(bounds, "expected the last bound to be %zu, the number of values; found %zu", all, from);
    free(x);
    free(p);
}

static void read_cases(const char *path)
{
    struct source in;
    struct line line = {0};
    size_t rooms = 0;
    double *x = NULL, *p = NULL;
    verb_open(&in, path);
    leaks.source = clean_text(in.name);
    while (source_case(&in, &line, NULL)) {
        if (line.n > rooms) {
            free(x);
            free(p);
            rooms = line.n;
            x = room(rooms, sizeof *x);
            p = room(rooms, sizeof *p);
        }
        if (leaks.type != NULL && strcmp(leaks.type, line.format->name) != 0)
            source_fail(&in, "expected cases of one format");
        leaks.type = line.format->name;
        leaks.mixed = leaks.mixed || (leaks.n != 0 && leaks.n != line.n);
        if (line.n > leaks.n) leaks.n = line.n;
        for (size_t r = 0; r < line.rows; r++) {
            for (size_t i = 0; i < line.n; i++) x[i] = word_value(line.format, line.x[r * line.n + i]);
            take_dense(line.n, x, line.mask + r * line.n, p);
        }
    }
    if (leaks.rows == 0) source_fail(&in, "expected a case line");
    line_free(&line);
    source_close(&in);
    free(x);
    free(p);
}

/* --- what is wanted of it --- */

static void write_json(void)
{
    struct part part;
    part_open(&part, options.json);
    leak_print_json(&leaks, part.file);
    part_close(&part);
}

static void draw_histogram(void)
{
    char data[SCRATCH_PATH];
    scratch_path(data, "leak.dat");
    FILE *out = fopen(data, "w");
    if (out == NULL) abort();
    leak_print_histogram(&leaks, out);
    fclose(out);
    draw("leak_histogram", data, options.svg);
}

/* The sections of the report on chess and on constrained decoding, for a look at them alone. */
static void write_chess(void)
{
    struct part part;
    char path[SCRATCH_PATH];
    scratch_open();
    if ((size_t)snprintf(path, sizeof path, "%s/chess.md", options.chess) >= sizeof path) abort();
    part_open(&part, path);
    fputs("## Chess\n\n", part.file);
    chess_markdown(options.chess, part.file);
    fputs("\n## Constrained decoding\n\n", part.file);
    constrained_markdown(part.file);
    part_close(&part);
}

static void read_arrays(void)
{
    static void (*const read[])(struct npy *, struct npy *) = {read_logits_and_mask, read_lse, read_ragged};
    static const char *const types[] = {[2] = "f16", [4] = "f32", [8] = "f64"};
    struct npy file[2];
    char source[600];
    for (int i = 0; i < 2; i++) npy_open(&file[i], options.file[i]);
    snprintf(source, sizeof source, "%s, %s", file[0].name, file[1].name);
    leaks.source = clean_text(source);
    leaks.n = options.classes;
    read[options.from](&file[0], &file[1]);
    leaks.type = types[file[options.from == RAGGED].size];
    for (int i = 0; i < 2; i++) npy_close(&file[i]);
}

int main(int argc, char **argv)
{
    verb_parse(&argp, argc, argv);
    if (options.chess != NULL) {
        write_chess();
        finish(0);
    }
    if (options.from == CASES)
        read_cases(options.file[0]);
    else
        read_arrays();
    for (int i = 0; i < FORMULATIONS; i++) leak_tally_close(&leaks.tally[i], &formulations[i]);
    if (options.json != NULL || options.svg != NULL) scratch_open();
    if (options.svg != NULL) draw_histogram();
    if (options.json != NULL) write_json();
    leak_print_text(&leaks, stdout);
    for (int i = 0; i < FORMULATIONS; i++) leak_tally_free(&leaks.tally[i]);
    free((char *)(uintptr_t)leaks.source);
    finish(0);
}
