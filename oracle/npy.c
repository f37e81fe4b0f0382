/* npy - see npy.h.
   SPDX-License-Identifier: MIT */
#include "npy.h"
#include "format.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

_Noreturn void npy_fail(const struct npy *a, const char *why, ...)
{
    va_list arguments;
    fprintf(stderr, "%s: ", a->name);
    va_start(arguments, why);
    vfprintf(stderr, why, arguments);
    va_end(arguments);
    putc('\n', stderr);
    exit(2);
}

static uint64_t little_endian(const unsigned char *bytes, size_t size)
{
    uint64_t word = 0;
    for (size_t i = 0; i < size; i++) word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

static void read_bytes(struct npy *a, void *bytes, size_t count, const char *what)
{
    errno = 0;
    size_t found = fread(bytes, 1, count, a->file);
    if (found == count) return;
    if (ferror(a->file)) npy_fail(a, "%s", strerror(errno));
    npy_fail(a, "expected %zu bytes of %s, found %zu: the file is truncated", count, what, found);
}

/* --- the header: a Python dictionary of three keys, in any order --- */

static bool take(char **at, const char *text)
{
    while (isblank((unsigned char)**at)) ++*at;
    if (strncmp(*at, text, strlen(text)) != 0) return false;
    *at += strlen(text);
    return true;
}

/* The text in quotes that comes next, ended in place; NULL if there is none. */
static char *take_text(char **at)
{
    if (!take(at, "'")) return NULL;
    char *start = *at, *end = strchr(start, '\'');
    if (end == NULL) return NULL;
    *end = '\0';
    *at = end + 1;
    return start;
}

static void parse_type(struct npy *a, char **at)
{
    char *type = take_text(at);
    if (type == NULL) npy_fail(a, "expected one type of number for all entries, found a structured one");
    if (strchr(type, 'O')) npy_fail(a, "expected numbers, found '%s': pickled Python objects", type);
    char order = type[0], kind = order ? type[1] : '\0', *end = type;
    unsigned long size = kind && isdigit((unsigned char)type[2]) ? strtoul(type + 2, &end, 10) : 0;
    bool whole = *end == '\0' && (size == 1 || size == 2 || size == 4 || size == 8);
    bool known = whole && (kind == 'b' ? size == 1 : kind == 'f' ? size > 1 : kind == 'u' || kind == 'i');
    if (!known) npy_fail(a, "expected bool, an integer type, f2, f4 or f8, found '%s'", type);
    if (order == '>') npy_fail(a, "expected little-endian numbers, found '%s': save a.astype('<%s')", type, type + 1);
    if (order != '<' && !(order == '|' && size == 1)) npy_fail(a, "expected a type such as '<f4', found '%s'", type);
    a->kind = kind;
    a->size = size;
}

static void parse_order(struct npy *a, char **at)
{
    if (take(at, "True")) npy_fail(a, "expected C order, found Fortran order: save numpy.ascontiguousarray(a)");
    if (!take(at, "False")) npy_fail(a, "expected fortran_order True or False");
}

static void parse_shape(struct npy *a, char **at)
{
    const size_t most = SIZE_MAX / 2 / 8; /* entries, so that bytes and offsets have room */
    int dimensions = 0;
    bool more = take(at, "(");
    if (!more) npy_fail(a, "expected a shape such as (100, 1880)");
    a->rows = a->n = 1;
    while (!take(at, ")")) {
        char *end;
        errno = 0;
        while (isblank((unsigned char)**at)) ++*at;
        unsigned long long size = isdigit((unsigned char)**at) ? strtoull(*at, &end, 10) : ULLONG_MAX;
        if (!more || errno != 0 || size == ULLONG_MAX) npy_fail(a, "expected a shape such as (100, 1880)");
        *at = end;
        if (a->n > 0 && a->rows > most / a->n) npy_fail(a, "expected fewer than %zu entries", most);
        a->rows *= a->n;
        a->n = size;
        dimensions++;
        more = take(at, ",");
    }
    if (a->n > 0 && a->rows > most / a->n) npy_fail(a, "expected fewer than %zu entries", most);
    if (dimensions == 0 || (dimensions == 1 && !more)) npy_fail(a, "expected an array of one dimension or more");
}

static void parse_header(struct npy *a, char *header)
{
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    static void (*const parse[])(struct npy *, char **) = {parse_type, parse_order, parse_shape};
    bool seen[3] = {false}, more = true;
    char *at = header, *key;
    if (!take(&at, "{")) npy_fail(a, "expected a header of descr, fortran_order and shape");
    while (!take(&at, "}")) {
        int which = 0;
        key = more ? take_text(&at) : NULL;
        while (which < 3 && (key == NULL || strcmp(key, keys[which]) != 0)) which++;
        if (which == 3 || seen[which] || !take(&at, ":"))
            npy_fail(a, "expected a header of descr, fortran_order and shape, each once");
        parse[which](a, &at);
        seen[which] = true;
        more = take(&at, ",");
    }
    if (!seen[0] || !seen[1] || !seen[2]) npy_fail(a, "expected a header of descr, fortran_order and shape, each once");
    if (at[strspn(at, " \t")] != '\n' || at[strspn(at, " \t") + 1] != '\0')
        npy_fail(a, "expected the header to end with a newline");
}

void npy_open(struct npy *a, const char *path)
{
    enum { LONGEST = 1 << 16 }; /* a header of three keys; numpy pads it to 64 bytes */
    unsigned char start[12];
    struct stat file;
    bool standard = strcmp(path, "-") == 0;
    *a = (struct npy){.name = standard ? "standard input" : path, .file = standard ? stdin : fopen(path, "rb")};
    if (a->file == NULL) npy_fail(a, "%s", strerror(errno));
    read_bytes(a, start, 8, "magic and version");
    if (memcmp(start, "\x93NUMPY", 6) != 0) npy_fail(a, "expected a .npy file, which starts with \\x93NUMPY");
    if (start[6] < 1 || start[6] > 3 || start[7] != 0)
        npy_fail(a, "expected .npy version 1.0, 2.0 or 3.0, found %d.%d", start[6], start[7]);
    size_t width = start[6] == 1 ? 2 : 4;
    read_bytes(a, start + 8, width, "header length");
    uint64_t length = little_endian(start + 8, width);
    if (length > LONGEST) npy_fail(a, "expected a header of at most %d bytes, found %llu", LONGEST, length + 0ull);
    char *header = malloc(length + 1);
    if (header == NULL) abort();
    read_bytes(a, header, length, "header");
    header[length] = '\0';
    if (strlen(header) != length) npy_fail(a, "expected a header of text, found a NUL byte");
    parse_header(a, header);
    free(header);
    uint64_t data = (uint64_t)a->rows * a->n * a->size, expected = 8 + width + length + data;
    if (fstat(fileno(a->file), &file) == 0 && S_ISREG(file.st_mode) && !standard && (uint64_t)file.st_size != expected)
        npy_fail(a, "expected %llu bytes (%zu x %zu entries of %zu), found %lld%s", (unsigned long long)expected,
                 a->rows, a->n, a->size, (long long)file.st_size,
                 (uint64_t)file.st_size < expected ? ": the file is truncated" : "");
}

/* --- the entries --- */

static double value_of(const struct npy *a, uint64_t word)
{
    static const struct format *const floats[9] = {[2] = &formats[F16], [4] = &formats[F32], [8] = &formats[F64]};
    if (a->kind == 'f') return word_value(floats[a->size], word);
    uint64_t sign = 1ull << (8 * a->size - 1);
    if (a->kind == 'i' && (word & sign)) return -(double)((sign << 1) - word); /* of 8 bytes: sign << 1 is 0 */
    return (double)word;
}

void npy_read(struct npy *a, size_t count, double *value)
{
    if (count * a->size > a->capacity) {
        a->capacity = count * a->size;
        a->bytes = realloc(a->bytes, a->capacity);
        if (a->bytes == NULL) npy_fail(a, "out of memory for %zu entries", count);
    }
    if (count == 0) return;
    read_bytes(a, a->bytes, count * a->size, "entries");
    a->next += count;
    for (size_t i = 0; i < count; i++) value[i] = value_of(a, little_endian(a->bytes + a->size * i, a->size));
}

void npy_mask(struct npy *a, size_t row, size_t count, double *value, unsigned char *mask)
{
    npy_read(a, count, value);
    for (size_t i = 0; i < count; i++) {
        if (value[i] != 0 && value[i] != 1)
            npy_fail(a, "expected mask entries 0 and 1, found %g in row %zu, entry %zu", value[i], row, i);
        mask[i] = value[i] == 1;
    }
}

size_t npy_count(struct npy *a, size_t row, size_t least, size_t most, const char *what)
{
    double value;
    npy_read(a, 1, &value);
    if (!(value >= (double)least && value <= (double)most && value == floor(value)))
        npy_fail(a, "expected %s of %zu to %zu, found %g in row %zu", what, least, most, value, row);
    return (size_t)value;
}

void npy_close(struct npy *a)
{
    if (a->next == a->rows * a->n && fgetc(a->file) != EOF) npy_fail(a, "expected the file to end after its entries");
    if (a->file != stdin) fclose(a->file);
    free(a->bytes);
}
