/* line - see line.h.
   SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* getline */
#include "line.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int bits;
    size_t bytes;
    uint64_t minus_infinity;
} formats[] = {
    {"f64", 64, 8, 0xfff0000000000000}, {"f32", 32, 4, 0xff800000}, {"bf16", 15, 2, 0xff80}, {"f16", 16, 2, 0xfc00}};

static uint64_t get(const void *words, size_t bytes, size_t i)
{
    if (bytes == 8) return ((const uint64_t *)words)[i];
    if (bytes == 4) return ((const uint32_t *)words)[i];
    return ((const uint16_t *)words)[i];
}

static void put(void *words, size_t bytes, size_t i, uint64_t word)
{
    if (bytes == 8)
        ((uint64_t *)words)[i] = word;
    else if (bytes == 4)
        ((uint32_t *)words)[i] = (uint32_t)word;
    else
        ((uint16_t *)words)[i] = (uint16_t)word;
}

static int format_of(int bits)
{
    int f = 0;
    while (formats[f].bits != bits) f++;
    return f;
}

void fill(struct request *r)
{
    int f = format_of(r->bits);
    for (size_t i = 0; i < r->rows * r->n; i++)
        if (!r->mask[i]) put(r->x, formats[f].bytes, i, formats[f].minus_infinity);
}

/* "id op format mask word..." into *r; the format's number, or -1: not of ours.  The mask is rewritten in its place. */
static int parse(struct request *r, char *text)
{
    int f = 0;
    char op[16], format[8];
    int mask = 0, end = 0;
    if (sscanf(text, "%127s %15s %7s %n%*s%n", r->id, op, format, &mask, &end) < 3) exit(2);
    while (f < 4 && strcmp(formats[f].name, format) != 0) f++;
    r->log = strcmp(op, "log_softmax") == 0;
    if (f == 4 || (!r->log && strcmp(op, "softmax") != 0)) return -1;
    r->bits = formats[f].bits;
    r->mask = (unsigned char *)text + mask;
    size_t count = 0;
    r->rows = 1;
    for (int i = mask; i < end; i++) {
        if (text[i] == '/')
            r->rows++;
        else
            r->mask[count++] = text[i] == '1';
    }
    r->n = count / r->rows;
    r->x = realloc(r->x, (count + 1) * 8);
    r->out = realloc(r->out, (count + 1) * 8);
    if (r->x == NULL || r->out == NULL) abort();
    char *word = text + end;
    for (size_t i = 0; i < count; i++) put(r->x, formats[f].bytes, i, strtoull(word, &word, 16));
    return f;
}

static void run(const struct formula *formula)
{
    struct request r = {.bits = 0};
    char *text = NULL;
    size_t size = 0;
    while (getline(&text, &size, stdin) > 0) {
        if (text[0] == '#' || text[0] == '\n') continue;
        int f = parse(&r, text);
        if (f < 0 || !formula->call(&r)) {
            printf("%s = skip\n", r.id);
            continue;
        }
        printf("%s =", r.id);
        for (size_t i = 0; i < r.rows * r.n; i++)
            printf(" %0*llx", (int)formats[f].bytes * 2, (unsigned long long)get(r.out, formats[f].bytes, i));
        putchar('\n');
    }
    free(text);
    free(r.x);
    free(r.out);
}

int serve(int argc, char **argv, const char *version, const struct formula *formulas)
{
    const char *what = argc == 2 ? argv[1] : "";
    if (strcmp(what, "--version") == 0) {
        puts(version);
        return 0;
    }
    for (const struct formula *f = formulas; f->name != NULL; f++) {
        if (strcmp(what, "--list") == 0) printf("%s\t%s\t%s\t%s\n", f->name, f->ops, f->formats, f->text);
        if (strcmp(what, f->name) != 0) continue;
        run(f);
        return 0;
    }
    if (strcmp(what, "--list") == 0) return 0;
    fprintf(stderr, "expected --list, --version or a formulation of --list, found '%s'\n", what);
    return 2;
}
